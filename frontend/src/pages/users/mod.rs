//! Users, for superusers: find, make, give a role, disable, set a password or a limit.

mod forms;
mod row;

use leptos::prelude::*;
use leptos_meta::Title;
use shared_types::{Account, Role, User, UserPage};

use crate::{
    api::people,
    components::{
        find::Find,
        icon::{Glyph, Icon},
        load::Load,
        pager::Pager,
        robot::Invitation,
        signed_in::SignedIn,
    },
    pages::{admin::AdminTabs, errors::Forbidden},
    routes::Route,
    state::{ask, use_query},
};

/// The list of users.
#[component]
pub fn UsersPage() -> impl IntoView {
    view! {
        <Title text="Users" />
        <SignedIn title="Users" why="as a superuser to manage users" children=|account: Account| match account.role {
            Role::Superuser => view! { <Users /> }.into_any(),
            _ => view! { <Forbidden /> }.into_any(),
        } />
    }
    .into_any()
}

#[component]
fn Users() -> impl IntoView {
    let state = use_query(&["q", "cursor"]);
    let users = ask(move || {
        let now = state.get();
        people::users(now.get("q"), now.get("cursor"))
    });
    let changed = Callback::new(move |()| users.refetch());
    let making = RwSignal::new(false);
    let show = move |page: UserPage| {
        if page.items.is_empty() {
            return view! {
                <Invitation title="No user fits">
                    <p>"User names, names and e-mail addresses were searched. " <a href=Route::Admin("users").href()>"Show all users"</a></p>
                </Invitation>
            }
            .into_any();
        }
        view! {
            <Table users=page.items changed />
            <Pager total=page.total what="users" path=Route::Admin("users").href() state=state.get_untracked() next=page.next />
        }
        .into_any()
    };
    view! {
        <div class="page-head">
            <h1>"Users"</h1>
            <button type="button" class="button primary" on:click=move |_| making.set(true)><Glyph icon=Icon::Plus />"New user"</button>
        </div>
        <AdminTabs current="users" />
        <Find label="Find users" state path=Route::Admin("users").href() />
        <Load resource=users lines=8 children=show />
        <forms::NewUserDialog open=making changed />
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
