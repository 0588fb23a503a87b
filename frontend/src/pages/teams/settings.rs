//! The settings of a team: name, description, way in, picture; and its end.

use leptos::prelude::*;
use shared_types::{Team, TeamChange, names};
use web_sys::HtmlInputElement;

use super::{Picture, new::ways};
use crate::{
    api::teams,
    components::{
        act::{Act, Deed, Sure},
        field::{Choice, TextField},
        form::{Attempt, Form, FormProblem, checked, either},
    },
    routes::Route,
    state::{use_go, use_toasts},
};

/// All of them.
#[component]
pub fn Settings(
    /// The team.
    team: Team,
    /// Called when something was changed.
    changed: Callback<()>,
) -> impl IntoView {
    let go = use_go();
    let name = team.name.clone();
    let place = StoredValue::new(name.clone());
    let delete = Deed::new(
        move || teams::delete(&place.get_value()),
        format!("Team {name} deleted."),
        Callback::new(move |()| go.run(Route::Teams)),
    );
    view! {
        <General team=team.clone() changed />
        <PictureSettings team changed />
        <section class="danger-zone" aria-labelledby="danger">
            <h2 id="danger">"Delete this team"</h2>
            <Sure
                text="Nobody loses a right by it: what its people may do in collections stays as it is. This cannot be undone."
                label="Delete the team"
                name=Some(name)
                deed=delete
            />
        </section>
    }
}

#[component]
fn General(team: Team, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let go = use_go();
    let attempt = Attempt::new();
    let name = RwSignal::new(team.name.clone());
    let description = RwSignal::new(team.description);
    let permission = RwSignal::new(team.permission.to_string());
    let old = StoredValue::new(team.name);
    let submit = move |()| {
        let was = old.get_value();
        let wanted = name.get_untracked().trim().to_owned();
        let change = TeamChange {
            name: (wanted != was).then_some(wanted),
            description: Some(description.get_untracked().trim().to_owned()),
            permission: permission.get_untracked().parse().ok(),
        };
        attempt.run(teams::change(&was, &change), move |team| {
            toasts.good("Team saved.");
            if team.name == old.get_value() {
                changed.run(());
            } else {
                go.run(Route::Team(team.name));
            }
        });
    };
    view! {
        <section aria-labelledby="general">
            <h2 id="general">"General"</h2>
            <Form attempt submit label="Save">
                <TextField label="Name" name="name" value=name problem=either(checked(name, names::check_team), attempt.wrong("name")) />
                <TextField label="Description" name="description" value=description hint="One line of who they are." problem=attempt.wrong("description") />
                <Choice label="Way in" name="permission" value=permission options=ways() on_change=move |word| permission.set(word) />
            </Form>
        </section>
    }
}

#[component]
fn PictureSettings(team: Team, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let wrong = attempt.wrong("picture");
    let place = StoredValue::new(team.name.clone());
    let choose = move |event: leptos::ev::Targeted<web_sys::Event, HtmlInputElement>| {
        let input = event.target();
        let Some(file) = input.files().and_then(|files| files.item(0)) else {
            return;
        };
        // The same file can be chosen again after it was refused.
        input.set_value("");
        attempt.run(teams::put_picture(&place.get_value(), &file), move |()| {
            toasts.good("Picture saved.");
            changed.run(());
        });
    };
    let remove = Deed::new(
        move || teams::delete_picture(&place.get_value()),
        "Picture removed.",
        changed,
    );
    let there = team.picture.is_some();
    view! {
        <section aria-labelledby="picture">
            <h2 id="picture">"Picture"</h2>
            <p class="quiet">"PNG, JPEG or WebP, at most 256 KiB and 2048 pixels a side. It is shown as a small square."</p>
            <div class="actions after">
                <Picture path=team.picture name=team.name />
                <span class="pick">
                    <input id="picture-file" type="file" accept="image/png,image/jpeg,image/webp" on:change:target=choose />
                    <label class="button" for="picture-file">"Choose a picture…"</label>
                </span>
                {there.then(|| view! { <Act label="Remove the picture" deed=remove /> })}
            </div>
            <FormProblem attempt />
            <p class="form-problem" role="alert">{move || wrong.get()}</p>
        </section>
    }
}
