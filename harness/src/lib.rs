//! Evidence that a concurrent, versioned store keeps its promises.
//!
//! Each part of the harness is a package under `harness/`, so that cargo enforces one-way
//! dependencies. This package re-exports them all, in the order in which data flows through them:
//!
//! | package | what it does |
//! |---|---|
//! | [`base`] | names, profiles, atomic files |
//! | [`stats`] | medians, intervals, fits: pure functions |
//! | [`evidence`] | observations: plain, versioned data |
//! | [`workload`] | workloads and placements: operation streams generated before timing starts |
//! | [`subject`] | the subjects under test: the trait and the built-in ones |
//! | [`machine`] | the machine and its certificate |
//! | [`trace`] | counts what operations do |
//! | [`measure`] | measures performance: subject and workload in, evidence out |
//! | [`verify`] | verifies correctness: programs in, checked histories out |
//! | [`registry`] | what every name of a subject stands for |
//! | [`judge`] | evidence in, comparisons and verdicts out; reads no clock |
//! | [`document`] | evidence and judgement in, sections and tables out |
//! | [`render`] | documents in, text and pictures out |

// stdout and stderr have one writer each, in `cmd::output` and `cmd::message`, which handle
// failures.
#![deny(clippy::print_stderr, clippy::print_stdout)]

pub mod build;
mod cmd;
mod program;
pub mod variants;

pub use program::main;
pub use sharded_store as store;
pub use shardproof_base as base;
pub use shardproof_base::Profile;
pub use shardproof_document as document;
pub use shardproof_evidence as evidence;
pub use shardproof_judge as judge;
pub use shardproof_machine as machine;
pub use shardproof_measure as measure;
pub use shardproof_registry as registry;
pub use shardproof_registry::Subjects;
pub use shardproof_render as render;
pub use shardproof_stats as stats;
pub use shardproof_subject as subject;
pub use shardproof_subject::Description;
pub use shardproof_trace as trace;
pub use shardproof_trace::allocations::CountingAllocator;
pub use shardproof_verify as verify;
pub use shardproof_workload as workload;
