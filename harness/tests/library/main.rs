//! The library as its users see it, across rooms. One test program, because linking one for each
//! file takes longer than running it.

mod coordinated_omission;
mod evidence_file;
mod executors;
mod figures;
mod format;
mod snapshot_promises;
mod state_machine;
mod wrong_answers;
mod wrong_writes;
