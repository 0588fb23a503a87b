//! The map itself: drawn once, pointed at with the mouse or the arrow keys.

use std::sync::Arc;

use leptos::{ev::KeyboardEvent, html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use shared_types::Treemap;
use wasm_bindgen::JsCast;
use web_sys::{Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlAnchorElement, Url};

use super::{
    State, paint,
    plan::{Measure, Plan, Tile, plan},
    told,
};
use crate::{
    components::icon::{Glyph, Icon},
    routes::Route,
    util::{number::fixed, squarify::Rect},
};

/// The map, the line that says what is pointed at, and what can be kept of it.
#[component]
pub fn Map(
    data: Arc<Treemap>,
    state: Memo<State>,
    /// Whether the map before this one was left with the keyboard: then this one takes over its focus.
    by_key: StoredValue<bool>,
) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    take_focus(canvas, by_key);
    let room = room_of(canvas);
    let by = Memo::new(move |_| state.get().measure());
    let words = Memo::new(move |_| state.get().q.trim().to_lowercase());
    let alone = !state.get_untracked().collection.is_empty();
    let source = StoredValue::new(data);
    let planned = Memo::new(move |_| {
        let (w, h) = room.get();
        Arc::new(plan(&source.get_value(), by.get(), alone, area(w, h)))
    });
    let chosen = RwSignal::new(None::<usize>);
    Effect::new(move || {
        planned.track();
        chosen.set(None);
    });
    draw_on(canvas, room, source, planned, words);
    let point = move |event: web_sys::PointerEvent| {
        let (x, y) = (f64::from(event.offset_x()), f64::from(event.offset_y()));
        let at = planned.with_untracked(|plan| plan.at(x, y));
        if chosen.get_untracked() != at {
            chosen.set(at);
        }
    };
    let navigate = send_wrapper::SendWrapper::new(use_navigate());
    let open = Callback::new(move |at: usize| {
        let tile = planned.with_untracked(|plan| plan.tiles.get(at).copied());
        if let Some(href) =
            tile.and_then(|tile| destination(&source.get_value(), tile, &state.get_untracked()))
        {
            navigate(&href, NavigateOptions::default());
        }
    });
    let leave = {
        let navigate = send_wrapper::SendWrapper::new(use_navigate());
        move || {
            if alone {
                navigate(
                    &state.get_untracked().address("collection", ""),
                    NavigateOptions::default(),
                );
            }
        }
    };
    let keys = move |event: KeyboardEvent| {
        let key = event.key();
        let Some((dx, dy)) = direction(&key) else {
            if key == "Escape" {
                by_key.set_value(alone);
                leave();
            } else if key == "Enter" || key == " " {
                event.prevent_default();
                if let Some(at) = chosen.get_untracked() {
                    by_key.set_value(true);
                    open.run(at);
                }
            }
            return;
        };
        event.prevent_default();
        let next = planned.with_untracked(|plan| match chosen.get_untracked() {
            None => (!plan.tiles.is_empty()).then_some(0),
            Some(at) => plan.beside(at, dx, dy).or(Some(at)),
        });
        chosen.set(next);
    };
    let tile = Memo::new(move |_| {
        let at = chosen.get()?;
        planned.with(|plan| plan.tiles.get(at).copied())
    });
    let line = move || {
        sentence(
            &source.get_value(),
            &planned.get(),
            tile.get(),
            &state.get(),
        )
    };
    let outline = move || outline_of(tile.get());
    let size = move || size_of(room.get());
    view! {
        <p class="map-line" role="status">{line}</p>
        <div class="map">
            <canvas
                node_ref=canvas
                tabindex="0"
                role="application"
                aria-label="Treemap. Arrow keys go from one to the next, Enter opens, Escape goes back. The table shows the same."
                style=size
                on:pointermove=point
                on:pointerleave=move |_| chosen.set(None)
                on:click=move |_| if let Some(at) = chosen.get_untracked() { open.run(at) }
                on:keydown=keys
            ></canvas>
            <div class="map-outline" aria-hidden="true" style=outline></div>
        </div>
        <Keep room source planned/>
    }
}

/// Gives a map the focus that the one before it had.
fn take_focus(canvas: NodeRef<html::Canvas>, by_key: StoredValue<bool>) {
    Effect::new(move || {
        if let Some(canvas) = canvas.get()
            && by_key.get_value()
        {
            by_key.set_value(false);
            // A canvas that cannot have the focus is left alone.
            let _ = canvas.focus();
        }
    });
}

/// Where an arrow key points.
fn direction(key: &str) -> Option<(f64, f64)> {
    match key {
        "ArrowRight" => Some((1.0, 0.0)),
        "ArrowLeft" => Some((-1.0, 0.0)),
        "ArrowDown" => Some((0.0, 1.0)),
        "ArrowUp" => Some((0.0, -1.0)),
        _ => None,
    }
}

/// How large the map is drawn.
fn size_of((w, h): (f64, f64)) -> String {
    format!("width:{}px;height:{}px", fixed(w, 0), fixed(h, 0))
}

/// A rectangle at the origin.
fn area(w: f64, h: f64) -> Rect {
    Rect {
        x: 0.0,
        y: 0.0,
        w,
        h,
    }
}

/// The width and height that the map has, in CSS pixels; follows the window.
fn room_of(canvas: NodeRef<html::Canvas>) -> RwSignal<(f64, f64)> {
    let room = RwSignal::new((0.0_f64, 0.0_f64));
    let measure = move || {
        if let Some(node) = canvas
            .get_untracked()
            .and_then(|node| node.parent_element())
        {
            let width = f64::from(node.client_width());
            room.set((width, (width * 0.62).clamp(360.0, 1400.0)));
        }
    };
    let resized = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());
    // Its width is known once it is laid out.
    canvas.on_load(move |_| request_animation_frame(measure));
    room
}

/// Draws whenever the plan, the room or what is looked for changes.
fn draw_on(
    canvas: NodeRef<html::Canvas>,
    room: RwSignal<(f64, f64)>,
    source: StoredValue<Arc<Treemap>>,
    planned: Memo<Arc<Plan>>,
    words: Memo<String>,
) {
    Effect::new(move || {
        let (Some(node), (w, h)) = (canvas.get(), room.get()) else {
            return;
        };
        let plan = planned.get();
        if w > 0.0 {
            let scale = window().device_pixel_ratio().clamp(1.0, 3.0);
            set_size(&node, w * scale, h * scale);
            if let Some(pen) = pen(&node) {
                let _ = pen.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0);
                paint::draw(&pen, &source.get_value(), &plan, &words.get(), w, h);
            }
        }
    });
}

/// Where the frame around what is pointed at stands.
fn outline_of(tile: Option<Tile>) -> String {
    let Some(Tile {
        rect: Rect { x, y, w, h },
        ..
    }) = tile
    else {
        return "display:none".to_owned();
    };
    let [x, y, w, h] = [x, y, w, h].map(|length| fixed(length, 1));
    format!("transform:translate({x}px,{y}px);width:{w}px;height:{h}px")
}

/// The map as files.
#[component]
fn Keep(
    room: RwSignal<(f64, f64)>,
    source: StoredValue<Arc<Treemap>>,
    planned: Memo<Arc<Plan>>,
) -> impl IntoView {
    let csv = move |_| save("treemap.csv", "text/csv", &paint::csv(&source.get_value()));
    let svg = move |_| {
        let (w, h) = room.get_untracked();
        let text = paint::svg(&source.get_value(), &planned.get_untracked(), w, h);
        save("treemap.svg", "image/svg+xml", &text);
    };
    view! {
        <div class="actions after">
            <button type="button" class="button" on:click=csv><Glyph icon=Icon::Download />"CSV"</button>
            <button type="button" class="button" on:click=svg><Glyph icon=Icon::Download />"SVG"</button>
        </div>
    }
}

/// Where a press on a tile leads: into its collection, or to the container.
fn destination(data: &Treemap, tile: Tile, state: &State) -> Option<String> {
    let group = paint::group(data, &tile)?;
    match tile.item {
        Some(item) if !state.collection.is_empty() => {
            let name = group.names.get(item)?;
            Some(Route::Container(group.name.clone(), name.clone()).href())
        }
        _ => Some(state.address("collection", &group.name)),
    }
}

/// What is pointed at, or how to begin.
fn sentence(data: &Treemap, plan: &Plan, tile: Option<Tile>, state: &State) -> String {
    let by = state.measure();
    if let Some(tile) = tile {
        #[expect(clippy::cast_precision_loss, reason = "a share is rounded anyway")]
        let share = tile.value as f64 * 100.0 / plan.total.max(1) as f64;
        let name = paint::full_name(data, &tile);
        return format!("{name} · {} · {} %", told(tile.value, by), fixed(share, 1));
    }
    let words = state.q.trim().to_lowercase();
    if !words.is_empty() {
        let count = paint::found(data, plan, &words);
        return format!("Highlighted: {count} of {}.", plan.tiles.len());
    }
    let left_out = match (plan.left_out, by) {
        (0, _) => String::new(),
        (many, Measure::Size) => format!(" Left out: {many} without bytes."),
        (many, Measure::Downloads) => format!(" Left out: {many} without downloads."),
    };
    format!("Point at a rectangle, or use the arrow keys.{left_out}")
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a size on a screen, never negative"
)]
fn set_size(node: &web_sys::HtmlCanvasElement, width: f64, height: f64) {
    node.set_width(width.round() as u32);
    node.set_height(height.round() as u32);
}

fn pen(node: &web_sys::HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    let context = node.get_context("2d").ok()??;
    context.dyn_into().ok()
}

/// Hands a text to the browser as a file.
fn save(name: &str, kind: &str, text: &str) {
    let parts = js_sys::Array::of1(&text.into());
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &options) else {
        return;
    };
    let Ok(url) = Url::create_object_url_with_blob(&blob) else {
        return;
    };
    let link = document().create_element("a").ok();
    if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok()) {
        link.set_href(&url);
        link.set_download(name);
        link.click();
    }
    // The browser holds what it saves by itself; an address that is not there any more does nothing.
    let _ = Url::revoke_object_url(&url);
}
