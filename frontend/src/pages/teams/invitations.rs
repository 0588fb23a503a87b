//! Invitations into a team: a new link, and those that still work.

use leptos::prelude::*;
use shared_types::{IssuedTeamInvitation, NewTeamInvitation, TeamInvitation};

use crate::{
    api::teams,
    components::{
        act::{Act, Deed},
        copy::CopyButton,
        field::{Choice, TextField},
        form::{Attempt, Form},
        load::Load,
        when::When,
    },
    state::ask,
    util::{text, time},
};

/// How long a link works, in hours.
const LIVES: [(&str, &str); 3] = [("24", "1 day"), ("168", "7 days"), ("720", "30 days")];

/// The form or the link just made, and the links that still work.
#[component]
pub fn Invitations(
    /// The team.
    team: String,
) -> impl IntoView {
    let asked = team.clone();
    let list = ask(move || teams::invitations(&asked));
    let changed = Callback::new(move |()| list.refetch());
    let issued = RwSignal::new(None::<IssuedTeamInvitation>);
    let stored = StoredValue::new(team);
    view! {
        <section aria-labelledby="invite">
            <h2 id="invite">"Invite somebody"</h2>
            <p class="quiet">"A link for one person: whoever opens it and signs in can come into the team. It works once."</p>
            {move || match issued.get() {
                Some(made) => view! { <Fresh made issued /> }.into_any(),
                None => view! { <NewLink team=stored.get_value() issued changed /> }.into_any(),
            }}
        </section>
        <section aria-labelledby="live">
            <h2 id="live">"Links that work"</h2>
            <Load
                resource=list
                lines=2
                children=move |page| {
                    if page.items.is_empty() {
                        return view! { <p class="quiet after">"None. Those that were used, revoked or have ended are not shown."</p> }.into_any();
                    }
                    view! {
                        <ul class="links">
                            {page.items.into_iter().map(|one| view! { <Row one team=stored.get_value() changed /> }).collect_view()}
                        </ul>
                    }
                        .into_any()
                }
            />
        </section>
    }
}

#[component]
fn NewLink(
    team: String,
    issued: RwSignal<Option<IssuedTeamInvitation>>,
    changed: Callback<()>,
) -> impl IntoView {
    let attempt = Attempt::new();
    let life = RwSignal::new("168".to_owned());
    let note = RwSignal::new(String::new());
    let submit = move |()| {
        let new = NewTeamInvitation {
            expires_in_hours: life.get_untracked().parse().ok(),
            note: text::filled(&note.get_untracked()),
        };
        let team = team.clone();
        attempt.run(teams::invite(&team, &new), move |made| {
            issued.set(Some(made));
            changed.run(());
        });
    };
    let lives = LIVES.map(|(word, text)| (word.to_owned(), text.to_owned()));
    view! {
        <Form attempt submit label="Make a link">
            <TextField label="Note (optional)" name="note" value=note hint="Whom it is for; only owners see it." problem=attempt.wrong("note") />
            <Choice label="Works for" name="life" value=life options=lives.to_vec() on_change=move |word| life.set(word) />
        </Form>
    }
}

/// The new link: the only time that it is shown.
#[component]
fn Fresh(
    made: IssuedTeamInvitation,
    issued: RwSignal<Option<IssuedTeamInvitation>>,
) -> impl IntoView {
    view! {
        <div class="issued" role="status">
            <h3>"Here is the link"</h3>
            <p>"Copy it now and send it to one person: it is not shown again."</p>
            <div class="secret"><code>{made.url.clone()}</code><CopyButton text=Signal::stored(made.url) label="Copy the link" /></div>
            <button type="button" class="button" on:click=move |_| issued.set(None)>"Make another"</button>
        </div>
    }
}

#[component]
fn Row(one: TeamInvitation, team: String, changed: Callback<()>) -> impl IntoView {
    let title = if one.note.is_empty() {
        "Without a note".to_owned()
    } else {
        one.note
    };
    let about = format!("Revoke: {title}");
    let place = StoredValue::new((team, one.id));
    let revoke = Deed::new(
        move || {
            let (team, id) = place.get_value();
            teams::revoke(&team, &id)
        },
        "Invitation revoked.",
        changed,
    );
    let left = time::until(one.expires_at, time::now()).unwrap_or_else(|| "now".to_owned());
    view! {
        <li>
            <div>
                <strong><bdi>{title}</bdi></strong>
                <p class="quiet">{format!("ends {left} · made ")}<When at=one.created_at />{one.created_by.map(|user| format!(" by {user}"))}</p>
            </div>
            <Act label="Revoke" about deed=revoke />
        </li>
    }
}
