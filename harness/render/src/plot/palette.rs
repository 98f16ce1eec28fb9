//! Colours. A picture contains those for a light page; the style sheet replaces each by its
//! counterpart on a dark page.
//!
//! Subjects use the palette of Okabe and Ito, which is safe for colour-blind readers, without its
//! yellow, which is too pale on white. Each subject also has its own marker and dash, so that
//! colour is never the only distinction.

use std::fmt::Write;

use plotters::style::RGBColor;

/// A colour on light and dark pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Colour {
    /// Red, green and blue on a light page; unique, because the style sheet selects by it.
    light: u32,
    /// Red, green and blue on a dark page.
    dark: u32,
}

/// The background of the page.
pub(crate) const PAPER: Colour = Colour { light: 0xFFFFFF, dark: 0x14171C };
/// Text and axes.
pub(crate) const INK: Colour = Colour { light: 0x1B1F24, dark: 0xE4E7EC };
/// Secondary text and lines.
pub(crate) const FAINT: Colour = Colour { light: 0x5B6470, dark: 0x9AA4B2 };
/// The control that shows what the machine can do.
pub(crate) const CEILING: Colour = Colour { light: 0x1B1F22, dark: 0xE4E7EA };
/// The control that does nothing.
pub(crate) const FLOOR: Colour = Colour { light: 0x5B6471, dark: 0x9AA4B1 };
/// Perfect scaling.
pub(crate) const IDEAL: Colour = Colour { light: 0x8A929E, dark: 0x77808D };
/// Breaks between results that are not comparable.
pub(crate) const BREAK: Colour = Colour { light: 0xA32A00, dark: 0xFF9D73 };
/// Grid lines.
pub(crate) const GRID: Colour = Colour { light: 0xE1E4E9, dark: 0x2D333D };
/// Cells without a value.
pub(crate) const VOID: Colour = Colour { light: 0xEEF0F3, dark: 0x20252D };
/// Text on the darker steps of [`HEAT`].
pub(crate) const ON_HOT: Colour = Colour { light: 0xFFFFFE, dark: 0x14171B };
/// Text on the paler steps of [`HEAT`].
pub(crate) const ON_COOL: Colour = Colour { light: 0x1B1F23, dark: 0xE4E7EB };

/// From efficiency 0 to 1, in tenths.
pub(crate) const HEAT: [Colour; 10] = [
    Colour { light: 0x7F2704, dark: 0xFFD9B8 },
    Colour { light: 0x963003, dark: 0xFFBE8C },
    Colour { light: 0xB03C02, dark: 0xFF9D57 },
    Colour { light: 0xC74A04, dark: 0xF27A1E },
    Colour { light: 0xF5791F, dark: 0xB83C02 },
    Colour { light: 0xFD9A4E, dark: 0x983404 },
    Colour { light: 0xFDB67A, dark: 0x7A2E08 },
    Colour { light: 0xFDD0A2, dark: 0x5A270D },
    Colour { light: 0xFEE6CE, dark: 0x3D2210 },
    Colour { light: 0xF1F5F9, dark: 0x222932 },
];
/// Number of steps of [`HEAT`] with the text colour [`ON_HOT`].
const HOT_STEPS: usize = 4;

/// Subjects, in the order in which reports list them.
pub(crate) const SUBJECTS: [Colour; 12] = [
    Colour { light: 0x0072B2, dark: 0x4BA3E3 },
    Colour { light: 0xD55E00, dark: 0xFF7F33 },
    Colour { light: 0x009E73, dark: 0x2CC795 },
    Colour { light: 0xCC79A7, dark: 0xE39BC4 },
    Colour { light: 0xE69F00, dark: 0xF0B429 },
    Colour { light: 0x56B4E9, dark: 0x9AD5F7 },
    Colour { light: 0x00456B, dark: 0x2F7FC0 },
    Colour { light: 0x8F3F00, dark: 0xC9602A },
    Colour { light: 0x00654A, dark: 0x1E9A72 },
    Colour { light: 0x8A4A70, dark: 0xB86F99 },
    Colour { light: 0x9A6A00, dark: 0xB98A1F },
    Colour { light: 0x2F7FAF, dark: 0x6CB0D8 },
];

impl Colour {
    /// As plotters' type.
    pub(crate) const fn rgb(self) -> RGBColor {
        let [_, red, green, blue] = self.light.to_be_bytes();
        RGBColor(red, green, blue)
    }

    /// The colour of the palette with this value on a light page.
    pub(crate) fn by_light(light: u32) -> Option<Self> {
        all().find(|colour| colour.light == light)
    }

    /// As written in pictures.
    pub(crate) fn hex(self) -> String {
        format!("#{:06X}", self.light)
    }
}

/// The step of [`HEAT`] for an efficiency, and the text colour on it. Values above 1 count as 1.
pub(crate) fn heat(efficiency: f64) -> (Colour, Colour) {
    let step = ((efficiency * 10.0 + 1e-9).floor().max(0.0) as usize).min(HEAT.len() - 1);
    (HEAT[step], if step < HOT_STEPS { ON_HOT } else { ON_COOL })
}

/// CSS variables with every colour on a light page.
pub(crate) fn light_variables() -> String {
    variables(|colour| colour.light)
}

/// The same on a dark page.
pub(crate) fn dark_variables() -> String {
    variables(|colour| colour.dark)
}

/// CSS rules that replace each colour by its variable.
pub(crate) fn rules() -> String {
    let mut text = String::new();
    for (number, colour) in all().enumerate() {
        let hex = colour.hex();
        let _ = writeln!(
            text,
            "svg [fill=\"{hex}\"]{{fill:var(--p{number})}}svg \
             [stroke=\"{hex}\"]{{stroke:var(--p{number})}}"
        );
    }
    text
}

/// The style sheet of a separate picture: dark variants of the colours it uses.
pub(crate) fn sheet(is_used: impl Fn(Colour) -> bool) -> String {
    let mut text = "@media (prefers-color-scheme: dark) {".to_owned();
    for colour in all().filter(|colour| is_used(*colour)) {
        let (light, dark) = (colour.hex(), colour.dark);
        let _ = write!(
            text,
            "\n[fill=\"{light}\"]{{fill:#{dark:06X}}}[stroke=\"{light}\"]{{stroke:#{dark:06X}}}"
        );
    }
    text + "\n}"
}

fn variables(side: fn(&Colour) -> u32) -> String {
    let mut text = String::new();
    for (number, colour) in all().enumerate() {
        let _ = write!(text, "--p{number}:#{:06X};", side(&colour));
    }
    text
}

fn all() -> impl Iterator<Item = Colour> {
    [PAPER, INK, FAINT, CEILING, FLOOR, IDEAL, GRID, VOID, ON_HOT, ON_COOL]
        .into_iter()
        .chain(HEAT)
        .chain(SUBJECTS)
        .chain([BREAK])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The contrast of two colours by the formula of WCAG 2.
    fn contrast(one: u32, other: u32) -> f64 {
        let channel = |byte: u8| {
            let part = f64::from(byte) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let luminance = |colour: u32| {
            let [_, red, green, blue] = colour.to_be_bytes();
            0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue)
        };
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        one.max(other) / one.min(other)
    }

    #[test]
    fn every_colour_is_unique_to_the_style_sheet() {
        let distinct: BTreeSet<String> = all().map(Colour::hex).collect();
        assert_eq!(distinct.len(), all().count());
    }

    #[test]
    fn text_is_readable_on_every_heat_step_on_both_pages() {
        for (step, colour) in HEAT.into_iter().enumerate() {
            let (ground, text) = heat(step as f64 / 10.0);
            assert_eq!(ground, colour);
            for contrast in [contrast(ground.light, text.light), contrast(ground.dark, text.dark)] {
                assert!(contrast >= 4.5, "step {step}: {contrast:.2}");
            }
        }
        for text in [INK, FAINT] {
            assert!(contrast(text.light, PAPER.light) >= 4.5);
            assert!(contrast(text.dark, PAPER.dark) >= 4.5);
        }
    }

    #[test]
    fn efficiencies_outside_0_to_1_are_clamped() {
        assert_eq!(heat(7.0), heat(1.0));
        assert_eq!(heat(-1.0), heat(0.0));
        assert_eq!(heat(f64::NAN), heat(0.0));
    }
}
