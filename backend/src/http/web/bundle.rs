//! The files of the web application in memory, each in the encodings it was built in.

use std::{borrow::Cow, collections::HashMap, path::Path};

use bytes::Bytes;
use poem::http::StatusCode;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::{brand::Brand, page};

/// The files inside the binary: filled in release builds, when the application was built before.
#[derive(RustEmbed)]
#[folder = "../frontend/dist"]
#[allow_missing = true]
struct Inside;

/// A vector picture may style itself; whoever opens it as a page gets a picture that runs and loads nothing.
const PICTURE_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/// How bytes are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Brotli.
    Brotli,
    /// Gzip.
    Gzip,
    /// Not at all.
    Identity,
}

impl Coding {
    /// The word in headers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }
}

/// One file.
#[derive(Debug, Clone)]
pub struct File {
    /// With which status it is delivered.
    pub status: StatusCode,
    /// Its media type.
    pub content_type: String,
    /// The content security policy, for pages and vector pictures.
    pub policy: Option<String>,
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
    hash: String,
    forever: bool,
}

impl File {
    fn new(path: &str, plain: Bytes) -> Self {
        let content_type = media_type(path);
        Self {
            status: StatusCode::OK,
            policy: (content_type == "image/svg+xml").then(|| PICTURE_POLICY.to_owned()),
            content_type,
            brotli: None,
            gzip: None,
            hash: hex::encode(Sha256::digest(&plain))
                .chars()
                .take(32)
                .collect(),
            forever: has_hash(path),
            plain,
        }
    }

    fn page(html: Bytes, status: StatusCode, counts: bool) -> Self {
        let policy = page::policy(&String::from_utf8_lossy(&html), counts);
        Self {
            status,
            policy: Some(policy),
            forever: false,
            ..Self::new(page::INDEX, html)
        }
    }

    /// The smallest form that the client takes, by its `Accept-Encoding`.
    pub fn best(&self, accepted: &str) -> (Coding, Bytes) {
        let forms = [(Coding::Brotli, &self.brotli), (Coding::Gzip, &self.gzip)];
        for (coding, bytes) in forms {
            if let Some(bytes) = bytes.as_ref().filter(|_| accepts(accepted, coding.word())) {
                return (coding, bytes.clone());
            }
        }
        (Coding::Identity, self.plain.clone())
    }

    /// The entity tag of one form: forms differ in their bytes, so they differ in their tags.
    pub fn etag(&self, coding: Coding) -> String {
        match coding {
            Coding::Identity => format!("\"{}\"", self.hash),
            coding => format!("\"{}-{}\"", self.hash, coding.word()),
        }
    }

    /// How long caches may keep it: a name with a hash in it never changes its content.
    pub fn cache_control(&self) -> &'static str {
        if self.forever {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        }
    }
}

/// The page and the files.
#[derive(Debug)]
pub struct Bundle {
    page: File,
    files: HashMap<String, File>,
}

impl Bundle {
    /// The files inside the binary, for this registry.
    pub fn inside(brand: &Brand) -> Self {
        let files = Inside::iter().filter_map(|path| {
            let bytes = match Inside::get(&path)?.data {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => Bytes::from(bytes),
            };
            Some((path.into_owned(), bytes))
        });
        Self::of(files.collect(), brand)
    }

    /// The files of a folder, for this registry.
    pub fn folder(folder: &Path, brand: &Brand) -> Self {
        let mut files = HashMap::new();
        collect(folder, "", &mut files);
        Self::of(files, brand)
    }

    /// No files, and a page that says so.
    pub fn missing() -> Self {
        Self::of(HashMap::new(), &Brand::default())
    }

    fn of(mut raw: HashMap<String, Bytes>, brand: &Brand) -> Self {
        let page = match raw.remove(page::INDEX) {
            Some(html) => {
                let dressed = brand.dress(&String::from_utf8_lossy(&html), &raw);
                raw.extend(dressed.files);
                File::page(dressed.html.into(), StatusCode::OK, dressed.counts)
            }
            None => File::page(
                Bytes::from_static(page::MISSING.as_bytes()),
                StatusCode::SERVICE_UNAVAILABLE,
                false,
            ),
        };
        // The forms of the page on disk stay out: they are not requested often enough to matter, and would have to change
        // with it.
        let is_form = |path: &str| {
            let original = path
                .strip_suffix(".br")
                .or_else(|| path.strip_suffix(".gz"));
            original.is_some_and(|original| original == page::INDEX || raw.contains_key(original))
        };
        let files = raw
            .iter()
            .filter(|(path, _)| !is_form(path))
            .map(|(path, bytes)| {
                let mut file = File::new(path, bytes.clone());
                file.brotli = raw.get(&format!("{path}.br")).cloned();
                file.gzip = raw.get(&format!("{path}.gz")).cloned();
                (path.clone(), file)
            })
            .collect();
        Self { page, files }
    }

    /// The page.
    pub fn page(&self) -> &File {
        &self.page
    }

    /// A file by its path without the leading slash.
    pub fn file(&self, path: &str) -> Option<&File> {
        if path == page::INDEX {
            Some(&self.page)
        } else {
            self.files.get(path)
        }
    }
}

/// Whether this binary carries the application. Development builds read the folder.
pub fn is_inside() -> bool {
    !cfg!(debug_assertions) && Inside::get(page::INDEX).is_some()
}

fn collect(folder: &Path, prefix: &str, files: &mut HashMap<String, Bytes>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let path = format!("{prefix}{name}");
        // A build under way leaves folders that begin with a dot.
        if name.starts_with('.') {
            continue;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => collect(&entry.path(), &format!("{path}/"), files),
            Ok(_) => {
                if let Ok(bytes) = std::fs::read(entry.path()) {
                    files.insert(path, bytes.into());
                }
            }
            Err(_) => {}
        }
    }
}

/// Whether an `Accept-Encoding` allows a coding: named, or by `*`, and not with the weight 0.
fn accepts(header: &str, coding: &str) -> bool {
    let weight = |wanted: &str| {
        header.split(',').find_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let name = parts.next()?;
            if !name.eq_ignore_ascii_case(wanted) {
                return None;
            }
            let weight =
                parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            Some(weight.map_or(1.0, |weight| weight.trim().parse::<f32>().unwrap_or(0.0)))
        })
    };
    weight(coding)
        .or_else(|| weight("*"))
        .is_some_and(|weight| weight > 0.0)
}

/// Whether a name carries a hash of the content: `app-0123456789abcdef.js`, `app-0123456789abcdef_bg.wasm`.
fn has_hash(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split(['-', '.', '_']).any(|word| {
        (12..=64).contains(&word.len())
            && word.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
    })
}

fn media_type(path: &str) -> String {
    let extension = path.rsplit('.').next().unwrap_or_default();
    match extension {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "jpg" | "jpeg" => "image/jpeg",
        "woff2" => "font/woff2",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_encoding_is_read_with_its_weights() {
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("gzip;q=0.5, *;q=0.1", "br"));
        assert!(accepts("GZIP", "gzip"));
        assert!(!accepts("", "br"));
        assert!(!accepts("gzip", "br"));
        assert!(!accepts("br;q=0, *", "br"));
        assert!(!accepts("br; q=0.000", "br"));
    }

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert!(has_hash("frontend-1a2b3c4d5e6f7081.js"));
        assert!(has_hash("frontend-1a2b3c4d5e6f7081_bg.wasm"));
        assert!(!has_hash("favicon.svg"));
        assert!(!has_hash("index.html"));
        assert!(!has_hash("decade.css"));
    }

    #[test]
    fn forms_belong_to_their_file_and_are_no_files_themselves() {
        let file = |path: &str, bytes: &'static str| {
            (path.to_owned(), Bytes::from_static(bytes.as_bytes()))
        };
        let bundle = Bundle::of(
            HashMap::from([
                file("index.html", "<p>"),
                file("index.html.br", "old"),
                file("a-0123456789abcdef.js", "plain"),
                file("a-0123456789abcdef.js.br", "brotli"),
                file("a-0123456789abcdef.js.gz", "gzip"),
            ]),
            &Brand::default(),
        );
        assert!(bundle.file("a-0123456789abcdef.js.br").is_none());
        assert!(bundle.file("index.html.br").is_none());
        let script = bundle.file("a-0123456789abcdef.js").unwrap();
        assert_eq!(
            script.best("gzip, br"),
            (Coding::Brotli, Bytes::from("brotli"))
        );
        assert_eq!(script.best("gzip"), (Coding::Gzip, Bytes::from("gzip")));
        assert_eq!(
            script.best("br;q=0"),
            (Coding::Identity, Bytes::from("plain"))
        );
        assert_ne!(script.etag(Coding::Brotli), script.etag(Coding::Identity));
        assert_eq!(bundle.page().status, StatusCode::OK);
        assert_eq!(
            Bundle::missing().page().status,
            StatusCode::SERVICE_UNAVAILABLE
        );
    }
}
