//! The camera: blur, exposure, tone curve and noise turn linear light into bytes.

use rayon::prelude::*;

use super::noise::hash;
use super::vector::V3;
use crate::synth::Camera;

/// Turns linear light into a picture.
#[derive(Debug)]
pub(crate) struct Sensor {
    width: usize,
    height: usize,
    kernel: Vec<f32>,
    tone: Vec<f32>,
    noise: f32,
    mirrored: bool,
    seed: u32,
    rows: Vec<V3>,
    columns: Vec<V3>,
}

const TONE: usize = 4096;
/// Linear light at the end of the tone table.
const BRIGHTEST: f32 = 3.0;

impl Sensor {
    pub(crate) fn new(camera: &Camera, seed: u64) -> Self {
        // Averaging the points of a pixel already blurs by 0.29 pixels.
        let sigma = (camera.blur_px.powi(2) - 0.29 * 0.29).max(0.0).sqrt() as f32;
        let reach = (2.6 * sigma).ceil() as i32;
        let mut kernel: Vec<f32> = (-reach..=reach)
            .map(|i| if sigma > 0.0 { (-0.5 * (i as f32 / sigma).powi(2)).exp() } else { 1.0 })
            .collect();
        let sum: f32 = kernel.iter().sum();
        kernel.iter_mut().for_each(|k| *k /= sum);
        let tone = (0..=TONE)
            .map(|i| {
                let light = i as f32 / TONE as f32 * BRIGHTEST;
                // A shoulder from 0.55 on.
                let c = if light < 0.55 {
                    light
                } else {
                    0.55 + 0.45 * (1.0 - (-(light - 0.55) / 0.45).exp())
                };
                let c =
                    if c <= 0.003_130_8 { 12.92 * c } else { 1.055 * c.powf(1.0 / 2.4) - 0.055 };
                255.0 * c
            })
            .collect();
        let (width, height) = (camera.width, camera.height);
        Self {
            width,
            height,
            kernel,
            tone,
            noise: camera.noise as f32,
            mirrored: camera.mirrored,
            seed: (seed as u32).wrapping_mul(0x9e37_79b9) ^ (seed >> 32) as u32,
            rows: vec![V3::default(); width * height],
            columns: vec![V3::default(); width * height],
        }
    }

    /// Blue, green, red bytes of a picture in linear light.
    pub(crate) fn expose(&mut self, light: &[V3], exposure: f32, index: u64) -> Vec<u8> {
        self.blur(light);
        let (width, tone, noise) = (self.width, &self.tone, self.noise);
        let (mirrored, blurred) = (self.mirrored, &self.columns);
        let frame_seed = self.seed ^ (index as u32).wrapping_mul(0x85eb_ca6b);
        let mut bytes = vec![0_u8; 3 * width * self.height];
        bytes.par_chunks_mut(3 * width).enumerate().for_each(|(y, row)| {
            for x in 0..width {
                let from = if mirrored { width - 1 - x } else { x };
                let light = blurred[y * width + from] * exposure;
                let level = |c: f32| {
                    let at = (c * (TONE as f32 / BRIGHTEST)).clamp(0.0, TONE as f32 - 1.0);
                    let i = at as usize;
                    tone[i] + (tone[i + 1] - tone[i]) * (at - i as f32)
                };
                // Two hashes give a bell each in brightness and in each colour.
                let h = hash(from as i32, y as i32, 1, frame_seed);
                let g = hash(from as i32, y as i32, 2, frame_seed);
                let bell4 = |h: u32| {
                    ((h & 255) + (h >> 8 & 255) + (h >> 16 & 255) + (h >> 24)) as f32 / 147.8 - 3.45
                };
                let bell2 = |a: u32| ((a & 255) + (a >> 8 & 255)) as f32 / 104.5 - 2.44;
                let bright = 0.85 * bell4(h);
                let colours = [bell2(g), bell2(g >> 16), bell2(g.rotate_left(13) ^ h)];
                for (k, c) in [light.z, light.y, light.x].into_iter().enumerate() {
                    let v = level(c);
                    // Shot noise grows with the root of the signal.
                    let sd = noise * ((v + 20.0) / 148.0).sqrt();
                    row[3 * x + k] =
                        (v + sd * (bright + 0.53 * colours[k])).round().clamp(0.0, 255.0) as u8;
                }
            }
        });
        bytes
    }

    fn blur(&mut self, light: &[V3]) {
        let (width, height, kernel) = (self.width, self.height, &self.kernel);
        let reach = kernel.len() / 2;
        if reach == 0 {
            self.columns.copy_from_slice(light);
            return;
        }
        self.rows.par_chunks_mut(width).enumerate().for_each(|(y, out)| {
            let row = &light[y * width..(y + 1) * width];
            for (x, to) in out.iter_mut().enumerate() {
                let mut sum = V3::default();
                for (k, weight) in kernel.iter().enumerate() {
                    let from = (x + k).saturating_sub(reach).min(width - 1);
                    sum += row[from] * *weight;
                }
                *to = sum;
            }
        });
        let rows = &self.rows;
        self.columns.par_chunks_mut(width).enumerate().for_each(|(y, out)| {
            out.fill(V3::default());
            for (k, weight) in kernel.iter().enumerate() {
                let from = (y + k).saturating_sub(reach).min(height - 1);
                for (to, light) in out.iter_mut().zip(&rows[from * width..(from + 1) * width]) {
                    *to += *light * *weight;
                }
            }
        });
    }
}
