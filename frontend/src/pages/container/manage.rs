//! What those who manage a collection can do with images and tags.

use std::future::Future;

use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;
use shared_types::{Image, Tag, TagChange, names};

use crate::{
    api::{ApiResult, containers},
    components::{
        dialog::Dialog,
        field::{Submit, TextField},
        icon::{Glyph, Icon},
        menu::ActionMenu,
    },
    routes::Route,
    state::use_toasts,
};

/// Runs a change: says that it worked and reloads, or says why it did not.
fn run<T: 'static>(
    changed: Callback<()>,
    busy: RwSignal<bool>,
    done: String,
    work: impl Future<Output = ApiResult<T>> + 'static,
) {
    let toasts = use_toasts();
    busy.set(true);
    spawn_local(async move {
        match work.await {
            Ok(_) => {
                toasts.good(done);
                changed.run(());
            }
            Err(error) => toasts.error(&error),
        }
        busy.try_set(false);
    });
}

/// Buttons for the image of the page: delete it.
#[component]
pub fn ImageActions(
    /// The image.
    image: Image,
    /// Called when something was changed.
    changed: Callback<()>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <button type="button" class="button" on:click=move |_| open.set(true)>
            <Glyph icon=Icon::Trash />
            "Delete"
        </button>
        <DeleteDialog image open changed leave=true />
    }
}

/// The menu of a row: tag the image, freeze and remove its tags, delete it.
#[component]
pub fn RowMenu(
    /// The image.
    image: Image,
    /// The tags that point at it.
    tags: Vec<Tag>,
    /// Called when something was changed.
    changed: Callback<()>,
) -> impl IntoView {
    let tagging = RwSignal::new(false);
    let deleting = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let entries = tags
        .into_iter()
        .map(|tag| view! { <TagEntries image=image.clone() tag busy changed /> })
        .collect_view();
    let id = image.digest.get(7..15).unwrap_or_default().to_owned();
    view! {
        <ActionMenu label=format!("Actions for {id}")>
            <button type="button" on:click=move |_| tagging.set(true)>"Point a tag at this image…"</button>
            {entries}
            <button type="button" class="danger-text" on:click=move |_| deleting.set(true)>"Delete this image…"</button>
        </ActionMenu>
        <TagDialog image=image.clone() open=tagging changed />
        <DeleteDialog image open=deleting changed leave=false />
    }
}

#[component]
fn TagEntries(
    image: Image,
    tag: Tag,
    busy: RwSignal<bool>,
    changed: Callback<()>,
) -> impl IntoView {
    let stored = StoredValue::new((image, tag.clone()));
    let freeze = move |_| {
        let (image, tag) = stored.get_value();
        let change = TagChange {
            digest: None,
            frozen: Some(!tag.frozen),
        };
        let done = format!(
            "Tag {} is {}.",
            tag.name,
            if tag.frozen {
                "no longer frozen"
            } else {
                "frozen"
            }
        );
        run(changed, busy, done, async move {
            containers::put_tag(
                &image.collection,
                &image.container,
                &tag.name,
                &tag.arch,
                &change,
            )
            .await
        });
    };
    let untag = move |_| {
        let (image, tag) = stored.get_value();
        run(
            changed,
            busy,
            format!("Tag {} removed; the image stays.", tag.name),
            async move {
                containers::untag(&image.collection, &image.container, &tag.name, &tag.arch).await
            },
        );
    };
    let verb = if tag.frozen { "Unfreeze" } else { "Freeze" };
    view! {
        <button type="button" disabled=move || busy.get() on:click=freeze>{format!("{verb} tag {}", tag.name)}</button>
        {(!tag.frozen).then(|| view! { <button type="button" disabled=move || busy.get() on:click=untag>{format!("Remove tag {}", tag.name)}</button> })}
    }
}

#[component]
fn TagDialog(image: Image, open: RwSignal<bool>, changed: Callback<()>) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let stored = StoredValue::new(image);
    let problem = Signal::derive(move || {
        let name = name.get();
        (!name.is_empty())
            .then(|| names::check_tag(&name).err())
            .flatten()
    });
    let save = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let (image, tag) = (stored.get_value(), name.get_untracked());
        let change = TagChange {
            digest: Some(image.digest.clone()),
            frozen: None,
        };
        open.set(false);
        run(
            changed,
            busy,
            format!("Tag {tag} points at this image."),
            async move {
                let arch = image.arch.clone().unwrap_or_default();
                containers::put_tag(&image.collection, &image.container, &tag, &arch, &change).await
            },
        );
    };
    let disabled = Signal::derive(move || name.get().is_empty() || problem.get().is_some());
    view! {
        <Dialog open title="Point a tag at this image">
            <form class="form" on:submit=save>
                <TextField label="Tag" name="tag" value=name problem=problem hint="A tag that exists moves; a new one is made." />
                <div class="actions">
                    <Submit label="Set the tag" busy=busy disabled=disabled />
                    <button type="button" class="button" on:click=move |_| open.set(false)>"Cancel"</button>
                </div>
            </form>
        </Dialog>
    }
}

#[component]
fn DeleteDialog(
    image: Image,
    open: RwSignal<bool>,
    changed: Callback<()>,
    leave: bool,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let navigate = send_wrapper::SendWrapper::new(use_navigate());
    let tags = image.tags.join(", ");
    let stored = StoredValue::new(image);
    let remove = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        open.set(false);
        let image = stored.get_value();
        let navigate = navigate.clone();
        run(changed, busy, "Image deleted.".to_owned(), async move {
            containers::delete_image(&image.collection, &image.container, &image.digest).await?;
            if leave {
                let href = Route::Container(image.collection, image.container).href();
                navigate(&href, leptos_router::NavigateOptions::default());
            }
            Ok(())
        });
    };
    view! {
        <Dialog open title="Delete this image?">
            <form class="form" on:submit=remove.clone()>
                <p>
                    {if tags.is_empty() {
                        "No tag points at it.".to_owned()
                    } else {
                        format!("These tags go with it: {tags}.")
                    }}
                    " This cannot be undone."
                </p>
                <div class="actions">
                    <Submit label="Delete the image" busy=busy danger=true />
                    <button type="button" class="button" on:click=move |_| open.set(false)>"Cancel"</button>
                </div>
            </form>
        </Dialog>
    }
}
