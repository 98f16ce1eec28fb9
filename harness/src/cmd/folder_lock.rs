//! One writer for each folder of results.
//!
//! The lock is the system's, on a file in the folder: it ends with its process, however that ends. What
//! the file holds only says who has it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use shardproof::base::excerpt::excerpt;
use shardproof::base::text::duration;

use crate::cmd::message::say;

/// The name of the lock's file in the folder.
pub(crate) const FILE_NAME: &str = ".shardproof.lock";

/// The files of the locks that this process holds.
static HELD: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// The right to write into a folder, until it is dropped.
#[derive(Debug)]
pub(crate) struct FolderLock {
    /// The locked file; closing it unlocks.
    _file: File,
    /// Where it is.
    path: PathBuf,
}

/// Who holds a lock.
#[derive(Serialize, Deserialize)]
struct Holder {
    /// The process.
    pid: u32,
    /// What it does.
    verb: String,
    /// When it took the lock, in seconds since 1970.
    started_unix_s: u64,
}

impl FolderLock {
    /// Locks `folder`, which is created if need be, for `verb`.
    ///
    /// # Errors
    /// When another process writes into the folder, which the error names, or when the folder cannot be
    /// used.
    pub(crate) fn take(folder: &Path, verb: &str) -> anyhow::Result<Self> {
        let path = folder.join(FILE_NAME);
        let context = || {
            format!(
                "cannot lock {}: give another folder with --out, or make this one writable",
                folder.display()
            )
        };
        std::fs::create_dir_all(folder).with_context(context)?;
        loop {
            let mut file = open(&path).with_context(context)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => bail!(is_taken(folder, &mut file)),
                // Some network file systems have no locks.
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                    say(format_args!(
                        "warning: {} cannot be locked: let no other shardproof write there",
                        folder.display()
                    ));
                }
                Err(TryLockError::Error(error)) => return Err(error).with_context(context),
            }
            // Its last holder may have removed it after it was opened here.
            if is_at(&file, &path) {
                write_holder(&mut file, verb);
                held().push(path.clone());
                return Ok(Self { _file: file, path });
            }
        }
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Before it is unlocked: whoever waits for it sees that it is gone.
        remove(&self.path);
        held().retain(|path| *path != self.path);
    }
}

/// Removes the files of all locks of a process that is about to end.
pub(crate) fn release_all() {
    held().drain(..).for_each(|path| remove(&path));
}

fn held() -> MutexGuard<'static, Vec<PathBuf>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

fn remove(path: &Path) {
    // One that stays locks nobody out.
    let _ = std::fs::remove_file(path);
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

/// Whether a file is still the one at `path`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |it: io::Result<std::fs::Metadata>| it.ok().map(|it| (it.dev(), it.ino()));
    identity(file.metadata()) == identity(path.metadata())
}

/// Whether a file is still the one at `path`: a file that is open cannot be removed here.
#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
}

/// Says who holds the lock. It holds without that, as on a full disk.
fn write_holder(file: &mut File, verb: &str) {
    let started_unix_s = now().as_secs();
    let holder = Holder { pid: process::id(), verb: verb.to_owned(), started_unix_s };
    let _ = file.set_len(0);
    if let Ok(text) = serde_json::to_vec(&holder) {
        let _ = file.write_all(&text);
    }
}

fn is_taken(folder: &Path, file: &mut File) -> String {
    let mut text = Vec::new();
    let _ = file.take(4096).read_to_end(&mut text);
    let who = match serde_json::from_slice::<Holder>(&text) {
        Ok(Holder { pid, verb, started_unix_s }) => {
            let ago = now().saturating_sub(Duration::from_secs(started_unix_s));
            format!(
                "`shardproof {}` (pid {pid}, started {} ago)",
                excerpt(&verb),
                duration(Duration::from_secs(ago.as_secs()))
            )
        }
        Err(_) => "another shardproof".to_owned(),
    };
    format!(
        "{who} is writing into {}: wait until it ends, or give another folder with --out",
        folder.display()
    )
}

/// Since 1970.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_writer_and_the_next_one_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("new/out");
        let first = FolderLock::take(&out, "measure").unwrap();
        let error = FolderLock::take(&out, "verify").unwrap_err().to_string();
        let named = format!("`shardproof measure` (pid {}, started 0 s ago)", process::id());
        assert!(error.starts_with(&named) && error.contains("another folder"), "{error}");
        drop(first);
        drop(FolderLock::take(&out, "verify").unwrap());
        assert_eq!(std::fs::read_dir(&out).unwrap().count(), 0);
    }

    #[test]
    fn what_a_dead_process_has_left_locks_nobody_out() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), r#"{"pid":1,"verb":"measure"}"#).unwrap();
        assert!(FolderLock::take(folder.path(), "measure").is_ok());
    }
}
