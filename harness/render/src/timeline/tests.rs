use shardproof_evidence::timeline::{Action, End, Moment, Operation, TimeUnit};
use svg::parser::Event as Tag;

use super::*;

/// The indices of the operations of [`sample`].
const SETUP: usize = 0;
const WRITE_SET: usize = 1;
const OTHER_READ: usize = 2;
const WRONG: usize = 3;
const UNENDED: usize = 4;
const AT_REST: usize = 5;

/// A timeline of four lanes: a write set that overlaps a read, then a wrong read and a read that
/// does not return, then one at rest.
fn sample() -> Timeline {
    let operation = |lane, lines: &[&str], action, when| Operation {
        lane,
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        action,
        when,
        end: End::Known,
    };
    Timeline {
        title: "stale-read: sharded breaks equation (threads)".to_owned(),
        message: "the snapshot sees value 2, but value 1 was read".to_owned(),
        unit: TimeUnit::Ticks,
        lanes: ["setup", "thread 1", "thread 2", "at rest"].map(str::to_owned).to_vec(),
        operations: vec![
            operation(0, &["put r0 \"a\" = 1 @1.1"], Action::Write, 0),
            operation(1, &["w3.put r0 \"a\" = 2 @1.2", "w3.delete r0 \"b\""], Action::Write, 100),
            operation(2, &["get r0 \"b\" -> nothing"], Action::Read, 110),
            operation(2, &["s5.get r0 \"a\" -> 1 @1.1"], Action::Read, 400),
            Operation { end: End::Unknown, ..operation(1, &["begin t9 r0"], Action::Handle, 410) },
            operation(3, &["collect"], Action::Other, 900),
        ],
        moments: vec![
            Moment::Begin(SETUP),
            Moment::End(SETUP),
            Moment::Begin(WRITE_SET),
            Moment::Begin(OTHER_READ),
            Moment::End(OTHER_READ),
            Moment::End(WRITE_SET),
            Moment::Begin(WRONG),
            Moment::Begin(UNENDED),
            Moment::End(WRONG),
            Moment::End(UNENDED),
            Moment::Begin(AT_REST),
            Moment::End(AT_REST),
        ],
        wrong: Some(WRONG),
        expected: Some("value 2, of version 1.2".to_owned()),
        should_see: Some(WRITE_SET),
        saw: Some(SETUP),
        left_out: 0,
    }
}

/// The number of elements with a class.
fn count(picture: &str, class: &str) -> usize {
    let tags = svg::read(picture).unwrap().filter_map(|tag| match tag {
        Tag::Tag(_, _, attributes) => attributes.get("class").map(ToString::to_string),
        _ => None,
    });
    tags.filter(|classes| classes.split(' ').any(|each| each == class)).count()
}

#[test]
fn output_is_deterministic() {
    assert_eq!(render(&sample()), render(&sample()));
}

#[test]
fn the_wrong_read_and_the_write_it_should_see_are_highlighted_once() {
    let picture = render(&sample());
    // Once in the picture, and once in its legend.
    for class in ["tl-wrong", "tl-should", "tl-arrow-saw", "tl-arrow-should", "tl-hold"] {
        assert_eq!(count(&picture, class), 2, "{class}");
    }
    assert_eq!(count(&picture, "tl-open"), 1);
    assert!(picture.contains("right: value 2, of version 1.2"));
    assert!(picture.contains("s5.get r0 \"a\" -&gt; 1 @1.1"));
}

#[test]
fn without_one_right_answer_there_is_no_arrow_to_it() {
    let timeline = Timeline { should_see: None, expected: None, ..sample() };
    let picture = render(&timeline);
    assert_eq!((count(&picture, "tl-should"), count(&picture, "tl-arrow-should")), (0, 0));
    assert!(!picture.contains("right: "));
}

#[test]
fn boxes_of_a_lane_do_not_touch_and_contain_their_text() {
    let layout = Layout::of(&sample());
    for (lane, number) in layout.lanes.iter().zip(0..) {
        let boxes: Vec<_> = layout.boxes.iter().filter(|each| each.lane == number).collect();
        assert!(!boxes.is_empty());
        assert!(boxes.windows(2).all(|pair| pair[0].bottom < pair[1].top));
        for each in boxes {
            let text = layout::LINE_HEIGHT * each.lines.len() as u32;
            assert!(each.bottom - each.top >= text && each.bottom <= layout.height);
            let width = layout::letters(lane);
            assert!(each.lines.iter().all(|line| line.chars().count() <= width));
        }
    }
}

#[test]
fn boxes_overlap_exactly_where_their_operations_did() {
    let boxes = Layout::of(&sample()).boxes;
    let (set, read, wrong) = (&boxes[WRITE_SET], &boxes[OTHER_READ], &boxes[WRONG]);
    assert!(set.top < read.top && read.bottom < set.bottom, "the read is within the set");
    assert!(set.bottom < wrong.top, "the wrong read began after the set was written");
    let unended = &boxes[UNENDED];
    assert!(wrong.top < unended.top && unended.top < wrong.bottom && wrong.bottom < unended.bottom);
}

#[test]
fn a_long_line_is_shortened_with_an_ellipsis() {
    let mut timeline = sample();
    timeline.operations[SETUP].lines[0] = "x".repeat(200);
    let picture = render(&timeline);
    assert!(picture.contains("xxx…\n"), "{picture}");
    assert!(picture.contains(&"x".repeat(200)), "the title contains the full line");
}

#[test]
fn the_legend_explains_the_times_and_omissions() {
    let picture = render(&Timeline { left_out: 466, ..sample() });
    assert!(picture.contains("numbers are ticks. 466 less related events are omitted."));
    let weak = render(&Timeline { unit: TimeUnit::Positions, ..sample() });
    assert!(weak.contains("under weak memory there are no times."));
}

#[test]
fn text_is_escaped_and_control_characters_are_replaced() {
    let message = "</svg> & \u{1} <script>".to_owned();
    let picture = render(&Timeline { message, ..sample() });
    assert!(picture.contains("&lt;/svg&gt; &amp; \u{fffd} &lt;script&gt;"));
    assert_eq!(picture.matches("</svg>").count(), 1);
    assert!(svg::read(&picture).unwrap().all(|tag| !matches!(tag, Tag::Error(_))));
}

#[test]
fn a_timeline_without_operations_still_gives_a_picture() {
    let timeline = Timeline {
        lanes: vec![],
        operations: vec![],
        moments: vec![],
        wrong: None,
        should_see: None,
        saw: None,
        ..sample()
    };
    assert!(render(&timeline).contains("stale-read"));
}
