//! One way to show what the server was asked for: skeleton, data, or error. (An empty list is data; the page invites.)

use leptos::prelude::*;

use super::error::ErrorPanel;
use crate::api::ApiResult;

/// What was asked for, once it is here.
#[component]
pub fn Load<T, F, V>(
    /// The answer.
    resource: LocalResource<ApiResult<T>>,
    /// How many lines the skeleton has: about as high as the data will be, so that nothing jumps.
    #[prop(default = 6)]
    lines: usize,
    /// Shows the data.
    children: F,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    F: Fn(T) -> V + Send + Sync + 'static,
    V: IntoView + 'static,
{
    move || match resource.get() {
        None => view! { <Skeleton lines /> }.into_any(),
        Some(Ok(data)) => children(data).into_any(),
        Some(Err(error)) => {
            view! { <ErrorPanel error retry=move || resource.refetch() /> }.into_any()
        }
    }
}

/// Grey lines where text will be.
#[component]
pub fn Skeleton(lines: usize) -> impl IntoView {
    view! {
        <div class="skeleton" aria-busy="true" aria-label="Loading">
            {(0..lines).map(|_| view! { <div class="skeleton-line"></div> }).collect_view()}
        </div>
    }
}
