//! Where a run keeps the byte strings that are too long for a cell.

use crate::sync::StdArc;

/// Long byte strings by index. Only the holder of the run's lock touches it.
#[derive(Default)]
pub(crate) struct Arena {
    /// The strings; none where an index is free.
    strings: Vec<Option<StdArc<[u8]>>>,
    /// Free indices.
    free: Vec<u64>,
    /// Bytes of all strings.
    bytes: usize,
}

impl Arena {
    /// Keeps a string and returns its index.
    pub(crate) fn add(&mut self, string: StdArc<[u8]>) -> u64 {
        self.bytes += string.len();
        if let Some(index) = self.free.pop() {
            self.strings[index as usize] = Some(string);
            return index;
        }
        self.strings.push(Some(string));
        self.strings.len() as u64 - 1
    }

    /// The string at an index that `add` returned and `remove` has not taken back.
    pub(crate) fn get(&self, index: u64) -> &StdArc<[u8]> {
        self.strings[index as usize].as_ref().expect("an index in use names a string")
    }

    /// Lets go of a string.
    pub(crate) fn remove(&mut self, index: u64) {
        let string = self.strings[index as usize].take().expect("an index in use names a string");
        self.bytes -= string.len();
        self.free.push(index);
    }

    /// Bytes the arena occupies, its strings counted in.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
            + self.strings.capacity() * size_of::<Option<StdArc<[u8]>>>()
            + self.free.capacity() * 8
    }
}
