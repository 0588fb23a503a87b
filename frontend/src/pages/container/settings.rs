//! The container as a whole: its description, and its end.

use leptos::prelude::*;
use shared_types::{Container, ContainerChange, names};

use crate::{
    api::{containers, limits::Holder},
    components::{
        act::{Deed, Sure},
        dialog::Dialog,
        field::TextField,
        form::{Attempt, Form, checked, either},
        limits::DownloadLimits,
        menu::ActionMenu,
    },
    routes::Route,
    state::{use_go, use_toasts},
};

/// The menu beside the title, for those who manage the collection.
#[component]
pub fn ContainerMenu(
    /// The container.
    container: Container,
    /// Called when something was changed.
    changed: Callback<()>,
) -> impl IntoView {
    let describing = RwSignal::new(false);
    let deleting = RwSignal::new(false);
    let limiting = RwSignal::new(false);
    let go = use_go();
    let after = Route::Collection(container.collection.clone());
    let leave = Callback::new(move |()| go.run(after.clone()));
    let holder = StoredValue::new(Holder {
        collection: container.collection.clone(),
        container: Some(container.name.clone()),
    });
    view! {
        <ActionMenu label="Actions for this container">
            <button type="button" on:click=move |_| describing.set(true)>"Describe…"</button>
            <button type="button" on:click=move |_| limiting.set(true)>"Limit downloads…"</button>
            <button type="button" class="danger-text" on:click=move |_| deleting.set(true)>"Delete the container…"</button>
        </ActionMenu>
        <DescribeDialog container=container.clone() open=describing changed />
        <Dialog open=limiting title="How many downloads it gives">
            <DownloadLimits holder=holder.get_value() />
            <div class="actions end"><button type="button" class="button" on:click=move |_| limiting.set(false)>"Close"</button></div>
        </Dialog>
        <DeleteDialog container=StoredValue::new(Some(container)) open=deleting then=leave />
    }
}

/// The question before a container goes: a list of containers has one for all of them.
#[component]
pub fn DeleteDialog(
    /// The container, as it is when the dialog opens.
    container: StoredValue<Option<Container>>,
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Called when the container is gone.
    then: Callback<()>,
) -> impl IntoView {
    let sure = move |Container {
                         collection,
                         name,
                         images,
                         ..
                     }: Container| {
        let typed = Some(name.clone());
        let done = format!("Container {name} deleted.");
        let deed = Deed::new(move || containers::delete(&collection, &name), done, then);
        view! { <Sure text=warning(images) label="Delete the container" name=typed deed open=Some(open) /> }
    };
    view! {
        <Dialog open title="Delete this container?">
            {move || container.get_value().map(sure)}
        </Dialog>
    }
}

#[component]
fn DescribeDialog(
    container: Container,
    open: RwSignal<bool>,
    changed: Callback<()>,
) -> impl IntoView {
    let stored = StoredValue::new(container);
    view! {
        <Dialog open title="What this container is for">
            <DescribeForm container=stored.get_value() open changed />
        </Dialog>
    }
}

#[component]
fn DescribeForm(
    container: Container,
    open: RwSignal<bool>,
    changed: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let description = RwSignal::new(container.description);
    let (collection, name) = (container.collection, container.name);
    let submit = move |()| {
        let change = ContainerChange {
            description: Some(description.get_untracked().trim().to_owned()),
            ..ContainerChange::default()
        };
        let (collection, name) = (collection.clone(), name.clone());
        attempt.run(containers::change(&collection, &name, &change), move |_| {
            toasts.good("Description saved.");
            open.set(false);
            changed.run(());
        });
    };
    view! {
        <Form attempt submit label="Save" cancel=open>
            <TextField
                label="Description"
                name="description"
                value=description
                hint="One line; empty for none."
                problem=either(attempt.wrong("description"), checked(description, names::check_description))
            />
        </Form>
    }
}

fn warning(images: u64) -> String {
    match images {
        0 => "It has no images.".to_owned(),
        1 => "Its image and all tags are deleted with it. This cannot be undone.".to_owned(),
        many => {
            format!("Its {many} images and all tags are deleted with it. This cannot be undone.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_warning_says_how_much_goes() {
        assert!(warning(0).contains("no images"));
        assert!(warning(1).starts_with("Its image "));
        assert!(warning(7).starts_with("Its 7 images "));
    }
}
