//! A real jaw dropping: the lower lip goes down and bares the dark of the mouth.

use super::{Colour, Point, mix};
use crate::synth::paint::vector::{knots, step};

/// How far below the chin the neck's skin follows the jaw, face units (judgment: the skin over the
/// hyoid stays; less would fold it when the jaw opens wide).
pub(super) const NECK: f32 = 0.5;

/// The dropping jaw.
pub(super) struct MouthWarp {
    right: Point,
    left: Point,
    /// Lower edge of the lips' opening over x from -1 (right corner) to 1.
    lip: [(f32, f32); 11],
    drop: f32,
    /// Height of the chin's lower edge.
    chin: f32,
    /// Colour of the dark between the lips, blue, green, red.
    dark: Colour,
}

impl MouthWarp {
    pub(super) fn new(
        at: &impl Fn(usize) -> Point,
        look: &impl Fn(Point) -> Colour,
        drop: f32,
    ) -> Self {
        // The upper edge of the lower lip, from the subject's right to the left.
        const LIP: [usize; 9] = [95, 88, 178, 87, 14, 317, 402, 318, 324];
        let (right, left) = (at(78), at(308));
        let mut mouth =
            Self { right, left, lip: [(0.0, 0.0); 11], drop, chin: 0.0, dark: [0.0; 3] };
        mouth.chin = mouth.local(at(152))[1];
        mouth.lip[0] = (-1.0, 0.0);
        mouth.lip[10] = (1.0, 0.0);
        for (k, i) in LIP.into_iter().enumerate() {
            let [x, y] = mouth.local(at(i));
            mouth.lip[k + 1] = (x, y);
        }
        mouth.lip.sort_by(|a, b| a.0.total_cmp(&b.0));
        // The line between the lips is dark already; the mouth behind it is darker.
        let mut sum = [0.0; 3];
        for (x, y) in &mouth.lip[2..9] {
            let seen = look(mouth.back([*x, *y]));
            for k in 0..3 {
                sum[k] += seen[k] / 7.0;
            }
        }
        // No darker than the camera shows the pupils: haze lifts every dark. What a pupil mirrors
        // is not the colour of a mouth.
        let light = |c: Colour| c.iter().sum::<f32>();
        let pupils = [468, 473].map(|i| light(look(at(i))));
        let share = (0.9 * pupils[0].min(pupils[1]) / light(sum).max(1.0)).clamp(0.30, 0.9);
        mouth.dark = sum.map(|c| share * c);
        mouth
    }

    /// Colour of a point between the lips, or beside them where `dark` is 0.
    pub(super) fn colour(&self, seen: Colour, dark: f32) -> Colour {
        mix(seen, self.dark, dark)
    }

    fn local(&self, q: Point) -> Point {
        let (mx, my) = (0.5 * (self.right[0] + self.left[0]), 0.5 * (self.right[1] + self.left[1]));
        let half = 0.5 * (self.left[0] - self.right[0]);
        let tilt = (self.left[1] - self.right[1]) / (self.left[0] - self.right[0]);
        [(q[0] - mx) / half, q[1] - my - tilt * (q[0] - mx)]
    }

    fn back(&self, p: Point) -> Point {
        let (mx, my) = (0.5 * (self.right[0] + self.left[0]), 0.5 * (self.right[1] + self.left[1]));
        let half = 0.5 * (self.left[0] - self.right[0]);
        let tilt = (self.left[1] - self.right[1]) / (self.left[0] - self.right[0]);
        [mx + half * p[0], my + p[1] + tilt * half * p[0]]
    }

    /// How far a point below the lips goes down.
    fn fall(&self, x: f32, below: f32) -> f32 {
        let lip = (1.0 - x * x).max(0.0).powf(0.8);
        // Taken up over so long a way that the skin is never folded over itself.
        let deep = step(0.0, (2.5 * self.drop).max(0.16), below);
        // The cheek beside the mouth follows less and less, and so does the neck below the chin.
        let beside = step(2.6, 1.2, x.abs());
        let chin = self.chin - knots(&self.lip, x.clamp(-1.0, 1.0));
        let neck = step(chin + NECK, chin, below);
        self.drop * (lip + (1.0 - lip) * deep) * beside * neck
    }

    /// Where a point comes from, and how much of the mouth's dark lies there.
    pub(super) fn origin(&self, q: Point) -> (Point, f32) {
        let [x, y] = self.local(q);
        let line = if x.abs() < 1.0 { knots(&self.lip, x) } else { 0.0 };
        let edge = line + self.fall(x, 0.0);
        // Soft by a hundredth of a face unit at both edges. The upper one lies in the dark line
        // between the lips: below it the lower lip's red would show.
        let dark = if x.abs() < 1.0 {
            let opened = step(0.0, 0.012, edge - line);
            opened * step(-0.010, 0.002, y - line) * step(0.0, 0.010, edge - y)
        } else {
            0.0
        };
        if y <= line {
            return (q, dark);
        }
        if y < edge {
            let near = if y - line < edge - y { line } else { line + 0.004 };
            return (self.back([x, near]), dark);
        }
        let mut from = y;
        for _ in 0..8 {
            from = (y - self.fall(x, from - line)).max(line);
        }
        (self.back([x, from]), 0.0)
    }
}
