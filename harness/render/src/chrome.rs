//! What all pages look like: colours for light and dark, text, tables that scroll, printing.

use crate::plot::palette;

/// The style sheet of a page: what all have, with the colours of pictures, and then its own.
pub(crate) fn styles(own: &str) -> String {
    let common = include_str!("chrome.css")
        .replace("/*light colours*/", &palette::light_variables())
        .replace("/*dark colours*/", &palette::dark_variables())
        .replace("/*colours of pictures*/", &palette::rules());
    common + own
}
