//! How people and clients name an image.

use std::{fmt, str::FromStr};

use crate::names;

/// What follows a container's name: a tag or a digest.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reference {
    /// A tag.
    Tag(String),
    /// A digest of the whole file, as 64 lower case hexadecimal digits.
    Digest(String),
}

impl Default for Reference {
    fn default() -> Self {
        Self::Tag("latest".to_owned())
    }
}

impl FromStr for Reference {
    type Err = String;

    /// Understands `latest`, `sha256:<hex>` and the library clients' `sha256.<hex>`.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(hex) = text
            .strip_prefix("sha256:")
            .or_else(|| text.strip_prefix("sha256."))
        {
            return digest_hex(hex).map(Self::Digest);
        }
        names::check_tag(text)?;
        Ok(Self::Tag(text.to_owned()))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => f.write_str(tag),
            Self::Digest(hex) => write!(f, "sha256:{hex}"),
        }
    }
}

/// Checks that a text is the hexadecimal form of a SHA-256 digest and puts it in lower case.
///
/// # Errors
/// A sentence that says what a digest looks like.
pub fn digest_hex(text: &str) -> Result<String, String> {
    if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("a digest is “sha256:” and 64 hexadecimal digits".to_owned())
    }
}

/// A container, or an image in it, as the library and shub clients name it:
/// `[[entity/]collection/]container[:tag]`, `…@sha256:<hex>` or `…:sha256.<hex>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImageRef {
    /// The entity, where three components were given. It never decides what is found.
    pub entity: Option<String>,
    /// The collection; `library` where only a container was given.
    pub collection: String,
    /// The container.
    pub container: String,
    /// The tag or digest; `latest` where none was given.
    pub reference: Reference,
}

impl FromStr for ImageRef {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (path, reference) = split_reference(text)?;
        let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let container = parts
            .pop()
            .ok_or("a container's name is missing")?
            .to_ascii_lowercase();
        let collection = parts.pop().unwrap_or("library").to_ascii_lowercase();
        let entity = parts.pop().map(str::to_ascii_lowercase);
        if !parts.is_empty() {
            return Err(
                "a reference has three parts at most: entity/collection/container".to_owned(),
            );
        }
        names::check_container(&container)?;
        // Old names reach their collection too: what creation would have made of them is what is looked up.
        let collection = names::normalise_collection(&collection);
        names::check_collection(&collection)?;
        Ok(Self {
            entity,
            collection,
            container,
            reference,
        })
    }
}

fn split_reference(text: &str) -> Result<(&str, Reference), String> {
    if let Some((path, digest)) = text.split_once('@') {
        // `name:tag@digest`: the digest decides.
        let path = path.split_once(':').map_or(path, |(name, _)| name);
        return Ok((path, digest.parse()?));
    }
    match text.split_once(':') {
        Some((path, reference)) => Ok((path, reference.parse()?)),
        None => Ok((text, Reference::default())),
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if matches!(self.reference, Reference::Tag(_)) {
            ':'
        } else {
            '@'
        };
        write!(
            f,
            "{}/{}{separator}{}",
            self.collection, self.container, self.reference
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    fn parsed(text: &str) -> String {
        text.parse::<ImageRef>()
            .map_or_else(|problem| format!("! {problem}"), |r| r.to_string())
    }

    #[test]
    fn one_two_and_three_components_name_the_same_kind_of_thing() {
        assert_eq!(parsed("alpine"), "library/alpine:latest");
        assert_eq!(parsed("bio/samtools:1.17"), "bio/samtools:1.17");
        assert_eq!(parsed("amy/bio/samtools"), "bio/samtools:latest");
        assert_eq!(parsed("//bio/samtools"), "bio/samtools:latest");
    }

    #[test]
    fn digests_come_with_a_dot_a_colon_or_an_at_sign() {
        let meant = format!("bio/samtools@sha256:{HEX}");
        assert_eq!(parsed(&format!("amy/bio/samtools:sha256.{HEX}")), meant);
        assert_eq!(parsed(&format!("bio/samtools@sha256:{HEX}")), meant);
        assert_eq!(
            parsed(&format!("bio/samtools:1.17@sha256:{}", HEX.to_uppercase())),
            meant
        );
    }

    #[test]
    fn what_is_no_reference_is_refused_with_a_sentence() {
        for bad in [
            "",
            ":x",
            "a/b/c/d",
            "a/b:",
            "a/b@",
            "a/b@latest@x",
            "a/b:sha256.12",
            "a/b:t g",
            "/",
            "--/x",
        ] {
            assert!(bad.parse::<ImageRef>().is_err(), "{bad}: {}", parsed(bad));
        }
    }

    #[test]
    fn tags_keep_their_case_and_names_lose_it() {
        assert_eq!(parsed("Bio/SamTools:V1.0_RC"), "bio/samtools:V1.0_RC");
    }
}
