//! Operation streams: everything random is decided before the clock starts.

mod make;
mod replay;
#[cfg(test)]
mod tests;

use sharded_store::Value;

use crate::definition::Workload;
use crate::keys::KeySet;
use crate::kind::OperationKind;
use crate::mix::Mix;
use crate::operation::{Code, Operation, Part};
use crate::placement::Placement;
use crate::roles::Roles;

pub use replay::LastWrite;

/// What has to be known to check one get.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sample {
    /// The number of the key.
    pub key: u32,
    /// Which of the keys that the stream checks at all in this run it is, from 0.
    pub slot: u32,
    /// The thread's last write to this key that is certain to have had an effect: how many writes to
    /// the run ago, 0 for the last one. The stream is run over and over, so that may be in the pass
    /// before. `None` if it does not write it.
    pub last_write: Option<WriteAgo>,
}

/// A write by how long ago it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WriteAgo {
    /// How many of the thread's writes to the run came after it.
    pub writes: u32,
    /// Whether it was a delete.
    pub is_delete: bool,
}

/// The operations of one thread, to be run over and over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stream {
    /// In the order they are run.
    operations: Vec<Operation>,
    /// What operations of many keys are about: each of some that follow one another.
    parts: Vec<Part>,
    /// Of the gets that are checked, in the same order.
    samples: Vec<Sample>,
    /// Whether any operation is of a kind, by the kind's number.
    kinds: [bool; OperationKind::COUNT],
    /// The length of each value, in bytes, by its number; begun again at the end. There are 2^n.
    value_bytes: Vec<u32>,
    /// Parts of one `apply`.
    writes_per_apply: usize,
    /// Parts of one `snapshot`.
    reads_per_snapshot: usize,
    /// Runs of each thread that has its own.
    runs_per_thread: usize,
    /// What each thread does.
    roles: Roles,
    /// Why a subject's answers cannot be checked.
    exemption: Option<&'static str>,
    /// What puts write where nobody checks it: 40 bytes, different for each thread.
    value: Value,
}

impl Stream {
    /// Operations of a stream in which none takes long.
    pub const OPERATIONS: usize = 16 * 1024;
    /// Operations of a stream in which some take long: a subject may need a millisecond for one, and a worker
    /// runs its whole stream before the clock starts.
    pub const OPERATIONS_WHERE_LONG: usize = 1024;
    /// Of this many gets one is checked, and where there are fewer, one of all: with one in 64 it costs the fastest subject over 3 %.
    pub const GETS_PER_SAMPLE: usize = 128;

    /// The stream of thread number `thread` for a mix alone, in a run of its own.
    ///
    /// # Panics
    /// Without keys.
    #[must_use]
    pub fn new(seed: u64, mix: Mix, thread: usize, keys: &KeySet) -> Self {
        Self::of(seed, &Workload::of(mix), Placement::Disjoint, thread, keys)
    }

    /// The stream of thread number `thread`: the shares of the mix exact (to one operation) and
    /// shuffled. The same arguments give the same stream on any machine.
    ///
    /// (Zipf's law takes powers of fractions from the system's library. Where two libraries round one of
    /// them differently, a key in a million may be another.)
    ///
    /// The keys do not depend on the mix, so that two mixes differ in nothing else.
    ///
    /// # Panics
    /// Without keys, and when the roles leave the thread nothing to do.
    #[must_use]
    pub fn of(
        seed: u64,
        workload: &Workload,
        placement: Placement,
        thread: usize,
        keys: &KeySet,
    ) -> Self {
        make::stream(seed, workload, placement, thread, keys)
    }

    /// The operations, in the order they are run.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Operations between two looks at the stop flag: few where one may be long.
    #[must_use]
    pub fn batch(&self) -> usize {
        let has_long = OperationKind::ALL.into_iter().any(|kind| kind.is_long() && self.has(kind));
        if has_long { BATCH_WHERE_LONG } else { BATCH }
    }

    /// What has to be known to check each [`Code::CheckedGet`].
    #[must_use]
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// What an operation of many keys is about.
    #[must_use]
    pub fn parts_of(&self, operation: &Operation) -> &[Part] {
        let count = match operation.code {
            Code::Apply => self.writes_per_apply,
            Code::Snapshot => self.reads_per_snapshot,
            _ => return &[],
        };
        &self.parts[operation.argument as usize..][..count]
    }

    /// The length of the thread's write number `number` to a run, in bytes.
    #[inline]
    #[must_use]
    pub fn value_bytes(&self, number: u64) -> u32 {
        self.value_bytes[number as usize & (self.value_bytes.len() - 1)]
    }

    /// Whether any operation is of this kind.
    #[must_use]
    pub const fn has(&self, kind: OperationKind) -> bool {
        self.kinds[kind as usize]
    }

    /// Runs of each thread that has its own.
    #[must_use]
    pub const fn runs_per_thread(&self) -> usize {
        self.runs_per_thread
    }

    /// What each thread does.
    #[must_use]
    pub const fn roles(&self) -> Roles {
        self.roles
    }

    /// Why a subject's answers cannot be checked; `None` where they can.
    #[must_use]
    pub const fn exemption(&self) -> Option<&'static str> {
        self.exemption
    }

    /// The same stream with no get checked, to measure what checking costs.
    #[must_use]
    pub fn without_samples(mut self) -> Self {
        for operation in &mut self.operations {
            if operation.code == Code::CheckedGet {
                operation.code = Code::Get;
                operation.argument = 0;
            }
        }
        self.samples.clear();
        self
    }

    /// What puts write where nobody checks it; where somebody does, a
    /// [`Writer`](crate::sealed::Writer) makes the values.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.value
    }
}

/// Operations of a batch.
const BATCH: usize = 512;
/// The same where some take long.
const BATCH_WHERE_LONG: usize = 16;
const _: () = assert!(
    Stream::OPERATIONS.is_multiple_of(BATCH)
        && Stream::OPERATIONS_WHERE_LONG.is_multiple_of(BATCH_WHERE_LONG)
);
