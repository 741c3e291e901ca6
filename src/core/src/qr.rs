//! A QR code in half blocks for a terminal, two rows of modules per line of text, and as an SVG image for paper.

use std::fmt::Write as _;

use qrcode::types::Color;
use qrcode::{EcLevel, QrCode};
use zeroize::Zeroizing;

/// A screen's size in characters.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Characters in a line.
    pub columns: usize,
    /// Lines.
    pub rows: usize,
}

/// Width of the quiet zone in modules: what the standard requires (ISO/IEC 18004, 6.3.8), and what cameras cope with
/// where space is short.
const QUIET_ZONES: [usize; 2] = [4, 2];
/// Lines below the code that must fit on the screen with it, for question and answer.
const LINES_BELOW: usize = 1;

/// The most bytes that a dark square takes in an SVG image, and that surround all of them.
const SVG_SQUARE: usize = "M100 100h1v1h-1z".len();
const SVG_FRAME: usize = 512;

/// Why there is no drawing.
#[derive(Debug, PartialEq, Eq)]
pub enum Undrawable {
    /// It needs this many columns and rows.
    TooSmall(usize, usize),
    /// The text does not fit in a QR code.
    TooLong,
}

/// Draws `text`, with as wide a quiet zone as fits on the screen: lines without newlines.
///
/// With colours it is black on white whatever the terminal's colours are. Without colours the white modules are drawn:
/// right on a dark terminal and inverted on a light one, which most apps can read too.
///
/// # Errors
/// [`Undrawable`], which says what is missing.
pub fn draw(text: &str, size: Size, colours: bool) -> Result<Vec<String>, Undrawable> {
    // The lowest error correction level: a screen is not damaged, and each level costs rows.
    let code =
        QrCode::with_error_correction_level(text, EcLevel::L).map_err(|_| Undrawable::TooLong)?;
    let rows_with = |quiet: usize| (code.width() + 2 * quiet).div_ceil(2);
    let fits = |quiet: &usize| {
        code.width() + 2 * quiet <= size.columns && rows_with(*quiet) + LINES_BELOW <= size.rows
    };
    let Some(quiet) = QUIET_ZONES.into_iter().find(fits) else {
        let least = QUIET_ZONES.into_iter().min().unwrap_or_default();
        return Err(Undrawable::TooSmall(
            code.width() + 2 * least,
            rows_with(least) + LINES_BELOW,
        ));
    };
    let squares = Squares {
        colors: code.to_colors(),
        width: code.width(),
        quiet,
    };
    Ok((0..rows_with(quiet))
        .map(|row| squares.line(2 * row, colours))
        .collect())
}

/// Draws `text` as an SVG image for paper, whose size the surrounding page chooses.
///
/// # Errors
/// [`Undrawable::TooLong`].
pub fn svg(text: &str) -> Result<Zeroizing<String>, Undrawable> {
    // A level above the lowest: paper is folded and gets stains.
    let code =
        QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| Undrawable::TooLong)?;
    let [quiet, _] = QUIET_ZONES;
    let side = code.width() + 2 * quiet;
    let squares = Squares {
        colors: code.to_colors(),
        width: code.width(),
        quiet,
    };
    // Allocated large enough: a string that grows leaves an unwiped copy behind.
    let mut svg = Zeroizing::new(String::with_capacity(
        SVG_SQUARE * (side * side) + SVG_FRAME,
    ));
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\""
    );
    for (x, y) in (0..side).flat_map(|y| (0..side).map(move |x| (x, y))) {
        if squares.is_dark(x, y) {
            let _ = write!(svg, "M{x} {y}h1v1h-1z");
        }
    }
    svg.push_str("\"/></svg>");
    Ok(svg)
}

struct Squares {
    colors: Vec<Color>,
    width: usize,
    quiet: usize,
}

impl Squares {
    fn line(&self, y: usize, colours: bool) -> String {
        let drawn: String = (0..self.width + 2 * self.quiet)
            .map(|x| {
                // The foreground is black with colours, and white without.
                match (
                    self.is_dark(x, y) == colours,
                    self.is_dark(x, y + 1) == colours,
                ) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                }
            })
            .collect();
        if colours {
            // 16 and 231 of the 256 colours: black and white that themes do not change.
            format!("\u{1b}[38;5;16;48;5;231m{drawn}\u{1b}[0m")
        } else {
            drawn
        }
    }

    /// Everything outside the code is white.
    fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = |index: usize| {
            index
                .checked_sub(self.quiet)
                .filter(|index| *index < self.width)
        };
        inside(x)
            .zip(inside(y))
            .and_then(|(x, y)| self.colors.get(y * self.width + x))
            == Some(&Color::Dark)
    }
}

#[cfg(test)]
mod tests {
    use super::{Size, Undrawable, draw, svg};

    const URI: &str = "otpauth://totp/web1:alice@web1?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=web1\
                       &algorithm=SHA1&digits=6&period=30";

    #[test]
    fn a_usual_address_fits_a_terminal_of_80_by_24_with_the_question_below_it() {
        let size = Size {
            columns: 80,
            rows: 24,
        };
        let drawing = draw(URI, size, false).ok().unwrap();
        assert!(drawing.len() < 24);
    }

    #[test]
    fn a_code_that_does_not_fit_is_not_drawn_and_says_what_it_needs() {
        let size = Size {
            columns: 40,
            rows: 24,
        };
        let Err(Undrawable::TooSmall(columns, rows)) = draw(URI, size, false) else {
            panic!("it was drawn");
        };
        assert!(draw(URI, Size { columns, rows }, false).is_ok());
        assert!(
            draw(
                URI,
                Size {
                    columns: columns - 1,
                    rows
                },
                false
            )
            .is_err()
        );
        assert_eq!(
            draw(&"x".repeat(4000), size, false).err(),
            Some(Undrawable::TooLong)
        );
    }

    #[test]
    fn the_image_for_paper_has_a_quiet_zone_of_four_squares_and_a_finder_in_its_corner() {
        let image = svg(URI).unwrap();
        let squares: Vec<&str> = image.split('M').skip(2).collect();
        let at = |x: usize, y: usize| squares.contains(&format!("{x} {y}h1v1h-1z").as_str());
        assert!((0..7).all(|x| at(4 + x, 4)), "the finder's upper edge");
        assert!(!squares.iter().any(|square| {
            let (x, rest) = square.split_once(' ').unwrap();
            let (y, _) = rest.split_once('h').unwrap();
            [x, y]
                .iter()
                .any(|place| place.parse::<usize>().unwrap() < 4)
        }));
        assert_eq!(svg(&"x".repeat(4000)).err(), Some(Undrawable::TooLong));
    }

    #[test]
    fn the_colourless_drawing_is_the_coloured_one_inverted() {
        let size = Size {
            columns: 80,
            rows: 50,
        };
        let plain = draw(URI, size, false).ok().unwrap();
        let coloured = draw(URI, size, true).ok().unwrap();
        for (plain, coloured) in plain.iter().zip(&coloured) {
            let bare = coloured
                .strip_prefix("\u{1b}[38;5;16;48;5;231m")
                .and_then(|rest| rest.strip_suffix("\u{1b}[0m"))
                .unwrap();
            let inverted: String = bare
                .chars()
                .map(|block| match block {
                    '█' => ' ',
                    '▀' => '▄',
                    '▄' => '▀',
                    _ => '█',
                })
                .collect();
            assert_eq!(*plain, inverted);
        }
    }
}
