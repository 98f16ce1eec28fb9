//! The scaling law, where it can be fitted.

use std::collections::BTreeMap;

use comfy_table::Cell as TableCell;
use shardproof_evidence::{Evidence, Spread};
use shardproof_judge::scaling::{Fit, Scaling, fit_all};

use crate::terminal::{Style, line, significant, wrapped};

/// One row for each law, and one line for all that have none.
pub(crate) fn scaling(text: &mut String, evidence: &Evidence, style: Style) {
    let all = fit_all(evidence);
    let fitted: Vec<_> =
        all.iter().filter_map(|each| Some((each, each.outcome.as_ref().ok()?))).collect();
    if !fitted.is_empty() {
        table(text, &fitted, style);
    }
    refused(text, &all, usize::from(style.width));
}

fn table(text: &mut String, fitted: &[(&Scaling, &Fit)], style: Style) {
    let coverage = fitted.first().map_or(0.0, |(_, fit)| fit.sigma.coverage);
    let most = fitted.iter().filter_map(|(_, fit)| fit.threads.last()).max().unwrap_or(&1);
    line(
        text,
        format_args!(
            "\nScaling law: X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)), for up to {most} \
             threads.\nlambda: Mops/s of one thread. sigma: what waiting costs. kappa: what agreeing \
             costs. Intervals:\n{:.0} %. peak: threads with the most throughput, where kappa's \
             interval is above 0. off: largest error.",
            coverage * 100.0
        ),
    );
    let head = ["", "lambda", "sigma %", "interval", "kappa %", "interval", "peak", "off"];
    let mut table = style.table(&head, 1);
    let mut before = None;
    for (scaling, fit) in fitted {
        let Scaling { part, workload, placement, .. } = scaling;
        let group = (part, workload, placement);
        if before != Some(group) {
            let of_part = if *part > 0 { format!(", part {part}") } else { String::new() };
            table.add_row([style.bold(&format!("{placement} {workload}{of_part}"))]);
        }
        table.add_row(row(&scaling.subject, fit));
        before = Some(group);
    }
    line(text, table);
}

fn row(subject: &str, fit: &Fit) -> Vec<TableCell> {
    let Fit { lambda_ops_s, sigma, kappa, peak_threads, error_max, .. } = fit;
    // With an interval that begins at 0 there may be no peak at all.
    let peak = peak_threads.filter(|_| kappa.low > 0.0);
    let figures = [
        format!("  {subject}"),
        significant(lambda_ops_s.median / 1e6),
        percent(sigma.median, SIGMA_DIGITS),
        interval(sigma, SIGMA_DIGITS),
        percent(kappa.median, KAPPA_DIGITS),
        interval(kappa, KAPPA_DIGITS),
        peak.map_or_else(String::new, |threads| format!("{threads:.0}")),
        format!("{:.0} %", error_max * 100.0),
    ];
    figures.map(TableCell::new).into()
}

/// Digits after the point of a sigma in percent.
const SIGMA_DIGITS: usize = 2;
/// The same for a kappa, which is multiplied with the square of the number of threads.
const KAPPA_DIGITS: usize = 4;

fn percent(share: f64, digits: usize) -> String {
    format!("{:.digits$}", share * 100.0)
}

fn interval(spread: &Spread, digits: usize) -> String {
    format!("{}..{}", percent(spread.low, digits), percent(spread.high, digits))
}

/// How many have no law, by reason.
fn refused(text: &mut String, all: &[Scaling], width: usize) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for refusal in all.iter().filter_map(|each| each.outcome.as_ref().err()) {
        *counts.entry(refusal.in_short()).or_default() += 1;
    }
    if counts.is_empty() {
        return;
    }
    let total: usize = counts.values().sum();
    let reasons: Vec<String> =
        counts.iter().map(|(reason, count)| format!("{reason} ({count})")).collect();
    let told = format!(
        "Scaling law: not fitted for {total} of {} subjects in their places: {}",
        all.len(),
        reasons.join(", ")
    );
    line(text, "");
    wrapped(text, &told, width);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::WIDTH_DEFAULT;
    use shardproof_judge::scaling::samples;

    fn rendered(evidence: &Evidence) -> String {
        let mut text = String::new();
        scaling(&mut text, evidence, Style::PLAIN);
        text
    }

    #[test]
    fn a_law_has_a_row_and_those_without_share_a_line() {
        let text = rendered(&samples::of_three_kinds());
        let row_of = |subject: &str| {
            let row = text.lines().find(|line| line.trim_start().starts_with(subject));
            row.map(|row| row.split_whitespace().collect::<Vec<_>>())
        };
        let level = row_of("level").unwrap();
        assert_eq!(
            level,
            ["level", "123", "6.00", "6.00..6.00", "0.0000", "0.0000..0.0000", "0", "%"]
        );
        // The fit of noise is what it is, but the peak of this law is at 21.7.
        let lawful = row_of("lawful").unwrap();
        let peak: f64 = lawful[6].parse().unwrap();
        assert!((18.0..26.0).contains(&peak), "{lawful:?}");
        assert_eq!((row_of("short"), row_of("wild")), (None, None));
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            words.ends_with(
                "Scaling law: not fitted for 2 of 4 subjects in their places: fewer than 4 usable \
                 thread counts (1), the fit is off by more than 20 % (1)"
            ),
            "{words}"
        );
        let width = usize::from(WIDTH_DEFAULT);
        assert!(text.lines().all(|line| line.chars().count() <= width), "{text}");
    }

    #[test]
    fn without_any_law_there_is_no_table_and_without_cells_nothing() {
        let mut evidence = samples::of_three_kinds();
        evidence.cells.retain(|cell| cell.subject == "short");
        assert_eq!(
            rendered(&evidence),
            "\n  Scaling law: not fitted for 1 of 1 subjects in their places: fewer than 4 usable \
             thread counts (1)\n"
        );
        evidence.cells.clear();
        assert_eq!(rendered(&evidence), "");
    }

    #[test]
    fn parts_of_merged_evidence_are_told_apart() {
        let mut evidence = samples::of_three_kinds();
        evidence.cells.retain(|cell| cell.subject == "level");
        let mut other = evidence.cells.clone();
        other.iter_mut().for_each(|cell| cell.part = 1);
        evidence.cells.extend(other);
        let text = rendered(&evidence);
        assert!(text.lines().any(|line| line.trim() == "shared put100"), "{text}");
        assert!(text.lines().any(|line| line.trim() == "shared put100, part 1"), "{text}");
    }
}
