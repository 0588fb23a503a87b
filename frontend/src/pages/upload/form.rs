//! Choose a file and say what it becomes.

use leptos::{
    prelude::{LocalStorage, *},
    task::spawn_local,
};
use leptos_router::hooks::use_query_map;
use shared_types::{Upload, names};
use web_sys::{DragEvent, Event, File, HtmlInputElement, SubmitEvent};

use crate::{
    components::{
        field::{Submit, TextField},
        form::checked,
        icon::{Glyph, Icon},
        progress::percent,
        when::When,
    },
    upload::{
        Job,
        file::{self, About},
        memory, use_transfer,
    },
    util::{bytes, text},
};

/// The file that was chosen, and what was found at its start.
#[derive(Clone, Copy)]
struct Chosen {
    file: StoredValue<Option<File>, LocalStorage>,
    about: RwSignal<Option<About>>,
    problem: RwSignal<Option<String>>,
    reading: RwSignal<bool>,
}

impl Chosen {
    fn new() -> Self {
        Self {
            file: StoredValue::new_local(None),
            about: RwSignal::new(None),
            problem: RwSignal::new(None),
            reading: RwSignal::new(false),
        }
    }

    /// Looks at a file, then calls `good`.
    fn take(self, file: File, good: impl FnOnce(&About) + 'static) {
        self.reading.set(true);
        self.problem.set(None);
        spawn_local(async move {
            let looked = file::look(&file).await;
            self.reading.try_set(false);
            match looked {
                Ok(about) => {
                    good(&about);
                    self.file.try_set_value(Some(file));
                    self.about.try_set(Some(about));
                }
                Err(message) => {
                    self.about.try_set(None);
                    self.problem.try_set(Some(text::sentence(&message)));
                }
            }
        });
    }
}

/// The file of an input, which is emptied, so that the same file can be chosen again.
pub fn file_of(event: &Event) -> Option<File> {
    let input: HtmlInputElement = event_target(event);
    let file = input.files()?.get(0);
    input.set_value("");
    file
}

/// The form.
#[component]
pub fn UploadForm(
    /// The collection.
    collection: String,
    /// Unfinished uploads to it.
    open: Memo<Vec<Upload>>,
) -> impl IntoView {
    let transfer = use_transfer();
    let map = use_query_map();
    let asked = map.with_untracked(|map| map.get("container").unwrap_or_default());
    let chosen = Chosen::new();
    let container = RwSignal::new(asked);
    let tag = RwSignal::new("latest".to_owned());
    let description = RwSignal::new(String::new());
    let take = Callback::new(move |file: File| {
        chosen.take(file, move |about| {
            let (name, version) = file::suggest(&about.name);
            if container.get_untracked().is_empty() {
                container.set(name);
            }
            if tag.get_untracked() == "latest" {
                tag.set(version);
            }
        });
    });
    let again = Memo::new(move |_| {
        let about = chosen.about.get()?;
        open.with(|open| memory::recognise(open, &about).cloned())
    });
    let target = collection.clone();
    let job = move |id: Option<&Upload>| {
        Some(Job {
            collection: target.clone(),
            container: id.map_or_else(
                || container.get_untracked(),
                |upload| upload.container.clone(),
            ),
            tag: id.map_or_else(|| tag.get_untracked(), |upload| upload.tag.clone()),
            description: text::filled(&description.get_untracked()),
            about: chosen.about.get_untracked()?,
            id: id.map(|upload| upload.id.clone()),
        })
    };
    let begin = Callback::new(move |upload: Option<Upload>| {
        let file = chosen.file.get_value();
        if let (Some(job), Some(file)) = (job(upload.as_ref()), file) {
            transfer.start(job, file);
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        begin.run(None);
    };
    let incomplete = Signal::derive(move || {
        chosen.about.with(Option::is_none)
            || container.with(|name| names::check_container(name).is_err())
            || tag.with(|tag| names::check_tag(tag).is_err())
            || description.with(|text| names::check_description(text).is_err())
    });
    view! {
        <form class="form wide" on:submit=submit>
            <DropZone chosen take />
            {move || again.get().map(|upload| view! { <Again upload begin /> })}
            <div class="row">
                <TextField label="Container" name="container" value=container required=true hint="A new one is made where there is none of this name." problem=checked(container, names::check_container) />
                <TextField label="Tag" name="tag" value=tag required=true hint="A tag that exists moves to this image." problem=checked(tag, names::check_tag) />
            </div>
            <TextField label="Description (optional)" name="description" value=description hint="What is special about this image." problem=checked(description, names::check_description) />
            <p class="quiet after-name">
                "It will be " <code>{move || address(&collection, &container.get(), &tag.get())}</code>
            </p>
            <Submit label="Upload" busy=chosen.reading disabled=incomplete />
        </form>
    }
}

fn address(collection: &str, container: &str, tag: &str) -> String {
    let or = |text: &str| {
        if text.is_empty() {
            "…".to_owned()
        } else {
            text.to_owned()
        }
    };
    format!("library://{collection}/{}:{}", or(container), or(tag))
}

/// Drop a file, or choose one.
#[component]
fn DropZone(chosen: Chosen, take: Callback<File>) -> impl IntoView {
    let over = RwSignal::new(false);
    let drag = move |event: DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    let drop = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        let file = event
            .data_transfer()
            .and_then(|data| data.files())
            .and_then(|files| files.get(0));
        if let Some(file) = file {
            take.run(file);
        }
    };
    let choose = move |event: Event| {
        if let Some(file) = file_of(&event) {
            take.run(file);
        }
    };
    let note = move || match (chosen.problem.get(), chosen.about.get()) {
        (Some(problem), _) => problem,
        (None, Some(about)) => {
            let arch = about
                .arch
                .map(|arch| format!(" · {arch}"))
                .unwrap_or_default();
            format!("{}{arch}", bytes::show(about.size))
        }
        (None, None) => {
            "A SIF file of any size: it goes in pieces, and goes on after every break.".to_owned()
        }
    };
    let title = move || {
        chosen.about.with(|about| match about {
            Some(about) => about.name.clone(),
            None => "Drop an image here, or choose one".to_owned(),
        })
    };
    view! {
        <div
            class="drop"
            class:over=move || over.get()
            class:full=move || chosen.about.with(Option::is_some)
            class:wrong=move || chosen.problem.with(Option::is_some)
            on:dragover=drag
            on:dragleave=move |_| over.set(false)
            on:drop=drop
        >
            <input id="file" name="file" type="file" accept=".sif,.simg,.img" aria-describedby="file-note" on:change=choose />
            <label for="file">
                {move || view! { <Glyph icon=if chosen.about.with(Option::is_some) { Icon::Check } else { Icon::Upload } /> }}
                <strong>{title}</strong>
                <span class="sr-only">" (image file)"</span>
            </label>
            <p id="file-note" role="status">{note}</p>
        </div>
    }
}

/// The chosen file is one that was not sent to its end.
#[component]
fn Again(upload: Upload, begin: Callback<Option<Upload>>) -> impl IntoView {
    let arrived = percent(upload.received_bytes, upload.size_bytes);
    let name = format!("{}:{}", upload.container, upload.tag);
    let created = upload.created_at;
    let stored = StoredValue::new(upload);
    view! {
        <div class="panel note-panel again" role="status">
            <p>
                <strong>{format!("{arrived} % of this file is here already. ")}</strong>
                "You began to upload it as " <code>{name}</code> " " <When at=created /> "."
            </p>
            <button type="button" class="button primary" on:click=move |_| begin.run(Some(stored.get_value()))>
                <Glyph icon=Icon::Play />
                "Go on with it"
            </button>
        </div>
    }
}
