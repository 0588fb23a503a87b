//! The signatures inside an image: who made them, and whether they hold.

use leptos::prelude::*;
use shared_types::{Image, ImageSignature, SignatureKind, SignatureState, SignatureSummary};

use crate::{
    components::{
        copy::{CommandBlock, CopyButton},
        icon::{Glyph, Icon},
        when::When,
    },
    util::text,
};

/// What a state is called, and how it is meant.
fn words(state: SignatureState) -> (&'static str, &'static str) {
    match state {
        SignatureState::Valid => ("valid", "badge good"),
        SignatureState::Invalid => ("invalid", "badge bad"),
        SignatureState::UnknownKey => ("unknown key", "badge unsure"),
        SignatureState::KeyRevoked => ("key revoked", "badge bad"),
        SignatureState::KeyExpired => ("key expired", "badge unsure"),
        SignatureState::NotChecked => ("not checked", "badge"),
    }
}

/// What a state means for whoever wants to run the image.
fn meaning(signature: &ImageSignature) -> String {
    // Where the key is not here, what that means helps more than the reason.
    let reason = signature
        .problem
        .as_ref()
        .filter(|_| signature.state != SignatureState::UnknownKey);
    if let Some(problem) = reason {
        return text::sentence(problem);
    }
    match signature.state {
        SignatureState::Valid if signature.complete => {
            "The key signed exactly what is in this image.".to_owned()
        }
        SignatureState::Valid => {
            "The key signed a part of what is in this image, not all of it.".to_owned()
        }
        SignatureState::Invalid => {
            "It does not fit what is in this image. Do not trust it.".to_owned()
        }
        SignatureState::UnknownKey => {
            "The registry has no such key, so it cannot tell. It looks again when the key comes."
                .to_owned()
        }
        SignatureState::KeyRevoked => "The owner of the key took it back.".to_owned(),
        SignatureState::KeyExpired => "The time of the key or of the signature is over.".to_owned(),
        SignatureState::NotChecked => "The registry has not checked it.".to_owned(),
    }
}

/// Whether an image is signed, and whether that holds.
pub fn seal(image: &Image) -> AnyView {
    let (text, class) = match &image.signature {
        Some(signature) => summary(signature),
        None if image.signed => ("signed", "badge"),
        None => return "not signed".into_any(),
    };
    view! { <span class=class><Glyph icon=Icon::Seal />{text}</span> }.into_any()
}

/// All signatures in one word.
fn summary(signatures: &SignatureSummary) -> (&'static str, &'static str) {
    let (_, class) = words(signatures.state);
    match signatures.state {
        SignatureState::Valid if !signatures.complete => ("signed in part", "badge unsure"),
        SignatureState::Valid => ("signed, valid", class),
        SignatureState::Invalid => ("signature invalid", class),
        SignatureState::UnknownKey => ("signed, key unknown", class),
        SignatureState::KeyRevoked => ("signed, key revoked", class),
        SignatureState::KeyExpired => ("signed, key expired", class),
        SignatureState::NotChecked => ("signed, not checked", class),
    }
}

/// The list, and how to check for oneself.
#[component]
pub fn Signatures(
    /// The signatures.
    signatures: Vec<ImageSignature>,
) -> impl IntoView {
    view! {
        <p>"The registry checks signatures with the keys that people brought here. That a key is whose it says it is, only its owner can tell you."</p>
        <ul class="links signatures">
            {signatures.into_iter().map(|signature| view! { <Row signature /> }).collect_view()}
        </ul>
        <p>"Check it yourself after a pull:"</p>
        <CommandBlock text=Signal::stored("singularity verify image.sif".to_owned()) />
    }
}

#[component]
fn Row(signature: ImageSignature) -> impl IntoView {
    let (state, class) = words(signature.state);
    let meaning = meaning(&signature);
    let (name, brought) = match &signature.signer {
        Some(signer) => (
            signer
                .user_ids
                .first()
                .cloned()
                .unwrap_or_else(|| "A key without a name".to_owned()),
            signer.username.clone(),
        ),
        None => ("An unknown key".to_owned(), None),
    };
    let kind = match signature.kind {
        SignatureKind::Pgp => "OpenPGP",
        SignatureKind::PgpLegacy => "OpenPGP (first clients)",
        SignatureKind::Dsse => "DSSE",
        SignatureKind::Unknown => "of a kind that the registry does not know",
    };
    view! {
        <li>
            <div>
                <p><bdi><strong>{name}</strong></bdi>" "<span class=class><Glyph icon=Icon::Seal />{state}</span></p>
                <p>{meaning}</p>
                {signature.fingerprint.map(|fingerprint| view! {
                    <p class="fingerprint"><code>{grouped(&fingerprint)}</code><CopyButton text=Signal::stored(fingerprint) label="Copy the fingerprint" /></p>
                })}
                <p class="quiet">
                    {kind}
                    {signature.signed_at.map(|at| view! { " · signed " <When at /> })}
                    {brought.map(|user| format!(" · key brought by {user}"))}
                </p>
            </div>
        </li>
    }
}

/// A fingerprint in groups of four, as people compare them.
fn grouped(fingerprint: &str) -> String {
    let mut out = String::new();
    for (index, digit) in fingerprint.chars().enumerate() {
        if index > 0 && index % 4 == 0 {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use shared_types::Sample;

    use super::*;

    fn one(state: SignatureState, complete: bool) -> ImageSignature {
        ImageSignature {
            state,
            complete,
            ..ImageSignature::sample()
        }
    }

    #[test]
    fn only_what_holds_for_all_of_the_image_is_good() {
        for state in SignatureState::ALL.iter().copied() {
            for complete in [true, false] {
                let (text, class) = summary(&SignatureSummary { state, complete });
                let good = state == SignatureState::Valid && complete;
                assert_eq!(text == "signed, valid", good, "{state}");
                assert_eq!(class == "badge good", good, "{state}");
            }
        }
    }

    #[test]
    fn a_part_is_never_told_as_all() {
        assert!(meaning(&one(SignatureState::Valid, true)).contains("exactly"));
        assert!(meaning(&one(SignatureState::Valid, false)).contains("not all"));
        let mut told = one(SignatureState::Invalid, true);
        told.problem = Some("object 3 was changed".to_owned());
        assert_eq!(meaning(&told), "Object 3 was changed.");
    }

    #[test]
    fn fingerprints_are_grouped() {
        assert_eq!(grouped("0123456789"), "0123 4567 89");
    }
}
