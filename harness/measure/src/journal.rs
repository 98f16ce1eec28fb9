//! The journal: every result as one line on disk, so that a killed measurement can be resumed.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use shardproof_base::atomic_file;
use shardproof_evidence::Build;

/// The file's name in the output folder of a measurement.
pub const FILE_NAME: &str = "measure.journal";
/// The stem of the names for older journals that are set aside: `measure.older.journal`,
/// `measure.older.2.journal` and so on.
const OLDER_FILE_STEM: &str = "measure.older";
/// The version of the format.
const SCHEMA: &str = "shardproof.journal/1";

/// Stores results as they are measured, and returns those of earlier processes.
#[derive(Debug)]
pub struct Journal {
    /// The file to write to; `None` if nothing is stored.
    file: Option<File>,
    /// Results of earlier processes, by key.
    done: HashMap<String, Json>,
    /// How long the earlier processes measured.
    before: Duration,
    /// When this process started.
    start: Instant,
    /// The first error of a write.
    failure: Option<io::Error>,
    /// The numbers, from 1, of lines that could not be parsed.
    damaged_lines: Vec<usize>,
    /// The number of results that could be parsed but have the wrong type.
    unusable: usize,
}

/// The first line: what the other lines belong to. Only the same measurement can be resumed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Header {
    /// [`SCHEMA`].
    schema: String,
    /// The build that measured.
    build: Build,
    /// The description of the plan.
    plan: Json,
}

/// One result.
#[derive(Serialize, Deserialize)]
struct Line {
    /// Identifies the result.
    key: String,
    /// When it was finished, in seconds from the start of the measurement.
    at_s: f64,
    /// The result.
    value: Json,
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// There is no journal to resume.
    #[error("there is no unfinished measurement in {}: start one without --resume", path.display())]
    Missing {
        /// The missing file.
        path: PathBuf,
    },
    /// The process was killed before it had written the first line.
    #[error("{}: its first line is incomplete, so nothing was measured yet: start again without \
             --resume", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The first line is damaged.
    #[error("{}: its first line is damaged, so what was measured is unknown: start again without \
             --resume", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The journal belongs to another version, build or plan.
    #[error("{}: field `{field}`: the unfinished measurement has another {field} than this one: \
             start again without --resume", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What differs.
        field: &'static str,
    },
    /// The file could not be read or written.
    #[error(
        "cannot use {}: choose another folder with --out, or make this one writable",
        path.display()
    )]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl Journal {
    /// A journal that stores nothing.
    #[must_use]
    pub fn none() -> Self {
        Self {
            file: None,
            done: HashMap::new(),
            before: Duration::ZERO,
            start: Instant::now(),
            failure: None,
            damaged_lines: Vec::new(),
            unusable: 0,
        }
    }

    /// Starts a journal in `folder`. An existing one is renamed, and its new path is returned too.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn begin(
        folder: &Path,
        build: &Build,
        plan: &impl Serialize,
    ) -> Result<(Self, Option<PathBuf>), JournalError> {
        let path = folder.join(FILE_NAME);
        let failed = |source| JournalError::Io { path: path.clone(), source };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let older = || atomic_file::free_name(folder, OLDER_FILE_STEM, "journal");
        let set_aside = path.exists().then(older);
        if let Some(older) = &set_aside {
            std::fs::rename(&path, older).map_err(failed)?;
        }
        let mut file = File::create(&path).map_err(failed)?;
        write_line(&mut file, &header(build, plan)).map_err(failed)?;
        Ok((Self { file: Some(file), ..Self::none() }, set_aside))
    }

    /// Resumes the journal in `folder`.
    ///
    /// # Errors
    /// All of [`JournalError`].
    pub fn resume(
        folder: &Path,
        build: &Build,
        plan: &impl Serialize,
    ) -> Result<Self, JournalError> {
        let path = folder.join(FILE_NAME);
        if !path.exists() {
            return Err(JournalError::Missing { path });
        }
        let failed = |source| JournalError::Io { path: path.clone(), source };
        let bytes = std::fs::read(&path).map_err(failed)?;
        // A last line without its end was cut by a kill, and does not count.
        let length = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let mut complete = bytes[..length].split_inclusive(|byte| *byte == b'\n');
        let Some(first) = complete.next() else { return Err(JournalError::Empty { path }) };
        let Ok(found) = serde_json::from_slice::<Json>(first) else {
            return Err(JournalError::Damaged { path });
        };
        if let Some(field) = difference(found, &header(build, plan)) {
            return Err(JournalError::Other { path, field });
        }
        let (mut lines, mut damaged_lines) = (Vec::<Line>::new(), Vec::new());
        let mut readable = vec![first];
        for (line, number) in complete.zip(2..) {
            match serde_json::from_slice(line) {
                Ok(parsed) => {
                    lines.push(parsed);
                    readable.push(line);
                }
                Err(_) => damaged_lines.push(number),
            }
        }
        if length < bytes.len() || !damaged_lines.is_empty() {
            // Damaged lines are removed, so that they are reported only once.
            let readable = readable.concat();
            atomic_file::write(&path, |writer| writer.write_all(&readable)).map_err(failed)?;
        }
        let file = OpenOptions::new().append(true).open(&path).map_err(failed)?;
        let before_s = lines.iter().map(|line| line.at_s).fold(0.0, f64::max);
        let done = lines.into_iter().map(|Line { key, value, .. }| (key, value)).collect();
        let before = Duration::try_from_secs_f64(before_s).unwrap_or_default();
        Ok(Self { file: Some(file), done, before, damaged_lines, ..Self::none() })
    }

    /// The numbers, from 1, of damaged lines in a resumed journal. Their results are measured
    /// again; later lines are kept.
    #[must_use]
    pub fn damaged_lines(&self) -> &[usize] {
        &self.damaged_lines
    }

    /// How many results were measured again because the stored ones had the wrong type.
    #[must_use]
    pub const fn unusable(&self) -> usize {
        self.unusable
    }

    /// How long the measurement has taken, including earlier processes.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.before + self.start.elapsed()
    }

    /// How many results of earlier processes are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.done.len()
    }

    /// Whether there are no results of earlier processes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.done.is_empty()
    }

    /// The result of `work`: the stored one, or one that is measured now and stored.
    pub fn once<T: Serialize + DeserializeOwned>(
        &mut self,
        key: &str,
        work: impl FnOnce() -> T,
    ) -> T {
        match self.done.remove(key).map(serde_json::from_value) {
            Some(Ok(value)) => return value,
            Some(Err(_)) => self.unusable += 1,
            None => {}
        }
        let value = work();
        self.store(key, &value);
        value
    }

    /// The first error of a write; `None` if everything was stored.
    pub fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Removes the file in `folder`, once its results are in the evidence.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn finish(self, folder: &Path) -> Result<(), JournalError> {
        let path = folder.join(FILE_NAME);
        if self.file.is_none() {
            return Ok(());
        }
        match std::fs::remove_file(&path) {
            // Somebody has already removed it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(|source| JournalError::Io { path, source }),
        }
    }

    fn store(&mut self, key: &str, value: &impl Serialize) {
        let at_s = self.elapsed().as_secs_f64();
        let Some(file) = &mut self.file else { return };
        let written = serde_json::to_value(value)
            .map_err(io::Error::from)
            .and_then(|value| write_line(file, &Line { key: key.to_owned(), at_s, value }));
        if let Err(error) = written {
            self.failure.get_or_insert(error);
        }
    }
}

fn header(build: &Build, plan: &impl Serialize) -> Header {
    let plan = serde_json::to_value(plan).unwrap_or_default();
    Header { schema: SCHEMA.to_owned(), build: build.clone(), plan }
}

/// Writes a line in one call, so that a killed process leaves at most one incomplete line, and one
/// that exits on its own leaves none.
fn write_line(file: &mut File, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    let _no_exit = atomic_file::hold_writes();
    file.write_all(&line)
}

/// The first field in which a journal's first line differs; `None` if it is as expected.
fn difference(first: Json, expected: &Header) -> Option<&'static str> {
    let Ok(found) = serde_json::from_value::<Header>(first) else { return Some("schema") };
    if found.schema != expected.schema {
        Some("schema")
    } else if found.build != expected.build {
        Some("build")
    } else if found.plan != expected.plan {
        Some("plan")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shardproof_evidence::Build;

    fn journal(folder: &Path) -> Journal {
        Journal::begin(folder, &Build::default(), &"a plan").unwrap().0
    }

    #[test]
    fn results_from_before_a_kill_are_not_measured_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = journal(folder.path());
        assert_eq!(first.once("a", || 1.5), 1.5);
        assert_eq!(first.once("b", || 2.5), 2.5);
        drop(first);
        // The process is killed in the middle of a line.
        let path = folder.path().join(FILE_NAME);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(br#"{"key": "c", "at_s": 3.0, "val"#).unwrap();

        let again = || -> f64 { unreachable!("it is stored") };
        for (expected, fresh) in [(3, 9.5), (4, 10.5)] {
            let mut next = Journal::resume(folder.path(), &Build::default(), &"a plan").unwrap();
            assert_eq!(next.len(), expected - 1);
            assert_eq!(next.once("b", again), 2.5);
            assert_eq!(next.once("a", again), 1.5);
            let key = format!("later {expected}");
            assert_eq!(next.once(&key, || fresh), fresh);
        }
    }

    /// Appends an incomplete line, as a process does that is killed during a write.
    fn append(folder: &Path, bytes: &[u8]) {
        let mut file = OpenOptions::new().append(true).open(folder.join(FILE_NAME)).unwrap();
        file.write_all(bytes).unwrap();
    }

    #[test]
    fn a_line_cut_anywhere_loses_only_its_own_result() {
        let line = "{\"key\":\"b\",\"at_s\":3.0,\"value\":\"\u{fc}ber\"}".as_bytes();
        for length in 1..=line.len() {
            let folder = tempfile::tempdir().unwrap();
            assert_eq!(journal(folder.path()).once("a", || 1.5), 1.5);
            append(folder.path(), &line[..length]);
            for _ in 0..2 {
                let resumed = Journal::resume(folder.path(), &Build::default(), &"a plan");
                let mut next = resumed.unwrap();
                assert_eq!(next.once("a", || -> f64 { unreachable!("it is stored") }), 1.5);
                assert_eq!(next.once("b", || "again".to_owned()), "again");
            }
            let text = std::fs::read_to_string(folder.path().join(FILE_NAME)).unwrap();
            assert_eq!(text.lines().count(), 3, "{text}");
        }
    }

    #[test]
    fn a_journal_with_an_incomplete_first_line_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        drop(journal(folder.path()));
        let path = folder.path().join(FILE_NAME);
        let header = std::fs::read(&path).unwrap();
        for length in [0, 10, header.len() - 1] {
            std::fs::write(&path, &header[..length]).unwrap();
            let resumed = Journal::resume(folder.path(), &Build::default(), &"a plan");
            let error = resumed.unwrap_err().to_string();
            assert!(error.contains("first line") && error.contains("--resume"), "{error}");
        }
        std::fs::write(&path, &header).unwrap();
        let complete = Journal::resume(folder.path(), &Build::default(), &"a plan").unwrap();
        assert!(complete.is_empty());
    }

    #[test]
    fn a_value_that_json_cannot_represent_is_measured_again() {
        let folder = tempfile::tempdir().unwrap();
        assert!(journal(folder.path()).once("a", || f64::NAN).is_nan());
        for _ in 0..2 {
            let resumed = Journal::resume(folder.path(), &Build::default(), &"a plan");
            assert_eq!(resumed.unwrap().once("a", || 2.5), 2.5);
        }
    }

    #[test]
    fn numbers_come_back_bit_for_bit() {
        let folder = tempfile::tempdir().unwrap();
        // A parser that may be off by one bit would fail for some of these.
        let numbers: Vec<f64> =
            (1..2_000u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) as f64 / 7.0).collect();
        let _ = journal(folder.path()).once("a", || numbers.clone());
        let mut next = Journal::resume(folder.path(), &Build::default(), &"a plan").unwrap();
        assert_eq!(next.once("a", || -> Vec<f64> { unreachable!("it is stored") }), numbers);
    }

    #[test]
    fn another_plan_is_refused_and_a_missing_journal_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let resume = |plan| Journal::resume(folder.path(), &Build::default(), &plan);
        let missing = resume("a plan").unwrap_err().to_string();
        assert!(missing.contains("without --resume"), "{missing}");
        drop(journal(folder.path()));
        let other = resume("another plan").unwrap_err().to_string();
        assert!(other.contains("field `plan`"), "{other}");
        assert!(resume("a plan").is_ok());
    }

    #[test]
    fn a_damaged_line_loses_only_its_own_result_and_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = journal(folder.path());
        for (key, value) in [("a", 1), ("b", 2), ("c", 3), ("d", 4)] {
            first.once(key, || value);
        }
        drop(first);
        let path = folder.path().join(FILE_NAME);
        let mut bytes = std::fs::read(&path).unwrap();
        let ends: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == b'\n').collect();
        // Zeros in the third line, as after a power failure, and a quote too many in the fourth.
        bytes[ends[1] + 5..ends[1] + 9].fill(0);
        bytes[ends[2] + 3] = b'"';
        std::fs::write(&path, bytes).unwrap();
        let mut next = Journal::resume(folder.path(), &Build::default(), &"a plan").unwrap();
        assert_eq!(next.damaged_lines(), [3, 4]);
        let again = || -> i32 { unreachable!("it is stored") };
        assert_eq!((next.once("a", again), next.once("d", again)), (1, 4));
        assert_eq!((next.once("b", || 20), next.once("c", || 30)), (20, 30));
        drop(next);
        let mut last = Journal::resume(folder.path(), &Build::default(), &"a plan").unwrap();
        assert_eq!((last.once("b", again), last.once("c", again)), (20, 30));
        assert_eq!(last.damaged_lines(), [0; 0], "they were removed");
    }

    #[test]
    fn a_damaged_first_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        journal(folder.path()).once("a", || 1);
        let path = folder.path().join(FILE_NAME);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replacen('{', "[", 1)).unwrap();
        let resumed = Journal::resume(folder.path(), &Build::default(), &"a plan");
        let error = resumed.unwrap_err().to_string();
        assert!(error.contains("first line is damaged"), "{error}");
    }

    #[test]
    fn a_stored_result_of_the_wrong_type_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        journal(folder.path()).once("a", || "a text".to_owned());
        let mut next = Journal::resume(folder.path(), &Build::default(), &"a plan").unwrap();
        assert_eq!((next.once("a", || 7), next.unusable()), (7, 1));
    }

    #[test]
    fn every_older_journal_gets_its_own_name() {
        let folder = tempfile::tempdir().unwrap();
        let aside = || Journal::begin(folder.path(), &Build::default(), &"a plan").unwrap().1;
        assert_eq!(aside(), None);
        for name in ["measure.older.journal", "measure.older.2.journal"] {
            assert_eq!(aside(), Some(folder.path().join(name)));
        }
    }

    #[test]
    fn a_journal_that_is_not_resumed_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        journal(folder.path()).once("a", || 1);
        let (_, aside) = Journal::begin(folder.path(), &Build::default(), &"a plan").unwrap();
        let text = std::fs::read_to_string(aside.unwrap()).unwrap();
        assert!(text.contains(r#""key":"a""#), "{text}");
    }
}
