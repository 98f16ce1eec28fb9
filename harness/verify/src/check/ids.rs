//! From ids, which whoever recorded them chose, to small numbers.

/// Ids in a page.
const PAGE: usize = 1 << 12;

/// A table from ids to numbers.
///
/// Ids are dense, or dense in a few stretches (one for each thread), so pages of them are kept
/// where there are any, and looking one up is two loads. Few ids are kept sorted instead: the many
/// small histories of an exhaustive search would be spent clearing pages.
pub(super) enum Ids {
    /// Sorted by id once [`Ids::seal`] was called.
    Few(Vec<(u32, u32)>),
    /// Number plus 1 by id; 0 for none. Pages without ids are empty.
    Many(Vec<Box<[u32]>>),
}

impl Ids {
    /// An empty table for about as many ids.
    pub(super) fn for_about(ids: usize) -> Self {
        if ids <= PAGE / 4 { Self::Few(Vec::with_capacity(ids)) } else { Self::Many(Vec::new()) }
    }

    /// Adds an id. Of two entries of one id the larger number counts.
    #[inline]
    pub(super) fn add(&mut self, id: u32, number: u32) {
        match self {
            Self::Few(pairs) => pairs.push((id, number)),
            Self::Many(pages) => {
                let page = id as usize / PAGE;
                if page >= pages.len() {
                    pages.resize_with(page + 1, Box::default);
                }
                if pages[page].is_empty() {
                    pages[page] = vec![0; PAGE].into_boxed_slice();
                }
                let cell = &mut pages[page][id as usize % PAGE];
                *cell = (*cell).max(number + 1);
            }
        }
    }

    /// Makes the table ready for questions.
    pub(super) fn seal(&mut self) {
        if let Self::Few(pairs) = self {
            pairs.sort_unstable_by_key(|(id, number)| (*id, u32::MAX - number));
            pairs.dedup_by_key(|pair| pair.0);
        }
    }

    /// The number of an id.
    #[inline]
    pub(super) fn get(&self, id: u32) -> Option<u32> {
        match self {
            Self::Few(pairs) => {
                let place = pairs.binary_search_by_key(&id, |pair| pair.0).ok()?;
                Some(pairs[place].1)
            }
            Self::Many(pages) => {
                pages.get(id as usize / PAGE)?.get(id as usize % PAGE)?.checked_sub(1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_ids_are_found_and_others_are_not() {
        for about in [10, 10_000] {
            let mut ids = Ids::for_about(about);
            let all = [1, 5, 4095, 4096, 70_000, 1 << 28];
            for (id, number) in all.into_iter().zip(0..) {
                ids.add(id, number);
            }
            ids.seal();
            for (id, number) in all.into_iter().zip(0..) {
                assert_eq!(ids.get(id), Some(number));
                assert_eq!(ids.get(id + 1).is_some(), all.contains(&(id + 1)));
            }
            assert_eq!((ids.get(0), ids.get(u32::MAX)), (None, None));
        }
    }
}
