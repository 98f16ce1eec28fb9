//! How much load each subject bears.

use shardproof_evidence::RateSearch;

use crate::plot::Alternative;
use crate::plot::axis::{Axis, count, time};
use crate::plot::lines::{Mark, Panel, Point, Series};
use crate::plot::style::IDEAL;
use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::html::{Entry, Figure, Head, Markup, Picture, Section, Table, Width, Words};
use crate::report::numbers::{NONE, counted, three, three_of};
use crate::report::page::{Page, Place, distinct};

/// The results, and what was tried.
pub(crate) fn section(page: &Page<'_>) -> Result<Section, ReportError> {
    let mut section = Section::new("rates", "How much load each bears");
    if page.evidence.rate_searches.is_empty() {
        return section.missing("No rate was searched for.", "shardproof measure");
    }
    section.add_table(&results(page), "Rates")?;
    section.add(&figure(page)?)?;
    Ok(section)
}

fn results(page: &Page<'_>) -> Table {
    let caption = Words::new(
        "The highest rate of arrivals at which the 99th percentile stayed under the bound.",
        &[Term::RateSearch, Term::Arrivals],
    );
    let mut heads = names();
    heads.extend([
        Head::named(Term::Arrivals, "arrivals", ""),
        Head::named(Term::RateSearch, "bound of p99", "ns"),
        Head::named(Term::RateSearch, "highest rate", "Mops/s"),
        Head::named(Term::RateSearch, "rates tried", ""),
    ]);
    let mut table = Table::new(caption, 4, heads);
    for search in &page.evidence.rate_searches {
        let rate = search.rate_ops_s.map(|rate| rate / 1e6);
        table.row(named(page, search).into_iter().chain([
            Entry::words(search.pattern.as_str()),
            three(search.p99_ns_max as f64).into(),
            rate.map_or_else(|| Entry::marked("none", "bad"), |rate| three(rate).into()),
            search.steps.len().to_string().into(),
        ]));
    }
    table
}

fn names() -> Vec<Head> {
    vec![
        Head::of(Term::Workload),
        Head::of(Term::Placement),
        Head::of(Term::Threads),
        Head::of(Term::Subject),
    ]
}

fn named(page: &Page<'_>, search: &RateSearch) -> [Entry; 4] {
    [
        search.workload.as_str().into(),
        format!("{}{}", search.placement, page.part_name(search.part)).into(),
        search.threads.to_string().into(),
        search.subject.as_str().into(),
    ]
}

/// Searches that are drawn in one picture.
type Shared<'a> = (Place<'a>, usize, &'a str, u64);

fn shared(search: &RateSearch) -> Shared<'_> {
    let RateSearch { part, workload, placement, .. } = search;
    let place = Place { part: *part, workload, placement };
    (place, search.threads, &search.pattern, search.p99_ns_max)
}

fn figure(page: &Page<'_>) -> Result<Figure, ReportError> {
    let searches = &page.evidence.rate_searches;
    let mut pictures = Vec::new();
    for (number, key) in distinct(searches.iter().map(shared)).into_iter().enumerate() {
        let here: Vec<&RateSearch> =
            searches.iter().filter(|search| shared(search) == key).collect();
        let (place, threads, pattern, _) = key;
        let crowded = page.is_oversubscribed(place.part, threads, &[]);
        let title = format!(
            "{}, {}{}, {pattern}",
            page.name(place),
            counted(threads, "thread", "threads"),
            if crowded { " (more than cores)" } else { "" },
        );
        let svg = Markup::drawn(panel(page, &here, &title, number).draw()?);
        pictures.push(Picture { title, svg });
    }
    let folded = pictures.split_off(pictures.len().min(SHOWN_MAX));
    Ok(Figure {
        title: "99th percentile by rate of arrivals".to_owned(),
        width: Width::Column,
        caption: Words::new(
            "Every rate that was tried. Hollow points did not keep the bound, which is the \
             dotted grey line, or did not keep up. Both axes are logarithmic.",
            &[Term::RateSearch, Term::OpenLoop, Term::Arrivals],
        ),
        legend: page.legend(|subject| searches.iter().any(|search| search.subject == subject))?,
        pictures,
        folded,
        tables: vec![steps(page)],
    })
}

/// Pictures that are shown at once.
const SHOWN_MAX: usize = 12;

fn panel(page: &Page<'_>, here: &[&RateSearch], title: &str, number: usize) -> Panel {
    let series = |search: &&RateSearch| {
        let mut steps = search.steps.clone();
        steps.sort_by(|one, other| one.rate_ops_s.total_cmp(&other.rate_ops_s));
        let points = steps.iter().map(|step| Point {
            x: step.rate_ops_s,
            y: step.p99_ns as f64,
            interval: None,
            mark: if step.kept { Mark::Solid } else { Mark::Hollow },
        });
        Series {
            style: page.styles.style(&search.subject),
            points: points.collect(),
            neighbour: 0.0,
        }
    };
    let mut series: Vec<Series> = here.iter().map(series).collect();
    let bound = here.first().map_or(0, |search| search.p99_ns_max) as f64;
    let points = || series.iter().flat_map(|series| &series.points);
    let x = Axis::log("arrivals asked for per second", points().map(|point| point.x), count);
    let y = Axis::log("p99", points().map(|point| point.y).chain([bound]), time);
    let ends = [x.low, x.high].map(|place| Point {
        x: 10f64.powf(place),
        y: bound,
        interval: None,
        mark: Mark::None,
    });
    series.insert(0, Series { style: IDEAL, points: ends.to_vec(), neighbour: 0.0 });
    let words = here.iter().map(|search| {
        let rate = search.rate_ops_s.map(|rate| rate / 1e6);
        format!("{}: up to {} Mops/s", search.subject, three_of(rate))
    });
    Panel {
        alternative: Alternative {
            name: format!("rates-{number}"),
            title: format!("99th percentile by rate of arrivals: {title}"),
            description: words.collect::<Vec<_>>().join("; "),
        },
        x,
        y,
        series,
    }
}

fn steps(page: &Page<'_>) -> Table {
    let caption = Words::new("Every rate that was tried, in order.", &[Term::RateSearch]);
    let mut heads = names();
    heads.extend([
        Head::named(Term::Arrivals, "asked", "Mops/s"),
        Head::named(Term::Arrivals, "reached", "Mops/s"),
        Head::named(Term::Percentile, "p99", "ns"),
        Head::named(Term::RateSearch, "kept", ""),
    ]);
    let mut table = Table::new(caption, 4, heads);
    for search in &page.evidence.rate_searches {
        if search.steps.is_empty() {
            table.row(named(page, search).into_iter().chain([Entry::instead(NONE, 4)]));
        }
        for step in &search.steps {
            table.row(named(page, search).into_iter().chain([
                three(step.rate_ops_s / 1e6).into(),
                three(step.achieved_ops_s / 1e6).into(),
                three(step.p99_ns as f64).into(),
                Entry::words(if step.kept { "yes" } else { "no" }),
            ]));
        }
    }
    table
}
