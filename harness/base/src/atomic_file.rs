//! Atomic file writes: a reader sees the old file or the new one, never a part of one.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::NamedTempFile;

/// Waits until no other thread writes a file, and prevents new writes while the guard is held. A
/// process that exits while holding it leaves no incomplete line and no temporary file.
pub fn hold_writes() -> MutexGuard<'static, ()> {
    static WRITING: Mutex<()> = Mutex::new(());
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes a temporary file in the same folder and renames it to `path`. The folder is created if
/// needed. `contents` must not write another file.
///
/// # Errors
/// When the file cannot be written; an older one is then unchanged.
pub fn write(
    path: &Path,
    contents: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
) -> io::Result<()> {
    let _no_exit = hold_writes();
    let mut file = create_beside(folder(path))?;
    let mut writer = BufWriter::new(file.as_file_mut());
    contents(&mut writer)?;
    writer.flush()?;
    drop(writer);
    // The contents must reach the disk before the rename does.
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Writes a text atomically.
///
/// # Errors
/// As [`write()`].
pub fn save(path: &Path, text: &str) -> io::Result<()> {
    write(path, |writer| writer.write_all(text.as_bytes()))
}

/// The first unused path among `stem.extension`, `stem.2.extension`, `stem.3.extension` and so on
/// in `folder`, for a file that must not replace another.
#[must_use]
pub fn free_name(folder: &Path, stem: &str, extension: &str) -> PathBuf {
    let numbered = (2u64..).map(|number| format!("{stem}.{number}.{extension}"));
    std::iter::once(format!("{stem}.{extension}"))
        .chain(numbered)
        .map(|name| folder.join(name))
        .find(|path| path.symlink_metadata().is_err())
        .expect("a folder holds fewer than 2^64 files")
}

/// Creates a temporary file in `folder`, so that renaming it to its final name stays within one
/// file system. The folder is created if needed.
///
/// # Errors
/// When the folder or the file cannot be created.
pub fn create_beside(folder: &Path) -> io::Result<NamedTempFile> {
    std::fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".shardproof-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Results are readable by everybody, as far as the process's umask allows.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder).map_err(|error| match error.kind() {
        // Without the random name of the temporary file, which means nothing to a user.
        kind @ (ErrorKind::NotFound
        | ErrorKind::NotADirectory
        | ErrorKind::PermissionDenied
        | ErrorKind::QuotaExceeded
        | ErrorKind::ReadOnlyFilesystem
        | ErrorKind::StorageFull) => kind.into(),
        _ => error,
    })
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/file");
        write(&path, |writer| writer.write_all(b"old")).unwrap();
        let failed = write(&path, |writer| {
            writer.write_all(b"new")?;
            Err(io::Error::other("in the middle"))
        });
        assert!(failed.is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        write(&path, |writer| writer.write_all(b"new")).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn a_free_name_is_not_in_use() {
        let folder = tempfile::tempdir().unwrap();
        for expected in ["a.older.json", "a.older.2.json", "a.older.3.json"] {
            let path = free_name(folder.path(), "a.older", "json");
            assert_eq!(path, folder.path().join(expected));
            std::fs::write(path, "").unwrap();
        }
    }

    #[test]
    fn a_bare_name_is_in_the_current_folder() {
        assert_eq!(folder(Path::new("file")), Path::new("."));
        assert_eq!(folder(Path::new("a/file")), Path::new("a"));
    }
}
