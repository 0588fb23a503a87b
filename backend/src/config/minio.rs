//! The original's settings for its S3 store, read as the settings of this server that mean the same.
//!
//! Rule: a setting of this server wins; without the server or the bucket of the original nothing is read into the rest.

use std::collections::BTreeMap;

use super::{Source, layers::Raw};

/// What is understood. Two of them never had a prefix: the S3 server reads them too.
const NAMES: &[&str] = &[
    "MINIO_ROOT_USER",
    "MINIO_ROOT_PASSWORD",
    "MINIO_SERVER",
    "MINIO_EXTERNAL_SERVER",
    "MINIO_BUCKET",
    "MINIO_REGION",
    "MINIO_SSL",
    "MINIO_SIGNED_URL_EXPIRE_MINUTES",
];

/// The names without a prefix.
const BARE: &[&str] = &["MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD"];

/// The values that were found, each with its source.
#[derive(Default)]
pub struct Minio(BTreeMap<&'static str, (String, Source)>);

impl Minio {
    /// Whether a variable is one of those without a prefix.
    pub fn is_bare(variable: &str) -> bool {
        BARE.contains(&variable)
    }

    /// Takes a value; false where the name is another.
    pub fn take(&mut self, name: &str, raw: &Raw, source: &Source) -> bool {
        let Some(name) = NAMES.iter().find(|known| **known == name) else {
            return false;
        };
        if let Ok(text) = raw.text() {
            self.0.insert(name, (text.to_owned(), source.clone()));
        }
        true
    }

    /// The settings of this server that these values mean.
    pub fn translate(&self) -> Vec<(&'static str, Raw, Source)> {
        let named = ["MINIO_SERVER", "MINIO_EXTERNAL_SERVER", "MINIO_BUCKET"];
        let Some(source) = named.iter().find_map(|name| self.source(name)) else {
            return Vec::new();
        };
        let ssl = self
            .text("MINIO_SSL")
            .is_some_and(|text| text.eq_ignore_ascii_case("true") || text == "1");
        let scheme = if ssl { "https" } else { "http" };
        let server = self.text("MINIO_SERVER").unwrap_or("minio:9000");
        let bucket = self.text("MINIO_BUCKET").unwrap_or("sregistry");
        let mut means = vec![
            ("STORAGE_URL", format!("s3://{bucket}"), source.clone()),
            (
                "STORAGE_ENDPOINT",
                format!("{scheme}://{server}"),
                source.clone(),
            ),
        ];
        let mut also = |name: &str, setting, value: &dyn Fn(&str) -> String| {
            if let Some((text, source)) = self.0.get(name) {
                means.push((setting, value(text), source.clone()));
            }
        };
        let same = |text: &str| text.to_owned();
        also("MINIO_ROOT_USER", "STORAGE_ACCESS_KEY", &same);
        also("MINIO_ROOT_PASSWORD", "STORAGE_SECRET_KEY", &same);
        also("MINIO_REGION", "STORAGE_REGION", &same);
        // Whoever told the original where clients reach its store had them go there.
        also(
            "MINIO_EXTERNAL_SERVER",
            "STORAGE_EXTERNAL_ENDPOINT",
            &|text| format!("{scheme}://{text}"),
        );
        also("MINIO_EXTERNAL_SERVER", "STORAGE_REDIRECT", &|_| {
            "true".to_owned()
        });
        also("MINIO_EXTERNAL_SERVER", "STORAGE_DIRECT_UPLOADS", &|_| {
            "true".to_owned()
        });
        also(
            "MINIO_SIGNED_URL_EXPIRE_MINUTES",
            "TICKET_LIFETIME",
            &|text| format!("{text}m"),
        );
        means
            .into_iter()
            .map(|(name, text, source)| (name, Raw::Text(text), source))
            .collect()
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|(text, _)| text.as_str())
    }

    fn source(&self, name: &str) -> Option<&Source> {
        self.0.get(name).map(|(_, source)| source)
    }
}
