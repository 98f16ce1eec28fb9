//! A plan as a person reads it, before anything is measured.

use std::fmt::Write;
use std::time::Duration;

use shardproof::measure::Plan;

/// Every cell by name, and how long it all takes.
pub(crate) fn list(plan: &Plan) -> String {
    let mut text = String::new();
    for (head, names) in [
        ("Throughput", plan.cell_names()),
        ("Latency", plan.latency_names()),
        ("Highest rates", plan.search_names()),
    ] {
        if !names.is_empty() {
            let _ = writeln!(text, "{head}: {}", counted(names.len()));
        }
        for name in names {
            let _ = writeln!(text, "  {name}");
        }
    }
    let alone: Vec<&str> = plan.alone.iter().map(|subject| subject.as_str()).collect();
    let _ = writeln!(text, "Snapshots, memory, operations: {}", alone.join(", "));
    let _ = writeln!(text, "About {}", time(plan.estimate()));
    text
}

/// How much there is to do, in one line.
pub(crate) fn summary(plan: &Plan) -> String {
    let timed = plan.latencies.len() + plan.searches.len();
    format!(
        "profile {}: {} for throughput, {timed} for latency; about {}",
        plan.profile,
        counted(plan.points.len()),
        time(plan.estimate())
    )
}

fn counted(cells: usize) -> String {
    if cells == 1 { "1 cell".to_owned() } else { format!("{cells} cells") }
}

fn time(time: Duration) -> String {
    match time.as_secs() {
        seconds @ ..100 => format!("{seconds} s"),
        seconds @ ..6_000 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{:.1} h", seconds as f64 / 3_600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shardproof::Profile;
    use shardproof::measure::Request;

    #[test]
    fn a_plan_is_listed_by_the_names_that_a_filter_takes() {
        let request = Request {
            profile: Profile::Smoke,
            filter: Some("^sharded/put100/disjoint/1$".parse().unwrap()),
            ..Request::default()
        };
        let text = list(&request.plan(2).unwrap());
        let cells: Vec<&str> = text.lines().filter(|line| line.starts_with("  ")).collect();
        // The controls stay beside it.
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
    fn time_is_told_in_the_unit_that_fits() {
        let told = |seconds| time(Duration::from_secs(seconds));
        assert_eq!(
            (told(42), told(150), told(9_000)),
            ("42 s".into(), "3 min".into(), "2.5 h".into())
        );
    }
}
