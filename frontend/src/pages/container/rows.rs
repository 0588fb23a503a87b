//! The containers of one collection as rows, with all that can be done with each from there.
//!
//! Rule: the list has one dialog of each kind for all its rows, and a row no more than its text and two buttons.

use leptos::prelude::*;
use shared_types::{Container, Image, ImageKind};

use super::{facts, manage::Freeze, settings::DeleteDialog, share::ShareDialog, signatures::seal};
use crate::{
    components::{
        copy::CopyButton,
        lists::{container_name, container_tags, copy_pull},
        menu::ActionMenu,
        when::When,
    },
    routes::Route,
    util::bytes,
};

/// What the menus of the rows open.
#[derive(Clone, Copy)]
struct Dialogs {
    shared: StoredValue<Option<(Image, String)>>,
    sharing: RwSignal<bool>,
    doomed: StoredValue<Option<Container>>,
    deleting: RwSignal<bool>,
    changed: Callback<()>,
}

/// The table.
#[component]
pub fn Containers(
    /// The containers.
    containers: Vec<Container>,
    /// Called when something was changed.
    changed: Callback<()>,
) -> impl IntoView {
    let dialogs = Dialogs {
        shared: StoredValue::new(None),
        sharing: RwSignal::new(false),
        doomed: StoredValue::new(None),
        deleting: RwSignal::new(false),
        changed,
    };
    let manage = containers.iter().any(|one| one.rights.manage);
    let rows = containers
        .into_iter()
        .map(|container| row(container, dialogs))
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="full">
                <thead>
                    <tr>
                        <th scope="col">"Container"</th>
                        <th scope="col">"Tags"</th>
                        <th scope="col">"Newest image"</th>
                        <th scope="col" class="num">"Size"</th>
                        <th scope="col" class="num">"Downloads"</th>
                        <th scope="col">"Pushed"</th>
                        <th scope="col"><span class="sr-only">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {manage.then(|| view! {
            <ShareDialog shared=dialogs.shared open=dialogs.sharing />
            <DeleteDialog container=dialogs.doomed open=dialogs.deleting then=changed />
        })}
    }
}

fn row(container: Container, dialogs: Dialogs) -> AnyView {
    let newest = container.newest.as_ref();
    let pushed = newest.map(|image| view! { <When at=image.pushed_at /> });
    view! {
        <tr>
            <th scope="row">{container_name(&container, false)}</th>
            <td data-label="Tags">{container_tags(&container)}</td>
            <td data-label="Newest image" class="digest">{newest.map(digest)}</td>
            <td data-label="Size" class="num">{bytes::show(container.size_bytes)}</td>
            <td data-label="Downloads" class="num">{bytes::count(container.downloads)}</td>
            <td data-label="Pushed">{pushed}</td>
            <td class="row-actions">
                {copy_pull(&container)}
                {container.rights.manage.then(|| menu(container, dialogs))}
            </td>
        </tr>
    }
    .into_any()
}

/// The beginning of the digest, and whether the image is signed.
fn digest(image: &Image) -> AnyView {
    let digest = image.digest.clone();
    let short = facts::short(&digest).replacen("@sha256:", "", 1);
    let (collection, container) = (image.collection.clone(), image.container.clone());
    let label = format!("Copy the digest of {container}");
    let href = Route::Image(collection, container, digest.clone()).href();
    view! {
        <a class="mono" href=href title=digest.clone()>{short}</a>
        <CopyButton text=Signal::stored(digest) label />
        {(image.kind == ImageKind::Sif).then(|| view! { <p>{seal(image)}</p> })}
    }
    .into_any()
}

fn menu(container: Container, dialogs: Dialogs) -> AnyView {
    let label = format!("Actions for {}", container.name);
    view! { <ActionMenu label><Entries container dialogs /></ActionMenu> }.into_any()
}

#[component]
fn Entries(container: Container, dialogs: Dialogs) -> impl IntoView {
    let Dialogs {
        shared,
        sharing,
        doomed,
        deleting,
        changed,
    } = dialogs;
    let newest = container.newest.clone();
    let freeze = newest.clone().map(|image| {
        let tags = container.tags.iter();
        let own = tags.filter(|tag| tag.digest == image.digest);
        own.map(|tag| {
            let mut same = container.tags.iter().filter(|one| one.name == tag.name);
            let several = same.nth(1).is_some();
            view! { <Freeze image=image.clone() tag=tag.clone() several changed /> }
        })
        .collect_view()
    });
    let file = newest.filter(|image| image.kind == ImageKind::Sif);
    let share = file.map(|image| {
        let first = container.tags.first().map(|tag| tag.name.clone());
        let tag = first.filter(|tag| image.tags.contains(tag));
        let reference = tag.unwrap_or_else(|| image.digest.clone());
        let press = move |_| {
            shared.set_value(Some((image.clone(), reference.clone())));
            sharing.set(true);
        };
        view! { <button type="button" on:click=press>"Share the newest image…"</button> }
    });
    let delete = move |_| {
        doomed.set_value(Some(container.clone()));
        deleting.set(true);
    };
    view! {
        {share}
        {freeze}
        <button type="button" class="danger-text" on:click=delete>"Delete the container…"</button>
    }
}
