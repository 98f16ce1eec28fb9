//! Writes.

use super::super::store::{Deleted, Error, Session, Storage, Value, Version, WriteSet};
use super::worker::{Worker, at, id_of};
use crate::alphabet::value_bytes;
use crate::execute::ticks::Ticks;
use crate::history::{ABSENT, Event, Kind, flag};
use crate::program::{Size, Write};

impl<S: Storage, T: Ticks> Worker<'_, S, T> {
    pub(super) fn put(&mut self, run: u16, key: u32, size: Size) {
        let (id, value) = self.make(run, key, size);
        let event = self.begin_at(Kind::Put, run, key);
        let version = self.store.put(self.id(run), self.key(key), value);
        self.end_write(Event { value: id, ..event }, version);
    }

    pub(super) fn session_put(&mut self, run: u16, key: u32, size: Size) {
        let (id, value) = self.make(run, key, size);
        let event = self.begin_at(Kind::Put, run, key);
        let (store, key) = (self.store, self.key(key));
        let run_id = self.id(run);
        let session = &mut self.sessions[usize::from(run)];
        let version = session.get_or_insert_with(|| store.session(run_id)).put(key, value);
        self.end_write(Event { value: id, ..event }, version);
    }

    pub(super) fn end_write(&mut self, event: Event, version: Result<Version, Error>) {
        match version {
            Ok(version) => self.end(at(event, version)),
            Err(_) => self.refused(event),
        }
    }

    pub(super) fn delete(&mut self, run: u16, key: u32) {
        let event = self.begin_at(Kind::Delete, run, key);
        match self.store.delete(self.id(run), self.key(key)) {
            Ok(Some(Deleted { removed, version })) => {
                let value = id_of(removed.value.as_bytes(), run, key);
                self.end(at(Event { value, ..event }, version));
            }
            Ok(None) => self.end(Event { flags: event.flags | flag::NO_EFFECT, ..event }),
            Err(_) => self.refused(event),
        }
    }

    pub(super) fn apply(&mut self, writes: &[Write]) {
        let mut set = WriteSet::new();
        let mut ids = Vec::with_capacity(writes.len());
        for Write { run, key, put } in writes {
            let made = put.map(|size| self.make(*run, *key, size));
            let (id, value) = made.map_or((ABSENT, None), |(id, value)| (id, Some(value)));
            set.add(self.id(*run), self.key(*key).clone(), value);
            ids.push(id);
        }
        let handle = self.new_id();
        let event = self.begin(Kind::SetPut);
        let changed = self.store.apply(&set);
        let now = self.ticks.now();
        for (Write { run, key, put }, value) in writes.iter().zip(ids) {
            let kind = if put.is_some() { Kind::SetPut } else { Kind::SetDelete } as u8;
            let event = Event { kind, handle, run: *run, key: *key, value, ..event };
            let event = match &changed {
                Err(_) => Event { flags: event.flags | flag::REFUSED, ..event },
                Ok(versions) => match versions.iter().find(|(id, _)| *id == self.id(*run)) {
                    Some((_, version)) => at(event, *version),
                    None if S::CAPABILITIES.versions => {
                        Event { flags: event.flags | flag::NO_EFFECT, ..event }
                    }
                    None => event,
                },
            };
            self.end_at(event, now);
        }
        self.last = now;
    }

    pub(super) fn remove_run(&mut self, run: u16) {
        if !S::CAPABILITIES.removal {
            return;
        }
        let event = self.begin_at(Kind::RemoveRun, run, 0);
        match self.store.remove_run(self.id(run)) {
            Ok(Some(version)) => self.end(at(Event { value: 1, ..event }, version)),
            Ok(None) => self.end(Event { flags: event.flags | flag::NO_EFFECT, ..event }),
            Err(_) => self.refused(event),
        }
    }

    pub(super) fn make(&mut self, run: u16, key: u32, size: Size) -> (u32, Value) {
        let id = self.new_id();
        let (bytes, len) = value_bytes(id, run, key, size);
        (id, Value::new(&bytes[..len]).expect("a value of a few bytes is below the limit"))
    }
}
