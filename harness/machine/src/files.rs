//! System files such as `/proc`, below a root that tests can replace.

use std::fs;
use std::path::{Path, PathBuf};

/// The files of a system.
#[derive(Clone, Debug)]
pub struct Files {
    /// The root folder.
    root: PathBuf,
}

impl Files {
    /// The files of this machine.
    #[must_use]
    pub fn system() -> Self {
        Self::below(Path::new("/"))
    }

    /// The files of a system with this root.
    #[must_use]
    pub fn below(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Reads a whole file; `None` if it cannot be read.
    #[must_use]
    pub fn text(&self, path: impl AsRef<Path>) -> Option<String> {
        fs::read_to_string(self.at(path.as_ref())).ok()
    }

    /// Reads a file of one line, trimmed; `None` if it cannot be read or is empty.
    #[must_use]
    pub fn one_line(&self, path: impl AsRef<Path>) -> Option<String> {
        let line = self.text(path)?.trim().to_owned();
        (!line.is_empty()).then_some(line)
    }

    /// Whether the file exists.
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
pub(crate) mod fake {
    //! Fake systems for tests.

    use super::{Files, Path, fs};

    /// A temporary folder with system files.
    pub(crate) struct FakeSystem {
        folder: tempfile::TempDir,
    }

    impl FakeSystem {
        pub(crate) fn new(files: &[(&str, &str)]) -> Self {
            let system = Self { folder: tempfile::tempdir().unwrap() };
            for (path, text) in files {
                system.write(path, text);
            }
            system
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
    use super::fake::FakeSystem;

    #[test]
    fn absolute_paths_stay_below_the_root() {
        let system = FakeSystem::new(&[("/proc/one", " 7 \n"), ("/proc/empty", "\n")]);
        let files = system.files();
        assert_eq!(files.one_line("/proc/one").as_deref(), Some("7"));
        assert_eq!(files.one_line("/proc/empty"), None);
        assert_eq!(files.text("/proc/cpuinfo"), None, "not this machine's file");
        assert!(files.exists("/proc/one") && !files.exists("/proc/self"));
    }
}
