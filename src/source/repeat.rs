//! Tells a picture that repeats the one before from a new one.
//!
//! Cameras, editors and converters of frame rates repeat pictures, and encode them anew: what
//! differs then is the codec's noise alone. A repeat measures nothing new. Two things tell it: the
//! picture as a whole differs by much less than one picture usually does from the next, whose own
//! noise is new each time; and no part of it, however small, differs by more than noise, so that a
//! lid that moves in a picture that is still otherwise is never taken for a repeat.

use std::collections::VecDeque;

use super::{Frame, Pixels};
use crate::thresholds::SourceThresholds;

/// Edge of the parts that are compared, pixels of a picture of [`ROWS`] rows: about an eye.
const PART: usize = 16;
/// Rows that are compared; of a higher picture every second, third and so on.
const ROWS: usize = 256;
/// Parts that differ most, whose mean counts: a part alone may hold an artefact.
const WORST: usize = 4;
/// New pictures whose change is remembered (judgment: a second at the usual rates).
const REMEMBERED: usize = 31;

/// Compares each picture with the last new one.
#[derive(Debug)]
pub(crate) struct Repeats {
    thresholds: SourceThresholds,
    size: (usize, usize),
    /// Every so many rows of the last new picture, and of the one at hand.
    last: Vec<u8>,
    now: Vec<u8>,
    last_new_s: f64,
    usual: VecDeque<Change>,
    parts: Vec<u32>,
}

/// How much two pictures differ, grey levels.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Change {
    whole: f32,
    worst: f32,
}

impl Repeats {
    pub(crate) fn new(thresholds: &SourceThresholds) -> Self {
        Self {
            thresholds: thresholds.clone(),
            size: (0, 0),
            last: Vec::new(),
            now: Vec::new(),
            last_new_s: 0.0,
            usual: VecDeque::new(),
            parts: Vec::new(),
        }
    }

    /// Whether the frame repeats the last new one.
    pub(crate) fn repeats(&mut self, frame: &Frame) -> bool {
        let size = (frame.width, frame.height);
        take_rows(frame, &mut self.now);
        let known = self.size == size && !self.last.is_empty() && !frame.after_loss;
        if known {
            let change = self.change(frame.width);
            // A picture that stands still for long is a still face, or a camera that hangs:
            // either is looked at now and then.
            let soon = frame.time_s - self.last_new_s < self.thresholds.repeat_longest_s;
            if soon && self.is_repeat(change) {
                return true;
            }
            if self.usual.len() == REMEMBERED {
                self.usual.pop_front();
            }
            self.usual.push_back(change);
        }
        self.size = size;
        self.last_new_s = frame.time_s;
        std::mem::swap(&mut self.last, &mut self.now);
        false
    }

    fn is_repeat(&self, change: Change) -> bool {
        let t = &self.thresholds;
        if change.whole < t.repeat_whole && change.worst < t.repeat_worst {
            return true;
        }
        let usual = |part: fn(&Change) -> f32| {
            let mut values: Vec<f32> = self.usual.iter().map(part).collect();
            values.sort_by(f32::total_cmp);
            // The third quartile: repeats that were not known as such lie below it.
            values.get(values.len() * 3 / 4).copied().unwrap_or(0.0)
        };
        let noise = t.repeat_worst_share * usual(|change| change.worst);
        change.whole < t.repeat_whole_share * usual(|change| change.whole)
            && change.worst < noise.max(t.repeat_worst).min(t.repeat_worst_most)
    }

    /// Compares the rows at hand with those of the last new picture.
    fn change(&mut self, width: usize) -> Change {
        let across = width.div_ceil(PART);
        let (mut total, mut worst) = (0_u64, [0.0_f32; WORST]);
        let band = PART * width;
        for (now, last) in self.now.chunks(band).zip(self.last.chunks(band)) {
            self.parts.clear();
            self.parts.resize(across, 0);
            for (now, last) in now.chunks(width).zip(last.chunks(width)) {
                // Parts of full width by themselves: of those the compiler knows the width.
                let ((now, now_rest), (last, last_rest)) =
                    (now.as_chunks::<PART>(), last.as_chunks::<PART>());
                for (sum, (now, last)) in self.parts.iter_mut().zip(now.iter().zip(last)) {
                    *sum += apart(now, last);
                }
                if let (false, Some(sum)) = (now_rest.is_empty(), self.parts.last_mut()) {
                    *sum += apart(now_rest, last_rest);
                }
            }
            let rows = now.len() / width;
            for (number, sum) in self.parts.iter().enumerate() {
                total += u64::from(*sum);
                let columns = PART.min(width - number * PART);
                let mean = *sum as f32 / (rows * columns) as f32;
                // A sliver at the edge is no part.
                if 2 * columns > PART && 2 * rows > PART && mean > worst[WORST - 1] {
                    worst[WORST - 1] = mean;
                    worst.sort_by(|a, b| b.total_cmp(a));
                }
            }
        }
        Change {
            whole: total as f32 / self.now.len().max(1) as f32,
            worst: worst.iter().sum::<f32>() / WORST as f32,
        }
    }
}

/// Sum of how far bytes lie apart.
#[inline(always)]
fn apart(now: &[u8], last: &[u8]) -> u32 {
    now.iter().zip(last).map(|(a, b)| u32::from(a.abs_diff(*b))).sum()
}

/// Copies every so many rows of grey: luma, or green where the picture is packed.
fn take_rows(frame: &Frame, rows: &mut Vec<u8>) {
    rows.clear();
    let step = (frame.height / ROWS).max(1);
    for y in (0..frame.height).step_by(step) {
        match &frame.pixels {
            Pixels::Bgr(bgr) => {
                let row = bgr.chunks_exact(3 * frame.width).nth(y).unwrap_or_default();
                rows.extend(row.as_chunks::<3>().0.iter().map(|[_, green, _]| green));
            }
            Pixels::Planes(planes) => rows.extend_from_slice(planes.luma().row(y)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (usize, usize) = (160, 128);

    /// A pseudo-random number from 0 to 1.
    fn noise(seed: usize) -> f64 {
        let mixed = (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678;
        (mixed.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f64 / f64::from(1 << 24)
    }

    /// A picture of a textured ground with noise of its own, up to `sensor` levels, noise of a
    /// codec, up to `codec`, and a lid that covers an eye of 32 x 16 pixels to `shut`.
    fn picture(number: usize, [sensor, codec, shut]: [f64; 3], shown: usize) -> Frame {
        let bgr = (0..SIZE.0 * SIZE.1)
            .flat_map(|i| {
                let (x, y) = (i % SIZE.0, i / SIZE.0);
                let ground = 100.0 + 50.0 * noise(i / 3);
                let eye = (64..96).contains(&x) && (48..64).contains(&y);
                let lid = eye && ((y - 48) as f64) < 16.0 * shut;
                let own = sensor * (noise(i + 7_919 * number) - 0.5);
                let coded = codec * (noise(i + 104_729 * shown) - 0.5);
                [(if lid { 190.0 } else { ground } + own + coded) as u8; 3]
            })
            .collect();
        let time_s = shown as f64 / 30.0;
        Frame { index: shown as u64, time_s, ..Frame::from_bgr(SIZE.0, SIZE.1, bgr) }
    }

    /// Which of the frames are repeats.
    fn repeats(frames: impl IntoIterator<Item = Frame>) -> Vec<usize> {
        let mut repeats = Repeats::new(&SourceThresholds::default());
        let told = frames.into_iter().enumerate();
        told.filter_map(|(i, frame)| repeats.repeats(&frame).then_some(i)).collect()
    }

    #[test]
    fn every_fifth_picture_repeated_and_encoded_anew_is_told() {
        let number = |shown: usize| shown - (shown + 1) / 5;
        let frames = (0..40).map(|shown| picture(number(shown), [8.0, 1.5, 0.0], shown));
        let expected: Vec<usize> = (1..40).filter(|i| number(*i) == number(*i - 1)).collect();
        let found = repeats(frames);
        let after = |all: &[usize]| all.iter().copied().filter(|i| *i > 6).collect::<Vec<_>>();
        assert_eq!(after(&found), after(&expected));
    }

    #[test]
    fn new_pictures_of_a_still_face_are_none() {
        assert!(repeats((0..40).map(|i| picture(i, [3.0, 0.0, 0.0], i))).is_empty());
    }

    #[test]
    fn a_lid_that_moves_in_a_picture_that_is_still_otherwise_is_new() {
        let shut = |i: usize| if (10..14).contains(&i) { 0.2 * (i - 9) as f64 } else { 0.0 };
        let found = repeats((0..16).map(|i| picture(0, [0.0, 0.4, shut(i)], i)));
        assert!(!found.iter().any(|i| (10..15).contains(i)), "{found:?}");
    }

    #[test]
    fn a_picture_that_stands_still_is_looked_at_now_and_then() {
        let found = repeats((0..31).map(|i| picture(0, [0.0, 0.0, 0.0], i)));
        let new: Vec<usize> = (0..31).filter(|i| !found.contains(i)).collect();
        assert_eq!(new, [0, 12, 24]);
    }

    #[test]
    fn what_moves_a_little_after_a_large_movement_is_new() {
        // A head that comes to rest: the ground changes wholly, then a lid moves by a little.
        let shut = |i: usize| if i < 12 { 0.0 } else { (i - 11) as f64 / 16.0 };
        let moving = |i: usize| if i < 12 { 90.0 } else { 2.0 };
        let found = repeats((0..20).map(|i| picture(i, [moving(i), 0.0, shut(i)], i)));
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn what_follows_a_loss_or_has_another_size_is_new() {
        let still = || picture(0, [0.0, 0.0, 0.0], 1);
        assert_eq!(repeats([still(), still()]), [1]);
        assert!(repeats([still(), Frame { after_loss: true, ..still() }]).is_empty());
        let other = Frame::from_bgr(128, 160, still().bgr().into_owned());
        assert!(repeats([still(), other]).is_empty());
    }
}
