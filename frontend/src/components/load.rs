//! One way to show what the server was asked for: skeleton, data, or error. (An empty list is data; the page invites.)

use leptos::prelude::*;

use super::error::ErrorPanel;
use crate::{
    api::{ApiResult, Kept},
    state::asked::{Asked, read},
};

/// What was asked for, once it is here.
#[component]
pub fn Load<T, F, V>(
    /// The answer.
    resource: Asked<T>,
    /// How many lines the skeleton has: about as high as the data will be, so that nothing jumps.
    #[prop(default = 6)]
    lines: usize,
    /// Shows the data.
    children: F,
) -> impl IntoView
where
    T: Clone + 'static,
    F: Fn(T) -> V + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let again = Callback::new(move |()| resource.refetch());
    let show = move |kept: &Kept| read(kept).map(|data| children(data).into_any());
    loaded(resource.kept(), lines, again, Box::new(show))
}

type Show = Box<dyn Fn(&Kept) -> Option<AnyView> + Send + Sync>;

fn loaded(
    answer: RwSignal<Option<ApiResult<Kept>>>,
    lines: usize,
    again: Callback<()>,
    show: Show,
) -> AnyView {
    let view = move || match answer.get() {
        None => view! { <Skeleton lines /> }.into_any(),
        Some(Ok(kept)) => show(&kept).into_any(),
        Some(Err(error)) => view! { <ErrorPanel error retry=again /> }.into_any(),
    };
    view.into_any()
}

/// Grey lines where text will be.
#[component]
pub fn Skeleton(lines: usize) -> impl IntoView {
    view! {
        <div class="skeleton" aria-busy="true">
            <span class="sr-only">"Loading"</span>
            {(0..lines).map(|_| view! { <div class="skeleton-line"></div> }).collect_view()}
        </div>
    }
}
