//! What every form shares: one try at a time, and what came of the last one.

use leptos::{prelude::*, task::spawn_local};

use super::field::Submit;
use crate::{
    api::{self, ApiError, Call, Kept, Work},
    util::text,
};

/// What comes after a try that worked.
type Done = Box<dyn FnOnce(Kept)>;

/// The tries of one form: whether one is on its way, and why the last one failed.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    busy: RwSignal<bool>,
    failure: RwSignal<Option<ApiError>>,
}

impl Attempt {
    /// Nothing tried yet.
    pub fn new() -> Self {
        Self {
            busy: RwSignal::new(false),
            failure: RwSignal::new(None),
        }
    }

    /// A try is on its way.
    pub fn busy(self) -> Signal<bool> {
        self.busy.into()
    }

    /// What the server says of one field.
    pub fn wrong(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.failure
                .get()
                .and_then(|error| error.field(field))
                .map(|message| text::sentence(&message))
        })
    }

    /// Why the last try failed, where no field of the form tells it.
    fn problem(self) -> Option<String> {
        self.failure.with(|failure| {
            let error = failure.as_ref()?;
            (!error.has_fields()).then(|| text::sentence(&error.message()))
        })
    }

    /// Sends a form; a second press while it is on its way does nothing.
    pub fn run<T: Send + Sync + 'static>(self, call: Call<T>, done: impl FnOnce(T) + 'static) {
        let done = move |kept| {
            if let Some(value) = api::take(kept) {
                done(value);
            }
        };
        self.start(call.work(), Box::new(done));
    }

    /// The same for every form, whatever it sends and gets.
    pub fn start(self, work: Work, done: Done) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            let answer = work.await;
            // The page may have been left meanwhile; then nobody needs the outcome here.
            self.busy.try_set(false);
            match answer {
                Ok(kept) => {
                    self.failure.try_set(None);
                    done(kept);
                }
                Err(error) => drop(self.failure.try_set(Some(error))),
            }
        });
    }
}

/// A form: its fields, why the last try failed, and the button that sends it.
#[component]
pub fn Form(
    /// The form's tries.
    attempt: Attempt,
    /// Sends it.
    #[prop(into)]
    submit: Callback<()>,
    /// What the button says.
    #[prop(into)]
    label: String,
    /// It does something that cannot be undone.
    #[prop(default = false)]
    danger: bool,
    /// It cannot be sent yet.
    #[prop(into, default = Signal::stored(false))]
    disabled: Signal<bool>,
    /// It has several columns.
    #[prop(default = false)]
    wide: bool,
    /// The dialog that the form is in, which can be left.
    #[prop(into, default = None)]
    cancel: Option<RwSignal<bool>>,
    /// The fields.
    children: Children,
) -> impl IntoView {
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        submit.run(());
    };
    let button = view! { <Submit label busy=attempt.busy() danger disabled /> };
    view! {
        <form class="form" class:wide=wide on:submit=send>
            {children()}
            <FormProblem attempt />
            {match cancel {
                None => button.into_any(),
                Some(open) => view! {
                    <div class="actions">
                        {button}
                        <button type="button" class="button" on:click=move |_| open.set(false)>"Cancel"</button>
                    </div>
                }
                .into_any(),
            }}
        </form>
    }
}

/// Why the last try failed, above the button that tries again.
#[component]
pub fn FormProblem(
    /// The form's tries.
    attempt: Attempt,
) -> impl IntoView {
    view! {
        <p class="form-problem" role="alert">
            {move || attempt.problem()}
        </p>
    }
}

/// What a check in the browser says of a text, once something was typed.
pub fn checked(
    value: RwSignal<String>,
    check: fn(&str) -> Result<(), String>,
) -> Signal<Option<String>> {
    Signal::derive(move || {
        value.with(|value| {
            if value.is_empty() {
                return None;
            }
            check(value).err().map(|message| text::sentence(&message))
        })
    })
}

/// The first that has something to say.
pub fn either(
    first: Signal<Option<String>>,
    second: Signal<Option<String>>,
) -> Signal<Option<String>> {
    Signal::derive(move || first.get().or_else(|| second.get()))
}
