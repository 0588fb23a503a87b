//! Types, names and error codes that the server and the web application share.
//!
//! Rule: data and pure rules only. No IO, no clock, and nothing of the server's or the browser's libraries; the OpenAPI
//! schemas are derived only with the feature `openapi`.

mod account;
mod activity;
mod administration;
mod audit;
mod badges;
mod collections;
mod containers;
mod error;
mod images;
mod keys;
mod labels;
mod limits;
mod logins;
mod members;
pub mod names;
mod people;
mod reference;
mod robots;
mod samples;
mod session;
mod shares;
mod stats;
mod teams;
mod timestamp;
mod tokens;
mod topics;
mod treemap;
mod uploads;
mod webhooks;

pub use account::*;
pub use activity::*;
pub use administration::*;
pub use audit::*;
pub use badges::*;
pub use collections::*;
pub use containers::*;
pub use error::*;
pub use images::*;
pub use keys::*;
pub use labels::*;
pub use limits::*;
pub use logins::*;
pub use members::*;
pub use people::*;
pub use reference::*;
pub use robots::*;
pub use samples::Sample;
pub use session::*;
pub use shares::*;
pub use stats::*;
pub use teams::*;
pub use timestamp::Timestamp;
pub use tokens::*;
pub use topics::*;
pub use treemap::*;
pub use uploads::*;
pub use webhooks::*;

/// The largest number in a request: 2^53 - 1, which every reader of JSON reads as it was written.
pub const LARGEST_NUMBER: u64 = (1 << 53) - 1;

/// Defines a page of a list: the items, how many there are in all, and where the next page starts.
macro_rules! page {
    ($(#[$meta:meta])* $name:ident, $item:ty) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
        #[cfg_attr(feature = "openapi", oai(example))]
        pub struct $name {
            /// The items of this page, in the order asked for.
            pub items: Vec<$item>,
            /// How many items the whole list has.
            pub total: u64,
            /// Pass this as `cursor` to get the next page; absent on the last one.
            pub next: Option<String>,
        }

        impl crate::Sample for $name {
            fn sample() -> Self {
                Self { items: vec![<$item as crate::Sample>::sample()], total: 1, next: None }
            }
        }

        #[cfg(feature = "openapi")]
        impl poem_openapi::types::Example for $name {
            fn example() -> Self {
                crate::Sample::sample()
            }
        }
    };
}
pub(crate) use page;

/// Defines a JSON object of the API with its sample, which is also the example of the OpenAPI document.
macro_rules! object {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($body:tt)* } = $sample:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
        #[cfg_attr(feature = "openapi", oai(example))]
        $vis struct $name { $($body)* }

        crate::sampled!($name = $sample);
    };
}
pub(crate) use object;

/// Defines a JSON object that a client sends: like `object!`, and unknown fields are refused.
macro_rules! request {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($body:tt)* } = $sample:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        #[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
        #[cfg_attr(feature = "openapi", oai(example, deny_unknown_fields))]
        $vis struct $name { $($body)* }

        crate::sampled!($name = $sample);
    };
}
pub(crate) use request;

/// Defines an enumeration whose values are snake_case words, the same in JSON, the database and the document.
macro_rules! words {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
        $vis enum $name {
            $(
                $(#[$vmeta])*
                #[serde(rename = $word)]
                #[cfg_attr(feature = "openapi", oai(rename = $word))]
                $variant,
            )+
        }

        impl $name {
            /// Every value, in order of definition.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that stands for the value in JSON, URLs and the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        // Not derived: that would take an object around the word, too.
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::word(deserializer)
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(word: &str) -> Result<Self, String> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    other => {
                        let known: Vec<_> = Self::ALL.iter().map(|v| v.as_str()).collect();
                        Err(format!("“{other}” is none of {}", known.join(", ")))
                    }
                }
            }
        }
    };
}
pub(crate) use words;

/// Reads a value from its word.
fn word<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: std::str::FromStr<Err = String>,
    D: serde::Deserializer<'de>,
{
    let word: String = serde::Deserialize::deserialize(deserializer)?;
    word.parse().map_err(serde::de::Error::custom)
}

/// Gives a type its sample.
macro_rules! sampled {
    ($name:ident = $sample:expr) => {
        impl crate::Sample for $name {
            fn sample() -> Self {
                $sample
            }
        }

        #[cfg(feature = "openapi")]
        impl poem_openapi::types::Example for $name {
            fn example() -> Self {
                crate::Sample::sample()
            }
        }
    };
}
pub(crate) use sampled;

#[cfg(test)]
mod contract_tests;
