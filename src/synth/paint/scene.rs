//! Everything in front of the camera, posed for one moment.

use rayon::prelude::*;

use super::body;
use super::eye::Eye;
use super::fields::{self, WRINKLES};
use super::glasses;
use super::hair;
use super::head::{self, Head};
use super::lids::Lids;
use super::light::Lamps;
use super::mesh::Mesh;
use super::mouth;
use super::noise::{Tile, cloudy};
use super::palette::Palette;
use super::raster::{Corner, Face, Material, SUPER};
use super::shape::Shape;
use super::skin::Skin;
use super::vector::{Rotation, V3, step, v3};
use crate::anatomy::{PerSide, Place, Region, Side};
use crate::synth::face_frame::FaceFrame;
use crate::synth::{FaceMotion, HairStyle, Scenario};

/// Distance of the camera from the face.
const CAMERA: f32 = 10.0;
/// Depth of the outer canthi, where the stated face size holds.
const FACE_PLANE: f32 = 0.80;
/// What the head turns about.
const PIVOT: V3 = v3(0.0, 0.75, -0.35);
/// Height that lies in the middle of the picture.
const CENTRE_Y: f32 = 0.42;

/// The person, posed.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) palette: Palette,
    pub(crate) lamps: Lamps,
    pub(crate) skin: Skin,
    pub(crate) seed: u32,
    pub(crate) grain: Tile,
    pub(crate) eyes: PerSide<Eye>,
    /// Sizes of the wrinkles by kind; the last kind is none.
    pub(crate) wrinkles: [PerSide<f32>; WRINKLES + 1],
    /// Turn of the head.
    pub(crate) turn: Rotation,
    pub(crate) glasses: bool,
    /// Change of the texture's height for a change of height near the eyes.
    pub(crate) texture_per_height: f32,
    /// How far the jaw has dropped.
    pub(crate) jaw_drop: f32,
    /// What is drawn, corners on the screen.
    pub(crate) corners: Vec<Corner>,
    pub(crate) faces: Vec<Face>,
    age: f32,
    shape: Shape,
    head: Head,
    /// Everything that turns with the head, beside the head itself.
    attached: Vec<(Material, Mesh)>,
    neck: Mesh,
    neck_rest: Vec<V3>,
    shirt: Mesh,
    pixels_per_unit: f32,
    size: [f32; 2],
}

impl Scene {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let (person, camera) = (&scenario.person, &scenario.camera);
        let seed = scenario.seed as u32 ^ (scenario.seed >> 32) as u32 ^ 0x5eed;
        let shape = Shape::new(&person.proportions, person.age);
        let palette = Palette::of(person);
        let lamps = Lamps::new(&camera.light);
        let pixels_per_unit = (camera.face_size * camera.height as f64) as f32 / shape.face_unit;
        // About as many places in the texture as points on the screen.
        let size = (768.0 * (pixels_per_unit / 87.0)).clamp(420.0, 1536.0) as usize;
        let skin = Skin::paint(&shape, &palette, person, scenario.seed, size);
        let mut head = Head::new(&shape);
        head.bake(&shape, lamps.key);
        let mut attached = vec![(Material::Mouth, mouth::card(&shape))];
        // Long hair hides the ears.
        let ears = if person.hair_style == HairStyle::Long { &[][..] } else { &[1.0, -1.0] };
        for &sign in ears {
            attached.push((Material::Ear, body::ear(&shape, sign)));
        }
        if let Some(shell) = hair::shell(&shape, person.hair_style, seed) {
            attached.push((Material::Hair, shell));
        }
        if person.glasses {
            attached.push((Material::Frame, glasses::frame(&shape)));
        }
        let neck = body::neck(&shape);
        let neck_rest = neck.vertices.iter().map(|v| v.at).collect();
        let shirt = body::shirt(seed);
        let lids = Lids::new(shape.eye_size());
        let eye = |sign: f32| Eye {
            lids,
            sign,
            aperture: 1.0,
            squeeze: 0.0,
            gaze: v3(0.0, 0.0, 1.0),
            seed,
        };
        let mut scene = Self {
            palette,
            lamps,
            skin,
            seed,
            grain: Tile::new(seed ^ 0x99),
            eyes: PerSide { left: eye(1.0), right: eye(-1.0) },
            wrinkles: [PerSide::default(); WRINKLES + 1],
            turn: Rotation::head(0.0, 0.0, 0.0),
            glasses: person.glasses,
            texture_per_height: head::texture_per_stretch() / (shape.below(1.15) + 0.55),
            jaw_drop: 0.0,
            corners: Vec::new(),
            faces: Vec::new(),
            age: person.age as f32,
            shape,
            head,

            attached,
            neck,
            neck_rest,
            shirt,
            pixels_per_unit,
            size: [camera.width as f32, camera.height as f32],
        };
        scene.list_faces();
        scene
    }

    /// The wall behind, in linear light.
    pub(crate) fn wall(&self, width: usize, height: usize) -> Vec<V3> {
        let light = self.lamps.wall();
        (0..width * height)
            .map(|i| {
                let x = (i % width) as f32 / height as f32 - 0.5 * width as f32 / height as f32;
                let y = (i / width) as f32 / height as f32 - 0.5;
                let fall = 1.0
                    - 0.28 * (x * x + 0.8 * y * y)
                    - 0.16 * x * self.lamps.key.x.signum()
                    - 0.12 * y;
                let cloud = 1.0 + 0.02 * cloudy(v3(x * 3.0, y * 3.0, 0.0), self.seed ^ 0x71);
                self.palette.wall.times(light) * (fall * cloud).max(0.1)
            })
            .collect()
    }

    fn list_faces(&mut self) {
        let mut first = 0;
        let mut faces = Vec::new();
        let mut add = |mesh: &Mesh, material: Material| {
            faces.extend(
                mesh.triangles.iter().map(|t| Face { corners: t.map(|i| i + first), material }),
            );
            first += mesh.vertices.len() as u32;
        };
        add(&self.head.mesh, Material::Skin);
        for (material, mesh) in &self.attached {
            add(mesh, *material);
        }
        add(&self.neck, Material::Neck);
        add(&self.shirt, Material::Shirt);
        self.corners = vec![Corner::default(); first as usize];
        self.faces = faces;
    }

    /// Poses everything for a moment.
    pub(crate) fn pose(&mut self, motion: &FaceMotion) {
        let strengths = fields::strengths(motion, self.shape.face_unit);
        self.head.pose(&strengths);
        let wrinkles = fields::wrinkles(motion);
        // Young skin folds less.
        let depth = 0.45 + 0.65 * self.age;
        for (to, from) in self.wrinkles.iter_mut().zip(wrinkles) {
            *to = PerSide { left: depth * from.left, right: depth * from.right };
        }
        self.jaw_drop =
            motion.displacement[Place::JAW_MIDLINE] as f32 * 0.001 * self.shape.face_unit;
        let (left, down) = (
            (motion.gaze.left_deg as f32).to_radians(),
            (motion.gaze.down_deg as f32).to_radians(),
        );
        for side in Side::BOTH {
            let eye = &mut self.eyes[side];
            eye.aperture = motion.aperture[side] as f32;
            eye.squeeze = motion.squeeze[side] as f32;
            eye.gaze = v3(left.sin() * down.cos(), down.sin(), left.cos() * down.cos());
        }
        let state = &motion.head;
        self.turn =
            Rotation::head(state.yaw_deg as f32, state.pitch_deg as f32, state.roll_deg as f32);
        self.pose_neck(motion);
        self.project(motion);
    }

    /// Tightens the platysma and lets the neck's upper end follow the head.
    fn pose_neck(&mut self, motion: &FaceMotion) {
        let pull = |side: Side| {
            let mfu = |region: Region| motion.displacement[Place::new(region, side)] as f32;
            (0.011 * mfu(Region::MouthCorner).max(0.0) + 0.02 * mfu(Region::Jaw).max(0.0)).min(1.2)
        };
        let (left, right) = (pull(Side::Left), pull(Side::Right));
        for (vertex, rest) in self.neck.vertices.iter_mut().zip(&self.neck_rest) {
            let out = v3(rest.x, 0.0, rest.z + 0.30).unit();
            let at = *rest + out * body::platysma(*rest, left, right);
            let turned = PIVOT + self.turn.of(at - PIVOT);
            vertex.at = at.mix(turned, step(2.5, 1.2, rest.y));
        }
        self.neck.find_normals();
    }

    /// Where the face lies in the picture, in pixels of it.
    pub(crate) fn face_frame(&self, motion: &FaceMotion) -> Option<FaceFrame> {
        let state = &motion.head;
        let unit = self.shape.face_unit;
        let scale = self.pixels_per_unit * state.scale as f32;
        let centre = [
            0.5 * self.size[0] + state.right as f32 * unit * self.pixels_per_unit,
            0.5 * self.size[1] - state.up as f32 * unit * self.pixels_per_unit,
        ];
        let canthus = |sign: f32| {
            let at = PIVOT + self.turn.of(v3(sign * 0.5 * unit, 0.0, FACE_PLANE) - PIVOT);
            let k = scale * CAMERA / (CAMERA + FACE_PLANE - at.z);
            [centre[0] + k * at.x, centre[1] + k * (at.y - CENTRE_Y)]
        };
        FaceFrame::between(canthus(-1.0), canthus(1.0), scale * unit)
    }

    fn project(&mut self, motion: &FaceMotion) {
        let state = &motion.head;
        let scale = self.pixels_per_unit * state.scale as f32 * SUPER as f32;
        let unit = self.shape.face_unit * self.pixels_per_unit * SUPER as f32;
        let cx = 0.5 * self.size[0] * SUPER as f32 + state.right as f32 * unit;
        let cy = 0.5 * self.size[1] * SUPER as f32 - state.up as f32 * unit;
        let turn = self.turn;
        let place = |at: V3, normal: V3, v: &super::mesh::Vertex| {
            let distance = CAMERA + FACE_PLANE - at.z;
            let k = scale * CAMERA / distance;
            Corner {
                x: cx + k * at.x,
                y: cy + k * (at.y - CENTRE_Y),
                near: 1.0 / distance,
                normal,
                texture: v.texture,
                front: v.front,
                sky: v.sky,
                lit: v.lit,
                cover: v.cover,
            }
        };
        let with_head =
            |v: &super::mesh::Vertex| place(PIVOT + turn.of(v.at - PIVOT), turn.of(v.normal), v);
        let still = |v: &super::mesh::Vertex| place(v.at, v.normal, v);
        let head = &self.head.mesh.vertices;
        let (posed, others) = self.corners.split_at_mut(head.len());
        posed.par_iter_mut().zip(head).for_each(|(corner, v)| *corner = with_head(v));
        let attached = self.attached.iter().flat_map(|(_, mesh)| &mesh.vertices).map(with_head);
        let standing = self.neck.vertices.iter().chain(&self.shirt.vertices).map(still);
        for (corner, new) in others.iter_mut().zip(attached.chain(standing)) {
            *corner = new;
        }
    }

    /// Whether a place of the frontal plane is near the lids or brow of either eye.
    pub(crate) fn near_lids(&self, front: [f32; 2]) -> bool {
        (front[0].abs() - 0.5).abs() < 0.42 && (-0.5..0.22).contains(&front[1])
    }

    /// A steady number for a place, for textures that are not painted beforehand.
    pub(crate) fn grain(&self, x: f32, y: f32) -> f32 {
        self.grain.at(x, y)
    }
}
