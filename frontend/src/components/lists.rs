//! Lists that several pages show: containers and collections as calm tables.

use leptos::prelude::*;
use shared_types::{Collection, CollectionQuota, Container, ImageKind, LimitRule};

use super::{
    copy::CopyButton,
    icon::{Glyph, Icon},
    people::linked,
    when::When,
};
use crate::{components::command::Target, routes::Route, state::use_session, util::bytes};

/// Containers. Each row names the newest tags and copies the pull address.
#[component]
pub fn ContainerTable(
    /// The containers.
    containers: Vec<Container>,
    /// Whether the rows say which collection they are in.
    #[prop(default = true)]
    with_collection: bool,
) -> impl IntoView {
    view! {
        <div class="table-wrap">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Container"</th>
                        <th scope="col">"Tags"</th>
                        <th scope="col" class="num">"Size"</th>
                        <th scope="col" class="num">"Downloads"</th>
                        <th scope="col">"Changed"</th>
                        <th scope="col"><span class="sr-only">"Copy"</span></th>
                    </tr>
                </thead>
                <tbody>
                    {containers
                        .into_iter()
                        .map(|container| view! { <ContainerRow container with_collection /> })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn ContainerRow(container: Container, with_collection: bool) -> impl IntoView {
    let href = Route::Container(container.collection.clone(), container.name.clone()).href();
    let newest = container
        .tags
        .first()
        .map(|tag| tag.name.clone())
        .unwrap_or_default();
    let oci = container
        .tags
        .first()
        .is_some_and(|tag| tag.kind == ImageKind::Oci);
    let target = Target {
        collection: container.collection.clone(),
        container: container.name.clone(),
        reference: newest.clone(),
        private: container.private,
        ..Target::default()
    };
    let session = use_session();
    // What is no SIF is named as its clients name it: with the host, for `docker`, `oras` and `skopeo` alike.
    let copied = if oci {
        let registry = session
            .registry()
            .map_or_else(String::new, |registry| registry.url);
        let host = registry.split_once("://").map_or("", |(_, host)| host);
        format!(
            "{host}/{}/{}:{newest}",
            container.collection, container.name
        )
    } else {
        format!("singularity pull {}", target.uri())
    };
    let copy = if oci {
        format!("Copy the address {copied}")
    } else {
        format!("Copy the command that pulls {}", target.uri())
    };
    let mut names: Vec<String> = Vec::new();
    for tag in &container.tags {
        if !names.contains(&tag.name) {
            names.push(tag.name.clone());
        }
    }
    let more = names.len().saturating_sub(4);
    names.truncate(4);
    let is_frozen = |name: &str| {
        let mut same = container.tags.iter().filter(|tag| tag.name == name);
        same.any(|tag| tag.frozen)
    };
    let mut arches: Vec<&str> = Vec::new();
    for tag in &container.tags {
        if !tag.arch.is_empty() && !arches.contains(&tag.arch.as_str()) {
            arches.push(&tag.arch);
        }
    }
    arches.sort_unstable();
    let arches = (arches.len() > 1).then(|| arches.join(", "));
    let address = |tag: &str| {
        Route::Image(
            container.collection.clone(),
            container.name.clone(),
            tag.to_owned(),
        )
        .href()
    };
    view! {
        <tr>
            <th scope="row">
                <a class="mono" href=href>
                    {with_collection.then(|| format!("{}/", container.collection))}
                    <strong>{container.name.clone()}</strong>
                </a>
                {oci.then(|| view! { <span class="badge oci">"OCI"</span> })}
                {container.private.then(|| view! { <span class="badge private"><Glyph icon=Icon::Lock />"private"</span> })}
                <p class="quiet">{container.description.clone()}</p>
            </th>
            <td data-label="Tags"><div class="badges">
                {names.iter().map(|tag| {
                    let frozen = is_frozen(tag);
                    let mark = frozen.then(|| view! { <Glyph icon=Icon::Frozen /><span class="sr-only">"frozen"</span> });
                    view! { <a class="badge tag" class:frozen=frozen href=address(tag)>{mark}{tag.clone()}</a> }
                }).collect_view()}
                {(more > 0).then(|| view! { <span class="quiet">{format!("+{more}")}</span> })}
                {arches.map(|arches| view! { <span class="quiet">{arches}</span> })}
            </div></td>
            <td data-label="Size" class="num">{bytes::show(container.size_bytes)}</td>
            <td data-label="Downloads" class="num">{bytes::count(container.downloads)}</td>
            <td data-label="Changed"><When at=container.updated_at /></td>
            <td>
                {(!newest.is_empty()).then(|| view! { <CopyButton text=Signal::stored(copied) label=copy /> })}
            </td>
        </tr>
    }
}

/// Collections.
#[component]
pub fn CollectionTable(
    /// The collections.
    collections: Vec<Collection>,
    /// What administrators can do with one. They see quotas in place of stars.
    #[prop(default = None)]
    menu: Option<Callback<Collection, AnyView>>,
) -> impl IntoView {
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
                        <th scope="col" class="num">{if menu.is_some() { "Quota" } else { "Stars" }}</th>
                        <th scope="col">"Changed"</th>
                        {menu.map(|_| view! { <th scope="col"><span class="sr-only">"Actions"</span></th> })}
                    </tr>
                </thead>
                <tbody>
                    {collections
                        .into_iter()
                        .map(|collection| {
                            let (label, last) = match menu {
                                Some(_) => ("Quota", quota(collection.quota.as_ref())),
                                None => ("Stars", bytes::count(collection.stars)),
                            };
                            let actions = menu.map(|menu| menu.run(collection.clone()));
                            view! {
                                <tr>
                                    <th scope="row">
                                        <a class="mono" href=Route::Collection(collection.name.clone()).href()>
                                            <strong>{collection.name.clone()}</strong>
                                        </a>
                                        {collection.private.then(|| view! { <span class="badge private"><Glyph icon=Icon::Lock />"private"</span> })}
                                        <p class="quiet">{collection.description}</p>
                                    </th>
                                    <td data-label="Owner">{linked(collection.owners)}</td>
                                    <td data-label="Containers" class="num">{bytes::count(collection.containers)}</td>
                                    <td data-label="Size" class="num">{bytes::show(collection.size_bytes)}</td>
                                    <td data-label="Downloads" class="num">{bytes::count(collection.downloads)}</td>
                                    <td data-label=label class="num">{last}</td>
                                    <td data-label="Changed"><When at=collection.updated_at /></td>
                                    {actions.map(|actions| view! { <td>{actions}</td> })}
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
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
