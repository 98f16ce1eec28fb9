//! Evidence on disk.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::atomic_file;
use crate::evidence::{Evidence, SCHEMA};

/// The name of the file in the folder of a measurement.
pub const FILE_NAME: &str = "evidence.json";
/// The name of a file of another build that was there before.
pub const OLDER_FILE_NAME: &str = "evidence.older.json";

/// Why evidence could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// The file could not be read.
    #[error("cannot read {}: give a file that `shardproof measure` wrote", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A field is missing or is not what it should be.
    #[error("{}: field `{field}`: {source}", path.display())]
    Field {
        /// The file.
        path: PathBuf,
        /// The field, as in `cells[3].threads`.
        field: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The file is of another schema.
    #[error("{}: field `schema` is `{found}`, but only `{SCHEMA}` is understood: measure again \
             with this version", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// The schema it names.
        found: String,
    },
    /// The file could not be written; an older one is as it was.
    #[error("cannot write {}: give another folder with --out, or make this one writable",
            path.display())]
    Write {
        /// The file, or the folder it should be in.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl Evidence {
    /// Reads evidence from a file.
    ///
    /// # Errors
    /// All of [`EvidenceError`] but `Write`; each names the file, and the field where there is one.
    pub fn read(path: &Path) -> Result<Self, EvidenceError> {
        let text = std::fs::read(path)
            .map_err(|source| EvidenceError::Read { path: path.to_owned(), source })?;
        // The schema comes first: the fields of another one would only confuse.
        let Envelope { schema } = parse(path, &text)?;
        if schema != SCHEMA {
            return Err(EvidenceError::Schema { path: path.to_owned(), found: schema });
        }
        parse(path, &text)
    }

    /// Writes evidence to [`FILE_NAME`] in `folder`, which is created if need be, and returns the
    /// file's path. Whatever happens meanwhile, the file is the old one or the new one, whole.
    ///
    /// # Errors
    /// [`EvidenceError::Write`].
    pub fn write(&self, folder: &Path) -> Result<PathBuf, EvidenceError> {
        let path = folder.join(FILE_NAME);
        let failed = |source| EvidenceError::Write { path: path.clone(), source };
        atomic_file::write(&path, |writer| {
            serde_json::to_writer_pretty(&mut *writer, self)?;
            writer.write_all(b"\n")
        })
        .map_err(failed)?;
        Ok(path)
    }
}

impl Evidence {
    /// Writes evidence, together with what the file that is there says of the same build and this one says
    /// nothing of. A file of another build, or one that cannot be read, is kept as [`OLDER_FILE_NAME`]. Returns
    /// what was written, and where.
    ///
    /// # Errors
    /// [`EvidenceError::Write`].
    pub fn write_with_rest(self, folder: &Path) -> Result<(Self, PathBuf), EvidenceError> {
        let path = folder.join(FILE_NAME);
        let older = Self::read(&path);
        let of_same_build = older.as_ref().is_ok_and(|older| older.build == self.build);
        let evidence = match older {
            Ok(older) if of_same_build => self.with_rest_of(older),
            _ => {
                if path.exists() {
                    let failed = |source| EvidenceError::Write { path: path.clone(), source };
                    std::fs::rename(&path, folder.join(OLDER_FILE_NAME)).map_err(failed)?;
                }
                self
            }
        };
        let path = evidence.write(folder)?;
        Ok((evidence, path))
    }
}

/// Checks that evidence can be written to `folder`, by creating it and a file in it.
///
/// # Errors
/// [`EvidenceError::Write`].
pub fn check_writable(folder: &Path) -> Result<(), EvidenceError> {
    atomic_file::create_beside(folder)
        .map(drop)
        .map_err(|source| EvidenceError::Write { path: folder.to_owned(), source })
}

/// The part of a file that says how to read the rest.
#[derive(Deserialize)]
struct Envelope {
    schema: String,
}

fn parse<'de, T: Deserialize<'de>>(path: &Path, text: &'de [u8]) -> Result<T, EvidenceError> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| EvidenceError::Field {
        path: path.to_owned(),
        field: error.path().to_string(),
        source: error.into_inner(),
    })
}
