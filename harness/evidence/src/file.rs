//! Evidence on disk.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use shardproof_base::atomic_file;
use shardproof_base::excerpt::excerpt;
use shardproof_base::json_file::{self, JsonFileError};

use crate::{Evidence, SCHEMA};

/// The name of the file in the folder of a measurement.
pub const FILE_NAME: &str = "evidence.json";
/// The name of a file that is kept for long, compressed with gzip.
pub const COMPRESSED_FILE_NAME: &str = "evidence.json.gz";
/// How the name of evidence of another build begins, which was there before:
/// `evidence.older.json`, then `evidence.older.2.json` and so on.
const OLDER_FILE_STEM: &str = "evidence.older";

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
    #[error("{}: field `schema` is `{}`, but only `{SCHEMA}` is understood: measure again \
             with this version", path.display(), excerpt(found))]
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
    /// Adds what the file in `folder` says of the same build and this evidence says nothing of, and
    /// writes both. A file of another build, or one that cannot be read, is kept under a name of its
    /// own: `evidence.older.json`, or one with a number that no file has. Returns where it was written.
    /// This evidence is complete even if it cannot be written.
    ///
    /// # Errors
    /// [`JsonFileError::Write`]; the file that was there is then as it was.
    pub fn write_with_rest(&mut self, folder: &Path) -> Result<PathBuf, EvidenceError> {
        let path = folder.join(FILE_NAME);
        let kept = match Self::read(&path) {
            Ok(older) if older.build == self.build => {
                self.add_rest_of(older);
                None
            }
            _ if path.exists() => {
                let kept = atomic_file::free_name(folder, OLDER_FILE_STEM, "json");
                // A second name, so that the file is there all the time.
                std::fs::hard_link(&path, &kept)
                    .or_else(|_| std::fs::copy(&path, &kept).map(drop))
                    .map_err(|source| not_written(&kept, source))?;
                Some(kept)
            }
            _ => None,
        };
        let written = self.write(folder);
        if let (Err(_), Some(kept)) = (&written, kept) {
            // It is still there under its own name.
            let _ = std::fs::remove_file(kept);
        }
        written
    }
}

/// The file of evidence in a folder: [`FILE_NAME`], or [`COMPRESSED_FILE_NAME`] if only that is there.
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
