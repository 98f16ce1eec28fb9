//! The common style of all pages: light and dark colours, text, scrolling tables, printing.

use crate::plot::palette;

/// The style sheet of a page: the common part with the colours of pictures, then its own.
pub(crate) fn styles(own: &str) -> String {
    let common = include_str!("chrome.css")
        .replace("/*light colours*/", &palette::light_variables())
        .replace("/*dark colours*/", &palette::dark_variables())
        .replace("/*colours of pictures*/", &palette::rules());
    common + own
}
