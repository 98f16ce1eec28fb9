//! Transactions.

use super::super::store::{Error, Storage, TransactionWork};
use super::reads::Row;
use super::worker::{Transaction, Worker, at, id_of};
use crate::execute::ticks::Ticks;
use crate::history::{ABSENT, Event, Kind, flag};
use crate::program::Op;

impl<'a, S: Storage, T: Ticks> Worker<'a, S, T> {
    pub(super) fn transaction(&mut self, op: &Op) {
        match op {
            Op::Begin { transaction, run } => {
                self.abort(*transaction);
                let event = self.begin_at(Kind::Begin, *run, 0);
                if let Some(work) = self.store.begin(self.id(*run)) {
                    let id = self.new_id();
                    self.end(Event { handle: id, stamp: work.version(), ..event });
                    let begun = Transaction { work, id, run: *run };
                    self.transactions[usize::from(*transaction)] = Some(begun);
                }
            }
            Op::Commit { transaction } => self.commit(*transaction),
            Op::Abort { transaction } => self.abort(*transaction),
            Op::TransactionGet { transaction, .. }
            | Op::TransactionPut { transaction, .. }
            | Op::TransactionDelete { transaction, .. }
            | Op::TransactionList { transaction, .. } => {
                let slot = usize::from(*transaction);
                if let Some(mut transaction) = self.transactions[slot].take() {
                    self.within(&mut transaction, op);
                    self.transactions[slot] = Some(transaction);
                }
            }
            _ => unreachable!("{op:?} is handled elsewhere"),
        }
    }

    pub(super) fn within(&mut self, transaction: &mut Transaction<S::Transaction<'a>>, op: &Op) {
        let Transaction { work, id: handle, run } = transaction;
        let (handle, run) = (*handle, *run);
        match op {
            Op::TransactionGet { key, .. } => {
                let event = self.begin_at(Kind::TransactionGet, run, *key);
                let found = work.get(self.key(*key));
                let value = found.map_or(ABSENT, |found| id_of(found.as_bytes(), run, *key));
                self.end(Event { handle, value, ..event });
            }
            Op::TransactionPut { key, size, .. } => {
                let (value, bytes) = self.make(run, *key, *size);
                let event = self.begin_at(Kind::TransactionPut, run, *key);
                work.put(self.key(*key), bytes);
                self.end(Event { handle, value, ..event });
            }
            Op::TransactionDelete { key, .. } => {
                let event = self.begin_at(Kind::TransactionDelete, run, *key);
                let found = work.delete(self.key(*key));
                let value = found.map_or(ABSENT, |found| id_of(found.as_bytes(), run, *key));
                self.end(Event { handle, value, ..event });
            }
            Op::TransactionList { prefix, .. } => {
                let event = self.begin_at(Kind::TransactionList, run, *prefix);
                let listed = work.list(self.prefix(*prefix));
                let rows = listed.iter().map(|(key, value)| Row { key, value, version: None });
                self.end_listing(Event { handle, ..event }, rows);
            }
            _ => unreachable!("{op:?} is handled elsewhere"),
        }
    }

    pub(super) fn commit(&mut self, slot: u8) {
        let Some(transaction) = self.transactions[usize::from(slot)].take() else { return };
        let Transaction { work, id: handle, run } = transaction;
        let event = Event { handle, ..self.begin_at(Kind::Commit, run, 0) };
        match work.commit() {
            Ok(Some(version)) => self.end(at(event, version)),
            Ok(None) => self.end(Event { flags: event.flags | flag::NO_EFFECT, ..event }),
            Err(Error::Conflict(_)) => {
                self.end(Event { flags: event.flags | flag::CONFLICT, ..event });
            }
            Err(_) => self.refused(event),
        }
    }

    pub(super) fn abort(&mut self, slot: u8) {
        if let Some(Transaction { work, id, run }) = self.transactions[usize::from(slot)].take() {
            let event = self.begin_at(Kind::Abort, run, 0);
            drop(work);
            self.end(Event { handle: id, ..event });
        }
    }
}
