//! The headline figure: throughput beside the ceiling, and scaling efficiency.

use shardproof_document::{counted, significant};
use shardproof_evidence::Cell;
use shardproof_judge::compare::{Compared, FLOOR};

use crate::figures::by_workload::{CellMark, axis, references};
use crate::figures::contention::{Columns, Efficiencies, map};
use crate::figures::page::{Page, distinct};
use crate::figures::throughput::{THROUGHPUT_DOTS, mark, mops};
use crate::figures::{Figure, Picture, PictureFile, SAME_BELOW, Width, alternative};
use crate::plot::dots::{Dot, DotCell, DotGroup, DotPlot, DotRow, Lane};
use crate::plot::heat::HeatMap;
use crate::plot::{Body, Plot, PlotError};

/// Maximum number of workloads shown, in their order.
const WORKLOADS_MAX: usize = 4;
/// The preferred placements, for contrast.
const PLACEMENTS: [&str; 2] = ["disjoint", "shared"];

/// The cells shown: those of part 0 at its representative number of threads.
struct HeadlineSelection<'a> {
    /// The placements, at most two.
    placements: Vec<&'a str>,
    /// The first workloads that ran in all of these placements.
    workloads: Vec<&'a str>,
    /// The largest number of threads with a core each.
    threads: usize,
}

impl<'a> HeadlineSelection<'a> {
    fn of(page: &Page<'a>) -> Option<Self> {
        let cells = || page.evidence.cells.iter().filter(|cell| cell.part == 0);
        let fair = cells()
            .filter(|cell| {
                !page.evidence.is_oversubscribed(cell.part, cell.threads, &cell.warnings)
            })
            .map(|cell| cell.threads)
            .max();
        let threads = fair.or_else(|| cells().map(|cell| cell.threads).min())?;
        let placements = distinct(cells().map(|cell| cell.placement.as_str()));
        let mut chosen: Vec<&str> =
            placements.iter().copied().filter(|placement| PLACEMENTS.contains(placement)).collect();
        if chosen.is_empty() {
            chosen = placements.into_iter().take(PLACEMENTS.len()).collect();
        }
        let is_in = |workload: &str, placement: &str| {
            cells().any(|cell| cell.workload == workload && cell.placement == placement)
        };
        let workloads = distinct(cells().map(|cell| cell.workload.as_str())).into_iter();
        let workloads: Vec<&str> = workloads
            .filter(|workload| chosen.iter().all(|placement| is_in(workload, placement)))
            .take(WORKLOADS_MAX)
            .collect();
        (!workloads.is_empty()).then_some(Self { placements: chosen, workloads, threads })
    }

    fn contains(&self, cell: &Cell) -> bool {
        cell.part == 0
            && cell.threads == self.threads
            && self.placements.contains(&&*cell.placement)
            && self.workloads.contains(&&*cell.workload)
    }
}

/// The headline figure; none if no cell was measured.
pub(crate) fn headline(page: &Page<'_>, compared: &[Compared<'_>]) -> Option<Figure> {
    let chosen = HeadlineSelection::of(page)?;
    let threads = counted(chosen.threads, "thread");
    let mut pictures: Vec<Picture> = Vec::new();
    for (placement, index) in chosen.placements.iter().zip(0..) {
        let name = format!("headline-{index}");
        let plot = throughput(page, compared, &chosen, (&[*placement], name));
        pictures.push(Picture { title: format!("{placement}, Mops/s"), plot: Plot::Dots(plot) });
    }
    if let Some(heat) = contention(page, compared, &chosen, "headline-heat") {
        let title = "Scaling efficiency".to_owned();
        pictures.push(Picture { title, plot: Plot::Heat(heat) });
    }
    Some(Figure {
        title: format!("Throughput on {threads}, beside the ceiling"),
        caption: "The ceiling shares nothing and shows what the machine can do. The axis is \
                  logarithmic, and the same in both plots; bars are intervals of the median. \
                  Coloured cells show scaling efficiency, throughput per thread relative to one \
                  thread, with throughput in Mops/s below it."
            .to_owned(),
        width: Width::Column,
        legend: Vec::new(),
        pictures,
        folded: Vec::new(),
    })
}

/// The headline pictures as separate files, for a README.
///
/// # Errors
/// [`PlotError`], which only a bug can cause.
pub(crate) fn files(
    page: &Page<'_>,
    compared: &[Compared<'_>],
) -> Result<Vec<PictureFile>, PlotError> {
    let Some(chosen) = HeadlineSelection::of(page) else { return Ok(Vec::new()) };
    let name = "throughput";
    let dots = throughput(page, compared, &chosen, (&chosen.placements, name.to_owned()));
    let mut files = vec![PictureFile::of(name, &Plot::Dots(dots))?];
    let name = "contention";
    if let Some(heat) = contention(page, compared, &chosen, name) {
        files.push(PictureFile::of(name, &Plot::Heat(heat))?);
    }
    Ok(files)
}

/// Throughput of each subject in these placements, side by side.
fn throughput(
    page: &Page<'_>,
    compared: &[Compared<'_>],
    chosen: &HeadlineSelection<'_>,
    (placements, name): (&[&str], String),
) -> DotPlot {
    let shown = compared.iter().filter(|each| each.cell.subject != FLOOR);
    let marks: Vec<CellMark<'_>> = shown
        .filter(|each| chosen.contains(each.cell))
        .map(|each| mark(page, each, mops(each)))
        .collect();
    let groups = |placements: &[&str]| -> Vec<DotGroup> {
        let group = |workload: &&str| group(page, &marks, (workload, placements));
        chosen.workloads.iter().map(group).collect()
    };
    // All plots of the figure share one scale.
    let threads = counted(chosen.threads, "thread");
    let label = format!("{} on {threads}", THROUGHPUT_DOTS.axis);
    let axis = axis(&label, THROUGHPUT_DOTS.unit, &groups(&chosen.placements));
    let groups = groups(placements);
    let is_one = placements.len() == 1;
    let head = |placement: &&str| if is_one { String::new() } else { (*placement).to_owned() };
    DotPlot {
        alternative: alternative(
            name,
            format!("Throughput on {threads}: {}", placements.join(" and ")),
            description(&marks, placements),
        ),
        axis,
        columns: placements.iter().map(head).collect(),
        lanes: vec![Lane { name: String::new(), body: Body::Solid, level: 0 }],
        references: references(page, THROUGHPUT_DOTS, &groups),
        groups,
    }
}

fn group(
    page: &Page<'_>,
    marks: &[CellMark<'_>],
    (workload, placements): (&str, &[&str]),
) -> DotGroup {
    let here = || marks.iter().filter(|mark| mark.position.workload == workload);
    let find = |placement: &str, subject: &str| {
        here().find(|mark| mark.position.placement == placement && mark.subject == subject)
    };
    let cell = |mark: Option<&CellMark<'_>>| match mark.map(|mark| mark.value) {
        Some(Ok(estimate)) => DotCell {
            dots: vec![Dot { lane: 0, value: estimate.value, interval: estimate.interval }],
            number: significant(estimate.value),
        },
        Some(Err(why)) => DotCell { dots: Vec::new(), number: why.to_owned() },
        None => DotCell::default(),
    };
    let row = |subject: &str| DotRow {
        name: subject.to_owned(),
        style: page.styles.style(subject),
        cells: placements.iter().map(|placement| cell(find(placement, subject))).collect(),
    };
    let reference = |subject: &str| {
        let value = |placement: &&str| Some(find(placement, subject)?.value.ok()?.value);
        placements.iter().map(value).collect()
    };
    DotGroup {
        name: workload.to_owned(),
        rows: distinct(here().map(|mark| mark.subject)).into_iter().map(row).collect(),
        references: THROUGHPUT_DOTS
            .references
            .iter()
            .map(|line| reference(line.subject(page)))
            .collect(),
    }
}

fn description(marks: &[CellMark<'_>], placements: &[&str]) -> String {
    let values = marks.iter().filter(|mark| placements.contains(&mark.position.placement));
    let values = values.filter_map(|mark| {
        let value = significant(mark.value.ok()?.value);
        let position = mark.position;
        Some(format!("{} {} {}: {value}", position.workload, position.placement, mark.subject))
    });
    let values: Vec<String> = values.collect();
    format!("Mops/s: {}. {SAME_BELOW}", values.join("; "))
}

/// Scaling efficiency; none for a single thread.
fn contention(
    page: &Page<'_>,
    compared: &[Compared<'_>],
    chosen: &HeadlineSelection<'_>,
    name: &str,
) -> Option<HeatMap> {
    if chosen.threads < 2 {
        return None;
    }
    let cells: Vec<&Cell> = compared
        .iter()
        .map(|each| each.cell)
        .filter(|cell| chosen.contains(cell) && cell.subject != FLOOR)
        .collect();
    let threads = counted(chosen.threads, "thread");
    let columns = Columns {
        heading: threads.clone(),
        names: chosen.workloads.iter().map(|workload| (*workload).to_owned()).collect(),
        cells: chosen.workloads.iter().map(|workload| (*workload, chosen.threads)).collect(),
    };
    let mut map = map(page, &Efficiencies::of(compared), &cells, &columns, &threads);
    name.clone_into(&mut map.alternative.name);
    Some(map)
}
