//! What the person is filmed with: size, rate, noise, light and the mishaps of a recording.

use rand::Rng;
use rand_distr::{Distribution, Normal};
use serde::{Deserialize, Serialize};

use super::scenario::{ScenarioError, bad, times, within};
use super::streams::Stream;

/// The camera and its file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Camera {
    /// Width in pixels, even. Default 640.
    pub width: usize,
    /// Height in pixels, even. Default 480.
    pub height: usize,
    /// Frames a second. Default 30.
    pub fps: f64,
    /// Frames a second that were filmed before the file was brought to its own rate by repeating
    /// some; absent, the file's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filmed_fps: Option<f64>,
    /// Jitter of the frame interval, standard deviation over interval, 0 to 0.5; above 0 the
    /// file has a variable frame rate. Default 0.
    pub jitter: f64,
    /// Face unit (distance between the outer canthi) over the picture's height, before the
    /// head moves. Default 0.27.
    pub face_size: f64,
    /// Sensor noise, standard deviation in grey levels of 255 at middle grey. Default 1.5.
    pub noise: f64,
    /// Blur of lens and sensor, standard deviation in pixels. Default 0.6.
    pub blur_px: f64,
    /// Light of the room.
    pub light: Light,
    /// Constant rate factor of the H.264 file, 0 (lossless) to 40. Default 20.
    pub crf: u8,
    /// The file is a mirror image, as from a selfie camera. Default no.
    pub mirrored: bool,
    /// Mishaps of the recording.
    pub incidents: Vec<Incident>,
}

impl Default for Camera {
    fn default() -> Self {
        Self {
            width: 640,
            height: 480,
            fps: 30.0,
            filmed_fps: None,
            jitter: 0.0,
            face_size: 0.27,
            noise: 1.5,
            blur_px: 0.6,
            light: Light::default(),
            crf: 20,
            mirrored: false,
            incidents: Vec::new(),
        }
    }
}

impl Camera {
    /// Checks that the values can be.
    pub(super) fn check(&self) -> Result<(), ScenarioError> {
        for (name, pixels) in [("camera.width", self.width), ("camera.height", self.height)] {
            if !(64..=4096).contains(&pixels) || pixels % 2 == 1 {
                return Err(bad(name, "must be even, 64 to 4096"));
            }
        }
        within("camera.fps", self.fps, 1.0, 1000.0)?;
        self.filmed_fps.iter().try_for_each(|f| within("camera.filmed_fps", *f, 1.0, 1000.0))?;
        within("camera.jitter", self.jitter, 0.0, 0.5)?;
        within("camera.face_size", self.face_size, 0.03, 0.8)?;
        within("camera.noise", self.noise, 0.0, 60.0)?;
        within("camera.blur_px", self.blur_px, 0.0, 10.0)?;
        within("camera.crf", f64::from(self.crf), 0.0, 40.0)?;
        within("camera.light.level", self.light.level, 0.02, 3.0)?;
        within("camera.light.azimuth_deg", self.light.azimuth_deg, -90.0, 90.0)?;
        within("camera.light.elevation_deg", self.light.elevation_deg, -45.0, 90.0)?;
        within("camera.light.softness", self.light.softness, 0.0, 1.0)?;
        within("camera.light.warmth", self.light.warmth, -1.0, 1.0)?;
        within("camera.light.drift", self.light.drift, 0.0, 0.9)?;
        within("camera.light.drift_period_s", self.light.drift_period_s, 0.1, 1e6)?;
        for (i, incident) in self.incidents.iter().enumerate() {
            let at = format!("camera.incidents[{i}]");
            times(&at, incident.start_s, &[incident.duration_s])?;
            within(&format!("{at}.amount"), incident.amount, -10.0, 10.0)?;
        }
        Ok(())
    }

    /// The moment that a frame shown at a time was filmed, seconds.
    #[must_use]
    pub fn filmed_s(&self, time_s: f64) -> f64 {
        // A frame that falls due with the filmed one shows it, whatever rounding says.
        self.filmed_fps.map_or(time_s, |fps| (time_s * fps + 1e-6).floor() / fps)
    }

    /// Presentation times in seconds of a recording of `duration_s`, the first at 0, strictly
    /// rising.
    #[must_use]
    pub fn frame_times(&self, duration_s: f64, seed: u64) -> Vec<f64> {
        let interval = 1.0 / self.fps;
        let count = (duration_s * self.fps).round().max(1.0) as usize;
        if self.jitter <= 0.0 {
            return (0..count).map(|i| i as f64 * interval).collect();
        }
        let mut rng = Stream::FrameTimes.rng(seed);
        // A standard deviation that is finite and positive cannot fail; 0 is handled above.
        let Ok(normal) = Normal::new(1.0, self.jitter) else { return Vec::new() };
        let mut time = 0.0;
        (0..count)
            .map(|_| {
                let now = time;
                // Phones also drop a frame now and then.
                let dropped = if rng.random::<f64>() < 0.02 * self.jitter { 1.0 } else { 0.0 };
                let step: f64 = normal.sample(&mut rng);
                time += interval * (step.clamp(0.2, 3.0) + dropped);
                now
            })
            .take_while(|t| *t < duration_s)
            .collect()
    }
}

/// Light of the room.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Light {
    /// Overall brightness, 1 well exposed, 0.3 dim. Default 1.
    pub level: f64,
    /// Where the main light stands, degrees; positive towards the subject's left, 0 behind the
    /// camera. Default -25.
    pub azimuth_deg: f64,
    /// Height of the main light, degrees above the eyes. Default 35.
    pub elevation_deg: f64,
    /// Share of the light that comes from everywhere, 0 (hard) to 1 (flat). Default 0.5.
    pub softness: f64,
    /// Colour, -1 (blue) to 1 (yellow). Default 0.1.
    pub warmth: f64,
    /// Slow drift of the exposure, fraction of the brightness. Default 0.
    pub drift: f64,
    /// Period of that drift, seconds. Default 20.
    pub drift_period_s: f64,
}

impl Default for Light {
    fn default() -> Self {
        Self {
            level: 1.0,
            azimuth_deg: -25.0,
            elevation_deg: 35.0,
            softness: 0.5,
            warmth: 0.1,
            drift: 0.0,
            drift_period_s: 20.0,
        }
    }
}

/// A mishap of the recording.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// What happens.
    pub kind: IncidentKind,
    /// When, seconds.
    pub start_s: f64,
    /// How long, seconds; not read for `cut`, which lasts until the next one.
    #[serde(default)]
    pub duration_s: f64,
    /// How much: `exposure`: factor on the brightness; `shake`: standard deviation as a
    /// fraction of the face unit; `cut`: shift of the face to the image's right as a fraction
    /// of the face unit; not read for `absent`.
    #[serde(default)]
    pub amount: f64,
}

/// What happens to the recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// The brightness jumps and comes back.
    Exposure,
    /// The camera shakes.
    Shake,
    /// The picture jumps to another framing.
    Cut,
    /// Nobody is in the picture.
    Absent,
}
