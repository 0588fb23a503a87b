//! What those who run the registry look after. Users and robots have pages of their own.

mod collections;
mod limits;

use collections::Collections;
use limits::Limits;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use shared_types::{Account, Role, ScheduledJob, SettingInForce, StorageFigures};

use crate::{
    api::administration,
    components::{
        act::{Act, Deed},
        audit::Audit,
        field::Toggle,
        load::Load,
        signed_in::SignedIn,
        webhooks::Webhooks,
        when::When,
    },
    pages::{
        errors::{Forbidden, NotFound},
        robots::AllRobots,
    },
    routes::Route,
    state::{ask, use_session},
    util::bytes,
};

/// The parts: the word in the address, and the title.
const PARTS: [(&str, &str); 9] = [
    ("users", "Users"),
    ("collections", "Collections"),
    ("robots", "Robots"),
    ("limits", "Limits"),
    ("storage", "Storage"),
    ("jobs", "Jobs"),
    ("settings", "Settings"),
    ("webhooks", "Webhooks"),
    ("audit", "Audit log"),
];

/// What administrators see, who are no superusers.
const OVERSEEN: [&str; 5] = ["collections", "robots", "limits", "webhooks", "audit"];

/// The way from part to part.
#[component]
pub fn AdminTabs(
    /// The part that is open.
    current: &'static str,
) -> impl IntoView {
    let all = use_session().is_superuser();
    view! {
        <nav class="tabs" aria-label="Administration">
            {PARTS
                .into_iter()
                .filter(|(word, _)| all || OVERSEEN.contains(word))
                .map(|(word, text)| {
                    view! { <a href=Route::Admin(word).href() aria-current=(word == current).then_some("page")>{text}</a> }
                })
                .collect_view()}
        </nav>
    }
}

/// One part.
#[component]
pub fn AdminPage() -> impl IntoView {
    let params = use_params_map();
    // Without a part, the first that every administrator may see.
    let part = Memo::new(move |_| {
        params.with(|params| params.get("part").unwrap_or_else(|| OVERSEEN[0].to_owned()))
    });
    view! {
        {move || {
            let asked = part.get();
            let Some((word, title)) = PARTS.into_iter().find(|(word, _)| *word == asked) else {
                return view! { <NotFound /> }.into_any();
            };
            view! {
                <Title text=title />
                <SignedIn title=title why="to look after the registry" children=move |account: Account| {
                    let overseen = account.role == Role::Admin && OVERSEEN.contains(&word);
                    if !overseen && account.role != Role::Superuser {
                        return view! { <Forbidden /> }.into_any();
                    }
                    match word {
                        "robots" => view! { <AllRobots account /> }.into_any(),
                        _ => view! { <h1>{title}</h1><AdminTabs current=word /><Part word /> }.into_any(),
                    }
                } />
            }
                .into_any()
        }}
    }
    .into_any()
}

#[component]
fn Part(word: &'static str) -> impl IntoView {
    match word {
        "storage" => {
            let asked = ask(administration::storage);
            view! { <Load resource=asked lines=6 children=|figures| view! { <Store figures /> } /> }
                .into_any()
        }
        "collections" => view! { <Collections /> }.into_any(),
        "limits" => view! { <Limits /> }.into_any(),
        "webhooks" => view! { <Webhooks collection=None /> }.into_any(),
        "audit" => view! { <Audit path=Route::Admin("audit").href() /> }.into_any(),
        "jobs" => view! { <Jobs /> }.into_any(),
        _ => view! { <Settings /> }.into_any(),
    }
}

#[component]
fn Store(figures: StorageFigures) -> impl IntoView {
    let shared = figures
        .referenced_bytes
        .saturating_sub(figures.size_bytes.saturating_sub(figures.unused_bytes));
    let facts = [
        ("Kept in", figures.kind),
        ("Blobs", bytes::count(figures.blobs)),
        ("Stored", bytes::show(figures.size_bytes)),
        ("Spared by sharing", bytes::show(shared)),
        (
            "Unused, to be removed",
            format!(
                "{} in {}",
                bytes::show(figures.unused_bytes),
                bytes::count(figures.unused_blobs)
            ),
        ),
        ("Uploads under way", bytes::count(figures.uploads)),
        (
            "Free",
            figures.free_bytes.map_or_else(
                || "as much as the object store gives".to_owned(),
                bytes::show,
            ),
        ),
    ];
    let collect = Deed::new(
        || administration::run("collect_blobs"),
        "The clean-up has been handed in.",
        Callback::new(|()| ()),
    );
    view! {
        <dl class="facts even">
            {facts.map(|(what, value)| view! { <div><dt>{what}</dt><dd>{value}</dd></div> }).into_iter().collect_view()}
        </dl>
        <p>"Bytes that nothing uses go by themselves when their grace period is over, every hour."</p>
        <Act label="Clean up now" deed=collect />
    }
}

#[component]
fn Jobs() -> impl IntoView {
    let asked = ask(administration::jobs);
    let changed = Callback::new(move |()| asked.refetch());
    view! {
        <Load
            resource=asked
            lines=8
            children=move |jobs| {
                view! {
                    <div class="table-wrap">
                        <table>
                            <thead><tr>
                                <th scope="col">"Job"</th>
                                <th scope="col">"Every"</th>
                                <th scope="col">"Began last"</th>
                                <th scope="col">"Result"</th>
                                <th scope="col"><span class="sr-only">"Actions"</span></th>
                            </tr></thead>
                            <tbody>{jobs.items.into_iter().map(|job| view! { <JobRow job changed /> }).collect_view()}</tbody>
                        </table>
                    </div>
                    <button type="button" class="button after" on:click=move |_| changed.run(())>"Look again"</button>
                }
            }
        />
    }
}

#[component]
fn JobRow(job: ScheduledJob, changed: Callback<()>) -> impl IntoView {
    let name = StoredValue::new(job.name.clone());
    let run = Deed::new(
        move || administration::run(&name.get_value()),
        "The job has been handed in.",
        changed,
    );
    let result = result(&job);
    view! {
        <tr>
            <th scope="row"><span class="mono">{job.name.clone()}</span><p class="quiet">{job.description}</p></th>
            <td data-label="Every">{format!("{} min", job.every_seconds / 60)}</td>
            <td data-label="Began last">{job.started_at.map(|at| view! { <When at /> })}</td>
            <td data-label="Result">{result}</td>
            <td><Act label="Run now" about=format!("Run now: {}", job.name) deed=run /></td>
        </tr>
    }
}

fn result(job: &ScheduledJob) -> String {
    match (job.started_at, job.ended_at, &job.problem) {
        (None, ..) => "not run yet".to_owned(),
        (Some(_), None, _) => "running".to_owned(),
        (Some(_), Some(_), None) => "done".to_owned(),
        (Some(_), Some(_), Some(problem)) => format!("failed: {problem}"),
    }
}

#[component]
fn Settings() -> impl IntoView {
    let asked = ask(administration::settings);
    let all = RwSignal::new(false);
    view! {
        <p>"Read when the server starts, from the environment and the settings file. Secrets stay hidden."</p>
        <Toggle label="Show defaults, too" name="all" value=all />
        <Load
            resource=asked
            lines=12
            children=move |settings| {
                let kept = StoredValue::new(settings.items);
                view! {
                    <div class="table-wrap">
                        <table>
                            <thead><tr><th scope="col">"Setting"</th><th scope="col">"Value"</th><th scope="col">"From"</th></tr></thead>
                            <tbody>{move || rows(kept.get_value(), all.get())}</tbody>
                        </table>
                    </div>
                }
            }
        />
    }
}

fn rows(settings: Vec<SettingInForce>, all: bool) -> impl IntoView {
    settings
        .into_iter()
        .filter(|setting| all || setting.changed)
        .map(|setting| {
            view! {
                <tr>
                    <th scope="row"><span class="mono">{setting.name}</span></th>
                    <td data-label="Value"><span class="mono wrap">{setting.value}</span></td>
                    <td data-label="From"><span class="wrap">{setting.source}</span></td>
                </tr>
            }
        })
        .collect_view()
}
