//! What changes a collection as a whole: another name, other hands, its end.

use leptos::prelude::*;
use shared_types::{Role, names};

use crate::{
    api::{collections, members},
    components::{
        act::{Deed, Sure},
        field::TextField,
        form::{Attempt, Form, checked, either},
    },
    routes::Route,
    state::{use_go, use_session, use_toasts},
};

/// All three.
#[component]
pub fn Danger(
    /// The collection.
    name: String,
    /// How many containers go with it.
    containers: u64,
) -> impl IntoView {
    let go = use_go();
    let place = StoredValue::new(name.clone());
    let delete = Deed::new(
        move || collections::delete(&place.get_value()),
        format!("Collection {name} deleted."),
        Callback::new(move |()| go.run(Route::Collections)),
    );
    let home = Route::Collection(name.clone());
    view! {
        <Rename name=name.clone() />
        <section class="danger-zone" aria-labelledby="transfer">
            <h2 id="transfer">"Hand this collection over"</h2>
            <TransferForm name=name.clone() then=Callback::new(move |()| go.run(home.clone())) />
        </section>
        <section class="danger-zone" aria-labelledby="delete">
            <h2 id="delete">"Delete this collection"</h2>
            <Sure text=deleted_with(containers) label="Delete the collection" name=Some(name) deed=delete />
        </section>
    }
}

/// What goes with a collection that is deleted.
pub fn deleted_with(containers: u64) -> String {
    match containers {
        0 => "It is empty.".to_owned(),
        1 => "Its container and all images in it are deleted with it. This cannot be undone."
            .to_owned(),
        many => format!(
            "Its {many} containers and all images in them are deleted with it. This cannot be undone."
        ),
    }
}

#[component]
fn Rename(name: String) -> impl IntoView {
    let toasts = use_toasts();
    let go = use_go();
    let attempt = Attempt::new();
    let new = RwSignal::new(String::new());
    let typed = RwSignal::new(String::new());
    let place = StoredValue::new(name.clone());
    let submit = move |()| {
        let wanted = new.get_untracked().trim().to_owned();
        attempt.run(
            members::rename(&place.get_value(), &wanted),
            move |detail| {
                let name = detail.collection.name;
                toasts.good(format!("The collection is called {name} now."));
                go.run(Route::Collection(name));
            },
        );
    };
    let unsure = Signal::derive(move || {
        new.with(|new| names::check_collection(new.trim()).is_err())
            || place.with_value(|name| *name != typed.get())
    });
    view! {
        <section class="danger-zone" aria-labelledby="rename">
            <h2 id="rename">"Rename this collection"</h2>
            <p>"Its addresses change with it: what was pulled by the old name is found by the new one alone."</p>
            <Form attempt submit label="Rename the collection" danger=true disabled=unsure>
                <TextField
                    label="New name"
                    name="new-name"
                    value=new
                    hint="Lower case letters, digits and single “-”."
                    problem=either(checked(new, names::check_collection), attempt.wrong("name"))
                />
                <TextField label=format!("Type “{name}” to rename it") name="confirm-rename" value=typed />
            </Form>
        </section>
    }
}

/// Who gets a collection. Administrators choose anybody.
#[component]
pub fn TransferForm(
    /// The collection.
    name: String,
    /// What comes then.
    then: Callback<()>,
    /// The dialog that the form is in.
    #[prop(default = None)]
    cancel: Option<RwSignal<bool>>,
) -> impl IntoView {
    let toasts = use_toasts();
    let account = use_session().account();
    let (stay, hint) = if account.is_some_and(|account| account.role >= Role::Admin) {
        ("Its other owners stay.", "Anybody with an account.")
    } else {
        (
            "You stay as a contributor.",
            "Somebody who is in a team with you.",
        )
    };
    let attempt = Attempt::new();
    let user = RwSignal::new(String::new());
    let typed = RwSignal::new(String::new());
    let place = StoredValue::new(name.clone());
    let submit = move |()| {
        let to = user.get_untracked().trim().to_owned();
        let done = format!("The collection belongs to {to} now.");
        attempt.run(members::transfer(&place.get_value(), &to), move |_| {
            toasts.good(done);
            then.run(());
        });
    };
    let unsure = Signal::derive(move || {
        user.with(|user| user.trim().is_empty()) || place.with_value(|name| *name != typed.get())
    });
    view! {
        <p>"The other person owns it, and it counts against their limit of storage. "{stay}</p>
        <Form attempt submit label="Hand the collection over" danger=true disabled=unsure cancel>
            <TextField label="User name of the new owner" name="new-owner" value=user hint problem=attempt.wrong("username") />
            <TextField label=format!("Type “{name}” to hand it over") name="confirm-transfer" value=typed />
        </Form>
    }
}
