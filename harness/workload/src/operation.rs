//! Operations, ready to run: two per cache line, with nothing left to look up.

use sharded_store::Key;

use crate::kind::OperationKind;

/// What the timed loop does for one operation. One kind of operation may have several opcodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Opcode {
    /// Reads the whole value of the key.
    Get,
    /// Like `Get`, and verifies the value. The argument is an index into
    /// [`Stream::samples`](crate::Stream::samples).
    CheckedGet,
    /// Puts a value of 40 bytes; the argument is the key's number.
    Put,
    /// Puts a value of any length; the argument is the key's number.
    SizedPut,
    /// Reads a recently inserted key; the argument is its distance from the newest.
    LatestGet,
    /// Reads a key that never exists.
    Miss,
    /// Puts the thread's next new key, which is generated on the spot.
    Insert,
    /// Deletes the key; the argument is the key's number.
    Delete,
    /// Checks whether the key exists.
    Contains,
    /// Lists the keys with the prefix `key`; the argument is how many keys of the initial fill
    /// match it.
    List,
    /// Counts the keys of the run.
    Count,
    /// Applies a write set to the keys that start at index `argument` of the stream's key accesses.
    Apply,
    /// Takes a snapshot and reads the keys that start at index `argument` of the stream's key
    /// accesses.
    Snapshot,
    /// Gets and puts the key in a transaction; the argument is the key's number.
    Transaction,
    /// Gets the key and then puts it; the argument is the key's number.
    Rmw,
}

/// One operation, ready to run. The key is stored inline, not behind an index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Operation {
    /// The key to access, or the prefix to list.
    pub key: Key,
    /// An argument whose meaning depends on the opcode.
    pub argument: u32,
    /// Which of the thread's runs to work in: an index into
    /// [`Runs::of_thread`](crate::Runs::of_thread).
    pub session: u16,
    /// What to do.
    pub code: Opcode,
}

const _: () = assert!(size_of::<Operation>() == 32, "two operations to a cache line");

impl Operation {
    /// The kind this operation counts as in a mix.
    #[inline]
    #[must_use]
    pub const fn kind(&self) -> OperationKind {
        match self.code {
            Opcode::Get | Opcode::CheckedGet | Opcode::LatestGet => OperationKind::Get,
            Opcode::Put | Opcode::SizedPut => OperationKind::Put,
            Opcode::Miss => OperationKind::Miss,
            Opcode::Insert => OperationKind::Insert,
            Opcode::Delete => OperationKind::Delete,
            Opcode::Contains => OperationKind::Contains,
            Opcode::List => OperationKind::List,
            Opcode::Count => OperationKind::Count,
            Opcode::Apply => OperationKind::Apply,
            Opcode::Snapshot => OperationKind::Snapshot,
            Opcode::Transaction => OperationKind::Transaction,
            Opcode::Rmw => OperationKind::Rmw,
        }
    }
}

/// One key of a multi-key operation: a write of a write set, or a read through a snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyAccess {
    /// The key.
    pub key: Key,
    /// The key's number.
    pub number: u32,
    /// Which of the thread's runs the key is in.
    pub session: u16,
}
