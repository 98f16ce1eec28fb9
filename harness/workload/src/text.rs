//! Workloads as words: on the command line, in matrix files, and as the names of cells.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::catalogue;
use crate::definition::{Settings, Workload, WorkloadError};
use crate::mix::Mix;

/// Every field but the mix, by the name that files and labels call it.
const FIELDS: [&str; 10] = [
    "keys",
    "key_shape",
    "key_bytes",
    "value_bytes",
    "keys_per_run",
    "runs_per_thread",
    "roles",
    "writes_per_apply",
    "reads_per_snapshot",
    "entries_per_list",
];

impl Settings {
    /// The mix, and each field that is not as by default: `get90-put10+keys=zipf:0.99`.
    #[must_use]
    pub fn label(&self) -> String {
        let defaults = Self::new(self.mix);
        let mut label = self.mix.to_string();
        for field in FIELDS {
            let text = self.text_of(field);
            if text != defaults.text_of(field) {
                label.extend(["+", field, "=", &text]);
            }
        }
        label
    }

    /// Sets a field from its text.
    ///
    /// # Errors
    /// When there is no such field, or the text is not what it takes.
    pub fn set(&mut self, field: &str, text: &str) -> Result<(), WorkloadError> {
        match field {
            "keys" => self.keys = parsed("keys", text)?,
            "key_shape" => self.key_shape = parsed("key_shape", text)?,
            "key_bytes" => self.key_bytes = Some(number("key_bytes", text)?),
            "value_bytes" => self.value_bytes = parsed("value_bytes", text)?,
            "keys_per_run" => self.keys_per_run = number("keys_per_run", text)?,
            "runs_per_thread" => self.runs_per_thread = number("runs_per_thread", text)?,
            "roles" => self.roles = parsed("roles", text)?,
            "writes_per_apply" => self.writes_per_apply = number("writes_per_apply", text)?,
            "reads_per_snapshot" => self.reads_per_snapshot = number("reads_per_snapshot", text)?,
            "entries_per_list" => self.entries_per_list = number("entries_per_list", text)?,
            _ => {
                let given = field.to_owned();
                return Err(WorkloadError::NoSuchField { given, valid: FIELDS.to_vec() });
            }
        }
        Ok(())
    }

    fn text_of(&self, field: &str) -> String {
        match field {
            "keys" => self.keys.to_string(),
            "key_shape" => self.key_shape.to_string(),
            "key_bytes" => self.key_bytes.map_or_else(String::new, |bytes| bytes.to_string()),
            "value_bytes" => self.value_bytes.to_string(),
            "keys_per_run" => self.keys_per_run.to_string(),
            "runs_per_thread" => self.runs_per_thread.to_string(),
            "roles" => self.roles.to_string(),
            "writes_per_apply" => self.writes_per_apply.to_string(),
            "reads_per_snapshot" => self.reads_per_snapshot.to_string(),
            "entries_per_list" => self.entries_per_list.to_string(),
            _ => unreachable!("only asked of a field there is"),
        }
    }
}

fn parsed<T: FromStr<Err: fmt::Display>>(
    field: &'static str,
    text: &str,
) -> Result<T, WorkloadError> {
    text.parse().map_err(|error: T::Err| WorkloadError::Field { field, reason: error.to_string() })
}

fn number(field: &'static str, text: &str) -> Result<usize, WorkloadError> {
    text.parse().map_err(|_| {
        let reason = format!("`{text}` is not a whole number: give one, as in {field} = 10");
        WorkloadError::Field { field, reason }
    })
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Workload {
    type Err = WorkloadError;

    /// The name of a known workload, or a mix; and behind it, each after a `+`, fields that are to be
    /// something else: `ycsb-a+value_bytes=1000`.
    fn from_str(text: &str) -> Result<Self, WorkloadError> {
        let (base, fields) = match text.split_once('+') {
            Some((base, fields)) => (base, Some(fields)),
            None => (text, None),
        };
        let base = match catalogue::find(base) {
            Some(known) => known,
            None => Self::of(base.parse().map_err(|error| catalogue::unknown(base, &error))?),
        };
        let Some(fields) = fields else { return Ok(base) };
        let mut settings = base.settings().clone();
        for field in fields.split('+') {
            let (field, value) = field.split_once('=').unwrap_or((field, ""));
            settings.set(field, value)?;
        }
        // A mix with its fields has one name, in whatever order and words they were given.
        if base.name() == settings.mix.to_string() {
            return Self::new(settings);
        }
        Self::named(text, settings)
    }
}

/// A table of a matrix file: `mix`, and whatever is not as by default.
impl<'de> Deserialize<'de> for Workload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let table = Table::deserialize(deserializer)?;
        table.workload().map_err(D::Error::custom)
    }
}

#[derive(Deserialize)]
struct Table {
    name: Option<String>,
    mix: String,
    /// Whatever else there is, which [`Settings::set`] knows or refuses.
    #[serde(flatten)]
    fields: BTreeMap<String, Scalar>,
}

/// What a field is written as.
#[derive(Deserialize)]
#[serde(untagged, expecting = "give a whole number, or a text in quotes")]
enum Scalar {
    /// As in `keys_per_run = 1000`.
    Number(i64),
    /// As in `value_bytes = "100..1000"`.
    Text(String),
}

impl Table {
    fn workload(self) -> Result<Workload, WorkloadError> {
        let mut settings = Settings::new(parsed::<Mix>("mix", &self.mix)?);
        for (field, value) in self.fields {
            match value {
                Scalar::Number(number) => settings.set(&field, &number.to_string())?,
                Scalar::Text(text) => settings.set(&field, &text)?,
            }
        }
        match self.name {
            Some(name) => Workload::named(name, settings),
            None => Workload::new(settings),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OperationKind;

    fn from_toml(text: &str) -> Result<Workload, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    const EVERYTHING: &str = "mix = 'get40-put30-apply10-snapshot10-list10'
        keys = 'hotspot:20:80'
        key_shape = 'user'
        key_bytes = 20
        value_bytes = '40:90,4000:10'
        keys_per_run = 1000
        runs_per_thread = 4
        roles = 'held-snapshot'
        writes_per_apply = 3
        reads_per_snapshot = 5
        entries_per_list = 7";

    #[test]
    fn a_table_with_every_field_says_in_evidence_what_it_says_itself() {
        let described = from_toml(EVERYTHING).unwrap().describe();
        assert_eq!(described.mix, "get40-put30-list10-apply10-snapshot10");
        assert_eq!((&*described.keys, &*described.key_shape), ("hotspot:20:80", "user"));
        assert_eq!((described.key_bytes, &*described.value_bytes), (20, "40:90,4000:10"));
        assert_eq!((described.keys_per_run, described.runs_per_thread), (1_000, 4));
        assert_eq!((&*described.roles, described.writes_per_apply), ("held-snapshot", 3));
        assert_eq!((described.reads_per_snapshot, described.entries_per_list), (5, 7));
    }

    #[test]
    fn a_name_is_made_of_what_is_not_as_by_default_and_parses_back() {
        let workload = from_toml("mix = 'put10-get90'\nvalue_bytes = 1000\nkeys = 'zipf'").unwrap();
        assert_eq!(workload.name(), "get90-put10+keys=zipf:0.99+value_bytes=1000");
        for workload in [workload, from_toml(EVERYTHING).unwrap()] {
            assert_eq!(workload.name().parse(), Ok(workload.clone()));
        }
        assert_eq!("get100".parse(), Ok(Workload::of(Mix::with_puts(0))));
        assert_eq!("get100+keys=uniform".parse(), Ok(Workload::of(Mix::with_puts(0))));
    }

    #[test]
    fn a_table_may_have_a_name_of_its_own() {
        let workload = from_toml("name = 'mine'\nmix = 'get100'").unwrap();
        assert_eq!((workload.name(), workload.to_string()), ("mine", "mine".to_owned()));
    }

    #[test]
    fn a_known_workload_can_be_changed() {
        let workload: Workload = "ycsb-a+value_bytes=1000".parse().unwrap();
        assert_eq!(workload.name(), "ycsb-a+value_bytes=1000");
        assert_eq!(workload.describe().keys, "zipf:0.99");
        assert_eq!(workload.mix().share(OperationKind::Put), 50);
    }

    #[test]
    fn a_wrong_table_is_answered_with_the_field_and_the_fix() {
        for (text, parts) in [
            ("", &["mix"][..]),
            ("mix = 5", &["mix", "string"]),
            ("mix = 'get90'", &["mix: `get90`", "get90-put10"]),
            ("mix = 'get100'\nkeys = 'zipfian'", &["keys: `zipfian`", "zipf:S"]),
            ("mix = 'get100'\nkey_shape = 'round'", &["key_shape: `round`", "shifted"]),
            ("mix = 'get100'\nkey_bytes = 8", &["key_bytes", "12 to 1024"]),
            ("mix = 'get100'\nvalue_bytes = 0", &["value_bytes: `0`", "100..1000"]),
            ("mix = 'get100'\nvalue_bytes = 4.5", &["value_bytes", "whole number"]),
            ("mix = 'get100'\nkeys_per_run = -1", &["keys_per_run: `-1`", "whole number"]),
            ("mix = 'get100'\nroles = 'one-writer'", &["roles: get100", "get50-put50"]),
            ("mix = 'get100'\nrole = 'all'", &["unknown field `role`", "`roles`"]),
            ("name = ''\nmix = 'get100'", &["name: ``", "without white space"]),
        ] {
            let error = from_toml(text).unwrap_err();
            for part in parts {
                assert!(error.contains(part), "{text:?}: {error}");
            }
        }
    }

    #[test]
    fn a_wrong_word_is_answered_with_the_right_ones() {
        for (text, parts) in [
            ("ycsb-z", &["`ycsb-z`", "ycsb-a", "churn", "get50-put30-delete20"][..]),
            ("get100+colour=red", &["`colour`", "key_shape"]),
            ("get100+keys", &["keys: ``", "uniform"]),
            ("get100+keys_per_run=many", &["keys_per_run: `many`", "whole number"]),
        ] {
            let error = text.parse::<Workload>().unwrap_err().to_string();
            for part in parts {
                assert!(error.contains(part), "{text:?}: {error}");
            }
        }
    }
}
