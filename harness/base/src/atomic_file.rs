//! Files that are the old one or the new one, whole, whatever happens meanwhile.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Writes a file in one step: beside its place, then renamed to it. Its folder is created if need
/// be.
pub fn write(
    path: &Path,
    contents: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
) -> io::Result<()> {
    let mut file = create_beside(folder(path))?;
    let mut writer = BufWriter::new(file.as_file_mut());
    contents(&mut writer)?;
    writer.flush()?;
    drop(writer);
    // A rename that survives a crash must not do so before what it names.
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Writes a text in one step.
///
/// # Errors
/// When the file cannot be written; an older one is then as it was.
pub fn save(path: &Path, text: &str) -> io::Result<()> {
    write(path, |writer| writer.write_all(text.as_bytes()))
}

/// A temporary file in `folder`, where a rename to its final name stays within one file system.
pub fn create_beside(folder: &Path) -> io::Result<NamedTempFile> {
    std::fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".shardproof-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // What is found is for everybody; the process's mask still applies.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
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
    fn a_file_that_cannot_be_finished_leaves_the_old_one_and_nothing_else() {
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
    fn a_bare_name_is_in_the_current_folder() {
        assert_eq!(folder(Path::new("file")), Path::new("."));
        assert_eq!(folder(Path::new("a/file")), Path::new("a"));
    }
}
