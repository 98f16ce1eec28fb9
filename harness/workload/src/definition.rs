//! A workload: all that is settled about what is asked of a subject, but for who works where.

use shardproof_evidence as evidence;

use crate::distribution::KeyDistribution;
use crate::keys::{KEYS_PER_RUN, KeySet, MISSES_FROM};
use crate::kind::OperationKind;
use crate::mix::Mix;
use crate::roles::Roles;
use crate::shape::KeyShape;
use crate::sizes::ValueSizes;

/// What a workload is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The operations and their shares.
    pub mix: Mix,
    /// How keys are chosen.
    pub keys: KeyDistribution,
    /// What keys look like.
    pub key_shape: KeyShape,
    /// How long keys are, in bytes; none for as long as their shape makes them.
    pub key_bytes: Option<usize>,
    /// How long values are, in bytes.
    pub value_bytes: ValueSizes,
    /// Keys that each run is filled with.
    pub keys_per_run: usize,
    /// Runs of each thread that has its own.
    pub runs_per_thread: usize,
    /// What each thread does.
    pub roles: Roles,
    /// Writes of one `apply`.
    pub writes_per_apply: usize,
    /// Reads of one `snapshot`.
    pub reads_per_snapshot: usize,
    /// Entries that one `list` aims at: it lists a prefix whose number of entries is nearest.
    pub entries_per_list: usize,
}

impl Settings {
    /// This mix, and the default of everything else.
    #[must_use]
    pub const fn new(mix: Mix) -> Self {
        Self {
            mix,
            keys: KeyDistribution::Uniform,
            key_shape: KeyShape::Random,
            key_bytes: None,
            value_bytes: ValueSizes::standard(),
            keys_per_run: KEYS_PER_RUN,
            runs_per_thread: 1,
            roles: Roles::All,
            writes_per_apply: 10,
            reads_per_snapshot: 10,
            entries_per_list: 10,
        }
    }

    fn check(&self) -> Result<(), WorkloadError> {
        let within = |field, given: usize, (min, max): (usize, usize)| {
            if (min..=max).contains(&given) {
                Ok(())
            } else {
                Err(WorkloadError::OutOfRange { field, given, min, max })
            }
        };
        within("keys_per_run", self.keys_per_run, (1, KEYS_PER_RUN_MAX))?;
        within("runs_per_thread", self.runs_per_thread, (1, RUNS_PER_THREAD_MAX))?;
        within("writes_per_apply", self.writes_per_apply, (1, PARTS_MAX))?;
        within("reads_per_snapshot", self.reads_per_snapshot, (1, PARTS_MAX))?;
        within("entries_per_list", self.entries_per_list, (1, KEYS_PER_RUN_MAX))?;
        if let Some(given) = self.key_bytes {
            let (min, max) = self.key_shape.bytes_range();
            if !(min..=max).contains(&given) {
                return Err(WorkloadError::KeyBytes { shape: self.key_shape, given, min, max });
            }
        }
        if self.roles.has_one_writer() {
            let mix = self.mix;
            let [reads, writes] =
                [false, true].map(|writes| mix.parts().any(|(kind, _)| kind.is_write() == writes));
            if !(reads && writes) {
                return Err(WorkloadError::OneWriter { mix });
            }
        }
        Ok(())
    }
}

/// The most keys that a run is filled with.
pub const KEYS_PER_RUN_MAX: usize = 100_000_000;
const _: () = assert!(KEYS_PER_RUN_MAX < MISSES_FROM as usize);
/// The most runs of one thread.
pub const RUNS_PER_THREAD_MAX: usize = 10_000;
/// The most writes of one `apply`, and reads of one `snapshot`.
pub const PARTS_MAX: usize = 10_000;

/// A workload that can be run, under the name that cells call it by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Workload {
    /// What cells call it.
    name: String,
    /// What it is made of. They go together.
    settings: Settings,
}

impl Workload {
    /// This mix, under its own name, with the default of everything else.
    #[must_use]
    pub fn of(mix: Mix) -> Self {
        Self { name: mix.to_string(), settings: Settings::new(mix) }
    }

    /// A workload by a name that says what it is made of: its mix, and each field that is not as by
    /// default. It parses back into the same workload.
    ///
    /// # Errors
    /// When the settings do not go together.
    pub fn new(settings: Settings) -> Result<Self, WorkloadError> {
        let name = settings.label();
        Self::named(name, settings)
    }

    /// A workload by a name of its own.
    ///
    /// # Errors
    /// When the settings do not go together, and when the name is empty or has white space or a `/`
    /// in it, which cells are told apart by.
    pub fn named(name: impl Into<String>, settings: Settings) -> Result<Self, WorkloadError> {
        let name = name.into();
        if name.is_empty() || name.contains(|it: char| it.is_whitespace() || it == '/') {
            return Err(WorkloadError::Name { given: name });
        }
        settings.check()?;
        Ok(Self { name, settings })
    }

    /// What cells call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is made of.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The operations and their shares.
    #[must_use]
    pub const fn mix(&self) -> Mix {
        self.settings.mix
    }

    /// The keys that each run is filled with, and those beyond.
    #[must_use]
    pub fn key_set(&self) -> KeySet {
        let Settings { keys_per_run, key_shape, key_bytes, .. } = self.settings;
        KeySet::shaped(keys_per_run, key_shape, key_bytes)
    }

    /// Why a subject's answers cannot be checked under it; `None` where they can.
    #[must_use]
    pub fn exemption(&self) -> Option<&'static str> {
        self.settings.value_bytes.exemption()
    }

    /// As evidence tells it.
    #[must_use]
    pub fn describe(&self) -> evidence::Workload {
        let settings = &self.settings;
        let where_any = |kind, number| if settings.mix.has(kind) { number } else { 0 };
        // The largest number has the longest key.
        let last = u32::try_from(settings.keys_per_run - 1).expect("fewer than 2^31 keys");
        let key = settings.key_shape.key(last, settings.key_bytes);
        evidence::Workload {
            name: self.name.clone(),
            mix: settings.mix.to_string(),
            keys: settings.keys.to_string(),
            key_shape: settings.key_shape.to_string(),
            key_bytes: key.as_bytes().len(),
            value_bytes: settings.value_bytes.to_string(),
            keys_per_run: settings.keys_per_run,
            runs_per_thread: settings.runs_per_thread,
            roles: settings.roles.to_string(),
            writes_per_apply: where_any(OperationKind::Apply, settings.writes_per_apply),
            reads_per_snapshot: where_any(OperationKind::Snapshot, settings.reads_per_snapshot),
            entries_per_list: where_any(OperationKind::List, settings.entries_per_list),
        }
    }
}

/// What is wrong with a workload, and what would do.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WorkloadError {
    /// Its name cannot be told from what is around it.
    #[error("name: `{given}` cannot name a workload: give one without white space and `/`")]
    Name {
        /// What was given.
        given: String,
    },
    /// A text is not what its field takes.
    #[error("{field}: {reason}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong with it, and what would do.
        reason: String,
    },
    /// There is no such field.
    #[error("`{given}` is not a field of a workload: give one of {}", .valid.join(", "))]
    NoSuchField {
        /// What was given.
        given: String,
        /// The fields there are.
        valid: Vec<&'static str>,
    },
    /// It is no workload by name, nor a mix.
    #[error(
        "`{given}` is not a workload: give one of {}, or a mix, as in get50-put30-delete20: {mixes}",
        .valid.join(", ")
    )]
    Unknown {
        /// What was given.
        given: String,
        /// The names there are.
        valid: Vec<&'static str>,
        /// What mixes would do.
        mixes: String,
    },
    /// A number is too small or too large.
    #[error("{field}: {given} is out of range: give {min} to {max}")]
    OutOfRange {
        /// The field.
        field: &'static str,
        /// What was given.
        given: usize,
        /// The least.
        min: usize,
        /// The most.
        max: usize,
    },
    /// The shape of the keys has no keys of that length.
    #[error("key_bytes: no {shape} key has {given} bytes: give {min} to {max}, or leave it out")]
    KeyBytes {
        /// The shape.
        shape: KeyShape,
        /// What was given.
        given: usize,
        /// The shortest there are.
        min: usize,
        /// The longest there are.
        max: usize,
    },
    /// One writer and its readers share out a mix that has nothing for one of them.
    #[error(
        "roles: {mix} cannot be shared out to a writer and readers: give a mix with both, as in get50-put50"
    )]
    OneWriter {
        /// The mix.
        mix: Mix,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_alone_is_what_it_always_was() {
        let described = Workload::of(Mix::with_puts(10)).describe();
        assert_eq!((&*described.name, &*described.mix), ("get90-put10", "get90-put10"));
        assert_eq!((&*described.keys, &*described.key_shape), ("uniform", "random"));
        assert_eq!((described.key_bytes, &*described.value_bytes), (12, "40"));
        assert_eq!((described.keys_per_run, described.runs_per_thread), (10_000, 1));
        assert_eq!((described.writes_per_apply, described.entries_per_list), (0, 0));
    }

    #[test]
    fn settings_that_do_not_go_together_are_refused_with_the_field_and_the_fix() {
        let plain = Settings::new(Mix::with_puts(0));
        let cases = [
            (Settings { keys_per_run: 0, ..plain.clone() }, "keys_per_run: 0", "give 1 to"),
            (Settings { runs_per_thread: 0, ..plain.clone() }, "runs_per_thread", "give 1 to"),
            (Settings { key_bytes: Some(11), ..plain.clone() }, "key_bytes", "12 to 1024"),
            (Settings { roles: Roles::OneWriter, ..plain.clone() }, "roles: get100", "get50-put50"),
            (Settings { writes_per_apply: 99_999, ..plain }, "writes_per_apply", "1 to 10000"),
        ];
        for (settings, field, fix) in cases {
            let error = Workload::new(settings).unwrap_err().to_string();
            assert!(error.starts_with(field) && error.contains(fix), "{error}");
        }
        let error = Workload::named("a b", Settings::new(Mix::with_puts(0))).unwrap_err();
        assert!(error.to_string().contains("`a b`"), "{error}");
    }
}
