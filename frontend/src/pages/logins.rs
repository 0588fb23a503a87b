//! The logins of the own account: which there are, connecting more, disconnecting them.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use shared_types::{AccountLogins, ConnectedLogin, LoginConnection, LoginProvider, ProviderKind};

use crate::{
    api::people,
    components::{
        act::{Confirm, Deed},
        dialog::Dialog,
        field::TextField,
        form::{Attempt, Form, FormProblem},
        icon::{Glyph, Icon},
        load::Load,
        signed_in::SignedIn,
        when::When,
    },
    pages::login::{Trouble, problem_of},
    routes::Route,
    state::{ask, use_session, use_toasts},
};

/// Where passwords of this registry are kept, in URLs.
const LOCAL: &str = "local";

/// The logins of the own account.
#[component]
pub fn LoginsPage() -> impl IntoView {
    let map = use_query_map();
    view! {
        <Title text="Logins" />
        <h1>"Logins"</h1>
        <Trouble problem=map.with_untracked(problem_of) />
        <SignedIn why="to see how you can sign in" lines=4 children=|_| view! { <Logins /> } />
    }
    .into_any()
}

#[component]
fn Logins() -> impl IntoView {
    let session = use_session();
    let logins = ask(people::logins);
    let changed = Callback::new(move |()| logins.refetch());
    let show = move |logins: AccountLogins| view! { <Connected logins changed /> }.into_any();
    let others = move || -> Vec<LoginProvider> {
        session.registry().map_or_else(Vec::new, |registry| {
            let others = registry.providers.into_iter();
            others.filter(|provider| provider.id != LOCAL).collect()
        })
    };
    view! {
        <p>"Each of these opens your account. Connect more than one, and you still come in when one of them fails."</p>
        <Load resource=logins lines=4 children=show />
        {move || {
            let others = others();
            (!others.is_empty())
                .then(|| {
                    view! {
                        <h2>"Connect another one"</h2>
                        <div class="actions">
                            {others.into_iter().map(|provider| view! { <Connect provider changed /> }).collect_view()}
                        </div>
                    }
                })
        }}
    }
}

#[component]
fn Connected(logins: AccountLogins, changed: Callback<()>) -> impl IntoView {
    view! {
        <div class="table-wrap">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Login"</th>
                        <th scope="col">"Address"</th>
                        <th scope="col">"Connected"</th>
                        <th scope="col">"Last used"</th>
                        <th scope="col"><span class="sr-only">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>
                    {logins
                        .password
                        .then(|| {
                            view! {
                                <tr>
                                    <th scope="row"><strong>"Password"</strong><p class="quiet">"of this registry"</p></th>
                                    <td></td>
                                    <td></td>
                                    <td></td>
                                    <td><div class="actions end"><a class="button" href=Route::Password.href()>"Change"</a></div></td>
                                </tr>
                            }
                        })}
                    {logins.connected.into_iter().map(|login| view! { <Row login changed /> }).collect_view()}
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(login: ConnectedLogin, changed: Callback<()>) -> impl IntoView {
    let open = RwSignal::new(false);
    let name = format!("{} at {}", login.login, login.label);
    let id = StoredValue::new(login.id);
    let deed = Deed::new(
        move || people::disconnect_login(&id.get_value()),
        "Login disconnected.",
        changed,
    );
    view! {
        <tr class:off=!login.usable>
            <th scope="row">
                <strong>{login.label.clone()}</strong>
                <p class="quiet">{login.login.clone()}{(!login.usable).then_some(" · not a way to sign in any more")}</p>
            </th>
            <td data-label="Address">{login.email.clone()}{(login.email.is_some() && !login.email_verified).then_some(" (not confirmed)")}</td>
            <td data-label="Connected"><When at=login.connected_at /></td>
            <td data-label="Last used"><When at=login.last_used_at /></td>
            <td>
                <div class="actions end">
                    <button type="button" class="button" aria-label=format!("Disconnect {name}") on:click=move |_| open.set(true)>
                        <Glyph icon=Icon::Trash />
                        "Disconnect"
                    </button>
                </div>
                <Confirm
                    open
                    title=format!("Disconnect {name}?")
                    text="It opens your account no more. The account and everything in it stay."
                    label="Disconnect"
                    deed
                />
            </td>
        </tr>
    }
}

/// A button that connects a login: it leads to the provider's page, or to a form where the provider takes passwords.
#[component]
fn Connect(provider: LoginProvider, changed: Callback<()>) -> impl IntoView {
    let attempt = Attempt::new();
    let open = RwSignal::new(false);
    let form = provider.kind == ProviderKind::Password;
    let label = provider.label.clone();
    let stored = StoredValue::new(provider.id);
    let press = move |_| {
        if form {
            open.set(true);
            return;
        }
        let wanted = LoginConnection {
            provider: stored.get_value(),
            username: None,
            password: None,
            next: Some(Route::Logins.href()),
        };
        attempt.run(people::connect_login(&wanted), move |started| {
            if let Some(url) = started.url {
                // Fails only for an address that is none.
                let _ = window().location().set_href(&url);
            }
        });
    };
    view! {
        <button type="button" class="button" on:click=press aria-busy=move || attempt.busy().get().to_string()>{label.clone()}</button>
        {(!form).then(|| view! { <FormProblem attempt /> })}
        {form.then(|| view! { <ConnectDialog id=stored.get_value() label open changed /> })}
    }
}

#[component]
fn ConnectDialog(
    id: String,
    label: String,
    open: RwSignal<bool>,
    changed: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let username = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let stored = StoredValue::new(id);
    let submit = move |()| {
        let wanted = LoginConnection {
            provider: stored.get_value(),
            username: Some(username.get_untracked()),
            password: Some(password.get_untracked()),
            next: None,
        };
        attempt.run(people::connect_login(&wanted), move |_| {
            open.set(false);
            password.set(String::new());
            toasts.good("Login connected.");
            changed.run(());
        });
    };
    view! {
        <Dialog open title=format!("Connect {label}")>
            <Form attempt submit label="Connect" cancel=open>
                <TextField label="User name" name="login-username" value=username autocomplete="username" problem=attempt.wrong("username") required=true />
                <TextField
                    label="Password"
                    name="login-password"
                    kind="password"
                    value=password
                    autocomplete="current-password"
                    problem=attempt.wrong("password")
                    required=true
                />
            </Form>
        </Dialog>
    }
}
