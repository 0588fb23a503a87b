//! One's own data: to take along, and to have deleted.

use leptos::prelude::*;
use shared_types::{AccountDeletion, AccountDeletionConfirmation};

use crate::{
    api::people,
    components::{
        field::TextField,
        form::{Attempt, Form},
        load::Load,
    },
    routes::Route,
    state::{ask, use_go, use_session, use_toasts},
    util::{bytes, text},
};

/// The section of the profile.
#[component]
pub fn OwnData() -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <section aria-labelledby="own-data">
            <h2 id="own-data">"My data"</h2>
            <p>"Everything that is kept about you, as one file, without secrets."</p>
            <div class="actions after">
                <a class="button" rel="external" download="account.json" href="/api/v1/account/export">"Download my data"</a>
                <button type="button" class="button" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>"Delete my account"</button>
            </div>
            {move || open.get().then(|| view! { <Leave open /> })}
        </section>
    }
}

#[component]
fn Leave(open: RwSignal<bool>) -> impl IntoView {
    let preview = ask(people::deletion);
    view! {
        <div class="panel problem after">
            <Load resource=preview lines=6 children=move |preview| view! { <Shown preview open /> } />
        </div>
    }
}

#[component]
fn Shown(preview: AccountDeletion, open: RwSignal<bool>) -> impl IntoView {
    let going = goes(&preview);
    let kept = "What you pushed stays in its collections, and does not say any more who pushed it.";
    let obstacles = obstacles(&preview);
    view! {
        <h3>"Deleting your account"</h3>
        <p>"This goes at once, and cannot be brought back:"</p>
        <ul>{going.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
        <p>{kept}</p>
        {if preview.possible {
            view! { <Confirmation preview open /> }.into_any()
        } else {
            view! {
                <p><strong>"First, this has to be settled:"</strong></p>
                <ul>{obstacles.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
            }
                .into_any()
        }}
    }
}

#[component]
fn Confirmation(preview: AccountDeletion, open: RwSignal<bool>) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let go = use_go();
    let attempt = Attempt::new();
    let name = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let expected = preview.username.clone();
    let submit = move |()| {
        let sent = AccountDeletionConfirmation {
            username: name.get_untracked().trim().to_owned(),
            password: text::filled(&password.get_untracked()),
        };
        attempt.run(people::leave(&sent), move |()| {
            toasts.good("Your account is deleted.");
            session.renew();
            go.run(Route::Home);
        });
    };
    view! {
        <Form attempt submit label="Delete my account for good" danger=true cancel=open disabled=Signal::derive(move || name.get().trim() != expected)>
            <TextField label=format!("Type “{}” to confirm", preview.username) name="confirm" value=name problem=attempt.wrong("username") />
            {preview.password_required.then(|| view! { <TextField label="Password" name="password" kind="password" autocomplete="current-password" value=password problem=attempt.wrong("password") /> })}
        </Form>
    }
}

/// What goes, line by line.
fn goes(preview: &AccountDeletion) -> Vec<String> {
    let counted = [
        (
            preview.sessions,
            "browser that is signed in",
            "browsers that are signed in",
        ),
        (preview.tokens, "token", "tokens"),
        (
            preview.logins,
            "login at another provider",
            "logins at other providers",
        ),
        (
            preview.collections,
            "membership in a collection",
            "memberships in collections",
        ),
        (preview.share_links, "share link", "share links"),
    ];
    let mut lines = vec!["your name, your address and your password".to_owned()];
    lines.extend(
        counted
            .into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, one, many)| {
                format!(
                    "{} {}",
                    bytes::count(count),
                    if count == 1 { one } else { many }
                )
            }),
    );
    lines.extend(
        preview
            .teams
            .iter()
            .map(|team| format!("the team {team}, which has nobody else")),
    );
    lines
}

/// What stands in the way, line by line.
fn obstacles(preview: &AccountDeletion) -> Vec<String> {
    let mut lines = Vec::new();
    if preview.last_superuser {
        lines.push(
            "Nobody else could look after the registry: make somebody else a superuser.".to_owned(),
        );
    }
    lines.extend(preview.sole_owner_of.iter().map(|name| {
        format!("The collection {name} has no other owner: hand it over, or delete it.")
    }));
    lines.extend(
        preview
            .sole_owner_of_teams
            .iter()
            .map(|name| format!("The team {name} has no other owner: make one, or delete it.")),
    );
    lines
}

#[cfg(test)]
mod tests {
    use shared_types::Sample;

    use super::*;

    #[test]
    fn what_goes_and_what_stands_in_the_way_is_said() {
        let preview = AccountDeletion::sample();
        let going = goes(&preview);
        assert!(
            going.contains(&"2 browsers that are signed in".to_owned()),
            "{going:?}"
        );
        assert!(going.contains(&"1 token".to_owned()), "{going:?}");
        assert!(
            !going.iter().any(|line| line.contains("share link")),
            "{going:?}"
        );
        assert_eq!(
            obstacles(&preview),
            ["The collection climate has no other owner: hand it over, or delete it."]
        );
    }
}
