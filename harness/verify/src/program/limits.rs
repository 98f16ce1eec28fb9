//! What a program may ask for: a file that asks for more is refused before anything is done.

use crate::alphabet::Alphabet;
use crate::operands::{Noun, Operand};
use crate::program::{Op, Program};

/// Why a program is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramFault {
    /// There are too many threads.
    #[error("field `threads` has {found} threads: give at most {}", Program::THREADS_MAX)]
    Threads {
        /// How many there are.
        found: usize,
    },
    /// There are too many operations.
    #[error(
        "fields `setup` and `threads` have {found} operations, the writes of write sets \
             counted: give at most {}",
        Program::OPERATIONS_MAX
    )]
    Operations {
        /// How many there are, the writes of write sets counted.
        found: usize,
    },
    /// A number is too large.
    #[error("field `{field}` ({operation}) is {found}: give a number below {below}")]
    Number {
        /// The field, as in `threads[0][3].key`: the fourth operation of the first thread.
        field: String,
        /// Whose operation it is, in words.
        operation: String,
        /// The number.
        found: u32,
        /// The first number that is too large.
        below: u32,
    },
}

impl Program {
    /// The most runs.
    pub const RUNS_MAX: u16 = 256;
    /// The most keys.
    pub const KEYS_MAX: u32 = 1_000_000;
    /// The most operations, the writes of write sets counted.
    pub const OPERATIONS_MAX: usize = 16_000_000;

    /// Checks that every executor can run it: that it is not too large, and that no number stands
    /// for nothing.
    ///
    /// # Errors
    /// [`ProgramFault`], which names the first field that is wrong.
    pub fn validate(&self) -> Result<(), ProgramFault> {
        if self.threads.len() > Self::THREADS_MAX {
            return Err(ProgramFault::Threads { found: self.threads.len() });
        }
        let found = self.iter().map(size).sum();
        if found > Self::OPERATIONS_MAX {
            return Err(ProgramFault::Operations { found });
        }
        let prefixes = Alphabet::new(0).prefixes.len() as u32;
        let setup = || "setup".to_owned();
        validate_part(&self.setup, prefixes, setup, setup)?;
        for (thread, ops) in self.threads.iter().enumerate() {
            let field = || format!("threads[{thread}]");
            validate_part(ops, prefixes, field, || format!("thread {}", thread + 1))?;
        }
        Ok(())
    }
}

fn validate_part(
    ops: &[Op],
    prefixes: u32,
    field: impl Fn() -> String,
    whose: impl Fn() -> String,
) -> Result<(), ProgramFault> {
    for (index, op) in ops.iter().enumerate() {
        for operand in op.operands() {
            let below = limit(operand.noun, prefixes);
            if operand.number >= below {
                let Operand { number, field: name, write, .. } = operand;
                let write = write.map_or_else(String::new, |write| format!(".writes[{write}]"));
                return Err(ProgramFault::Number {
                    field: format!("{}[{index}]{write}.{name}", field()),
                    operation: format!("operation {} of {}", index + 1, whose()),
                    found: number,
                    below,
                });
            }
        }
    }
    Ok(())
}

fn limit(noun: Noun, prefixes: u32) -> u32 {
    match noun {
        Noun::Run => Program::RUNS_MAX.into(),
        Noun::Key => Program::KEYS_MAX,
        Noun::Prefix => prefixes,
        Noun::Snapshot | Noun::Transaction => Program::SLOTS.into(),
        Noun::Flag => Program::FLAGS.into(),
    }
}

fn size(op: &Op) -> usize {
    match op {
        Op::Apply { writes } => 1 + writes.len(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Write;
    use crate::samples;

    #[test]
    fn what_the_samples_do_is_allowed() {
        for seed in 0..50 {
            assert_eq!(samples::program(seed, 3, 50).validate(), Ok(()));
        }
    }

    #[test]
    fn a_number_too_large_is_found_in_every_kind_of_field() {
        let slot = Program::SLOTS;
        let write = Write { run: 0, key: Program::KEYS_MAX, put: None };
        let refused = [
            (Op::Get { run: Program::RUNS_MAX, key: 0 }, "run"),
            (Op::Get { run: 0, key: Program::KEYS_MAX }, "key"),
            (Op::List { run: 0, prefix: 6 }, "prefix"),
            (Op::Open { snapshot: slot }, "snapshot"),
            (Op::Clone { snapshot: 0, into: slot }, "into"),
            (Op::Commit { transaction: slot }, "transaction"),
            (Op::Notify { flag: Program::FLAGS }, "flag"),
            (Op::Apply { writes: vec![write] }, "writes[0].key"),
        ];
        for (op, field) in refused {
            let threads = vec![vec![], vec![Op::Tick, op]];
            let program = Program { threads, ..Program::default() };
            let text = program.validate().unwrap_err().to_string();
            let told = format!("field `threads[1][1].{field}` (operation 2 of thread 2) is ");
            assert!(text.starts_with(&told), "{text}");
            assert!(text.contains(": give a number below "), "{text}");
        }
    }

    #[test]
    fn too_many_threads_are_refused() {
        let program = Program { threads: vec![vec![]; 65], ..Program::default() };
        let text = program.validate().unwrap_err().to_string();
        assert_eq!(text, "field `threads` has 65 threads: give at most 64");
    }
}
