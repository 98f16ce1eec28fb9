//! `UnifiedStore`, the baseline, is a subject through [`Subject`]'s blanket implementation for
//! stores. This module only checks that it stays one.

use sharded_store::UnifiedStore;

use crate::Subject;

const fn is_a_subject<S: Subject>() {}
const _: () = is_a_subject::<UnifiedStore>();
