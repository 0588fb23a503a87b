//! Fields of forms: label, input, hint, and what is wrong with it.

use leptos::prelude::*;

/// A line of text.
#[component]
pub fn TextField(
    /// What to fill in.
    #[prop(into)]
    label: String,
    /// The name for browsers and tests.
    name: &'static str,
    /// The text.
    value: RwSignal<String>,
    /// `text`, `password`, `email`.
    #[prop(default = "text")]
    kind: &'static str,
    /// What browsers may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// What helps to fill it in.
    #[prop(into, default = String::new())]
    hint: String,
    /// What is wrong, if anything.
    #[prop(into, default = Signal::stored(None))]
    problem: Signal<Option<String>>,
    /// It must be filled in.
    #[prop(default = false)]
    required: bool,
) -> impl IntoView {
    let note = format!("{name}-note");
    view! {
        <div class="field" class:wrong=move || problem.get().is_some()>
            <label for=name>{label}</label>
            <input
                id=name
                name=name
                type=kind
                autocomplete=autocomplete
                autocapitalize="off"
                spellcheck="false"
                required=required
                aria-describedby=note.clone()
                aria-invalid=move || problem.get().is_some().to_string()
                bind:value=value
            />
            <p id=note class="note" aria-live="polite">{move || problem.get().unwrap_or_else(|| hint.clone())}</p>
        </div>
    }
}

/// Several lines of text.
#[component]
pub fn TextArea(
    /// What to fill in.
    label: &'static str,
    /// The name for browsers and tests.
    name: &'static str,
    /// The text.
    value: RwSignal<String>,
    /// How high.
    #[prop(default = 8)]
    rows: u32,
    /// What helps to fill it in.
    #[prop(default = "")]
    hint: &'static str,
    /// What is wrong, if anything.
    #[prop(into, default = Signal::stored(None))]
    problem: Signal<Option<String>>,
) -> impl IntoView {
    let note = format!("{name}-note");
    view! {
        <div class="field" class:wrong=move || problem.get().is_some()>
            <label for=name>{label}</label>
            <textarea id=name name=name rows=rows aria-describedby=note.clone() bind:value=value></textarea>
            <p id=note class="note" aria-live="polite">{move || problem.get().unwrap_or_else(|| hint.to_owned())}</p>
        </div>
    }
}

/// One of a few words.
#[component]
pub fn Choice(
    /// What to choose.
    label: &'static str,
    /// The name for browsers and tests.
    name: &'static str,
    /// The chosen word.
    #[prop(into)]
    value: Signal<String>,
    /// The words, and what they are called.
    options: Vec<(String, String)>,
    /// Called with the new word.
    #[prop(into)]
    on_change: Callback<String>,
) -> impl IntoView {
    view! {
        <div class="field choice">
            <label for=name>{label}</label>
            <select id=name name=name on:change:target=move |event| on_change.run(event.target().value()) prop:value=move || value.get()>
                {options
                    .into_iter()
                    .map(|(word, text)| {
                        let chosen = word.clone();
                        view! { <option value=word selected=move || value.get() == chosen>{text}</option> }
                    })
                    .collect_view()}
            </select>
        </div>
    }
}

/// Yes or no.
#[component]
pub fn Toggle(
    /// What it means when it is on.
    #[prop(into)]
    label: String,
    /// The name for browsers and tests.
    name: &'static str,
    /// On or off.
    value: RwSignal<bool>,
    /// What that changes.
    #[prop(default = "")]
    hint: &'static str,
    /// It cannot be changed here.
    #[prop(default = false)]
    locked: bool,
) -> impl IntoView {
    let note = format!("{name}-note");
    view! {
        <div class="field toggle">
            <input
                id=name
                name=name
                type="checkbox"
                disabled=locked
                aria-describedby=note.clone()
                prop:checked=move || value.get()
                on:change:target=move |event| value.set(event.target().checked())
            />
            <label for=name>{label}</label>
            <p id=note class="note">{hint}</p>
        </div>
    }
}

/// The button that sends a form: it tells when it is busy.
#[component]
pub fn Submit(
    /// What it does.
    #[prop(into)]
    label: String,
    /// The form is on its way.
    #[prop(into)]
    busy: Signal<bool>,
    /// It does something that cannot be undone.
    #[prop(default = false)]
    danger: bool,
    /// It cannot be used yet.
    #[prop(into, default = Signal::stored(false))]
    disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <button
            type="submit"
            class="button"
            class:primary=!danger
            class:danger=danger
            aria-busy=move || busy.get().to_string()
            disabled=move || busy.get() || disabled.get()
        >
            {label}
        </button>
    }
}
