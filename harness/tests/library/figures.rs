//! The pictures of a page, and those in separate files.

use std::collections::BTreeSet;

use regex::Regex;
use roxmltree::{Document, Node};
use shardproof::document::Document as Report;
use shardproof::evidence::{Evidence, LatencyRound};
use shardproof::render::report::{self, PictureFile};
use shardproof_samples::{merged_sample, sample};

/// Pictures of a section of the page, without the keys of legends.
fn pictures(evidence: &Evidence, section: &str) -> Vec<String> {
    let document = Report::report(evidence, None).unwrap();
    let page = report::report(&document, evidence).unwrap();
    let section = Regex::new(&format!("(?s)<section id=\"{section}\".*?</section>")).unwrap();
    let svg = Regex::new("(?s)<svg.*?</svg>").unwrap();
    let all = section.find_iter(&page).flat_map(|section| svg.find_iter(section.as_str()));
    all.map(|svg| svg.as_str().to_owned()).filter(|svg| svg.contains("role=\"img\"")).collect()
}

/// Headline pictures as separate files.
fn files(evidence: &Evidence) -> Vec<PictureFile> {
    report::pictures(&Report::report(evidence, None).unwrap(), evidence).unwrap()
}

/// Sections with pictures.
const SECTIONS: [&str; 7] =
    ["contention", "throughput", "latency", "over-time", "rates", "snapshots", "memory"];

fn is_element(node: &Node<'_, '_>, name: &str) -> bool {
    node.has_tag_name(("http://www.w3.org/2000/svg", name))
}

fn count(svg: &str, name: &str, attribute: (&str, &str)) -> usize {
    let document = Document::parse(svg).unwrap();
    let elements = document.descendants().filter(|node| is_element(node, name));
    elements.filter(|node| node.attribute(attribute.0) == Some(attribute.1)).count()
}

/// All text in a picture.
fn texts(svg: &str) -> BTreeSet<String> {
    let document = Document::parse(svg).unwrap();
    let texts = document.descendants().filter(|node| is_element(node, "text"));
    texts.filter_map(|node| node.text().map(str::to_owned)).collect()
}

fn check(svg: &str) {
    let document = Document::parse(svg).unwrap_or_else(|error| panic!("{error}: {svg}"));
    for name in ["title", "desc"] {
        let text = document.descendants().find(|node| is_element(node, name)).unwrap();
        assert!(text.text().is_some_and(|text| !text.is_empty()), "no {name}: {svg}");
    }
    for attribute in document.descendants().flat_map(|node| node.attributes()) {
        let value = attribute.value();
        assert!(!value.contains("NaN") && !value.contains("inf"), "{value}");
        if ["x", "y", "cx", "cy", "r", "width", "height"].contains(&attribute.name()) {
            assert!(value == "100%" || value.parse::<f64>().is_ok_and(f64::is_finite), "{value}");
        }
        if ["width", "height", "r"].contains(&attribute.name()) {
            assert!(!value.starts_with('-'), "{value}");
        }
    }
}

#[test]
fn every_picture_is_well_formed_with_alternative_text_and_finite_numbers() {
    let many = sample(16, &[1, 2, 4, 8, 16]);
    for evidence in [sample(2, &[1, 2, 4]), sample(1, &[1]), merged_sample(), many] {
        for section in SECTIONS {
            let pictures = pictures(&evidence, section);
            assert!(!pictures.is_empty(), "no picture in {section}");
            pictures.iter().for_each(|svg| check(svg));
        }
        for file in files(&evidence) {
            check(&file.svg);
        }
    }
}

#[test]
fn a_dot_plot_names_every_subject_and_has_one_mark_per_value() {
    let plots = pictures(&sample(2, &[1, 2]), "throughput");
    // Four workloads, each with its throughput and its scaling.
    assert_eq!(plots.len(), 8);
    for plot in &plots {
        let texts = texts(plot);
        for word in ["sharded", "sharded-plain", "unified", "seed", "ceiling", "disjoint", "shared"]
        {
            assert!(texts.contains(word), "{word} is not in {texts:?}");
        }
        assert!(!texts.contains("floor"));
    }
    // Three placements, and two numbers of threads or the one that can scale.
    assert_eq!(count(&plots[0], "circle", ("fill", "#0072B2")), 3 * 2);
    assert_eq!(count(&plots[4], "circle", ("fill", "#0072B2")), 3);
    // The same number of intervals.
    assert_eq!(count(&plots[0], "rect", ("fill", "#0072B2")), 3 * 2);
}

#[test]
fn oversubscribed_cells_are_crosses_and_invalid_cells_are_labelled() {
    let plots = pictures(&sample(2, &[1, 2, 4]), "throughput");
    assert!(texts(&plots[0]).contains("4 threads, more than cores"));
    // Two strokes in each of three placements.
    assert_eq!(count(&plots[0], "polyline", ("stroke", "#0072B2")), 3 * 2);
    assert_eq!(plots.iter().filter(|plot| texts(plot).contains("invalid")).count(), 1);
}

#[test]
fn few_thread_counts_are_drawn_as_dots_and_many_as_lines() {
    let lines = |evidence: &Evidence| {
        let plots = pictures(evidence, "throughput");
        plots.iter().map(|plot| count(plot, "polyline", ("stroke-width", "2"))).sum::<usize>()
    };
    assert_eq!(lines(&sample(8, &[1, 2, 4])), 0);
    // Five subjects in twelve plots; scaling plots also have the ideal line. One cell on one thread
    // is invalid, so one subject has no scaling.
    assert_eq!(lines(&sample(8, &[1, 2, 4, 8])), 5 * 12 + 6 * 12 - 1);
}

#[test]
fn every_dashed_line_has_its_dashes() {
    let dashed = |svg: &String| count(svg, "polyline", ("stroke-dasharray", "5 3"));
    let dots = pictures(&sample(2, &[1, 2]), "throughput");
    // The ceiling in each of three placements, and in the key.
    assert!(dots.iter().all(|svg| dashed(svg) == 4));
    let lines = pictures(&sample(8, &[1, 2, 4, 8]), "throughput");
    assert!(lines.iter().all(|svg| dashed(svg) == 1));
    let unified = |svg: &String| count(svg, "polyline", ("stroke-dasharray", "2 2"));
    assert!(lines.iter().all(|svg| unified(svg) == 1));
}

/// The first and the last `x` of each line of two pixels.
fn spans(svg: &str) -> Vec<(f64, f64)> {
    let document = Document::parse(svg).unwrap();
    let lines = document.descendants().filter(|node| is_element(node, "polyline"));
    let lines = lines.filter(|node| node.attribute("stroke-width") == Some("2"));
    let x = |point: &str| point.split_once(',').unwrap().0.parse::<f64>().unwrap();
    let span = |node: Node<'_, '_>| {
        let points: Vec<&str> = node.attribute("points").unwrap().split(' ').collect();
        (x(points[0]), x(points[points.len() - 1]))
    };
    lines.map(span).collect()
}

#[test]
fn an_open_loop_over_time_has_gaps_between_rounds() {
    let mut evidence = sample(2, &[1, 2]);
    let slice = LatencyRound {
        at_s: 0.0,
        length_s: 0.015,
        count: 3_000,
        p50_ns: 80,
        p99_ns: 400,
        p999_ns: 9_000,
        max_ns: 40_000,
    };
    evidence.latencies.retain(|latency| latency.arrivals.is_some());
    for latency in &mut evidence.latencies {
        let rounds = [600.0, 640.0, 655.0];
        let slices = rounds.iter().flat_map(|start| (0..20).map(move |index| (start, index)));
        let slices = slices
            .map(|(start, index)| LatencyRound { at_s: start + 0.015 * f64::from(index), ..slice });
        latency.rounds = slices.collect();
    }
    let plots = pictures(&evidence, "over-time");
    assert!(!plots.is_empty());
    for plot in &plots {
        let spans = spans(plot);
        // One is in the key; five subjects have three rounds each.
        assert_eq!(spans.len(), 1 + 5 * 3);
        for rounds in spans[1..].chunks(3) {
            assert!(rounds[1].0 > rounds[0].1 + 4.0 && rounds[2].0 > rounds[1].1 + 4.0);
        }
    }
}

#[test]
fn pictures_for_a_readme_are_self_contained_in_light_and_dark() {
    let evidence = sample(2, &[1, 2]);
    let files = files(&evidence);
    assert_eq!(files, self::files(&evidence), "the same bytes each time");
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["throughput.svg", "contention.svg"]);
    for file in &files {
        assert!(file.svg.contains("prefers-color-scheme: dark") && !file.svg.contains("var("));
        for word in ["sharded", "ceiling", "disjoint", "shared", "get100", "put100"] {
            assert!(texts(&file.svg).contains(word), "{word}: {}", file.svg);
        }
    }
    let bare = Evidence::new(evidence.machine.clone(), evidence.build.clone());
    assert!(self::files(&bare).is_empty());
}
