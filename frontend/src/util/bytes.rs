//! Sizes as people read them.

/// A size in binary units, three digits at most: `1.04 MiB`.
pub fn show(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64;
    let mut unit = "B";
    for next in UNITS {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    let digits = if value < 10.0 {
        2
    } else {
        usize::from(value < 100.0)
    };
    format!("{value:.digits$} {unit}")
}

/// A number with thin spaces between groups of three digits.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// Reads a size as people write it: `500 MiB`, `1.5 GB`, `1024`. One letter stands for the binary unit.
pub fn parse(text: &str) -> Option<u64> {
    let text = text.trim();
    let split = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: f64 = number.parse().ok()?;
    let unit = unit.trim().to_ascii_lowercase();
    let (letter, base) = match unit.as_str() {
        "" | "b" => return whole(number),
        word => match word.strip_suffix("ib") {
            Some(letter) => (letter, 1024_f64),
            None => match word.strip_suffix('b') {
                Some(letter) => (letter, 1000_f64),
                None => (word, 1024_f64),
            },
        },
    };
    let power = ["k", "m", "g", "t", "p"]
        .iter()
        .zip(1..)
        .find_map(|(known, power)| (*known == letter).then_some(power))?;
    whole(number * base.powi(power))
}

/// A number of bytes, where it is one: no fraction is left, and an `i64`, which databases keep, can hold it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within the bounds just checked"
)]
fn whole(bytes: f64) -> Option<u64> {
    (0.0..9e18).contains(&bytes).then_some(bytes.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_three_digits_at_most() {
        for (bytes, shown) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.00 KiB"),
            (40_960, "40.0 KiB"),
            (1_085_440, "1.04 MiB"),
            (500_072_448, "477 MiB"),
            (u64::MAX, "16.0 EiB"),
        ] {
            assert_eq!(show(bytes), shown);
        }
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(count(7), "7");
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("0", Some(0)),
            ("1024", Some(1024)),
            ("512 B", Some(512)),
            ("1.5KiB", Some(1536)),
            ("10 GiB", Some(10_737_418_240)),
            ("10g", Some(10_737_418_240)),
            ("2 GB", Some(2_000_000_000)),
            ("", None),
            ("many", None),
            ("10 XB", None),
            ("-1", None),
            ("1.2.3", None),
            ("99999999 PiB", None),
        ] {
            assert_eq!(parse(text), bytes, "{text}");
        }
    }

    #[test]
    fn what_is_shown_can_be_read_again() {
        for bytes in [0, 512, 1024, 10_737_418_240] {
            assert_eq!(parse(&show(bytes)), Some(bytes));
        }
    }
}
