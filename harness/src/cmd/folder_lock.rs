//! A lock that allows one writer per output folder.
//!
//! It is a system lock on a file in the folder, so it ends with its process in any case. The
//! content of the file only identifies the holder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::base::excerpt::excerpt;
use crate::base::text::duration;
use crate::cmd::message::say;

/// Name of the lock file in the folder.
pub(crate) const FILE_NAME: &str = ".shardproof.lock";

/// The lock files of the locks that this process holds.
static HELD: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Exclusive permission to write to a folder, until dropped.
#[derive(Debug)]
pub(crate) struct FolderLock {
    /// The lock file; closing it unlocks.
    _file: File,
    /// Its path.
    path: PathBuf,
}

/// The holder of a lock.
#[derive(Serialize, Deserialize)]
struct Holder {
    /// The process id.
    pid: u32,
    /// The verb it runs.
    verb: String,
    /// When it took the lock, in seconds since 1970.
    started_unix_s: u64,
}

impl FolderLock {
    /// Locks `folder`, which is created if needed, for `verb`.
    ///
    /// # Errors
    /// If another process holds the lock, which the error names, or if the folder cannot be used.
    pub(crate) fn take(folder: &Path, verb: &str) -> anyhow::Result<Self> {
        let path = folder.join(FILE_NAME);
        let context = || {
            format!(
                "cannot lock {}: choose another folder with --out, or make this one writable",
                folder.display()
            )
        };
        std::fs::create_dir_all(folder).with_context(context)?;
        loop {
            let mut file = open(&path).with_context(context)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => bail!(locked_message(folder, &mut file)),
                // Some network file systems do not support locks.
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                    say(format_args!(
                        "warning: {} cannot be locked: do not let another shardproof write there",
                        folder.display()
                    ));
                }
                Err(TryLockError::Error(error)) => return Err(error).with_context(context),
            }
            // The previous holder may have removed the file after it was opened here.
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
        // Before it is unlocked, so that a waiting process sees that it is gone.
        remove(&self.path);
        held().retain(|path| *path != self.path);
    }
}

/// Removes all lock files before the process exits.
pub(crate) fn release_all() {
    held().drain(..).for_each(|path| remove(&path));
}

fn held() -> MutexGuard<'static, Vec<PathBuf>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

fn remove(path: &Path) {
    // A leftover file locks nobody out.
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

/// Whether a file is still the one at `path`: on this system an open file cannot be removed.
#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
}

/// Records the holder. The lock works without that, for example on a full disk.
fn write_holder(file: &mut File, verb: &str) {
    let started_unix_s = now().as_secs();
    let holder = Holder { pid: process::id(), verb: verb.to_owned(), started_unix_s };
    let _ = file.set_len(0);
    if let Ok(text) = serde_json::to_vec(&holder) {
        let _ = file.write_all(&text);
    }
}

fn locked_message(folder: &Path, file: &mut File) -> String {
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
        "{who} is writing to {}: wait until it ends, or choose another folder with --out",
        folder.display()
    )
}

/// Time since 1970.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_writer_at_a_time() {
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
    fn a_lock_file_of_a_dead_process_locks_nobody_out() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), r#"{"pid":1,"verb":"measure"}"#).unwrap();
        assert!(FolderLock::take(folder.path(), "measure").is_ok());
    }
}
