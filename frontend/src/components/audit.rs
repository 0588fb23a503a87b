//! Who did what: the audit log, of a collection or of the whole registry.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use send_wrapper::SendWrapper;
use shared_types::{AuditEntry, AuditPage};

use super::{load::Load, pager::Pager, robot::Invitation, when::When};
use crate::{
    api::audit,
    state::{ask, use_query},
    util::query::{self, Query},
};

/// What the log is narrowed down by: the part of the address, and what it is called.
const FILTERS: [(&str, &str); 3] = [
    ("actor", "Who"),
    ("action", "Did what"),
    ("thing", "To what"),
];

/// The log.
#[component]
pub fn Audit(
    /// Only that of this collection.
    #[prop(default = None)]
    collection: Option<String>,
    /// The address of the page without what changes here.
    path: String,
) -> impl IntoView {
    let state = use_query(&["part", "actor", "action", "thing", "cursor"]);
    let found = ask(move || {
        let now = state.get();
        audit::list(collection.as_deref(), &now)
    });
    let to = path.clone();
    let show = move |page: AuditPage| {
        let now = state.get_untracked();
        if page.items.is_empty() {
            return view! { <Invitation title="Nothing here"><p>"No entry fits. What people and programs change shows up here."</p></Invitation> }.into_any();
        }
        view! {
            <div class="table-wrap">
                <table>
                    <thead><tr>
                        <th scope="col">"When"</th>
                        <th scope="col">"Who"</th>
                        <th scope="col">"Did what"</th>
                        <th scope="col">"To what"</th>
                        <th scope="col">"From where"</th>
                    </tr></thead>
                    <tbody>{page.items.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
            <Pager total=page.total what="entries" path=path.clone() state=now next=page.next />
        }
        .into_any()
    };
    view! {
        <Filters state path=to />
        <Load resource=found lines=12 children=show />
    }
}

#[component]
fn Filters(state: Memo<Query>, path: String) -> impl IntoView {
    let navigate = SendWrapper::new(use_navigate());
    let fields = FILTERS.map(|(name, label)| {
        (
            name,
            label,
            RwSignal::new(state.get_untracked().get(name).to_owned()),
        )
    });
    let search = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let mut parts = vec![("part", state.get_untracked().get("part").to_owned())];
        parts
            .extend(fields.map(|(name, _, value)| (name, value.get_untracked().trim().to_owned())));
        navigate(
            &query::with(&path, &parts, "", ""),
            NavigateOptions::default(),
        );
    };
    view! {
        <form class="filters" on:submit=search>
            {fields
                .map(|(name, label, value)| {
                    view! {
                        <div class="field">
                            <label for=format!("audit-{name}")>{label}</label>
                            <input id=format!("audit-{name}") type="search" autocomplete="off" spellcheck="false" bind:value=value />
                        </div>
                    }
                })
                .into_iter()
                .collect_view()}
            <button type="submit" class="button">"Find"</button>
        </form>
    }
}

fn row(entry: AuditEntry) -> impl IntoView {
    let who = entry.actor.unwrap_or_else(|| "nobody known".to_owned());
    let details: Vec<_> = entry
        .details
        .into_iter()
        .map(|(key, value)| format!("{key}: {value}"))
        .collect();
    let door = entry.door.as_str();
    view! {
        <tr>
            <td data-label="When"><When at=entry.at /></td>
            <td data-label="Who"><bdi>{who}</bdi>{entry.token.map(|token| view! { <p class="quiet">"token "<bdi>{token}</bdi></p> })}</td>
            <td data-label="Did what"><span class="mono">{entry.action.as_str()}</span></td>
            <td data-label="To what">
                <span class="wrap"><bdi>{entry.thing}</bdi></span>
                {(!details.is_empty()).then(|| view! { <p class="quiet wrap">{details.join(", ")}</p> })}
            </td>
            <td data-label="From where"><span class="mono">{entry.address}</span><p class="quiet">{door}</p></td>
        </tr>
    }
}
