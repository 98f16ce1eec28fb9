//! Evidence that a concurrent, versioned store keeps its promises.
//!
//! The rooms of the house, in the order data flows through them:
//!
//! | room | what it does |
//! |---|---|
//! | [`subject`] | what can be tested: the trait and the built-in subjects |
//! | [`workload`] | workloads and placements: operation streams made before the clock starts |
//! | [`machine`] | where and from what it was measured, and what its clock costs |
//! | [`trace`] | counts what operations do |
//! | [`measure`] | times what operations cost: subject and workload in, evidence out |
//! | [`verify`] | shows that answers are right: programs in, checked histories out |
//! | [`evidence`] | what was observed: plain data, versioned |
//! | [`judge`] | evidence in, comparisons out; reads no clock |
//! | [`render`] | evidence and comparisons in, text out |
//!
//! **Invariant:** arrows run one way. Collectors never judge, and judge and render see evidence
//! only, so that a saved result can be judged and rendered again anywhere.

pub mod atomic_file;
pub mod evidence;
pub mod json_file;
pub mod judge;
pub mod machine;
pub mod measure;
pub mod names;
pub mod render;
pub mod stats;
pub mod subject;
pub mod trace;
pub mod verify;
pub mod workload;
