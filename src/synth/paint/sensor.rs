//! The camera: blur, exposure, tone curve and noise turn linear light into bytes.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use rayon::prelude::*;

use super::noise::hash;
use crate::synth::Camera;
use crate::synth::streams::Stream;

/// Turns linear light (red, green, blue, three numbers a pixel) into a picture.
#[derive(Debug)]
pub(crate) struct Sensor {
    width: usize,
    height: usize,
    kernel: Vec<f32>,
    tone: Vec<f32>,
    /// Noise of standard deviation 1; every row of every frame starts elsewhere in it.
    grain: Vec<f32>,
    noise: f32,
    mirrored: bool,
    seed: u32,
    rows: Vec<f32>,
    both: Vec<f32>,
}

const TONE: usize = 4096;
/// Linear light at the end of the tone table.
const BRIGHTEST: f32 = 3.0;
/// Length of the noise table; a prime, so that rows do not fall into step.
const GRAIN: usize = 65_521;

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
        let values = 3 * camera.width * camera.height;
        let mut rng: ChaCha8Rng = Stream::Sensor.rng(seed);
        Self {
            width: camera.width,
            height: camera.height,
            kernel,
            tone: (0..=TONE).map(|i| tone(i as f32 / TONE as f32 * BRIGHTEST)).collect(),
            grain: (0..GRAIN).map(|_| rng.sample(StandardNormal)).collect(),
            noise: camera.noise as f32,
            mirrored: camera.mirrored,
            seed: rng.random(),
            rows: vec![0.0; values],
            both: vec![0.0; values],
        }
    }

    /// Blue, green, red bytes of a picture in linear light.
    pub(crate) fn expose(&mut self, light: &[f32], exposure: f32, index: u64) -> Vec<u8> {
        self.blur(light);
        let (width, tone, grain, noise) = (self.width, &self.tone, &self.grain, self.noise);
        let (mirrored, blurred) = (self.mirrored, &self.both);
        let frame = self.seed ^ (index as u32).wrapping_mul(0x85eb_ca6b);
        let gain = exposure * (TONE as f32 / BRIGHTEST);
        let mut bytes = vec![0_u8; 3 * width * self.height];
        bytes.par_chunks_mut(3 * width).enumerate().for_each(|(y, row)| {
            let light = &blurred[3 * y * width..3 * (y + 1) * width];
            let mut at = hash(0, y as i32, 0, frame) as usize % GRAIN;
            let mut next = || {
                at = if at + 1 == GRAIN { 0 } else { at + 1 };
                grain[at]
            };
            for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
                let from = 3 * if mirrored { width - 1 - x } else { x };
                // Noise of a colour camera: most of it in brightness.
                let bright = 0.85 * next();
                for (k, byte) in pixel.iter_mut().enumerate() {
                    let c = (light[from + 2 - k] * gain).clamp(0.0, TONE as f32 - 1.0);
                    let i = c as usize;
                    let v = tone[i] + (tone[i + 1] - tone[i]) * (c - i as f32);
                    // Shot noise grows with the root of the signal.
                    let sd = noise * ((v + 20.0) * (1.0 / 148.0)).sqrt();
                    *byte = (v + sd * (bright + 0.53 * next()) + 0.5) as u8;
                }
            }
        });
        bytes
    }

    fn blur(&mut self, light: &[f32]) {
        let (wide, kernel) = (3 * self.width, &self.kernel);
        let reach = kernel.len() / 2;
        if reach == 0 {
            self.both.copy_from_slice(light);
            return;
        }
        self.rows.par_chunks_mut(wide).enumerate().for_each(|(y, out)| {
            let row = &light[y * wide..(y + 1) * wide];
            out.fill(0.0);
            for (k, weight) in kernel.iter().enumerate() {
                let shift = 3 * k as isize - 3 * reach as isize;
                // The edge pixel stands for what lies beyond it.
                let first = (-shift).max(0) as usize;
                let last = (wide as isize - shift).min(wide as isize).max(0) as usize;
                for x in 0..first {
                    out[x] += weight * row[x % 3];
                }
                let from = (first as isize + shift) as usize;
                for (to, c) in out[first..last].iter_mut().zip(&row[from..]) {
                    *to += weight * c;
                }
                for x in last..wide {
                    out[x] += weight * row[wide - 3 + x % 3];
                }
            }
        });
        let (rows, height) = (&self.rows, self.height);
        self.both.par_chunks_mut(wide).enumerate().for_each(|(y, out)| {
            out.fill(0.0);
            for (k, weight) in kernel.iter().enumerate() {
                let from = (y + k).saturating_sub(reach).min(height - 1);
                for (to, c) in out.iter_mut().zip(&rows[from * wide..(from + 1) * wide]) {
                    *to += weight * c;
                }
            }
        });
    }
}

/// Byte value for linear light: the curve of screens, with a shoulder from 0.55 on.
fn tone(light: f32) -> f32 {
    let c = if light < 0.55 { light } else { 0.55 + 0.45 * (1.0 - (-(light - 0.55) / 0.45).exp()) };
    255.0 * if c <= 0.003_130_8 { 12.92 * c } else { 1.055 * c.powf(1.0 / 2.4) - 0.055 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_picture_stays_even_but_for_the_stated_noise() {
        let camera =
            Camera { width: 64, height: 48, noise: 2.0, blur_px: 1.5, ..Camera::default() };
        let mut sensor = Sensor::new(&camera, 1);
        let light = vec![0.2; 3 * 64 * 48];
        let bytes = sensor.expose(&light, 1.0, 0);
        let mean = bytes.iter().map(|b| f64::from(*b)).sum::<f64>() / bytes.len() as f64;
        let variance =
            bytes.iter().map(|b| (f64::from(*b) - mean).powi(2)).sum::<f64>() / bytes.len() as f64;
        assert!((mean - f64::from(tone(0.2))).abs() < 0.3, "{mean}");
        assert!((variance.sqrt() - 2.0).abs() < 0.3, "{}", variance.sqrt());
        assert_ne!(bytes, sensor.expose(&light, 1.0, 1));
    }
}
