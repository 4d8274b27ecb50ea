//! The neutral picture that every frame is compared with.

use opencv::core::{Mat, Size};
use opencv::imgproc::gaussian_blur_def;
use opencv::prelude::*;

use super::super::error::FaceError;
use super::canvas::{Canvas, EDGE};
use super::flow::FlowKey;
use super::head::Anchor;
use super::patch::Patch;
use crate::anatomy::PerPlace;
use crate::thresholds::SkinThresholds;

/// Half the window over which texture is averaged, pixels.
const WINDOW: usize = 4;

/// Gradient above which skin tells no more of the head, grey levels per pixel (judgment: beyond
/// lie outlines and shadows, not better skin).
const TEXTURE_ENOUGH: f32 = 8.0;

/// A picture of the neutral face and what is known of it.
#[derive(Debug)]
pub(super) struct Reference {
    /// What is found again by flow.
    pub(super) flow: FlowKey,
    /// Textured skin.
    pub(super) anchors: Vec<Anchor>,
    /// The skin around each place.
    pub(super) patches: PerPlace<Patch>,
}

impl Reference {
    pub(super) fn new(
        canvas: &Canvas,
        image: &Mat,
        smooth: &Mat,
        thresholds: &SkinThresholds,
    ) -> Result<Self, FaceError> {
        let image = image.data_bytes()?;
        let anchors = anchors(canvas, image, thresholds);
        let pixels = smooth.data_bytes()?;
        let patches = PerPlace::from_fn(|place| Patch::new(canvas, pixels, canvas.places[place]));
        Ok(Self { flow: FlowKey::new(image), anchors, patches })
    }
}

/// The picture without its finest noise, as patches are compared.
pub(super) fn smoothed(image: &Mat, to: &mut Mat) -> Result<(), FaceError> {
    gaussian_blur_def(image, to, Size::new(5, 5), 1.0)?;
    Ok(())
}

fn anchors(canvas: &Canvas, image: &[u8], thresholds: &SkinThresholds) -> Vec<Anchor> {
    let grey = |x: usize, y: usize| f32::from(image[y * EDGE + x]);
    let texture = |[x, y]: [usize; 2]| {
        let mut sum = 0.0;
        for y in y - WINDOW..=y + WINDOW {
            for x in x - WINDOW..=x + WINDOW {
                let right = (grey(x + 1, y) - grey(x - 1, y)) / 2.0;
                let down = (grey(x, y + 1) - grey(x, y - 1)) / 2.0;
                sum += right * right + down * down;
            }
        }
        (sum / ((2 * WINDOW + 1) * (2 * WINDOW + 1)) as f32).sqrt()
    };
    canvas
        .skin
        .iter()
        .filter(|pixel| pixel.iter().all(|p| (WINDOW + 1..EDGE - WINDOW - 1).contains(p)))
        .filter_map(|&pixel| {
            let texture = texture(pixel);
            let weight = texture.min(TEXTURE_ENOUGH) / TEXTURE_ENOUGH;
            (texture > thresholds.texture_min)
                .then(|| Anchor::new(pixel, weight, canvas.spot(pixel)))
        })
        .collect()
}
