//! Evidence that a concurrent, versioned store keeps its promises.
//!
//! Each room of the house is a package of its own under `harness/`, so that cargo keeps the arrows
//! between them one-way. This package names them all, in the order data flows through them:
//!
//! | room | what it does |
//! |---|---|
//! | [`base`] | names, profiles, files that are written whole |
//! | [`stats`] | medians, intervals, fits: pure functions |
//! | [`evidence`] | what was observed: plain data, versioned |
//! | [`workload`] | workloads and placements: operation streams made before timing starts |
//! | [`subject`] | what can be tested: the trait and the built-in subjects |
//! | [`machine`] | where it was measured, and what that machine can show |
//! | [`trace`] | counts what operations do |
//! | [`measure`] | times what operations cost: subject and workload in, evidence out |
//! | [`verify`] | shows that answers are right: programs in, checked histories out |
//! | [`judge`] | evidence in, comparisons and verdicts out; reads no clock |
//! | [`document`] | evidence and judgement in, sections and tables out |
//! | [`render`] | documents in, text and pictures out |

#![deny(clippy::print_stderr, clippy::print_stdout)]

pub mod build;

pub use shardproof_base as base;
pub use shardproof_base::Profile;
pub use shardproof_document as document;
pub use shardproof_evidence as evidence;
pub use shardproof_judge as judge;
pub use shardproof_machine as machine;
pub use shardproof_measure as measure;
pub use shardproof_render as render;
pub use shardproof_stats as stats;
pub use shardproof_subject as subject;
pub use shardproof_trace as trace;
pub use shardproof_verify as verify;
pub use shardproof_workload as workload;
