//! Buttons that do one thing at once, and questions before what cannot be undone.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};

use super::{
    dialog::Dialog,
    field::TextField,
    form::{Attempt, Form},
};
use crate::{
    api::{Call, Work},
    state::use_toasts,
};

type Run = dyn Fn() -> Work + Send + Sync;

/// A change that a button makes. All have this type, so that buttons and questions are compiled once.
#[derive(Clone)]
pub struct Deed {
    run: Arc<Run>,
    done: String,
    then: Callback<()>,
}

impl Deed {
    /// A call, what is said when it worked, and what comes then, such as reading the page's data again.
    pub fn new<T: Send + Sync + 'static>(
        run: impl Fn() -> Call<T> + Send + Sync + 'static,
        done: impl Into<String>,
        then: Callback<()>,
    ) -> Self {
        Self {
            run: Arc::new(move || run().work()),
            done: done.into(),
            then,
        }
    }
}

/// A button that does something at once: says that it worked, or why not.
#[component]
pub fn Act(
    /// What the button says.
    #[prop(into)]
    label: String,
    /// What it says to those who cannot see what it is beside.
    #[prop(into, optional)]
    about: Option<String>,
    /// What it does.
    deed: Deed,
    /// How it looks; nothing for an entry of a menu.
    #[prop(default = "button")]
    class: &'static str,
) -> impl IntoView {
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let press = move |_| {
        let Deed { run, done, then } = deed.clone();
        busy.set(true);
        spawn_local(async move {
            match run().await {
                Ok(_) => {
                    toasts.good(done);
                    then.run(());
                }
                Err(error) => toasts.error(&error),
            }
            busy.try_set(false);
        });
    };
    view! {
        <button type="button" class=class aria-label=about disabled=move || busy.get() on:click=press>{label}</button>
    }
}

/// A form with one button: what it does, and where much goes with it, a name to type first.
#[component]
pub fn Sure(
    /// What will happen.
    #[prop(into)]
    text: String,
    /// What the button says.
    label: &'static str,
    /// What must be typed before the button works.
    #[prop(default = None)]
    name: Option<String>,
    /// Whether it destroys something.
    #[prop(default = true)]
    danger: bool,
    /// What it does.
    deed: Deed,
    /// The dialog that the form is in.
    #[prop(default = None)]
    open: Option<RwSignal<bool>>,
) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let typed = RwSignal::new(String::new());
    let submit = move |()| {
        let Deed { run, done, then } = deed.clone();
        let done = move |_| {
            toasts.good(done);
            if let Some(open) = open {
                open.set(false);
            }
            then.run(());
        };
        attempt.start(run(), Box::new(done));
    };
    let expected = name.clone();
    let disabled =
        Signal::derive(move || expected.as_ref().is_some_and(|name| *name != typed.get()));
    view! {
        <Form attempt submit label danger disabled cancel=open>
            <p>{text}</p>
            {name.map(|name| view! { <TextField label=format!("Type “{name}” to confirm") name="confirm" value=typed /> })}
        </Form>
    }
}

/// A question in a dialog.
#[component]
pub fn Confirm(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// The question.
    #[prop(into)]
    title: String,
    /// What will happen.
    #[prop(into)]
    text: String,
    /// What the button says.
    label: &'static str,
    /// What must be typed before the button works.
    #[prop(default = None)]
    name: Option<String>,
    /// Whether it destroys something.
    #[prop(default = true)]
    danger: bool,
    /// What it does.
    deed: Deed,
) -> impl IntoView {
    let stored = StoredValue::new((text, name, deed));
    view! {
        <Dialog open title>
            {move || {
                let (text, name, deed) = stored.get_value();
                view! { <Sure text label name danger deed open=Some(open) /> }
            }}
        </Dialog>
    }
}
