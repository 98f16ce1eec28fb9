//! The registry of subjects: what every name stands for, in measuring and in verifying.
//!
//! The timed loops and the interpreters are compiled for each subject where it is registered: for
//! the built-in ones in this package, for a user's own store in the user's.

#![deny(clippy::print_stderr, clippy::print_stdout)]

mod built_in;
#[cfg(feature = "faults")]
pub mod faulty;
#[cfg(feature = "peers")]
mod peers;
mod unknown;
mod variants;

pub use unknown::UnknownSubject;

use sharded_store::Storage;
use shardproof_measure::MeasureSubject;
use shardproof_subject::Description;
use shardproof_verify::execute::VerifySubject;

/// The subjects of a program: the built-in ones, and the user's own.
///
/// ```
/// # use sharded_store::Storage;
/// use shardproof_registry::Subjects;
///
/// # fn example<MyStore: Storage<Snapshot: 'static> + 'static>(new: fn() -> MyStore) {
/// let subjects = Subjects::new().with("mine", new);
/// assert_eq!(subjects.own(), ["mine"]);
/// assert!(subjects.measured().iter().any(|subject| subject.as_str() == "sharded"));
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Subjects {
    /// In the order of help texts.
    entries: Vec<Entry>,
    /// How many of them, from the first, are built in.
    built_in: usize,
}

/// One name.
#[derive(Clone, Debug)]
struct Entry {
    /// The name, and what evidence says of the subject.
    description: Description,
    /// The subject to measure, unless it is verified only.
    measured: Option<MeasureSubject>,
    /// The subject to verify, unless it is measured only.
    verified: Option<VerifySubject>,
}

/// What `shardproof verify` verifies if no own store is registered.
const VERIFIED: [&str; 3] = ["sharded", "unified", "migrated"];

impl Subjects {
    /// The built-in subjects: our stores, the controls, and the peers of this build.
    #[must_use]
    pub fn new() -> Self {
        let entries = built_in::entries().into_iter();
        #[cfg(feature = "peers")]
        let entries = entries.chain(peers::entries());
        let entries: Vec<Entry> = entries.collect();
        Self { built_in: entries.len(), entries }
    }

    /// And a store of the caller's, to measure and to verify on real threads; `create` makes a
    /// fresh one that shares nothing with earlier ones. A plain name is a description.
    ///
    /// # Panics
    /// If the name is taken, or has other characters than letters, digits, `-`, `_` and `.`: it
    /// becomes part of the names of cells and files.
    #[must_use]
    pub fn with<S>(
        self,
        description: impl Into<Description>,
        create: impl Fn() -> S + Clone + Send + Sync + 'static,
    ) -> Self
    where
        S: Storage + 'static,
        S::Snapshot: 'static,
    {
        self.with_variants(description, create, |subject| subject)
    }

    /// As [`with`](Self::with); `variants` adds the same store made of other atomics and locks, to
    /// verify it under loom and shuttle.
    ///
    /// # Panics
    /// As [`with`](Self::with).
    #[must_use]
    pub fn with_variants<S>(
        mut self,
        description: impl Into<Description>,
        create: impl Fn() -> S + Clone + Send + Sync + 'static,
        variants: impl FnOnce(VerifySubject) -> VerifySubject,
    ) -> Self
    where
        S: Storage + 'static,
        S::Snapshot: 'static,
    {
        let description = description.into();
        let name = description.name.as_ref();
        let is_valid = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        assert!(
            !name.is_empty() && name.chars().all(is_valid),
            "`{name}` cannot name a subject: use letters, digits, `-`, `_` and `.`"
        );
        assert!(
            self.entries.iter().all(|entry| entry.description.name != name),
            "there is already a subject `{name}`: give yours another name"
        );
        self.entries.push(Entry::store(description, create, variants));
        self
    }

    /// The subjects that can be measured.
    #[must_use]
    pub fn measured(&self) -> Vec<MeasureSubject> {
        self.entries.iter().filter_map(|entry| entry.measured).collect()
    }

    /// The subjects that can be verified.
    pub fn verified(&self) -> impl Iterator<Item = &VerifySubject> {
        self.entries.iter().filter_map(|entry| entry.verified.as_ref())
    }

    /// The names of the caller's own stores.
    #[must_use]
    pub fn own(&self) -> Vec<&str> {
        let own = self.entries[self.built_in..].iter();
        own.map(|entry| entry.description.name.as_ref()).collect()
    }

    /// The names of what is verified by default: the caller's own stores, or else ours.
    #[must_use]
    pub fn verified_by_default(&self) -> Vec<&str> {
        match self.own() {
            own if own.is_empty() => VERIFIED.to_vec(),
            own => own,
        }
    }

    /// Each name that can be measured, with its one-line description.
    pub fn about_measured(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().filter(|entry| entry.measured.is_some()).map(Entry::about)
    }

    /// Each name that can be verified, with its one-line description.
    pub fn about_verified(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().filter(|entry| entry.verified.is_some()).map(Entry::about)
    }

    /// The subject to measure with this name.
    ///
    /// # Errors
    /// If there is none; the error lists the valid names.
    pub fn measure(&self, name: &str) -> Result<MeasureSubject, UnknownSubject> {
        let found = self.entries.iter().filter(|entry| entry.description.name == name);
        let found = found.filter_map(|entry| entry.measured).next();
        found.ok_or_else(|| {
            let valid = self.about_measured().map(|(name, _)| name.to_owned()).collect();
            UnknownSubject::new("subject", name, valid)
        })
    }

    /// The subject to verify with this name.
    ///
    /// # Errors
    /// If there is none; the error lists the valid names.
    pub fn verify(&self, name: &str) -> Result<&VerifySubject, UnknownSubject> {
        self.verified().find(|subject| subject.name() == name).ok_or_else(|| {
            let valid = self.about_verified().map(|(name, _)| name.to_owned()).collect();
            UnknownSubject::new("subject to verify", name, valid)
        })
    }
}

impl Default for Subjects {
    fn default() -> Self {
        Self::new()
    }
}

impl Entry {
    /// A store that is measured and verified.
    fn store<S>(
        description: Description,
        create: impl Fn() -> S + Clone + Send + Sync + 'static,
        variants: impl FnOnce(VerifySubject) -> VerifySubject,
    ) -> Self
    where
        S: Storage + 'static,
        S::Snapshot: 'static,
    {
        let verified = VerifySubject::new(description.name.clone(), create.clone());
        Self {
            measured: Some(MeasureSubject::store(description.clone(), create)),
            verified: Some(variants(verified)),
            description,
        }
    }

    /// A subject that is measured only.
    fn measured(subject: MeasureSubject) -> Self {
        let description = subject.description().clone();
        Self { description, measured: Some(subject), verified: None }
    }

    /// A store that is verified only.
    fn verified(description: Description, subject: VerifySubject) -> Self {
        Self { description, measured: None, verified: Some(subject) }
    }

    fn about(&self) -> (&str, &str) {
        (&self.description.name, &self.description.about)
    }
}
