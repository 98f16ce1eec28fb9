//! Litmus programs: one for each hazard of the store's protocol, as small as it can be.
//!
//! A checker of all interleavings runs the ones with several threads to the end; the ones with a single thread need
//! no interleaving, and may be long. What a thread leaves open is read again at the end, so that opening a snapshot
//! is often all that it has to do.
//!
//! Every seeded fault of the store that a program can show is named by the ones meant to find it.

mod alone;
mod commits;
mod ops;
mod pins;
mod reads;
mod runs;
mod transactions;

use crate::program::{Op, Program};

/// A program for one hazard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Litmus {
    /// What is done; its name is the litmus's.
    pub program: Program,
    /// What could go wrong, in a sentence.
    pub hazard: &'static str,
    /// The seeded faults that it is meant to find, by id.
    pub finds: &'static [&'static str],
}

impl Litmus {
    /// Whether it takes more than one thread.
    #[must_use]
    pub fn is_concurrent(&self) -> bool {
        self.program.threads.len() > 1
    }
}

/// All of them, the ones with several threads first.
#[must_use]
pub fn catalogue() -> Vec<Litmus> {
    let concurrent = [reads::all(), commits::all(), pins::all(), runs::all(), transactions::all()];
    concurrent.into_iter().flatten().chain(alone::all()).collect()
}

/// What a family of litmus programs is built from.
struct Plan<'a> {
    name: &'a str,
    hazard: &'static str,
    finds: &'static [&'static str],
    setup: Vec<Op>,
    threads: Vec<Vec<Op>>,
}

impl From<Plan<'_>> for Litmus {
    fn from(plan: Plan<'_>) -> Self {
        let Plan { name, hazard, finds, setup, threads } = plan;
        Self { program: Program { name: name.to_owned(), setup, threads }, hazard, finds }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_hazards_are_told() {
        let catalogue = catalogue();
        let names: BTreeSet<&str> =
            catalogue.iter().map(|litmus| litmus.program.name.as_str()).collect();
        assert_eq!(names.len(), catalogue.len());
        assert!(catalogue.iter().all(|litmus| !litmus.hazard.is_empty()));
    }

    #[test]
    fn programs_stay_within_their_limits_and_are_small_where_they_meet() {
        const CONCURRENT_OPERATIONS_MAX: usize = 8;
        for litmus in catalogue() {
            let Program { name, threads, .. } = &litmus.program;
            let concurrent: usize = threads.iter().map(Vec::len).sum();
            assert!((1..=3).contains(&threads.len()), "{name}");
            assert!(threads.iter().all(|ops| !ops.is_empty()), "{name}");
            assert!(!litmus.is_concurrent() || concurrent <= CONCURRENT_OPERATIONS_MAX, "{name}");
            assert_eq!(litmus.program.validate(), Ok(()), "{name}");
        }
    }

    #[cfg(feature = "faults")]
    #[test]
    fn every_real_fault_that_a_program_can_show_is_some_programs_to_find() {
        use sharded_store_faulty::fault::CATALOGUE;

        /// Faults of the migration, which no program can ask for.
        const WITHOUT_PROGRAM: [&str; 3] = ["M1a", "M1b", "M1c"];
        let catalogue = catalogue();
        let found: BTreeSet<&str> =
            catalogue.iter().flat_map(|litmus| litmus.finds).copied().collect();
        let real: BTreeSet<&str> = CATALOGUE
            .iter()
            .filter(|seeded| !seeded.equivalent && !WITHOUT_PROGRAM.contains(&seeded.id))
            .map(|seeded| seeded.id)
            .collect();
        assert_eq!(found, real);
    }
}
