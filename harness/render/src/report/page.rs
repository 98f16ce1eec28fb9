//! What every section needs to know.

pub(crate) use crate::figures::page::{Page, Place, distinct};
