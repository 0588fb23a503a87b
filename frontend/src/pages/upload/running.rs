//! The upload that is under way: how far, how fast, and what can be done about it.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

use crate::{
    components::{
        copy::CopyButton,
        icon::{Glyph, Icon},
        progress::{Progress, percent},
        robot::{Mood, Robot},
    },
    routes::Route,
    state::{use_session, use_toasts},
    upload::{Phase, Stop, Transfer, Way, use_transfer},
    util::{bytes, time},
};

/// The panel.
#[component]
pub fn Running() -> impl IntoView {
    let transfer = use_transfer();
    let job = Memo::new(move |_| transfer.job());
    let size = Signal::derive(move || job.with(|job| job.as_ref().map_or(0, |job| job.about.size)));
    let title = move || {
        job.with(|job| {
            job.as_ref()
                .map(|job| format!("{}:{}", job.container, job.tag))
        })
    };
    let file = move || job.with(|job| job.as_ref().map(|job| job.about.name.clone()));
    let hashing = move || transfer.hashed() < size.get();
    let done = Memo::new(move |_| matches!(transfer.phase(), Phase::Done(_)));
    view! {
        <section class="panel upload" aria-labelledby="upload-title">
            <div class="page-head">
                <h2 id="upload-title" class="mono">{title}</h2>
                <span class="quiet">{file}</span>
            </div>
            <Progress
                label=Signal::derive(move || format!("Upload of {}", file().unwrap_or_default()))
                value=Signal::derive(move || transfer.sent())
                max=size
            />
            <dl class="figures small">
                <div><dt>"Arrived"</dt><dd>{move || format!("{} of {}", bytes::show(transfer.sent()), bytes::show(size.get()))}</dd></div>
                <div><dt>"Speed"</dt><dd>{move || speed(transfer)}</dd></div>
                <div><dt>"Time left"</dt><dd>{move || left(transfer)}</dd></div>
                <div>
                    <dt>"Checksum"</dt>
                    <dd>{move || if hashing() { format!("{} %", percent(transfer.hashed(), size.get())) } else { "computed".to_owned() }}</dd>
                </div>
            </dl>
            <Says />
            {move || match transfer.phase() {
                Phase::Stopped(stop) => view! { <Stopped stop /> }.into_any(),
                _ => ().into_any(),
            }}
            {move || if done.get() { view! { <Done /> }.into_any() } else { view! { <Buttons /> }.into_any() }}
        </section>
    }
}

fn speed(transfer: Transfer) -> String {
    match (transfer.phase(), transfer.pace()) {
        (Phase::Sending, Some((pace, _))) => format!("{}/s", bytes::show(whole(pace))),
        _ => "–".to_owned(),
    }
}

fn left(transfer: Transfer) -> String {
    match (transfer.phase(), transfer.pace()) {
        (Phase::Sending, Some((_, seconds))) => time::span(seconds),
        _ => "–".to_owned(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a speed is not negative, and far below what fits"
)]
fn whole(pace: f64) -> u64 {
    pace as u64
}

/// What is going on, in words: also for those who hear the page, who are told each tenth.
#[component]
fn Says() -> impl IntoView {
    let transfer = use_transfer();
    let words = Memo::new(move |_| {
        let size = transfer.job().map_or(0, |job| job.about.size);
        match transfer.phase() {
            Phase::Starting => "Asking the registry.".to_owned(),
            Phase::Sending => format!("Sending: {} %.", percent(transfer.sent(), size) / 10 * 10),
            Phase::Waiting { why, .. } => {
                format!("{why} What has arrived is kept; it goes on by itself.")
            }
            Phase::Paused => "Paused. What has arrived is kept.".to_owned(),
            Phase::Stopped(_) => String::new(),
            Phase::Finishing if transfer.hashed() < size => {
                "All bytes have arrived. The checksum is still being computed here.".to_owned()
            }
            Phase::Finishing => {
                "All bytes have arrived. The registry compares them with the checksum.".to_owned()
            }
            Phase::Done(_) => "Uploaded: the registry has verified every byte.".to_owned(),
        }
    });
    let countdown = move || match transfer.phase() {
        Phase::Waiting { seconds, .. } => format!(" Next try in {seconds} s."),
        _ => String::new(),
    };
    view! {
        <p class="says">
            <span role="status">{move || words.get()}</span>
            <span class="quiet">{countdown}</span>
        </p>
    }
}

#[component]
fn Buttons() -> impl IntoView {
    let transfer = use_transfer();
    let sure = RwSignal::new(false);
    let middle = move || {
        match transfer.phase() {
        Phase::Starting | Phase::Sending => view! {
            <button type="button" class="button" on:click=move |_| transfer.pause()><Glyph icon=Icon::Pause />"Pause"</button>
        }
        .into_any(),
        Phase::Waiting { .. } => view! {
            <button type="button" class="button" on:click=move |_| transfer.go_on()><Glyph icon=Icon::Rotate />"Try now"</button>
            <button type="button" class="button" on:click=move |_| transfer.pause()><Glyph icon=Icon::Pause />"Pause"</button>
        }
        .into_any(),
        Phase::Paused => view! {
            <button type="button" class="button primary" on:click=move |_| transfer.go_on()><Glyph icon=Icon::Play />"Go on"</button>
        }
        .into_any(),
        Phase::Stopped(_) | Phase::Finishing | Phase::Done(_) => ().into_any(),
    }
    };
    // The kind of the phase alone: a countdown must not make the buttons anew under a finger.
    let kind = Memo::new(move |_| std::mem::discriminant(&transfer.phase()));
    view! {
        <div class="actions">
            {move || {
                kind.get();
                untrack(middle)
            }}
            <div class="actions apart">
                {move || if sure.get() {
                    view! {
                        <span>"What has arrived is removed."</span>
                        <button type="button" class="button danger" on:click=move |_| transfer.give_up()>"Give it up"</button>
                        <button type="button" class="button" on:click=move |_| sure.set(false)>"Keep it"</button>
                    }
                        .into_any()
                } else {
                    view! { <button type="button" class="button" on:click=move |_| sure.set(true)>"Give up…"</button> }.into_any()
                }}
            </div>
        </div>
    }
}

/// Why it stopped, and the way on.
#[component]
fn Stopped(stop: Stop) -> impl IntoView {
    let transfer = use_transfer();
    let session = use_session();
    let toasts = use_toasts();
    let renew = move |_| {
        // Another session has another token against forgery.
        session.renew_then(toasts, move || transfer.go_on());
    };
    let way = match stop.way {
        Way::SignIn => view! {
            <a class="button primary" href=Route::Login(None).href() target="_blank" rel="external">"Sign in (new tab)"</a>
            <button type="button" class="button" on:click=renew>"Go on"</button>
        }
        .into_any(),
        Way::GoOn => view! { <button type="button" class="button primary" on:click=move |_| transfer.go_on()>"Try again"</button> }.into_any(),
        Way::StartAgain => view! { <button type="button" class="button primary" on:click=move |_| transfer.start_again()>"Begin again"</button> }.into_any(),
        Way::GiveUp => ().into_any(),
    };
    view! {
        <div class="form-problem" role="alert">
            <p>{stop.message}</p>
            <div class="actions">{way}</div>
        </div>
    }
}

/// The image is there.
#[component]
fn Done() -> impl IntoView {
    let transfer = use_transfer();
    let navigate = use_navigate();
    let Some(job) = transfer.job() else {
        return ().into_any();
    };
    let digest = match transfer.phase() {
        Phase::Done(digest) => digest,
        _ => String::new(),
    };
    let address = Route::Image(job.collection, job.container, job.tag).href();
    let open = move |_| {
        transfer.clear();
        navigate(&address, NavigateOptions::default());
    };
    view! {
        <div class="done">
            <Robot mood=Mood::Glad />
            <div>
                <p class="digest-line"><code>{digest.clone()}</code><CopyButton text=Signal::stored(digest) label="Copy the digest" /></p>
                <div class="actions">
                    <button type="button" class="button primary" on:click=open>"Look at the image"</button>
                    <button type="button" class="button" on:click=move |_| transfer.clear()>"Upload another"</button>
                </div>
            </div>
        </div>
    }
    .into_any()
}
