//! Exports a history for Elle, so that an independent checker can judge it too.
//!
//! [Elle](https://github.com/jepsen-io/elle) takes a Jepsen history of transactions on registers
//! (`rw-register`): one map a line, an `:invoke` and a completion for each transaction, `[:w key
//! value]` for a write and `[:r key value]` for a read. Every value is written once, and `nil` is
//! what a key holds before all writes.
//!
//! | in a history | for Elle |
//! |---|---|
//! | key 3 of run 0 | the key `"r0/k3"` |
//! | put, write set | one transaction that writes, also what the set itself overwrites |
//! | delete that removed something | a transaction that reads it and writes a unique negative number |
//! | removal of a run | a transaction that writes such a number to every key of the run that was ever written |
//! | get | one transaction with one read |
//! | snapshot | one transaction of all reads from it and its clones |
//! | transaction | `:ok` if it committed, `:fail` after a conflict or abort, else `:info` |
//! | log | a process: 0 is the setup |
//! | bytes that no write made | a read of a negative number that was never written |
//!
//! A snapshot's transaction takes as long as its opening did: the contract says that it never
//! changes afterwards. A transaction is a process of its own, because its thread may do other
//! things meanwhile.
//!
//! The export leaves out, and [`Exported`] counts, what registers cannot express: listings, counts
//! and `contains`, and reads that found nothing of a key that is ever deleted, because for Elle
//! `nil` comes before all writes. Versions are left out too: Elle infers the order of writes.
//! Collections, flags and ticks are not transactions.
//!
//! Single keys are linearizable, so give Elle `:linearizable-keys?`, and `:strict-serializable` as
//! the consistency model.

mod transactions;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use shardproof_base::atomic_file;

use crate::history::{History, Order};
use transactions::{Key, Op, Outcome, Transaction, Transactions};

/// What an export contains, and what it leaves out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Exported {
    /// Transactions.
    pub transactions: u64,
    /// Listings, counts and `contains` that were left out.
    pub left_out_not_registers: u64,
    /// Reads that were left out because they found nothing of a key that is deleted somewhere.
    pub left_out_absent: u64,
    /// Reads that were left out because they were refused, or are not known to have returned.
    pub left_out_unknown: u64,
}

/// Why a history could not be exported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EdnError {
    /// Elle needs real time.
    #[error(
        "field `header.order` is `happens_before`: export a history in real time, as \
             real threads record it"
    )]
    NoTimes,
    /// The file could not be written; an older one is as it was.
    #[error("cannot write {}: choose another path, or make this one writable", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Writes a history, which must be [valid](History::validate), to a file for Elle.
///
/// # Errors
/// All of [`EdnError`].
pub fn export(history: &History, path: &Path) -> Result<Exported, EdnError> {
    if history.header.order != Order::RealTime {
        return Err(EdnError::NoTimes);
    }
    let mut exported = Exported::default();
    atomic_file::write(path, |writer| {
        exported = write_to(history, writer)?;
        Ok(())
    })
    .map_err(|source| EdnError::Write { path: path.to_owned(), source })?;
    Ok(exported)
}

/// One line to write: its time, which line of its transaction it is, the process, and the number of
/// the transaction in the process.
type Due = Reverse<(u64, Side, usize, usize)>;

/// Which of a transaction's two lines. At the same time invocations come first, so that the export
/// claims no order that was not observed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    /// It begins.
    Invoke,
    /// It ends.
    Complete,
}

fn write_to(history: &History, writer: &mut impl Write) -> io::Result<Exported> {
    let Transactions { processes, exported } = Transactions::of(history);
    let mut due: BinaryHeap<Due> = BinaryHeap::new();
    let next = |process: usize, number: usize, now: u64| {
        let begins = processes[process].get(number)?.begin.max(now);
        Some(Reverse((begins, Side::Invoke, process, number)))
    };
    due.extend((0..processes.len()).filter_map(|process| next(process, 0, 0)));
    let mut line = String::new();
    for index in 0u64.. {
        let Some(Reverse((now, side, process, number))) = due.pop() else {
            break;
        };
        let transaction = &processes[process][number];
        line.clear();
        write_line(&mut line, transaction, side, (index, now, process));
        writer.write_all(line.as_bytes())?;
        due.extend(match side {
            Side::Invoke => {
                Some(Reverse((transaction.end.max(now), Side::Complete, process, number)))
            }
            Side::Complete => next(process, number + 1, now),
        });
    }
    Ok(exported)
}

fn write_line(
    line: &mut String,
    transaction: &Transaction,
    side: Side,
    (index, time, process): (u64, u64, usize),
) {
    let kind = match (side, transaction.outcome) {
        (Side::Invoke, _) => "invoke",
        (Side::Complete, Outcome::Ok) => "ok",
        (Side::Complete, Outcome::Fail) => "fail",
        (Side::Complete, Outcome::Unknown) => "info",
    };
    // The reads of a transaction are known only if it committed.
    let knows_reads = kind == "ok";
    // Writing to a string cannot fail.
    let _ = write!(
        line,
        "{{:index {index}, :time {time}, :type :{kind}, :process {process}, :f :txn, :value ["
    );
    for (op, number) in transaction.ops.iter().zip(0..) {
        let space = if number == 0 { "" } else { " " };
        let _ = match op {
            Op::Write(Key { run, key }, value) => {
                write!(line, "{space}[:w \"r{run}/k{key}\" {value}]")
            }
            Op::Read(Key { run, key }, Some(value)) if knows_reads => {
                write!(line, "{space}[:r \"r{run}/k{key}\" {value}]")
            }
            Op::Read(Key { run, key }, _) => write!(line, "{space}[:r \"r{run}/k{key}\" nil]"),
        };
    }
    line.push_str("]}\n");
}

#[cfg(test)]
mod tests;
