//! Reading and writing evidence files.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use shardproof_base::atomic_file;
use shardproof_base::excerpt::excerpt;
use shardproof_base::json_file::{self, JsonFileError};

use crate::{Evidence, SCHEMA};

/// Name of the evidence file in an output folder.
pub const FILE_NAME: &str = "evidence.json";
/// Name of an archived evidence file, compressed with gzip.
pub const COMPRESSED_FILE_NAME: &str = "evidence.json.gz";
/// Name prefix for a previous file of another build: `evidence.older.json`, then
/// `evidence.older.2.json` and so on.
const OLDER_FILE_STEM: &str = "evidence.older";

/// Advice if evidence cannot be read.
const READ_FIX: &str = "give a file that `shardproof measure` wrote";
/// Advice if evidence cannot be written.
const WRITE_FIX: &str = "choose another folder with --out, or make this one writable";

/// Why evidence could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// The file could not be read or written, or a field is not valid.
    #[error(transparent)]
    File(#[from] JsonFileError),
    /// The file has an unsupported schema.
    #[error(
        "{}: field `schema` is `{}`, but this version only reads `{SCHEMA}`: measure again",
        path.display(),
        excerpt(found)
    )]
    Schema {
        /// The file.
        path: PathBuf,
        /// The schema in the file.
        found: String,
    },
}

impl Evidence {
    /// Reads evidence from a file.
    ///
    /// # Errors
    /// [`EvidenceError`], which names the file, and the field if one is at fault.
    pub fn read(path: &Path) -> Result<Self, EvidenceError> {
        let text = json_file::text(path, READ_FIX)?;
        // Check the schema first: errors about fields of another schema would mislead.
        let Envelope { schema } = json_file::parse(path, &text)?;
        if schema != SCHEMA {
            return Err(EvidenceError::Schema { path: path.to_owned(), found: schema });
        }
        Ok(json_file::parse(path, &text)?)
    }

    /// Writes evidence to [`FILE_NAME`] in `folder`, which is created if needed, and returns the
    /// file's path. The write is atomic: the file is either the complete old one or the complete
    /// new one.
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
    /// Completes this evidence with results that only the existing file in `folder` has, if that
    /// file is of the same build, and writes it. A file of another build, or one that cannot be
    /// read, is kept as `evidence.older.json`, or with a number if that name is taken. Returns the
    /// path of the new file. This evidence is complete even if writing fails.
    ///
    /// # Errors
    /// [`JsonFileError::Write`]; the existing file is then unchanged.
    pub fn write_merged(&mut self, folder: &Path) -> Result<PathBuf, EvidenceError> {
        let path = folder.join(FILE_NAME);
        let backup = match Self::read(&path) {
            Ok(older) if older.build == self.build => {
                self.fill_missing_from(older);
                None
            }
            _ if path.exists() => {
                let backup = atomic_file::free_name(folder, OLDER_FILE_STEM, "json");
                // A hard link first, so that the file never disappears.
                std::fs::hard_link(&path, &backup)
                    .or_else(|_| std::fs::copy(&path, &backup).map(drop))
                    .map_err(|source| write_error(&backup, source))?;
                Some(backup)
            }
            _ => None,
        };
        let written = self.write(folder);
        if let (Err(_), Some(backup)) = (&written, backup) {
            // The original is still in place.
            let _ = std::fs::remove_file(backup);
        }
        written
    }
}

/// The evidence file in a folder: [`FILE_NAME`], or [`COMPRESSED_FILE_NAME`] if only that exists.
#[must_use]
pub fn path_in(folder: &Path) -> PathBuf {
    let (plain, compressed) = (folder.join(FILE_NAME), folder.join(COMPRESSED_FILE_NAME));
    if !plain.exists() && compressed.exists() { compressed } else { plain }
}

/// Checks that evidence can be written to `folder`, by creating it and a file in it.
///
/// # Errors
/// [`JsonFileError::Write`].
pub fn check_writable(folder: &Path) -> Result<(), EvidenceError> {
    atomic_file::create_beside(folder).map(drop).map_err(|source| write_error(folder, source))
}

/// The part of a file that says how to read the rest.
#[derive(Deserialize)]
struct Envelope {
    schema: String,
}

fn write_error(path: &Path, source: io::Error) -> EvidenceError {
    JsonFileError::Write { path: path.to_owned(), fix: WRITE_FIX, source }.into()
}
