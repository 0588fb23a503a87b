//! Notices: what has just been done, or why not.

use std::time::Duration;

use leptos::prelude::*;

use crate::api::ApiError;

/// How a notice is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It worked.
    Good,
    /// It did not.
    Bad,
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// Its number.
    pub id: u64,
    /// What it says.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
}

/// The notices on the page.
#[derive(Debug, Clone, Copy)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u64>,
}

impl Toasts {
    /// Provides the notices to all pages.
    pub fn provide() -> Self {
        let toasts = Self {
            list: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
        };
        provide_context(toasts);
        toasts
    }

    /// All that are shown now.
    pub fn list(self) -> Vec<Toast> {
        self.list.get()
    }

    /// Says that something worked; goes by itself.
    pub fn good(self, text: impl Into<String>) {
        let id = self.push(text.into(), Tone::Good);
        set_timeout(move || self.dismiss(id), Duration::from_secs(6));
    }

    /// Says why something did not work; stays until it is dismissed.
    pub fn bad(self, text: impl Into<String>) {
        self.push(text.into(), Tone::Bad);
    }

    /// Says why a call failed.
    pub fn error(self, error: &ApiError) {
        self.bad(error.message());
    }

    /// Takes a notice away.
    pub fn dismiss(self, id: u64) {
        self.list
            .try_update(|list| list.retain(|toast| toast.id != id));
    }

    fn push(self, text: String, tone: Tone) -> u64 {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.list.update(|list| {
            list.retain(|toast| toast.text != text);
            list.push(Toast { id, text, tone });
        });
        id
    }
}

/// The notices that `App` provides.
pub fn use_toasts() -> Toasts {
    use_context().unwrap_or_else(Toasts::provide)
}
