//! Tells a cut, or another person, from motion.
//!
//! Two things give a cut away. The face jumps: it is not where its motion would have carried it,
//! by more than a neck can do, or head and mouth jump at once, which they do not do in life but
//! do at every edit; and the picture changes with it as it did not change in the frames before,
//! which it does under a head that is thrown about. Or the whole picture changes, and the patch
//! under the face with it. Light that is switched on is no cut, so pictures are compared after
//! evening out brightness and contrast. All limits are per second, not per frame.

use std::collections::VecDeque;

use super::Landmarks;
use crate::source::Frame;
use crate::thresholds::FaceThresholds;

/// Places that expression moves little: forehead, nose bridge, canthi, temples.
const STEADY: [usize; 15] = [10, 151, 9, 8, 168, 6, 197, 33, 133, 362, 263, 127, 356, 109, 338];
/// The lips.
const LIPS: [usize; 10] = [61, 291, 0, 17, 13, 14, 37, 267, 84, 314];
/// Mean motion below which a frame repeats the one before, in face units: cameras and editors
/// repeat frames, and a repeated frame says nothing about speed.
const REPEATED_FU: f32 = 0.0004;
/// Repetitions in a row after which the face is taken to be still.
const REPEATED_MOST: u32 = 3;

type Point = [f32; 2];

/// The last frame that was not a repetition.
#[derive(Debug)]
struct Past {
    time_s: f64,
    steady: [Point; STEADY.len()],
    lips: [Point; LIPS.len()],
    /// Pixels per second; `None` while only one frame is known.
    velocity: Option<[Point; STEADY.len()]>,
    /// Repetitions since, and the time of the last of them.
    repeated: u32,
    repeated_s: f64,
}

/// Changes of the picture that are remembered: a shake of the head takes longer.
const STIRS: usize = 4;

/// Watches the face and the picture for jumps.
#[derive(Debug, Default)]
pub(super) struct Continuity {
    past: Option<Past>,
    picture: Option<Picture>,
    /// How much the picture changed of late, from frame to frame.
    stirs: VecDeque<f32>,
}

impl Continuity {
    /// Whether the face or the picture jumped in this frame; `face_unit_px` is the face unit
    /// before it. Takes the frame in.
    pub(super) fn jumps(
        &mut self,
        frame: &Frame,
        landmarks: &Landmarks,
        face_unit_px: f32,
        limits: &FaceThresholds,
    ) -> bool {
        let picture = Picture::new(frame, landmarks, face_unit_px);
        let moved = self.moved(frame.time_s, landmarks, face_unit_px, limits);
        let Some(last) = self.picture.replace(picture) else { return false };
        let picture = self.picture.as_ref().unwrap_or(&last);
        let (under, whole) = (picture.change_under(&last, frame), picture.change(&last));
        let stir = under.max(whole);
        let stirs = self.stirs.iter().copied().fold(0.0, f32::max);
        let sudden = stir >= limits.cut_stir_least && stir >= limits.cut_stir_times * stirs;
        self.stirs.push_back(stir);
        if self.stirs.len() > STIRS {
            self.stirs.pop_front();
        }
        let replaced = under >= limits.cut_face_change && whole >= limits.cut_picture_change;
        replaced || (moved && sudden)
    }

    fn moved(
        &mut self,
        time_s: f64,
        landmarks: &Landmarks,
        unit: f32,
        limits: &FaceThresholds,
    ) -> bool {
        let at = |number: usize| [landmarks[number][0], landmarks[number][1]];
        let (steady, lips) = (STEADY.map(at), LIPS.map(at));
        let Some(past) = &mut self.past else {
            self.past = Some(Past {
                time_s,
                steady,
                lips,
                velocity: None,
                repeated: 0,
                repeated_s: time_s,
            });
            return false;
        };
        let step: [Point; STEADY.len()] =
            std::array::from_fn(|i| [0, 1].map(|axis| steady[i][axis] - past.steady[i][axis]));
        if rms(&step) < REPEATED_FU * unit {
            past.repeated += 1;
            past.repeated_s = time_s;
            return false;
        }
        if past.repeated > REPEATED_MOST {
            past.time_s = past.repeated_s;
            past.velocity = Some([[0.0; 2]; STEADY.len()]);
        }
        let passed = (time_s - past.time_s) as f32;
        if passed <= 0.0 {
            return false;
        }
        let velocity = step.map(|s| s.map(|value| value / passed));
        let jumped = past.velocity.as_ref().is_some_and(|before| {
            let beyond: [Point; STEADY.len()] = std::array::from_fn(|i| {
                [0, 1].map(|axis| step[i][axis] - before[i][axis] * passed)
            });
            let jump = rms(&beyond) / unit;
            let acceleration = jump / (passed * passed);
            let mouth = Similarity::new(&past.steady, &steady)
                .map_or(0.0, |head| head.residual(&past.lips, &lips) / unit);
            let mouth_too = mouth >= limits.cut_mouth_fu
                && mouth / passed >= limits.cut_mouth_speed
                && acceleration >= limits.cut_acceleration_with_mouth;
            jump >= limits.cut_jump_fu && (mouth_too || acceleration >= limits.cut_acceleration)
        });
        self.past = Some(Past {
            time_s,
            steady,
            lips,
            velocity: Some(velocity),
            repeated: 0,
            repeated_s: time_s,
        });
        jumped
    }
}

fn rms(vectors: &[Point]) -> f32 {
    let sum: f32 = vectors.iter().map(|[x, y]| x * x + y * y).sum();
    (sum / vectors.len() as f32).sqrt()
}

/// A turn, scale and shift in the plane.
struct Similarity {
    turn: Point,
    from: Point,
    to: Point,
}

impl Similarity {
    /// The least-squares fit; `None` if the points are all in one place.
    fn new(from: &[Point], to: &[Point]) -> Option<Self> {
        let mean = |points: &[Point]| {
            [0, 1].map(|axis| points.iter().map(|p| p[axis]).sum::<f32>() / points.len() as f32)
        };
        let (center_from, center_to) = (mean(from), mean(to));
        let (mut along, mut across, mut spread) = (0.0, 0.0, 0.0);
        for (a, b) in from.iter().zip(to) {
            let [ax, ay] = [a[0] - center_from[0], a[1] - center_from[1]];
            let [bx, by] = [b[0] - center_to[0], b[1] - center_to[1]];
            along += ax * bx + ay * by;
            across += ax * by - ay * bx;
            spread += ax * ax + ay * ay;
        }
        (spread > 0.0).then(|| Self {
            turn: [along / spread, across / spread],
            from: center_from,
            to: center_to,
        })
    }

    /// Root mean square distance that is left between the points.
    fn residual(&self, from: &[Point; LIPS.len()], to: &[Point; LIPS.len()]) -> f32 {
        let left: [Point; LIPS.len()] = std::array::from_fn(|i| {
            let [x, y] = [from[i][0] - self.from[0], from[i][1] - self.from[1]];
            let [cos, sin] = self.turn;
            [
                to[i][0] - (cos * x - sin * y + self.to[0]),
                to[i][1] - (sin * x + cos * y + self.to[1]),
            ]
        });
        rms(&left)
    }
}

const GRID: [usize; 2] = [32, 24];
const PATCH: usize = 24;
/// Half the edge of the face patch in face units: from hairline to chin.
const PATCH_HALF_FU: f32 = 1.1;

/// A picture reduced to a coarse grid, and the patch under the face.
#[derive(Debug)]
struct Picture {
    size: [usize; 2],
    whole: Vec<f32>,
    center: Point,
    half: f32,
    face: Vec<f32>,
}

impl Picture {
    fn new(frame: &Frame, landmarks: &Landmarks, unit: f32) -> Self {
        let size = [frame.width, frame.height];
        let cell = |i: usize, axis: usize| (2 * i + 1) * size[axis] / (2 * GRID[axis]);
        let whole = (0..GRID[0] * GRID[1])
            .map(|i| f32::from(frame.grey(cell(i % GRID[0], 0), cell(i / GRID[0], 1))))
            .collect();
        let center = [0, 1].map(|axis| {
            STEADY.iter().map(|&number| landmarks[number][axis]).sum::<f32>() / STEADY.len() as f32
        });
        let half = PATCH_HALF_FU * unit;
        Self { size, whole, center, half, face: patch(frame, center, half) }
    }

    /// How much the whole picture changed: one less the correlation, 0 to 2.
    fn change(&self, last: &Self) -> f32 {
        if self.size == last.size { 1.0 - correlation(&self.whole, &last.whole) } else { 2.0 }
    }

    /// How much the picture changed where the face was: one less the correlation, 0 to 2.
    fn change_under(&self, last: &Self, frame: &Frame) -> f32 {
        if self.size != last.size {
            return 2.0;
        }
        1.0 - correlation(&patch(frame, last.center, last.half), &last.face)
    }
}

fn patch(frame: &Frame, center: Point, half: f32) -> Vec<f32> {
    let at = |i: usize, axis: usize, size: usize| {
        let offset = (2 * i + 1) as f32 / PATCH as f32 - 1.0;
        (center[axis] + half * offset).clamp(0.0, (size - 1) as f32) as usize
    };
    (0..PATCH * PATCH)
        .map(|i| (at(i % PATCH, 0, frame.width), at(i / PATCH, 1, frame.height)))
        .map(|(x, y)| f32::from(frame.grey(x, y)))
        .collect()
}

/// Standard deviation below which a picture is blank, grey levels.
const BLANK: f32 = 1.0;

/// Correlation of two pictures; two blank ones are equal, a blank one is like no other.
fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let count = a.len() as f32;
    let mean = |values: &[f32]| values.iter().sum::<f32>() / count;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - mean_a, b - mean_b);
        aa += a * a;
        bb += b * b;
        ab += a * b;
    }
    let blank = BLANK * BLANK * count;
    match (aa < blank, bb < blank) {
        (true, true) => 1.0,
        (false, false) => ab / (aa * bb).sqrt(),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anatomy::LANDMARKS;

    const UNIT: f32 = 100.0;

    /// A face at `x`, `y` with the mouth open by `gap`.
    fn face(x: f32, y: f32, gap: f32) -> Landmarks {
        let mut landmarks: Landmarks = std::array::from_fn(|i| {
            let (column, row) = ((i % 22) as f32, (i / 22) as f32);
            [x + 8.0 * column, y + 8.0 * row, 0.0]
        });
        for (i, number) in LIPS.into_iter().enumerate() {
            landmarks[number][1] += if i % 2 == 0 { gap } else { -gap };
        }
        landmarks
    }

    /// Runs frames at `fps` and says which jump.
    fn jumps(fps: f64, faces: &[Landmarks]) -> Vec<usize> {
        let mut continuity = Continuity::default();
        let limits = FaceThresholds::default();
        let mut jumped = |(i, face): (usize, &Landmarks)| {
            continuity.moved(i as f64 / fps, face, UNIT, &limits).then_some(i)
        };
        faces.iter().enumerate().filter_map(&mut jumped).collect()
    }

    #[test]
    fn a_face_that_is_elsewhere_in_the_next_frame_has_jumped() {
        let mut faces = vec![face(100.0, 100.0, 0.0); 10];
        for (i, face) in faces.iter_mut().enumerate() {
            face.iter_mut().for_each(|p| p[0] += 0.5 * (i % 2) as f32);
        }
        faces.extend(vec![face(116.0, 100.0, 0.0); 5]);
        assert_eq!(jumps(30.0, &faces), [10]);
    }

    #[test]
    fn head_and_mouth_that_jump_together_are_a_cut_but_neither_alone_is() {
        let run = |dx: f32, gap: f32| {
            let wobble = |i: usize| face(100.0 + 0.2 * (i % 2) as f32, 100.0, 0.0);
            let mut faces: Vec<_> = (0..10).map(wobble).collect();
            faces.extend(vec![face(100.0 + dx, 100.0, gap); 3]);
            jumps(30.0, &faces)
        };
        assert_eq!(run(6.0, 6.0), [10]);
        assert!(run(6.0, 0.0).is_empty());
        assert!(run(0.0, 6.0).is_empty());
    }

    #[test]
    fn a_head_shaken_hard_does_not_jump_at_any_rate() {
        // 3 shakes a second, 0.3 face units wide: 53 face units per second squared.
        for fps in [15.0, 24.0, 30.0, 60.0, 240.0] {
            let shake = |i: usize| {
                let turn = (std::f64::consts::TAU * 3.0 * i as f64 / fps).sin();
                face(100.0 + 15.0 * turn as f32, 100.0, 0.0)
            };
            let faces: Vec<_> = (0..(3.0 * fps) as usize).map(shake).collect();
            assert!(jumps(fps, &faces).is_empty(), "{fps} frames a second");
        }
    }

    #[test]
    fn jitter_at_a_high_rate_is_no_jump() {
        let jitter = |i: usize| face(100.0 + 0.8 * (i * 7 % 3) as f32, 100.0, 0.5 * (i % 2) as f32);
        let faces: Vec<_> = (0..480).map(jitter).collect();
        assert!(jumps(240.0, &faces).is_empty());
    }

    #[test]
    fn a_face_that_was_perfectly_still_jumps_as_any_other() {
        let mut faces = vec![face(100.0, 100.0, 0.0); 40];
        faces.extend(vec![face(125.0, 100.0, 0.0); 5]);
        let jumped = jumps(30.0, &faces);
        assert_eq!(jumped, [40]);
    }

    #[test]
    fn a_head_that_goes_on_moving_after_repeated_frames_does_not_jump() {
        let faces: Vec<_> =
            (0..60).map(|i| face(100.0 + 5.0 * (i / 2) as f32, 100.0, 0.0)).collect();
        assert!(jumps(30.0, &faces).is_empty());
    }

    fn picture(seed: usize, gain: f32) -> Frame {
        let (width, height) = (96, 64);
        let value = |i: usize| (40.0 + gain * ((i / 3 * seed) % 97) as f32) as u8;
        Frame::from_bgr(width, height, (0..3 * width * height).map(value).collect())
    }

    #[test]
    fn another_picture_is_a_cut_and_another_light_is_not() {
        let limits = FaceThresholds::default();
        let landmarks = [[40.0, 30.0, 0.0]; LANDMARKS];
        let mut continuity = Continuity::default();
        let mut jumps = |frame: &Frame| continuity.jumps(frame, &landmarks, 20.0, &limits);
        assert!(!jumps(&picture(31, 1.0)));
        assert!(!jumps(&picture(31, 2.0)), "brighter");
        assert!(jumps(&picture(53, 2.0)), "another picture");
    }

    #[test]
    fn a_picture_of_another_size_is_a_cut() {
        let limits = FaceThresholds::default();
        let landmarks = [[40.0, 30.0, 0.0]; LANDMARKS];
        let mut continuity = Continuity::default();
        let frame = picture(31, 1.0);
        let smaller = Frame::from_bgr(96, 32, frame.bgr()[..3 * 96 * 32].to_vec());
        assert!(!continuity.jumps(&frame, &landmarks, 20.0, &limits));
        assert!(continuity.jumps(&smaller, &landmarks, 20.0, &limits));
    }
}
