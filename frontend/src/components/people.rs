//! People and what they are: of a collection, of a team.

use leptos::prelude::*;

use crate::routes::Route;

/// Names of people, each the way to their page.
pub fn linked(names: Vec<String>) -> AnyView {
    let links = names.into_iter().enumerate().map(|(at, name)| {
        let href = Route::User(name.clone()).href();
        view! { {(at > 0).then_some(", ")}<a class="person" href=href>{name}</a> }
    });
    links.collect_view().into_any()
}

/// A page of people, and the way to the next.
#[component]
pub fn PeopleTable(
    /// A row for each.
    rows: AnyView,
    /// Whether the rows have something to press.
    actions: bool,
    /// Where the next page begins, where there is one.
    next: Option<String>,
    /// Where the page shown begins.
    cursor: RwSignal<String>,
) -> impl IntoView {
    view! {
        <div class="table-wrap">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Person"</th>
                        <th scope="col">"Role"</th>
                        <th scope="col">"Since"</th>
                        {actions.then(|| view! { <th scope="col"><span class="sr-only">"Actions"</span></th> })}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {next.map(|to| view! {
            <div class="pager"><button type="button" class="button" on:click=move |_| cursor.set(to.clone())>"Next page"</button></div>
        })}
    }
}
