//! The accent colour of a registry, as the pages' own shades.
//!
//! Rule: whatever colour is set, text in it and on it keeps the contrast of 4.5 : 1, and shapes in it 3 : 1, in both themes.

use crate::config::Rgb;

/// What text needs (WCAG 2.2, 1.4.3).
const TEXT: f64 = 4.5;
/// What shapes need (WCAG 2.2, 1.4.11).
const SHAPE: f64 = 3.0;
/// How many steps lie between a colour and black or white.
const STEPS: u32 = 64;

const BLACK: Rgb = Rgb([0; 3]);
const WHITE: Rgb = Rgb([255; 3]);

/// What things stand on in a theme: the same colours as in the style sheet.
struct Ground {
    paper: Rgb,
    surface: Rgb,
    sunken: Rgb,
    slab: Rgb,
    /// Where shades go that are too close to it.
    away: Rgb,
    /// How much of the colour is in the soft shade, in steps.
    soft: u32,
}

const LIGHT: Ground = Ground {
    paper: Rgb([0xfb, 0xfa, 0xf8]),
    surface: WHITE,
    sunken: Rgb([0xf3, 0xf1, 0xec]),
    slab: Rgb([0x21, 0x1e, 0x27]),
    away: BLACK,
    soft: 5,
};

const DARK: Ground = Ground {
    paper: Rgb([0x15, 0x13, 0x18]),
    surface: Rgb([0x1c, 0x1a, 0x21]),
    sunken: Rgb([0x23, 0x20, 0x29]),
    slab: Rgb([0x0d, 0x0c, 0x10]),
    away: WHITE,
    soft: 9,
};

/// The shades of a theme.
struct Shades {
    text: Rgb,
    fill: Rgb,
    hover: Rgb,
    on: Rgb,
    soft: Rgb,
    slab: Rgb,
}

/// The style that gives the pages their accent, for both themes.
pub fn style(accent: Rgb) -> String {
    let (light, dark) = (
        shades(accent, &LIGHT).tokens(),
        shades(accent, &DARK).tokens(),
    );
    format!(
        ":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=\"light\"]){{{dark}}}}}\
         @media screen{{:root[data-theme=\"dark\"]{{{dark}}}}}"
    )
}

/// The colour of filled shapes on light ground and of what stands on them, for the icon.
pub fn icon(accent: Rgb) -> (Rgb, Rgb) {
    let shades = shades(accent, &LIGHT);
    (shades.fill, shades.on)
}

impl Shades {
    fn tokens(&self) -> String {
        let Self {
            text,
            fill,
            hover,
            on,
            soft,
            slab,
        } = self;
        format!(
            "--accent:{text};--accent-fill:{fill};--accent-fill-hover:{hover};--on-accent:{on};\
             --accent-soft:{soft};--slab-accent:{slab}"
        )
    }
}

fn shades(accent: Rgb, ground: &Ground) -> Shades {
    let fill = apart(accent, ground.away, SHAPE, &[ground.paper, ground.surface]);
    let on = if contrast(fill, WHITE) >= TEXT {
        WHITE
    } else {
        BLACK
    };
    let soft = mix(ground.surface, fill, ground.soft);
    let grounds = [ground.paper, ground.surface, ground.sunken, soft];
    Shades {
        text: apart(accent, ground.away, TEXT, &grounds),
        fill,
        // Away from what stands on it.
        hover: mix(fill, if on == WHITE { BLACK } else { WHITE }, STEPS / 7),
        on,
        soft,
        slab: apart(accent, WHITE, TEXT, &[ground.slab]),
    }
}

/// The colour itself, or the nearest on its way to black or white that is told apart from all of these.
fn apart(colour: Rgb, away: Rgb, enough: f64, grounds: &[Rgb]) -> Rgb {
    (0..=STEPS)
        .map(|step| mix(colour, away, step))
        .find(|shade| {
            grounds
                .iter()
                .all(|ground| contrast(*shade, *ground) >= enough)
        })
        .unwrap_or(away)
}

/// A colour with so many steps of another in it.
fn mix(Rgb(mut parts): Rgb, Rgb(to): Rgb, step: u32) -> Rgb {
    for (part, to) in parts.iter_mut().zip(to) {
        let sum = u32::from(*part) * (STEPS - step) + u32::from(to) * step;
        *part = u8::try_from((sum + STEPS / 2) / STEPS).unwrap_or(u8::MAX);
    }
    Rgb(parts)
}

/// How well two colours are told apart, from 1 to 21 (WCAG 2.2).
fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(Rgb([red, green, blue]): Rgb) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHEET: &str = include_str!("../../../../frontend/style/tokens.css");

    /// The value of a token in the part of the style sheet that begins with this selector.
    fn token(selector: &str, name: &str) -> String {
        let (_, part) = SHEET.split_once(selector).unwrap();
        let (part, _) = part.split_once('}').unwrap();
        let (_, rest) = part.split_once(&format!("--{name}:")).unwrap();
        rest.split_once(';').unwrap().0.trim().to_owned()
    }

    #[test]
    fn the_grounds_are_those_of_the_style_sheet() {
        for (selector, ground) in [(":root {", LIGHT), (":root[data-theme=\"dark\"] {", DARK)] {
            for (name, colour) in [
                ("paper", ground.paper),
                ("surface", ground.surface),
                ("sunken", ground.sunken),
                ("slab", ground.slab),
            ] {
                assert_eq!(colour.to_string(), token(selector, name), "{name}");
            }
        }
    }

    #[test]
    fn every_colour_stays_readable_in_both_themes() {
        let levels = || (0..=255).step_by(17);
        for (red, green, blue) in grid(levels) {
            let accent = Rgb([red, green, blue]);
            for ground in [LIGHT, DARK] {
                let made = shades(accent, &ground);
                for behind in [ground.paper, ground.surface, ground.sunken, made.soft] {
                    assert!(contrast(made.text, behind) >= TEXT, "{accent} on {behind}");
                }
                for behind in [ground.paper, ground.surface] {
                    assert!(contrast(made.fill, behind) >= SHAPE, "{accent} on {behind}");
                }
                for fill in [made.fill, made.hover] {
                    assert!(contrast(made.on, fill) >= TEXT, "on {fill} of {accent}");
                }
                assert!(contrast(made.slab, ground.slab) >= TEXT, "{accent} on slab");
            }
        }
    }

    fn grid<I: Iterator<Item = u8>>(
        levels: impl Fn() -> I + Copy,
    ) -> impl Iterator<Item = (u8, u8, u8)> {
        levels().flat_map(move |red| {
            levels().flat_map(move |green| levels().map(move |blue| (red, green, blue)))
        })
    }

    #[test]
    fn a_colour_that_is_fine_stays_as_it_is() {
        let accent = Rgb([0x0b, 0x53, 0x94]);
        let made = shades(accent, &LIGHT);
        assert_eq!((made.text, made.fill, made.on), (accent, accent, WHITE));
        let yellow = Rgb([0xff, 0xd4, 0x00]);
        let made = shades(yellow, &DARK);
        assert_eq!((made.text, made.fill, made.on), (yellow, yellow, BLACK));
    }

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        assert!((contrast(BLACK, WHITE) - 21.0).abs() < 0.01);
        assert!((contrast(Rgb([0x77; 3]), WHITE) - 4.48).abs() < 0.01);
    }
}
