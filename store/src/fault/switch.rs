//! The catalogue of seeded faults, and the switch.

// A real atomic: the switch is no part of the program that a checker explores.
use std::sync::atomic::{AtomicUsize, Ordering};

/// One fault that can be switched on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seeded {
    /// Its id.
    pub id: &'static str,
    /// What is wrong with it switched on.
    pub what: &'static str,
    /// Whether no execution can tell it from the correct store, so that it must survive.
    pub equivalent: bool,
}

macro_rules! catalogue {
    ($($kind:ident $id:ident $what:literal;)*) => {
        /// The faults by id.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(crate) enum Fault { $($id),* }

        /// All faults, in the order of the catalogue.
        pub const CATALOGUE: &[Seeded] = &[$(Seeded {
            id: stringify!($id),
            what: $what,
            equivalent: catalogue!(@ $kind),
        }),*];
    };
    (@ real) => { false };
    (@ equivalent) => { true };
}

catalogue! {
    real R1 "a snapshot's get returns the live value";
    real R2 "a snapshot does not see the commits of its own version";
    real R3a "a snapshot's list returns the live entries";
    real R3b "a snapshot's count returns the live count";
    real R4a "a snapshot's count includes deleted keys";
    real R4b "a deleted key is still contained in a snapshot";
    real R5 "a listing includes the key that follows the prefix";
    real R6 "a snapshot reads the clock anew for each read";
    real R7 "a listing goes on into the next run";
    real W1 "a delete throws away the versions that snapshots see";
    real W2 "a put replaces a version that a snapshot sees";
    real W3 "unlocked readers are let in before a write is stored";
    real W4 "a put takes its stamp before the run's lock";
    real W4b "a write set takes its stamp before the runs' locks";
    real W5 "a snapshot stores the clock, which another may have moved further";
    real W6 "a write set takes a stamp for each key";
    real W7 "a write set releases the lock between keys";
    real W7b "a write set releases each run's lock before it takes the next";
    real W8 "a put of a new key puts a copy of the run in place of what was written meanwhile";
    real W9 "a put takes its number under an earlier lock";
    real W10 "of two writes of a key in a write set the first one wins";
    real W11 "of more than one older version of a key the oldest is dropped";
    real W12 "a write set locks its runs in the order in which they were named";
    real G1 "pruning drops the version that was installed at a snapshot's version";
    real G2 "pruning drops what open snapshots see";
    real G2b "a write sweeps older versions away though snapshots are open";
    real G3 "a snapshot reads the clock before it sets its pin";
    real G3b "a snapshot beyond the slots reads the clock before it is counted";
    real G4a "the fence between a snapshot's pin and its clock is missing";
    real G4b "the fence between a writer's clock and its look at the pins is missing";
    real G4c "the fence of a snapshot beyond the slots is missing";
    real G5 "pruning drops a delete before the versions that it hides";
    real G6 "dropping a clone of a snapshot unpins the original";
    real G7 "what to prune is planned under one lock and dropped by place under the next";
    real G8 "snapshots that were seen once are never forgotten, nor is what they saw";
    real T1 "a transaction's get does not see its own writes";
    real T2 "a commit compares what was read with what is there now";
    real T2b "a commit releases the lock between its check and its writes";
    real T3 "a commit that fails leaves its writes behind";
    real M1a "a migration takes a delete for an empty value";
    real M1b "a migration leaves the last entry out";
    real M1c "a migration numbers versions backwards";
    real D1 "runs are looked up and locked with locks of the directory and of other runs held";
    real U1 "an unlocked reader does not look at the sequence again";
    real U2 "an unlocked reader's second look at the sequence is not ordered";
    real U3 "a writer's stores are not ordered after the odd sequence";
    real U4 "a writer's stores are not ordered before the even sequence";
    real U5 "an unlocked reader's first look at the sequence is not ordered";
    real U6 "a table that was outgrown is not retired";
    real U7 "the table of a removed run is not retired";
    real U8 "a vacant run is forgotten while a writer holds it";
    real U9 "a run is forgotten without moving the clock";
    real U10 "a removed run's numbers start again";
    real U11 "writers ignore a snapshot that has no version yet";
    real U12 "writers ignore snapshots beyond the slots";
    real U13 "a commit does not check the prefixes that were listed";
    real U14 "a removed run is dropped though a snapshot sees it";
    real U15 "an older snapshot reads what a removed run holds now";
    real U16 "a listing lacks the keys that wait to be filed";
    real U17 "a block of keys loses its last key when it is split";
    real U18 "a delete that a snapshot looks behind is not counted";
    real U19 "two threads that create a run get two, and one is lost";
    real U20 "a write set ends at a delete that finds nothing";
    real U21 "a delete takes the number of the commit before";
    real U22 "a transaction's get returns the live value";
    real U23 "a commit drops its snapshot before its check";
    real U24 "a run that was once without garbage counts as such for ever";
    real U25 "a key is erased from all but the table";
    real U26 "a slot used for the first time is not announced to writers";
    real U27 "a long value's place is given away while a snapshot sees it";
    real U28 "a free place in the arena is given away twice";
    real U29 "readers are let in between a value and its stamp";
    real U30 "a short value is written over one that a snapshot sees";
    real U31 "a short value written over another keeps its stamp";
    real U32 "a short value written over another takes no number";
    real U33 "a snapshot opened at a removal sees what was removed";
    real U34 "a clone of a snapshot takes a slot of its own";
    real U35 "closing a snapshot beyond the slots forgets the others of its version";
    real U36 "a commit does not notice that the run was removed";
    real U37 "a thread takes a table it remembers for that of another run";
    real U38 "a table that grows forgets its stamps";
    real U39 "a look-up gives up after the first group of cells";
    real U40 "erasing a key cuts the way to those filed behind it";
    equivalent E1 "a relaxed load of the clock, of which the exchange then acquires";
    equivalent E2 "all threads look for a slot from the first one on";
    equivalent E3 "writers sweep one key at a time";
    equivalent E4 "a new key's cell keeps the last one's marks until its value is stored";
    equivalent E5 "a new key's tag is stored before the key";
    equivalent E6 "an unlocked reader that finds no key does not look at the sequence again";
    equivalent E7 "every new key is filed at once";
        equivalent E8 "a migration forgets deletes, which later commits are stamped above anyhow";
}

/// The place in the catalogue, from 1, of the fault that is switched on; 0 for none.
static ARMED: AtomicUsize = AtomicUsize::new(0);

/// Switches one fault of the process on, and any other off; none switches all off. Returns whether there is a
/// fault of that id.
pub fn arm(id: Option<&str>) -> bool {
    let place = id.map(|id| CATALOGUE.iter().position(|seeded| seeded.id == id));
    let number = match place {
        None => 0,
        Some(Some(place)) => place + 1,
        Some(None) => return false,
    };
    // Relaxed: whoever switches starts the threads that it is for afterwards.
    ARMED.store(number, Ordering::Relaxed);
    true
}

/// Whether a fault is switched on.
#[inline]
pub(crate) fn is_armed(fault: Fault) -> bool {
    // Relaxed: as above.
    ARMED.load(Ordering::Relaxed) == fault as usize + 1
}
