//! The kinds of values that settings take, each with how people write it.

use std::{marker::PhantomData, net::SocketAddr, path::PathBuf, time::Duration};

use super::{Network, Secret, layers::Raw};

/// A kind of value. Implementations are names only; they have no values of their own.
pub trait Kind {
    /// What code gets.
    type Value;
    /// How one writes it, in words.
    const WORDS: &str;
    /// Whether the value must not be shown.
    const SECRET: bool = false;

    /// Reads a value.
    ///
    /// # Errors
    /// What is wrong with it, and what to write instead.
    fn parse(raw: &Raw) -> Result<Self::Value, String>;
}

/// Declares a kind that is written as one text.
macro_rules! kind {
    ($(#[$doc:meta])+ $kind:ident = $value:ty, $words:literal, $parse:expr) => {
        $(#[$doc])+
        #[derive(Debug)]
        pub enum $kind {}

        impl Kind for $kind {
            type Value = $value;
            const WORDS: &str = $words;

            fn parse(raw: &Raw) -> Result<$value, String> {
                let parse: fn(&str) -> Result<$value, String> = $parse;
                parse(raw.text()?)
            }
        }
    };
}

kind!(
    /// Any text.
    Text = String, "text", |text| Ok(text.to_owned())
);
kind!(
    /// A file or folder.
    Path = PathBuf, "path", |text| Ok(PathBuf::from(text))
);
kind!(
    /// An address and port to listen on.
    Address = SocketAddr, "address:port", |text| {
        text.parse().map_err(|_| format!("“{text}” is no address with a port; write for example 0.0.0.0:8080"))
    }
);
kind!(
    /// A yes or no.
    Flag = bool, "true or false", |text| match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(format!("“{text}” is neither true nor false")),
    }
);
kind!(
    /// A count.
    Number = u64, "number", |text| {
        text.parse().map_err(|_| format!("“{text}” is no whole number"))
    }
);
kind!(
    /// A length of time.
    Time = Duration, "time, such as 90s, 5m or 2h", |text| {
        humantime::parse_duration(text)
            .map_err(|_| format!("“{text}” is no length of time; write for example 90s, 5m, 2h or 7d"))
    }
);
kind!(
    /// A number of bytes.
    Size = u64, "size, such as 500MiB or 10GiB", size
);

kind!(
    /// A colour.
    Colour = Rgb, "colour, such as #0b5394", colour
);

/// A colour: red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub [u8; 3]);

impl std::fmt::Display for Rgb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// A value that may be absent: written `none`, or not at all.
#[derive(Debug)]
pub struct Optional<K>(PhantomData<K>);

impl<K: Kind> Kind for Optional<K> {
    type Value = Option<K::Value>;
    const WORDS: &str = K::WORDS;
    const SECRET: bool = K::SECRET;

    fn parse(raw: &Raw) -> Result<Self::Value, String> {
        if matches!(raw.text(), Ok(text) if text.is_empty() || text.eq_ignore_ascii_case("none")) {
            return Ok(None);
        }
        K::parse(raw).map(Some)
    }
}

/// A value that is never shown.
#[derive(Debug)]
pub struct Hidden<K>(PhantomData<K>);

impl<K: Kind> Kind for Hidden<K> {
    type Value = Secret<K::Value>;
    const WORDS: &str = K::WORDS;
    const SECRET: bool = true;

    fn parse(raw: &Raw) -> Result<Self::Value, String> {
        // The value must not be in the message, so the inner one cannot be passed on.
        K::parse(raw)
            .map(Secret::new)
            .map_err(|_| format!("the value is not valid; it takes a {}", K::WORDS))
    }
}

/// Networks, separated by commas in the environment.
#[derive(Debug)]
pub enum Networks {}

impl Kind for Networks {
    type Value = Vec<Network>;
    const WORDS: &str = "list of addresses or networks";

    fn parse(raw: &Raw) -> Result<Self::Value, String> {
        raw.items().map(str::parse).collect()
    }
}

/// Words, separated by commas in the environment.
#[derive(Debug)]
pub enum Words {}

impl Kind for Words {
    type Value = Vec<String>;
    const WORDS: &str = "list of words";

    fn parse(raw: &Raw) -> Result<Self::Value, String> {
        Ok(raw.items().map(str::to_owned).collect())
    }
}

/// Full names of groups, separated by semicolons: there are commas in them.
#[derive(Debug)]
pub enum Groups {}

impl Kind for Groups {
    type Value = Vec<String>;
    const WORDS: &str = "list of names, separated by ;";

    fn parse(raw: &Raw) -> Result<Self::Value, String> {
        let trimmed = |texts: Vec<&str>| -> Vec<String> {
            let texts = texts.into_iter().map(str::trim);
            texts
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
                .collect()
        };
        Ok(match raw {
            Raw::Text(text) => trimmed(text.split(';').collect()),
            Raw::List(items) => trimmed(items.iter().map(String::as_str).collect()),
        })
    }
}

/// Reads `10GiB`, `500 MB`, `1024`: binary units with an `i` or alone (`K`, `M`, `G`, `T`), decimal ones as `KB`.
fn size(text: &str) -> Result<u64, String> {
    let wrong = || format!("“{text}” is no size; write for example 500MiB, 10GiB or 1TB");
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at_checked(digits).ok_or_else(wrong)?;
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "t" | "tib" => 1 << 40,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        _ => return Err(wrong()),
    };
    number.checked_mul(factor).ok_or_else(wrong)
}

/// Reads `#0b5394` and `#05a`, with the sign or without.
fn colour(text: &str) -> Result<Rgb, String> {
    let digits = text.trim().trim_start_matches('#');
    let long: String = match digits.len() {
        3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
        _ => digits.to_owned(),
    };
    let mut bytes = [0; 3];
    match hex::decode_to_slice(&long, &mut bytes) {
        Ok(()) => Ok(Rgb(bytes)),
        Err(_) => Err(format!("“{text}” is no colour; write for example #0b5394")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_six_digits_or_three() {
        for (text, shown) in [
            ("#0b5394", "#0b5394"),
            ("0B5394", "#0b5394"),
            ("#05a", "#0055aa"),
            (" #fff ", "#ffffff"),
        ] {
            assert_eq!(
                colour(text).map(|colour| colour.to_string()),
                Ok(shown.to_owned())
            );
        }
        for text in [
            "",
            "#",
            "red",
            "#0b539",
            "#0b53944",
            "#gggggg",
            "ééé",
            "rgb(0,0,0)",
        ] {
            assert!(colour(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("0", 0),
            ("1024", 1024),
            ("64MiB", 64 << 20),
            ("10GiB", 10 << 30),
            ("10 GiB", 10 << 30),
            ("10g", 10 << 30),
            ("1TB", 1_000_000_000_000),
            ("3kb", 3_000),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "GiB", "-1", "1.5GiB", "10 apples", "99999999TiB", "é"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn flags_are_true_and_false_in_any_case_and_one_and_zero() {
        for (text, value) in [
            ("true", true),
            ("True", true),
            ("1", true),
            ("FALSE", false),
            ("0", false),
        ] {
            assert_eq!(Flag::parse(&Raw::from(text)), Ok(value));
        }
        for text in ["yes", "on", "2", ""] {
            assert!(Flag::parse(&Raw::from(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_hidden_value_is_not_in_the_message_about_it() {
        let problem = Hidden::<Number>::parse(&Raw::from("hunter2")).unwrap_err();
        assert!(!problem.contains("hunter2"));
        assert_eq!(
            format!("{:?}", Hidden::<Text>::parse(&Raw::from("hunter2"))),
            "Ok(•••)"
        );
    }
}
