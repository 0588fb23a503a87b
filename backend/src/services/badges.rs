//! Badges: small pictures in SVG with one fact about a collection or a container, for READMEs elsewhere.
//!
//! Rule: a badge is as private as what it is about.

use shared_types::Badge;

use super::{Core, Error, Result, collections, containers};
use crate::domain::access::Viewer;

/// A badge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The picture, as SVG.
    pub svg: String,
    /// Not everybody may see it.
    pub private: bool,
}

/// A badge of a collection.
///
/// # Errors
/// `NotFound`, `BadRequest` for what only a container has.
pub async fn collection(core: &Core, viewer: &Viewer, name: &str, badge: Badge) -> Result<Picture> {
    let shown = collections::get(core, viewer, name).await?.collection;
    let message = match badge {
        Badge::Name => shown.name,
        Badge::Downloads => count(shown.downloads),
        Badge::Size => size(shown.size_bytes),
        Badge::Stars => count(shown.stars),
        Badge::Containers => count(shown.containers),
        Badge::Tag => {
            return Err(Error::BadRequest(
                "a collection has no tags; ask for a badge of a container".to_owned(),
            ));
        }
    };
    Ok(Picture {
        svg: draw(label(badge, "collection"), &message),
        private: shown.private,
    })
}

/// A badge of a container.
///
/// # Errors
/// `NotFound`, `BadRequest` for what only a collection has.
pub async fn container(
    core: &Core,
    viewer: &Viewer,
    (collection, name): (&str, &str),
    badge: Badge,
) -> Result<Picture> {
    let shown = containers::get(core, viewer, collection, name).await?;
    let message = match badge {
        Badge::Name => format!("{collection}/{name}"),
        Badge::Downloads => count(shown.downloads),
        Badge::Size => size(shown.size_bytes),
        Badge::Tag => match shown.tags.first() {
            Some(tag) => tag.name.clone(),
            None => "none".to_owned(),
        },
        Badge::Stars | Badge::Containers => {
            return Err(Error::BadRequest(format!(
                "a container has no {badge}; ask for a badge of its collection"
            )));
        }
    };
    Ok(Picture {
        svg: draw(label(badge, "container"), &message),
        private: shown.private,
    })
}

fn label(badge: Badge, what: &'static str) -> &'static str {
    match badge {
        Badge::Name => what,
        other => other.as_str(),
    }
}

/// A number as people say it: 1234 is “1.2k”.
fn count(number: u64) -> String {
    scaled(number, 1000, &["", "k", "M", "G"])
}

/// Bytes as people say them.
fn size(bytes: u64) -> String {
    scaled(bytes, 1024, &[" B", " KiB", " MiB", " GiB", " TiB", " PiB"])
}

/// A number with one digit behind the point, in the largest unit that leaves something before it. Rounded down, in whole numbers.
fn scaled(number: u64, step: u64, units: &[&str]) -> String {
    let (mut whole, mut tenths, mut unit) = (number, 0, 0);
    while whole >= step && unit + 1 < units.len() {
        tenths = whole % step * 10 / step;
        whole /= step;
        unit += 1;
    }
    let unit = units.get(unit).copied().unwrap_or_default();
    if tenths == 0 || whole >= 100 {
        format!("{whole}{unit}")
    } else {
        format!("{whole}.{tenths}{unit}")
    }
}

/// Space beside a text, in pixels.
const PADDING: u32 = 6;
/// The picture's height, in pixels.
const HEIGHT: u32 = 20;

/// The picture. Texts are fitted into the room that is reckoned for them, so that other fonts do not overflow.
fn draw(label: &str, message: &str) -> String {
    let (label_width, message_width) = (width(label), width(message));
    let (left, right) = (label_width + 2 * PADDING, message_width + 2 * PADDING);
    let (whole, middle) = (left + right, left + PADDING);
    let (label, message) = (escaped(label), escaped(message));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{whole}\" height=\"{HEIGHT}\" role=\"img\" \
         aria-label=\"{label}: {message}\"><title>{label}: {message}</title>\
         <clipPath id=\"r\"><rect width=\"{whole}\" height=\"{HEIGHT}\" rx=\"4\"/></clipPath>\
         <g clip-path=\"url(#r)\"><rect width=\"{left}\" height=\"{HEIGHT}\" fill=\"#3d4450\"/>\
         <rect x=\"{left}\" width=\"{right}\" height=\"{HEIGHT}\" fill=\"#1d5fa8\"/></g>\
         <g fill=\"#fff\" font-family=\"Verdana,Geneva,DejaVu Sans,sans-serif\" font-size=\"11\">\
         <text x=\"{PADDING}\" y=\"14\" textLength=\"{label_width}\">{label}</text>\
         <text x=\"{middle}\" y=\"14\" textLength=\"{message_width}\">{message}</text></g></svg>"
    )
}

/// How wide a text is in the font that badges are drawn in, in pixels, roughly.
fn width(text: &str) -> u32 {
    let tenths: u32 = text
        .chars()
        .map(|letter| match letter {
            'i' | 'j' | 'l' | '.' | ',' | ':' | '\'' | '|' => 34,
            'f' | 'r' | 't' | 'I' | '-' | ' ' | '/' => 46,
            'm' | 'w' | 'M' | 'W' | '@' | '%' => 100,
            'A'..='Z' => 78,
            _ => 68,
        })
        .sum();
    tenths.div_ceil(10)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_said_as_people_say_them() {
        for (number, said) in [
            (0, "0"),
            (999, "999"),
            (1000, "1k"),
            (1250, "1.2k"),
            (123_456, "123k"),
            (7_000_000, "7M"),
        ] {
            assert_eq!(count(number), said);
        }
        assert_eq!(size(0), "0 B");
        assert_eq!(size(1_085_440), "1 MiB");
        assert_eq!(size(9_126_805_504), "8.5 GiB");
        assert_eq!(size(u64::MAX), "16383 PiB");
    }

    #[test]
    fn a_text_stays_a_text() {
        let svg = draw("a&b", "<script>\"");
        assert!(svg.contains("a&amp;b: &lt;script&gt;&quot;"), "{svg}");
    }
}
