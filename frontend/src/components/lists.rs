//! Lists that several pages show: containers and collections as calm tables.

use leptos::prelude::*;
use shared_types::{Collection, Container, ImageKind};

use super::{
    copy::CopyButton,
    icon::{Glyph, Icon},
    when::When,
};
use crate::{
    components::command::Target,
    routes::Route,
    state::{choice::use_client, use_session},
    util::{bytes, html::Html, time},
};

/// Containers of several collections. Each row names the newest tags and copies the pull command.
#[component]
pub fn ContainerTable(
    /// The containers.
    containers: Vec<Container>,
) -> impl IntoView {
    let rows = containers.into_iter().map(|container| {
        view! {
            <tr>
                <th scope="row">{container_name(&container, true)}</th>
                <td data-label="Tags">{container_tags(&container)}</td>
                <td data-label="Size" class="num">{bytes::show(container.size_bytes)}</td>
                <td data-label="Downloads" class="num">{bytes::count(container.downloads)}</td>
                <td data-label="Changed"><When at=container.updated_at /></td>
                <td>{copy_pull(&container)}</td>
            </tr>
        }
    });
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
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}

/// What a container is called and what it is.
pub fn container_name(container: &Container, with_collection: bool) -> AnyView {
    let href = Route::Container(container.collection.clone(), container.name.clone()).href();
    let newest = container.newest.as_ref();
    let oci = newest.is_some_and(|image| image.kind == ImageKind::Oci);
    view! {
        <a class="mono" href=href>
            {with_collection.then(|| format!("{}/", container.collection))}
            <strong>{container.name.clone()}</strong>
        </a>
        {oci.then(|| view! { <span class="badge oci">"OCI"</span> })}
        {container.private.then(|| view! { <span class="badge private"><Glyph icon=Icon::Lock />"private"</span> })}
        <p class="quiet">{container.description.clone()}</p>
    }
    .into_any()
}

/// The tags that moved last, those that are frozen marked; and the architectures, where there are several.
pub fn container_tags(container: &Container) -> AnyView {
    let mut names: Vec<&str> = Vec::new();
    let mut arches: Vec<&str> = Vec::new();
    for tag in &container.tags {
        if !names.contains(&tag.name.as_str()) {
            names.push(&tag.name);
        }
        if !tag.arch.is_empty() && !arches.contains(&tag.arch.as_str()) {
            arches.push(&tag.arch);
        }
    }
    let more = names.len().saturating_sub(4);
    names.truncate(4);
    arches.sort_unstable();
    let arches = (arches.len() > 1).then(|| arches.join(", "));
    let links = names.into_iter().map(|name| {
        let mut same = container.tags.iter().filter(|tag| tag.name == name);
        let frozen = same.any(|tag| tag.frozen);
        let mark = frozen
            .then(|| view! { <Glyph icon=Icon::Frozen /><span class="sr-only">"frozen"</span> });
        let (collection, container) = (container.collection.clone(), container.name.clone());
        let href = Route::Image(collection, container, name.to_owned()).href();
        view! { <a class="badge tag" class:frozen=frozen href=href>{mark}{name.to_owned()}</a> }
    });
    view! {
        <div class="badges">
            {links.collect_view()}
            {(more > 0).then(|| view! { <span class="quiet">{format!("+{more}")}</span> })}
            {arches.map(|arches| view! { <span class="quiet">{arches}</span> })}
        </div>
    }
    .into_any()
}

/// Copies the command that pulls the newest image, for the client that the person uses.
pub fn copy_pull(container: &Container) -> Option<AnyView> {
    let image = container.newest.as_ref()?;
    let tag = container.tags.first();
    let tag = tag.map(|tag| tag.name.as_str()).unwrap_or_default();
    let target = Target::of(container, image, tag);
    let (session, client) = (use_session(), use_client());
    let (label, text) = if image.kind == ImageKind::Oci {
        // What is no SIF is named as its clients name it: with the host, for `docker`, `oras` and `skopeo` alike.
        let name = target.repository();
        let label = format!("Copy the address of {name}");
        let text = Signal::derive(move || {
            let registry = session.registry();
            let url = registry.map(|registry| registry.url).unwrap_or_default();
            let host = url.split_once("://").map_or("", |(_, host)| host);
            format!("{host}/{name}")
        });
        (label, text)
    } else {
        let label = format!("Copy the command that pulls {}", target.uri());
        let text = Signal::derive(move || {
            let registry = session.registry();
            registry.map_or_else(String::new, |registry| {
                let client = target.client(client.0.get(), &registry);
                target.command(client, &registry)
            })
        });
        (label, text)
    };
    Some(view! { <CopyButton text label /> }.into_any())
}

/// Rows that are laid out together: the first at once, the others when they come near the window.
const GROUP: usize = 25;

/// Collections.
#[component]
pub fn CollectionTable(
    /// The collections.
    collections: Vec<Collection>,
) -> impl IntoView {
    let now = time::now();
    let groups = collections.chunks(GROUP).map(|group| {
        let mut rows = Html::default();
        for collection in group {
            collection_row(&mut rows, collection, now);
        }
        let style = format!("--rows:{}", group.len());
        view! { <tbody style=style inner_html=rows.into_string()></tbody> }
    });
    view! {
        <div class="table-wrap long">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Collection"</th>
                        <th scope="col">"Owner"</th>
                        <th scope="col" class="num">"Containers"</th>
                        <th scope="col" class="num">"Size"</th>
                        <th scope="col" class="num">"Downloads"</th>
                        <th scope="col" class="num">"Stars"</th>
                        <th scope="col">"Changed"</th>
                    </tr>
                </thead>
                {groups.collect_view()}
            </table>
        </div>
    }
    .into_any()
}

/// Nothing in a row of collections changes by itself and nothing but links can be pressed, so rows are written as one text: a list of
/// hundreds is there several times sooner than with a node made for each part.
fn collection_row(html: &mut Html, collection: &Collection, now: i64) {
    html.raw("<tr><th scope=\"row\"><a class=\"mono\" href=\"")
        .text(&Route::Collection(collection.name.clone()).href())
        .raw("\"><strong>")
        .text(&collection.name)
        .raw("</strong></a>");
    if collection.private {
        html.raw("<span class=\"badge private\"><svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"")
            .raw(Icon::Lock.path())
            .raw("\"></path></svg>private</span>");
    }
    html.raw("<p class=\"quiet\">")
        .text(&collection.description)
        .raw("</p></th><td data-label=\"Owner\">");
    for (at, owner) in collection.owners.iter().enumerate() {
        html.raw(if at > 0 { ", " } else { "" })
            .raw("<a class=\"person\" href=\"")
            .text(&Route::User(owner.clone()).href())
            .raw("\">")
            .text(owner)
            .raw("</a>");
    }
    html.raw("</td>")
        .raw("<td data-label=\"Containers\" class=\"num\">")
        .text(&bytes::count(collection.containers))
        .raw("</td><td data-label=\"Size\" class=\"num\">")
        .text(&bytes::show(collection.size_bytes))
        .raw("</td><td data-label=\"Downloads\" class=\"num\">")
        .text(&bytes::count(collection.downloads))
        .raw("</td><td data-label=\"Stars\" class=\"num\">")
        .text(&bytes::count(collection.stars))
        .raw("</td><td data-label=\"Changed\"><time datetime=\"")
        .text(&collection.updated_at.to_string())
        .raw("\" title=\"")
        .text(&time::full(collection.updated_at))
        .raw("\">")
        .text(&time::ago(collection.updated_at, now))
        .raw("</time></td></tr>");
}

#[cfg(test)]
mod tests {
    use shared_types::Sample;

    use super::*;

    #[test]
    fn what_people_wrote_stays_text_in_a_row() {
        let mut collection = Collection::sample();
        collection.description = "<img src=x onerror=alert(1)> & \"more\"".to_owned();
        let mut html = Html::default();
        collection_row(&mut html, &collection, 0);
        let html = html.into_string();
        assert!(html.contains("&lt;img src=x onerror=alert(1)&gt; &amp; &quot;more&quot;"));
        assert!(!html.contains("<img"));
    }
}
