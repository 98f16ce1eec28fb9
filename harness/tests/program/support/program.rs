//! The program under test.

use assert_cmd::Command;

/// The program, with none of its environment variables set.
pub(crate) fn shardproof() -> Command {
    let mut command =
        Command::cargo_bin("shardproof").expect("the program is built with its tests");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SHARDPROOF_") {
            command.env_remove(name);
        }
    }
    command
}
