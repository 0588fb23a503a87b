//! What those who manage a collection can do with images and tags.

use leptos::prelude::*;
use shared_types::{Image, Tag, TagChange, names};

use crate::{
    api::containers,
    components::{
        act::{Act, Confirm, Deed},
        dialog::Dialog,
        field::TextField,
        form::{Attempt, Form, checked},
        icon::{Glyph, Icon},
        menu::ActionMenu,
    },
    routes::Route,
    state::{use_go, use_toasts},
};

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
    let entries = tags
        .into_iter()
        .map(|tag| view! { <TagEntries image=image.clone() tag changed /> })
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
fn TagEntries(image: Image, tag: Tag, changed: Callback<()>) -> impl IntoView {
    let stored = StoredValue::new((image.clone(), tag.clone()));
    let untag = Deed::new(
        move || {
            let (image, tag) = stored.get_value();
            containers::untag(&image.collection, &image.container, &tag.name, &tag.arch)
        },
        format!("Tag {} removed; the image stays.", tag.name),
        changed,
    );
    view! {
        <Freeze image tag=tag.clone() changed />
        {(!tag.frozen).then(|| view! { <Act label=format!("Remove tag {}", tag.name) deed=untag class="" /> })}
    }
}

/// The entry of a menu that freezes a tag, or takes that back.
#[component]
pub fn Freeze(
    /// The image that the tag points at.
    image: Image,
    /// The tag.
    tag: Tag,
    /// Whether the entry says for which architecture the tag is.
    #[prop(default = false)]
    several: bool,
    /// Called when it was done.
    changed: Callback<()>,
) -> impl IntoView {
    let (verb, done) = if tag.frozen {
        ("Unfreeze", "is no longer frozen")
    } else {
        ("Freeze", "is frozen")
    };
    let mut label = format!("{verb} tag {}", tag.name);
    if several {
        label = format!("{label} for {}", tag.arch);
    }
    let done = format!("Tag {} {done}.", tag.name);
    let freeze = move || {
        let change = TagChange {
            digest: None,
            frozen: Some(!tag.frozen),
        };
        let (collection, container) = (&image.collection, &image.container);
        containers::put_tag(collection, container, &tag.name, &tag.arch, &change)
    };
    view! { <Act label deed=Deed::new(freeze, done, changed) class="" /> }
}

#[component]
fn TagDialog(image: Image, open: RwSignal<bool>, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let name = RwSignal::new(String::new());
    let stored = StoredValue::new(image);
    let problem = checked(name, names::check_tag);
    let save = move |()| {
        let (image, tag) = (stored.get_value(), name.get_untracked());
        let change = TagChange {
            digest: Some(image.digest.clone()),
            frozen: None,
        };
        let done = format!("Tag {tag} points at this image.");
        let arch = image.arch.unwrap_or_default();
        let call = containers::put_tag(&image.collection, &image.container, &tag, &arch, &change);
        attempt.run(call, move |_| {
            toasts.good(done);
            open.set(false);
            changed.run(());
        });
    };
    let disabled = Signal::derive(move || name.get().is_empty() || problem.get().is_some());
    view! {
        <Dialog open title="Point a tag at this image">
            <Form attempt submit=save label="Set the tag" disabled=disabled cancel=open>
                <TextField label="Tag" name="tag" value=name problem=problem hint="A tag that exists moves; a new one is made." />
            </Form>
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
    let go = use_go();
    let text = if image.tags.is_empty() {
        "No tag points at it. This cannot be undone.".to_owned()
    } else {
        let tags = image.tags.join(", ");
        format!("These tags go with it: {tags}. This cannot be undone.")
    };
    let stored = StoredValue::new(image);
    let then = Callback::new(move |()| {
        if leave {
            let image = stored.get_value();
            go.run(Route::Container(image.collection, image.container));
        }
        changed.run(());
    });
    let deed = Deed::new(
        move || {
            let image = stored.get_value();
            containers::delete_image(&image.collection, &image.container, &image.digest)
        },
        "Image deleted.",
        then,
    );
    view! { <Confirm open title="Delete this image?" text label="Delete the image" deed /> }
}
