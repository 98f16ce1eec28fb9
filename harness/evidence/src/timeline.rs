//! The operations around an anomaly, prepared for drawing: text, lanes and order, without pixels.

/// The events around one anomaly of a history.
///
/// Operations are numbered by their index in [`Timeline::operations`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timeline {
    /// One line: the anomaly, the subject, the axiom and the executor.
    pub title: String,
    /// One sentence on what is wrong.
    pub message: String,
    /// The unit of [`Operation::when`].
    pub unit: TimeUnit,
    /// The names of the lanes, from left to right: the setup, the threads, what was read at rest.
    pub lanes: Vec<String>,
    /// The operations.
    pub operations: Vec<Operation>,
    /// Start and end of each operation, in order of time; a start comes before its end.
    pub moments: Vec<Moment>,
    /// The operation that is wrong.
    pub wrong: Option<usize>,
    /// What the wrong operation should have returned, if only one answer is right.
    pub expected: Option<String>,
    /// The write that the wrong operation should have seen.
    pub should_see: Option<usize>,
    /// The write that it saw instead.
    pub saw: Option<usize>,
    /// Related events that were left out to keep the timeline short.
    pub left_out: usize,
}

/// One operation of one thread. A write set is one operation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Operation {
    /// The index of its lane in [`Timeline::lanes`].
    pub lane: usize,
    /// Each call with its result, one per line: `get r0 "a" -> 7 @3.12`.
    pub lines: Vec<String>,
    /// What it does.
    pub action: Action,
    /// When it began, in the unit of [`Timeline::unit`].
    pub when: u64,
    /// Whether its end is known.
    pub end: End,
}

/// What an operation does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// It changes keys.
    Write,
    /// It reads.
    Read,
    /// It opens or closes a snapshot or a transaction.
    Handle,
    /// Something else.
    Other,
}

/// Whether the end of an operation is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// It is known.
    Known,
    /// The operation did not return, or took longer than can be recorded.
    Unknown,
}

/// What [`Operation::when`] counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimeUnit {
    /// Ticks since the first operation of the timeline; nanoseconds on real threads.
    Ticks,
    /// Positions in one possible order, from 1: weak memory has no single order in time.
    Positions,
}

/// Start or end of the operation with this number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// It starts.
    Begin(usize),
    /// It ends.
    End(usize),
}
