//! Faces painted by code: what a [`FaceMotion`] looks like to a camera.
//!
//! A [`Painter`] builds one person once (shape, skin, hair, clothes), then paints any moment of
//! a scenario: the muscles' fields move a grid of skin that carries its own texture, the lids
//! are drawn in the frontal plane over it, light falls, and a sensor looks. Lengths are in units
//! of the distance between the pupils.

mod body;
mod brow;
mod eye;
mod fields;
mod glasses;
mod hair;
mod head;
mod lids;
mod light;
mod mesh;
mod mouth;
pub(super) mod noise;
mod palette;
mod raster;
mod scene;
mod sensor;
mod shade;
mod shape;
mod skin;
pub(super) mod vector;

use rayon::prelude::*;

use super::motion::{FaceMotion, Motion};
use super::occlude::lay_over;
use super::scenario::{Occluder, Scenario};
use crate::source::Frame;
use raster::{SUPER, Seen};
use scene::Scene;
use sensor::Sensor;
use vector::V3;

/// Paints the moments of one scenario.
#[derive(Debug)]
pub struct Painter {
    scene: Scene,
    sensor: Sensor,
    seen: Seen,
    wall: Vec<V3>,
    /// Linear light, three numbers a pixel.
    picture: Vec<f32>,
    width: usize,
    height: usize,
    occluders: Vec<Occluder>,
    mirrored: bool,
}

impl Painter {
    /// Builds the person of a scenario. Takes a fraction of a second.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        let camera = &scenario.camera;
        let (width, height) = (camera.width, camera.height);
        let scene = Scene::new(scenario);
        let wall = scene.wall(width, height);
        Self {
            scene,
            sensor: Sensor::new(camera, scenario.seed),
            seen: Seen::new(width * SUPER, height * SUPER),
            picture: vec![0.0; 3 * wall.len()],
            wall,
            width,
            height,
            occluders: scenario.occluders.clone(),
            mirrored: camera.mirrored,
        }
    }

    /// Paints what the camera shows at a time as frame `index`: where frames are repeated, the
    /// picture of the moment that was filmed, its noise and all.
    #[must_use]
    pub fn film(&mut self, motion: &Motion, time_s: f64, index: u64) -> Frame {
        let camera = &motion.scenario().camera;
        let filmed_s = camera.filmed_s(time_s);
        let number = camera.filmed_fps.map_or(index, |fps| (filmed_s * fps).round() as u64);
        Frame { index, time_s, ..self.paint(&motion.at(filmed_s), number) }
    }

    /// Paints one moment as frame `index`. The same scenario, moment and index give the same
    /// pixels.
    #[must_use]
    pub fn paint(&mut self, motion: &FaceMotion, index: u64) -> Frame {
        if motion.present {
            self.scene.pose(motion);
            self.seen.draw(&self.scene.corners, &self.scene.faces);
            let (scene, seen, wall, width) = (&self.scene, &self.seen, &self.wall, self.width);
            self.picture.par_chunks_mut(3 * width).enumerate().for_each(|(y, row)| {
                for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
                    let light = shade::pixel(scene, seen, x, y, wall[y * width + x]);
                    pixel.copy_from_slice(&[light.x, light.y, light.z]);
                }
            });
        } else {
            for (pixel, wall) in self.picture.chunks_exact_mut(3).zip(&self.wall) {
                pixel.copy_from_slice(&[wall.x, wall.y, wall.z]);
            }
        }
        let bgr = self.sensor.expose(&self.picture, motion.exposure as f32, index);
        let time_s = motion.time_s;
        let mut frame = Frame { index, time_s, ..Frame::from_bgr(self.width, self.height, bgr) };
        if motion.present
            && !self.occluders.is_empty()
            && let Some(face) = self.scene.face_frame(motion)
        {
            // The file may be a mirror image, what lies before the face is not.
            if self.mirrored {
                frame.mirror();
            }
            lay_over(&mut frame, &face, &self.occluders, None);
            if self.mirrored {
                frame.mirror();
            }
        }
        frame
    }
}
