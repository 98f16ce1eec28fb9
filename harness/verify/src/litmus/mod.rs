//! Litmus programs: one for each hazard of the store's protocol, as small as possible.
//!
//! loom explores those with several threads completely; those with a single thread need no
//! interleaving and may be long. Snapshots that a thread leaves open are read again at the end, so
//! a thread often only opens one.
//!
//! Every seeded fault that a program can show is listed by the programs written to find it.

mod commits;
mod ops;
mod pins;
mod reads;
mod runs;
mod single_threaded;
mod transactions;

use crate::program::{Op, Program};

/// A program for one hazard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Litmus {
    /// The program; its name is the litmus's.
    pub program: Program,
    /// What could go wrong, in a sentence.
    pub hazard: &'static str,
    /// The ids of the seeded faults that it is written to find.
    pub finds: &'static [&'static str],
}

impl Litmus {
    /// Whether it has more than one thread.
    #[must_use]
    pub fn is_concurrent(&self) -> bool {
        self.program.threads.len() > 1
    }
}

/// All litmus programs, those with several threads first.
#[must_use]
pub fn catalogue() -> Vec<Litmus> {
    let concurrent = [reads::all(), commits::all(), pins::all(), runs::all(), transactions::all()];
    concurrent.into_iter().flatten().chain(single_threaded::all()).collect()
}

/// The parts of a litmus program.
struct LitmusSpec<'a> {
    name: &'a str,
    hazard: &'static str,
    finds: &'static [&'static str],
    setup: Vec<Op>,
    threads: Vec<Vec<Op>>,
}

impl From<LitmusSpec<'_>> for Litmus {
    fn from(plan: LitmusSpec<'_>) -> Self {
        let LitmusSpec { name, hazard, finds, setup, threads } = plan;
        Self { program: Program { name: name.to_owned(), setup, threads }, hazard, finds }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_hazards_are_described() {
        let catalogue = catalogue();
        let names: BTreeSet<&str> =
            catalogue.iter().map(|litmus| litmus.program.name.as_str()).collect();
        assert_eq!(names.len(), catalogue.len());
        assert!(catalogue.iter().all(|litmus| !litmus.hazard.is_empty()));
    }

    #[test]
    fn programs_are_within_the_limits_and_small_where_concurrent() {
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
    fn every_fault_that_a_program_can_show_has_a_program_to_find_it() {
        use sharded_store_faulty::fault::CATALOGUE;

        /// Faults of the migration, which no program can trigger.
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
