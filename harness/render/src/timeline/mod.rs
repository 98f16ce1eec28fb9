//! A picture of the events around an anomaly: a lane for each thread, a box for each operation.

mod draw;
mod layout;

use shardproof_evidence::timeline::Timeline;
use svg::Document;
use svg::node::Text as Plain;
use svg::node::element::{Description, Style, Title};

use draw::{LegendEntry, clean};
use layout::{BOX_PADDING, Layout, MARGIN};

/// From one line of the head to the next.
const HEAD_LINE: u32 = 20;
/// Average width of a character of prose, in tenths of a pixel.
const WORD_LETTER_TENTHS: u32 = 72;
/// Minimum width, so that title and legend fit.
const WIDTH_MIN: u32 = 720;
/// Space for the names of the lanes.
const NAMES_HEIGHT: u32 = 28;
/// From one line of the legend to the next.
const LEGEND_LINE: u32 = 24;

/// Draws a timeline as SVG. The output depends only on the timeline.
///
/// # Panics
/// If the timeline refers to a lane or an operation that does not exist, or if an operation ends
/// before it starts.
#[must_use]
pub fn render(timeline: &Timeline) -> String {
    let layout = Layout::of(timeline);
    let width = (layout.width + MARGIN).max(WIDTH_MIN);
    let head = head(timeline, width);
    let top = MARGIN + HEAD_LINE * head.len() as u32 + MARGIN;
    let body = top + NAMES_HEIGHT;
    let lanes_end = body + layout.height + BOX_PADDING;
    let legend = LegendEntry::rows(timeline);
    let legend_top = lanes_end + MARGIN;
    let height = legend_top + LEGEND_LINE * legend.len() as u32 + MARGIN;
    let mut document = Document::new()
        .set("viewBox", (0, 0, width, height))
        .set("width", width)
        .set("height", height)
        .set("role", "img")
        .add(Title::new(clean(&head[0])))
        .add(Description::new().add(Plain::new(clean(&timeline.message))))
        .add(Style::new(include_str!("style.css")))
        .add(draw::arrow_heads())
        .add(draw::rectangle((0, 0), (width, height), "tl-back"));
    for (line, number) in head.iter().zip(1..) {
        let class = if number == 1 { "tl-words tl-title" } else { "tl-words" };
        document = document.add(draw::text((MARGIN, MARGIN + HEAD_LINE * number - 4), class, line));
    }
    for lane in &layout.lanes {
        document = document.add(draw::lane(lane, top, lanes_end));
    }
    // Lines and arrows are drawn before the boxes, so that they do not cover text.
    for each in &layout.boxes {
        document = document.add(draw::moment(each, &layout.lanes[each.lane], body));
    }
    document = document.add(draw::arrows(&layout, timeline, body));
    for each in &layout.boxes {
        document = document.add(draw::block(each, &layout.lanes[each.lane], body));
    }
    for (row, number) in legend.into_iter().zip(0..) {
        document = document.add(draw::legend(row, (MARGIN, legend_top + LEGEND_LINE * number)));
    }
    document.to_string() + "\n"
}

/// The title, and the lines below it.
fn head(timeline: &Timeline, width: u32) -> Vec<String> {
    let mut lines = vec![timeline.title.clone()];
    let letters = ((width - 2 * MARGIN) * 10 / WORD_LETTER_TENTHS) as usize;
    let mut row = String::new();
    for word in timeline.message.split_whitespace() {
        if !row.is_empty() && row.chars().count() + 1 + word.chars().count() > letters {
            lines.push(std::mem::take(&mut row));
        }
        if !row.is_empty() {
            row.push(' ');
        }
        row.push_str(word);
    }
    lines.push(row);
    lines
}

#[cfg(test)]
mod tests;
