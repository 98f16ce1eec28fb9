//! What snapshots cost: to take, to hold, and to give back.

use crate::evidence::{HeldSnapshot, SnapshotAge};
use crate::render::plot::Alternative;
use crate::render::plot::axis::{Axis, count, time};
use crate::render::plot::lines::{Mark, Panel, Point, Series};
use crate::render::report::ReportError;
use crate::render::report::glossary::Term;
use crate::render::report::html::{
    Entry, Figure, Head, Markup, Picture, Section, Table, Width, Words,
};
use crate::render::report::numbers::{NONE, counted, ends, interval, three, three_of, whole};
use crate::render::report::page::{Page, distinct, neighbour};

/// Taking, holding, giving back.
pub(crate) fn section(page: &Page<'_>) -> Result<Section, ReportError> {
    let mut section = Section::new("snapshots", "Snapshots");
    let evidence = page.evidence;
    if evidence.snapshots.is_empty() {
        section = section.missing("No snapshot was timed.", "shardproof measure")?;
    } else {
        section.add(&by_size(page)?)?;
    }
    if evidence.snapshot_threads.is_empty() {
        section = section
            .missing("No snapshot was taken beside other snapshots.", "shardproof measure")?;
    } else {
        section.add(&by_threads(page)?)?;
    }
    if evidence.held_snapshots.is_empty() {
        return section.missing("No snapshot was held.", "shardproof measure");
    }
    section.add(&held(page)?)?;
    section.add_table(&reclaimed(page), "Reclaim")?;
    Ok(section)
}

fn by_size(page: &Page<'_>) -> Result<Figure, ReportError> {
    let all = &page.evidence.snapshots;
    let mut pictures = Vec::new();
    for (number, (part, writers)) in
        distinct(all.iter().map(|each| (each.part, each.writers))).into_iter().enumerate()
    {
        let here: Vec<_> =
            all.iter().filter(|each| (each.part, each.writers) == (part, writers)).collect();
        let subjects = distinct(here.iter().map(|each| each.subject.as_str()));
        let series = subjects.iter().map(|subject| {
            let of_subject = here.iter().filter(|each| each.subject == *subject);
            let points = of_subject.map(|each| point(each.keys as f64, each.acquire_ns.p50));
            line(page, subject, points)
        });
        let title =
            format!("beside {}{}", counted(writers, "writer", "writers"), page.part_name(part));
        let axes = ("keys", "one snapshot (p50)");
        let series: Vec<Series> = series.collect();
        let keys = here.iter().map(|each| each.keys as f64);
        let x = Axis::log(axes.0, keys, count);
        pictures.push(picture(&format!("snapshot-keys-{number}"), title, (x, axes.1), series)?);
    }
    Ok(Figure {
        title: "Taking a snapshot by the size of the store".to_owned(),
        width: Width::Column,
        caption: Words::new(
            "A level line means that a snapshot costs the same however much is in the store. \
             Both axes are logarithmic.",
            &[Term::Acquire, Term::Writers],
        ),
        legend: page.legend(|subject| all.iter().any(|each| each.subject == subject))?,
        pictures,
        folded: Vec::new(),
        tables: vec![size_table(page)],
    })
}

fn size_table(page: &Page<'_>) -> Table {
    let caption = Words::new("Snapshots, taken and dropped.", &[Term::Acquire, Term::Allocations]);
    let heads = vec![
        Head::of(Term::Subject),
        Head::of(Term::Keys),
        Head::of(Term::Writers),
        Head::named(Term::Acquire, "p50", "ns"),
        Head::named(Term::Acquire, "p99", "ns"),
        Head::named(Term::Acquire, "p50 one by one", "ns"),
        Head::named(Term::Count, "samples", ""),
        Head::named(Term::Acquire, "batch", ""),
        Head::named(Term::ClockCost, "clock", "ns"),
        Head::of(Term::Allocations),
        Head::named(Term::Keys, "limit", ""),
    ];
    let mut table = Table::new(caption, 3, heads);
    for each in &page.evidence.snapshots {
        table.row([
            format!("{}{}", each.subject, page.part_name(each.part)).into(),
            whole(each.keys as u64).into(),
            each.writers.to_string().into(),
            three(each.acquire_ns.p50).into(),
            three(each.acquire_ns.p99).into(),
            three(each.single_p50_ns).into(),
            whole(each.samples).into(),
            each.acquire_ns.batch.to_string().into(),
            three(each.clock_cost_ns).into(),
            three_of(each.allocations_per_op).into(),
            Entry::marked(each.limit.as_deref().unwrap_or_default(), "w long"),
        ]);
    }
    table
}

fn by_threads(page: &Page<'_>) -> Result<Figure, ReportError> {
    let all = &page.evidence.snapshot_threads;
    let mut pictures = Vec::new();
    for (number, (part, keys)) in
        distinct(all.iter().map(|each| (each.part, each.keys))).into_iter().enumerate()
    {
        let here: Vec<_> =
            all.iter().filter(|each| (each.part, each.keys) == (part, keys)).collect();
        let subjects = distinct(here.iter().map(|each| each.subject.as_str()));
        let mut threads = distinct(here.iter().map(|each| each.threads));
        threads.sort_unstable();
        let mut series = Vec::new();
        for (index, subject) in subjects.iter().enumerate() {
            let points = here.iter().filter(|each| each.subject == *subject).map(|each| Point {
                interval: Some((each.acquire_ns.low, each.acquire_ns.high)),
                mark: if page.is_oversubscribed(part, each.threads, &[]) {
                    Mark::Hollow
                } else {
                    Mark::Solid
                },
                ..point(each.threads as f64, each.acquire_ns.median)
            });
            let neighbour = neighbour(index, subjects.len());
            series.push(Series { neighbour, ..line(page, subject, points) });
        }
        let title = format!("{} keys{}", whole(keys as u64), page.part_name(part));
        let x = Axis::counts("threads that take snapshots", &threads);
        let name = format!("snapshot-threads-{number}");
        pictures.push(picture(&name, title, (x, "one snapshot"), series)?);
    }
    Ok(Figure {
        title: "Taking a snapshot beside threads that do the same".to_owned(),
        width: Width::Column,
        caption: Words::new(
            "Bars are intervals of the median. Hollow points have more threads than cores.",
            &[Term::Acquire, Term::Interval, Term::Oversubscribed],
        ),
        legend: page.legend(|subject| all.iter().any(|each| each.subject == subject))?,
        pictures,
        folded: Vec::new(),
        tables: vec![threads_table(page)],
    })
}

fn threads_table(page: &Page<'_>) -> Table {
    let caption = Words::new("Taking and dropping, as the thread sees it.", &[Term::Acquire]);
    let heads = vec![
        Head::of(Term::Subject),
        Head::of(Term::Keys),
        Head::of(Term::Threads),
        Head::unit(Term::Acquire, "ns"),
        Head::unit(Term::Interval, "ns"),
    ];
    let mut table = Table::new(caption, 3, heads);
    for each in &page.evidence.snapshot_threads {
        table.row([
            format!("{}{}", each.subject, page.part_name(each.part)).into(),
            whole(each.keys as u64).into(),
            each.threads.to_string().into(),
            three(each.acquire_ns.median).into(),
            interval(&each.acquire_ns, 1.0).into(),
        ]);
    }
    table
}

/// A value, and its interval where it has one.
type Height = (f64, Option<(f64, f64)>);

/// What is drawn of a snapshot as it ages, with its unit.
struct Aging {
    /// What it is.
    title: &'static str,
    /// The name of the upright axis.
    axis: &'static str,
    /// Its value and interval at an age.
    value: fn(&SnapshotAge) -> Option<Height>,
}

const AGING: [Aging; 4] = [
    Aging {
        title: "memory",
        axis: "extra MB",
        value: |age| age.extra_bytes.map(|bytes| (bytes as f64 / 1e6, None)),
    },
    Aging {
        title: "versions",
        axis: "thousand versions",
        value: |age| age.versions.map(|versions| (versions as f64 / 1e3, None)),
    },
    Aging {
        title: "read of the newest",
        axis: "ns",
        value: |age| {
            let spread = age.newest_read_ns;
            Some((spread.median, Some((spread.low, spread.high))))
        },
    },
    Aging {
        title: "read through the snapshot",
        axis: "ns",
        value: |age| {
            let spread = age.snapshot_read_ns;
            Some((spread.median, Some((spread.low, spread.high))))
        },
    },
];

fn held(page: &Page<'_>) -> Result<Figure, ReportError> {
    let all = &page.evidence.held_snapshots;
    let mut pictures = Vec::new();
    let groups = distinct(all.iter().map(|each| (each.part, each.keys)));
    for (group, (part, keys)) in groups.into_iter().enumerate() {
        let here: Vec<&HeldSnapshot> =
            all.iter().filter(|each| (each.part, each.keys) == (part, keys)).collect();
        for (number, aging) in AGING.iter().enumerate() {
            let series: Vec<Series> = here
                .iter()
                .map(|each| {
                    let points = each.ages.iter().filter_map(|age| {
                        let (y, interval) = (aging.value)(age)?;
                        Some(Point { interval, ..point(age.overwrites as f64 / 1e3, y) })
                    });
                    line(page, &each.subject, points)
                })
                .filter(|series| !series.points.is_empty())
                .collect();
            if series.is_empty() {
                continue;
            }
            let title =
                format!("{}, {} keys{}", aging.title, whole(keys as u64), page.part_name(part));
            let points = || series.iter().flat_map(|series| &series.points);
            let highest = points().map(|point| point.interval.map_or(point.y, |(_, high)| high));
            let panel = Panel {
                alternative: Alternative {
                    name: format!("held-{group}-{number}"),
                    title: format!("Held snapshot: {title}"),
                    description: "The same numbers are in the table below.".to_owned(),
                },
                x: Axis::from_zero("thousand overwrites since", points().map(|point| point.x)),
                y: Axis::around_zero(aging.axis, highest.chain(points().map(|point| point.y))),
                series,
            };
            pictures.push(Picture { title, svg: Markup::drawn(panel.draw()?) });
        }
    }
    Ok(Figure {
        title: "A held snapshot as it ages".to_owned(),
        width: Width::Column,
        caption: Words::new(
            "A snapshot is open while keys are overwritten. All axes show 0.",
            &[Term::Held, Term::ExtraBytes, Term::Versions, Term::NewestRead, Term::SnapshotRead],
        ),
        legend: page.legend(|subject| all.iter().any(|each| each.subject == subject))?,
        pictures,
        folded: Vec::new(),
        tables: vec![ages(page)],
    })
}

fn ages(page: &Page<'_>) -> Table {
    let caption = Words::new("Held snapshots at each age.", &[Term::Held]);
    let heads = vec![
        Head::of(Term::Subject),
        Head::of(Term::Keys),
        Head::named(Term::Held, "overwrites", ""),
        Head::named(Term::Held, "age", "ms"),
        Head::unit(Term::ExtraBytes, "kB"),
        Head::of(Term::Versions),
        Head::unit(Term::NewestRead, "ns"),
        Head::unit(Term::Interval, "ns"),
        Head::unit(Term::SnapshotRead, "ns"),
        Head::unit(Term::Interval, "ns"),
    ];
    let mut table = Table::new(caption, 3, heads);
    for each in &page.evidence.held_snapshots {
        for age in &each.ages {
            let (newest, through) = (age.newest_read_ns, age.snapshot_read_ns);
            table.row([
                format!("{}{}", each.subject, page.part_name(each.part)).into(),
                whole(each.keys as u64).into(),
                whole(age.overwrites).into(),
                three(age.age_ms).into(),
                three_of(age.extra_bytes.map(|bytes| bytes as f64 / 1e3)).into(),
                age.versions.map_or_else(|| NONE.to_owned(), |count| whole(count as u64)).into(),
                three(newest.median).into(),
                ends(newest.low, newest.high, 1.0).into(),
                three(through.median).into(),
                Entry::from(ends(through.low, through.high, 1.0)),
            ]);
        }
    }
    table
}

fn reclaimed(page: &Page<'_>) -> Table {
    let caption = Words::new(
        "What became of the memory when the snapshot was dropped.",
        &[Term::Reclaim, Term::ExtraBytes],
    );
    let heads = vec![
        Head::of(Term::Subject),
        Head::of(Term::Keys),
        Head::named(Term::ExtraBytes, "before the drop", "kB"),
        Head::named(Term::Reclaim, "the drop took", "ns"),
        Head::named(Term::ExtraBytes, "after the drop", "kB"),
        Head::named(Term::Reclaim, "nine tenths back after", "ms"),
        Head::named(Term::Reclaim, "overwrites until then", ""),
        Head::named(Term::ExtraBytes, "at the end", "kB"),
    ];
    let mut table = Table::new(caption, 2, heads);
    for each in &page.evidence.held_snapshots {
        let names = [
            Entry::from(format!("{}{}", each.subject, page.part_name(each.part))),
            whole(each.keys as u64).into(),
        ];
        let Some(reclaim) = each.reclaim else {
            table.row(names.into_iter().chain([Entry::marked("not watched", "w")]));
            continue;
        };
        let kilobytes = |bytes: i64| Entry::from(three(bytes as f64 / 1e3));
        table.row(
            names.into_iter().chain([
                kilobytes(reclaim.extra_bytes),
                three(reclaim.drop_ns).into(),
                kilobytes(reclaim.after_drop_bytes),
                reclaim
                    .reclaimed_ms
                    .map_or_else(|| Entry::marked("not in time", "bad"), |ms| three(ms).into()),
                whole(reclaim.overwrites).into(),
                kilobytes(reclaim.end_bytes),
            ]),
        );
    }
    table
}

fn point(x: f64, y: f64) -> Point {
    Point { x, y, interval: None, mark: Mark::Solid }
}

fn line(page: &Page<'_>, subject: &str, points: impl Iterator<Item = Point>) -> Series {
    let mut points: Vec<Point> = points.collect();
    points.sort_by(|one, other| one.x.total_cmp(&other.x));
    Series { style: page.styles.style(subject), points, neighbour: 0.0 }
}

/// A picture whose upright axis is a logarithmic time.
fn picture(
    name: &str,
    title: String,
    (x, y): (Axis, &str),
    series: Vec<Series>,
) -> Result<Picture, ReportError> {
    let points = || series.iter().flat_map(|series| &series.points);
    let heights = points().flat_map(|point| {
        let (low, high) = point.interval.unwrap_or((point.y, point.y));
        [low, point.y, high]
    });
    let panel = Panel {
        alternative: Alternative {
            name: name.to_owned(),
            title: format!("{y} by {}: {title}", x.label),
            description: "The same numbers are in the table below.".to_owned(),
        },
        y: Axis::log(y, heights, time),
        x,
        series,
    };
    Ok(Picture { title, svg: Markup::drawn(panel.draw()?) })
}
