//! A moment: how long ago, with the full time for whoever asks.

use leptos::prelude::*;
use shared_types::Timestamp;

use crate::util::time;

/// How long ago something was.
#[component]
pub fn When(
    /// The moment.
    at: Timestamp,
) -> impl IntoView {
    view! { <time datetime=at.to_string() title=time::full(at)>{time::ago(at, time::now())}</time> }
}
