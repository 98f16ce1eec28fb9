//! JSON files: written whole, and read with errors that name the file, the field and the fix.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::atomic_file;

/// Why a JSON file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JsonFileError {
    /// The file could not be read.
    #[error("cannot read {}: {fix}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What to do about it.
        fix: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// A field is missing or is not what it should be.
    #[error("{}: field `{field}`: {source}", path.display())]
    Field {
        /// The file.
        path: PathBuf,
        /// The field, as in `cells[3].threads`; `.` for the file as a whole.
        field: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The file could not be written; an older one is as it was.
    #[error("cannot write {}: {fix}", path.display())]
    Write {
        /// The file, or the folder it should be in.
        path: PathBuf,
        /// What to do about it.
        fix: &'static str,
        /// Why not.
        source: io::Error,
    },
}

/// Reads a value from a file; `fix` is what to do when that cannot be read.
pub fn read<T: DeserializeOwned>(path: &Path, fix: &'static str) -> Result<T, JsonFileError> {
    parse(path, &text(path, fix)?)
}

/// The text of a file, for whoever parses it more than once.
pub fn text(path: &Path, fix: &'static str) -> Result<Vec<u8>, JsonFileError> {
    std::fs::read(path).map_err(|source| JsonFileError::Read { path: path.to_owned(), fix, source })
}

/// The value that a file's text stands for, all of it.
pub fn parse<'de, T: Deserialize<'de>>(path: &Path, text: &'de [u8]) -> Result<T, JsonFileError> {
    let field = |field, source| JsonFileError::Field { path: path.to_owned(), field, source };
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| field(error.path().to_string(), error.into_inner()))?;
    deserializer.end().map_err(|source| field(".".to_owned(), source))?;
    Ok(value)
}

/// Writes a value to a file, whose folder is created if need be; `fix` is what to do when that
/// cannot be. Whatever happens meanwhile, the file is the old one or the new one, whole.
pub fn write(path: &Path, value: &impl Serialize, fix: &'static str) -> Result<(), JsonFileError> {
    atomic_file::write(path, |writer| {
        serde_json::to_writer_pretty(&mut *writer, value)?;
        writer.write_all(b"\n")
    })
    .map_err(|source| JsonFileError::Write { path: path.to_owned(), fix, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_file_and_the_field_or_the_fix() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.json");
        let told = || read::<Vec<u8>>(&path, "make it").map_err(|error| error.to_string());
        let named = |text: &str| text.replace("PATH", &path.display().to_string());
        assert_eq!(told(), Err(named("cannot read PATH: make it")));
        std::fs::write(&path, "[1, 2, -3]").unwrap();
        let error = told().unwrap_err();
        assert!(error.starts_with(&named("PATH: field `[2]`: invalid value")), "{error}");
        std::fs::write(&path, "[1] [2]").unwrap();
        let error = told().unwrap_err();
        assert!(error.starts_with(&named("PATH: field `.`: trailing characters")), "{error}");
        write(&path, &[1, 2], "move it").unwrap();
        assert_eq!(told(), Ok(vec![1, 2]));
        let within = path.join("not a folder");
        let error = write(&within, &[1], "move it").unwrap_err().to_string();
        assert_eq!(error, format!("cannot write {}: move it", within.display()));
    }
}
