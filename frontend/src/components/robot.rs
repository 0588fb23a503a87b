//! The robots that greet people: a small family, drawn in code.

use leptos::prelude::*;

/// What a robot is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Glad to see you.
    Glad,
    /// Holding a box: put something here.
    Carrying,
    /// Does not know either.
    Puzzled,
}

/// A robot. Decoration: what it stands beside says everything.
#[component]
pub fn Robot(
    /// What it is about.
    #[prop(default = Mood::Glad)]
    mood: Mood,
) -> impl IntoView {
    let mouth = match mood {
        Mood::Glad => "M46 66q14 12 28 0",
        Mood::Carrying => "M48 67h24",
        Mood::Puzzled => "M48 70q6-6 12 0t12 0",
    };
    let arms = match mood {
        Mood::Glad => "M28 100Q10 92 12 70M92 100q16 8 18 26",
        Mood::Carrying => "M28 104q-8 14 10 24M92 104q8 14-10 24",
        Mood::Puzzled => "M28 100q-14 10-14 28M92 100q18-4 16-28",
    };
    view! {
        <svg class="robot" viewBox="0 0 120 160" aria-hidden="true" focusable="false">
            <path class="robot-line" d="M60 24V10"></path>
            <circle class="robot-accent" cx="60" cy="8" r="5"></circle>
            <rect class="robot-body" x="26" y="24" width="68" height="56" rx="14"></rect>
            <rect class="robot-line" x="26" y="24" width="68" height="56" rx="14"></rect>
            <circle class="robot-eye" cx="46" cy="48" r="6"></circle>
            <circle class="robot-eye" cx="74" cy=if mood == Mood::Puzzled { "44" } else { "48" } r="6"></circle>
            <path class="robot-line" d=mouth></path>
            <rect class="robot-body" x="32" y="88" width="56" height="48" rx="10"></rect>
            <rect class="robot-line" x="32" y="88" width="56" height="48" rx="10"></rect>
            <path class="robot-line" d=arms></path>
            <path class="robot-line" d="M46 136v16h-8M74 136v16h8"></path>
            {match mood {
                Mood::Glad => view! {
                    <path class="robot-accent" d="M60 122l-10-10a6 6 0 0 1 10-7 6 6 0 0 1 10 7z"></path>
                }.into_any(),
                Mood::Carrying => view! {
                    <g>
                        <rect class="robot-accent" x="40" y="104" width="40" height="30" rx="3"></rect>
                        <path class="robot-paper" d="M40 114h40M60 104v10"></path>
                    </g>
                }.into_any(),
                Mood::Puzzled => view! {
                    <path class="robot-line" d="M54 104q0-6 6-6t6 6q0 4-6 7v4M60 122v.5"></path>
                }.into_any(),
            }}
        </svg>
    }
}

/// An empty list as an invitation.
#[component]
pub fn Invitation(
    /// What belongs here.
    title: &'static str,
    /// How to make the first one.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="invitation">
            <Robot mood=Mood::Carrying />
            <div>
                <h2>{title}</h2>
                {children()}
            </div>
        </div>
    }
}
