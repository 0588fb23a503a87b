//! What a client needs, filled in for this registry and this person.

use leptos::prelude::*;
use shared_types::Registry;

use super::client::{self, Program, Step};
use crate::{
    components::{copy::CommandBlock, field::Choice},
    state::choice::{Client, use_client},
};

/// The section.
#[component]
pub fn ClientSetup(
    /// The registry.
    registry: Registry,
    /// Who pushes.
    username: String,
    /// The token, where one is shown right now.
    secret: Signal<Option<String>>,
) -> impl IntoView {
    let choice = use_client();
    let program = Memo::new(move |_| match choice.0.get() {
        Client::Apptainer => Program::Apptainer,
        _ => Program::Singularity,
    });
    let steps = move || {
        let token = secret
            .get()
            .unwrap_or_else(|| client::PLACEHOLDER.to_owned());
        client::steps(program.get(), &registry, &username, &token)
    };
    let options = Program::ALL.map(|program| {
        let word = program.command().to_owned();
        (word.clone(), word)
    });
    let choose = move |word: String| {
        choice.choose(if word == Program::Apptainer.command() {
            Client::Apptainer
        } else {
            Client::Singularity
        });
    };
    view! {
        <section id="client" aria-labelledby="client-title">
            <div class="page-head">
                <h2 id="client-title">"What your client needs"</h2>
                <Choice
                    label="Client"
                    name="program"
                    value=Signal::derive(move || program.get().command().to_owned())
                    options=options.to_vec()
                    on_change=choose
                />
            </div>
            <ol class="steps plain">
                {move || steps().into_iter().map(|step| view! { <Shown step /> }).collect_view()}
            </ol>
        </section>
    }
}

#[component]
fn Shown(step: Step) -> impl IntoView {
    let label = format!("Copy: {}", step.title);
    view! {
        <li>
            <h3>{step.title}</h3>
            <p class="quiet">{step.note}</p>
            <CommandBlock text=Signal::stored(step.lines) label=label />
        </li>
    }
}
