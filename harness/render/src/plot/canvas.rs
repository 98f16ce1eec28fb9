//! The drawing backend: keeps everything that plotters draws as SVG elements.
//!
//! Plotters' own SVG backend supports neither dashes nor text for screen readers, and writes every
//! default attribute. This backend handles the drawing calls itself, so that no generated text has
//! to be searched and replaced.

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Drawable, PointCollection};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle, FontTransform,
};
use svg::Document;
use svg::node::element::{
    Circle, Description, Element, Line, Polygon, Polyline, Rectangle, Style as StyleSheet, Title,
};
use svg::node::{Node, Text as Plain};

use crate::plot::palette::{self, Colour, PAPER};
use crate::plot::text::{FONT_SIZE, printable, width};
use crate::plot::{Alternative, PlotError};

/// An area of a canvas, in pixels.
pub(crate) type Pixels<'a> = DrawingArea<Canvas<'a>, Shift>;
/// The error of drawing on a canvas.
pub(crate) type DrawError = DrawingAreaErrorKind<CanvasError>;
/// Margin around a picture in a separate file, in pixels.
const FILE_MARGIN: i32 = 10;

/// The result of a call of the backend.
type Drawn = Result<(), DrawingErrorKind<CanvasError>>;

/// Something was drawn that a canvas does not support. Only a bug causes it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CanvasError {
    /// The style sheet of a dark page has no replacement for it.
    #[error("the colour #{0:06X} is not in the palette")]
    UnknownColour(u32),
    /// Single pixels are not supported.
    #[error("plotters drew a single pixel")]
    Pixel,
}

/// A drawing backend for plotters that collects SVG elements.
#[derive(Debug)]
pub(crate) struct Canvas<'a> {
    /// The elements, the last on top.
    elements: &'a mut Vec<Box<dyn Node>>,
    /// Width and height in pixels.
    size: (u32, u32),
}

/// A finished drawing, not yet written.
#[derive(Debug)]
pub(crate) struct Drawing {
    /// Width and height in pixels.
    size: (u32, u32),
    /// The elements, the last on top.
    elements: Vec<Box<dyn Node>>,
}

impl Drawing {
    /// Draws on a canvas of this size.
    ///
    /// # Errors
    /// [`PlotError`], which only a bug can cause.
    pub(crate) fn new(
        size: (u32, u32),
        draw: impl FnOnce(&Pixels<'_>) -> Result<(), DrawError>,
    ) -> Result<Self, PlotError> {
        let mut elements = Vec::new();
        {
            let area = Canvas { elements: &mut elements, size }.into_drawing_area();
            draw(&area)?;
            area.present()?;
        }
        Ok(Self { size, elements })
    }

    /// SVG for a page with the style sheet of [`palette::rules`].
    pub(crate) fn inline(self, alternative: &Alternative) -> String {
        let document = self.described(alternative);
        self.written(document)
    }

    /// SVG that screen readers skip, because the page has the same content as text.
    pub(crate) fn decoration(self) -> String {
        let document = self.document().set("aria-hidden", "true");
        self.written(document)
    }

    /// A self-contained SVG file, with colours for light and dark pages.
    pub(crate) fn file(self, alternative: &Alternative) -> String {
        let drawn: String = self.elements.iter().map(ToString::to_string).collect();
        let is_used = |colour: Colour| colour == PAPER || drawn.contains(&colour.hex());
        // Pages have a margin around a picture; a file needs its own.
        let (width, height) =
            (self.size.0 as i32 + 2 * FILE_MARGIN, self.size.1 as i32 + 2 * FILE_MARGIN);
        let paper = Rectangle::new()
            .set("x", -FILE_MARGIN)
            .set("y", -FILE_MARGIN)
            .set("width", width)
            .set("height", height)
            .set("fill", PAPER.hex());
        let document = self
            .described(alternative)
            .set("width", width)
            .set("height", height)
            .set("viewBox", (-FILE_MARGIN, -FILE_MARGIN, width, height))
            .add(StyleSheet::new(palette::sheet(is_used)))
            .add(paper);
        self.written(document)
    }

    fn document(&self) -> Document {
        let (width, height) = self.size;
        Document::new()
            .set("width", width)
            .set("height", height)
            .set("viewBox", (0, 0, width, height))
            .set("font-family", "sans-serif")
            .set("font-size", FONT_SIZE)
    }

    fn described(&self, alternative: &Alternative) -> Document {
        let Alternative { name, title, description } = alternative;
        let description = Plain::new(printable(description));
        self.document()
            .set("role", "img")
            .set("aria-labelledby", format!("{name}-t {name}-d"))
            .add(Title::new(printable(title)).set("id", format!("{name}-t")))
            .add(Description::new().set("id", format!("{name}-d")).add(description))
    }

    fn written(self, mut document: Document) -> String {
        for element in self.elements {
            document.append(element);
        }
        format!("{document}\n")
    }
}

impl DrawingBackend for Canvas<'_> {
    type ErrorType = CanvasError;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, _: BackendCoord, _: BackendColor) -> Drawn {
        Err(DrawingErrorKind::DrawingError(CanvasError::Pixel))
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        let ends = Line::new().set("x1", from.0).set("y1", from.1).set("x2", to.0).set("y2", to.1);
        self.add(ends, Paint::stroke(style)?)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        is_filled: bool,
    ) -> Drawn {
        let rectangle = Rectangle::new()
            .set("x", left)
            .set("y", top)
            .set("width", right - left)
            .set("height", bottom - top);
        self.add(rectangle, Paint::either(style, is_filled)?)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let line = Polyline::new().set("points", points(path));
        self.add(line, Paint::stroke(style)?)
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        is_filled: bool,
    ) -> Drawn {
        let circle = Circle::new().set("cx", x).set("cy", y).set("r", radius);
        self.add(circle, Paint::either(style, is_filled)?)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Drawn {
        let polygon = Polygon::new().set("points", points(corners));
        self.add(polygon, Paint::fill(style)?)
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        words: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Drawn {
        // The `Text` of that crate adds line breaks around its content.
        let mut text = Element::new("text");
        text.append(Plain::new(printable(words)));
        text.assign("x", x);
        text.assign("y", y);
        let anchor = match style.anchor().h_pos {
            HPos::Left => "start",
            HPos::Center => "middle",
            HPos::Right => "end",
        };
        text.assign("text-anchor", anchor);
        match style.anchor().v_pos {
            VPos::Top => text.assign("dy", "0.76em"),
            VPos::Center => text.assign("dy", "0.35em"),
            VPos::Bottom => {}
        }
        if style.size() != f64::from(FONT_SIZE) {
            text.assign("font-size", style.size());
        }
        if matches!(style.style(), FontStyle::Bold) {
            text.assign("font-weight", "bold");
        }
        let degrees = match style.transform() {
            FontTransform::None => 0,
            FontTransform::Rotate90 => 90,
            FontTransform::Rotate180 => 180,
            FontTransform::Rotate270 => 270,
        };
        if degrees > 0 {
            text.assign("transform", format!("rotate({degrees}, {x}, {y})"));
        }
        self.add(text, Paint::text(style.color())?)
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        words: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<CanvasError>> {
        Ok((width(words, style.size()) as u32, style.size().ceil() as u32))
    }
}

/// A line through points, possibly dashed.
#[derive(Debug)]
pub(crate) struct Dashed<'a, Coord, S> {
    /// The points.
    pub points: Vec<Coord>,
    /// Lengths of dashes and gaps, in SVG notation; empty for a solid line.
    pub dash: &'a str,
    /// Colour and width.
    pub style: S,
}

impl<'a, Coord, S> PointCollection<'a, Coord> for &'a Dashed<'_, Coord, S> {
    type Point = &'a Coord;
    type IntoIter = std::slice::Iter<'a, Coord>;

    fn point_iter(self) -> Self::IntoIter {
        self.points.iter()
    }
}

impl<Coord, S: BackendStyle> Drawable<Canvas<'_>> for Dashed<'_, Coord, S> {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        path: I,
        canvas: &mut Canvas<'_>,
        _: (u32, u32),
    ) -> Drawn {
        let mut line = Polyline::new().set("points", points(path));
        if !self.dash.is_empty() {
            line.assign("stroke-dasharray", self.dash);
        }
        canvas.add(line, Paint::stroke(&self.style)?)
    }
}

impl Canvas<'_> {
    fn add(&mut self, mut element: impl Node, paint: Paint) -> Drawn {
        for (attribute, value) in paint.attributes {
            element.assign(attribute, value);
        }
        self.elements.push(Box::new(element));
        Ok(())
    }
}

/// The attributes that colour an element, without defaults.
struct Paint {
    /// Names and values.
    attributes: Vec<(&'static str, String)>,
}

impl Paint {
    fn stroke(style: &impl BackendStyle) -> Result<Self, DrawingErrorKind<CanvasError>> {
        let mut paint = Self::of(style.color(), ["stroke", "stroke-opacity"])?;
        paint.attributes.push(("fill", "none".to_owned()));
        if style.stroke_width() != 1 {
            paint.attributes.push(("stroke-width", style.stroke_width().to_string()));
        }
        Ok(paint)
    }

    fn fill(style: &impl BackendStyle) -> Result<Self, DrawingErrorKind<CanvasError>> {
        Self::of(style.color(), ["fill", "fill-opacity"])
    }

    fn text(colour: BackendColor) -> Result<Self, DrawingErrorKind<CanvasError>> {
        Self::of(colour, ["fill", "fill-opacity"])
    }

    fn either(
        style: &impl BackendStyle,
        is_filled: bool,
    ) -> Result<Self, DrawingErrorKind<CanvasError>> {
        if is_filled { Self::fill(style) } else { Self::stroke(style) }
    }

    fn of(
        BackendColor { alpha, rgb: (red, green, blue) }: BackendColor,
        [paint, opacity]: [&'static str; 2],
    ) -> Result<Self, DrawingErrorKind<CanvasError>> {
        // Plotters' mesh draws invisible elements in transparent black.
        if alpha == 0.0 {
            return Ok(Self { attributes: vec![(paint, "none".to_owned())] });
        }
        let light = u32::from_be_bytes([0, red, green, blue]);
        let Some(colour) = Colour::by_light(light) else {
            return Err(DrawingErrorKind::DrawingError(CanvasError::UnknownColour(light)));
        };
        let mut attributes = vec![(paint, colour.hex())];
        if alpha < 1.0 {
            attributes.push((opacity, alpha.to_string()));
        }
        Ok(Self { attributes })
    }
}

fn points(points: impl IntoIterator<Item = BackendCoord>) -> String {
    let points: Vec<String> = points.into_iter().map(|(x, y)| format!("{x},{y}")).collect();
    points.join(" ")
}

#[cfg(test)]
mod tests {
    use plotters::element::{PathElement, Rectangle as Block};
    use plotters::style::{Color, RGBColor};

    use super::*;
    use crate::plot::palette::SUBJECTS;

    const DASHED: &str = "7 3";

    fn drawn(draw: impl FnOnce(&Pixels<'_>) -> Result<(), DrawError>) -> Result<String, PlotError> {
        Ok(Drawing::new((40, 20), draw)?.decoration())
    }

    #[test]
    fn only_a_dashed_line_has_dashes() {
        let style = || Color::stroke_width(&SUBJECTS[0].rgb(), 2);
        let svg = drawn(|area| {
            area.draw(&Dashed { points: vec![(1, 2), (30, 4)], dash: DASHED, style: style() })?;
            area.draw(&Dashed { points: vec![(1, 6), (30, 6)], dash: "", style: style() })?;
            area.draw(&PathElement::new(vec![(1, 8), (30, 8)], style()))
        });
        let svg = svg.unwrap();
        assert_eq!(svg.matches("stroke-dasharray=\"7 3\"").count(), 1, "{svg}");
        assert_eq!(svg.matches("<polyline").count(), 3, "{svg}");
        assert!(svg.contains("points=\"1,2 30,4\""), "{svg}");
    }

    #[test]
    fn a_colour_outside_the_palette_is_an_error() {
        let block = |colour: RGBColor| {
            drawn(|area| area.draw(&Block::new([(0, 0), (9, 9)], colour.filled())))
        };
        assert!(block(SUBJECTS[0].rgb()).is_ok());
        let error = block(RGBColor(1, 2, 3)).unwrap_err().to_string();
        assert!(error.contains("#010203"), "{error}");
    }

    #[test]
    fn a_file_contains_its_colours_for_light_and_dark_pages() {
        let alternative = Alternative {
            name: "one".to_owned(),
            title: "a < b\u{1b}".to_owned(),
            description: "\"so\" & so".to_owned(),
        };
        let block = Block::new([(0, 0), (9, 9)], SUBJECTS[0].rgb().filled());
        let svg = Drawing::new((40, 20), |area| area.draw(&block)).unwrap().file(&alternative);
        assert!(svg.contains("prefers-color-scheme: dark") && svg.contains("#4BA3E3"), "{svg}");
        assert!(svg.contains("a &lt; b\u{fffd}</title>"), "{svg}");
        assert!(!svg.contains(&SUBJECTS[1].hex()), "unused colours: {svg}");
    }
}
