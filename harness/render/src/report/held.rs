//! What a snapshot costs that is held: while others write, and when it is dropped.

use shardproof_evidence::{HeldSnapshot, Reclaim, SnapshotAge};

use crate::plot::Alternative;
use crate::plot::axis::Axis;
use crate::plot::lines::{Panel, Point, Series};
use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::html::{Entry, Figure, Head, Markup, Picture, Section, Table, Width, Words};
use crate::report::numbers::{NONE, ends, three, three_of, whole};
use crate::report::page::{Page, distinct};
use crate::report::snapshots::{line, point};

/// What it costs at each age, whether it stays as it was, and what becomes of its memory.
pub(crate) fn add(section: &mut Section, page: &Page<'_>) -> Result<(), ReportError> {
    section.add(&held(page)?)?;
    section.add_table(&checked(page), "Reads through held snapshots, checked")?;
    section.add_table(&reclaimed(page), "Reclaim")
}

/// The subjects with a held snapshot that did not stay as it was.
pub(crate) fn wrong<'a>(page: &Page<'a>) -> Vec<&'a str> {
    let wrong = page.evidence.held_snapshots.iter().filter(|each| is_wrong(each));
    distinct(wrong.map(|each| each.subject.as_str()))
}

const fn is_wrong(held: &HeldSnapshot) -> bool {
    held.checks.failed > 0
}

/// A value, and its interval where it has one.
type Height = (f64, Option<(f64, f64)>);

/// What is drawn of a snapshot as it ages, with its unit.
struct Aging {
    /// What it is.
    title: &'static str,
    /// The name of the upright axis.
    axis: &'static str,
    /// Whose it is drawn for.
    of: Whose,
    /// Its value and interval at an age.
    value: fn(&SnapshotAge) -> Option<Height>,
}

/// For whose snapshots something is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// Every subject's.
    All,
    /// Only those that stayed as they were: what others cost is the cost of nothing.
    Right,
}

const AGING: [Aging; 4] = [
    Aging {
        title: "memory",
        axis: "extra MB",
        of: Whose::Right,
        value: |age| age.extra_bytes.map(|bytes| (bytes as f64 / 1e6, None)),
    },
    Aging {
        title: "versions",
        axis: "thousand versions",
        of: Whose::Right,
        value: |age| age.versions.map(|versions| (versions as f64 / 1e3, None)),
    },
    Aging {
        title: "read of the newest",
        axis: "ns",
        of: Whose::All,
        value: |age| {
            let spread = age.newest_read_ns;
            Some((spread.median, Some((spread.low, spread.high))))
        },
    },
    Aging {
        title: "read through the snapshot",
        axis: "ns",
        of: Whose::Right,
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
            let title =
                format!("{}, {} keys{}", aging.title, whole(keys as u64), page.part_name(part));
            pictures.extend(picture(page, &here, aging, format!("held-{group}-{number}"), title)?);
        }
    }
    let wrong = wrong(page);
    let not_drawn = if wrong.is_empty() {
        String::new()
    } else {
        format!(
            " Of {} only the reads of the newest are drawn: its reads through the snapshot were \
             wrong (below), and what a snapshot costs that holds nothing is no cost of snapshots.",
            wrong.join(", ")
        )
    };
    Ok(Figure {
        title: "A held snapshot as it ages".to_owned(),
        width: Width::Column,
        caption: Words::new(
            format!("A snapshot is open while keys are overwritten. All axes show 0.{not_drawn}"),
            &[Term::Held, Term::ExtraBytes, Term::Versions, Term::NewestRead, Term::SnapshotRead],
        ),
        legend: page.legend(|subject| all.iter().any(|each| each.subject == subject))?,
        pictures,
        folded: Vec::new(),
        tables: vec![ages(page)],
    })
}

/// One picture; none where nobody has such figures.
fn picture(
    page: &Page<'_>,
    here: &[&HeldSnapshot],
    aging: &Aging,
    name: String,
    title: String,
) -> Result<Option<Picture>, ReportError> {
    let drawn = here.iter().filter(|each| aging.of == Whose::All || !is_wrong(each));
    let series: Vec<Series> = drawn
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
        return Ok(None);
    }
    let points = || series.iter().flat_map(|series| &series.points);
    let highest = points().map(|point| point.interval.map_or(point.y, |(_, high)| high));
    let panel = Panel {
        alternative: Alternative {
            name,
            title: format!("Held snapshot: {title}"),
            description: "The same numbers are in the table below.".to_owned(),
        },
        x: Axis::from_zero("thousand overwrites since", points().map(|point| point.x)),
        y: Axis::around_zero(aging.axis, highest.chain(points().map(|point| point.y))),
        series,
    };
    Ok(Some(Picture { title, svg: Markup::drawn(panel.draw()?) }))
}

fn ages(page: &Page<'_>) -> Table {
    let caption = Words::new("Held snapshots at each age.", &[Term::Held]);
    let heads = vec![
        Head::of(Term::Subject),
        Head::of(Term::Keys),
        Head::named(Term::Held, "overwrites", ""),
        Head::named(Term::KeysOverwritten, "keys overwritten", ""),
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
            let right =
                [Entry::from(three(through.median)), ends(through.low, through.high, 1.0).into()];
            let through = if is_wrong(each) {
                vec![Entry::instead("wrong answers", right.len())]
            } else {
                right.to_vec()
            };
            let figures = [
                format!("{}{}", each.subject, page.part_name(each.part)).into(),
                whole(each.keys as u64).into(),
                whole(age.overwrites).into(),
                whole(age.keys_overwritten as u64).into(),
                three(age.age_ms).into(),
                three_of(age.extra_bytes.map(|bytes| bytes as f64 / 1e3)).into(),
                age.versions.map_or_else(|| NONE.to_owned(), |count| whole(count as u64)).into(),
                three(newest.median).into(),
                Entry::from(ends(newest.low, newest.high, 1.0)),
            ];
            table.row(figures.into_iter().chain(through));
        }
    }
    table
}

/// Whether snapshots stayed as they were.
fn checked(page: &Page<'_>) -> Table {
    let caption = Words::new(
        "Every key was read through the held snapshot at each age: it must be as it was when the \
         snapshot was taken.",
        &[Term::Held, Term::Checks],
    );
    let heads = vec![
        Head::of(Term::Subject),
        Head::of(Term::Keys),
        Head::named(Term::Checks, "reads checked", ""),
        Head::named(Term::Checks, "wrong", ""),
        Head::named(Term::Checks, "the first wrong one", ""),
    ];
    let mut table = Table::new(caption, 2, heads);
    for each in &page.evidence.held_snapshots {
        let checks = &each.checks;
        let class = if is_wrong(each) { "bad" } else { "" };
        let told = checks.first_failure.as_ref().or(checks.exemption.as_ref());
        table.row([
            format!("{}{}", each.subject, page.part_name(each.part)).into(),
            whole(each.keys as u64).into(),
            whole(checks.checked).into(),
            Entry::marked(whole(checks.failed), class),
            Entry::marked(told.map_or("", String::as_str), "w long"),
        ]);
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
        Head::named(Term::Collected, "once told to collect", "kB"),
    ];
    let mut table = Table::new(caption, 2, heads);
    for each in &page.evidence.held_snapshots {
        let names = [
            Entry::from(format!("{}{}", each.subject, page.part_name(each.part))),
            whole(each.keys as u64).into(),
        ];
        let figures = match each.reclaim {
            _ if is_wrong(each) => vec![Entry::instead("it held nothing: see above", 7)],
            None => vec![Entry::spanning("bytes were not counted", 7)],
            Some(reclaim) => figures(&reclaim),
        };
        table.row(names.into_iter().chain(figures));
    }
    table
}

fn figures(reclaim: &Reclaim) -> Vec<Entry> {
    let kilobytes = |bytes: i64| Entry::from(three(bytes as f64 / 1e3));
    let back = reclaim
        .reclaimed_ms
        .map_or_else(|| Entry::marked("not in time", "bad"), |ms| three(ms).into());
    vec![
        kilobytes(reclaim.extra_bytes),
        three(reclaim.drop_ns).into(),
        kilobytes(reclaim.after_drop_bytes),
        back,
        whole(reclaim.overwrites).into(),
        kilobytes(reclaim.end_bytes),
        reclaim.collected_bytes.map_or_else(|| "not needed".into(), kilobytes),
    ]
}
