//! How the web pages look, and whether visits are counted.

use std::path::Path as FilePath;

use super::{
    kind::{Colour, Optional, Path, Text},
    section::section,
};

/// Most bytes of a logo.
pub const MAX_LOGO: u64 = 256 * 1024;

/// How far into a file the element of an SVG is looked for: comments and declarations come before it.
const SVG_HEAD: usize = 4096;

/// What ids of Google Analytics begin with that count nothing any more.
const ENDED: &str = "UA-";

section! {
    /// How the web pages look, and whether visits are counted.
    pub struct Look: "Look" {
        /// The accent colour of the pages, such as `"#0b5394"`; the quotation marks matter in the settings file. A shade for the light theme
        /// and one for the dark are made from it, so that every word stays easy to read.
        accent: Optional<Colour> = ("REGISTRY_ACCENT", ""),
        /// A picture that stands beside the registry's name: a file, SVG, PNG, JPEG or WebP, of 256 KiB at most. About 30 pixels high
        /// and at most 150 wide is what is seen of it.
        logo: Optional<Path> = ("REGISTRY_LOGO", ""),
        /// An id of Google Analytics, such as G-AB12CD34EF. Visitors are asked first, and nothing is loaded before a yes. Which part of the
        /// pages is open is told, and never a name. Ids that begin with UA- count nothing any more.
        google_analytics: Optional<Text> = ("GOOGLE_ANALYTICS", ""),
    }
}

/// A picture for the pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// How a file of its kind is called.
    pub extension: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Logo {
    /// Reads a logo. What it is, is read from the file itself.
    ///
    /// # Errors
    /// Why it cannot be used, in a sentence.
    pub fn read(path: &FilePath) -> Result<Self, String> {
        let unreadable = || "cannot be read; check the path and its permissions".to_owned();
        let about = std::fs::metadata(path)
            .ok()
            .filter(std::fs::Metadata::is_file);
        if about.ok_or_else(unreadable)?.len() > MAX_LOGO {
            return Err(format!(
                "is too large: a logo has {} KiB at most",
                MAX_LOGO / 1024
            ));
        }
        let bytes = std::fs::read(path).map_err(|_| unreadable())?;
        match kind(&bytes) {
            Some(extension) => Ok(Self { extension, bytes }),
            None => Err(
                "is no picture that browsers show; take an SVG, PNG, JPEG or WebP file".to_owned(),
            ),
        }
    }
}

fn kind(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some("png");
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        return Some("jpg");
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some("webp");
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let head: String = text.chars().take(SVG_HEAD).collect();
    head.contains("<svg").then_some("svg")
}

impl Look {
    /// The id of Google Analytics, where one is set that still counts.
    pub fn analytics(&self) -> Option<&str> {
        let id = self.google_analytics.as_deref();
        id.filter(|id| !id.starts_with(ENDED))
    }

    /// Notes everything that cannot work.
    pub(super) fn validate(&self, require: &mut impl FnMut(bool, &str, &str)) {
        if let Some(Err(sentence)) = self.logo.as_deref().map(Logo::read) {
            require(false, "REGISTRY_LOGO", &sentence);
        }
        require(
            self.google_analytics.as_deref().is_none_or(is_id),
            "GOOGLE_ANALYTICS",
            "is no id of Google Analytics; write one such as G-AB12CD34EF, or leave this out",
        );
    }
}

/// Whether a word is shaped like the id of a tag: a few letters, a hyphen, letters and digits.
fn is_id(word: &str) -> bool {
    let is_part = |part: &str| {
        (1..=16).contains(&part.len()) && part.bytes().all(|c| c.is_ascii_alphanumeric())
    };
    let Some((kind, rest)) = word.split_once('-') else {
        return false;
    };
    (1..=3).contains(&kind.len())
        && kind.bytes().all(|c| c.is_ascii_uppercase())
        && rest.split('-').all(is_part)
        && rest.len() <= 24
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_analytics_are_letters_digits_and_hyphens() {
        for good in ["G-AB12CD34EF", "UA-1234567-1", "GT-ABC123"] {
            assert!(is_id(good), "{good}");
        }
        for bad in [
            "", "G", "G-", "-G", "g-abc", "G-A\"B", "G-A B", "G-A--B", "GTMX-1",
        ] {
            assert!(!is_id(bad), "{bad}");
        }
    }

    #[test]
    fn the_kind_of_a_logo_is_read_from_the_file_itself() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("logo");
        for (bytes, kind) in [
            (&b"\x89PNG\r\n\x1a\nrest"[..], Some("png")),
            (b"\xff\xd8\xff\xe0", Some("jpg")),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some("webp")),
            (b"<?xml version=\"1.0\"?><!-- by us --><svg/>", Some("svg")),
            (b"<html><body>no</body></html>", None),
            (b"GIF89a", None),
            (b"", None),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let read = Logo::read(&path).ok().map(|logo| logo.extension);
            assert_eq!(read, kind, "{bytes:?}");
        }
        let large = std::fs::File::create(&path).unwrap();
        large.set_len(MAX_LOGO + 1).unwrap();
        assert!(Logo::read(&path).unwrap_err().contains("256 KiB"));
        assert!(Logo::read(&dir.path().join("none")).is_err());
    }
}
