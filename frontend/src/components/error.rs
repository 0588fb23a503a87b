//! What went wrong, and what to do about it.

use leptos::prelude::*;

use super::robot::{Mood, Robot};
use crate::{api::ApiError, routes::Route, state::use_here, util::time};

/// A failed call, in place of its data.
#[component]
pub fn ErrorPanel(
    /// What went wrong.
    error: ApiError,
    /// Asks again.
    #[prop(into)]
    retry: Callback<()>,
) -> impl IntoView {
    let (title, hint) = explain(&error);
    let id = match &error {
        ApiError::Problem {
            problem, status, ..
        } if *status >= 500 => Some(problem.request_id.clone()),
        _ => None,
    };
    let here = use_here().get_untracked();
    let sign_in = (error.status() == 401).then(|| Route::Login(Some(here)).href());
    view! {
        <section class="panel problem" role="alert">
            <Robot mood=Mood::Puzzled />
            <h1>{title}</h1>
            <p>{error.message()}</p>
            <p class="quiet">{hint}</p>
            {id.map(|id| view! { <p class="quiet">"Request id: "<code>{id}</code></p> })}
            <div class="actions">
                {sign_in.map(|href| view! { <a class="button primary" href=href>"Sign in"</a> })}
                <button class="button" on:click=move |_| retry.run(())>"Try again"</button>
                <a class="button" href=Route::Home.href()>"Home"</a>
            </div>
        </section>
    }
}

/// When to come back, as far as the server said.
fn wait(error: &ApiError) -> String {
    match error {
        ApiError::Problem {
            retry_after: Some(seconds),
            ..
        } if *seconds > 90 => format!("Come back in {}.", time::span(f64::from(*seconds))),
        ApiError::Problem {
            retry_after: Some(seconds),
            ..
        } => format!("Come back in {seconds} seconds."),
        _ => "Come back in a moment.".to_owned(),
    }
}

fn explain(error: &ApiError) -> (&'static str, String) {
    match error.status() {
        401 => ("Sign in first", "The session may have ended.".to_owned()),
        403 => ("Not allowed", "An owner of the collection or an administrator can change that.".to_owned()),
        404 => (
            "Not found",
            "It may have been moved or deleted, or it is private and you are not signed in with the right account.".to_owned(),
        ),
        429 => ("Too many requests", wait(error)),
        503 => ("Back in a moment", format!("The registry is being looked after. {}", wait(error))),
        0 => ("No answer", String::new()),
        500.. => ("The registry has a problem", "Tell its administrator the request id.".to_owned()),
        _ => ("That did not work", String::new()),
    }
}
