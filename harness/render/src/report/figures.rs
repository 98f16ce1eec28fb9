//! The figures for each slot of the document.

use shardproof_document::whole;
use shardproof_judge::compare::{Compared, compare};

use crate::figures::contention::{Efficiencies, contention};
use crate::figures::families::{families, loops};
use crate::figures::page::{Page, distinct};
use crate::figures::{
    Figure, cost, headline, held, over_time, percentiles, rates, snapshots, throughput,
};

/// Maximum number of pictures per figure; the tables have the remaining numbers.
const DRAWN_MAX: usize = 48;

/// The input of figures.
#[derive(Debug)]
pub(crate) struct FigureSource<'a> {
    /// The evidence.
    page: Page<'a>,
    /// Every cell with its scaling.
    compared: Vec<Compared<'a>>,
}

impl<'a> FigureSource<'a> {
    /// The input of a page's figures.
    pub(crate) fn of(page: Page<'a>) -> Self {
        let compared = compare(page.evidence, page.base);
        Self { page, compared }
    }

    /// The figures of a slot; empty if nothing can be drawn.
    pub(crate) fn figures(&self, id: &str) -> Vec<Figure> {
        let Self { page, compared } = self;
        let mut figures = match id {
            "headline" => headline::headline(page, compared).into_iter().collect(),
            "contention" => self.contention(),
            "throughput" => vec![throughput::throughput(page, compared)],
            "scaling" => vec![throughput::scaling(page, compared)],
            "percentiles" => self.percentiles(),
            "over-time" => self.over_time(),
            "rates" => vec![rates::highest(page), rates::tried(page)],
            "snapshots-by-size" => vec![snapshots::by_size(page)],
            "snapshots-by-threads" => vec![snapshots::by_threads(page)],
            "held" => vec![held::held(page)],
            "memory" => vec![cost::memory(page)],
            "cpu" => vec![cost::processor_time(page)],
            _ => Vec::new(),
        };
        figures.retain(|figure| !figure.pictures.is_empty());
        figures.iter_mut().for_each(limit);
        figures
    }

    /// One figure per part of the evidence.
    fn contention(&self) -> Vec<Figure> {
        let kept = Efficiencies::of(&self.compared);
        let parts = distinct(self.page.evidence.cells.iter().map(|cell| cell.part));
        let mut drawn = 0;
        parts.into_iter().map(|part| contention(&self.page, &kept, part, &mut drawn)).collect()
    }

    /// Two figures per kind of loop.
    fn percentiles(&self) -> Vec<Figure> {
        let (mut dots, mut lines) = (0, 0);
        let figures = loops(&self.page).into_iter().flat_map(|how| {
            [
                percentiles::quantiles(&self.page, how, &mut dots),
                percentiles::percentiles(&self.page, how, &mut lines),
            ]
        });
        figures.collect()
    }

    /// One figure per kind of loop.
    fn over_time(&self) -> Vec<Figure> {
        let mut number = 0;
        let figures = loops(&self.page).into_iter().map(|how| {
            let families = families(&self.page, how);
            let drawn = over_time::drawn(&self.page, &families);
            over_time::over_time(&self.page, (how, families.len()), &drawn, &mut number)
        });
        figures.collect()
    }
}

/// Drops pictures beyond [`DRAWN_MAX`], folded ones first, and notes that in the caption.
fn limit(figure: &mut Figure) {
    let all = figure.pictures.len() + figure.folded.len();
    figure.pictures.truncate(DRAWN_MAX);
    figure.folded.truncate(DRAWN_MAX - figure.pictures.len());
    let left_out = all - figure.pictures.len() - figure.folded.len();
    if left_out > 0 {
        figure.caption += &format!(
            " {} more are not drawn; their numbers are in the tables.",
            whole(left_out as u64)
        );
    }
}
