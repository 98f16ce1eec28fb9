//! The map behind the directory of runs: the only part of the store that a checker replaces.
//!
//! Both maps have the same four operations, which show values to closures, so that no guard
//! escapes: [`dashed`] is what the store uses; [`locked`] is for loom and shuttle, which could not
//! see into `DashMap`. A test below keeps the two alike.

#[cfg(not(any(feature = "loom", feature = "shuttle")))]
pub(crate) mod dashed;
#[cfg(any(feature = "loom", feature = "shuttle", test))]
pub(crate) mod locked;

#[cfg(all(test, not(any(feature = "loom", feature = "shuttle"))))]
mod tests {
    use proptest::prelude::*;

    use super::{dashed, locked};
    use crate::contract::RunId;

    #[derive(Clone, Debug)]
    enum Op {
        Get(u8),
        GetOrInsert(u8, u32),
        RemoveIfEven(u8),
        All,
    }

    fn op() -> impl Strategy<Value = Op> {
        prop_oneof![
            (0u8..12).prop_map(Op::Get),
            (0u8..12, any::<u32>()).prop_map(|(id, value)| Op::GetOrInsert(id, value)),
            (0u8..12).prop_map(Op::RemoveIfEven),
            Just(Op::All),
        ]
    }

    /// What one operation shows of a map of either kind.
    macro_rules! shown {
        ($map:expr, $op:expr) => {{
            let id = |number: &u8| RunId::from_u128(u128::from(*number) << 77 | 5);
            let mut seen: Vec<u32> = Vec::new();
            match $op {
                Op::Get(number) => seen.extend($map.get(id(number), |value| *value)),
                Op::GetOrInsert(number, value) => {
                    seen.push($map.get_or_insert(id(number), || *value, |value| *value));
                }
                Op::RemoveIfEven(number) => $map.remove_if(id(number), |value| {
                    seen.push(*value);
                    *value % 2 == 0
                }),
                Op::All => $map.for_each(|value| seen.push(*value)),
            }
            seen.sort_unstable();
            seen
        }};
    }

    proptest! {
        #[test]
        fn the_two_maps_do_the_same(ops in prop::collection::vec(op(), 0..200)) {
            let (one, other) = (dashed::RunMap::with_capacity(0), locked::RunMap::with_capacity(0));
            for op in &ops {
                prop_assert_eq!(shown!(one, op), shown!(other, op), "{:?}", op);
            }
        }
    }

    #[test]
    fn runs_of_one_place_and_of_two_both_occur_in_the_replacement() {
        let map = locked::RunMap::<u32>::with_capacity(0);
        let place = |number| map.place_of(RunId::from_u128(number));
        assert!((1..4).any(|number| place(number) == place(0)));
        assert!((1..4).any(|number| place(number) != place(0)));
    }
}
