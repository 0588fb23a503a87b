//! A container: how to pull it, what is inside, its versions.

mod facts;
mod follow;
mod inside;
mod manage;
mod oci;
pub mod rows;
mod settings;
pub mod share;
mod signatures;
mod topics;
mod versions;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use shared_types::{Container, ImageDetail, ImageKind, Tag};

use crate::{
    api::{ApiError, Call, containers},
    components::{
        activity::Activity,
        command::{Content, PullCommand, Target},
        copy::{CommandBlock, CopyButton},
        error::ErrorPanel,
        icon::{Glyph, Icon},
        load::{Load, Skeleton},
        robot::Invitation,
    },
    routes::{Route, split_reference},
    state::{ask, use_session},
    util::query,
};

/// Which image of which container a page is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The collection.
    pub collection: String,
    /// The container.
    pub container: String,
    /// Tag or `sha256:…`; the newest tag where absent.
    pub reference: Option<String>,
    /// The architecture that was asked for; empty for any.
    pub arch: String,
}

impl Place {
    /// The address of this page with another tab.
    fn tab(&self, tab: &str) -> String {
        let path = match &self.reference {
            Some(reference) => Route::Image(
                self.collection.clone(),
                self.container.clone(),
                reference.clone(),
            )
            .href(),
            None => Route::Container(self.collection.clone(), self.container.clone()).href(),
        };
        query::with(
            &path,
            &[("arch", self.arch.clone()), ("tab", String::new())],
            "tab",
            tab,
        )
    }
}

/// A container, at one of its images.
#[component]
pub fn ContainerPage() -> impl IntoView {
    let params = use_params_map();
    let map = use_query_map();
    let place = Memo::new(move |_| {
        let segment = params.with(|params| params.get("container").unwrap_or_default());
        let (container, reference) = split_reference(&segment);
        Place {
            collection: params.with(|params| params.get("collection").unwrap_or_default()),
            container,
            reference,
            arch: map.with(|map| map.get("arch").unwrap_or_default()),
        }
    });
    let named =
        Memo::new(move |_| place.with(|place| (place.collection.clone(), place.container.clone())));
    let container = ask(move || {
        let (collection, container) = named.get();
        containers::get(&collection, &container)
    });
    let title = move || place.with(|place| format!("{}/{}", place.collection, place.container));
    let reload = Callback::new(move |()| container.refetch());
    view! {
        <Title text=title />
        <Load resource=container lines=14 children=move |container| view! { <Shown container place reload /> } />
    }
    .into_any()
}

/// The tag that moved last, for the architecture that most people have.
fn newest(container: &Container) -> Option<Tag> {
    let first = container.tags.first()?;
    let usual = container
        .tags
        .iter()
        .find(|tag| tag.name == first.name && tag.arch == "amd64");
    Some(usual.unwrap_or(first).clone())
}

#[component]
fn Shown(container: Container, place: Memo<Place>, reload: Callback<()>) -> impl IntoView {
    let map = use_query_map();
    let tab = Memo::new(move |_| map.with(|map| map.get("tab").unwrap_or_default()));
    let newest = newest(&container);
    let images = container.images;
    let stored = StoredValue::new(container.clone());
    // Without a tag in the address the newest one is shown.
    let reference = Memo::new(move |_| {
        let place = place.get();
        match (place.reference, &newest) {
            (Some(reference), _) => Some((reference, place.arch)),
            (None, Some(tag)) if place.arch.is_empty() => {
                Some((tag.name.clone(), tag.arch.clone()))
            }
            (None, Some(tag)) => Some((tag.name.clone(), place.arch)),
            (None, None) => None,
        }
    });
    let image = ask(move || {
        let place = place.get_untracked();
        match reference.get() {
            Some((reference, arch)) => {
                containers::image(&place.collection, &place.container, &reference, &arch).map(Some)
            }
            None => Call::ready(None),
        }
    });
    let shown = move || {
        reference
            .get_untracked()
            .map(|(reference, _)| reference)
            .unwrap_or_default()
    };
    let changed = Callback::new(move |()| {
        reload.run(());
        image.refetch();
    });
    // What the registry is still reading fills in by itself.
    let fresh = RwSignal::new(None::<ImageDetail>);
    let turn = StoredValue::new(0_u32);
    Effect::new(move || {
        if let Some(Ok(Some(detail))) = image.get() {
            fresh.set(None);
            follow::follow(detail.image, turn, stored, fresh);
        }
    });
    view! {
        <nav class="crumbs" aria-label="Where this is">
            <a href=Route::Collections.href()>"Collections"</a>
            <a class="mono" href=Route::Collection(container.collection.clone()).href()>{container.collection.clone()}</a>
        </nav>
        <div class="page-head">
            <h1 class="mono uri">
                {container.collection.clone()}"/"{container.name.clone()}
                <span class="quiet">{move || reference.get().map(|(reference, _)| facts::short(&reference))}</span>
            </h1>
            {container.private.then(|| view! { <span class="badge private"><Glyph icon=Icon::Lock />"private"</span> })}
            {(container.rights.push || container.rights.manage).then(|| view! {
                <div class="actions">
                    {container.rights.push.then(|| {
                        let href = Route::Upload(container.collection.clone(), Some(container.name.clone())).href();
                        view! { <a class="button" href=href><Glyph icon=Icon::Upload />"Upload"</a> }
                    })}
                    {container.rights.manage.then(|| view! { <settings::ContainerMenu container=container.clone() changed /> })}
                </div>
            })}
        </div>
        {(!container.description.is_empty()).then(|| view! { <p class="lede">{container.description.clone()}</p> })}
        <topics::Topics container=container.clone() changed />
        {(images == 0).then(|| view! { <NoImages container=container.clone() /> })}
        {move || match image.get() {
            None => view! { <Skeleton lines=10 /> }.into_any(),
            Some(Err(error)) => view! { <MissingImage error retry=changed /> }.into_any(),
            Some(Ok(None)) => {
                view! { <versions::Versions container=stored.get_value() changed /> }.into_any()
            }
            Some(Ok(Some(detail))) => {
                let detail = fresh.get().unwrap_or(detail);
                view! { <ImageParts detail container=stored.get_value() shown=shown() place tab changed /> }.into_any()
            }
        }}
    }
}

/// The address names an image that is not there; the container is.
#[component]
fn MissingImage(error: ApiError, retry: Callback<()>) -> impl IntoView {
    view! { <ErrorPanel error retry=retry /> }
}

#[component]
fn NoImages(container: Container) -> impl IntoView {
    let session = use_session();
    let user = session
        .account()
        .map_or_else(|| "you".to_owned(), |account| account.username);
    let command = format!(
        "singularity push -U image.sif library://{user}/{}/{}:1.0",
        container.collection, container.name
    );
    view! {
        <Invitation title="No images yet">
            {container.rights.push.then(|| view! { <CommandBlock text=Signal::stored(command) label="Copy the push command" /> })}
        </Invitation>
    }
}

/// Everything about one image.
#[component]
fn ImageParts(
    detail: ImageDetail,
    container: Container,
    /// The tag or digest that the page is about.
    shown: String,
    place: Memo<Place>,
    tab: Memo<String>,
    changed: Callback<()>,
) -> impl IntoView {
    let image = detail.image.clone();
    let target = Target {
        content: Content::of(&detail),
        ..Target::of(&container, &image, &shown)
    };
    let (uri, shared, target_path) = (target.uri(), target.reference.clone(), target.path());
    let sif = image.kind == ImageKind::Sif;
    let sections = inside::sections(&detail);
    let tabs: Vec<(&'static str, String)> = sections
        .iter()
        .map(|(word, text)| (*word, (*text).to_owned()))
        .chain([
            ("versions", format!("Versions ({})", container.images)),
            ("history", "History".to_owned()),
            ("activity", "Activity".to_owned()),
        ])
        .collect();
    let first = tabs.first().map(|(word, _)| *word).unwrap_or_default();
    let current = Memo::new(move |_| {
        let asked = tab.get();
        if asked.is_empty() {
            first.to_owned()
        } else {
            asked
        }
    });
    let from = detail
        .metadata
        .as_ref()
        .and_then(|metadata| metadata.from.clone());
    let stored = StoredValue::new((detail.clone(), container.clone()));
    view! {
        <PullCommand target=Signal::stored(target) />
        <div class="page-actions">
            <span class="mono quiet">{uri.clone()}</span>
            <CopyButton text=Signal::stored(uri) label="Copy the address" />
            {sif.then(|| view! {
                <a class="button" rel="external" download="" href=target_path>
                    <Glyph icon=Icon::Download />
                    "Download"
                </a>
            })}
            {(sif && detail.rights.manage).then(|| view! { <share::Share image=image.clone() reference=shared /> })}
            {detail.rights.manage.then(|| view! { <manage::ImageActions image=image.clone() changed /> })}
        </div>
        <facts::Facts container=container from=from detail=detail.clone() />
        <nav class="tabs" aria-label="Parts of this image">
            {tabs
                .into_iter()
                .map(|(word, text)| {
                    let href = move || place.get().tab(if word == first { "" } else { word });
                    view! { <a href=href aria-current=move || (current.get() == word).then_some("page")>{text}</a> }
                })
                .collect_view()}
        </nav>
        <section class="tab-body">
            {move || {
                let (detail, container) = stored.get_value();
                match current.get().as_str() {
                    "versions" => view! { <versions::Versions container changed /> }.into_any(),
                    "history" => view! { <versions::History container /> }.into_any(),
                    "activity" => view! { <Activity collection=container.collection container=Some(container.name) /> }.into_any(),
                    word => view! { <inside::Section word=word.to_owned() detail /> }.into_any(),
                }
            }}
        </section>
    }
}
