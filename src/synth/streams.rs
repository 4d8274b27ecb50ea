//! Independent random streams drawn from one seed, so that changing one part of a scenario
//! does not reshuffle another.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What a random stream is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    /// Presentation times of the frames.
    FrameTimes,
    /// Times and sizes of blinks.
    Blinks,
    /// Irregularity of clonic trains.
    Trains,
    /// Phases of the head's sway.
    Sway,
    /// Syllables of speech.
    Speech,
    /// Small eye movements.
    Saccades,
    /// A patient drawn for a label.
    Patient,
    /// Shake of the camera.
    Shake,
    /// Noise of the simulated tracker.
    Tracker,
    /// Noise of the camera.
    Sensor,
    /// Families of courses.
    Courses,
    /// Movement on purpose and of mood.
    Acts,
    /// A person without a disorder in whom much moves.
    Negative,
    /// How unequal a patient's smile and speech are.
    Inequality,
    /// What squeezes along as a patient's lids shut.
    Squeeze,
}

impl Stream {
    /// The generator of this stream.
    pub(crate) fn rng(self, seed: u64) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(self as u64 + 1);
        rng
    }
}
