//! Programs on disk, as JSON.

use std::path::{Path, PathBuf};

use shardproof_base::json_file::{self, JsonFileError};

use crate::foreign::{self, Kind};
use crate::program::Program;
use crate::program::limits::ProgramFault;

/// What to do when a program cannot be read.
const READ_FIX: &str = "give a file that holds a program as JSON";
/// What to do when it cannot be written.
const WRITE_FIX: &str = "choose another path, or make this one writable";

/// Why a program could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramError {
    /// The file could not be read or written, or a field is not what it should be.
    #[error(transparent)]
    File(#[from] JsonFileError),
    /// The file is of another kind.
    #[error("{} is not a program; it looks like {looks_like}: {READ_FIX}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it seems to be.
        looks_like: &'static str,
        /// What is wrong with it as a program.
        source: JsonFileError,
    },
    /// The program exceeds a limit.
    #[error("{}: {source}", path.display())]
    Fault {
        /// The file.
        path: PathBuf,
        /// The limit that it exceeds.
        source: ProgramFault,
    },
}

impl Program {
    /// Reads a program from a file, and checks its limits.
    ///
    /// # Errors
    /// [`ProgramError`], which names the file, and the field where there is one.
    pub fn read(path: &Path) -> Result<Self, ProgramError> {
        let program: Self = json_file::read(path, READ_FIX).map_err(|error| {
            // A program with a mistake looks like a program; its error names the field.
            let kind = foreign::looks_like(path).filter(|kind| *kind != Kind::Program);
            match kind.filter(|_| matches!(error, JsonFileError::Field { .. })) {
                Some(kind) => {
                    let (path, looks_like) = (path.to_owned(), kind.as_str());
                    ProgramError::Foreign { path, looks_like, source: error }
                }
                None => error.into(),
            }
        })?;
        program
            .validate()
            .map_err(|source| ProgramError::Fault { path: path.to_owned(), source })?;
        Ok(program)
    }

    /// Writes a program to a file, creating its folder if needed.
    ///
    /// # Errors
    /// [`JsonFileError::Write`].
    pub fn write(&self, path: &Path) -> Result<(), ProgramError> {
        Ok(json_file::write(path, self, WRITE_FIX)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn read(text: &str) -> Result<Program, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program.json");
        std::fs::write(&path, text).unwrap();
        Program::read(&path).map_err(|error| {
            let text = error.to_string();
            assert!(text.contains("program.json"), "{text}");
            text
        })
    }

    #[test]
    fn a_program_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/program.json");
        for seed in 0..20 {
            let program = samples::program(seed, 3, 40);
            program.write(&path).unwrap();
            assert_eq!(Program::read(&path).unwrap(), program);
        }
    }

    #[test]
    fn a_program_written_by_hand_may_leave_out_defaults() {
        let program = read(
            r#"{"threads": [[{"op": "put", "run": 0, "key": 1}, {"op": "open", "snapshot": 0}]]}"#,
        );
        assert_eq!(program.unwrap().operations(), 2);
    }

    #[test]
    fn an_error_names_the_field() {
        let refused = [
            (r#"{"threads": [[{"op": "put", "run": -1, "key": 1}]]}"#, "threads[0][0]"),
            (r#"{"threads": [[{"op": "fly"}]]}"#, "unknown variant `fly`"),
            (r#"{"threads": [[]], "setups": []}"#, "unknown field `setups`"),
            (r#"{"setup": []}"#, "missing field `threads`"),
            (r#"{"threads": []} and more"#, "trailing characters"),
            (r#"{"threads": [[{"op": "open", "snapshot": 4}]]}"#, "field `threads[0][0].snapshot`"),
            ("", "empty file"),
            ("{:index 0, :type :invoke, :process 0, :f :txn}", "Jepsen, Elle"),
            (r#"{"schema": "shardproof.history/1"}"#, "give it with --history"),
        ];
        for (text, message) in refused {
            let error = read(text).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Program::read(Path::new("no/such/file")).unwrap_err().to_string();
        assert_eq!(error, "cannot read no/such/file: give a file that holds a program as JSON");
    }
}
