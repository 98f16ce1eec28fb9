//! `UnifiedStore`, the baseline: a subject as it stands, through [`Subject`]'s implementation for
//! every store. This room holds only the check that it stays one.

use sharded_store::UnifiedStore;

use crate::Subject;

const fn is_a_subject<S: Subject>() {}
const _: () = is_a_subject::<UnifiedStore>();
