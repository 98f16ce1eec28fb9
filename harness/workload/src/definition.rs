//! Workload definitions: everything about the load except which thread works in which run.

use shardproof_base::excerpt::excerpt;
use shardproof_evidence as evidence;

use crate::distribution::KeyDistribution;
use crate::keys::{KEYS_PER_RUN, KeySet, MISSES_FROM};
use crate::kind::OperationKind;
use crate::mix::Mix;
use crate::roles::Roles;
use crate::shape::KeyShape;
use crate::sizes::ValueSizes;

/// The settings of a workload.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The operations and their shares.
    pub mix: Mix,
    /// The key distribution.
    pub keys: KeyDistribution,
    /// The shape of the keys.
    pub key_shape: KeyShape,
    /// Length of keys in bytes; `None` for the natural length of their shape.
    pub key_bytes: Option<usize>,
    /// Lengths of values, in bytes.
    pub value_bytes: ValueSizes,
    /// Number of keys each run is filled with.
    pub keys_per_run: usize,
    /// Runs per thread, where threads have their own runs.
    pub runs_per_thread: usize,
    /// The role of each thread.
    pub roles: Roles,
    /// Number of writes in one `apply`.
    pub writes_per_apply: usize,
    /// Number of reads in one `snapshot`.
    pub reads_per_snapshot: usize,
    /// Target number of entries of one `list`, which lists the prefix with the nearest number.
    pub entries_per_list: usize,
}

impl Settings {
    /// Default settings for this mix.
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

    /// Fields within their limits may have a product that no machine holds.
    fn check_product(&self) -> Result<(), WorkloadError> {
        let Self { keys_per_run, runs_per_thread, ref value_bytes, .. } = *self;
        let keys = keys_per_run * runs_per_thread;
        let bytes = keys as f64 * value_bytes.mean();
        if keys > KEYS_PER_THREAD_MAX || bytes > VALUE_BYTES_PER_THREAD_MAX as f64 {
            return Err(WorkloadError::Product { keys_per_run, runs_per_thread, keys, bytes });
        }
        Ok(())
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
        self.check_product()?;
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
                [false, true].map(|writes| mix.shares().any(|(kind, _)| kind.is_write() == writes));
            if !(reads && writes) {
                return Err(WorkloadError::OneWriter { mix });
            }
        }
        Ok(())
    }
}

/// Maximum number of keys in all runs of one thread.
pub const KEYS_PER_THREAD_MAX: usize = 1_000_000_000;
/// Maximum bytes of values in all runs of one thread: 1 TiB.
pub const VALUE_BYTES_PER_THREAD_MAX: u64 = 1 << 40;
/// Maximum number of keys per run.
pub const KEYS_PER_RUN_MAX: usize = 100_000_000;
const _: () = assert!(KEYS_PER_RUN_MAX < MISSES_FROM as usize);
/// Maximum number of runs per thread.
pub const RUNS_PER_THREAD_MAX: usize = 10_000;
/// Maximum number of writes in one `apply`, and of reads in one `snapshot`.
pub const PARTS_MAX: usize = 10_000;

/// A valid workload and its name, which identifies it in cells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Workload {
    /// Its name in cells.
    name: String,
    /// Its settings, which were validated together.
    settings: Settings,
}

impl Workload {
    /// The workload with this mix, named after it, and default settings.
    #[must_use]
    pub fn from_mix(mix: Mix) -> Self {
        Self { name: mix.to_string(), settings: Settings::new(mix) }
    }

    /// A workload named after its settings: the mix, and each field that differs from its default.
    /// The name parses back into the same workload.
    ///
    /// # Errors
    /// If the settings are invalid, or contradict each other.
    pub fn new(settings: Settings) -> Result<Self, WorkloadError> {
        let name = settings.label();
        Self::named(name, settings)
    }

    /// A workload with a custom name.
    ///
    /// # Errors
    /// If the settings are invalid or contradict each other; if the name is empty, or contains
    /// white space or the `/` that separates the parts of a cell's name.
    pub fn named(name: impl Into<String>, settings: Settings) -> Result<Self, WorkloadError> {
        let name = name.into();
        if name.is_empty() || name.contains(|it: char| it.is_whitespace() || it == '/') {
            return Err(WorkloadError::Name { given: name });
        }
        settings.check()?;
        Ok(Self { name, settings })
    }

    /// Its name in cells.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its settings.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The operations and their shares.
    #[must_use]
    pub const fn mix(&self) -> Mix {
        self.settings.mix
    }

    /// The keys each run is filled with, and the numbered keys beyond them.
    #[must_use]
    pub fn key_set(&self) -> KeySet {
        let Settings { keys_per_run, key_shape, key_bytes, .. } = self.settings;
        KeySet::shaped(keys_per_run, key_shape, key_bytes)
    }

    /// Why answers cannot be checked under this workload; `None` if they can be.
    #[must_use]
    pub fn exemption(&self) -> Option<&'static str> {
        self.settings.value_bytes.exemption()
    }

    /// Describes this workload for evidence.
    #[must_use]
    pub fn describe(&self) -> evidence::Workload {
        let settings = &self.settings;
        let if_used = |kind, number| if settings.mix.has(kind) { number } else { 0 };
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
            writes_per_apply: if_used(OperationKind::Apply, settings.writes_per_apply),
            reads_per_snapshot: if_used(OperationKind::Snapshot, settings.reads_per_snapshot),
            entries_per_list: if_used(OperationKind::List, settings.entries_per_list),
        }
    }
}

/// Why a workload is invalid, with what to give instead.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum WorkloadError {
    /// The name would be ambiguous in a cell's name.
    #[error(
        "name: `{}` cannot name a workload: give a name without white space and `/`",
        excerpt(given)
    )]
    Name {
        /// The given value.
        given: String,
    },
    /// A field has an invalid value.
    #[error("{field}: {reason}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong, and what to give instead.
        reason: String,
    },
    /// Each field is within its limits, and all together are not.
    #[error(
        "keys_per_run x runs_per_thread: {keys_per_run} x {runs_per_thread} are {keys} keys of a thread, \
         with {bytes:.2e} bytes of values: lower one of keys_per_run, runs_per_thread and value_bytes, \
         to at most {max} keys and {bytes_max:.2e} bytes", max = KEYS_PER_THREAD_MAX,
        bytes_max = VALUE_BYTES_PER_THREAD_MAX as f64
    )]
    Product {
        /// Keys of a run.
        keys_per_run: usize,
        /// Runs of a thread.
        runs_per_thread: usize,
        /// Keys of a thread.
        keys: usize,
        /// Bytes of their values, on average.
        bytes: f64,
    },
    /// There is no such field.
    #[error("`{}` is not a field of a workload: give one of {}", excerpt(given), .valid.join(", "))]
    NoSuchField {
        /// The given value.
        given: String,
        /// The existing fields.
        valid: Vec<&'static str>,
    },
    /// Neither the name of a built-in workload nor a mix.
    #[error(
        "`{}` is not a workload: give one of {}, or a mix, as in get50-put30-delete20: {mixes}",
        excerpt(given), .valid.join(", ")
    )]
    Unknown {
        /// The given value.
        given: String,
        /// The names of the built-in workloads.
        valid: Vec<&'static str>,
        /// What a valid mix looks like.
        mixes: String,
    },
    /// A number is out of range.
    #[error("{field}: {given} is out of range: give {min} to {max}")]
    OutOfRange {
        /// The field.
        field: &'static str,
        /// The given value.
        given: usize,
        /// The minimum.
        min: usize,
        /// The maximum.
        max: usize,
    },
    /// The key shape has no keys of this length.
    #[error("key_bytes: no {shape} key has {given} bytes: give {min} to {max}, or leave it out")]
    KeyBytes {
        /// The shape.
        shape: KeyShape,
        /// The given value.
        given: usize,
        /// The shortest length, in bytes.
        min: usize,
        /// The longest length, in bytes.
        max: usize,
    },
    /// A mix with one writer needs both reads and writes, and lacks one of them.
    #[error(
        "roles: {mix} cannot be divided between a writer and readers: give a mix with reads and writes, as in get50-put50"
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
    fn a_mix_alone_has_the_default_settings() {
        let described = Workload::from_mix(Mix::with_puts(10)).describe();
        assert_eq!((&*described.name, &*described.mix), ("get90-put10", "get90-put10"));
        assert_eq!((&*described.keys, &*described.key_shape), ("uniform", "random"));
        assert_eq!((described.key_bytes, &*described.value_bytes), (12, "40"));
        assert_eq!((described.keys_per_run, described.runs_per_thread), (10_000, 1));
        assert_eq!((described.writes_per_apply, described.entries_per_list), (0, 0));
    }

    #[test]
    fn invalid_settings_are_refused_with_the_field_and_the_fix() {
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
