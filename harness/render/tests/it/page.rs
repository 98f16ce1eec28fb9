//! The page of a report.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;
use shardproof_document::Document;
use shardproof_evidence::Evidence;
use shardproof_render::report::report;
use shardproof_samples::{merged_sample, sample};

/// Evidence of a typical machine, with one oversubscribed thread count.
fn typical() -> Evidence {
    sample(2, &[1, 2, 4])
}

fn page(evidence: &Evidence) -> String {
    report(&Document::report(evidence, None).unwrap(), evidence).unwrap()
}

/// The first group of each match of a pattern.
fn all<'a>(pattern: &str, text: &'a str) -> Vec<&'a str> {
    let pattern = Regex::new(pattern).unwrap();
    pattern.captures_iter(text).map(|captures| captures.get(1).unwrap().as_str()).collect()
}

fn pictures(page: &str) -> Vec<&str> {
    all("(?s)(<svg.*?</svg>)", page)
}

fn section<'a>(page: &'a str, id: &str) -> &'a str {
    all(&format!("(?s)<section id=\"{id}\"(.*?)</section>"), page)[0]
}

#[test]
fn output_is_deterministic() {
    assert!(page(&typical()) == page(&typical()));
}

#[test]
fn every_link_has_a_target_and_ids_are_unique() {
    for evidence in [typical(), empty()] {
        let page = page(&evidence);
        let ids = all("[ \n]id=\"([^\"]*)\"", &page);
        let distinct: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(distinct.len(), ids.len(), "ids are unique");
        let links = all("href=\"#([^\"]*)\"", &page);
        assert!(links.len() > 20);
        for link in links {
            assert!(distinct.contains(link), "#{link} leads nowhere");
        }
        for label in
            all("aria-labelledby=\"([^\"]*)\"", &page).iter().flat_map(|ids| ids.split(' '))
        {
            assert!(distinct.contains(label), "{label} labels nothing");
        }
    }
}

#[test]
fn every_heading_and_caption_links_to_a_definition() {
    let page = page(&typical());
    let heads = all("(?s)<th scope=\"col\"[^>]*>(.*?)</th>", &page);
    assert!(heads.len() > 100);
    assert!(heads.iter().all(|head| head.starts_with("<a href=\"#def-")), "{heads:?}");
    for caption in all("(?s)<figcaption>(.*?)</figcaption>", &page) {
        assert!(caption.contains("href=\"#def-"), "{caption}");
    }
}

#[test]
fn the_page_needs_no_network() {
    let page = page(&typical());
    let addresses = all("([a-z]+://[^\"' <]*)", &page);
    assert!(addresses.iter().all(|address| *address == "http://www.w3.org/2000/svg"));
    for asking in [" src=", "url(", "@import", "fetch(", "XMLHttpRequest", "<link rel=\"style"] {
        assert!(!page.contains(asking), "{asking}");
    }
    assert!(page.contains("Content-Security-Policy\" content=\"default-src 'none'"));
}

#[test]
fn text_from_evidence_is_never_markup() {
    let mut evidence = typical();
    let evil = "<script>\"'&</script>";
    for cell in &mut evidence.cells {
        if cell.subject == "seed" {
            cell.subject = evil.to_owned();
        }
    }
    evidence.machine.cpu = Some(evil.to_owned());
    evidence.build.commit = evil.to_owned();
    evidence.config.as_mut().unwrap().workloads[0].keys = evil.to_owned();
    let page = page(&evidence);
    assert_eq!(page.matches("<script>").count(), 1, "its own");
    assert_eq!(page.matches("</script>").count(), 1);
    assert!(!page.contains("<not>") && !page.contains("<are>"));
    assert!(page.contains("key 7 is &#60;not&#62; found &#38; &#34;lost&#34;"));
}

#[test]
fn an_invalid_cell_shows_its_reason_and_no_value() {
    let mut evidence = typical();
    let invalid = evidence.cells.iter_mut().find(|cell| cell.is_invalid()).unwrap();
    let throughput = invalid.throughput_ops_s.as_mut().unwrap();
    for figure in [&mut throughput.median, &mut throughput.low, &mut throughput.high] {
        *figure = 7.77e14;
    }
    throughput.rounds.fill(7.77e14);
    invalid.allocations_per_op = Some(777.0);
    invalid.cpu_ns_per_op = Some(77_700.0);
    let page = page(&evidence);
    let digits: String = page.chars().filter(|letter| *letter != '\u{202f}').collect();
    for figure in ["777000000", ">777<", ">77700<"] {
        assert!(!digits.contains(figure), "{figure}");
    }
    assert!(section(&page, "throughput").contains("2 of 1\u{202f}000 answers were wrong"));
    assert!(section(&page, "contention").contains(">invalid</text>"));
}

#[test]
fn every_picture_has_alternative_text_and_a_table() {
    let page = page(&typical());
    let spoken = pictures(&page).into_iter().filter(|svg| !svg.contains("aria-hidden"));
    let words = Regex::new("<(title|desc) id=\"[^\"]*\">[^<]+<").unwrap();
    for svg in spoken {
        assert!(svg.contains("role=\"img\""));
        assert_eq!(words.find_iter(svg).count(), 2, "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
    let figures = all("(?s)<figure>(.*?)</figure>", &page);
    assert!(figures.len() >= 10);
    assert!(figures.iter().all(|figure| figure.contains("<svg")));
    for section in all("(?s)(<section id=.*?</section>)", &page) {
        let has_numbers = section.contains("<table") || section.contains("csv/");
        // Heat maps have their numbers in their cells.
        let is_map = section.starts_with("<section id=\"contention\"");
        assert!(!section.contains("<figure>") || has_numbers || is_map, "{section}");
    }
}

#[test]
fn every_colour_of_a_picture_has_a_dark_variant() {
    let page = page(&typical());
    let styles = all("(?s)<style>(.*?)</style>", &page)[0];
    let drawn = pictures(&page).concat();
    let colours: BTreeSet<&str> =
        all("((?:fill|stroke)=\"#[0-9A-F]{6}\")", &drawn).into_iter().collect();
    assert!(colours.len() > 10);
    for colour in colours {
        assert!(styles.contains(&format!("svg [{colour}]")), "{colour}");
    }
    assert_eq!(drawn.matches("=\"#").count(), all("(=\"#[0-9A-F]{6}\")", &drawn).len());
    // Light, dark by system preference, light and dark by choice, and print.
    assert_eq!(styles.matches("--p0:#FFFFFF").count(), 3);
    assert_eq!(styles.matches("--p0:#14171C").count(), 2);
}

/// Bounding boxes (left, top, right, bottom) of the texts of a picture, with generous character
/// widths, and the texts.
fn boxes(svg: &str) -> Vec<([f64; 4], &str)> {
    static TEXT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("<text ([^>]*)>([^<]*)</text>").unwrap());
    static ATTRIBUTE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("([a-z-]+)=\"([^\"]*)\"").unwrap());
    let box_of = |attributes: &str, words: &str| {
        let found = ATTRIBUTE.captures_iter(attributes);
        let attributes: BTreeMap<String, String> =
            found.map(|found| (found[1].to_owned(), found[2].to_owned())).collect();
        let number = |name: &str| attributes.get(name).map(|value| value.parse::<f64>().unwrap());
        let size = number("font-size").unwrap_or(12.0);
        let width = 0.6 * size * words.chars().count() as f64;
        let (x, y) = (number("x").unwrap(), number("y").unwrap());
        let left = match attributes["text-anchor"].as_str() {
            "end" => x - width,
            "middle" => x - width / 2.0,
            _ => x,
        };
        let top = match attributes.get("dy").map(String::as_str) {
            Some("0.76em") => y,
            Some("0.35em") => y - size / 2.0,
            _ => y - size,
        };
        [left, top, left + width, top + size * 0.8]
    };
    TEXT.captures_iter(svg)
        .map(|found| (found.get(1).unwrap().as_str(), found.get(2).unwrap().as_str()))
        .filter(|(attributes, _)| !attributes.contains("rotate"))
        .map(|(attributes, words)| (box_of(attributes, words), words))
        .collect()
}

#[test]
fn texts_of_a_picture_do_not_overlap_or_leave_it() {
    for evidence in [typical(), sample(12, &THREADS), sample(64, &[1, 64])] {
        for svg in pictures(&page(&evidence)) {
            let width: f64 = all("<svg [^>]* width=\"([0-9]+)\"", svg)[0].parse().unwrap();
            let boxes = boxes(svg);
            for (index, ([left, top, right, bottom], words)) in boxes.iter().enumerate() {
                assert!(*left >= -1.0 && *right <= width + 1.0, "{words} leaves {svg}");
                for (other, other_words) in &boxes[..index] {
                    let apart = other[2] <= *left
                        || *right <= other[0]
                        || other[3] <= *top
                        || *bottom <= other[1];
                    assert!(apart, "{words} and {other_words} overlap in {svg}");
                }
            }
        }
    }
}

#[test]
fn every_row_has_as_many_cells_as_its_table() {
    for table in all("(?s)<table[^>]*>(.*?)</table>", &page(&typical())) {
        let columns = table.matches("<th scope=\"col\"").count();
        for row in table.split("<tr>").skip(2) {
            let cells = row.matches("<td").count() + row.matches("<th").count();
            let spans: Vec<usize> =
                all("colspan=\"?([0-9]+)", row).iter().map(|span| span.parse().unwrap()).collect();
            let taken = cells - spans.len() + spans.iter().sum::<usize>();
            assert_eq!(taken, columns, "{row}");
        }
    }
}

const THREADS: [usize; 16] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

#[test]
fn a_thousand_cells_fit_in_one_small_page() {
    let evidence = sample(12, &THREADS);
    assert_eq!(evidence.cells.len(), 1_152);
    let page = page(&evidence);
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
    assert!(pictures(&page).len() < 300);
    // All cells are in the table, even if not all are drawn.
    let throughput = section(&page, "throughput");
    assert!(throughput.matches("<th scope=row>16").count() >= 72);
}

/// Evidence without observations.
fn empty() -> Evidence {
    let Evidence { machine, build, .. } = typical();
    Evidence::new(machine, build)
}

#[test]
fn a_section_without_evidence_names_the_command_that_measures_it() {
    let mut evidence = empty();
    // Enough cores for a law.
    evidence.machine.cores = 8;
    let page = page(&evidence);
    let by_command: BTreeMap<&str, &[&str]> = BTreeMap::from([
        (
            "shardproof measure",
            [
                "certificate",
                "contention",
                "throughput",
                "latency",
                "over-time",
                "rates",
                "snapshots",
                "memory",
                "operations",
                "configuration",
            ]
            .as_slice(),
        ),
        ("shardproof measure --threads", &["scaling-law"]),
        ("shardproof verify", &["verification"]),
        ("shardproof verify --faults", &["verification"]),
    ]);
    for (command, ids) in by_command {
        for id in ids {
            let section = section(&page, id);
            assert!(section.contains(&format!("<code>{command}")), "{id}: {section}");
            assert!(!section.contains("<svg"));
        }
    }
}

#[test]
fn one_number_of_threads_is_enough_for_a_page() {
    let page = page(&sample(1, &[1]));
    assert!(page.contains("No scaling: no subject was measured on both one and several threads."));
    assert!(section(&page, "throughput").contains("<svg"));
}

#[test]
fn fitted_laws_are_shown_and_refusals_are_counted() {
    let many = page(&sample(16, &[1, 2, 4, 8, 12, 16]));
    let laws = section(&many, "scaling-law");
    assert!(laws.contains("<table") && laws.contains("Mops/s"), "{laws}");
    let few = page(&typical());
    let laws = section(&few, "scaling-law");
    assert!(laws.contains("fewer than 4 usable thread counts ("), "{laws}");
    assert!(laws.contains("this machine has 2 cores"), "{laws}");
    assert!(!laws.contains("--threads"), "no advice that this machine cannot follow: {laws}");
}

#[test]
fn a_warning_has_its_advice_and_its_cells() {
    let page = page(&typical());
    let warnings = section(&page, "warnings");
    assert!(warnings.contains("use at most "));
    assert!(warnings.contains("sharded get100 disjoint on 4 threads"));
    assert!(warnings.contains("the measurement as a whole"));
}

#[test]
fn an_unreadable_histogram_is_reported_and_its_numbers_stay() {
    let mut evidence = typical();
    evidence.latencies[0].histogram = "no histogram".to_owned();
    evidence.latencies[0].mean_ns = 424_000.0;
    let page = page(&evidence);
    let percentiles = section(&page, "latency");
    assert!(percentiles.contains("1 histogram could not be read"));
    assert!(percentiles.contains(">424\u{202f}000"));
}

/// The lines that connect points of a picture.
fn joining(svg: &str) -> usize {
    all("(<polyline [^>]*stroke-width=\"2\"[^>]*>)", svg).len()
}

#[test]
fn merged_evidence_shows_both_machines_and_connects_nothing_across_them() {
    let merged = page(&merged_sample());
    let certificate = section(&merged, "certificate");
    for expected in ["A Made-Up Processor", "Another Made-Up Processor", "part 1", "part 2"] {
        assert!(certificate.contains(expected), "{expected}");
    }
    assert_eq!(certificate.matches("<th scope=row class=\"w\">contention").count(), 2);
    assert_eq!(certificate.matches("<span>Cache-line transfer between processors").count(), 2);
    // One thread is in one part, two are in the other: no line connects them.
    assert!(merged.contains("No scaling: "));
    for id in ["throughput", "snapshots"] {
        let all = pictures(section(&merged, id));
        let spoken = all.into_iter().filter(|svg| !svg.contains("aria-hidden"));
        let crossing = spoken.filter(|svg| joining(svg) > 0 && !svg.contains("<title id=\"held-"));
        assert_eq!(crossing.count(), 0, "{id}");
    }
    let many = page(&sample(16, &[1, 2, 4, 8]));
    assert!(pictures(section(&many, "throughput")).iter().any(|svg| joining(svg) > 1));
    for title in all("<p class=\"name\">([^<]*)</p>", section(&merged, "throughput")) {
        assert!(title.ends_with(", part 1") || title.ends_with(", part 2"), "{title}");
    }
    // Scaling efficiency and memory relative to the ceiling would cross parts too.
    let less =
        |page: &str| all("<text[^>]*>(0[.][0-9]{2})</text>", section(page, "contention")).len();
    assert!(less(&page(&typical())) > 0);
    assert_eq!(less(&merged), 0);
    let ratio = "<td>118<td>1.17";
    assert!(section(&page(&typical()), "memory").contains(ratio));
    assert!(!section(&merged, "memory").contains(ratio));
    assert!(section(&merged, "memory").contains("<td>118<td>–"));
}

#[test]
fn a_wrong_snapshot_is_reported_and_its_cost_is_not_drawn() {
    let mut evidence = typical();
    let drawn = |page: &str| all("<title id=\"held-0-[0-9]-t\">[^<]*(: )", page).len();
    assert_eq!(drawn(&page(&evidence)), 4);
    for held in &mut evidence.held_snapshots {
        held.checks.failed = 7;
        held.checks.first_failure = Some("key 3 is as it is now".to_owned());
    }
    let page = page(&evidence);
    assert_eq!(drawn(&page), 1, "current reads are right");
    let snapshots = section(&page, "snapshots");
    assert!(snapshots.contains("key 3 is as it is now"));
    assert!(
        snapshots.contains("wrong-answers") && snapshots.contains("only current reads are drawn")
    );
    assert!(snapshots.contains("sharded, unified: cheap because its snapshots show later writes"));
}

#[test]
fn every_warning_in_a_table_links_to_its_advice() {
    let page = page(&typical());
    assert!(section(&page, "throughput").contains("href=\"#warning-oversubscribed\""));
    assert_eq!(page.matches("id=\"warning-oversubscribed\"").count(), 1);
}

#[test]
fn long_tables_are_folded_and_stay_folded_in_print() {
    let page = page(&typical());
    let summary = "<summary>[^<]*<span[^>]*>[(]csv/[a-z_]*[.]csv[)]</span></summary>";
    let folded = Regex::new(&format!("(?s)<details class=\"rows\">{summary}<div")).unwrap();
    let long = all("(?s)<table id=\"([^\"]*)\"", &page).into_iter().filter(|id| {
        let (_, table) = page.split_once(&format!("<table id=\"{id}\"")).unwrap();
        table.split_once("</table>").unwrap().0.matches("<tr><th scope=row").count() > 12
    });
    assert_eq!(long.count(), folded.find_iter(&page).count());
    assert!(folded.find_iter(&page).count() >= 6);
    for unfolding in ["beforeprint", "details-content", "<details open", "details[open]"] {
        assert!(!page.contains(unfolding), "{unfolding}");
    }
}

#[test]
fn the_page_starts_with_the_worst_result_and_links() {
    let page = page(&typical());
    let (first, rest) = page.split_once("<nav").unwrap();
    assert!(!first.contains("<svg") && rest.contains("id=\"certificate\""));
    let results = all("<td class=\"w (bad|open|good)\">", first);
    let mut sorted = results.clone();
    let badness = |class: &&str| ["bad", "open", "good"].iter().position(|it| it == class);
    sorted.sort_by_key(badness);
    assert_eq!(results, sorted);
    assert_eq!(results.first(), Some(&"bad"));
    for link in ["#verification", "#throughput", "#certificate"] {
        assert!(first.contains(&format!("<a href=\"{link}\">")), "{link}");
    }
    assert!(first.contains("id=\"table-headlines\"") && first.contains("interval"));
}

#[test]
fn only_findings_are_linked_to() {
    let mut evidence = typical();
    let run = evidence.verification.as_mut().unwrap();
    run.searches[1].found = Some("findings/seed-shuttle".to_owned());
    assert!(page(&evidence).contains("<a href=\"findings/seed-shuttle/explanation.txt\">"));
    for elsewhere in ["javascript:alert(1)", "../../etc", "findings/../../x", "https://x"] {
        let run = evidence.verification.as_mut().unwrap();
        run.searches[1].found = Some(elsewhere.to_owned());
        assert!(!page(&evidence).contains(&format!("<a href=\"{elsewhere}")), "{elsewhere}");
    }
}

#[test]
fn the_page_of_the_committed_record_stays_small() {
    let path = "../../reports/record/x86_64-unknown-linux-gnu/evidence.json.gz";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let evidence = Evidence::read(&path).unwrap();
    let page = page(&evidence);
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
}

#[test]
fn the_headline_names_the_first_workload_even_if_it_ran_in_fewer_placements() {
    let mut evidence = typical();
    let first = evidence.cells[0].workload.clone();
    evidence.cells.retain(|cell| cell.workload != first || cell.placement == "disjoint");
    let page = page(&evidence);
    let table = page.split_once("id=\"table-headlines\"").unwrap().1;
    let table = table.split_once("</table>").unwrap().0;
    let last = "put100";
    assert!(table.contains(&format!("Headline throughput: {first} and {last}")), "{table}");
    assert!([&first, last].iter().all(|workload| table.matches(*workload).count() > 1));
}
