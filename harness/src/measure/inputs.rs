//! What all cells are fed with, made before the first clock starts.

use std::collections::HashMap;
use std::time::Duration;

use crate::machine::cpus::Cpus;
use crate::measure::cell::Slice;
use crate::measure::load::Load;
use crate::measure::plan::{Pinning, Plan, Point};
use crate::workload::{KeySet, Placement, Stream};

/// Different places in memory that a subject may come to lie at, and how far they are apart: what
/// allocators align to, over two pages.
const HEAP_OFFSETS: usize = 512;
const HEAP_STEP_BYTES: usize = 16;
