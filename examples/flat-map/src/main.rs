//! A flat concurrent map under Shardproof: `cargo run --release -p flat-map -- verify`.
//!
//! The map has no runs, so a run is a part of the key; and no versions, so reads have none.

use std::process::ExitCode;

use dashmap::DashMap;
use shardproof::Subjects;
use shardproof::store::{
    Capabilities, Deleted, Direct, Error, Key, NoSnapshot, NoTransaction, RunId, Storage, Value,
    Version, Versioned,
};

#[derive(Default)]
struct Flat(DashMap<(RunId, Key), Value>);

impl Storage for Flat {
    const CAPABILITIES: Capabilities = Capabilities::BASIC;
    type Session<'a> = Direct<'a, Self>;
    type Snapshot = NoSnapshot;
    type Transaction<'a> = NoTransaction;

    fn get(&self, run: RunId, key: &Key) -> Option<Versioned> {
        self.0.get(&(run, key.clone())).map(|found| Versioned::unversioned(found.clone()))
    }

    fn put(&self, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
        self.0.insert((run, key.clone()), value);
        Ok(Version::NONE)
    }

    fn delete(&self, run: RunId, key: &Key) -> Result<Option<Deleted>, Error> {
        Ok(self.0.remove(&(run, key.clone())).map(|(_, old)| Deleted::unversioned(old)))
    }
}

fn main() -> ExitCode {
    shardproof::main(&Subjects::new().with("flat", Flat::default))
}
