//! What the system tells in files, read below a root that tests put elsewhere.

use std::fs;
use std::path::{Path, PathBuf};

/// The files of the system below one folder.
#[derive(Clone, Debug)]
pub struct Files {
    /// Where `/` is.
    root: PathBuf,
}

impl Files {
    /// Those of this machine.
    #[must_use]
    pub fn system() -> Self {
        Self::below(Path::new("/"))
    }

    /// Those of a system whose root is this folder.
    #[must_use]
    pub fn below(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// A whole file; `None` where it cannot be read.
    #[must_use]
    pub fn text(&self, path: impl AsRef<Path>) -> Option<String> {
        fs::read_to_string(self.at(path.as_ref())).ok()
    }

    /// A file of one line, without spaces around it; `None` where it cannot be read or is empty.
    #[must_use]
    pub fn one_line(&self, path: impl AsRef<Path>) -> Option<String> {
        let line = self.text(path)?.trim().to_owned();
        (!line.is_empty()).then_some(line)
    }

    /// Whether there is such a file.
    #[must_use]
    pub fn exists(&self, path: impl AsRef<Path>) -> bool {
        self.at(path.as_ref()).exists()
    }

    fn at(&self, path: &Path) -> PathBuf {
        // Joining an absolute path would leave the root.
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }
}

#[cfg(test)]
pub(crate) mod made_up {
    //! Systems that tests make up.

    use super::{Files, Path, fs};

    /// A folder that looks like a system.
    pub(crate) struct MadeUp {
        folder: tempfile::TempDir,
    }

    impl MadeUp {
        pub(crate) fn new(files: &[(&str, &str)]) -> Self {
            let made_up = Self { folder: tempfile::tempdir().unwrap() };
            for (path, text) in files {
                made_up.write(path, text);
            }
            made_up
        }

        pub(crate) fn write(&self, path: &str, text: &str) {
            let path = self.folder.path().join(Path::new(path).strip_prefix("/").unwrap());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        pub(crate) fn files(&self) -> Files {
            Files::below(self.folder.path())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::made_up::MadeUp;

    #[test]
    fn an_absolute_path_stays_below_the_root() {
        let system = MadeUp::new(&[("/proc/one", " 7 \n"), ("/proc/empty", "\n")]);
        let files = system.files();
        assert_eq!(files.one_line("/proc/one").as_deref(), Some("7"));
        assert_eq!(files.one_line("/proc/empty"), None);
        assert_eq!(files.text("/proc/cpuinfo"), None, "not the file of this machine");
        assert!(files.exists("/proc/one") && !files.exists("/proc/self"));
    }
}
