//! Fills the page in while the registry is still reading an image.

use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, task::spawn_local};
use shared_types::{Container, Image, ImageDetail, ImageState};

use crate::api::containers;

/// Milliseconds before the first question; each next one waits twice as long.
const FIRST: u32 = 400;
/// No wait is longer.
const LONGEST: u32 = 15_000;

/// Asks after an image until all is known of it, then fills in the page. Ends when the page goes, or turns to another image:
/// `turn` counts those.
pub fn follow(
    image: Image,
    turn: StoredValue<u32>,
    container: StoredValue<Container>,
    fresh: RwSignal<Option<ImageDetail>>,
) {
    turn.update_value(|turn| *turn += 1);
    let own = turn.get_value();
    if !pending(image.state) {
        return;
    }
    spawn_local(async move {
        let mut state = image.state;
        let mut pause = FIRST;
        while pending(state) {
            TimeoutFuture::new(pause).await;
            pause = (pause * 2).min(LONGEST);
            if turn.try_get_value() != Some(own) {
                return;
            }
            let asked = containers::image(&image.collection, &image.container, &image.digest, "");
            // A failed question is only asked again: what is shown is still true.
            let Ok(detail) = asked.await else { continue };
            if detail.image.state == state {
                continue;
            }
            state = detail.image.state;
            // Its tags learn their architecture at the same time.
            if let Ok(renewed) = containers::get(&image.collection, &image.container).await {
                container.try_set_value(renewed);
            }
            if turn.try_get_value() == Some(own) {
                fresh.try_set(Some(detail));
            }
        }
    });
}

fn pending(state: ImageState) -> bool {
    matches!(state, ImageState::Inspecting | ImageState::Uploading)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_will_change_is_asked_for() {
        assert!(pending(ImageState::Inspecting) && pending(ImageState::Uploading));
        assert!(!pending(ImageState::Ready) && !pending(ImageState::Unreadable));
    }
}
