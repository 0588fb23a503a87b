//! What the server read inside an image, a tab for each part that there is.

use std::collections::BTreeMap;

use leptos::prelude::*;
use shared_types::{ImageApp, ImageDetail, ImageMetadata, ImageState, SifObject};

use super::{oci, signatures::Signatures};
use crate::{
    components::{code::CodeBlock, robot::Invitation},
    routes::Route,
    util::bytes,
};

/// The parts that this image has, in the order of the tabs: word and title.
pub fn sections(detail: &ImageDetail) -> Vec<(&'static str, &'static str)> {
    if let Some(oci) = &detail.oci {
        return oci::sections(oci);
    }
    let Some(metadata) = &detail.metadata else {
        return vec![("inside", "Inside")];
    };
    let all = [
        ("recipe", "Recipe", metadata.deffile.is_some()),
        ("runscript", "Runscript", metadata.runscript.is_some()),
        ("startscript", "Startscript", metadata.startscript.is_some()),
        ("environment", "Environment", metadata.environment.is_some()),
        ("labels", "Labels", !metadata.labels.is_empty()),
        ("help", "Help", metadata.help.is_some()),
        ("test", "Test", metadata.test.is_some()),
        ("apps", "Apps", !metadata.apps.is_empty()),
        ("signatures", "Signatures", !detail.signatures.is_empty()),
        ("contents", "Contents", !metadata.objects.is_empty()),
    ];
    let found: Vec<_> = all
        .into_iter()
        .filter(|(.., there)| *there)
        .map(|(word, title, _)| (word, title))
        .collect();
    if found.is_empty() {
        vec![("inside", "Inside")]
    } else {
        found
    }
}

/// One part.
#[component]
pub fn Section(
    /// Its word.
    word: String,
    /// The image.
    detail: ImageDetail,
) -> impl IntoView {
    if detail.oci.is_some() {
        return view! { <oci::Section word detail /> }.into_any();
    }
    let Some(metadata) = detail.metadata else {
        return view! { <Unknown state=detail.image.state /> }.into_any();
    };
    let ImageMetadata {
        deffile,
        from,
        labels,
        environment,
        runscript,
        startscript,
        help,
        test,
        apps,
        objects,
        signatures: _,
    } = metadata;
    let script = |text: Option<String>, name| {
        match text {
        Some(text) => view! { <CodeBlock text name /> }.into_any(),
        None => view! { <Invitation title="This image has none"><p>"Another tab has more."</p></Invitation> }.into_any(),
    }
    };
    match word.as_str() {
        "recipe" => view! {
            {from.map(|from| view! { <p>"Built from " <code>{from}</code></p> })}
            {script(deffile, "definition file")}
        }
        .into_any(),
        "runscript" => script(runscript, "runscript"),
        "startscript" => script(startscript, "startscript"),
        "environment" => script(environment, "environment"),
        "labels" => view! { <Labels labels linked=true /> }.into_any(),
        "help" => match help {
            Some(text) => view! { <pre class="help-text" tabindex="0">{text}</pre> }.into_any(),
            None => script(None, "help"),
        },
        "test" => script(test, "test script"),
        "apps" => view! { <Apps apps /> }.into_any(),
        "signatures" => view! { <Signatures signatures=detail.signatures /> }.into_any(),
        "contents" => view! { <Objects objects /> }.into_any(),
        _ => view! { <Invitation title="This image says nothing of itself"><p>"It has no definition file, labels or scripts."</p></Invitation> }.into_any(),
    }
}

#[component]
fn Unknown(state: ImageState) -> impl IntoView {
    let (title, text) = match state {
        ImageState::Uploading => ("Not here yet", "The bytes of this image have not arrived."),
        ImageState::Inspecting => (
            "Reading",
            "The registry is reading what is inside; this page fills in by itself.",
        ),
        _ => (
            "Nothing to show",
            "What is inside this image could not be read. It can be pulled all the same.",
        ),
    };
    view! { <Invitation title=title><p>{text}</p></Invitation> }
}

#[component]
fn Labels(
    labels: BTreeMap<String, String>,
    /// Those of the image lead to what else carries them; those of an application are not searched.
    #[prop(default = false)]
    linked: bool,
) -> impl IntoView {
    let named = move |key: String| {
        if linked {
            let href = Route::Label(key.clone()).href();
            view! { <a href=href><bdi>{key}</bdi></a> }.into_any()
        } else {
            view! { <bdi>{key}</bdi> }.into_any()
        }
    };
    view! {
        <div class="table-wrap">
            <table class="labels">
                <thead><tr><th scope="col">"Label"</th><th scope="col">"Value"</th></tr></thead>
                <tbody>
                    {labels
                        .into_iter()
                        .map(|(key, value)| view! { <tr><th scope="row" class="mono">{named(key)}</th><td data-label="Value"><bdi>{value}</bdi></td></tr> })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn Apps(apps: Vec<ImageApp>) -> impl IntoView {
    apps.into_iter()
        .map(|app| {
            let part = |title: &'static str, text: Option<String>| {
                text.map(|text| view! { <h3>{title}</h3><CodeBlock text name="script" /> })
            };
            view! {
                <section class="app">
                    <h2 class="mono">{app.name}</h2>
                    {app.help.map(|help| view! { <p>{help}</p> })}
                    {part("Runscript", app.runscript)}
                    {part("Environment", app.environment)}
                    {part("Test", app.test)}
                    {(!app.labels.is_empty()).then(|| view! { <h3>"Labels"</h3><Labels labels=app.labels /> })}
                </section>
            }
        })
        .collect_view()
}

#[component]
fn Objects(objects: Vec<SifObject>) -> impl IntoView {
    view! {
        <div class="table-wrap">
            <table>
                <thead>
                    <tr><th scope="col">"Object"</th><th scope="col">"Kind"</th><th scope="col" class="num">"Size"</th></tr>
                </thead>
                <tbody>
                    {objects
                        .into_iter()
                        .map(|object| {
                            let name = if object.name.is_empty() { format!("#{}", object.id) } else { object.name };
                            view! {
                                <tr>
                                    <th scope="row" class="mono"><bdi>{name}</bdi></th>
                                    <td data-label="Kind">{object.kind}</td>
                                    <td data-label="Size" class="num">{bytes::show(object.size_bytes)}</td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
}
