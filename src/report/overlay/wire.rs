//! The wires between mesh points: a triangulation of the subject's own frontal face.

use std::collections::{BTreeSet, HashMap};

use opencv::core::{Point2f, Rect, Vec6f, Vector};
use opencv::imgproc::Subdiv2D;
use opencv::prelude::*;

use super::spool::FlatLandmarks;
use crate::anatomy::{LIPS_INNER, Side, eye_rim};

/// Points of the face's surface; the irises lie on others.
const SURFACE: usize = 468;

/// Pairs of points to join. No wire crosses an eye or the mouth: they must be seen to close.
pub(super) fn wires(landmarks: &FlatLandmarks) -> opencv::Result<Vec<(usize, usize)>> {
    let surface = &landmarks[..SURFACE];
    let low = surface.iter().fold([f32::MAX; 2], |low, p| [low[0].min(p[0]), low[1].min(p[1])]);
    let high = surface.iter().fold([f32::MIN; 2], |high, p| [high[0].max(p[0]), high[1].max(p[1])]);
    let (width, height) = (high[0] - low[0], high[1] - low[1]);
    let bounds = Rect::new(
        low[0].floor() as i32 - 1,
        low[1].floor() as i32 - 1,
        width.ceil() as i32 + 4,
        height.ceil() as i32 + 4,
    );
    let mut plane = Subdiv2D::new(bounds)?;
    let mut numbers: HashMap<[u32; 2], usize> = HashMap::new();
    for (number, &[x, y]) in surface.iter().enumerate() {
        // Of points that coincide one stands for all.
        if numbers.insert([x.to_bits(), y.to_bits()], number).is_none() {
            plane.insert(Point2f::new(x, y))?;
        }
    }
    let mut triangles = Vector::<Vec6f>::new();
    plane.get_triangle_list(&mut triangles)?;
    let openings =
        [eye_rim(Side::Left).to_vec(), eye_rim(Side::Right).to_vec(), LIPS_INNER.to_vec()];
    let crosses = |a: usize, b: usize| {
        openings.iter().any(|rim| {
            let at = |point: usize| rim.iter().position(|own| *own == point);
            at(a).zip(at(b)).is_some_and(|(a, b)| {
                let apart = a.abs_diff(b);
                apart.min(rim.len() - apart) > 1
            })
        })
    };
    let mut wires = BTreeSet::new();
    for triangle in &triangles {
        let corner = |i: usize| {
            numbers.get(&[triangle[2 * i].to_bits(), triangle[2 * i + 1].to_bits()]).copied()
        };
        // The plane's own outermost points are no points of the face.
        let (Some(a), Some(b), Some(c)) = (corner(0), corner(1), corner(2)) else { continue };
        for (from, to) in [(a, b), (b, c), (c, a)] {
            if !crosses(from, to) {
                wires.insert((from.min(to), from.max(to)));
            }
        }
    }
    Ok(wires.into_iter().collect())
}
