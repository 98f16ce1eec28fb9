//! What has been measured so far, line by line on disk, so that a measurement that was killed can go on.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use shardproof_evidence::Build;

/// The name of the file in the folder of a measurement.
pub const FILE_NAME: &str = "measure.journal";
/// The name of one that was there and was not gone on with.
pub const OLDER_FILE_NAME: &str = "measure.older.journal";
/// The format that this version writes and reads.
const SCHEMA: &str = "shardproof.journal/1";

/// Keeps what is measured, piece by piece.
#[derive(Debug)]
pub struct Journal {
    /// Where lines go; none where nothing is kept.
    file: Option<File>,
    /// What is there already, by key.
    done: HashMap<String, Json>,
    /// How long it took to get that.
    before: Duration,
    /// When this process began.
    start: Instant,
    /// The first line that could not be written.
    failure: Option<io::Error>,
}

/// What the lines below are about. A measurement of another kind cannot go on with them.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Head {
    /// [`SCHEMA`].
    schema: String,
    /// What measured.
    build: Build,
    /// What was asked for.
    plan: Json,
}

/// One piece.
#[derive(Serialize, Deserialize)]
struct Line {
    /// Which.
    key: String,
    /// When it was done, from the beginning.
    at_s: f64,
    /// What came of it.
    value: Json,
}

/// Why a measurement cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// There is nothing to go on with.
    #[error("there is no unfinished measurement in {}: start one without --resume", path.display())]
    Missing {
        /// The file that is not there.
        path: PathBuf,
    },
    /// The process was killed before it had written what it was about.
    #[error("{}: its first line is not whole, so that nothing was measured yet: start again without \
             --resume", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// It is of another version, build or plan.
    #[error("{}: field `{field}`: the unfinished measurement is of another {field} than this one: \
             start again without --resume", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What differs.
        field: &'static str,
    },
    /// It could not be read or written.
    #[error("cannot use {}: give another folder with --out, or make this one writable", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl Journal {
    /// One that keeps nothing.
    #[must_use]
    pub fn none() -> Self {
        Self {
            file: None,
            done: HashMap::new(),
            before: Duration::ZERO,
            start: Instant::now(),
            failure: None,
        }
    }

    /// Begins one in `folder`. An older one that is there is set aside as [`OLDER_FILE_NAME`]: its path is
    /// returned too.
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
        let older = folder.join(OLDER_FILE_NAME);
        let set_aside = path.exists().then_some(older);
        if let Some(older) = &set_aside {
            std::fs::rename(&path, older).map_err(failed)?;
        }
        let mut file = File::create(&path).map_err(failed)?;
        write_line(&mut file, &head(build, plan)).map_err(failed)?;
        Ok((Self { file: Some(file), ..Self::none() }, set_aside))
    }

    /// Goes on with the one in `folder`.
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
        // A line that was being written when the process was killed is no line, even if only its end is missing.
        let mut whole = bytes.split_inclusive(|byte| *byte == b'\n');
        let Some(first) = whole.next().filter(|line| line.ends_with(b"\n")) else {
            return Err(JournalError::Empty { path });
        };
        if let Some(field) = difference(first, &head(build, plan)) {
            return Err(JournalError::Other { path, field });
        }
        let (mut lines, mut length) = (Vec::<Line>::new(), first.len());
        for line in whole.take_while(|line| line.ends_with(b"\n")) {
            let Ok(parsed) = serde_json::from_slice(line) else { break };
            lines.push(parsed);
            length += line.len();
        }
        let file = OpenOptions::new().append(true).open(&path).map_err(failed)?;
        file.set_len(length as u64).map_err(failed)?;
        let before_s = lines.last().map_or(0.0, |line| line.at_s);
        let done = lines.into_iter().map(|Line { key, value, .. }| (key, value)).collect();
        let before = Duration::try_from_secs_f64(before_s).unwrap_or_default();
        Ok(Self { file: Some(file), done, before, ..Self::none() })
    }

    /// How long it has been measured for, earlier processes included.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.before + self.start.elapsed()
    }

    /// How many pieces an earlier process has left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.done.len()
    }

    /// Whether no earlier process has left anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.done.is_empty()
    }

    /// What `work` results in: as it was written down, or done now and written down.
    pub fn once<T: Serialize + DeserializeOwned>(
        &mut self,
        key: &str,
        work: impl FnOnce() -> T,
    ) -> T {
        let known = self.done.remove(key);
        if let Some(value) = known.and_then(|value| serde_json::from_value(value).ok()) {
            return value;
        }
        let value = work();
        self.keep(key, &value);
        value
    }

    /// Why it could not be kept; none if all of it was.
    pub fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Removes the file in `folder`: everything in it has come to a better place.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn finish(self, folder: &Path) -> Result<(), JournalError> {
        let path = folder.join(FILE_NAME);
        if self.file.is_none() {
            return Ok(());
        }
        std::fs::remove_file(&path).map_err(|source| JournalError::Io { path, source })
    }

    fn keep(&mut self, key: &str, value: &impl Serialize) {
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

fn head(build: &Build, plan: &impl Serialize) -> Head {
    let plan = serde_json::to_value(plan).unwrap_or_default();
    Head { schema: SCHEMA.to_owned(), build: build.clone(), plan }
}

/// In one write, so that a killed process leaves at most one torn line.
fn write_line(file: &mut File, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    file.write_all(&line)
}

/// What the first line of a journal says otherwise; none if it is as it should be.
fn difference(first: &[u8], expected: &Head) -> Option<&'static str> {
    let Ok(found) = serde_json::from_slice::<Head>(first) else { return Some("schema") };
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
    fn what_was_done_before_a_kill_is_not_done_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = journal(folder.path());
        assert_eq!(first.once("a", || 1.5), 1.5);
        assert_eq!(first.once("b", || 2.5), 2.5);
        drop(first);
        // The process was killed in the middle of a line.
        let path = folder.path().join(FILE_NAME);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(br#"{"key": "c", "at_s": 3.0, "val"#).unwrap();

        let again = || -> f64 { unreachable!("it was done") };
        for (expected, fresh) in [(3, 9.5), (4, 10.5)] {
            let mut next = Journal::resume(folder.path(), &Build::default(), &"a plan").unwrap();
            assert_eq!(next.len(), expected - 1);
            assert_eq!(next.once("b", again), 2.5);
            assert_eq!(next.once("a", again), 1.5);
            let key = format!("later {expected}");
            assert_eq!(next.once(&key, || fresh), fresh);
        }
    }

    /// Adds bytes to the journal, as a process does that is killed while it writes.
    fn tear(folder: &Path, bytes: &[u8]) {
        let mut file = OpenOptions::new().append(true).open(folder.join(FILE_NAME)).unwrap();
        file.write_all(bytes).unwrap();
    }

    #[test]
    fn a_line_torn_anywhere_costs_only_itself() {
        let line = "{\"key\":\"b\",\"at_s\":3.0,\"value\":\"\u{fc}ber\"}".as_bytes();
        for length in 1..=line.len() {
            let folder = tempfile::tempdir().unwrap();
            assert_eq!(journal(folder.path()).once("a", || 1.5), 1.5);
            tear(folder.path(), &line[..length]);
            for _ in 0..2 {
                let resumed = Journal::resume(folder.path(), &Build::default(), &"a plan");
                let mut next = resumed.unwrap();
                assert_eq!(next.once("a", || -> f64 { unreachable!("it was done") }), 1.5);
                assert_eq!(next.once("b", || "again".to_owned()), "again");
            }
            let text = std::fs::read_to_string(folder.path().join(FILE_NAME)).unwrap();
            assert_eq!(text.lines().count(), 3, "{text}");
        }
    }

    #[test]
    fn a_journal_without_a_whole_first_line_is_no_measurement() {
        let folder = tempfile::tempdir().unwrap();
        drop(journal(folder.path()));
        let path = folder.path().join(FILE_NAME);
        let head = std::fs::read(&path).unwrap();
        for length in [0, 10, head.len() - 1] {
            std::fs::write(&path, &head[..length]).unwrap();
            let resumed = Journal::resume(folder.path(), &Build::default(), &"a plan");
            let error = resumed.unwrap_err().to_string();
            assert!(error.contains("first line") && error.contains("--resume"), "{error}");
        }
        std::fs::write(&path, &head).unwrap();
        let whole = Journal::resume(folder.path(), &Build::default(), &"a plan").unwrap();
        assert!(whole.is_empty());
    }

    #[test]
    fn what_json_cannot_hold_is_measured_again() {
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
        // With a parser that may be off by one bit, some of so many are.
        let numbers: Vec<f64> =
            (1..2_000u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) as f64 / 7.0).collect();
        let _ = journal(folder.path()).once("a", || numbers.clone());
        let mut next = Journal::resume(folder.path(), &Build::default(), &"a plan").unwrap();
        assert_eq!(next.once("a", || -> Vec<f64> { unreachable!("it was done") }), numbers);
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
    fn a_journal_that_is_not_gone_on_with_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        journal(folder.path()).once("a", || 1);
        let (_, aside) = Journal::begin(folder.path(), &Build::default(), &"a plan").unwrap();
        let text = std::fs::read_to_string(aside.unwrap()).unwrap();
        assert!(text.contains(r#""key":"a""#), "{text}");
    }
}
