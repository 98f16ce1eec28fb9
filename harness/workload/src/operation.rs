//! Operations, ready to run: two to a cache line, with nothing to look up.

use sharded_store::Key;

use crate::kind::OperationKind;

/// What one operation does, as the loop that runs it tells them apart: a kind of operation may be
/// done in several ways.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Code {
    /// Reads the whole value of the key.
    Get,
    /// The same, and looks at what the value says: the argument is the place among
    /// [`Stream::samples`](crate::Stream::samples).
    CheckedGet,
    /// Overwrites the key with a value of 40 bytes; the argument is the key's number.
    Put,
    /// Overwrites the key with a value of any length; the argument is the key's number.
    SizedPut,
    /// Reads the key that came so many before the newest, as the argument says.
    LatestGet,
    /// Reads a key that never is there.
    Miss,
    /// Puts the next key that was never there. It is made when it is put.
    Insert,
    /// Deletes the key; the argument is its number.
    Delete,
    /// Asks whether the key is there.
    Contains,
    /// Lists what begins with the key; the argument is how many of the keys that a run is filled with
    /// do.
    List,
    /// Counts the keys of the run.
    Count,
    /// Applies writes to the parts that begin at the argument.
    Apply,
    /// Takes a snapshot and reads the parts that begin at the argument.
    Snapshot,
    /// Gets and puts the key in a transaction; the argument is its number.
    Transaction,
    /// Gets the key and then puts it; the argument is its number.
    Rmw,
}

/// One operation, ready to run: the key is in place, not behind an index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Operation {
    /// The key it is about, or what the keys that it lists begin with.
    pub key: Key,
    /// What more there is to know, depending on the code.
    pub argument: u32,
    /// Which of the thread's runs it is in: a place in
    /// [`Runs::of_thread`](crate::Runs::of_thread).
    pub session: u16,
    /// What it does.
    pub code: Code,
}

const _: () = assert!(size_of::<Operation>() == 32, "two operations to a cache line");

impl Operation {
    /// The kind of operation that a mix has it as.
    #[inline]
    #[must_use]
    pub const fn kind(&self) -> OperationKind {
        match self.code {
            Code::Get | Code::CheckedGet | Code::LatestGet => OperationKind::Get,
            Code::Put | Code::SizedPut => OperationKind::Put,
            Code::Miss => OperationKind::Miss,
            Code::Insert => OperationKind::Insert,
            Code::Delete => OperationKind::Delete,
            Code::Contains => OperationKind::Contains,
            Code::List => OperationKind::List,
            Code::Count => OperationKind::Count,
            Code::Apply => OperationKind::Apply,
            Code::Snapshot => OperationKind::Snapshot,
            Code::Transaction => OperationKind::Transaction,
            Code::Rmw => OperationKind::Rmw,
        }
    }
}

/// A key that an operation of many keys is about: one write of a write set, one read in a snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// The key.
    pub key: Key,
    /// The key's number.
    pub number: u32,
    /// Which of the thread's runs it is in.
    pub session: u16,
}
