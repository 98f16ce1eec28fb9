//! The scaling law that was fitted to each subject.

use std::collections::BTreeMap;

use shardproof_judge::scaling::{Fit, Scaling};

use crate::report::ReportError;
use crate::report::glossary::Term;
use crate::report::html::{Entry, Head, Section, Table, Words};
use crate::report::numbers::{NONE, interval, three};
use crate::report::page::Page;

/// All laws in one table.
pub(crate) fn section(page: &Page<'_>, laws: &[Scaling]) -> Result<Section, ReportError> {
    let mut section = Section::new("scaling-law", "Scaling law");
    if laws.iter().all(|law| law.outcome.is_err()) {
        let why = refusals(laws);
        return section.missing(
            &format!("No scaling law was fitted{why}."),
            "shardproof measure --threads 1,2,3,4,6,8",
        );
    }
    let caption = Words::new(
        "The universal scaling law, fitted to throughput on as many threads as there are cores \
         or fewer. Each value with its interval.",
        &[Term::Lambda, Term::Sigma, Term::Kappa, Term::Peak, Term::Oversubscribed],
    );
    let heads = vec![
        Head::of(Term::Workload),
        Head::of(Term::Placement),
        Head::of(Term::Subject),
        Head::unit(Term::Lambda, "Mops/s"),
        Head::unit(Term::Interval, "Mops/s"),
        Head::of(Term::Sigma),
        Head::of(Term::Interval),
        Head::of(Term::Kappa),
        Head::of(Term::Interval),
        Head::unit(Term::Peak, "threads"),
    ];
    let figures = heads.len() - 3;
    let mut table = Table::new(caption, 3, heads);
    for law in laws {
        let names = [
            Entry::from(law.workload.as_str()),
            format!("{}{}", law.placement, page.part_name(law.part)).into(),
            law.subject.as_str().into(),
        ];
        match &law.outcome {
            Ok(fit) => table.row(names.into_iter().chain(fitted(fit))),
            Err(why) => {
                let instead = Entry::instead(format!("not fitted: {why}"), figures);
                table.row(names.into_iter().chain([instead]));
            }
        }
    }
    section.add_table(&table, "Scaling laws")?;
    Ok(section)
}

/// The reasons for which there are no laws, each with how often it held.
fn refusals(laws: &[Scaling]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for refusal in laws.iter().filter_map(|law| law.outcome.as_ref().err()) {
        *counts.entry(refusal.in_short()).or_default() += 1;
    }
    let reasons: Vec<String> =
        counts.into_iter().map(|(reason, count)| format!("{reason} ({count} times)")).collect();
    if reasons.is_empty() { String::new() } else { format!(": {}", reasons.join("; ")) }
}

fn fitted(law: &Fit) -> [Entry; 7] {
    [
        three(law.lambda_ops_s.median / 1e6).into(),
        interval(&law.lambda_ops_s, 1e6).into(),
        three(law.sigma.median).into(),
        interval(&law.sigma, 1.0).into(),
        three(law.kappa.median).into(),
        interval(&law.kappa, 1.0).into(),
        // With an interval that begins at 0 there may be no peak at all.
        law.peak_threads
            .filter(|_| law.kappa.low > 0.0)
            .map_or_else(|| NONE.to_owned(), three)
            .into(),
    ]
}
