//! Users, for superusers: find, make, give a role, disable, set a password or a limit.

mod forms;
mod row;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use shared_types::{User, UserPage};

use crate::{
    api::people,
    components::{
        icon::{Glyph, Icon},
        load::{Load, Skeleton},
        pager::Pager,
        robot::Invitation,
    },
    pages::errors::{Forbidden, SignInFirst},
    routes::Route,
    state::{session::SessionState, use_session},
    util::query,
};

/// The list of users.
#[component]
pub fn UsersPage() -> impl IntoView {
    let session = use_session();
    view! {
        <Title text="Users" />
        {move || match session.state() {
            SessionState::Loading => view! { <Skeleton lines=8 /> }.into_any(),
            _ if session.is_superuser() => view! { <Users /> }.into_any(),
            _ if session.is_signed_in() => view! { <Forbidden /> }.into_any(),
            _ => view! { <h1>"Users"</h1><SignInFirst why="as a superuser to manage users" /> }.into_any(),
        }}
    }
    .into_any()
}

fn address(words: &str, name: &str, value: &str) -> String {
    let parts = [("q", words.to_owned()), ("cursor", String::new())];
    query::with(&Route::Users.href(), &parts, name, value)
}

#[component]
fn Users() -> impl IntoView {
    let map = use_query_map();
    let state = Memo::new(move |_| {
        let get = |name| map.with(|map| map.get(name).unwrap_or_default());
        (get("q"), get("cursor"))
    });
    let users = LocalResource::new(move || {
        let (words, cursor) = state.get();
        people::users(&words, &cursor)
    });
    let changed = Callback::new(move |()| users.refetch());
    let making = RwSignal::new(false);
    let show = move |page: UserPage| {
        let (words, cursor) = state.get_untracked();
        if page.items.is_empty() {
            return view! {
                <Invitation title="No user fits">
                    <p>"User names, names and e-mail addresses were searched. " <a href=Route::Users.href()>"Show all users"</a></p>
                </Invitation>
            }
            .into_any();
        }
        let first = (!cursor.is_empty()).then(|| address(&words, "cursor", ""));
        let next = page.next.map(|cursor| address(&words, "cursor", &cursor));
        view! {
            <Table users=page.items changed />
            <Pager total=page.total what="users" first next />
        }
        .into_any()
    };
    view! {
        <div class="page-head">
            <h1>"Users"</h1>
            <button type="button" class="button primary" on:click=move |_| making.set(true)><Glyph icon=Icon::Plus />"New user"</button>
        </div>
        <Find state />
        <Load resource=users lines=8 children=show />
        <forms::NewUserDialog open=making changed />
    }
}

#[component]
fn Find(state: Memo<(String, String)>) -> impl IntoView {
    let words = RwSignal::new(state.get_untracked().0);
    let navigate = use_navigate();
    Effect::new(move || words.set(state.get().0));
    let search = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let href = address("", "q", words.get_untracked().trim());
        navigate(&href, NavigateOptions::default());
    };
    view! {
        <form class="filters" on:submit=search>
            <div class="field">
                <label for="find-users">"Find users"</label>
                <input id="find-users" type="search" autocomplete="off" bind:value=words />
            </div>
            <button type="submit" class="button">"Find"</button>
        </form>
    }
}

#[component]
fn Table(users: Vec<User>, changed: Callback<()>) -> impl IntoView {
    view! {
        <div class="table-wrap">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"User"</th>
                        <th scope="col">"Role"</th>
                        <th scope="col" class="num">"Collections"</th>
                        <th scope="col" class="num">"Stored"</th>
                        <th scope="col">"Signed in last"</th>
                        <th scope="col"><span class="sr-only">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>{users.into_iter().map(|user| view! { <row::Row user changed /> }).collect_view()}</tbody>
            </table>
        </div>
    }
}
