//! Sizes as people read them.

/// A size in binary units, three digits at most: `1.04 MiB`.
pub fn show(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let (mut rest, mut unit) = (bytes, "KiB");
    for next in UNITS.iter().skip(1) {
        if rest < 1024 * 1024 {
            break;
        }
        rest >>= 10;
        unit = next;
    }
    // `rest` counts in 1024ths of the unit.
    let (scale, digits) = match rest >> 10 {
        0..10 => (100, 2),
        10..100 => (10, 1),
        _ => (1, 0),
    };
    let value = (rest * scale + 512) >> 10;
    match digits {
        0 => format!("{value} {unit}"),
        _ => format!("{}.{:0digits$} {unit}", value / scale, value % scale),
    }
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
    let unit = unit.trim().to_ascii_lowercase();
    let (letter, base) = match unit.strip_suffix("ib") {
        Some(letter) => (letter, 1024_u64),
        None => match unit.strip_suffix('b') {
            Some("") => ("", 1),
            Some(letter) => (letter, 1000),
            None => (unit.as_str(), 1024),
        },
    };
    let power = match letter {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    let unit = base.pow(power);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let whole: u64 = whole.parse().ok()?;
    let bytes = whole
        .checked_mul(unit)?
        .checked_add(part(fraction, unit)?)?;
    // Databases keep it as an `i64`.
    (bytes <= i64::MAX.unsigned_abs()).then_some(bytes)
}

/// So much of a unit as decimals say; more than six make no difference.
fn part(decimals: &str, unit: u64) -> Option<u64> {
    if !decimals.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let mut left = unit;
    let mut part = 0;
    for digit in decimals.bytes().take(6) {
        part += left / 10 * u64::from(digit - b'0') + left % 10 * u64::from(digit - b'0') / 10;
        left /= 10;
    }
    Some(part)
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
