//! Where each rectangle is: pure, from the data, the measure and the room that there is.

use shared_types::{Treemap, TreemapCollection, TreemapLevel};

use crate::util::squarify::{Rect, squarify};

/// Height of the line with a collection's name.
const HEAD: f64 = 18.0;
/// A collection smaller than this has no such line.
const LEAST: (f64, f64) = (60.0, 44.0);

/// What areas stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Bytes.
    Size,
    /// Downloads.
    Downloads,
}

/// One rectangle: a container, or a collection as a whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tile {
    /// Where it is.
    pub rect: Rect,
    /// The collection's place in the data.
    pub group: usize,
    /// The container's place in its collection; absent for the collection itself.
    pub item: Option<usize>,
    /// What its area stands for.
    pub value: u64,
}

/// A collection that frames its containers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Where it is.
    pub rect: Rect,
    /// The collection's place in the data.
    pub group: usize,
    /// It is large enough for its name.
    pub named: bool,
}

/// The whole map.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Collections behind.
    pub frames: Vec<Frame>,
    /// What can be pointed at.
    pub tiles: Vec<Tile>,
    /// The sum of all values.
    pub total: u64,
    /// How many have nothing to show.
    pub left_out: usize,
}

#[expect(
    clippy::cast_precision_loss,
    reason = "areas on a screen need no more than 53 bits"
)]
fn weight(value: u64) -> f64 {
    value as f64
}

fn value(group: &TreemapCollection, item: usize, by: Measure) -> u64 {
    let values = match by {
        Measure::Size => &group.sizes,
        Measure::Downloads => &group.counts,
    };
    values.get(item).copied().unwrap_or_default()
}

fn whole(group: &TreemapCollection, by: Measure) -> u64 {
    match by {
        Measure::Size => group.size_bytes,
        Measure::Downloads => group.downloads,
    }
}

/// Those with a value, largest first.
fn ranked(values: impl Iterator<Item = u64>) -> Vec<(usize, u64)> {
    let mut all: Vec<(usize, u64)> = values.enumerate().filter(|(_, value)| *value > 0).collect();
    all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    all
}

/// Lays everything out. With one collection, its containers take all the room.
pub fn plan(data: &Treemap, by: Measure, alone: bool, area: Rect) -> Plan {
    let mut plan = Plan::default();
    let groups = ranked(data.collections.iter().map(|group| whole(group, by)));
    plan.total = groups.iter().map(|(_, value)| value).sum();
    let weights: Vec<f64> = groups.iter().map(|(_, value)| weight(*value)).collect();
    let shown = data.level == TreemapLevel::Collections;
    if shown {
        plan.left_out = data.collections.len() - groups.len();
    }
    for ((group, value), rect) in groups.into_iter().zip(squarify(&weights, area)) {
        if shown {
            plan.tiles.push(Tile {
                rect,
                group,
                item: None,
                value,
            });
            continue;
        }
        let Some(collection) = data.collections.get(group) else {
            continue;
        };
        let named = !alone && rect.w >= LEAST.0 && rect.h >= LEAST.1;
        plan.frames.push(Frame { rect, group, named });
        let inner = match (alone, named) {
            (true, _) => rect,
            (_, true) => rect.within(HEAD, 2.0),
            // Too small for a frame: its containers touch its edge.
            (_, false) => rect.within(0.5, 0.5),
        };
        fill(&mut plan, collection, group, by, inner);
    }
    if !shown {
        let all: usize = data.collections.iter().map(|group| group.names.len()).sum();
        plan.left_out = all - plan.tiles.len();
    }
    plan
}

fn fill(plan: &mut Plan, collection: &TreemapCollection, group: usize, by: Measure, area: Rect) {
    let items = ranked((0..collection.names.len()).map(|item| value(collection, item, by)));
    let weights: Vec<f64> = items.iter().map(|(_, value)| weight(*value)).collect();
    let tiles = items.into_iter().zip(squarify(&weights, area));
    plan.tiles.extend(tiles.map(|((item, value), rect)| Tile {
        rect,
        group,
        item: Some(item),
        value,
    }));
}

impl Plan {
    /// The rectangle at a point.
    pub fn at(&self, x: f64, y: f64) -> Option<usize> {
        self.tiles.iter().position(|tile| tile.rect.holds(x, y))
    }

    /// The nearest rectangle in a direction, as arrow keys mean it.
    pub fn beside(&self, from: usize, dx: f64, dy: f64) -> Option<usize> {
        let (x, y) = self.tiles.get(from)?.rect.middle();
        let mut best = None;
        for (at, tile) in self.tiles.iter().enumerate() {
            let (tx, ty) = tile.rect.middle();
            let (along, across) = if dx == 0.0 {
                ((ty - y) * dy, (tx - x).abs())
            } else {
                ((tx - x) * dx, (ty - y).abs())
            };
            // Straight ahead counts more than near.
            let cost = along + 2.0 * across;
            if at != from && along > 0.5 && best.is_none_or(|(_, least)| cost < least) {
                best = Some((at, cost));
            }
        }
        best.map(|(at, _)| at)
    }
}

/// The colour of a collection: always the same, dark enough for white letters.
pub fn hue(name: &str) -> u32 {
    let hash = name.bytes().fold(2_166_136_261_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(16_777_619)
    });
    // The lowest bits of this hash are its weakest.
    (hash >> 8) % 360
}

#[cfg(test)]
mod tests {
    use shared_types::Sample;

    use super::*;

    const AREA: Rect = Rect {
        x: 0.0,
        y: 0.0,
        w: 400.0,
        h: 300.0,
    };

    #[test]
    fn containers_lie_in_their_collection() {
        let plan = plan(&Treemap::sample(), Measure::Downloads, false, AREA);
        assert_eq!(
            (plan.frames.len(), plan.tiles.len(), plan.total),
            (1, 2, 43)
        );
        assert_eq!(plan.tiles[0].item, Some(1), "the largest comes first");
        let (x, y) = plan.tiles[1].rect.middle();
        assert_eq!(plan.at(x, y), Some(1));
        assert_eq!(plan.at(1.0, 1.0), None, "that is the name's line");
    }

    #[test]
    fn what_has_no_value_is_left_out_and_counted() {
        let mut data = Treemap::sample();
        data.collections[0].counts = vec![0, 42];
        let plan = plan(&data, Measure::Downloads, true, AREA);
        assert_eq!((plan.tiles.len(), plan.left_out), (1, 1));
        assert_eq!(plan.tiles[0].rect, AREA);
    }

    #[test]
    fn collections_alone_are_tiles() {
        let mut data = Treemap::sample();
        data.level = TreemapLevel::Collections;
        let plan = plan(&data, Measure::Size, false, AREA);
        assert_eq!((plan.frames.len(), plan.tiles[0].item), (0, None));
    }

    #[test]
    fn arrow_keys_go_to_the_neighbour() {
        let mut data = Treemap::sample();
        data.collections[0].sizes = vec![10, 10];
        let plan = plan(&data, Measure::Size, true, AREA);
        assert_eq!(plan.beside(0, 1.0, 0.0), Some(1));
        assert_eq!(plan.beside(1, -1.0, 0.0), Some(0));
        assert_eq!(plan.beside(1, 1.0, 0.0), None);
        assert_eq!(plan.beside(0, 0.0, 1.0), None);
    }
}
