//! The facts of an image.

use leptos::prelude::*;
use shared_types::{Container, Image, ImageDetail, ImageKind, ImageState, OciMetadata, Tag};

use super::{oci, signatures::seal};
use crate::{
    components::{
        copy::CopyButton,
        icon::{Glyph, Icon},
        when::When,
    },
    routes::Route,
    util::bytes,
};

/// How a title ends: `:1.17`, or the beginning of a digest.
pub fn short(reference: &str) -> String {
    match reference.strip_prefix("sha256:") {
        Some(hex) => format!("@sha256:{}…", hex.get(..12).unwrap_or(hex)),
        None => format!(":{reference}"),
    }
}

/// What an image runs on. What is no SIF may be for any machine, and is tagged so.
pub fn arch(image: &Image) -> String {
    let other = if image.kind == ImageKind::Oci {
        "any"
    } else {
        "unknown"
    };
    image.arch.clone().unwrap_or_else(|| other.to_owned())
}

/// Size, digest, architecture, who and when.
#[component]
pub fn Facts(
    /// The image.
    detail: ImageDetail,
    /// Its container.
    container: Container,
    /// What it was built from, where it says so.
    from: Option<String>,
) -> impl IntoView {
    let ImageDetail { image, oci, .. } = detail;
    let hex = image
        .digest
        .strip_prefix("sha256:")
        .unwrap_or(&image.digest);
    let shortened = format!("sha256:{}…", hex.get(..16).unwrap_or(hex));
    // The other architectures of the same tags, each once.
    let mut others: Vec<Tag> = Vec::new();
    for tag in &container.tags {
        let same = image.tags.contains(&tag.name) && tag.digest != image.digest;
        if same && others.iter().all(|other| other.arch != tag.arch) {
            others.push(tag.clone());
        }
    }
    let address = |tag: &str, arch: &str| {
        let path = Route::Image(
            image.collection.clone(),
            image.container.clone(),
            tag.to_owned(),
        )
        .href();
        format!("{path}?arch={arch}")
    };
    let tags = image
        .tags
        .iter()
        .map(|tag| {
            let href = Route::Image(
                image.collection.clone(),
                image.container.clone(),
                tag.clone(),
            )
            .href();
            view! { <a class="badge tag" href=href>{tag.clone()}</a> }
        })
        .collect_view();
    let last = match oci.clone() {
        Some(oci) => view! { <Kind oci /> }.into_any(),
        None => view! {
            <div><dt>"Built from"</dt><dd>{from.map_or_else(|| "unknown".into_any(), |from| view! { <span class="mono">{from}</span> }.into_any())}</dd></div>
            <div>
                <dt>"Signature"</dt>
                <dd>{seal(&image)}</dd>
            </div>
        }
        .into_any(),
    };
    let platforms = oci
        .as_ref()
        .map(|oci| oci.platforms.clone())
        .unwrap_or_default();
    view! {
        <State image=image.clone() />
        {oci.map(|oci| view! { <oci::Note oci image=image.clone() /> })}
        <dl class="facts even">
            <div><dt>"Tags"</dt><dd>{if image.tags.is_empty() { "none".into_any() } else { tags.into_any() }}</dd></div>
            <div>
                <dt>"Architecture"</dt>
                <dd class="badges">
                    {if platforms.is_empty() {
                        view! { <span class="badge arch">{arch(&image)}</span> }.into_any()
                    } else {
                        platforms.into_iter().map(|platform| view! { <span class="badge arch">{platform}</span> }).collect_view().into_any()
                    }}
                    {others
                        .iter()
                        .map(|tag| view! { <a class="badge arch other" href=address(&tag.name, &tag.arch)>{tag.arch.clone()}</a> })
                        .collect_view()}
                </dd>
            </div>
            <div><dt>"Size"</dt><dd title=format!("{} bytes", image.size_bytes)>{bytes::show(image.size_bytes)}</dd></div>
            <div>
                <dt>"Digest"</dt>
                <dd class="digest">
                    <code title=image.digest.clone()>{shortened}</code>
                    <CopyButton text=Signal::stored(image.digest.clone()) label="Copy the digest" />
                </dd>
            </div>
            <div>
                <dt>"Pushed"</dt>
                <dd><When at=image.pushed_at />{image.pushed_by.clone().map(|user| format!(" by {user}"))}</dd>
            </div>
            <div><dt>"Downloads"</dt><dd>{bytes::count(image.downloads)}</dd></div>
            {last}
        </dl>
    }
}

/// What the manifest of something that is no SIF says that it is.
#[component]
fn Kind(oci: OciMetadata) -> impl IntoView {
    view! {
        <div><dt>"Kind"</dt><dd>{oci::kind(&oci)}</dd></div>
        <div><dt>"Media type"</dt><dd class="mono">{oci.artifact_type.unwrap_or(oci.media_type)}</dd></div>
    }
}

/// What is special about the image just now.
#[component]
fn State(image: Image) -> impl IntoView {
    let note = match image.state {
        ImageState::Ready => None,
        ImageState::Uploading => Some("Its bytes have not arrived yet.".to_owned()),
        ImageState::Inspecting => {
            Some("The registry is reading what is inside; this page fills in by itself.".to_owned())
        }
        ImageState::Unreadable => Some(
            image
                .problem
                .clone()
                .unwrap_or_else(|| "What is inside could not be read.".to_owned()),
        ),
    };
    view! {
        <div class="badges">
            {image.frozen.then(|| view! { <span class="badge frozen"><Glyph icon=Icon::Frozen />"frozen"</span> })}
            {image.encrypted.then(|| view! { <span class="badge"><Glyph icon=Icon::Lock />"encrypted"</span> })}
        </div>
        {(!image.description.is_empty()).then(|| view! { <p>{image.description.clone()}</p> })}
        {note.map(|note| view! { <p class="panel note-panel" role="note">{note}</p> })}
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn titles_end_with_the_tag_or_the_beginning_of_the_digest() {
        assert_eq!(short("1.17"), ":1.17");
        assert_eq!(
            short("sha256:00112233445566778899"),
            "@sha256:001122334455…"
        );
    }
}
