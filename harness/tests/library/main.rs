//! Tests of the library's public interface, across packages. One test program, because linking one
//! for each file takes longer than running it. Tests that run programs on a store wait for each other,
//! because a fault is switched on for the whole process.

mod ablation;
mod collector_races;
mod coordinated_omission;
mod evidence_file;
mod executors;
mod fault_names;
mod figures;
mod format;
mod linearizability;
mod litmus;
mod own_stores;
mod snapshot_promises;
mod state_machine;
mod versionless_stores;
mod weak_memory;
mod wrong_answers;
mod wrong_writes;
