//! The web application of the registry.
//!
//! Rule: a page reads its state from the URL, asks the API, and shows one of four things: a skeleton, the data, an invitation
//! where there is none, or an error that says what to do.

mod api;
mod app;
mod components;
mod pages;
mod routes;
mod state;
mod upload;
mod util;

fn main() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(app::App);
    // What the page showed until now.
    if let Some(shell) = leptos::prelude::document().get_element_by_id("shell") {
        shell.remove();
    }
}
