//! All collections of the registry, and what administrators do with them without leaving the list.

use leptos::prelude::*;
use shared_types::{Collection, CollectionChange, CollectionPage, CollectionQuota, LimitRule};

use crate::{
    api::collections,
    components::{
        act::{Confirm, Deed},
        dialog::Dialog,
        icon::{Glyph, Icon},
        load::Load,
        menu::ActionMenu,
        pager::Pager,
        people::linked,
        robot::Invitation,
        when::When,
    },
    pages::{
        collection_settings::{Quota, TransferForm, deleted_with},
        collections::{Filters, PARTS, listed},
    },
    routes::Route,
    state::{use_query, use_session},
    util::bytes,
};

/// What is done with a collection.
#[derive(Debug, Clone, Copy)]
enum Deal {
    Quota,
    Visibility,
    Transfer,
    Delete,
}

/// The list.
#[component]
pub fn Collections() -> impl IntoView {
    let state = use_query(&PARTS);
    let list = listed(state);
    let changed = Callback::new(move |()| list.refetch());
    // One dialog for all rows: there may be hundreds.
    let chosen = RwSignal::new(None::<(Deal, Collection)>);
    let path = Route::Admin("collections").href();
    let to = path.clone();
    let show = move |page: CollectionPage| {
        if page.items.is_empty() {
            let all = to.clone();
            return view! {
                <Invitation title="No collection fits">
                    <p>"Names and descriptions were searched. " <a href=all>"Show all collections"</a></p>
                </Invitation>
            }
            .into_any();
        }
        view! {
            <Table collections=page.items chosen />
            <Pager total=page.total what="collections" path=to.clone() state=state.get_untracked() next=page.next />
        }
        .into_any()
    };
    view! {
        <Filters state path whole=true />
        <Load resource=list lines=10 children=show />
        {move || chosen.get().map(|(deal, collection)| asked(deal, collection, changed))}
    }
}

#[component]
fn Table(
    collections: Vec<Collection>,
    chosen: RwSignal<Option<(Deal, Collection)>>,
) -> impl IntoView {
    let rows = collections.into_iter().map(|collection| {
        let href = Route::Collection(collection.name.clone()).href();
        view! {
            <tr>
                <th scope="row">
                    <a class="mono" href=href><strong>{collection.name.clone()}</strong></a>
                    {collection.private.then(|| view! { <span class="badge private"><Glyph icon=Icon::Lock />"private"</span> })}
                    <p class="quiet">{collection.description.clone()}</p>
                </th>
                <td data-label="Owner">{linked(collection.owners.clone())}</td>
                <td data-label="Containers" class="num">{bytes::count(collection.containers)}</td>
                <td data-label="Size" class="num">{bytes::show(collection.size_bytes)}</td>
                <td data-label="Downloads" class="num">{bytes::count(collection.downloads)}</td>
                <td data-label="Quota" class="num">{quota(collection.quota.as_ref())}</td>
                <td data-label="Changed"><When at=collection.updated_at /></td>
                <td><Menu collection chosen /></td>
            </tr>
        }
    });
    view! {
        <div class="table-wrap">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Collection"</th>
                        <th scope="col">"Owner"</th>
                        <th scope="col" class="num">"Containers"</th>
                        <th scope="col" class="num">"Size"</th>
                        <th scope="col" class="num">"Downloads"</th>
                        <th scope="col" class="num">"Quota"</th>
                        <th scope="col">"Changed"</th>
                        <th scope="col"><span class="sr-only">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}

/// How much a collection may hold, and whose rule that is.
fn quota(quota: Option<&CollectionQuota>) -> String {
    let Some(quota) = quota else {
        return String::new();
    };
    let most = quota
        .limit_bytes
        .map_or_else(|| "none".to_owned(), bytes::show);
    match quota.rule {
        LimitRule::Default => format!("{most}, by default"),
        _ => format!("{most}, its own"),
    }
}

#[component]
fn Menu(collection: Collection, chosen: RwSignal<Option<(Deal, Collection)>>) -> impl IntoView {
    let private_only = use_session()
        .registry()
        .is_some_and(|registry| registry.private_only);
    let label = format!("Actions for {}", collection.name);
    let settings = Route::CollectionSettings(collection.name.clone()).href();
    let visibility = if collection.private {
        "Make it public…"
    } else {
        "Make it private…"
    };
    let stored = StoredValue::new(collection);
    let choose = move |deal| chosen.set(Some((deal, stored.get_value())));
    view! {
        <ActionMenu label>
            <button type="button" on:click=move |_| choose(Deal::Quota)>"Quota…"</button>
            {(!private_only)
                .then(|| view! { <button type="button" on:click=move |_| choose(Deal::Visibility)>{visibility}</button> })}
            <button type="button" on:click=move |_| choose(Deal::Transfer)>"Hand it over…"</button>
            <a href=settings>"All settings"</a>
            <button type="button" class="danger-text" on:click=move |_| choose(Deal::Delete)>"Delete it…"</button>
        </ActionMenu>
    }
}

/// The dialog of a deal.
fn asked(deal: Deal, collection: Collection, changed: Callback<()>) -> AnyView {
    let open = RwSignal::new(true);
    let name = collection.name;
    let saved = Callback::new(move |()| {
        open.set(false);
        changed.run(());
    });
    let place = StoredValue::new(name.clone());
    match deal {
        Deal::Quota => view! {
            <Dialog open title=format!("How much {name} may hold")><Quota collection=name.clone() saved=Some(saved) /></Dialog>
        }
        .into_any(),
        Deal::Visibility => {
            let private = !collection.private;
            let (label, text, done) = if private {
                ("Make it private", "Only its people and administrators know that it exists.", "private")
            } else {
                ("Make it public", "Everybody may see it and pull from it, also without an account.", "public")
            };
            let change = CollectionChange {
                private: Some(private),
                ..CollectionChange::default()
            };
            let deed = Deed::new(
                move || collections::change(&place.get_value(), &change),
                format!("{name} is {done} now."),
                changed,
            );
            view! { <Confirm open title=format!("{label}: {name}?") text label danger=false deed /> }.into_any()
        }
        Deal::Transfer => view! {
            <Dialog open title=format!("Hand {name} over")><TransferForm name=name.clone() then=saved cancel=Some(open) /></Dialog>
        }
        .into_any(),
        Deal::Delete => {
            let deed = Deed::new(
                move || collections::delete(&place.get_value()),
                format!("Collection {name} deleted."),
                changed,
            );
            view! {
                <Confirm
                    open
                    title=format!("Delete {name}?")
                    text=deleted_with(collection.containers)
                    label="Delete the collection"
                    name=Some(name)
                    deed
                />
            }
            .into_any()
        }
    }
}

#[cfg(test)]
mod tests {
    use shared_types::Sample;

    use super::*;

    #[test]
    fn a_quota_says_whose_rule_it_is() {
        let mut own = CollectionQuota::sample();
        assert_eq!(quota(Some(&own)), "50.0 GiB, its own");
        (own.rule, own.limit_bytes) = (LimitRule::Default, None);
        assert_eq!(quota(Some(&own)), "none, by default");
        assert_eq!(quota(None), "");
    }
}
