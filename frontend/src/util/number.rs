//! Numbers with a fixed number of decimals.
//!
//! The standard library prints floating point exactly, with tables that are larger than a page of this application.

/// A number rounded to some decimals, three at most: `12.30`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "what is shown is far from the limits"
)]
pub fn fixed(value: f64, decimals: u32) -> String {
    let scale = 10_u64.pow(decimals.min(3));
    let scaled = (value * scale as f64).round() as i64;
    let sign = if scaled < 0 { "-" } else { "" };
    let scaled = scaled.unsigned_abs();
    if decimals == 0 {
        return format!("{sign}{scaled}");
    }
    let width = decimals.min(3) as usize;
    format!("{sign}{}.{:0width$}", scaled / scale, scaled % scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_to_their_decimals() {
        for (value, decimals, shown) in [
            (0.0, 0, "0"),
            (0.049, 1, "0.0"),
            (12.345, 2, "12.35"),
            (12.3, 2, "12.30"),
            (7.006, 2, "7.01"),
            (-0.26, 1, "-0.3"),
            (-0.01, 1, "0.0"),
            (99.96, 1, "100.0"),
        ] {
            assert_eq!(fixed(value, decimals), shown);
        }
    }
}
