//! The way to another page, and back.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use send_wrapper::SendWrapper;

use crate::routes::Route;

/// Opens pages, also after a call has come back.
pub fn use_go() -> Callback<Route> {
    let navigate = SendWrapper::new(use_navigate());
    Callback::new(move |route: Route| navigate(&route.href(), NavigateOptions::default()))
}

/// The address of the page that is open, to come back to it.
pub fn use_here() -> Signal<String> {
    let location = use_location();
    Signal::derive(move || {
        let (path, query) = (location.pathname.get(), location.search.get());
        if query.is_empty() {
            path
        } else {
            format!("{path}?{query}")
        }
    })
}
