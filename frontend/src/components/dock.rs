//! The upload that goes on while its person looks at other pages.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::{
    icon::{Glyph, Icon},
    progress::{Progress, percent},
};
use crate::{
    routes::Route,
    upload::{Phase, use_transfer},
};

/// A small card at the edge of every page but the upload's own.
#[component]
pub fn UploadDock() -> impl IntoView {
    let transfer = use_transfer();
    let location = use_location();
    let shown = Memo::new(move |_| {
        let job = transfer.job()?;
        let page = Route::Upload(job.collection.clone(), None).href();
        (location.pathname.get() != page).then_some(job)
    });
    move || {
        let job = shown.get()?;
        let name = format!("{}/{}:{}", job.collection, job.container, job.tag);
        let size = job.about.size;
        let done = move || matches!(transfer.phase(), Phase::Done(_));
        let href = move || match transfer.phase() {
            Phase::Done(_) => Route::Image(
                job.collection.clone(),
                job.container.clone(),
                job.tag.clone(),
            )
            .href(),
            _ => Route::Upload(job.collection.clone(), None).href(),
        };
        let words = move || match transfer.phase() {
            Phase::Done(_) => "Uploaded".to_owned(),
            Phase::Paused => "Paused".to_owned(),
            Phase::Stopped(_) => "Stopped: see why".to_owned(),
            Phase::Waiting { .. } => "Waiting for the network".to_owned(),
            Phase::Finishing => "Checking".to_owned(),
            Phase::Starting | Phase::Sending => format!("{} %", percent(transfer.sent(), size)),
        };
        Some(view! {
            <aside class="dock" aria-label="Upload">
                <a href=href><Glyph icon=Icon::Upload /><span class="mono">{name}</span></a>
                <span class="quiet">{words}</span>
                <Progress label=Signal::stored("Upload".to_owned()) value=Signal::derive(move || transfer.sent()) max=Signal::stored(size) />
                <Show when=done>
                    <button type="button" class="icon-button" aria-label="Dismiss" on:click=move |_| transfer.clear()>
                        <Glyph icon=Icon::Close />
                    </button>
                </Show>
            </aside>
        })
    }
}
