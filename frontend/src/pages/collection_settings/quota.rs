//! How much the collection may hold: its owners see it, administrators set it.

use leptos::prelude::*;
use shared_types::{CollectionQuota, CollectionQuotaChange, LimitRule, Role};

use crate::{
    api::limits,
    components::{
        field::{Choice, TextField},
        form::{Attempt, Form, either},
        load::Load,
    },
    state::{ask, use_session, use_toasts},
    util::bytes,
};

/// What is in use, and the form for those who may change it.
#[component]
pub fn Quota(
    /// The collection's name.
    collection: String,
    /// What comes when it was saved; it is read again where nothing else is said.
    #[prop(default = None)]
    saved: Option<Callback<()>>,
) -> impl IntoView {
    let session = use_session();
    let asked = collection.clone();
    let quota = ask(move || limits::quota(&asked));
    let changed = saved.unwrap_or_else(|| Callback::new(move |()| quota.refetch()));
    let name = StoredValue::new(collection);
    let admin = move || {
        session
            .account()
            .is_some_and(|account| account.role >= Role::Admin)
    };
    let show = move |quota: CollectionQuota| {
        let sentence = used(&quota);
        if admin() {
            view! { <QuotaForm quota name=name.get_value() changed sentence /> }.into_any()
        } else {
            view! {
                <p>{sentence}</p>
                <p class="hint">"Administrators can change how much it may hold."</p>
            }
            .into_any()
        }
    };
    view! { <Load resource=quota lines=3 children=show /> }
}

#[component]
fn QuotaForm(
    quota: CollectionQuota,
    name: String,
    changed: Callback<()>,
    sentence: String,
) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let rule = RwSignal::new(quota.rule.as_str().to_owned());
    let size = RwSignal::new(match quota.rule {
        LimitRule::Own => quota.limit_bytes.map(bytes::show).unwrap_or_default(),
        _ => String::new(),
    });
    let own = move || rule.get() == LimitRule::Own.as_str();
    let submit = move |()| {
        let name = name.clone();
        let change = request(&rule.get_untracked(), &size.get_untracked());
        attempt.run(limits::set_quota(&name, &change), move |_| {
            toasts.good("Quota saved.");
            changed.run(());
        });
    };
    let unreadable = Signal::derive(move || {
        (own() && bytes::parse(&size.get()).is_none())
            .then(|| "Write a size, such as 500 MiB or 20 GiB.".to_owned())
    });
    let options = [
        (LimitRule::Default, "As the registry says"),
        (LimitRule::Unlimited, "No quota"),
        (LimitRule::Own, "A size of its own"),
    ];
    view! {
        <Form attempt submit label="Save the quota" disabled=Signal::derive(move || unreadable.get().is_some())>
            <p>{sentence}</p>
            <Choice
                label="It may hold"
                name="quota-rule"
                value=rule
                options=options.map(|(rule, text)| (rule.as_str().to_owned(), text.to_owned())).to_vec()
                on_change=move |word| rule.set(word)
            />
            <Show when=own>
                <TextField
                    label="How much"
                    name="quota"
                    value=size
                    hint="Such as 20 GiB, by whatever client. 0 stops all pushes; what is here stays."
                    problem=either(attempt.wrong("limit_bytes"), unreadable)
                />
            </Show>
        </Form>
    }
}

fn request(rule: &str, size: &str) -> CollectionQuotaChange {
    let rule = LimitRule::ALL
        .iter()
        .copied()
        .find(|one| one.as_str() == rule)
        .unwrap_or(LimitRule::Default);
    let limit_bytes = match rule {
        LimitRule::Own => bytes::parse(size),
        _ => None,
    };
    CollectionQuotaChange { rule, limit_bytes }
}

/// How much of the quota is in use, in a sentence.
fn used(quota: &CollectionQuota) -> String {
    let held = bytes::show(quota.used_bytes);
    match quota.limit_bytes {
        Some(most) => format!("{held} of {} are in use.", bytes::show(most)),
        None => format!("{held} are in use, without a quota of the collection."),
    }
}

#[cfg(test)]
mod tests {
    use shared_types::Sample;

    use super::*;

    #[test]
    fn a_size_goes_with_its_rule_only() {
        assert_eq!(request("own", " 2 GiB ").limit_bytes, Some(2 << 30));
        assert_eq!(request("own", "0").limit_bytes, Some(0));
        assert_eq!(request("own", "a lot").limit_bytes, None);
        let change = request("unlimited", "2 GiB");
        assert_eq!(
            (change.rule, change.limit_bytes),
            (LimitRule::Unlimited, None)
        );
    }

    #[test]
    fn the_sentence_says_how_much_is_in_use() {
        let mut quota = CollectionQuota::sample();
        assert_eq!(used(&quota), "12.0 GiB of 50.0 GiB are in use.");
        quota.limit_bytes = None;
        assert!(used(&quota).contains("without a quota"));
    }
}
