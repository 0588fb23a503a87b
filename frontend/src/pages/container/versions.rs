//! The images of a container with their tags, and what happened to the tags.

use leptos::prelude::*;
use shared_types::{Container, Image, ImageKind, Tag, TagAction, TagEvent};

use super::{facts, manage};
use crate::{
    api::containers,
    components::{
        copy::CopyButton,
        icon::{Glyph, Icon},
        load::Load,
        robot::Invitation,
        when::When,
    },
    routes::Route,
    state::ask,
    util::{bytes, text},
};

/// All images, newest first, with the tags that point at them.
#[component]
pub fn Versions(
    /// The container.
    container: Container,
    /// Called when something was changed.
    changed: Callback<()>,
) -> impl IntoView {
    let (collection, name) = (container.collection.clone(), container.name.clone());
    let images = ask(move || containers::images(&collection, &name, ""));
    let stored = StoredValue::new(container);
    view! {
        <Load
            resource=images
            lines=6
            children=move |page| {
                let container = stored.get_value();
                let hidden = page.total.saturating_sub(page.items.len() as u64);
                let rows = page
                    .items
                    .into_iter()
                    .map(|image| view! { <Row image container=container.clone() changed /> })
                    .collect_view();
                view! {
                    <div class="table-wrap">
                        <table>
                            <thead>
                                <tr>
                                    <th scope="col">"Tags"</th>
                                    <th scope="col">"Digest"</th>
                                    <th scope="col">"Architecture"</th>
                                    <th scope="col" class="num">"Size"</th>
                                    <th scope="col">"Pushed"</th>
                                    <th scope="col"><span class="sr-only">"Actions"</span></th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                    {(hidden > 0).then(|| view! { <p class="quiet">{format!("{} not shown; the API lists them all.", text::counted(hidden, "older images"))}</p> })}
                }
            }
        />
    }
}

#[component]
fn Row(image: Image, container: Container, changed: Callback<()>) -> impl IntoView {
    let tags: Vec<Tag> = container
        .tags
        .iter()
        .filter(|tag| tag.digest == image.digest)
        .cloned()
        .collect();
    let manage = container.rights.manage;
    let (collection, name) = (image.collection.clone(), image.container.clone());
    let href = Route::Image(collection.clone(), name.clone(), image.digest.clone()).href();
    let names = tags
        .iter()
        .map(|tag| {
            let href = Route::Image(collection.clone(), name.clone(), tag.name.clone()).href();
            let frozen = tag.frozen.then(|| view! { <Glyph icon=Icon::Frozen /><span class="sr-only">"frozen"</span> });
            view! { <a class="badge tag" class:frozen=tag.frozen href=format!("{href}?arch={}", tag.arch)>{frozen}{tag.name.clone()}</a> }
        })
        .collect_view();
    view! {
        <tr>
            <td data-label="Tags">{if tags.is_empty() { view! { <span class="quiet">"no tag"</span> }.into_any() } else { names.into_any() }}</td>
            <td data-label="Digest" class="digest">
                <a class="mono" href=href>{facts::short(&image.digest).replacen("@sha256:", "", 1)}</a>
                <CopyButton text=Signal::stored(image.digest.clone()) label="Copy the digest" />
            </td>
            <td data-label="Architecture">
                {facts::arch(&image)}
                {(image.kind == ImageKind::Oci).then(|| view! { " "<span class="badge oci">"OCI"</span> })}
            </td>
            <td data-label="Size" class="num">{bytes::show(image.size_bytes)}</td>
            <td data-label="Pushed"><When at=image.pushed_at />{image.pushed_by.clone().map(|user| format!(" by {user}"))}</td>
            <td>{manage.then(|| view! { <manage::RowMenu image=image tags=tags changed /> })}</td>
        </tr>
    }
}

/// What happened to the tags, newest first.
#[component]
pub fn History(
    /// The container.
    container: Container,
) -> impl IntoView {
    let (collection, name) = (container.collection, container.name);
    let (asked_collection, asked_name) = (collection.clone(), name.clone());
    let events = ask(move || containers::history(&asked_collection, &asked_name, ""));
    view! {
        <Load
            resource=events
            lines=6
            children=move |page| {
                if page.items.is_empty() {
                    return view! { <Invitation title="No history yet"><p>"Pushes, moves and freezes of tags are kept here."</p></Invitation> }
                        .into_any();
                }
                let entries = page
                    .items
                    .into_iter()
                    .map(|event| view! { <Event event collection=collection.clone() name=name.clone() /> })
                    .collect_view();
                view! { <ol class="history">{entries}</ol> }.into_any()
            }
        />
    }
}

#[component]
fn Event(event: TagEvent, collection: String, name: String) -> impl IntoView {
    let what = match event.action {
        TagAction::Created => "created",
        TagAction::Moved => "moved",
        TagAction::Deleted => "removed",
        TagAction::Frozen => "froze",
        TagAction::Unfrozen => "unfroze",
    };
    let link = |digest: Option<String>| {
        digest.map(|digest| {
            let href = Route::Image(collection.clone(), name.clone(), digest.clone()).href();
            view! { <a class="mono" href=href>{facts::short(&digest).replacen("@sha256:", "", 1)}</a> }
        })
    };
    let (from, to) = match event.action {
        TagAction::Moved => (link(event.from_digest), link(event.to_digest)),
        TagAction::Deleted => (link(event.from_digest), None),
        _ => (None, link(event.to_digest)),
    };
    view! {
        <li>
            <When at=event.at />
            <span>
                <strong>{event.by.unwrap_or_else(|| "Somebody".to_owned())}</strong>
                {format!(" {what} ")}
                <code>{event.tag}</code>
                {format!(" ({})", event.arch)}
                {from.map(|from| view! { " from " {from} })}
                {to.map(|to| view! { " to " {to} })}
            </span>
        </li>
    }
}
