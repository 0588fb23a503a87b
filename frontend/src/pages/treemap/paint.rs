//! Draws a plan on a canvas, and writes it as a table and as a picture to keep.

use std::fmt::Write;

use shared_types::{Treemap, TreemapCollection};
use web_sys::CanvasRenderingContext2d;

use super::plan::{Plan, Tile, hue};
use crate::util::{number::fixed, squarify::Rect};

/// Letters are drawn in rectangles from this size on.
const LEAST: (f64, f64) = (46.0, 20.0);
/// About the width of a letter.
const LETTER: f64 = 6.7;

/// The collection of a tile.
pub fn group<'a>(data: &'a Treemap, tile: &Tile) -> Option<&'a TreemapCollection> {
    data.collections.get(tile.group)
}

/// What a tile is called in its collection.
pub fn name<'a>(data: &'a Treemap, tile: &Tile) -> &'a str {
    let Some(group) = group(data, tile) else {
        return "";
    };
    match tile.item {
        Some(item) => group.names.get(item).map_or("", String::as_str),
        None => &group.name,
    }
}

/// What a tile is called everywhere.
pub fn full_name(data: &Treemap, tile: &Tile) -> String {
    let collection = group(data, tile).map_or("", |group| group.name.as_str());
    match tile.item {
        Some(_) => format!("{collection}/{}", name(data, tile)),
        None => collection.to_owned(),
    }
}

/// As many letters as there is room for.
fn fitting(text: &str, width: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of letters that fit on a screen"
    )]
    let most = (width / LETTER).max(0.0) as usize;
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    if kept.is_empty() {
        kept
    } else {
        format!("{kept}…")
    }
}

fn fill(name: &str, light: u32) -> String {
    format!("hsl({} 42% {light}%)", hue(name))
}

/// Whether a search means this tile. No words mean all.
fn meant(data: &Treemap, tile: &Tile, words: &str) -> bool {
    words.is_empty() || full_name(data, tile).to_lowercase().contains(words)
}

/// How many tiles a search means.
pub fn found(data: &Treemap, plan: &Plan, words: &str) -> usize {
    plan.tiles
        .iter()
        .filter(|tile| meant(data, tile, words))
        .count()
}

/// Draws everything.
pub fn draw(
    pen: &CanvasRenderingContext2d,
    data: &Treemap,
    plan: &Plan,
    words: &str,
    width: f64,
    height: f64,
) {
    pen.clear_rect(0.0, 0.0, width, height);
    pen.set_font("12px ui-monospace, Menlo, Consolas, monospace");
    pen.set_text_baseline("top");
    for frame in &plan.frames {
        let Some(group) = data.collections.get(frame.group) else {
            continue;
        };
        pen.set_fill_style_str(&fill(&group.name, 22));
        block(pen, frame.rect);
        if frame.named {
            pen.set_fill_style_str("#fff");
            let text = fitting(&group.name, frame.rect.w - 8.0);
            let _ = pen.fill_text(&text, frame.rect.x + 4.0, frame.rect.y + 4.0);
        }
    }
    // Neighbours in the list are of the same collection: the colour changes seldom.
    let mut last = None;
    for tile in &plan.tiles {
        let Some(group) = group(data, tile) else {
            continue;
        };
        let meant = meant(data, tile, words);
        if last != Some((tile.group, meant)) {
            pen.set_fill_style_str(&fill(&group.name, if meant { 33 } else { 16 }));
            last = Some((tile.group, meant));
        }
        block(pen, tile.rect);
        if meant && tile.rect.w >= LEAST.0 && tile.rect.h >= LEAST.1 {
            pen.set_fill_style_str("#fff");
            let text = fitting(name(data, tile), tile.rect.w - 8.0);
            let _ = pen.fill_text(&text, tile.rect.x + 4.0, tile.rect.y + 5.0);
            last = None;
        }
    }
}

/// A rectangle with a hair of space around it, where it is large enough for one.
fn block(pen: &CanvasRenderingContext2d, rect: Rect) {
    let gap = if rect.w > 4.0 && rect.h > 4.0 {
        1.0
    } else {
        0.0
    };
    pen.fill_rect(rect.x, rect.y, rect.w - gap, rect.h - gap);
}

/// A field of a table: quoted where it must be.
fn field(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// Everything as a table for other programs.
pub fn csv(data: &Treemap) -> String {
    let mut out = String::from("collection,container,bytes,downloads\r\n");
    for group in &data.collections {
        let collection = field(&group.name);
        if group.names.is_empty() {
            let _ = write!(
                out,
                "{collection},,{},{}\r\n",
                group.size_bytes, group.downloads
            );
        }
        let rows = group.names.iter().zip(&group.sizes).zip(&group.counts);
        for ((name, size), count) in rows {
            let _ = write!(out, "{collection},{},{size},{count}\r\n", field(name));
        }
    }
    out
}

/// The picture, to be printed at any size.
pub fn svg(data: &Treemap, plan: &Plan, width: f64, height: f64) -> String {
    let safe = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
    };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-family=\"monospace\" font-size=\"12\">",
        fixed(width, 0),
        fixed(height, 0)
    );
    let mut one = |rect: Rect, colour: &str, title: &str, text: &str| {
        let [x, y, w, h] = [rect.x, rect.y, rect.w, rect.h].map(|length| fixed(length, 2));
        let _ = write!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"{colour}\" stroke=\"#fff\" stroke-width=\".5\"><title>{}</title></rect>",
            safe(title)
        );
        if !text.is_empty() {
            let _ = write!(
                out,
                "<text x=\"{}\" y=\"{}\" fill=\"#fff\">{}</text>",
                fixed(rect.x + 4.0, 2),
                fixed(rect.y + 14.0, 2),
                safe(text)
            );
        }
    };
    for frame in &plan.frames {
        let Some(group) = data.collections.get(frame.group) else {
            continue;
        };
        let text = if frame.named {
            fitting(&group.name, frame.rect.w - 8.0)
        } else {
            String::new()
        };
        one(frame.rect, &fill(&group.name, 22), &group.name, &text);
    }
    for tile in &plan.tiles {
        let Some(group) = group(data, tile) else {
            continue;
        };
        let roomy = tile.rect.w >= LEAST.0 && tile.rect.h >= LEAST.1;
        let text = if roomy {
            fitting(name(data, tile), tile.rect.w - 8.0)
        } else {
            String::new()
        };
        one(
            tile.rect,
            &fill(&group.name, 33),
            &full_name(data, tile),
            &text,
        );
    }
    out.push_str("</svg>");
    out
}

#[cfg(test)]
mod tests {
    use shared_types::Sample;

    use super::*;
    use crate::pages::treemap::plan::{Measure, plan};

    #[test]
    fn tables_and_pictures_name_everything_safely() {
        let mut data = Treemap::sample();
        data.collections[0].names[0] = "a\"<b>".to_owned();
        let table = csv(&data);
        assert!(
            table.starts_with(
                "collection,container,bytes,downloads\r\nclimate,\"a\"\"<b>\",1085440,1\r\n"
            ),
            "{table}"
        );
        let area = Rect {
            x: 0.0,
            y: 0.0,
            w: 400.0,
            h: 300.0,
        };
        let plan = plan(&data, Measure::Size, false, area);
        let picture = svg(&data, &plan, 400.0, 300.0);
        assert!(picture.contains("climate/a&quot;&lt;b&gt;") && !picture.contains("<b>"));
        assert_eq!(picture.matches("<rect").count(), 3);
        assert_eq!(found(&data, &plan, "samtools"), 1);
        assert_eq!(found(&data, &plan, ""), 2);
    }

    #[test]
    fn names_are_cut_to_the_room() {
        assert_eq!(fitting("samtools", 100.0), "samtools");
        assert_eq!(fitting("samtools", 30.0), "sam…");
        assert_eq!(fitting("samtools", 3.0), "");
    }
}
