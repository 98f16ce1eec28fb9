//! What evidence and plans say of a subject, besides what its type says.

use std::borrow::Cow;

/// The name of a subject, and what a reader of its results has to know.
///
/// ```
/// use shardproof_subject::Description;
///
/// let mine = Description::new("mine")
///     .about("a B-tree behind one lock")
///     .settings("my-store 0.3.1, default settings");
/// assert_eq!(mine.name, "mine");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Description {
    /// Its name on the command line and in evidence.
    pub name: Cow<'static, str>,
    /// A one-line description.
    pub about: Cow<'static, str>,
    /// Its configuration: what a reader needs to reproduce a measurement, or to object to it.
    pub settings: Cow<'static, str>,
    /// What it is measured for.
    pub role: Role,
    /// Whether its memory is measured; `false` if another subject already stands for it.
    pub has_own_memory: bool,
    /// Whether a snapshot of it is known to show later writes, by its design: a control that shows
    /// what the checks find.
    pub has_live_snapshots: bool,
    /// Whether a snapshot of it copies every entry.
    pub copies_for_snapshots: bool,
    /// The maximum number of keys to measure its snapshots at, with the reason; `None` if there is
    /// no reason for fewer than the profile asks for.
    pub snapshot_keys_max: Option<(usize, Cow<'static, str>)>,
}

/// What a subject is measured for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// It is what is studied, or what it is compared with.
    Store,
    /// It bounds the others: it is part of every block of cells.
    Control,
    /// A public store or map, measured and verified only on request.
    Peer,
}

impl Description {
    /// A store with this name, and nothing else known of it.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            about: Cow::Borrowed(""),
            settings: Cow::Borrowed(""),
            role: Role::Store,
            has_own_memory: true,
            has_live_snapshots: false,
            copies_for_snapshots: false,
            snapshot_keys_max: None,
        }
    }

    /// With a one-line description.
    #[must_use]
    pub fn about(self, about: impl Into<Cow<'static, str>>) -> Self {
        Self { about: about.into(), ..self }
    }

    /// With its configuration: versions of libraries, and every setting that is not the default.
    #[must_use]
    pub fn settings(self, settings: impl Into<Cow<'static, str>>) -> Self {
        Self { settings: settings.into(), ..self }
    }

    /// As a control or a peer.
    #[must_use]
    pub fn role(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// Without a measurement of its memory, because another subject already stands for it.
    #[must_use]
    pub fn without_own_memory(self) -> Self {
        Self { has_own_memory: false, ..self }
    }

    /// With snapshots that are known to show later writes: wrong answers through a held snapshot
    /// then fail a measurement only if the subject is named on the command line.
    #[must_use]
    pub fn with_live_snapshots(self) -> Self {
        Self { has_live_snapshots: true, ..self }
    }

    /// With snapshots that copy every entry, which a plan counts as memory.
    #[must_use]
    pub fn copying_for_snapshots(self) -> Self {
        Self { copies_for_snapshots: true, ..self }
    }

    /// With at most this many keys where its snapshots are measured, for a reason that evidence
    /// states.
    #[must_use]
    pub fn snapshot_keys_max(self, keys: usize, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { snapshot_keys_max: Some((keys, reason.into())), ..self }
    }
}

impl From<&'static str> for Description {
    fn from(name: &'static str) -> Self {
        Self::new(name)
    }
}

impl From<String> for Description {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}
