//! Things that lie before the face: where they are, what they hide, and how they look.
//!
//! They are laid over the finished picture, painted or recorded, in the face's own frame, so that
//! they follow the head; what is hidden when follows from their outline alone.

mod form;

use rayon::prelude::*;

use super::face_frame::{FaceFrame, Point};
use super::paint::noise::smooth;
use super::paint::vector::{step, v3};
use super::scenario::{Cover, Occluder, OccluderKind};
use crate::anatomy::{PerPlace, Place, Region, Side};
use crate::source::{Frame, Pixels};
use form::{Part, look};

/// Time in which something comes or goes, seconds (judgment).
const ENTERS_S: f64 = 0.35;

/// Middle of a place in the usual face's frame, face units (the proportions of the painted face).
const fn usual(place: Place) -> Point {
    let right = matches!(place.side, Some(Side::Right));
    let [x, y] = match (place.region, place.side) {
        (Region::Periocular, _) => [0.335, 0.0],
        (Region::Cheek, _) => [0.37, 0.40],
        (Region::MouthCorner, _) => [0.27, 0.77],
        (Region::Forehead, _) => [0.31, -0.28],
        (Region::Jaw, Some(_)) => [0.17, 1.03],
        (Region::Jaw, None) => [0.0, 1.03],
    };
    [if right { -x } else { x }, y]
}

/// Middle of what something lies over in the usual face's frame.
fn anchor(over: Cover, side: Side) -> Point {
    match over {
        Cover::Eye => usual(Place::new(Region::Periocular, side)),
        Cover::Brow => usual(Place::new(Region::Forehead, side)),
        Cover::Cheek => usual(Place::new(Region::Cheek, side)),
        Cover::Mouth => [0.0, 0.77],
    }
}

/// Something before the face at one moment.
struct Placed<'a> {
    spec: &'a Occluder,
    /// Its middle in the face's frame.
    middle: Point,
    /// 1 where it is drawn as described, -1 mirrored.
    sign: f32,
    /// How much of it is there: glare comes and goes in its place.
    there: f32,
}

impl<'a> Placed<'a> {
    /// Where it is at a moment; `None` while it is away.
    fn at(spec: &'a Occluder, time_s: f64) -> Option<Self> {
        if time_s < spec.start_s || time_s >= spec.end_s {
            return None;
        }
        let way = ENTERS_S.min(0.3 * (spec.end_s - spec.start_s));
        // What is there in the first frame was there before.
        let since = if spec.start_s <= 0.0 { way } else { time_s - spec.start_s };
        let part = (since.min(spec.end_s - time_s) / way).clamp(0.0, 1.0) as f32;
        let inside = step(0.0, 1.0, part);
        let sign = match spec.side {
            _ if spec.over == Cover::Mouth && spec.kind == OccluderKind::Mask => 1.0,
            Side::Left => 1.0,
            Side::Right => -1.0,
        };
        let away = if spec.kind == OccluderKind::Glare { 0.0 } else { 1.0 - inside };
        let swing = std::f64::consts::TAU * spec.travel_hz * (time_s - spec.start_s);
        let swing = (0.5 * spec.travel * swing.sin()) as f32;
        let [x, y] = anchor(spec.over, spec.side);
        // From below and from the side; to and fro along a slant.
        let middle = [x + sign * (0.9 * away + 0.8 * swing), y + 1.4 * away + 0.6 * swing];
        let there = if spec.kind == OccluderKind::Glare { inside } else { 1.0 };
        Some(Self { spec, middle, sign, there })
    }

    /// How much it hides at a place of the face; `edge` is how soft its outline is, face units.
    fn look(&self, q: Point, edge: f32) -> (f32, form::Seen, Point) {
        let size = self.spec.size as f32;
        let p = [self.sign * (q[0] - self.middle[0]) / size, (q[1] - self.middle[1]) / size];
        let seen = look(self.spec.kind, p);
        let hides = (0.5 - seen.outside * size / edge).clamp(0.0, 1.0);
        (self.there * seen.dense * hides, seen, p)
    }
}

/// Which places something hides at a moment: those of which it hides half or more.
pub(super) fn hidden(occluders: &[Occluder], time_s: f64) -> PerPlace<Option<OccluderKind>> {
    let placed: Vec<Placed<'_>> =
        occluders.iter().filter_map(|spec| Placed::at(spec, time_s)).collect();
    PerPlace::from_fn(|place| {
        let [x, y] = usual(place);
        // The fissure is wide and low, skin is read over a disk.
        let (wide, high) =
            if place.region == Region::Periocular { (0.15, 0.05) } else { (0.06, 0.06) };
        placed.iter().rev().find_map(|one| {
            let hides: f32 = (0..25)
                .map(|i| {
                    let [dx, dy] = [(i % 5) as f32 - 2.0, (i / 5) as f32 - 2.0];
                    one.look([x + 0.5 * wide * dx, y + 0.5 * high * dy], 0.01).0
                })
                .sum();
            (hides >= 12.5).then_some(one.spec.kind)
        })
    })
}

/// Lays what is before the face over a picture of it. `anchors` gives the middle of what a thing
/// lies over in this face's frame; `None` takes the usual face's.
pub(super) fn lay_over(
    frame: &mut Frame,
    face: &FaceFrame,
    occluders: &[Occluder],
    anchors: Option<&dyn Fn(Cover, Side) -> Point>,
) {
    let mut placed: Vec<Placed<'_>> =
        occluders.iter().filter_map(|spec| Placed::at(spec, frame.time_s)).collect();
    if placed.is_empty() {
        return;
    }
    for one in &mut placed {
        if let Some(anchors) = anchors {
            let (usual, own) =
                (anchor(one.spec.over, one.spec.side), anchors(one.spec.over, one.spec.side));
            one.middle = [0, 1].map(|k| one.middle[k] + own[k] - usual[k]);
        }
    }
    let mut bgr = frame.bgr().into_owned();
    let light = Light::of(&bgr, [frame.width, frame.height], face);
    let edge = 1.5 / face.unit_px();
    let (width, seed) = (frame.width, 0x0cc1_u32);
    bgr.par_chunks_mut(3 * width).enumerate().for_each(|(y, row)| {
        for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
            let q = face.face([x as f32, y as f32]);
            if q[0].abs() > 2.5 || !(-2.0..4.0).contains(&q[1]) {
                continue;
            }
            for one in &placed {
                let (hides, seen, p) = one.look(q, edge);
                if hides <= 0.0 {
                    continue;
                }
                let grain = smooth(v3(28.0 * p[0], 28.0 * p[1], 0.0), seed)
                    + smooth(v3(90.0 * p[0], 90.0 * p[1], 3.0), seed);
                let plain = matches!(one.spec.kind, OccluderKind::Oval | OccluderKind::Glare);
                let shade = seen.shade * if plain { 1.0 } else { 1.0 + 0.03 * grain };
                let colour = light.colour(one.spec, seen.part);
                for (to, from) in pixel.iter_mut().zip(colour) {
                    let mixed = f32::from(*to) + hides * (shade * from - f32::from(*to));
                    *to = (mixed + 0.5).clamp(0.0, 255.0) as u8;
                }
            }
        }
    });
    frame.pixels = Pixels::Bgr(bgr);
}

/// How the picture shows the face: what a thing beside it must match.
struct Light {
    /// Tone of the skin, blue, green, red.
    skin: [f32; 3],
    /// Brightness of the picture over a well lit one's; that of its skin says less the darker
    /// the skin is of itself.
    level: f32,
}

/// Brightness of the lighter skin of a well lit face, 0 to 255 (judgment).
const WELL_LIT: f32 = 185.0;

impl Light {
    fn of(bgr: &[u8], [width, height]: [usize; 2], face: &FaceFrame) -> Self {
        let mut seen: Vec<[f32; 3]> = Vec::new();
        for i in 0..15 {
            for j in 0..9 {
                // Cheeks, nose and the lower forehead.
                let q = [0.07 * (i as f32 - 7.0), -0.30 + 0.10 * j as f32];
                let [x, y] = face.picture(q);
                if x < 0.0 || y < 0.0 || x as usize >= width || y as usize >= height {
                    continue;
                }
                let at = 3 * (y as usize * width + x as usize);
                seen.push(std::array::from_fn(|k| f32::from(bgr[at + k])));
            }
        }
        seen.sort_by(|a, b| a.iter().sum::<f32>().total_cmp(&b.iter().sum()));
        let pick = |part: f32| {
            let at = (part * seen.len() as f32) as usize;
            seen.get(at.min(seen.len().saturating_sub(1))).copied().unwrap_or([120.0; 3])
        };
        let bright = pick(0.9).iter().sum::<f32>() / 3.0;
        Self { skin: pick(0.62), level: (bright / WELL_LIT).powf(0.7).clamp(0.15, 1.1) }
    }

    /// Blue, green, red of a part.
    fn colour(&self, spec: &Occluder, part: Part) -> [f32; 3] {
        let lit = |rgb: [u8; 3]| [rgb[2], rgb[1], rgb[0]].map(|c| self.level * f32::from(c));
        match (part, spec.colour, spec.kind) {
            (Part::Dark, _, _) => lit([52, 38, 30]),
            (Part::Metal, _, _) => lit([170, 172, 176]),
            (Part::Own, Some(rgb), _) => lit(rgb),
            (Part::Own, None, kind) => match kind {
                OccluderKind::Hand | OccluderKind::Fingers | OccluderKind::Oval => {
                    self.skin.map(|c| 1.06 * c)
                }
                OccluderKind::Brush => lit([176, 138, 96]),
                OccluderKind::Mask => lit([172, 202, 216]),
                OccluderKind::Patch => lit([30, 29, 32]),
                OccluderKind::Hair => lit([58, 44, 34]),
                OccluderKind::Cup => lit([226, 222, 214]),
                // A lamp's image is as bright as the sensor goes, whatever the room.
                OccluderKind::Glare => [250.0, 249.0, 247.0],
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Motion, Scenario};
    use super::*;

    fn covered(kind: OccluderKind, over: Cover) -> Scenario {
        let mut scenario = Scenario::still("covered", 6.0);
        scenario.occluders.push(Occluder {
            kind,
            over,
            side: Side::Right,
            start_s: 1.0,
            end_s: 4.0,
            travel: 0.0,
            travel_hz: 0.8,
            size: 1.0,
            colour: None,
        });
        scenario
    }

    #[test]
    fn a_hand_over_an_eye_hides_that_eye_while_it_is_there() {
        let truth = Motion::new(&covered(OccluderKind::Hand, Cover::Eye)).truth(None);
        let lids: Vec<_> = truth.hidden.iter().filter(|h| h.region == Region::Periocular).collect();
        assert_eq!(lids.len(), 1, "{lids:?}");
        assert_eq!((lids[0].side, lids[0].by.as_str()), (Some(Side::Right), "hand"));
        assert!((1.0..1.5).contains(&lids[0].start_s) && (3.5..4.0).contains(&lids[0].end_s));
        assert!(truth.hidden.iter().all(|h| h.side != Some(Side::Left)), "{:?}", truth.hidden);
    }

    #[test]
    fn a_mask_hides_the_mouth_and_leaves_the_eyes() {
        let hidden = Motion::new(&covered(OccluderKind::Mask, Cover::Mouth)).hidden(2.5);
        for side in Side::BOTH {
            assert!(hidden[Place::new(Region::MouthCorner, side)].is_some());
            assert!(hidden[Place::new(Region::Periocular, side)].is_none());
        }
    }

    #[test]
    fn what_lies_over_a_picture_changes_it_there_alone() {
        let scenario = covered(OccluderKind::Patch, Cover::Eye);
        let (width, height) = (200, 200);
        let blank =
            Frame { time_s: 2.5, ..Frame::from_bgr(width, height, vec![150; 3 * width * height]) };
        // Outer canthi a hundred pixels apart: the subject's right is on the picture's left.
        let face = FaceFrame::between([50.0, 80.0], [150.0, 80.0], 100.0).expect("a face");
        let mut covered = blank.clone();
        lay_over(&mut covered, &face, &scenario.occluders, None);
        let at = |x: usize, y: usize| covered.bgr()[3 * (y * width + x)];
        assert!(at(66, 80) < 80, "the right eye is dark: {}", at(66, 80));
        assert_eq!(at(134, 120), 150);
        let mut away = Frame { time_s: 5.0, ..blank.clone() };
        lay_over(&mut away, &face, &scenario.occluders, None);
        assert_eq!(away.bgr(), blank.bgr());
    }
}
