//! What a snapshot costs that is held: while others write, and when it is dropped.

use shardproof_evidence::Reclaim;

use crate::figures::held::{held, is_wrong};
use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::html::{Entry, Figure, Head, Section, Table, Words};
use crate::report::numbers::{NONE, ends, three, three_of, whole};
use crate::report::page::Page;

/// What it costs at each age, whether it stays as it was, and what becomes of its memory.
pub(crate) fn add(section: &mut Section, page: &Page<'_>) -> Result<(), ReportError> {
    let terms =
        &[Term::Held, Term::ExtraBytes, Term::Versions, Term::NewestRead, Term::SnapshotRead];
    section.add(&Figure::of(held(page), terms, vec![ages(page)])?)?;
    section.add_table(&checked(page), "Reads through held snapshots, checked")?;
    section.add_table(&reclaimed(page), "Reclaim")
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
