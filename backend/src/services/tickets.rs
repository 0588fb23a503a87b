//! Tickets: addresses that carry their own permission, for clients that send no credentials with bytes.
//!
//! Rule: a ticket is made for a caller who was allowed to do one thing with one upload or image at that moment, and says no more
//! than that. It ends on its own; it is never written to a log.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::{Core, Error, Result, keys};

/// What may stand in a query as it is.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What a ticket allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door<'a> {
    /// Send the bytes of an upload, or of one of its parts.
    Upload {
        /// The upload's public id.
        upload: &'a str,
        /// The part's number, from 1.
        part: Option<u32>,
    },
    /// Read the bytes of an image.
    Download {
        /// The image's id.
        image: i64,
        /// What tells this ticket from others for the same image.
        nonce: &'a str,
        /// The name that browsers save the file under.
        filename: &'a str,
    },
}

/// Where a client sends bytes to, or gets them from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A path and query on this server.
    Here(String),
    /// The object store.
    There(Url),
}

impl Place {
    /// The whole address, for clients that reach this server at `base`.
    pub fn address(self, base: &str) -> String {
        match self {
            Self::Here(path) => format!("{base}{path}"),
            Self::There(url) => url.into(),
        }
    }
}

impl Door<'_> {
    /// What is signed: everything that the ticket depends on, in a form that cannot be read in two ways.
    fn message(self, expires: i64) -> String {
        match self {
            Self::Upload { upload, part } => {
                format!("PUT\n{upload}\n{}\n{expires}", part.unwrap_or(0))
            }
            Self::Download {
                image,
                nonce,
                filename,
            } => format!("GET\n{image}\n{nonce}\n{expires}\n{filename}"),
        }
    }
}

/// The path and query of a ticket for the bytes of an upload.
pub fn upload(core: &Core, upload: &str, part: Option<u32>) -> String {
    let (expires, signature) = sign(core, Door::Upload { upload, part });
    let part = part.map(|number| format!("/{number}")).unwrap_or_default();
    format!("/uploads/{upload}{part}?expires={expires}&signature={signature}")
}

/// The path and query of a ticket for the bytes of an image.
pub fn download(core: &Core, image: i64, filename: &str) -> String {
    let nonce = keys::random_text::<8>();
    let door = Door::Download {
        image,
        nonce: &nonce,
        filename,
    };
    let (expires, signature) = sign(core, door);
    let filename = utf8_percent_encode(filename, QUERY);
    format!(
        "/blobs/i{image}?expires={expires}&filename={filename}&nonce={nonce}&signature={signature}"
    )
}

fn sign(core: &Core, door: Door<'_>) -> (i64, String) {
    let lifetime = i64::try_from(core.settings.storage.ticket_lifetime.as_secs());
    let expires = core
        .clock
        .now()
        .timestamp()
        .saturating_add(lifetime.unwrap_or(i64::MAX));
    let signature = core.keys.sign_ticket(&door.message(expires));
    (expires, signature)
}

/// Checks a ticket.
///
/// # Errors
/// `Forbidden`, in the same words for a wrong signature and for one that has expired.
pub fn check(core: &Core, door: Door<'_>, expires: i64, signature: &str) -> Result<()> {
    let genuine = core.keys.verify_ticket(&door.message(expires), signature);
    if genuine && core.clock.now().timestamp() <= expires {
        Ok(())
    } else {
        Err(Error::Forbidden(
            "this address is not valid, or no longer; start again to get another".to_owned(),
        ))
    }
}
