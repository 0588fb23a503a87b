//! Uploads that were not sent to their end: go on with the same file, or give them up.

use leptos::{prelude::*, task::spawn_local};
use shared_types::Upload;
use web_sys::Event;

use super::form::file_of;
use crate::{
    api::uploads,
    components::{
        progress::{Progress, percent},
        when::When,
    },
    state::use_toasts,
    upload::{Job, file, memory, use_transfer},
    util::{bytes, text, time},
};

/// The list; nothing where there is none.
#[component]
pub fn Unfinished(
    /// The uploads.
    open: Memo<Vec<Upload>>,
    /// Called when one was given up.
    changed: Callback<()>,
) -> impl IntoView {
    view! {
        <Show when=move || open.with(|open| !open.is_empty())>
            <section class="unfinished" aria-labelledby="unfinished">
                <h2 id="unfinished">"Not finished"</h2>
                <p class="quiet">"What arrived is kept for a while. Choose the same file again to go on."</p>
                <ul>
                    <For each=move || open.get() key=|upload| (upload.id.clone(), upload.received_bytes) let:upload>
                        <Row upload changed />
                    </For>
                </ul>
            </section>
        </Show>
    }
}

#[component]
fn Row(upload: Upload, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let transfer = use_transfer();
    let busy = RwSignal::new(false);
    let name = format!("{}:{}", upload.container, upload.tag);
    let file_name = memory::file_name(&upload.id);
    let (received, size) = (upload.received_bytes, upload.size_bytes);
    let figures = format!(
        "{} of {} ({} %)",
        bytes::show(received),
        bytes::show(size),
        percent(received, size)
    );
    let kept = time::until(upload.expires_at, time::now());
    let stored = StoredValue::new(upload.clone());
    let choose = move |event: Event| {
        let Some(chosen) = file_of(&event) else {
            return;
        };
        let upload = stored.get_value();
        spawn_local(async move {
            let about = match file::look(&chosen).await {
                Ok(about) => about,
                Err(message) => return toasts.bad(text::sentence(&message)),
            };
            match memory::belongs(&upload, &about) {
                Ok(()) => transfer.start(
                    Job {
                        collection: upload.collection,
                        container: upload.container,
                        tag: upload.tag,
                        description: None,
                        about,
                        id: Some(upload.id),
                    },
                    chosen,
                ),
                Err(message) => toasts.bad(text::sentence(&message)),
            }
        });
    };
    let give_up = move |_| {
        busy.set(true);
        let id = stored.with_value(|upload| upload.id.clone());
        spawn_local(async move {
            match uploads::abort(&id).await {
                Ok(()) => {
                    memory::forget(&id);
                    toasts.good("Upload given up.");
                    changed.run(());
                }
                Err(error) => toasts.error(&error),
            }
            busy.try_set(false);
        });
    };
    let input = format!("file-{}", upload.id);
    view! {
        <li>
            <div>
                <strong class="mono">{name.clone()}</strong>
                <p class="quiet">
                    {file_name.map(|file| format!("{file} · "))}
                    {figures} " · begun " <When at=upload.created_at />
                    {kept.map(|kept| format!(" · goes {kept}"))}
                </p>
                <Progress label=Signal::stored(format!("{name} so far")) value=Signal::stored(received) max=Signal::stored(size) />
            </div>
            <div class="actions">
                <span class="pick">
                    <input id=input.clone() type="file" accept=".sif,.simg,.img" on:change=choose />
                    <label class="button" for=input>"Choose the file…"<span class="sr-only">{format!(" of {name}")}</span></label>
                </span>
                <button type="button" class="button" disabled=move || busy.get() aria-label=format!("Give up {name}") on:click=give_up>"Give up"</button>
            </div>
        </li>
    }
}
