//! The address: what it says of the page, the way to another page, and back.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate, use_query_map},
};
use send_wrapper::SendWrapper;

use crate::{routes::Route, util::query::Query};

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

/// What the address says of a list: these parts of it.
pub fn use_query(names: &'static [&'static str]) -> Memo<Query> {
    let map = use_query_map();
    Memo::new(move |_| {
        let part = |name: &&'static str| (*name, map.with(|map| map.get(name).unwrap_or_default()));
        Query(names.iter().map(part).collect())
    })
}
