//! JSON files: written atomically, and read with errors that name the file, the field and the fix.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};

use crate::atomic_file;
use crate::excerpt::{excerpt, message};

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
    /// A field is missing or invalid.
    #[error("{}: field `{}`: {}", path.display(), excerpt(field), message(&source.to_string()))]
    Field {
        /// The file.
        path: PathBuf,
        /// The field, as in `cells[3].threads`; `.` for the file as a whole.
        field: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The file could not be written; an older one is unchanged.
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

/// Reads a value from a file. `fix` tells the user what to do if the file cannot be read.
///
/// # Errors
/// [`JsonFileError::Read`], [`JsonFileError::Field`].
pub fn read<T: DeserializeOwned>(path: &Path, fix: &'static str) -> Result<T, JsonFileError> {
    parse(path, &text(path, fix)?)
}

/// Reads the text of a file, for callers that parse it more than once. A file compressed by gzip is
/// decompressed, whatever its name.
///
/// # Errors
/// [`JsonFileError::Read`].
pub fn text(path: &Path, fix: &'static str) -> Result<Vec<u8>, JsonFileError> {
    let read = || {
        let bytes = std::fs::read(path)?;
        if bytes.starts_with(&GZIP_MAGIC) { decompressed(&bytes) } else { Ok(bytes) }
    };
    read().map_err(|source| JsonFileError::Read { path: path.to_owned(), fix, source })
}

/// The first bytes of a gzip file (RFC 1952, section 2.3.1).
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// The largest size after decompression, so that a small file cannot exhaust memory.
const DECOMPRESSED_BYTES_MAX: u64 = 1 << 30;

fn decompressed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    MultiGzDecoder::new(bytes).take(DECOMPRESSED_BYTES_MAX + 1).read_to_end(&mut text)?;
    if text.len() as u64 > DECOMPRESSED_BYTES_MAX {
        return Err(io::Error::other("more than 1 GiB when decompressed"));
    }
    Ok(text)
}

/// Parses the whole text of a file; `path` is only for error messages.
///
/// # Errors
/// [`JsonFileError::Field`].
pub fn parse<'de, T: Deserialize<'de>>(path: &Path, text: &'de [u8]) -> Result<T, JsonFileError> {
    let field = |field, source| JsonFileError::Field { path: path.to_owned(), field, source };
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| field(error.path().to_string(), error.into_inner()))?;
    deserializer.end().map_err(|source| field(".".to_owned(), source))?;
    Ok(value)
}

/// Writes a value to a file atomically, and creates its folder if needed. `fix` tells the user what
/// to do if that fails. Fractions are written with [`DIGITS`] significant digits.
///
/// # Errors
/// [`JsonFileError::Write`].
pub fn write(path: &Path, value: &impl Serialize, fix: &'static str) -> Result<(), JsonFileError> {
    atomic_file::write(path, |writer| to_writer(writer, value))
        .map_err(|source| JsonFileError::Write { path: path.to_owned(), fix, source })
}

fn to_writer(writer: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let formatter = Rounded(PrettyFormatter::new());
    value.serialize(&mut Serializer::with_formatter(&mut *writer, formatter))?;
    writer.write_all(b"\n")
}

/// The number of significant digits of a fraction in a file. No clock or counter here has more.
pub const DIGITS: usize = 9;

/// Rounds fractions to [`DIGITS`] significant digits; another formatter does the layout.
struct Rounded(PrettyFormatter<'static>);

impl Formatter for Rounded {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        // Through text and back: the nearest number with that many digits, in its shortest form.
        let rounded = format!("{value:.*e}", DIGITS - 1).parse().unwrap_or(value);
        self.0.write_f64(writer, rounded)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn an_error_quotes_a_bounded_excerpt_of_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.json");
        let long = "x".repeat(100_000);
        for text in [format!("[\"{long}\"]"), format!("{{\"{long}\": 1}}")] {
            std::fs::write(&path, text).unwrap();
            let list = read::<Vec<u8>>(&path, "make it").unwrap_err().to_string();
            let map = read::<HashMap<String, bool>>(&path, "make it").unwrap_err().to_string();
            assert!(list.len() < 1_500 && map.len() < 1_500, "{list} {map}");
        }
    }

    #[test]
    fn an_error_names_the_file_and_the_field_or_the_fix() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.json");
        let read_list = || read::<Vec<u8>>(&path, "make it").map_err(|error| error.to_string());
        let named = |text: &str| text.replace("PATH", &path.display().to_string());
        assert_eq!(read_list(), Err(named("cannot read PATH: make it")));
        std::fs::write(&path, "[1, 2, -3]").unwrap();
        let error = read_list().unwrap_err();
        assert!(error.starts_with(&named("PATH: field `[2]`: invalid value")), "{error}");
        std::fs::write(&path, "[1] [2]").unwrap();
        let error = read_list().unwrap_err();
        assert!(error.starts_with(&named("PATH: field `.`: trailing characters")), "{error}");
        write(&path, &[1, 2], "move it").unwrap();
        assert_eq!(read_list(), Ok(vec![1, 2]));
        let within = path.join("not a folder");
        let error = write(&within, &[1], "move it").unwrap_err().to_string();
        assert_eq!(error, format!("cannot write {}: move it", within.display()));
    }

    #[test]
    fn a_compressed_file_reads_as_it_was_written_and_a_truncated_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.json.gz");
        let value: Vec<u32> = (0..1_000).collect();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        to_writer(&mut encoder, &value).unwrap();
        let bytes = encoder.finish().unwrap();
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(read::<Vec<u32>>(&path, "make it").unwrap(), value);
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        let error = read::<Vec<u32>>(&path, "make it").unwrap_err().to_string();
        assert!(error.contains("list.json.gz"), "{error}");
    }

    #[test]
    fn fractions_are_rounded_to_nine_digits_and_integers_are_exact() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.json");
        let value = (0.385_187_149_047_851_56, 606.120_521_726, 1e300, u64::MAX, -0.0);
        write(&path, &value, "move it").unwrap();
        let text: String = std::fs::read_to_string(&path).unwrap().split_whitespace().collect();
        assert_eq!(text, "[0.385187149,606.120522,1e+300,18446744073709551615,-0.0]");
    }
}
