//! Users, for superusers: find, make, give a role, disable.

use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use shared_types::{NewUser, Role, User, UserChange, UserPage, names};

use crate::{
    api::{ApiError, people},
    components::{
        dialog::Dialog,
        field::{Choice, Submit, TextField},
        icon::{Glyph, Icon},
        load::Load,
        pager::Pager,
        robot::Invitation,
        when::When,
    },
    pages::errors::SignInFirst,
    routes::Route,
    state::{use_session, use_toasts},
    util::{bytes, query},
};

/// The list of users.
#[component]
pub fn UsersPage() -> impl IntoView {
    let session = use_session();
    view! {
        <Title text="Users" />
        {move || {
            if session.is_signed_in() {
                view! { <Users /> }.into_any()
            } else {
                view! { <h1>"Users"</h1><SignInFirst why="as a superuser to manage users" /> }.into_any()
            }
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
        <NewUserDialog open=making changed />
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
                <tbody>{users.into_iter().map(|user| view! { <Row user changed /> }).collect_view()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(user: User, changed: Callback<()>) -> impl IntoView {
    let session = use_session();
    let own = session
        .account()
        .is_some_and(|account| account.username == user.username);
    let mut about = Vec::new();
    if user.display_name != user.username {
        about.push(user.display_name.clone());
    }
    about.extend(user.email.clone());
    view! {
        <tr>
            <th scope="row">
                <strong class="mono">{user.username.clone()}</strong>
                {user.disabled.then(|| view! { <span class="badge bad">"disabled"</span> })}
                {own.then(|| view! { <span class="badge">"you"</span> })}
                <p>{about.join(" · ")}</p>
            </th>
            <td data-label="Role"><span class="badge" class:good=user.role != Role::User>{user.role.to_string()}</span></td>
            <td data-label="Collections" class="num">{bytes::count(user.collections)}</td>
            <td data-label="Stored" class="num">{bytes::show(user.used_bytes)}</td>
            <td data-label="Signed in last">
                {match user.last_login_at {
                    Some(at) => view! { <When at=at /> }.into_any(),
                    None => view! { <span class="quiet">"never"</span> }.into_any(),
                }}
            </td>
            <td>{(!own).then(|| view! { <RowMenu user changed /> })}</td>
        </tr>
    }
}

#[component]
fn RowMenu(user: User, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let name = StoredValue::new(user.username.clone());
    let apply = move |change: UserChange, done: String| {
        busy.set(true);
        spawn_local(async move {
            match people::change_user(&name.get_value(), &change).await {
                Ok(_) => {
                    toasts.good(done);
                    changed.run(());
                }
                Err(error) => toasts.error(&error),
            }
            busy.try_set(false);
        });
    };
    let roles = Role::ALL
        .iter()
        .copied()
        .filter(|role| *role != user.role)
        .map(|role| {
            let change = UserChange {
                role: Some(role),
                ..UserChange::default()
            };
            let done = format!("{} is {role} now.", user.username);
            view! {
                <button type="button" disabled=move || busy.get() on:click=move |_| apply(change.clone(), done.clone())>
                    {format!("Make {role}")}
                </button>
            }
        })
        .collect_view();
    let disabled = user.disabled;
    let done = format!(
        "{} {}.",
        user.username,
        if disabled {
            "can sign in again"
        } else {
            "is disabled: neither password nor tokens work"
        }
    );
    let toggle = move |_| {
        let change = UserChange {
            disabled: Some(!disabled),
            ..UserChange::default()
        };
        apply(change, done.clone());
    };
    view! {
        <details class="menu row-menu">
            <summary class="icon-button" aria-label=format!("Actions for {}", user.username)><Glyph icon=Icon::Settings /></summary>
            <div class="menu-list">
                {roles}
                <button type="button" class:danger-text=!disabled disabled=move || busy.get() on:click=toggle>
                    {if disabled { "Enable" } else { "Disable" }}
                </button>
            </div>
        </details>
    }
}

#[component]
fn NewUserDialog(open: RwSignal<bool>, changed: Callback<()>) -> impl IntoView {
    view! {
        <Dialog open title="New user">
            <NewUserForm open changed />
        </Dialog>
    }
}

#[component]
fn NewUserForm(open: RwSignal<bool>, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let username = RwSignal::new(String::new());
    let display = RwSignal::new(String::new());
    let email = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let role = RwSignal::new(Role::User);
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<ApiError>);
    let given = |signal: RwSignal<String>| {
        let text = signal.get_untracked();
        (!text.is_empty()).then_some(text)
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        let user = NewUser {
            username: username.get_untracked(),
            password: given(password),
            display_name: given(display),
            email: given(email),
            role: Some(role.get_untracked()),
        };
        spawn_local(async move {
            match people::new_user(&user).await {
                Ok(made) => {
                    toasts.good(format!("User {} is there.", made.username));
                    open.try_set(false);
                    changed.run(());
                }
                Err(error) => {
                    failure.try_set(Some(error));
                }
            }
            busy.try_set(false);
        });
    };
    let wrong = move |field: &'static str| {
        Signal::derive(move || failure.get().and_then(|error| error.field(field)))
    };
    let general = move || {
        failure.get().and_then(|error| {
            let told = ["username", "password", "display_name", "email"]
                .iter()
                .any(|field| error.field(field).is_some());
            (!told).then(|| error.message())
        })
    };
    let roles = Role::ALL
        .iter()
        .map(|role| (role.to_string(), role.to_string()))
        .collect();
    view! {
        <form class="form" on:submit=submit>
            <TextField label="User name" name="username" value=username problem=wrong("username") required=true />
            <TextField label="Name for people" name="display_name" value=display problem=wrong("display_name") />
            <TextField label="E-mail" name="email" kind="email" value=email problem=wrong("email") />
            <TextField
                label="Password"
                name="password"
                kind="password"
                value=password
                autocomplete="new-password"
                hint=format!("At least {} characters. Without one, the user has tokens only.", names::MIN_PASSWORD)
                problem=wrong("password")
            />
            <Choice
                label="Role"
                name="role"
                value=Signal::derive(move || role.get().to_string())
                options=roles
                on_change=move |word: String| role.set(word.parse().unwrap_or(Role::User))
            />
            <p class="form-problem" role="alert">{general}</p>
            <div class="actions">
                <Submit label="Create the user" busy=busy />
                <button type="button" class="button" on:click=move |_| open.set(false)>"Cancel"</button>
            </div>
        </form>
    }
}
