//! Icons: one set, drawn here on a 24 pixel grid with a 2 pixel line.

use leptos::prelude::*;

/// An icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// Two sheets: copy.
    Copy,
    /// A tick.
    Check,
    /// A magnifying glass.
    Search,
    /// A closed lock.
    Lock,
    /// A snow flake: frozen.
    Frozen,
    /// An arrow into a tray.
    Download,
    /// Stacked sheets: a collection.
    Stack,
    /// A key: token.
    Key,
    /// A person.
    Person,
    /// A cross.
    Close,
    /// A plus.
    Plus,
    /// A bin.
    Trash,
    /// Sun and moon.
    Theme,
    /// A seal: signed.
    Seal,
    /// A wheel: settings.
    Settings,
    /// An arrow to the left.
    Left,
    /// An arrow to the right.
    Right,
    /// An arrow down.
    Down,
    /// An eye.
    Eye,
    /// Two arrows in a circle: rotate.
    Rotate,
    /// An arrow out of a tray.
    Upload,
    /// Three dots: more that can be done.
    More,
    /// Three joined points: share.
    Share,
    /// Two bars.
    Pause,
    /// A triangle: go on.
    Play,
    /// Rectangles of several sizes: a treemap.
    Map,
    /// A label on a string.
    Label,
    /// A star.
    Star,
}

impl Icon {
    /// Its line.
    pub fn path(self) -> &'static str {
        match self {
            Self::Copy => "M9 9h11v11H9zM5 15H4V4h11v1",
            Self::Check => "M4 12.5l5 5L20 6.5",
            Self::Search => "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5L21 21",
            Self::Lock => "M5 11h14v10H5zM8 11V7a4 4 0 0 1 8 0v4",
            Self::Frozen => {
                "M12 2v20M3.3 7l17.4 10M3.3 17L20.7 7M12 6l-2.5-2M12 6l2.5-2M12 18l-2.5 2M12 18l2.5 2"
            }
            Self::Download => "M12 3v12M7 10l5 5 5-5M4 20h16",
            Self::Stack => "M12 3l9 5-9 5-9-5zM3 12.5l9 5 9-5M3 16.8l9 5 9-5",
            Self::Key => "M8 12a4.5 4.5 0 1 1 0 8 4.5 4.5 0 0 1 0-8zM11 13L20 4M16 8l3 3",
            Self::Person => {
                "M12 3.5a4.2 4.2 0 1 1 0 8.4 4.2 4.2 0 0 1 0-8.4zM4 21c.6-4.2 3.8-6 8-6s7.400 1.800 8 6"
            }
            Self::Close => "M5 5l14 14M19 5L5 19",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Trash => "M4 7h16M9 7V4h6v3M6 7l1 14h10l1-14M10 11v6M14 11v6",
            Self::Theme => {
                "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4"
            }
            Self::Seal => {
                "M12 3l2.300 2 3-.3.700 3 2.600 1.600-1.200 2.800 1.200 2.800-2.600 1.600-.700 3-3-.3L12 21l-2.300-2-3 .3-.700-3-2.600-1.600 1.200-2.800-1.200-2.800L6 7.700l.700-3 3 .3zM8.500 12l2.500 2.500 4.500-4.500"
            }
            Self::Settings => {
                "M4 7h9M19 7h1M4 17h1M11 17h9M16 4.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5zM8 14.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5z"
            }
            Self::Left => "M15 5l-7 7 7 7",
            Self::Right => "M9 5l7 7-7 7",
            Self::Down => "M5 9l7 7 7-7",
            Self::Eye => {
                "M2 12s3.500-7 10-7 10 7 10 7-3.500 7-10 7S2 12 2 12zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z"
            }
            Self::Upload => "M12 15V3M7 8l5-5 5 5M4 20h16",
            Self::More => "M5 12h.01M12 12h.01M19 12h.01",
            Self::Share => {
                "M18 2.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5zM6 9.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5zM18 16.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5zM8.300 10.800l7.500-4.500M8.300 13.200l7.500 4.500"
            }
            Self::Pause => "M8 5v14M16 5v14",
            Self::Map => "M3 4h18v16H3zM13 4v16M13 11h8M17 11v9",
            Self::Label => "M3 4h9l9 9-8 8-9-9zM7.500 8.500h.01",
            Self::Star => {
                "M12 3l2.700 5.700 6.300.800-4.600 4.300 1.200 6.200-5.600-3-5.600 3 1.200-6.200L3 9.500l6.300-.800z"
            }
            Self::Play => "M7 4.500v15l12-7.500z",
            Self::Rotate => {
                "M20 11a8 8 0 0 0-14.500-4L3 9.500M3 4v5.500h5.500M4 13a8 8 0 0 0 14.500 4L21 14.500M21 20v-5.500h-5.500"
            }
        }
    }
}

/// An icon beside words; on its own it needs a label on what holds it.
#[component]
pub fn Glyph(
    /// Which.
    icon: Icon,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=icon.path()></path>
        </svg>
    }
}
