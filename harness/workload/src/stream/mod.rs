//! Operation streams. All random choices are made before timing starts.

mod make;
mod replay;
#[cfg(test)]
mod tests;

use sharded_store::Value;

use crate::definition::Workload;
use crate::keys::KeySet;
use crate::kind::OperationKind;
use crate::mix::Mix;
use crate::operation::{KeyAccess, Opcode, Operation};
use crate::placement::Placement;
use crate::roles::Roles;

pub use replay::LastWrite;

/// What is needed to check one get.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sample {
    /// The number of the key.
    pub key: u32,
    /// The index of the key among the keys that the stream checks in this run, from 0.
    pub slot: u32,
    /// The thread's last write to this key that certainly took effect, counted back in writes to
    /// the run: 0 is the most recent. The stream repeats, so it may be in the previous pass. `None`
    /// if the stream never writes the key.
    pub last_write: Option<WriteAgo>,
}

/// A past write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WriteAgo {
    /// Number of the thread's writes to the run since.
    pub writes: u32,
    /// Whether it was a delete.
    pub is_delete: bool,
}

/// The operations of one thread, run in a loop.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stream {
    /// The operations, in order.
    operations: Vec<Operation>,
    /// Keys of the multi-key operations; each operation uses a contiguous range.
    parts: Vec<KeyAccess>,
    /// One for each checked get, in order.
    samples: Vec<Sample>,
    /// Whether the stream contains a kind of operation, by kind.
    kinds: [bool; OperationKind::COUNT],
    /// Lengths of values in bytes, by write number; repeats after the end. The number of lengths is
    /// a power of two.
    value_bytes: Vec<u32>,
    /// Number of writes in one `apply`.
    writes_per_apply: usize,
    /// Number of reads in one `snapshot`.
    reads_per_snapshot: usize,
    /// Runs per thread, where threads have their own runs.
    runs_per_thread: usize,
    /// The role of each thread.
    roles: Roles,
    /// Why answers cannot be checked, if so.
    exemption: Option<&'static str>,
    /// The value that unchecked puts write: 40 bytes, different for each thread.
    value: Value,
}

impl Stream {
    /// Number of operations in a stream without long operations.
    pub const OPERATIONS: usize = 16 * 1024;
    /// Number of operations in a stream with long operations: one may take a millisecond, and a
    /// worker runs its whole stream before timing starts.
    pub const OPERATIONS_WHERE_LONG: usize = 1024;
    /// One get in this many is checked; in a stream with fewer gets, one of them. Checking one in
    /// 64 costs the fastest subject over 3 %.
    pub const GETS_PER_SAMPLE: usize = 128;

    /// The stream of thread number `thread` for a mix with default settings, in its own run.
    ///
    /// # Panics
    /// If `keys` is empty.
    #[must_use]
    pub fn new(seed: u64, mix: Mix, thread: usize, keys: &KeySet) -> Self {
        Self::for_workload(seed, &Workload::from_mix(mix), Placement::Disjoint, thread, keys)
    }

    /// The stream of thread number `thread`. The shares of the mix are exact to one operation, and
    /// the order is shuffled. The same arguments yield the same stream on any machine.
    ///
    /// The exception is Zipf's law, which uses the system library's `pow`: where two libraries
    /// round differently, about one key in a million may differ.
    ///
    /// Keys do not depend on the mix, so two mixes differ in nothing but their kinds of operation.
    ///
    /// # Panics
    /// If `keys` is empty, or if the roles leave the thread nothing to do.
    #[must_use]
    pub fn for_workload(
        seed: u64,
        workload: &Workload,
        placement: Placement,
        thread: usize,
        keys: &KeySet,
    ) -> Self {
        make::stream(seed, workload, placement, thread, keys)
    }

    /// The operations, in order.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Number of operations between two checks of the stop flag; smaller with long operations.
    #[must_use]
    pub fn batch(&self) -> usize {
        let has_long = OperationKind::ALL.into_iter().any(|kind| kind.is_long() && self.has(kind));
        if has_long { BATCH_WHERE_LONG } else { BATCH }
    }

    /// The number of operations of a stream of this mix, and of one of its batches.
    #[must_use]
    pub fn lengths_for(mix: Mix) -> (usize, usize) {
        if mix.shares().any(|(kind, _)| kind.is_long()) {
            (Self::OPERATIONS_WHERE_LONG, BATCH_WHERE_LONG)
        } else {
            (Self::OPERATIONS, BATCH)
        }
    }

    /// What is needed to check each [`Opcode::CheckedGet`].
    #[must_use]
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The keys of a multi-key operation; empty for all others.
    #[must_use]
    pub fn accesses_of(&self, operation: &Operation) -> &[KeyAccess] {
        let count = match operation.code {
            Opcode::Apply => self.writes_per_apply,
            Opcode::Snapshot => self.reads_per_snapshot,
            _ => return &[],
        };
        &self.parts[operation.argument as usize..][..count]
    }

    /// The length in bytes of the thread's write number `number` to a run.
    #[inline]
    #[must_use]
    pub fn value_bytes(&self, number: u64) -> u32 {
        self.value_bytes[number as usize & (self.value_bytes.len() - 1)]
    }

    /// Whether the stream contains this kind of operation.
    #[must_use]
    pub const fn has(&self, kind: OperationKind) -> bool {
        self.kinds[kind as usize]
    }

    /// Runs per thread, where threads have their own runs.
    #[must_use]
    pub const fn runs_per_thread(&self) -> usize {
        self.runs_per_thread
    }

    /// The role of each thread.
    #[must_use]
    pub const fn roles(&self) -> Roles {
        self.roles
    }

    /// Why answers cannot be checked; `None` if they can be.
    #[must_use]
    pub const fn exemption(&self) -> Option<&'static str> {
        self.exemption
    }

    /// The same stream without checked gets, to measure the cost of checking.
    #[must_use]
    pub fn without_samples(mut self) -> Self {
        for operation in &mut self.operations {
            if operation.code == Opcode::CheckedGet {
                operation.code = Opcode::Get;
                operation.argument = 0;
            }
        }
        self.samples.clear();
        self
    }

    /// The value that unchecked puts write. Where writes are checked, a
    /// [`ValueWriter`](crate::ValueWriter) makes the values.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.value
    }
}

/// Number of operations in a batch.
const BATCH: usize = 512;
/// Number of operations in a batch with long operations.
const BATCH_WHERE_LONG: usize = 16;
const _: () = assert!(
    Stream::OPERATIONS.is_multiple_of(BATCH)
        && Stream::OPERATIONS_WHERE_LONG.is_multiple_of(BATCH_WHERE_LONG)
);
