use svg::parser::Event as Tag;

use super::*;
use crate::check::report::{EventRef, Expected};
use crate::history::{Event, Log, Order};
use crate::samples;

fn busy_layout(order: Order) -> Layout {
    let (mut history, anomaly) = samples::busy();
    history.header.order = order;
    Layout::of(&history, &anomaly, &Concern::of(&history, &anomaly, EVENTS_MAX))
}

/// How many elements of a picture are of a class.
fn count(picture: &str, class: &str) -> usize {
    let tags = svg::read(picture).unwrap().filter_map(|tag| match tag {
        Tag::Tag(_, _, attributes) => attributes.get("class").map(ToString::to_string),
        _ => None,
    });
    tags.filter(|classes| classes.split(' ').any(|each| each == class)).count()
}

#[test]
fn the_same_history_gives_the_same_bytes() {
    let (history, anomaly) = samples::busy();
    let picture = timeline(&history, &anomaly);
    assert_eq!(picture, timeline(&history.clone(), &anomaly.clone()));
}

#[test]
fn what_is_wrong_and_what_should_have_been_seen_stand_out_once() {
    let (history, anomaly) = samples::stale_read();
    let picture = timeline(&history, &anomaly);
    // Once in the picture, and once in its legend.
    for class in ["tl-wrong", "tl-should", "tl-arrow-saw", "tl-arrow-should"] {
        assert_eq!(count(&picture, class), 2, "{class}");
    }
    assert!(picture.contains("right: value 2, of version 1.2"));
    assert!(picture.contains("s5.get r0 \"a\" -&gt; 1 @1.1"));
}

#[test]
fn without_one_right_answer_there_is_no_arrow_to_it() {
    let (history, mut anomaly) = samples::stale_read();
    anomaly.expected = Expected::Unknown;
    let picture = timeline(&history, &anomaly);
    assert_eq!((count(&picture, "tl-should"), count(&picture, "tl-arrow-should")), (0, 0));
}

#[test]
fn boxes_of_a_lane_do_not_touch_and_hold_their_text() {
    for order in [Order::RealTime, Order::HappensBefore] {
        let layout = busy_layout(order);
        for lane in 0..layout.lanes.len() {
            let boxes: Vec<_> = layout.boxes.iter().filter(|each| each.lane == lane).collect();
            assert!(!boxes.is_empty());
            assert!(boxes.windows(2).all(|pair| pair[0].bottom < pair[1].top));
            for each in boxes {
                let text = layout::LINE_HEIGHT * each.lines.len() as u32;
                assert!(each.bottom - each.top >= text && each.bottom <= layout.height);
                let width = layout::letters(&layout.lanes[lane]);
                assert!(each.lines.iter().all(|line| line.chars().count() <= width));
            }
        }
    }
}

#[test]
fn boxes_overlap_where_their_operations_did() {
    let layout = busy_layout(Order::RealTime);
    let find = |log, event| layout.find(EventRef { log, event }).unwrap();
    let (set, begin, get, open) = (find(1, 0), find(3, 0), find(3, 1), find(2, 0));
    assert!(set.top < begin.bottom && begin.top < set.top, "begin began first, and overlaps");
    assert!(set.top < get.top && get.bottom < set.bottom, "the read is within the set");
    assert!(set.bottom < open.top, "the snapshot was opened after the set was written");
    assert!(std::ptr::eq(set, find(1, 1)), "all writes of a set are one operation");
    assert_eq!(find(4, 0).end, layout::End::Open);
}

#[test]
fn under_weak_memory_one_stands_below_the_other() {
    let layout = busy_layout(Order::HappensBefore);
    let mut boxes: Vec<_> = layout.boxes.iter().collect();
    boxes.sort_by_key(|each| each.top);
    assert!(boxes.windows(2).all(|pair| pair[0].bottom < pair[1].top));
    let moments: Vec<_> = boxes.iter().map(|each| each.when.clone()).collect();
    assert_eq!(moments[..3], ["1", "2", "3"]);
}

#[test]
fn text_is_escaped_and_odd_letters_are_replaced() {
    let (history, mut anomaly) = samples::busy();
    anomaly.message = "</svg> & \u{1} <script>".to_owned();
    let picture = timeline(&history, &anomaly);
    assert!(picture.contains("&lt;/svg&gt; &amp; \u{fffd} &lt;script&gt;"));
    assert_eq!(picture.matches("</svg>").count(), 1);
    assert!(svg::read(&picture).unwrap().all(|tag| !matches!(tag, Tag::Error(_))));
}

#[test]
fn a_long_history_gives_a_picture_of_what_is_close() {
    let (mut history, anomaly) = samples::stale_read();
    let rest = history.logs.pop().unwrap();
    let put = history.logs[1].events[0];
    let puts = (0..500).map(|number| Event { invoke: 90 + number, ..put }).collect();
    history.logs.extend([Log { events: puts, listings: vec![] }, rest]);
    let picture = timeline(&history, &anomaly);
    // Those of the legend are more: four looks, and two of what is wrong and right.
    assert_eq!(count(&picture, "tl-box"), EVENTS_MAX + 6);
    assert!(picture.contains("466 events that are less close are left out"));
}

#[test]
fn an_anomaly_without_events_still_gives_a_picture() {
    let (history, mut anomaly) = samples::stale_read();
    anomaly.events = vec![EventRef { log: 70, event: 0 }];
    anomaly.expected = Expected::Unknown;
    assert!(timeline(&history, &anomaly).contains("stale-read"));
}
