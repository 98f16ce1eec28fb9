//! Tests of the command line program: arguments, output, files, exit codes. One test program,
//! because linking one for each file takes longer than running it.

mod arguments;
mod doctor;
mod folders;
mod measure;
mod merge;
mod report;
mod resume;
mod streams;
mod verify;

mod support {
    pub(crate) mod program;
    pub(crate) mod short_commands;
}
