//! What is no SIF: what its manifest says, and nothing more than that.

use std::collections::BTreeMap;

use leptos::prelude::*;
use shared_types::{Image, ImageDetail, OciLayer, OciMetadata};

use super::facts;
use crate::{
    components::{copy::CopyButton, robot::Invitation},
    routes::Route,
    util::bytes,
};

/// What kinds of artefacts are called.
const KINDS: [(&str, &str); 12] = [
    (
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "Docker images for several platforms",
    ),
    ("application/vnd.oci.image.index.v1+json", "OCI index"),
    (
        "application/vnd.docker.container.image.v1+json",
        "Docker image",
    ),
    ("application/vnd.oci.image.config.v1+json", "OCI image"),
    (
        "application/vnd.dev.cosign.artifact.sig.v1+json",
        "Cosign signature",
    ),
    (
        "application/vnd.dev.sigstore.bundle.v0.3+json",
        "Sigstore bundle",
    ),
    ("application/vnd.cncf.notary.signature", "Notary signature"),
    ("application/vnd.in-toto+json", "In-toto attestation"),
    ("application/spdx+json", "SPDX bill of materials"),
    (
        "application/vnd.cyclonedx+json",
        "CycloneDX bill of materials",
    ),
    ("application/vnd.cncf.helm.config.v1+json", "Helm chart"),
    (
        "application/vnd.wasm.config.v0+json",
        "WebAssembly component",
    ),
];

/// What a person calls it.
pub fn kind(oci: &OciMetadata) -> &'static str {
    let named = |media_type: &str| {
        KINDS
            .iter()
            .find(|(word, _)| *word == media_type)
            .map(|(_, name)| *name)
    };
    let index = is_index(oci);
    match oci.artifact_type.as_deref().and_then(named) {
        Some(name) => name,
        None if index => named(&oci.media_type).unwrap_or("OCI index"),
        None => "OCI artefact",
    }
}

fn is_index(oci: &OciMetadata) -> bool {
    oci.media_type.contains("index") || oci.media_type.contains("manifest.list")
}

/// The parts that there are, in the order of the tabs.
pub fn sections(oci: &OciMetadata) -> Vec<(&'static str, &'static str)> {
    let content = if is_index(oci) { "Manifests" } else { "Layers" };
    let mut all = vec![("content", content)];
    if !oci.annotations.is_empty() {
        all.push(("annotations", "Annotations"));
    }
    all
}

/// One part.
#[component]
pub fn Section(
    /// Its word.
    word: String,
    /// The image.
    detail: ImageDetail,
) -> impl IntoView {
    let Some(oci) = detail.oci else {
        return ().into_any();
    };
    if word == "annotations" {
        return view! { <Annotations annotations=oci.annotations /> }.into_any();
    }
    if oci.layers.is_empty() {
        return view! { <Invitation title="It holds no layers"><p>"All that it says is in its manifest."</p></Invitation> }.into_any();
    }
    let index = is_index(&oci);
    let title = if index { "Manifest" } else { "Layer" };
    let image = detail.image;
    // The platforms stand in the order of the manifests, but those that say none are left out: then there is nothing to pair.
    let platforms = (index && oci.platforms.len() == oci.layers.len()).then_some(oci.platforms);
    let paired = platforms.is_some();
    let rows = oci
        .layers
        .into_iter()
        .enumerate()
        .map(|(at, layer)| {
            let platform = platforms.as_ref().and_then(|all| all.get(at).cloned());
            view! { <Row layer image=image.clone() index platform /> }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table>
                <thead>
                    <tr>
                        <th scope="col">{title}</th>
                        {paired.then(|| view! { <th scope="col">"Platform"</th> })}
                        <th scope="col">"Digest"</th>
                        <th scope="col" class="num">"Size"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Row(layer: OciLayer, image: Image, index: bool, platform: Option<String>) -> impl IntoView {
    let short = facts::short(&layer.digest).replacen("@sha256:", "", 1);
    let digest = if index {
        let href = Route::Image(image.collection, image.container, layer.digest.clone()).href();
        view! { <a class="mono" href=href>{short}</a> }.into_any()
    } else {
        view! { <code>{short}</code> }.into_any()
    };
    let name = match layer.title {
        Some(title) => {
            view! { <bdi class="mono">{title}</bdi><p>{layer.media_type}</p> }.into_any()
        }
        None => view! { <span class="mono">{layer.media_type}</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">{name}</th>
            {platform.map(|platform| view! { <td data-label="Platform"><span class="badge arch">{platform}</span></td> })}
            <td data-label="Digest" class="digest">{digest}<CopyButton text=Signal::stored(layer.digest) label="Copy the digest" /></td>
            <td data-label="Size" class="num">{bytes::show(layer.size_bytes)}</td>
        </tr>
    }
}

#[component]
fn Annotations(annotations: BTreeMap<String, String>) -> impl IntoView {
    view! {
        <div class="table-wrap">
            <table class="labels">
                <thead><tr><th scope="col">"Annotation"</th><th scope="col">"Value"</th></tr></thead>
                <tbody>
                    {annotations
                        .into_iter()
                        .map(|(key, value)| view! { <tr><th scope="row" class="mono"><bdi>{key}</bdi></th><td data-label="Value"><bdi>{value}</bdi></td></tr> })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
}

/// What the page says at once of what is no SIF.
#[component]
pub fn Note(
    /// What its manifest says.
    oci: OciMetadata,
    /// The image.
    image: Image,
) -> impl IntoView {
    let subject = oci.subject.clone().map(|digest| {
        let href = Route::Image(image.collection, image.container, digest.clone()).href();
        view! { " It belongs to " <a class="mono" href=href>{facts::short(&digest).replacen('@', "", 1)}</a> "." }
    });
    view! {
        <p class="panel note-panel plain" role="note">
            "This is no SIF file: " <strong>{kind(&oci)}</strong> ", kept as it was pushed. Clients of " <code>"library://"</code> " do not find it."
            {subject}
        </p>
    }
}

#[cfg(test)]
mod tests {
    use shared_types::Sample;

    use super::*;

    #[test]
    fn kinds_have_names_that_people_know() {
        let mut oci = OciMetadata::sample();
        assert_eq!(kind(&oci), "OCI image");
        oci.artifact_type = Some("application/vnd.example.report".to_owned());
        assert_eq!(kind(&oci), "OCI artefact");
        oci.media_type = "application/vnd.oci.image.index.v1+json".to_owned();
        oci.artifact_type = None;
        assert_eq!(kind(&oci), "OCI index");
        assert_eq!(sections(&oci), [("content", "Manifests")]);
        oci.annotations.insert("a".to_owned(), "b".to_owned());
        assert_eq!(sections(&oci).last(), Some(&("annotations", "Annotations")));
    }
}
