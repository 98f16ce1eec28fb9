//! A picture of what happened around an anomaly: a lane for each thread, a box for each operation.

mod draw;
mod layout;

use svg::Document;
use svg::node::Text as Plain;
use svg::node::element::{Description, Style, Title};

use crate::check::report::Anomaly;
use crate::concern::Concern;
use crate::explain::name;
use crate::history::History;
use draw::{Key, clean};
use layout::{BOX_PADDING, Layout, MARGIN};

/// Events that are drawn.
const EVENTS_MAX: usize = 40;
/// From one line of the head to the next.
const HEAD_LINE: u32 = 20;
/// Tenths of a pixel that one letter of prose takes, on average.
const WORD_LETTER_TENTHS: u32 = 72;
/// The narrowest picture, so that its head and legend fit.
const WIDTH_MIN: u32 = 720;
/// Room for the names of the lanes.
const NAMES_HEIGHT: u32 = 28;
/// From one line of the legend to the next.
const LEGEND_LINE: u32 = 24;

/// Draws an anomaly of a history as SVG. The same history and anomaly give the same bytes.
#[must_use]
pub fn timeline(history: &History, anomaly: &Anomaly) -> String {
    let concern = Concern::of(history, anomaly, EVENTS_MAX);
    let layout = Layout::of(history, anomaly, &concern);
    let width = (layout.width + MARGIN).max(WIDTH_MIN);
    let head = head(history, anomaly, width);
    let top = MARGIN + HEAD_LINE * head.len() as u32 + MARGIN;
    let body = top + NAMES_HEIGHT;
    let lanes_end = body + layout.height + BOX_PADDING;
    let legend = Key::rows(history, &concern);
    let legend_top = lanes_end + MARGIN;
    let height = legend_top + LEGEND_LINE * legend.len() as u32 + MARGIN;
    let mut document = Document::new()
        .set("viewBox", (0, 0, width, height))
        .set("width", width)
        .set("height", height)
        .set("role", "img")
        .add(Title::new(clean(&head[0])))
        .add(Description::new().add(Plain::new(clean(&anomaly.message))))
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
    // What leads to boxes is drawn before all boxes, so that no text is crossed out.
    for each in &layout.boxes {
        document = document.add(draw::moment(each, &layout.lanes[each.lane], body));
    }
    document = document.add(draw::arrows(&layout, anomaly, &concern, body));
    for each in &layout.boxes {
        document = document.add(draw::block(each, &layout.lanes[each.lane], body));
    }
    for (row, number) in legend.into_iter().zip(0..) {
        document = document.add(draw::legend(row, (MARGIN, legend_top + LEGEND_LINE * number)));
    }
    document.to_string() + "\n"
}

/// The title, and the lines below it.
fn head(history: &History, anomaly: &Anomaly, width: u32) -> Vec<String> {
    let header = &history.header;
    let mut lines = vec![format!(
        "{}: {} breaks {} ({})",
        name(anomaly.kind),
        header.subject,
        name(anomaly.axiom),
        header.executor
    )];
    let letters = ((width - 2 * MARGIN) * 10 / WORD_LETTER_TENTHS) as usize;
    let mut row = String::new();
    for word in anomaly.message.split_whitespace() {
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
