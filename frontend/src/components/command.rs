//! The command that pulls an image, for the client that the person uses.

use leptos::prelude::*;

use super::copy::CommandBlock;
pub use super::target::{Content, Target};
use crate::state::{
    choice::{Client, use_client},
    use_session,
};

/// The hero of a page: the pull command, with a switch for the client. The choice is remembered.
#[component]
pub fn PullCommand(
    /// The image.
    #[prop(into)]
    target: Signal<Target>,
) -> impl IntoView {
    let choice = use_client();
    let session = use_session();
    let fits = move |client| {
        session
            .registry()
            .is_some_and(|registry| target.with(|target| target.fits(client, &registry)))
    };
    // A remembered client that cannot pull this image gives way to another, for this image only.
    let client = Memo::new(move |_| {
        let (chosen, registry) = (choice.0.get(), session.registry());
        registry.map_or(chosen, |registry| {
            target.with(|target| target.client(chosen, &registry))
        })
    });
    let text = Signal::derive(move || {
        session
            .registry()
            .map(|registry| target.get().command(client.get(), &registry))
            .unwrap_or_default()
    });
    view! {
        <div class="pull">
            <div class="segments" role="group" aria-label="Client">
                {Client::ALL
                    .into_iter()
                    .map(|one| {
                        view! {
                            <Show when=move || fits(one)>
                                <button
                                    type="button"
                                    aria-pressed=move || (client.get() == one).to_string()
                                    on:click=move |_| choice.choose(one)
                                >
                                    {one.label()}
                                </button>
                            </Show>
                        }
                    })
                    .collect_view()}
            </div>
            <CommandBlock text label="Copy the pull command" />
        </div>
    }
}
