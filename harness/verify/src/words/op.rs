//! Operations of a program, one line each.

use crate::program::{Op, Size, Write};
use crate::words::Words;

impl Words<'_> {
    /// An operation of a program, as short as can be: `put r0 "a"`, `s0.get r0 "a"`.
    pub(crate) fn op(self, op: &Op) -> String {
        match op {
            Op::Put { run, key, size } => format!("put r{run} {}{}", self.key(*key), long(*size)),
            Op::SessionPut { run, key, size } => {
                format!("session put r{run} {}{}", self.key(*key), long(*size))
            }
            Op::SessionGet { run, key } => format!("session get r{run} {}", self.key(*key)),
            Op::SessionPeek { run, key } => format!("session peek r{run} {}", self.key(*key)),
            Op::Delete { run, key } => format!("delete r{run} {}", self.key(*key)),
            Op::Apply { writes } => {
                let writes: Vec<String> = writes.iter().map(|write| self.write(write)).collect();
                format!("apply [{}]", writes.join(", "))
            }
            Op::RemoveRun { run } => format!("remove r{run}"),
            Op::Get { run, key } => format!("get r{run} {}", self.key(*key)),
            Op::Contains { run, key } => format!("contains r{run} {}", self.key(*key)),
            Op::Count { run } => format!("count r{run}"),
            Op::List { run, prefix } => format!("list r{run} {}", self.prefix(*prefix)),
            Op::Open { snapshot } => format!("open s{snapshot}"),
            Op::Clone { snapshot, into } => format!("clone s{snapshot} into s{into}"),
            Op::Drop { snapshot } => format!("drop s{snapshot}"),
            Op::SnapshotGet { snapshot, run, key } => {
                format!("s{snapshot}.get r{run} {}", self.key(*key))
            }
            Op::SnapshotContains { snapshot, run, key } => {
                format!("s{snapshot}.contains r{run} {}", self.key(*key))
            }
            Op::SnapshotCount { snapshot, run } => format!("s{snapshot}.count r{run}"),
            Op::SnapshotList { snapshot, run, prefix } => {
                format!("s{snapshot}.list r{run} {}", self.prefix(*prefix))
            }
            Op::Begin { transaction, run } => format!("begin t{transaction} r{run}"),
            Op::TransactionGet { transaction, key } => {
                format!("t{transaction}.get {}", self.key(*key))
            }
            Op::TransactionPut { transaction, key, size } => {
                format!("t{transaction}.put {}{}", self.key(*key), long(*size))
            }
            Op::TransactionDelete { transaction, key } => {
                format!("t{transaction}.delete {}", self.key(*key))
            }
            Op::TransactionList { transaction, prefix } => {
                format!("t{transaction}.list {}", self.prefix(*prefix))
            }
            Op::Commit { transaction } => format!("commit t{transaction}"),
            Op::Abort { transaction } => format!("abort t{transaction}"),
            Op::Collect => "collect".to_owned(),
            Op::Tick => "tick".to_owned(),
            Op::Notify { flag } => format!("notify f{flag}"),
            Op::Observe { flag } => format!("observe f{flag}"),
        }
    }

    fn write(self, Write { run, key, put }: &Write) -> String {
        match put {
            Some(size) => format!("put r{run} {}{}", self.key(*key), long(*size)),
            None => format!("delete r{run} {}", self.key(*key)),
        }
    }
}

fn long(size: Size) -> &'static str {
    match size {
        Size::Short => "",
        Size::Long => " long",
    }
}
