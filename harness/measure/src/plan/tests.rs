use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::test_subjects::{all, named};

/// The controls.
fn controls() -> impl Iterator<Item = MeasureSubject> {
    all().into_iter().filter(|subject| subject.is_control())
}

/// A matrix with one block of cells, followed by `rest`.
fn file(rest: &str) -> String {
    format!(
        "subjects = ['sharded', 'unified']
threads = [1, 2]

[[cells]]
workloads = ['get100', 'put100']
placements = ['disjoint', 'shared']
{rest}"
    )
}

/// The plan of a matrix file on two cores.
fn plan_of(text: &str, request: Request) -> Plan {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    std::fs::write(&path, text).unwrap();
    Request { matrix: Some(path), ..request }.plan(&all(), 2).unwrap()
}

fn filtered(filter: &str) -> Request {
    Request { filter: Some(filter.parse().unwrap()), ..Request::default() }
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Debug>>(texts: &[&str]) -> Vec<T> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// The names of all cells of a plan.
fn names(plan: &Plan) -> Vec<String> {
    let names = [plan.cell_names(), plan.latency_names(), plan.search_names()];
    let heads = ["throughput", "latency", "search"];
    let named = heads.into_iter().zip(names);
    named
        .flat_map(|(head, names)| names.into_iter().map(move |it| format!("{head} {it}")))
        .collect()
}

fn distinct<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    items.into_iter().collect()
}

#[test]
fn every_profile_has_a_plan_on_every_machine() {
    for profile in Profile::ALL {
        for cores in [1, 2, 16, 64] {
            let plan = Request { profile, ..Request::default() }.plan(&all(), cores).unwrap();
            assert!(!plan.cells.is_empty() && !plan.latencies.is_empty(), "{profile} {cores}");
            let all = names(&plan);
            assert_eq!(distinct(&all).len(), all.len(), "{profile} {cores}: a cell occurs twice");
            assert_eq!(*plan.threads.first().unwrap(), 1);
            assert_eq!(*plan.threads.last().unwrap(), cores);
            let names_of_workloads = distinct(plan.workloads.iter().map(Workload::name));
            assert_eq!(names_of_workloads.len(), plan.workloads.len(), "{profile}");
        }
    }
}

#[test]
fn an_invalid_file_is_refused_with_the_line_and_the_fix() {
    let own = |name: &str| file(&format!("[[workloads]]\nname = '{name}'\nmix = 'get80-put20'"));
    for (text, parts) in [
        ("", &["subjects"][..]),
        ("subjects = ['sharded']", &["[[cells]]"]),
        (
            &file("").replace("['sharded', 'unified']", "[]"),
            &["line 1", "subjects", "at least one"],
        ),
        (&file("").replace("'unified'", "'unfied'"), &["line 1", "`unfied`", "sharded"]),
        (&file("").replace("[1, 2]", "[0]"), &["line 2", "threads", "1 to 256"]),
        (&file("").replace("[1, 2]", "[]"), &["line 2", "threads", "1 to 256"]),
        (&file("").replace("[1, 2]", "[257]"), &["line 2", "threads", "1 to 256"]),
        (&file("").replace("[1, 2]", "[-1]"), &["line 2", "threads", "list of numbers"]),
        (&file("").replace("[1, 2]", "'some'"), &["line 2", "`some`", "powers"]),
        (&file("").replace("'disjoint'", "'here'"), &["line 6", "`here`", "colliding"]),
        (&file("").replace("['get100', 'put100']", "[]"), &["line 5", "workloads", "at least one"]),
        (
            &file("").replace("['disjoint', 'shared']", "[]"),
            &["line 6", "placements", "at least one"],
        ),
        (&file("subjects = []"), &["line 7", "subjects", "at least one"]),
        (&file("colour = 'red'"), &["line 7", "unknown field `colour`", "placements"]),
        (&file("").replace("put100", "ycsb-z"), &["[[cells]]", "`ycsb-z`", "ycsb-a"]),
        (&own("ycsb-a"), &["`ycsb-a`", "built-in", "another name"]),
        (&own("get50-put50"), &["`get50-put50`", "built-in", "another name"]),
        (&own("get50-put50+keys=zipf"), &["`get50-put50+keys=zipf`", "built-in"]),
        (
            &format!("{}\n[[workloads]]\nname = 'mine'\nmix = 'get100'", own("mine")),
            &["`mine`", "another workload in this file", "another name"],
        ),
        (
            &file(
                "[[search]]\nworkloads = ['get100']\nplacements = ['hot']\npattern = 'poisson'\n\
                 p99_ns_max = 0",
            ),
            &["line 11", "p99_ns_max", "nonzero"],
        ),
        (
            &file(
                "[[latency]]\nworkloads = ['get100']\nplacements = ['hot']\narrivals = 'often:5'",
            ),
            &["line 10", "arrivals", "`often`", "poisson"],
        ),
        (&file("arrivals = 'poisson:5'"), &["`arrivals`", "[[latency]]"]),
        (&file("pattern = 'poisson'"), &["`pattern`", "[[search]]"]),
        (
            &file("[[search]]\nworkloads = ['get100']\nplacements = ['hot']\np99_ns_max = 5"),
            &["line 7", "`pattern`", "poisson"],
        ),
    ] {
        let error =
            MatrixFile::parse(Path::new("mine.toml"), text, &all()).unwrap_err().to_string();
        for part in ["mine.toml"].iter().chain(parts) {
            assert!(error.contains(part), "{text}\n-> {error}\nlacks {part:?}");
        }
    }
}

#[test]
fn a_workload_may_have_its_description_as_its_name() {
    let text = file("[[workloads]]\nmix = 'get50-put50'\nkeys = 'zipf'");
    MatrixFile::parse(Path::new("mine.toml"), &text, &all()).unwrap();
}

#[test]
fn a_missing_file_is_named() {
    let path = Some("nowhere/mine.toml".into());
    let error =
        Request { matrix: path, ..Request::default() }.plan(&all(), 2).unwrap_err().to_string();
    assert!(
        error.contains("nowhere/mine.toml") && error.contains("harness/measure/matrices"),
        "{error}"
    );
}

#[test]
fn a_file_may_define_workloads() {
    let text = "[[workloads]]\nname = 'mine'\nmix = 'get80-put20'\nvalue_bytes = '40:90,4000:10'";
    let plan = plan_of(&file(text).replace("'put100'", "'mine'"), Request::default());
    let mine = plan.workloads.iter().find(|workload| workload.name() == "mine").unwrap();
    assert_eq!(mine.describe().value_bytes, "40:90,4000:10");
    assert!(plan.cell_names().contains(&"sharded/mine/shared/2".to_owned()));
}

#[test]
fn a_request_overrides_the_matrix() {
    let more = "[[cells]]\nworkloads = ['churn']\nplacements = ['hot']\n\
                [[latency]]\nworkloads = ['get100']\nplacements = ['hot']\nthreads = 'cores'\n\
                [[latency]]\nworkloads = ['put100']\nplacements = ['shared']\n\
                arrivals = 'poisson:1000'";
    let text = file(more);
    let parts = |request: Request| {
        let plan = plan_of(&text, request);
        let parts_at = |index| {
            let names = plan.cell_names();
            let part = |name: &String| name.split('/').nth(index).unwrap().to_owned();
            names.iter().map(part).collect::<BTreeSet<String>>()
        };
        let parts: [BTreeSet<String>; 4] = std::array::from_fn(parts_at);
        (parts.map(|part| part.into_iter().collect::<Vec<_>>().join(" ")), plan)
    };
    let usual =
        ["ceiling floor sharded unified", "churn get100 put100", "disjoint hot shared", "1 2"];
    assert_eq!(parts(Request::default()).0, usual);

    let seed = Request { subjects: vec!["seed".to_owned()], ..Request::default() };
    assert_eq!(parts(seed).0, ["ceiling floor seed", usual[1], usual[2], usual[3]]);

    let (four, plan) = parts(Request { threads: vec![4, 3], ..Request::default() });
    assert_eq!(four, [usual[0], usual[1], usual[2], "3 4"]);
    assert!(plan.latencies.iter().all(|it| [3, 4].contains(&it.cell.threads)));

    let workloads = parsed(&["ycsb-b", "get70-put30"]);
    let (words, plan) = parts(Request { workloads, ..Request::default() });
    assert_eq!(words, [usual[0], "get70-put30 ycsb-b", "disjoint shared", "1 2"]);
    assert_eq!(distinct(plan.latencies.iter().map(|it| it.cell.workload)), distinct([0, 1]));
    // The first closed block, and the one with arrivals.
    let closed = plan.latencies.iter().filter(|it| it.arrivals.is_none());
    assert!(closed.clone().count() > 0 && closed.clone().all(|it| it.cell.threads == 2));
    assert!(plan.latencies.iter().any(|it| it.arrivals.is_some()));

    let (words, plan) = parts(Request { placements: parsed(&["colliding"]), ..Request::default() });
    assert_eq!(words, [usual[0], "get100 put100", "colliding", "1 2"]);
    assert!(plan.all_cells().all(|cell| cell.placement.to_string() == "colliding"));
}

#[test]
fn controls_accompany_every_cell_except_in_open_loops() {
    let more = "[[latency]]\nworkloads = ['get100']\nplacements = ['shared']\n\
                [[latency]]\nworkloads = ['get100']\nplacements = ['shared']\n\
                arrivals = 'poisson:1000'\n\
                [[search]]\nworkloads = ['get100']\nplacements = ['shared']\npattern = 'poisson'\n\
                p99_ns_max = 10000";
    let plan = plan_of(&file(more), Request::default());
    let is_control = |cell: &CellId| cell.subject.is_control();
    for control in controls() {
        for cell in plan.cells.iter().filter(|cell| !is_control(cell)) {
            assert!(plan.cells.contains(&CellId { subject: control, ..*cell }));
        }
    }
    let (open, closed): (Vec<LatencyCell>, Vec<LatencyCell>) =
        plan.latencies.iter().copied().partition(|it| it.arrivals.is_some());
    assert!(closed.iter().any(|it| is_control(&it.cell)));
    assert!(!open.is_empty() && !open.iter().any(|it| is_control(&it.cell)));
    assert!(!plan.searches.is_empty());
    assert!(!plan.searches.iter().any(|it| is_control(&it.cell)));
}

#[test]
fn a_filter_keeps_matching_cells_and_their_controls() {
    let latency = "[[latency]]\nworkloads = ['get100']\nplacements = ['shared']";
    let plan = plan_of(&file(latency), filtered("^unified/.*/shared/2$"));
    let expected = [
        "throughput unified/get100/shared/2",
        "throughput ceiling/get100/shared/2",
        "throughput floor/get100/shared/2",
        "throughput unified/put100/shared/2",
        "throughput ceiling/put100/shared/2",
        "throughput floor/put100/shared/2",
        "latency unified/get100/shared/2",
        "latency ceiling/get100/shared/2",
        "latency floor/get100/shared/2",
    ];
    assert_eq!(names(&plan), expected);
    assert_eq!(plan.alone, [named("unified")]);
    assert_eq!((plan.threads, plan.placements.len()), (vec![2], 1));
}

#[test]
fn a_filter_that_matches_nothing_is_refused_with_the_number_of_cells() {
    let error = filtered("nothing").plan(&all(), 2).unwrap_err().to_string();
    let all = Request::default().plan(&all(), 2).unwrap().all_cells().count();
    assert!(error.contains(&format!("of {all} cells")) && error.contains("`nothing`"), "{error}");
}

#[test]
fn partitions_cover_the_matrix_once_and_keep_compared_cells_together() {
    for profile in Profile::ALL {
        let whole = Request { profile, ..Request::default() };
        let parts = ["1/3", "2/3", "3/3"].map(|part| {
            Request { partition: Some(part.parse().unwrap()), ..whole.clone() }
                .plan(&all(), 2)
                .unwrap()
        });
        let whole = whole.plan(&all(), 2).unwrap();
        let mut all: Vec<String> = parts.iter().flat_map(names).collect();
        let mut expected = names(&whole);
        all.sort_unstable();
        expected.sort_unstable();
        assert_eq!(all, expected, "{profile}");
        let alone = parts.iter().flat_map(|part| &part.alone);
        assert_eq!(alone.clone().count(), whole.alone.len());
        let names = |subject: &MeasureSubject| subject.as_str();
        assert_eq!(distinct(alone.map(names)), distinct(whole.alone.iter().map(names)));
        let groups = parts
            .each_ref()
            .map(|part| distinct(part.all_cells().map(|cell| (cell.workload, cell.placement))));
        assert!(groups[0].is_disjoint(&groups[1]) && groups[1].is_disjoint(&groups[2]));
        assert!(groups[0].is_disjoint(&groups[2]));
        for part in parts {
            assert!(!part.cells.is_empty(), "{profile}: each partition has cells");
            assert_eq!((&part.placements, &part.threads), (&whole.placements, &whole.threads));
            assert_eq!(part.workloads, whole.workloads);
        }
    }
}

#[test]
fn subjects_that_do_not_support_a_workload_are_skipped_with_the_reason() {
    let all = all();
    let names = all.iter().map(ToString::to_string).collect();
    let workloads: Vec<Workload> = parsed(&["transactions", "get100"]);
    let plan = Request { subjects: names, workloads, ..Request::default() }.plan(&all, 1).unwrap();
    let has_cell = |subject: MeasureSubject, workload: &str| {
        let is_match = |cell: &CellId| {
            cell.subject == subject && plan.workloads[cell.workload].name() == workload
        };
        plan.cells.iter().any(is_match)
    };
    let transactions = "transactions".parse().unwrap();
    assert!(!plan.skipped.is_empty());
    for subject in all {
        let skipped: Vec<_> =
            plan.skipped.iter().filter(|it| it.subject == subject.as_str()).collect();
        assert!(has_cell(subject, "get100"));
        match subject.check_compatibility(&transactions) {
            Ok(()) => assert!(has_cell(subject, "transactions") && skipped.is_empty()),
            Err(incompatibility) => {
                assert!(!has_cell(subject, "transactions"));
                assert_eq!(skipped.len(), 1, "once, however many blocks contain it");
                assert_eq!(skipped[0].reason, incompatibility.to_string());
                assert_eq!(skipped[0].workload, "transactions");
            }
        }
    }
}

#[test]
fn a_cell_in_two_blocks_is_measured_once() {
    let again = "[[cells]]\nworkloads = ['put10-get90', 'put100']\nplacements = ['shared']\n\
                 [[cells]]\nworkloads = ['get90-put10']\nplacements = ['shared']";
    let plan = plan_of(&file(again), Request::default());
    let all = plan.cell_names();
    assert_eq!(distinct(&all).len(), all.len());
    assert_eq!(plan.workloads.len(), 3);
    // Four subjects on two numbers of threads: two workloads in two placements, and a third in one.
    assert_eq!(all.len(), 4 * 2 * (2 * 2 + 1));
}

#[test]
fn an_empty_partition_is_refused_with_the_number_of_filled_ones() {
    let of = |partition: &str| {
        let partition = Some(partition.parse().unwrap());
        Request { partition, ..Request::default() }.plan(&all(), 2)
    };
    let error = of("900/1000").unwrap_err();
    let PlanError::EmptyPartition { filled, .. } = error else { panic!("{error}") };
    let text = error.to_string();
    assert!(text.contains("900/1000") && text.contains(&format!("at most {filled}")), "{text}");
    assert!(of(&format!("{filled}/1000")).is_ok());
    assert!(of(&format!("{}/1000", filled + 1)).is_err());
}

#[test]
fn a_plan_holds_only_what_its_sections_measure() {
    let of = |sections: &[Section]| {
        Request { sections: sections.to_vec(), ..Request::default() }.plan(&all(), 2).unwrap()
    };
    let whole = of(&[]);
    let throughput = of(&[Section::Throughput]);
    assert_eq!(throughput.cells, whole.cells);
    assert!(throughput.latencies.is_empty() && throughput.alone.is_empty());
    let latency = of(&[Section::Latency]);
    assert!(latency.cells.is_empty() && latency.latencies == whole.latencies);
    let snapshots = of(&[Section::Snapshots]);
    assert!(snapshots.all_cells().next().is_none());
    assert!(snapshots.alone.contains(&named("sharded")));
    for control in controls() {
        assert!(!snapshots.alone.contains(&control), "{control} has no snapshots");
    }
    assert_eq!(snapshots.alone_in(Section::Memory), []);
    assert!(!whole.alone_in(Section::Memory).is_empty());
}

#[test]
fn sections_that_measure_nothing_are_refused() {
    let request = Request {
        subjects: vec!["floor".to_owned()],
        sections: vec![Section::Snapshots, Section::Operations],
        ..Request::default()
    };
    let error = request.plan(&all(), 2).unwrap_err().to_string();
    assert!(error.contains("snapshots, operations") && error.contains("--sections"), "{error}");
}

#[test]
fn a_rate_too_low_for_any_slice_is_refused_with_the_lowest_possible() {
    let latency = |rate: u64| {
        file(&format!(
            "[[latency]]\nworkloads = ['get100']\nplacements = ['shared']\nthreads = [2]\n\
             arrivals = 'constant:{rate}'"
        ))
    };
    let refused = |rate| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.toml");
        std::fs::write(&path, latency(rate)).unwrap();
        Request { matrix: Some(path), ..Request::default() }
            .plan(&all(), 2)
            .unwrap_err()
            .to_string()
    };
    let error = refused(1);
    for part in ["sharded/get100/shared/2", "`constant:1`", "2 s", "only 2 operations", "least 10 "]
    {
        assert!(error.contains(part), "{error}");
    }
    // The estimate uses the length of the longer slice.
    let slow = plan_of(&latency(10), Request::default());
    let usual = plan_of(&latency(1_000), Request::default());
    assert!(slow.estimate() > usual.estimate() + std::time::Duration::from_secs(5));
}

#[test]
fn the_digest_depends_on_the_whole_matrix_and_on_nothing_else() {
    let digest = |request: Request| request.plan(&all(), 2).unwrap().matrix_digest;
    let part = |text: &str| Some(text.parse().unwrap());
    let whole = digest(Request::default());
    assert_eq!(whole, digest(Request { partition: part("1/2"), ..Request::default() }));
    assert_eq!(whole, digest(Request { seed: 7, ..Request::default() }));
    assert_ne!(whole, digest(Request { threads: vec![1], ..Request::default() }));
    let timed = |rate: &str| {
        let block = "[[latency]]\nworkloads = ['get100']\nplacements = ['shared']\narrivals = ";
        plan_of(&file(&format!("{block}'{rate}'")), Request::default()).matrix_digest
    };
    assert_ne!(timed("poisson:1000"), timed("poisson:2000"));
}
