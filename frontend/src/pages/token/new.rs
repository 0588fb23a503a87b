//! The form that makes a token.

use leptos::prelude::*;
use shared_types::{IssuedToken, NewToken, Role, Scope};

use crate::{
    api::tokens::{self, Keeper},
    components::{
        field::{Choice, TextField},
        form::{Attempt, Form},
    },
    state::use_toasts,
    util::text,
};

/// How long a token can live, in days; the empty word is without end.
const LIVES: [(&str, &str); 4] = [
    ("30", "30 days"),
    ("90", "90 days"),
    ("365", "1 year"),
    ("", "Without end"),
];

/// The form.
#[component]
pub fn NewTokenForm(
    /// Whose token it will be.
    keeper: Keeper,
    /// The person's role: only those who run the registry can make a token for that.
    role: Role,
    /// Called with the new token.
    fresh: Callback<IssuedToken>,
) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let name = RwSignal::new(String::new());
    let scope = RwSignal::new(Scope::Push.as_str().to_owned());
    let life = RwSignal::new("365".to_owned());
    let collections = RwSignal::new(String::new());
    // A robot's tokens work where the robot does.
    let own = keeper == Keeper::Me;
    let offered = scopes(if own { role } else { Role::User });
    let stored = StoredValue::new(keeper);
    let submit = move |()| {
        let token = request(
            &name.get_untracked(),
            &scope.get_untracked(),
            &life.get_untracked(),
            &collections.get_untracked(),
        );
        let keeper = stored.get_value();
        attempt.run(tokens::create(&keeper, &token), move |issued| {
            toasts.good(format!("Token “{}” made.", issued.token.name));
            fresh.run(issued);
        });
    };
    let lives = LIVES.map(|(word, text)| (word.to_owned(), text.to_owned()));
    view! {
        <section class="panel" aria-labelledby="new">
            <h2 id="new">"New token"</h2>
            <Form attempt submit wide=true label="Create the token" disabled=Signal::derive(move || name.get().trim().is_empty())>
                <TextField
                    label="Name"
                    name="name"
                    value=name
                    required=true
                    hint="Where it is used, such as “cluster login node”."
                    problem=attempt.wrong("name")
                />
                <div class="row">
                    <Choice label="What it may do" name="scope" value=scope options=offered on_change=move |word| scope.set(word) />
                    <Choice label="Works for" name="expires" value=life options=lives.to_vec() on_change=move |word| life.set(word) />
                </div>
                {own.then(|| view! {
                    <TextField
                        label="Only for these collections (optional)"
                        name="collections"
                        value=collections
                        hint="With spaces or commas between them. Empty: all that you can use."
                        problem=attempt.wrong("collections")
                    />
                })}
            </Form>
        </section>
    }
}

fn scopes(role: Role) -> Vec<(String, String)> {
    Scope::ALL
        .iter()
        .filter(|scope| **scope != Scope::Admin || role != Role::User)
        .map(|scope| (scope.as_str().to_owned(), meaning(*scope).to_owned()))
        .collect()
}

fn meaning(scope: Scope) -> &'static str {
    match scope {
        Scope::Pull => "Pull: read images",
        Scope::Push => "Push: read and push images",
        Scope::Manage => "Manage: also make, change and delete",
        Scope::Admin => "Admin: everything that you may do",
    }
}

fn request(name: &str, scope: &str, life: &str, collections: &str) -> NewToken {
    let names = text::words(collections);
    NewToken {
        name: name.trim().to_owned(),
        scope: Scope::ALL.iter().copied().find(|one| one.as_str() == scope),
        collections: (!names.is_empty()).then_some(names),
        expires_in_days: life.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_becomes_a_request() {
        let token = request(" laptop ", "pull", "90", "climate, ocean  ,");
        assert_eq!(token.name, "laptop");
        assert_eq!(token.scope, Some(Scope::Pull));
        assert_eq!(token.expires_in_days, Some(90));
        assert_eq!(
            token.collections,
            Some(vec!["climate".to_owned(), "ocean".to_owned()])
        );
        let token = request("laptop", "push", "", "  ");
        assert_eq!((token.expires_in_days, token.collections), (None, None));
    }

    #[test]
    fn every_life_is_a_number_of_days_or_none() {
        for (word, _) in LIVES {
            assert!(word.is_empty() || word.parse::<u32>().is_ok(), "{word}");
        }
    }

    #[test]
    fn only_those_who_run_the_registry_can_make_tokens_for_that() {
        let words = |role| {
            scopes(role)
                .into_iter()
                .map(|(word, _)| word)
                .collect::<Vec<_>>()
        };
        assert_eq!(words(Role::User), ["pull", "push", "manage"]);
        assert_eq!(words(Role::Superuser), ["pull", "push", "manage", "admin"]);
    }
}
