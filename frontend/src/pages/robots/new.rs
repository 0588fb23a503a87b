//! A new robot.

use leptos::prelude::*;
use shared_types::NewRobot;

use crate::{
    api::robots,
    components::{
        field::TextField,
        form::{Attempt, Form},
    },
    routes::Route,
    state::{use_go, use_toasts},
    util::text,
};

/// The form: of a collection, or of those who run the registry.
#[component]
pub fn NewRobotForm(
    /// The collection that it belongs to and works in.
    collection: Option<String>,
    /// The dialog that the form is in.
    open: RwSignal<bool>,
) -> impl IntoView {
    let toasts = use_toasts();
    let go = use_go();
    let attempt = Attempt::new();
    let name = RwSignal::new(String::new());
    let description = RwSignal::new(String::new());
    let places = RwSignal::new(String::new());
    let alone = collection.is_some();
    let submit = move |()| {
        let new = NewRobot {
            name: name.get_untracked().trim().to_owned(),
            description: text::filled(&description.get_untracked()),
            collection: collection.clone(),
            collections: (!alone).then(|| text::words(&places.get_untracked())),
        };
        attempt.run(robots::create(&new), move |robot| {
            toasts.good(format!("{} is there. Now give it a token.", robot.name));
            open.set(false);
            go.run(Route::Robot(robot.name));
        });
    };
    view! {
        <Form attempt submit label="Create the robot" disabled=Signal::derive(move || name.get().trim().is_empty()) cancel=open>
            <TextField
                label="Name"
                name="robot-name"
                value=name
                required=true
                hint="What it is called after “robot-”: lower case letters, digits, “-”, “_” and “.”."
                problem=attempt.wrong("name")
            />
            <TextField
                label="Description"
                name="robot-description"
                value=description
                hint="One line of what it is for."
                problem=attempt.wrong("description")
            />
            {(!alone).then(|| view! { <Places value=places attempt /> })}
        </Form>
    }
}

/// The collections that a robot of the administrators works in.
#[component]
pub fn Places(
    /// Their names.
    value: RwSignal<String>,
    /// The form.
    attempt: Attempt,
) -> impl IntoView {
    view! {
        <TextField
            label="Collections that it works in"
            name="robot-collections"
            value
            hint="With spaces or commas between them."
            problem=attempt.wrong("collections")
        />
    }
}
