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
        Mood::Glad => "M66 76q14 10 28 0",
        Mood::Carrying => "M70 78h20",
        Mood::Puzzled => "M66 79q7-7 14 0t14 0",
    };
    let (right_eye, antenna) = match mood {
        Mood::Puzzled => ("58", "M80 30q-2-10 8-16"),
        _ => ("62", "M80 30V15"),
    };
    view! {
        <svg class="robot" viewBox="0 0 160 198" aria-hidden="true" focusable="false">
            <path class="robot-line" d=antenna></path>
            <circle class="robot-accent" cx=if mood == Mood::Puzzled { "90" } else { "80" } cy="11" r="7"></circle>
            <rect class="robot-accent" x="20" y="52" width="14" height="28" rx="6"></rect>
            <rect class="robot-accent" x="126" y="52" width="14" height="28" rx="6"></rect>
            <path class="robot-line" d="M68 108h24"></path>
            <rect class="robot-body" x="30" y="30" width="100" height="74" rx="24"></rect>
            <rect class="robot-face" x="42" y="42" width="76" height="50" rx="15"></rect>
            <circle class="robot-light" cx="64" cy="62" r="6"></circle>
            <circle class="robot-light" cx="96" cy=right_eye r="6"></circle>
            <path class="robot-mouth" d=mouth></path>
            <path class="robot-line" d="M62 172v14M98 172v14"></path>
            <rect class="robot-foot" x="46" y="184" width="28" height="13" rx="6.5"></rect>
            <rect class="robot-foot" x="86" y="184" width="28" height="13" rx="6.5"></rect>
            <rect class="robot-body" x="40" y="112" width="80" height="62" rx="18"></rect>
            {match mood {
                Mood::Glad => view! { <Waving /> }.into_any(),
                Mood::Carrying => view! { <WithBox /> }.into_any(),
                Mood::Puzzled => view! { <Wondering /> }.into_any(),
            }}
        </svg>
    }
}

#[component]
fn Waving() -> impl IntoView {
    view! {
        <path class="robot-line" d="M41 128q-19 10-18 30"></path>
        <circle class="robot-body" cx="23" cy="163" r="7"></circle>
        <g class="wave">
            <path class="robot-line" d="M119 128q22-6 24-34"></path>
            <circle class="robot-body" cx="143" cy="88" r="7"></circle>
        </g>
        <path class="robot-accent" d="M80 158l-14-14a8.500 8.500 0 0 1 14-9.500 8.500 8.500 0 0 1 14 9.500z"></path>
    }
}

#[component]
fn WithBox() -> impl IntoView {
    view! {
        <rect class="robot-accent" x="46" y="128" width="68" height="46" rx="5"></rect>
        <path class="robot-paper" d="M46 142h68M72 128v14h16v-14M56 162h14"></path>
        <path class="robot-line" d="M41 124q-22 18 2 30M119 124q22 18-2 30"></path>
        <circle class="robot-body" cx="48" cy="156" r="7"></circle>
        <circle class="robot-body" cx="112" cy="156" r="7"></circle>
    }
}

#[component]
fn Wondering() -> impl IntoView {
    view! {
        <path class="robot-line" d="M41 128q-19 10-18 30M119 128q26 0 24-26"></path>
        <circle class="robot-body" cx="23" cy="163" r="7"></circle>
        <circle class="robot-body" cx="141" cy="96" r="7"></circle>
        <path class="robot-question" d="M72 136q0-8 8-8t8 8q0 5-8 9v4M80 159v.5"></path>
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
