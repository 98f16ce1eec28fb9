//! A plan as text, before anything is measured.

use std::fmt::Write;

use crate::base::text::{bytes, duration};
use crate::measure::{Plan, Section};

/// The names of all cells, and an estimate of time and memory.
pub(crate) fn list(plan: &Plan) -> String {
    let mut text = String::new();
    for (heading, names) in [
        ("Throughput", plan.cell_names()),
        ("Latency", plan.latency_names()),
        ("Highest rates", plan.search_names()),
    ] {
        if !names.is_empty() {
            let _ = writeln!(text, "{heading}: {}", counted(names.len()));
        }
        for name in names {
            let _ = writeln!(text, "  {name}");
        }
    }
    for section in Section::ALL {
        let subjects = plan.alone_in(section);
        if !subjects.is_empty() {
            let names: Vec<&str> = subjects.iter().map(|subject| subject.as_str()).collect();
            let _ = writeln!(text, "{}: {}", capitalised(section.as_str()), names.join(", "));
        }
    }
    let needed = bytes(plan.memory_need().bytes);
    let _ = writeln!(text, "About {}, with up to {needed} of memory", duration(plan.estimate()));
    text
}

/// The amount of work, in one line.
pub(crate) fn summary(plan: &Plan) -> String {
    let timed = plan.latencies.len() + plan.searches.len();
    format!(
        "profile {}: {} for throughput, {timed} for latency; about {}",
        plan.profile,
        counted(plan.cells.len()),
        duration(plan.estimate())
    )
}

fn counted(cells: usize) -> String {
    if cells == 1 { "1 cell".to_owned() } else { format!("{cells} cells") }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;
    use crate::measure::Request;

    fn known() -> Vec<crate::measure::MeasureSubject> {
        crate::Subjects::new().measured()
    }

    #[test]
    fn a_plan_lists_the_names_that_a_filter_matches() {
        let request = Request {
            profile: Profile::Smoke,
            filter: Some("^sharded/put100/disjoint/1$".parse().unwrap()),
            ..Request::default()
        };
        let text = list(&request.plan(&known(), 2).unwrap());
        let cells: Vec<&str> = text.lines().filter(|line| line.starts_with("  ")).collect();
        // The controls are kept.
        assert_eq!(
            cells,
            [
                "  sharded/put100/disjoint/1",
                "  ceiling/put100/disjoint/1",
                "  floor/put100/disjoint/1"
            ]
        );
    }

    #[test]
    fn only_the_requested_sections_are_listed() {
        let of = |sections: &[Section]| {
            let (profile, sections) = (Profile::Smoke, sections.to_vec());
            list(&Request { profile, sections, ..Request::default() }.plan(&known(), 2).unwrap())
        };
        let heads = |text: &str| {
            let heads = text.lines().filter(|line| !line.starts_with(' '));
            heads.map(|line| line.split(':').next().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let all = of(&[]);
        for head in ["Throughput", "Latency", "Snapshots", "Memory", "Operations"] {
            assert!(heads(&all).iter().any(|it| it == head), "{all}");
        }
        let memory = of(&[Section::Memory]);
        assert_eq!(heads(&memory)[..1], ["Memory"], "{memory}");
        assert_eq!(memory.lines().count(), 2, "{memory}");
        assert!(!of(&[Section::Latency]).contains("Throughput"));
    }
}
