//! One user in the list, with what can be done.

use leptos::prelude::*;
use shared_types::{Role, User, UserChange};

use super::forms::{PasswordDialog, QuotaDialog};
use crate::{
    api::people,
    components::{
        act::{Act, Deed},
        menu::ActionMenu,
        when::When,
    },
    state::use_session,
    util::bytes,
};

/// The row. Nobody changes their own role here: a registry must not lose its last superuser by a slip.
#[component]
pub fn Row(
    /// The user.
    user: User,
    /// Called when something was changed.
    changed: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let own = session
        .account()
        .is_some_and(|account| account.username == user.username);
    let mut about = Vec::new();
    if user.display_name != user.username {
        about.push(user.display_name.clone());
    }
    about.extend(user.email.clone());
    let disabled = user.disabled;
    let limit = user
        .quota_bytes
        .map(|quota| format!(" of {}", bytes::show(quota)));
    view! {
        <tr class:off=disabled>
            <th scope="row">
                <strong class="mono">{user.username.clone()}</strong>
                {user.disabled.then(|| view! { <span class="badge bad">"disabled"</span> })}
                {own.then(|| view! { <span class="badge">"you"</span> })}
                <p>{about.join(" · ")}</p>
            </th>
            <td data-label="Role"><span class="badge" class:good=user.role != Role::User>{user.role.as_str()}</span></td>
            <td data-label="Collections" class="num">{bytes::count(user.collections)}</td>
            <td data-label="Stored" class="num">{bytes::show(user.used_bytes)}<span class="quiet">{limit}</span></td>
            <td data-label="Signed in last">
                {match user.last_login_at {
                    Some(at) => view! { <When at=at /> }.into_any(),
                    None => view! { <span class="quiet">"never"</span> }.into_any(),
                }}
            </td>
            <td><RowMenu user own changed /></td>
        </tr>
    }
}

#[component]
fn RowMenu(user: User, own: bool, changed: Callback<()>) -> impl IntoView {
    let (password, quota) = (RwSignal::new(false), RwSignal::new(false));
    let name = StoredValue::new(user.username.clone());
    let disabled = user.disabled;
    let powers = powers(&user)
        .into_iter()
        .filter(|_| !own)
        .map(|power| {
            let change = power.change;
            let deed = Deed::new(
                move || people::change_user(&name.get_value(), &change),
                power.done,
                changed,
            );
            let class = if power.grave { "danger-text" } else { "" };
            view! { <Act label=power.label deed class /> }
        })
        .collect_view();
    view! {
        <ActionMenu label=format!("Actions for {}", user.username)>
            <button type="button" on:click=move |_| quota.set(true)>"Limit of storage…"</button>
            {(!own && !disabled)
                .then(|| view! { <button type="button" on:click=move |_| password.set(true)>"New password…"</button> })}
            {powers}
        </ActionMenu>
        <PasswordDialog username=user.username.clone() open=password changed />
        <QuotaDialog user open=quota changed />
    }
}

/// Something that a superuser can do to somebody else with one click.
struct Power {
    label: String,
    done: String,
    change: UserChange,
    grave: bool,
}

fn powers(user: &User) -> Vec<Power> {
    let name = &user.username;
    let mut powers: Vec<Power> = Role::ALL
        .iter()
        .filter(|role| **role != user.role)
        .map(|role| Power {
            label: format!("Make {role}"),
            done: format!("{name} is {role} now."),
            change: UserChange {
                role: Some(*role),
                ..UserChange::default()
            },
            grave: false,
        })
        .collect();
    let (label, done) = if user.disabled {
        ("Enable", format!("{name} can sign in again."))
    } else {
        (
            "Disable",
            format!("{name} is disabled: neither password nor tokens work."),
        )
    };
    powers.push(Power {
        label: label.to_owned(),
        done,
        change: UserChange {
            disabled: Some(!user.disabled),
            ..UserChange::default()
        },
        grave: !user.disabled,
    });
    powers
}

#[cfg(test)]
mod tests {
    use shared_types::Sample;

    use super::*;

    #[test]
    fn a_user_is_offered_the_other_roles_and_the_other_state() {
        let mut user = User::sample();
        let labels = |user: &User| {
            powers(user)
                .into_iter()
                .map(|power| power.label)
                .collect::<Vec<_>>()
        };
        assert_eq!(labels(&user), ["Make admin", "Make superuser", "Disable"]);
        user.role = Role::Superuser;
        user.disabled = true;
        assert_eq!(labels(&user), ["Make user", "Make admin", "Enable"]);
        assert_eq!(powers(&user)[2].change.disabled, Some(false));
    }
}
