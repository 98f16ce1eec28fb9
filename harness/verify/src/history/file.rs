//! Histories on disk.
//!
//! A file is
//!
//! 1. one line of JSON: the schema, how records are laid out, the header, and for each log how many
//!    events it has, their checksum, and its listings;
//! 2. the events of all logs, in order, as records of 48 bytes with the fields in the order of
//!    [`Event`], all little-endian;
//! 3. eight bytes, little-endian: the checksum of the line.
//!
//! So a person can read the head of a file, and half a gigabyte of events is read straight into its
//! final buffer.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use bytemuck::Zeroable;
use serde::{Deserialize, Serialize};
use shardproof_base::atomic_file;
use shardproof_base::excerpt::{excerpt, message};

use crate::foreign::{self, Kind};
use crate::history::validate::HistoryFault;
use crate::history::{Event, Header, History, Listed, Log};

/// The schema that this version writes and reads.
pub const SCHEMA: &str = "shardproof.history/1";

/// Bytes of an event's record.
const RECORD_BYTES: usize = size_of::<Event>();
/// Bytes of the last part.
const CHECKSUM_BYTES: u64 = 8;
/// The longest line that is read, in bytes: far more than ten million listed entries take.
const LINE_BYTES_MAX: u64 = 1 << 31;

/// Why a history could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The file could not be read.
    #[error("cannot read {}: give a file that `shardproof verify` wrote", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file does not begin like a history.
    #[error("{} is not a history{}: give a file that `shardproof verify` wrote", path.display(),
            foreign::clause(*looks_like))]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it seems to be instead, if that can be told.
        looks_like: Option<&'static str>,
    },
    /// A field is missing or is not what it should be.
    #[error("{}: field `{}`: {}: record the history again", path.display(), excerpt(field),
            message(&source.to_string()))]
    Field {
        /// The file.
        path: PathBuf,
        /// The field, as in `header.runs`.
        field: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The file is of another schema or layout.
    #[error("{}: field `{field}` is `{}`, but only `{understood}` is understood: record \
             the history again with this version", path.display(), excerpt(found))]
    Schema {
        /// The file.
        path: PathBuf,
        /// The field.
        field: &'static str,
        /// What it holds.
        found: String,
        /// What it should hold.
        understood: String,
    },
    /// The file is longer or shorter than it says.
    #[error("{}: field `logs` promises {promised} bytes of events, but there are {found}: copy \
             the whole file, or record the history again", path.display())]
    Length {
        /// The file.
        path: PathBuf,
        /// Bytes that the events should take.
        promised: u128,
        /// Bytes there are for them.
        found: u64,
    },
    /// A part of the file has changed since it was written.
    #[error("{}: field `{field}` does not match the data: copy the file again, or record \
             the history again", path.display())]
    Checksum {
        /// The file.
        path: PathBuf,
        /// The checksum's field.
        field: String,
    },
    /// The file holds something that no recorder writes.
    #[error("{}: {source}: record the history again", path.display())]
    Fault {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: HistoryFault,
    },
    /// The processor is big-endian.
    #[error("{}: field `records` is little-endian and this processor is not: use another machine",
            path.display())]
    Endian {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be written; an older one is as it was.
    #[error("cannot write {}: choose another path, or make this one writable", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl History {
    /// Reads a history from a file, and [validates](History::validate) it.
    ///
    /// # Errors
    /// All of [`HistoryError`] but `Write`; each names the file, and the field where there is one.
    pub fn read(path: &Path) -> Result<Self, HistoryError> {
        let failed = |source| HistoryError::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        read_from(path, BufReader::new(file), bytes)
    }

    /// Writes a history to a file, creating its folder if needed. The write is atomic.
    ///
    /// # Errors
    /// [`HistoryError::Write`] and [`HistoryError::Endian`].
    pub fn write(&self, path: &Path) -> Result<(), HistoryError> {
        check_endian(path)?;
        atomic_file::write(path, |writer| write_to(self, writer))
            .map_err(|source| HistoryError::Write { path: path.to_owned(), source })
    }
}

/// [`Log::listings`].
type Listings = Vec<(u32, Vec<Listed>)>;

/// The part of the line that says how to read the rest.
#[derive(Deserialize)]
struct Envelope {
    /// [`SCHEMA`].
    schema: String,
    /// [`layout`].
    records: String,
}

/// The line, as it is read.
#[derive(Deserialize)]
struct Line {
    /// What was executed.
    header: Header,
    /// The logs.
    logs: Vec<LogLine<Listings>>,
}

/// The line, as it is written.
#[derive(Serialize)]
struct LineRef<'a> {
    /// [`SCHEMA`].
    schema: &'a str,
    /// [`layout`].
    records: String,
    /// What was executed.
    header: &'a Header,
    /// The logs.
    logs: Vec<LogLine<&'a Listings>>,
}

/// The line's part on one log.
#[derive(Serialize, Deserialize)]
struct LogLine<L> {
    /// How many events it has.
    events: u64,
    /// The checksum of their records, in hexadecimal: many JSON readers have no 64-bit integers.
    checksum: String,
    /// Its listings.
    listings: L,
}

/// How records are laid out.
fn layout() -> String {
    format!("{RECORD_BYTES} bytes, little-endian")
}

fn check_endian(path: &Path) -> Result<(), HistoryError> {
    if cfg!(target_endian = "little") {
        Ok(())
    } else {
        Err(HistoryError::Endian { path: path.to_owned() })
    }
}

fn write_to(history: &History, writer: &mut impl Write) -> io::Result<()> {
    let logs = history.logs.iter().map(|log| LogLine {
        events: log.events.len() as u64,
        checksum: hexadecimal(checksum(bytemuck::cast_slice(&log.events))),
        listings: &log.listings,
    });
    let line = LineRef {
        schema: SCHEMA,
        records: layout(),
        header: &history.header,
        logs: logs.collect(),
    };
    let mut line = serde_json::to_vec(&line)?;
    line.push(b'\n');
    writer.write_all(&line)?;
    for log in &history.logs {
        writer.write_all(bytemuck::cast_slice(&log.events))?;
    }
    writer.write_all(&checksum(&line).to_le_bytes())
}

/// Reads a history of `bytes` bytes; `path` is for errors only.
fn read_from(path: &Path, mut reader: impl BufRead, bytes: u64) -> Result<History, HistoryError> {
    check_endian(path)?;
    let failed = |source| HistoryError::Read { path: path.to_owned(), source };
    let text = read_line(path, &mut reader)?;
    let line = parse_line(path, &text)?;
    let found = bytes.saturating_sub(text.len() as u64 + CHECKSUM_BYTES);
    let promised = line.logs.iter().map(|log| u128::from(log.events) * RECORD_BYTES as u128).sum();
    // Checked before memory is allocated: a corrupt count could ask for all of it.
    if promised != u128::from(found) {
        return Err(HistoryError::Length { path: path.to_owned(), promised, found });
    }
    let mut logs = Vec::with_capacity(line.logs.len());
    for (number, log) in line.logs.into_iter().enumerate() {
        let mut events = vec![Event::zeroed(); log.events as usize];
        reader.read_exact(bytemuck::cast_slice_mut(&mut events)).map_err(failed)?;
        if hexadecimal(checksum(bytemuck::cast_slice(&events))) != log.checksum {
            let field = format!("logs[{number}].checksum");
            return Err(HistoryError::Checksum { path: path.to_owned(), field });
        }
        logs.push(Log { events, listings: log.listings });
    }
    let mut seal = [0; CHECKSUM_BYTES as usize];
    reader.read_exact(&mut seal).map_err(failed)?;
    if u64::from_le_bytes(seal) != checksum(&text) {
        let field = "the last eight bytes".to_owned();
        return Err(HistoryError::Checksum { path: path.to_owned(), field });
    }
    let history = History { header: line.header, logs };
    history.validate().map_err(|source| HistoryError::Fault { path: path.to_owned(), source })?;
    Ok(history)
}

/// The line, its end included.
fn read_line(path: &Path, reader: &mut impl BufRead) -> Result<Vec<u8>, HistoryError> {
    let foreign = || HistoryError::Foreign { path: path.to_owned(), looks_like: other_kind(path) };
    let failed = |source| HistoryError::Read { path: path.to_owned(), source };
    // Checks the first byte first, so that another large file is not searched for the end of its
    // line.
    if reader.fill_buf().map_err(failed)?.first() != Some(&b'{') {
        return Err(foreign());
    }
    let mut text = Vec::new();
    reader.take(LINE_BYTES_MAX).read_until(b'\n', &mut text).map_err(failed)?;
    if text.last() == Some(&b'\n') { Ok(text) } else { Err(foreign()) }
}

/// What the file looks like, unless that is a history: then an error names what is wrong with it.
fn other_kind(path: &Path) -> Option<&'static str> {
    foreign::looks_like(path).filter(|kind| *kind != Kind::History).map(Kind::as_str)
}

fn parse_line(path: &Path, text: &[u8]) -> Result<Line, HistoryError> {
    // The schema comes first: errors about the fields of another schema would only confuse.
    let Envelope { schema, records } =
        parse(path, text).map_err(|error| match other_kind(path) {
            None => error,
            looks_like => HistoryError::Foreign { path: path.to_owned(), looks_like },
        })?;
    for (field, found, understood) in
        [("schema", schema, SCHEMA.to_owned()), ("records", records, layout())]
    {
        if found != understood {
            let path = path.to_owned();
            return Err(HistoryError::Schema { path, field, found, understood });
        }
    }
    parse(path, text)
}

fn parse<'de, T: Deserialize<'de>>(path: &Path, text: &'de [u8]) -> Result<T, HistoryError> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| HistoryError::Field {
        path: path.to_owned(),
        field: error.path().to_string(),
        source: error.into_inner(),
    })
}

fn hexadecimal(checksum: u64) -> String {
    format!("{checksum:016x}")
}

/// Mixes each word in by an invertible step, so that every change of a single word is detected.
fn checksum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let words = words.iter().chain([&last]);
    words.fold(bytes.len() as u64, |sum, word| {
        let mixed = (sum ^ u64::from_le_bytes(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ (mixed >> 32)
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::samples;

    fn bytes_of(history: &History) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_to(history, &mut bytes).unwrap();
        bytes
    }

    fn read(bytes: &[u8]) -> Result<History, HistoryError> {
        read_from(Path::new("a.history"), Cursor::new(bytes), bytes.len() as u64)
    }

    #[test]
    fn a_history_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/a.history");
        for seed in 0..30 {
            let history = samples::history(seed, seed as usize % 4, 40);
            history.write(&path).unwrap();
            assert_eq!(History::read(&path).unwrap(), history, "seed {seed}");
        }
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn every_change_of_a_byte_is_detected() {
        let bytes = bytes_of(&samples::history(3, 2, 12));
        assert!(read(&bytes).is_ok());
        for position in 0..bytes.len() {
            for bit in [0x01, 0x20, 0x80] {
                let mut changed = bytes.clone();
                changed[position] ^= bit;
                let error = read(&changed).expect_err("a changed byte").to_string();
                assert!(error.contains("a.history"), "{error}");
            }
        }
    }

    #[test]
    fn a_truncated_or_extended_file_is_refused() {
        let bytes = bytes_of(&samples::history(4, 2, 12));
        for len in 0..bytes.len() {
            assert!(read(&bytes[..len]).is_err(), "{len} bytes");
        }
        let more = [&bytes[..], b"\n"].concat();
        let error = read(&more).unwrap_err().to_string();
        assert!(error.contains("field `logs` promises"), "{error}");
    }

    #[test]
    fn other_files_get_another_error_than_broken_ones() {
        let error_of = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
        assert!(error_of(b"\x7fELF").contains("is not a history"));
        assert!(error_of(b"").contains("is not a history"));
        assert!(error_of(b"{\"schema\": ").contains("is not a history"));
        assert!(error_of(b"{\"a\": 1}\n").contains("field `.`: missing field `schema`"));
        let other = error_of(b"{\"schema\": \"shardproof.evidence/1\", \"records\": \"\"}\n");
        assert!(other.contains("field `schema` is `shardproof.evidence/1`"), "{other}");
        let big = error_of(
            b"{\"schema\": \"shardproof.history/1\", \"records\": \"48 bytes, big-endian\"}\n",
        );
        assert!(big.contains("only `48 bytes, little-endian` is understood"), "{big}");
    }

    #[test]
    fn a_file_of_another_kind_is_named_and_a_damaged_history_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.file");
        let error_of = |text: &str| {
            std::fs::write(&path, text).unwrap();
            History::read(&path).unwrap_err().to_string()
        };
        let foreign = error_of("{:index 0, :type :ok, :process 1}\n");
        assert!(foreign.contains("looks like a history in EDN"), "{foreign}");
        let program = error_of("{\"threads\": [[{\"op\": \"put\"}]]}\n");
        assert!(program.contains("give it with --program"), "{program}");
        let cut = error_of("{\"schema\": \"shardproof.history/1\", \"rec");
        assert!(cut.contains("is not a history:"), "{cut}");
        let broken = error_of("{\"schema\": \"shardproof.history/1\"}\n");
        assert!(broken.contains("missing field `records`"), "{broken}");
    }

    #[test]
    fn a_count_larger_than_the_file_is_refused_before_memory_is_allocated() {
        let text = String::from_utf8_lossy(&bytes_of(&samples::history(5, 0, 0))).into_owned();
        let huge = text.replacen("\"events\":0", "\"events\":18446744073709551615", 1);
        let error = read(huge.as_bytes()).unwrap_err();
        assert!(matches!(error, HistoryError::Length { .. }), "{error}");
    }

    #[test]
    fn a_history_that_no_recorder_writes_is_refused_with_its_field() {
        let (mut history, _) = samples::stale_read();
        history.logs[1].events[0].key = 99;
        let error = read(&bytes_of(&history)).unwrap_err().to_string();
        assert_eq!(
            error,
            "a.history: field `logs[1].events[0].key` is 99: the key table has no such key: \
             record the history again"
        );
    }
}
