//! How many downloads something gives in a week, to look at and to change.

use leptos::prelude::*;
use shared_types::{DownloadLimit, DownloadLimitChange, LimitRule};

use crate::{
    api::limits::{self, Holder},
    components::{
        field::{Choice, TextField},
        form::{Attempt, Form},
        load::Load,
    },
    state::{ask, use_toasts},
    util::{bytes, text, time},
};

/// The form, once the limit is known.
#[component]
pub fn DownloadLimits(
    /// What the limit is for.
    holder: Holder,
) -> impl IntoView {
    let asked = holder.clone();
    let limit = ask(move || limits::get(&asked));
    let changed = Callback::new(move |()| limit.refetch());
    let stored = StoredValue::new(holder);
    view! {
        <Load resource=limit lines=3 children=move |limit| view! { <LimitForm limit holder=stored.get_value() changed /> } />
    }
}

#[component]
fn LimitForm(limit: DownloadLimit, holder: Holder, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let rule = RwSignal::new(limit.rule.as_str().to_owned());
    let number = RwSignal::new(match limit.rule {
        LimitRule::Own => limit.limit.map(|most| most.to_string()).unwrap_or_default(),
        _ => String::new(),
    });
    let own = move || rule.get() == LimitRule::Own.as_str();
    let submit = move |()| {
        let holder = holder.clone();
        let change = request(&rule.get_untracked(), &number.get_untracked());
        attempt.run(limits::set(&holder, &change), move |_| {
            toasts.good("Download limit saved.");
            changed.run(());
        });
    };
    let options = [
        (LimitRule::Default, "As the registry says"),
        (LimitRule::Unlimited, "No limit"),
        (LimitRule::Own, "A number of its own"),
    ];
    view! {
        <Form attempt submit label="Save the limit">
            <p>{used(&limit, time::now())}</p>
            <Choice
                label="Downloads a week"
                name="limit-rule"
                value=rule
                options=options.map(|(rule, text)| (rule.as_str().to_owned(), text.to_owned())).to_vec()
                on_change=move |word| rule.set(word)
            />
            <Show when=own>
                <TextField label="How many" name="limit" value=number hint="From Monday to Sunday, UTC, by whatever client. 0 stops all downloads." problem=attempt.wrong("limit") />
            </Show>
        </Form>
    }
}

fn request(rule: &str, number: &str) -> DownloadLimitChange {
    let rule = LimitRule::ALL
        .iter()
        .copied()
        .find(|one| one.as_str() == rule)
        .unwrap_or(LimitRule::Default);
    let limit = match rule {
        LimitRule::Own => number.trim().parse().ok(),
        _ => None,
    };
    DownloadLimitChange { rule, limit }
}

/// What was used of the limit, in a sentence.
fn used(limit: &DownloadLimit, now: i64) -> String {
    let week = match limit.limit {
        Some(most) => format!(
            "{} of {} this week.",
            bytes::count(limit.used),
            text::counted(most, "downloads")
        ),
        None => format!(
            "{} this week, without a limit.",
            text::counted(limit.used, "downloads")
        ),
    };
    match time::until(limit.resets_at, now) {
        Some(left) => format!("{week} The next week begins {left}."),
        None => week,
    }
}

#[cfg(test)]
mod tests {
    use shared_types::Sample;

    use super::*;

    #[test]
    fn a_number_goes_with_its_rule_only() {
        assert_eq!(request("own", " 12 ").limit, Some(12));
        assert_eq!(request("own", "many").limit, None);
        let change = request("unlimited", "12");
        assert_eq!((change.rule, change.limit), (LimitRule::Unlimited, None));
    }

    #[test]
    fn the_sentence_says_how_much_is_left_and_until_when() {
        let mut limit = DownloadLimit::sample();
        let now = limit.resets_at.unix() - 7200;
        assert_eq!(
            used(&limit, now),
            "42 of 100 downloads this week. The next week begins in 2 hours."
        );
        (limit.limit, limit.used) = (None, 1);
        assert!(used(&limit, now).starts_with("1 download this week, without"));
    }
}
