//! All collections of the registry, and what administrators do with them without leaving the list.

use leptos::prelude::*;
use shared_types::{Collection, CollectionChange, CollectionPage};

use crate::{
    api::collections,
    components::{
        act::{Confirm, Deed},
        dialog::Dialog,
        lists::CollectionTable,
        load::Load,
        menu::ActionMenu,
        pager::Pager,
        robot::Invitation,
    },
    pages::{
        collection_settings::{Quota, TransferForm, deleted_with},
        collections::{Filters, PARTS, listed},
    },
    routes::Route,
    state::{use_query, use_session},
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
    let menu = Callback::new(move |collection: Collection| {
        view! { <Menu collection chosen /> }.into_any()
    });
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
            <CollectionTable collections=page.items menu=Some(menu) />
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
