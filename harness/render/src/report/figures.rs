//! Which pictures a figure of the document has.

use crate::report::html::Drawn;
use crate::report::page::Page;
use crate::report::{
    ReportError, contention, cost, held, over_time, percentiles, rates, snapshots, throughput,
};

/// The pictures of a figure; none where nothing can be drawn.
pub(crate) fn draw(page: &Page<'_>, id: &str) -> Result<Drawn, ReportError> {
    match id {
        "contention" => contention::draw(page),
        "throughput" => throughput::draw(page, &throughput::THROUGHPUT),
        "scaling" => throughput::draw(page, &throughput::SCALING),
        "percentiles" => percentiles::draw(page),
        "over-time" => over_time::draw(page),
        "rates" => rates::draw(page),
        "snapshots-by-size" => snapshots::by_size(page),
        "snapshots-by-threads" => snapshots::by_threads(page),
        "held" => held::draw(page),
        "memory" => cost::memory(page),
        "cpu" => cost::processor_time(page),
        _ => Ok(Drawn::of(Vec::new())),
    }
}
