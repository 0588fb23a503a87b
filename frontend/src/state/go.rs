//! The way to another page.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use send_wrapper::SendWrapper;

use crate::routes::Route;

/// Opens pages, also after a call has come back.
pub fn use_go() -> Callback<Route> {
    let navigate = SendWrapper::new(use_navigate());
    Callback::new(move |route: Route| navigate(&route.href(), NavigateOptions::default()))
}
