//! The forms about users: a new one, a password, a limit of storage.

use leptos::prelude::*;
use shared_types::{NewUser, Role, User, UserChange, names};

use crate::{
    api::people,
    components::{
        dialog::Dialog,
        field::{Choice, TextField},
        form::{Attempt, Form, checked, either},
    },
    state::use_toasts,
    util::{bytes, text},
};

/// The dialog of a new user.
#[component]
pub fn NewUserDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Called when there is a new user.
    changed: Callback<()>,
) -> impl IntoView {
    view! {
        <Dialog open title="New user">
            <NewUserForm open changed />
        </Dialog>
    }
}

#[component]
fn NewUserForm(open: RwSignal<bool>, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let username = RwSignal::new(String::new());
    let display = RwSignal::new(String::new());
    let email = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let role = RwSignal::new(Role::User);
    let submit = move |()| {
        let password = password.get_untracked();
        let user = NewUser {
            username: username.get_untracked().trim().to_owned(),
            password: (!password.is_empty()).then_some(password),
            display_name: text::filled(&display.get_untracked()),
            email: text::filled(&email.get_untracked()),
            role: Some(role.get_untracked()),
        };
        attempt.run(people::new_user(&user), move |made| {
            toasts.good(format!("User {} is there.", made.username));
            open.set(false);
            changed.run(());
        });
    };
    let roles = Role::ALL
        .iter()
        .map(|role| (role.as_str().to_owned(), role.as_str().to_owned()))
        .collect();
    view! {
        <Form attempt submit label="Create the user" cancel=open>
            <TextField
                label="User name"
                name="username"
                value=username
                hint="Lower case letters, digits, “-”, “_” and “.”."
                problem=either(attempt.wrong("username"), checked(username, names::check_username))
                required=true
            />
            <TextField label="Name for people" name="display_name" value=display problem=attempt.wrong("display_name") />
            <TextField label="E-mail" name="email" kind="email" value=email problem=attempt.wrong("email") />
            <TextField
                label="Password"
                name="password"
                kind="password"
                value=password
                autocomplete="new-password"
                hint=format!("At least {} characters. Without one, the user has tokens only.", names::MIN_PASSWORD)
                problem=either(attempt.wrong("password"), checked(password, names::check_password))
            />
            <Choice
                label="Role"
                name="role"
                value=Signal::derive(move || role.get().to_string())
                options=roles
                on_change=move |word: String| role.set(word.parse().unwrap_or(Role::User))
            />
        </Form>
    }
}

/// The dialog that gives somebody a new password.
#[component]
pub fn PasswordDialog(
    /// Whose password.
    username: String,
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Called when it was set.
    changed: Callback<()>,
) -> impl IntoView {
    let name = username.clone();
    view! {
        <Dialog open title=format!("New password for {username}")>
            <PasswordForm username=name.clone() open changed />
        </Dialog>
    }
}

#[component]
fn PasswordForm(username: String, open: RwSignal<bool>, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let password = RwSignal::new(String::new());
    let submit = move |()| {
        let change = UserChange {
            password: Some(password.get_untracked()),
            ..UserChange::default()
        };
        let (name, done) = (
            username.clone(),
            format!("{username} has a new password and must sign in again."),
        );
        attempt.run(people::change_user(&name, &change), move |_| {
            toasts.good(done);
            open.set(false);
            changed.run(());
        });
    };
    view! {
        <Form attempt submit label="Set the password" cancel=open>
            <TextField
                label="New password"
                name="password"
                kind="password"
                value=password
                autocomplete="new-password"
                hint=format!("At least {} characters. It ends all browser sessions of this user.", names::MIN_PASSWORD)
                problem=either(attempt.wrong("password"), checked(password, names::check_password))
                required=true
            />
        </Form>
    }
}

/// The dialog that limits what somebody may store.
#[component]
pub fn QuotaDialog(
    /// Who.
    user: User,
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Called when it was set.
    changed: Callback<()>,
) -> impl IntoView {
    let stored = StoredValue::new(user.clone());
    view! {
        <Dialog open title=format!("How much {} may store", user.username)>
            <QuotaForm user=stored.get_value() open changed />
        </Dialog>
    }
}

#[component]
fn QuotaForm(user: User, open: RwSignal<bool>, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let used = bytes::show(user.used_bytes);
    let quota = RwSignal::new(user.quota_bytes.map(bytes::show).unwrap_or_default());
    let name = user.username;
    let submit = move |()| {
        let Some(bytes) = limit(&quota.get_untracked()) else {
            return;
        };
        let change = UserChange {
            quota_bytes: Some(bytes),
            ..UserChange::default()
        };
        let (name, done) = (name.clone(), told(&name, bytes));
        attempt.run(people::change_user(&name, &change), move |_| {
            toasts.good(done);
            open.set(false);
            changed.run(());
        });
    };
    let unreadable = Signal::derive(move || {
        limit(&quota.get())
            .is_none()
            .then(|| "Write a size, such as 500 MiB or 20 GiB.".to_owned())
    });
    view! {
        <Form attempt submit label="Set the limit" disabled=Signal::derive(move || unreadable.get().is_some()) cancel=open>
            <TextField
                label="Limit"
                name="quota"
                value=quota
                hint=format!("Such as 20 GiB; empty for the registry's own rule. {used} are stored now.")
                problem=either(attempt.wrong("quota_bytes"), unreadable)
            />
        </Form>
    }
}

/// The limit that a text means: nothing at all removes it, which the API calls 0.
fn limit(text: &str) -> Option<u64> {
    match text.trim() {
        "" => Some(0),
        text => bytes::parse(text),
    }
}

fn told(name: &str, limit: u64) -> String {
    match limit {
        0 => format!("{name} has no limit of their own."),
        limit => format!("{name} may store {}.", bytes::show(limit)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_limit_removes_it() {
        assert_eq!(limit(" "), Some(0));
        assert_eq!(limit("2 GiB"), Some(2 << 30));
        assert_eq!(limit("a lot"), None);
        assert!(told("amy", 0).contains("no limit"));
        assert_eq!(told("amy", 2 << 30), "amy may store 2.00 GiB.");
    }
}
