//! Reading a file that was chosen in the browser: its header, a mark to know it by, its SHA-256.

use js_sys::Uint8Array;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

/// Bytes that are hashed in one go: a few milliseconds, so that the page stays quick.
const STEP: u64 = 1 << 20;
/// Bytes at the start and at the end that make a file's mark.
const EDGE: u64 = 64 << 10;
/// Where a SIF carries its magic, version and architecture.
const MAGIC_AT: usize = 32;
const MAGIC: &[u8] = b"SIF_MAGIC\0";
/// The architectures in the order of their codes, which start at 1.
const ARCHES: [&str; 12] = [
    "386", "amd64", "arm", "arm64", "ppc64", "ppc64le", "mips", "mipsle", "mips64", "mips64le",
    "s390x", "riscv64",
];

/// What is known of a file without reading all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its name.
    pub name: String,
    /// Its size.
    pub size: u64,
    /// The SHA-256 of its first and last bytes: to know it again.
    pub mark: String,
    /// The architecture that its header names.
    pub arch: Option<String>,
}

/// Looks at a file.
///
/// # Errors
/// Why it is no SIF image, or cannot be read.
pub async fn look(file: &File) -> Result<About, String> {
    let size = size(file);
    let mut edges = read(file, 0, EDGE.min(size)).await?;
    let arch = architecture(&edges)?;
    edges.extend(read(file, size.saturating_sub(EDGE), size).await?);
    Ok(About {
        name: file.name(),
        size,
        mark: hex(&Sha256::digest(&edges)),
        arch: arch.map(str::to_owned),
    })
}

/// The SHA-256 of a whole file as `sha256:<hex>`, a step at a time; `progress` hears how far it is, and says whether anybody
/// still wants to know.
///
/// # Errors
/// Why the file cannot be read any more.
pub async fn sha256(file: &File, progress: impl Fn(u64) -> bool) -> Result<String, String> {
    let size = size(file);
    let mut hash = Sha256::new();
    let mut at = 0;
    while at < size {
        let end = size.min(at + STEP);
        hash.update(read(file, at, end).await?);
        at = end;
        if !progress(at) {
            return Err("another file was chosen".to_owned());
        }
    }
    Ok(format!("sha256:{}", hex(&hash.finalize())))
}

/// A part of a file, without reading it.
///
/// # Errors
/// Where the browser cannot cut it.
pub fn slice(file: &File, start: u64, end: u64) -> Result<Blob, String> {
    file.slice_with_f64_and_f64(start as f64, end as f64)
        .map_err(|_| unreadable())
}

/// Bytes of a file.
///
/// # Errors
/// Where it was changed, moved or taken away since it was chosen.
pub async fn read(file: &File, start: u64, end: u64) -> Result<Vec<u8>, String> {
    let buffer = JsFuture::from(slice(file, start, end)?.array_buffer()).await;
    Ok(Uint8Array::new(&buffer.map_err(|_| unreadable())?).to_vec())
}

/// The size of a file. Browsers count in floating point, exact far beyond any disk.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes of files are whole and not negative"
)]
pub fn size(file: &File) -> u64 {
    file.size() as u64
}

fn unreadable() -> String {
    "the file cannot be read any more: it was changed, moved or removed. Choose it again".to_owned()
}

/// The architecture that the header of a SIF names, if it names a known one.
///
/// # Errors
/// A sentence where this is no SIF.
pub fn architecture(start: &[u8]) -> Result<Option<&'static str>, String> {
    let fields = start
        .get(MAGIC_AT..)
        .and_then(|rest| rest.strip_prefix(MAGIC))
        .ok_or(
            "this is not a Singularity or Apptainer image (SIF). Build one with “singularity build”",
        )?;
    let code = fields
        .get(3..5)
        .and_then(|code| std::str::from_utf8(code).ok())
        .and_then(|code| code.parse::<usize>().ok());
    Ok(code
        .and_then(|code| ARCHES.get(code.checked_sub(1)?))
        .copied())
}

/// Container and tag that a file's name suggests: `samtools_1.17.sif` as the clients write it.
pub fn suggest(file_name: &str) -> (String, String) {
    let stem = file_name
        .rsplit_once('.')
        .map_or(file_name, |(stem, _)| stem);
    let (name, tag) = match stem.rsplit_once('_') {
        Some((name, tag)) if shared_types::names::check_tag(tag).is_ok() => (name, tag),
        _ => (stem, "latest"),
    };
    let mut out = String::new();
    for word in name.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '_')) {
        let word = word.trim_matches(['.', '_']).to_ascii_lowercase();
        if !word.is_empty() {
            if !out.is_empty() {
                out.push('-');
            }
            out.push_str(&word);
        }
    }
    if shared_types::names::check_container(&out).is_err() {
        out.clear();
    }
    (out, tag.to_owned())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(code: &str) -> Vec<u8> {
        let mut bytes = vec![0; MAGIC_AT];
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(b"01\0");
        bytes.extend_from_slice(code.as_bytes());
        bytes.push(0);
        bytes
    }

    #[test]
    fn the_header_names_the_architecture() {
        for (code, arch) in [
            ("01", Some("386")),
            ("02", Some("amd64")),
            ("04", Some("arm64")),
            ("10", Some("mips64le")),
            ("12", Some("riscv64")),
            ("00", None),
            ("13", None),
            ("x!", None),
        ] {
            assert_eq!(architecture(&header(code)), Ok(arch), "{code}");
        }
        assert_eq!(architecture(&header("02")[..42]), Ok(None));
    }

    #[test]
    fn what_is_no_sif_is_told() {
        for bytes in [&b""[..], b"#!/bin/sh\n", &[0; 200]] {
            assert!(architecture(bytes).unwrap_err().contains("SIF"));
        }
    }

    #[test]
    fn names_of_files_suggest_container_and_tag() {
        for (file, container, tag) in [
            ("samtools_1.17.sif", "samtools", "1.17"),
            ("r-base_latest.sif", "r-base", "latest"),
            ("lolcow.sif", "lolcow", "latest"),
            ("My Image (2).sif", "my-image-2", "latest"),
            ("a_b_1.0.sif", "a_b", "1.0"),
            ("ü.sif", "", "latest"),
            ("noending", "noending", "latest"),
        ] {
            assert_eq!(
                suggest(file),
                (container.to_owned(), tag.to_owned()),
                "{file}"
            );
        }
    }

    #[test]
    fn digests_are_written_in_hexadecimal() {
        assert_eq!(
            hex(&Sha256::digest(b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
