//! Keys as text: the armour that clients send and are given.

use std::panic::{AssertUnwindSafe, catch_unwind};

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::{
    super::{Error, Result},
    certificate::{self, Certificate},
};

/// The longest text that is read.
pub const LONGEST: usize = 1024 * 1024;

const BEGIN: &str = "-----BEGIN PGP ";
const END: &str = "-----END PGP ";
const DASHES: &str = "-----";
const KEY: &str = "PUBLIC KEY BLOCK";
/// Characters of a line.
const WIDTH: usize = 64;

/// Takes text with or without padding at its end.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The keys in a text, verified: one or several blocks, one or several keys in each.
///
/// # Errors
/// `BadRequest` with a sentence that says what is wrong, `TooLarge`.
pub fn read(text: &str) -> Result<Vec<Certificate>> {
    if text.len() > LONGEST {
        return Err(Error::TooLarge(
            "a text with keys has 1 MiB at most".to_owned(),
        ));
    }
    let mut found = Vec::new();
    for block in text.split(BEGIN).skip(1) {
        let packets = block_packets(block)?;
        let keys = guarded(|| {
            let read = Certificate::read(&packets)?;
            read.into_iter()
                .map(Certificate::verified)
                .collect::<Result<Vec<_>>>()
        })?;
        found.extend(keys);
    }
    if found.is_empty() {
        return Err(Error::BadRequest(
            "there is no public key in this; send what `gpg --armor --export` or `key export` writes".to_owned(),
        ));
    }
    Ok(found)
}

/// Runs what reads a stranger's packets; should it panic, the packets are to blame, not the server.
///
/// # Errors
/// As the closure, and `BadRequest`.
pub fn guarded<T>(read: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        Err(Error::BadRequest(
            "the OpenPGP packets cannot be read".to_owned(),
        ))
    })
}

/// The packets of a block, from what follows the word that it begins with.
fn block_packets(block: &str) -> Result<Vec<u8>> {
    let damaged = || Error::BadRequest("the armour of the key is damaged".to_owned());
    let (label, rest) = block.split_once(DASHES).ok_or_else(damaged)?;
    if label.contains("PRIVATE") || label.contains("SECRET") {
        return Err(certificate::secret());
    }
    if label != KEY {
        return Err(Error::BadRequest(format!(
            "this is a “PGP {}”, not a public key",
            label.chars().take(40).collect::<String>()
        )));
    }
    let (body, _) = rest.split_once(END).ok_or_else(damaged)?;
    // Headers, which say nothing that counts, end at the first empty line.
    let mut lines = body.lines().skip(1).map(str::trim);
    let mut encoded = String::with_capacity(body.len());
    lines
        .by_ref()
        .find(|line| line.is_empty())
        .ok_or_else(damaged)?;
    // The checksum starts with `=`; the standard tells to pass over it.
    for line in lines.take_while(|line| !line.starts_with('=')) {
        encoded.push_str(line);
    }
    BASE64.decode(encoded).map_err(|_| damaged())
}

/// Packets as text.
pub fn write(packets: &[u8]) -> String {
    let encoded = BASE64.encode(packets);
    let mut text = format!("{BEGIN}{KEY}{DASHES}\n\n");
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, left) = rest.split_at_checked(WIDTH).unwrap_or((rest, ""));
        text.push_str(line);
        text.push('\n');
        rest = left;
    }
    let sum = BASE64.encode(checksum(packets).to_be_bytes().get(1..).unwrap_or_default());
    text + &format!("={sum}\n{END}{KEY}{DASHES}\n")
}

/// The CRC-24 of the standard: old clients want it.
fn checksum(bytes: &[u8]) -> u32 {
    let mut crc: u32 = 0x00b7_04ce;
    for byte in bytes {
        crc ^= u32::from(*byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4cfb;
            }
        }
    }
    crc & 0x00ff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        // The catalogue of CRCs gives this value for CRC-24/OPENPGP.
        assert_eq!(checksum(b"123456789"), 0x0021_cf02);
    }

    #[test]
    fn what_is_written_is_read_back() {
        for length in [0, 1, 2, 3, 47, 48, 49, 1000] {
            let bytes: Vec<u8> = (0..length)
                .map(|n| u8::try_from(n % 251).unwrap())
                .collect();
            let text = write(&bytes);
            let block = text.strip_prefix(BEGIN).unwrap();
            assert_eq!(block_packets(block).unwrap(), bytes, "{length}");
            assert!(text.lines().all(|line| line.len() <= WIDTH));
        }
    }

    #[test]
    fn headers_line_ends_and_a_missing_checksum_do_no_harm() {
        let block = "PUBLIC KEY BLOCK-----\r\nVersion: x\r\nComment: = y\r\n\r\nAQID\r\n-----END PGP PUBLIC KEY BLOCK-----\r\n";
        assert_eq!(block_packets(block).unwrap(), [1, 2, 3]);
    }

    #[test]
    fn what_is_no_public_key_is_refused_in_words() {
        for (text, word) in [
            ("", "no public key"),
            ("hello", "no public key"),
            ("-----BEGIN PGP PUBLIC KEY BLOCK-----", "damaged"),
            ("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA", "damaged"),
            (
                "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n%%%%\n-----END PGP PUBLIC KEY BLOCK-----",
                "damaged",
            ),
            (
                "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----",
                "no public key",
            ),
            (
                "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nAAAA\n-----END PGP PRIVATE KEY BLOCK-----",
                "secret key",
            ),
            (
                "-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----",
                "PGP MESSAGE",
            ),
        ] {
            let refusal = read(text).unwrap_err().to_string();
            assert!(refusal.contains(word), "{text}: {refusal}");
        }
        assert!(matches!(
            read(&"x".repeat(LONGEST + 1)),
            Err(Error::TooLarge(_))
        ));
    }
}
