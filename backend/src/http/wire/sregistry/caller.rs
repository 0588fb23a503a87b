//! Who asks: by signature, or as at every other door.

use poem::{
    Request,
    http::header::{AUTHORIZATION, CONTENT_TYPE},
};
use shared_types::{ImageRef, Reference, digest_hex, names};

use crate::{
    domain::{
        access::Viewer,
        hmac::{Names, Op, is_signed},
    },
    http::{meter::count_signed, wire::viewer},
    services::{Core, Error, tokens},
};

/// The signature that a request brings.
pub fn signature(request: &Request) -> Option<&str> {
    request
        .header(AUTHORIZATION)
        .filter(|header| is_signed(header))
}

/// Who asks for an operation on what has these names.
///
/// # Errors
/// `Unauthenticated` where what was presented is not valid; `RateLimited`.
pub async fn caller(
    core: &Core,
    request: &Request,
    op: Op,
    names: &Names,
) -> Result<Viewer, Error> {
    match signature(request) {
        Some(header) => {
            let signer = tokens::signed(core, header, op, names).await;
            count_signed(core, request, signer).await
        }
        None => anybody(core, request).await,
    }
}

/// Who asks without a signature.
///
/// # Errors
/// `Unauthenticated` where what was presented is not valid; `Forbidden` for strangers where the settings want none.
pub async fn anybody(core: &Core, request: &Request) -> Result<Viewer, Error> {
    let viewer = viewer(request).await?;
    // Not 401: the client comes again with a signature when it gets 403.
    if viewer.is_anonymous() && core.settings.security.api_require_auth {
        return Err(Error::Forbidden(
            "this registry answers those who are signed in".to_owned(),
        ));
    }
    Ok(viewer)
}

/// Whether an anonymous request is from the client that comes again with a signature when it gets 403, and gives up at 404: it alone
/// calls the body that it does not send JSON.
pub fn could_sign(request: &Request) -> bool {
    request.header(CONTENT_TYPE) == Some("application/json")
}

/// An image as a path names it.
#[derive(Debug)]
pub struct Named {
    /// The reference, understood.
    pub reference: ImageRef,
    /// It names a tag; else the tag is `latest`.
    pub has_tag: bool,
    /// What a client may have signed.
    pub names: Names,
}

impl Named {
    /// Reads `collection/container[:tag][@version]`. A version decides where it is a digest; others, which this registry does not
    /// have, are passed over as the original did.
    ///
    /// # Errors
    /// `BadRequest`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let (name, version) = text.split_once('@').unwrap_or((text, ""));
        let mut reference: ImageRef = name.parse().map_err(Error::BadRequest)?;
        let hex = version
            .strip_prefix("sha256:")
            .or_else(|| version.strip_prefix("sha256."));
        if let Ok(hex) = digest_hex(hex.unwrap_or(version)) {
            reference.reference = Reference::Digest(hex);
        }
        let (path, tag) = name.split_once(':').unwrap_or((name, ""));
        let mut parts = path.rsplit('/').filter(|part| !part.is_empty());
        let container = parts.next().unwrap_or_default();
        let collection = parts.next().unwrap_or("library");
        let has_tag = !tag.is_empty();
        let tag = if has_tag { tag } else { "latest" };
        let names = Names::new([reference.collection.as_str(), collection], container, tag);
        Ok(Self {
            reference,
            has_tag,
            names,
        })
    }
}

/// What a client is told to send as `collection` with its form. Usually the collection's id; where the name is kept here in another
/// spelling than the client signs, that spelling is added, because the form does not tell it.
pub fn cid(id: i64, written: &str) -> serde_json::Value {
    let lower = written.to_lowercase();
    if names::normalise_collection(written) == lower {
        id.into()
    } else {
        format!("{id}-{lower}").into()
    }
}

/// The collection's id and the spelling that may have been signed.
pub fn read_cid(text: &str) -> Option<(i64, Option<&str>)> {
    match text.split_once('-') {
        Some((id, written)) => Some((id.parse().ok()?, Some(written))),
        None => Some((text.parse().ok()?, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collection_whose_name_changes_travels_with_its_spelling() {
        for (written, told) in [
            ("dinos", "7"),
            ("Dinos", "7"),
            ("my_coll", "7-my_coll"),
            ("My-Coll-", "7-my-coll-"),
        ] {
            let value = cid(7, written);
            let text = value.as_str().map_or(value.to_string(), str::to_owned);
            assert_eq!(text, told);
            let (id, spelling) = read_cid(&text).unwrap();
            assert_eq!(id, 7);
            if let Some(spelling) = spelling {
                assert_eq!(spelling, written.to_lowercase());
            }
        }
        for odd in ["", "x", "-", "x-7", "7.5"] {
            assert_eq!(read_cid(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_path_is_understood_and_kept_as_it_was_written() {
        let named = Named::parse("amy/My_Coll/Tacos:V1@0123").unwrap();
        assert_eq!(named.reference.to_string(), "my-coll/tacos:V1");
        assert!(named.has_tag);
        assert_eq!(
            named.names,
            Names::new(["my-coll", "My_Coll"], "Tacos", "V1")
        );
        let named = Named::parse("dinos/tacos").unwrap();
        assert!(!named.has_tag);
        assert_eq!(named.names, Names::new(["dinos"], "tacos", "latest"));
        assert!(Named::parse("").is_err());
    }
}
