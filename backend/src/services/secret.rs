//! The text of a token: `sreg_<id>_<random><checksum>`.
//!
//! Clients refuse tokens below 200 characters (`--tokenfile` of every release since 3.5) or above 4096, and some keep them in
//! fields of 255, so ours has 218. Its letters stay what they are in URLs, shells and configuration files.

use super::keys;

/// What every token begins with, so that scanners for leaked secrets know one.
const PREFIX: &str = "sreg_";
/// Letters: Crockford's alphabet, five bits each, none that look alike.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Letters of the id.
const ID: usize = 13;
/// Letters of the random part: 960 bits.
const RANDOM: usize = 192;
/// Letters of the checksum.
const CHECK: usize = 7;
/// Letters of the whole.
pub const LENGTH: usize = PREFIX.len() + ID + 1 + RANDOM + CHECK;

/// A whole token: well formed, with the right checksum.
#[derive(Clone)]
pub struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{PREFIX}{}_…", self.id())
    }
}

impl Secret {
    /// A new one.
    pub fn fresh() -> Self {
        Self::with_id(&letters(&keys::random::<8>()))
    }

    /// A new one with the id of another.
    pub fn with_id(id: &str) -> Self {
        let body = format!("{PREFIX}{id}_{}", letters(&keys::random::<120>()));
        let check = checksum(&body);
        Self(body + &check)
    }

    /// Reads a token that someone presents.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !text.starts_with(PREFIX) {
            return Err(format!(
                "this is not a token of this registry: those begin with “{PREFIX}”"
            ));
        }
        let whole = text.len() == LENGTH
            && text.is_ascii()
            && text
                .split_at_checked(LENGTH - CHECK)
                .is_some_and(|(body, check)| checksum(body) == check);
        if whole {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "this is not a whole token; copy it again, all {LENGTH} characters"
            ))
        }
    }

    /// The public part.
    pub fn id(&self) -> &str {
        self.0
            .get(PREFIX.len()..PREFIX.len() + ID)
            .unwrap_or_default()
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The whole text.
    pub fn into_text(self) -> String {
        self.0
    }

    /// What the database finds it by.
    pub fn hash(&self) -> String {
        keys::hash(&self.0)
    }
}

/// Bytes as letters, five bits each, the last one filled up with zeros.
fn letters(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(held >> bits));
        }
    }
    if bits > 0 {
        text.push(letter(held << (5 - bits)));
    }
    text
}

fn letter(value: u32) -> char {
    LETTERS
        .get((value & 31) as usize)
        .map_or('0', |letter| char::from(*letter))
}

fn checksum(text: &str) -> String {
    letters(&crc32fast::hash(text.as_bytes()).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_enough_for_clients_and_safe_everywhere() {
        let secret = Secret::fresh();
        assert_eq!(secret.text().len(), LENGTH);
        assert!((200..=255).contains(&LENGTH));
        assert_eq!(secret.id().len(), ID);
        assert!(
            secret
                .text()
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        );
        assert_eq!(Secret::parse(secret.text()).unwrap().id(), secret.id());
        assert_ne!(secret.text(), Secret::fresh().text());
    }

    #[test]
    fn a_new_secret_keeps_the_id() {
        let first = Secret::fresh();
        let second = Secret::with_id(first.id());
        assert_eq!(first.id(), second.id());
        assert_ne!(first.hash(), second.hash());
        assert_eq!(second.text().len(), LENGTH);
    }

    #[test]
    fn a_damaged_token_is_told_from_a_foreign_one() {
        let text = Secret::fresh().into_text();
        let mut swapped: Vec<u8> = text.clone().into_bytes();
        swapped[50] = if swapped[50] == b'x' { b'y' } else { b'x' };
        let cut = &text[..text.len() - 1];
        let longer = format!("{text}0");
        let odd = format!("{}é", &text[..text.len() - 2]);
        for broken in [
            cut,
            &longer,
            &odd,
            "sreg_",
            std::str::from_utf8(&swapped).unwrap(),
        ] {
            assert!(
                Secret::parse(broken)
                    .unwrap_err()
                    .contains("not a whole token"),
                "{broken}"
            );
        }
        for foreign in ["x", "ghp_abc", "0123456789abcdef"] {
            assert!(
                Secret::parse(foreign)
                    .unwrap_err()
                    .contains("not a token of this registry")
            );
        }
    }

    #[test]
    fn a_token_in_a_log_shows_its_id_only() {
        let secret = Secret::fresh();
        assert_eq!(format!("{secret:?}"), format!("sreg_{}_…", secret.id()));
    }

    #[test]
    fn letters_spread_all_bits() {
        assert_eq!(letters(&[0; 5]), "00000000");
        assert_eq!(letters(&[0xff; 5]), "zzzzzzzz");
        assert_eq!(letters(&[0xff]), "zw");
    }
}
