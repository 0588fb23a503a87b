//! Numbered, lightly coloured text: definition files and scripts.

use leptos::prelude::*;

use super::copy::CopyButton;
use crate::util::recipe;

/// A text with numbered lines and a button that copies it.
#[component]
pub fn CodeBlock(
    /// The text.
    text: String,
    /// What it is, such as “definition file”.
    name: &'static str,
) -> impl IntoView {
    let lines = recipe::lines(&text);
    view! {
        <div class="code">
            <CopyButton text=Signal::stored(text) label=format!("Copy the {name}") />
            <pre tabindex="0" aria-label=name>
                <code>
                    {lines
                        .into_iter()
                        .map(|pieces| {
                            view! {
                                <span class="code-line">
                                    {pieces
                                        .into_iter()
                                        .map(|(kind, text)| view! { <span class=kind.class()>{text}</span> })
                                        .collect_view()}
                                    "\n"
                                </span>
                            }
                        })
                        .collect_view()}
                </code>
            </pre>
        </div>
    }
}
