//! Evidence on disk.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use shardproof_base::atomic_file;
use shardproof_base::json_file::{self, JsonFileError};

use crate::{Evidence, SCHEMA};

/// The name of the file in the folder of a measurement.
pub const FILE_NAME: &str = "evidence.json";
/// The name of a file of another build that was there before.
pub const OLDER_FILE_NAME: &str = "evidence.older.json";

/// What to do when evidence cannot be read.
const READ_FIX: &str = "give a file that `shardproof measure` wrote";
/// What to do when it cannot be written.
const WRITE_FIX: &str = "give another folder with --out, or make this one writable";

/// Why evidence could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// The file could not be read or written, or a field is not what it should be.
    #[error(transparent)]
    File(#[from] JsonFileError),
    /// The file is of another schema.
    #[error("{}: field `schema` is `{found}`, but only `{SCHEMA}` is understood: measure again \
             with this version", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// The schema it names.
        found: String,
    },
}

impl Evidence {
    /// Reads evidence from a file.
    ///
    /// # Errors
    /// [`EvidenceError`], which names the file, and the field where there is one.
    pub fn read(path: &Path) -> Result<Self, EvidenceError> {
        let text = json_file::text(path, READ_FIX)?;
        // The schema comes first: the fields of another one would only confuse.
        let Envelope { schema } = json_file::parse(path, &text)?;
        if schema != SCHEMA {
            return Err(EvidenceError::Schema { path: path.to_owned(), found: schema });
        }
        Ok(json_file::parse(path, &text)?)
    }

    /// Writes evidence to [`FILE_NAME`] in `folder`, which is created if need be, and returns the
    /// file's path. Whatever happens meanwhile, the file is the old one or the new one, whole.
    ///
    /// # Errors
    /// [`JsonFileError::Write`].
    pub fn write(&self, folder: &Path) -> Result<PathBuf, EvidenceError> {
        let path = folder.join(FILE_NAME);
        json_file::write(&path, self, WRITE_FIX)?;
        Ok(path)
    }
}

impl Evidence {
    /// Writes evidence, together with what the file that is there says of the same build and this one says
    /// nothing of. A file of another build, or one that cannot be read, is kept as [`OLDER_FILE_NAME`]. Returns
    /// what was written, and where.
    ///
    /// # Errors
    /// [`JsonFileError::Write`].
    pub fn write_with_rest(self, folder: &Path) -> Result<(Self, PathBuf), EvidenceError> {
        let path = folder.join(FILE_NAME);
        let older = Self::read(&path);
        let of_same_build = older.as_ref().is_ok_and(|older| older.build == self.build);
        let evidence = match older {
            Ok(older) if of_same_build => self.with_rest_of(older),
            _ => {
                if path.exists() {
                    std::fs::rename(&path, folder.join(OLDER_FILE_NAME))
                        .map_err(|source| not_written(&path, source))?;
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
/// [`JsonFileError::Write`].
pub fn check_writable(folder: &Path) -> Result<(), EvidenceError> {
    atomic_file::create_beside(folder).map(drop).map_err(|source| not_written(folder, source))
}

/// The part of a file that says how to read the rest.
#[derive(Deserialize)]
struct Envelope {
    schema: String,
}

fn not_written(path: &Path, source: io::Error) -> EvidenceError {
    JsonFileError::Write { path: path.to_owned(), fix: WRITE_FIX, source }.into()
}
