//! The people of a collection: owners and contributors.

use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use shared_types::{Candidate, CollectionMember, CollectionRole};

use crate::{
    api::members,
    components::{
        act::{Act, Confirm, Deed},
        load::Load,
        menu::ActionMenu,
        people::{PeopleTable, linked},
        when::When,
    },
    routes::Route,
    state::{ask, use_go, use_session},
};

/// Who is in it; whoever governs it lets others in, gives roles and takes people out.
#[component]
pub fn People(
    /// The collection.
    collection: String,
    /// The person governs it.
    manage: bool,
) -> impl IntoView {
    let asked = collection.clone();
    let cursor = RwSignal::new(String::new());
    let list = ask(move || members::list(&asked, &cursor.get()));
    let again = Callback::new(move |()| list.refetch());
    let stored = StoredValue::new(collection.clone());
    view! {
        <section aria-labelledby="people">
            <h2 id="people">"People"</h2>
            <p class="quiet">"Owners manage, push and delete. Contributors pull, and push where the settings say so."</p>
            <Load
                resource=list
                lines=4
                children=move |page| {
                    let rows = page
                        .items
                        .into_iter()
                        .map(|member| view! { <Row member collection=stored.get_value() manage changed=again /> })
                        .collect_view()
                        .into_any();
                    view! { <PeopleTable rows actions=true next=page.next cursor /> }
                }
            />
        </section>
        {manage.then(|| view! { <LetIn collection changed=again /> })}
    }
}

#[component]
fn Row(
    member: CollectionMember,
    collection: String,
    manage: bool,
    changed: Callback<()>,
) -> impl IntoView {
    let CollectionMember {
        username,
        display_name,
        role,
        since,
    } = member;
    let session = use_session();
    let me = session
        .account()
        .is_some_and(|account| account.username == username);
    let place = StoredValue::new((collection, username.clone()));
    let actions = if me {
        view! { <Leave place=place.get_value() /> }.into_any()
    } else if manage {
        view! { <Menu place=place.get_value() role changed /> }.into_any()
    } else {
        ().into_any()
    };
    view! {
        <tr>
            <th scope="row">
                <bdi><strong>{display_name}</strong></bdi>
                {me.then(|| view! { <span class="badge">"you"</span> })}
                <p class="quiet mono">{linked(vec![username])}</p>
            </th>
            <td data-label="Role"><span class="badge" class:good=role == CollectionRole::Owner>{role.as_str()}</span></td>
            <td data-label="Since"><When at=since /></td>
            <td>{actions}</td>
        </tr>
    }
}

/// Out of a collection, for the person who is signed in.
#[component]
fn Leave(place: (String, String)) -> impl IntoView {
    let go = use_go();
    let open = RwSignal::new(false);
    let title = format!("Leave {}?", place.0);
    let place = StoredValue::new(place);
    let leave = Deed::new(
        move || {
            let (collection, user) = place.get_value();
            members::remove(&collection, &user)
        },
        "You left the collection.",
        Callback::new(move |()| go.run(Route::Collections)),
    );
    view! {
        <div class="actions end"><button type="button" class="button" on:click=move |_| open.set(true)>"Leave"</button></div>
        <Confirm open title text="What you pushed stays. To come back you need an owner who lets you in." label="Leave the collection" danger=false deed=leave />
    }
}

#[component]
fn Menu(place: (String, String), role: CollectionRole, changed: Callback<()>) -> impl IntoView {
    let user = place.1.clone();
    let place = StoredValue::new(place);
    let (other, label) = match role {
        CollectionRole::Owner => (CollectionRole::Contributor, "Make a contributor"),
        CollectionRole::Contributor => (CollectionRole::Owner, "Make an owner"),
    };
    let turn = Deed::new(
        move || {
            let (collection, user) = place.get_value();
            members::put(&collection, &user, other)
        },
        format!("{user} is {other} now."),
        changed,
    );
    let out = Deed::new(
        move || {
            let (collection, user) = place.get_value();
            members::remove(&collection, &user)
        },
        format!("{user} is out of the collection."),
        changed,
    );
    view! {
        <ActionMenu label=format!("Actions for {user}")>
            <Act label deed=turn class="" />
            <Act label="Remove from the collection" deed=out class="danger-text" />
        </ActionMenu>
    }
}

/// Finds people of the own teams and lets them in.
#[component]
fn LetIn(collection: String, changed: Callback<()>) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let words = after_pause(typed);
    let asked = collection.clone();
    let found = ask(move || members::candidates(&asked, words.get().trim()));
    let again = Callback::new(move |()| {
        found.refetch();
        changed.run(());
    });
    let stored = StoredValue::new(collection);
    view! {
        <section aria-labelledby="let-in">
            <h2 id="let-in">"Let somebody in"</h2>
            <p class="quiet">"People who are in a team with you. "<a href=Route::Teams.href()>"Teams"</a></p>
            <div class="filters">
                <div class="field">
                    <label for="candidates">"Find people"</label>
                    <input id="candidates" type="search" autocomplete="off" bind:value=typed />
                </div>
            </div>
            <Load
                resource=found
                lines=3
                children=move |page| {
                    if page.items.is_empty() {
                        return view! { <p class="quiet after">"Nobody. Who shall come in must be in one of your teams first, and is not listed twice."</p> }.into_any();
                    }
                    let more = page.next.is_some().then_some("More people fit; type a part of the name.");
                    view! {
                        <ul class="links">
                            {page.items.into_iter().map(|one| view! { <Found one collection=stored.get_value() changed=again /> }).collect_view()}
                        </ul>
                        {more.map(|more| view! { <p class="quiet after">{more}</p> })}
                    }
                        .into_any()
                }
            />
        </section>
    }
}

#[component]
fn Found(one: Candidate, collection: String, changed: Callback<()>) -> impl IntoView {
    let user = one.username;
    let place = StoredValue::new((collection, user.clone()));
    let put = |role: CollectionRole| {
        Deed::new(
            move || {
                let (collection, user) = place.get_value();
                members::put(&collection, &user, role)
            },
            format!("{user} is {role} now."),
            changed,
        )
    };
    let teams = match one.teams.as_slice() {
        [] => String::new(),
        teams => format!("in {}", teams.join(", ")),
    };
    view! {
        <li>
            <div>
                <p><bdi><strong>{one.display_name}</strong></bdi>" "<span class="mono quiet">{user.clone()}</span></p>
                <p class="quiet">{teams}</p>
            </div>
            <div class="actions">
                <Act label="Contributor" about=format!("Let {user} in as contributor") deed=put(CollectionRole::Contributor) />
                <Act label="Owner" about=format!("Let {user} in as owner") deed=put(CollectionRole::Owner) />
            </div>
        </li>
    }
}

/// What was typed, once typing pauses.
fn after_pause(typed: RwSignal<String>) -> RwSignal<String> {
    let words = RwSignal::new(String::new());
    let pause = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move || {
        let text = typed.get();
        let set = move || drop(words.try_set(text));
        let handle = set_timeout_with_handle(set, Duration::from_millis(200)).ok();
        pause.update_value(|pause| {
            if let Some(before) = std::mem::replace(pause, handle) {
                before.clear();
            }
        });
    });
    words
}
