//! Squarified treemaps: rectangles as square as they can be, with areas in the given proportions (Bruls, Huizing, van Wijk 2000).

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rect {
    /// Left.
    pub x: f64,
    /// Top.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Rect {
    /// What is left inside a frame, never less than nothing.
    pub fn within(self, top: f64, edge: f64) -> Self {
        Self {
            x: self.x + edge,
            y: self.y + top,
            w: (self.w - 2.0 * edge).max(0.0),
            h: (self.h - top - edge).max(0.0),
        }
    }

    /// Whether a point is in it.
    pub fn holds(&self, x: f64, y: f64) -> bool {
        x >= self.x && x < self.x + self.w && y >= self.y && y < self.y + self.h
    }

    /// Its middle.
    pub fn middle(&self) -> (f64, f64) {
        (self.x + self.w / 2.0, self.y + self.h / 2.0)
    }
}

/// Divides an area among weights, which must be positive and come largest first.
pub fn squarify(weights: &[f64], area: Rect) -> Vec<Rect> {
    let mut out = Vec::with_capacity(weights.len());
    let mut left = area;
    let mut total: f64 = weights.iter().sum();
    let mut rest = weights;
    while !rest.is_empty() && total > 0.0 {
        let scale = left.w * left.h / total;
        let taken = row(rest, left.w.min(left.h), scale);
        let (these, others) = rest.split_at(taken);
        let sum: f64 = these.iter().sum();
        left = lay(these, sum, sum / total, left, &mut out);
        total -= sum;
        rest = others;
    }
    // What rounding left over has no place; it must have a rectangle all the same.
    out.resize(
        weights.len(),
        Rect {
            w: 0.0,
            h: 0.0,
            ..left
        },
    );
    out
}

/// How many weights make the best row along a side of this length.
fn row(weights: &[f64], side: f64, scale: f64) -> usize {
    let (mut sum, mut best) = (0.0, f64::INFINITY);
    let largest = weights.first().copied().unwrap_or_default();
    for (count, smallest) in weights.iter().enumerate() {
        sum += smallest;
        let (area, square) = (sum * scale, side * side);
        let worst = (square * largest * scale / (area * area))
            .max(area * area / (square * smallest * scale));
        if worst > best {
            return count;
        }
        best = worst;
    }
    weights.len()
}

/// Puts a row at the shorter side and returns what is left of the area.
fn lay(weights: &[f64], sum: f64, share: f64, area: Rect, out: &mut Vec<Rect>) -> Rect {
    let upright = area.w >= area.h;
    let thick = share * if upright { area.w } else { area.h };
    let mut at = 0.0;
    for weight in weights {
        let long = weight / sum * if upright { area.h } else { area.w };
        out.push(if upright {
            Rect {
                x: area.x,
                y: area.y + at,
                w: thick,
                h: long,
            }
        } else {
            Rect {
                x: area.x + at,
                y: area.y,
                w: long,
                h: thick,
            }
        });
        at += long;
    }
    if upright {
        Rect {
            x: area.x + thick,
            w: (area.w - thick).max(0.0),
            ..area
        }
    } else {
        Rect {
            y: area.y + thick,
            h: (area.h - thick).max(0.0),
            ..area
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Rect = Rect {
        x: 10.0,
        y: 20.0,
        w: 600.0,
        h: 400.0,
    };

    fn size(rect: &Rect) -> f64 {
        rect.w * rect.h
    }

    #[test]
    fn areas_are_in_proportion_and_fill_the_whole() {
        // The example of the paper.
        let weights = [6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0];
        let rects = squarify(&weights, AREA);
        for (weight, rect) in weights.iter().zip(&rects) {
            assert!((size(rect) - weight * 10_000.0).abs() < 1e-6, "{rect:?}");
            assert!(rect.w / rect.h < 3.0 && rect.h / rect.w < 3.0, "{rect:?}");
            assert!(rect.x >= AREA.x - 1e-9 && rect.y >= AREA.y - 1e-9);
            assert!(rect.x + rect.w <= AREA.x + AREA.w + 1e-9);
            assert!(rect.y + rect.h <= AREA.y + AREA.h + 1e-9);
        }
        let whole: f64 = rects.iter().map(size).sum();
        assert!((whole - size(&AREA)).abs() < 1e-6);
    }

    #[test]
    fn no_two_share_a_point() {
        let weights: Vec<f64> = (1..60).rev().map(f64::from).collect();
        let rects = squarify(&weights, AREA);
        for (at, one) in rects.iter().enumerate() {
            let (x, y) = one.middle();
            let hits: Vec<usize> = (0..rects.len())
                .filter(|other| rects[*other].holds(x, y))
                .collect();
            assert_eq!(hits, [at]);
        }
    }

    #[test]
    fn odd_input_has_a_rectangle_for_each() {
        assert!(squarify(&[], AREA).is_empty());
        assert_eq!(squarify(&[5.0], AREA), [AREA]);
        let nothing = Rect { w: 0.0, ..AREA };
        assert_eq!(squarify(&[2.0, 1.0], nothing).len(), 2);
        let many = vec![1.0; 100_000];
        assert_eq!(squarify(&many, AREA).len(), many.len());
    }

    #[test]
    fn frames_never_turn_inside_out() {
        let tiny = Rect {
            w: 2.0,
            h: 2.0,
            ..AREA
        }
        .within(16.0, 2.0);
        assert_eq!((tiny.w, tiny.h), (0.0, 0.0));
    }
}
