//! What a page asks the server for: asked again when what it depends on changes, and when the page says so.
//!
//! Rule: answers are kept without their type, so that the code around them is compiled once and not for each kind of answer.

use std::{fmt, marker::PhantomData};

use leptos::{prelude::*, task::spawn_local};

use crate::api::{ApiResult, Call, Kept, Work};

/// The answer, once it is here. While it is asked for again, the last one stays.
pub struct Asked<T> {
    answer: RwSignal<Option<ApiResult<Kept>>>,
    again: Trigger,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Asked<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Asked<T> {}

impl<T> fmt::Debug for Asked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asked")
    }
}

/// Asks. `call` runs again when a signal changes that it reads.
pub fn ask<T: Send + Sync + 'static>(call: impl Fn() -> Call<T> + 'static) -> Asked<T> {
    let answer = RwSignal::new(None);
    let again = Trigger::new();
    start(answer, again, Box::new(move || call().work()));
    Asked {
        answer,
        again,
        kind: PhantomData,
    }
}

fn start(answer: RwSignal<Option<ApiResult<Kept>>>, again: Trigger, work: Box<dyn Fn() -> Work>) {
    let turn = StoredValue::new(0_u32);
    Effect::new(move || {
        again.track();
        let work = work();
        turn.update_value(|turn| *turn += 1);
        let own = turn.get_value();
        spawn_local(async move {
            let value = work.await;
            // Only the newest question counts, and the page may have been left meanwhile.
            if turn.try_get_value() == Some(own) {
                answer.try_set(Some(value));
            }
        });
    });
}

impl<T: Clone + 'static> Asked<T> {
    /// The answer, once it is here.
    pub fn get(self) -> Option<ApiResult<T>> {
        match self.answer.get()? {
            Ok(kept) => read(&kept).map(Ok),
            Err(error) => Some(Err(error)),
        }
    }
}

impl<T> Asked<T> {
    /// The answer without its type, for what is the same for all of them.
    pub fn kept(self) -> RwSignal<Option<ApiResult<Kept>>> {
        self.answer
    }

    /// Whether there was no answer yet.
    pub fn is_pending(self) -> bool {
        self.answer.with(Option::is_none)
    }

    /// Asks again.
    pub fn refetch(self) {
        self.again.notify();
    }
}

/// The answer in its own type.
pub fn read<T: Clone + 'static>(kept: &Kept) -> Option<T> {
    kept.downcast_ref().cloned()
}
