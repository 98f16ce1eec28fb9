//! Evidence on disk.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::evidence::{Evidence, SCHEMA};

/// The name of the file in the folder of a measurement.
pub const FILE_NAME: &str = "evidence.json";

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
        let mut file = create_beside(folder).map_err(failed)?;
        let mut writer = BufWriter::new(file.as_file_mut());
        serde_json::to_writer_pretty(&mut writer, self)
            .map_err(io::Error::from)
            .and_then(|()| writer.write_all(b"\n"))
            .and_then(|()| writer.flush())
            .map_err(failed)?;
        drop(writer);
        // A rename that survives a crash must not do so before what it names.
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        Ok(path)
    }
}

/// Checks that evidence can be written to `folder`, by creating it and a file in it.
///
/// # Errors
/// [`EvidenceError::Write`].
pub fn check_writable(folder: &Path) -> Result<(), EvidenceError> {
    create_beside(folder)
        .map(drop)
        .map_err(|source| EvidenceError::Write { path: folder.to_owned(), source })
}

/// A temporary file in `folder`, where a rename to its final name stays within one file system.
fn create_beside(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    std::fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".evidence-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Evidence is for everybody; the process's mask still applies.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
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
