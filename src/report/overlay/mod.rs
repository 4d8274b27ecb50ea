//! `overlay.mp4`: the recording with what was seen of the face drawn on it.
//!
//! Drawn in a second pass, once events are final: the first pass keeps the landmarks in a
//! [`Spool`], and [`write`] reads them back together with the frames. The video runs at a constant
//! rate with every frame at its presentation time, so that overlay time is recording time (from
//! the first analyzed frame on) for recordings with a variable rate too; a hole in the recording is
//! one picture that stands as long.
//!
//! [`Mode::Mesh`] reads no frame at all: the mesh stands alone on a plain ground, without a pixel
//! of the person. It is less identifying than the picture, not anonymous.

mod canvas;
mod caption;
mod encoder;
mod encoding;
mod face;
mod layout;
mod spool;
mod strip;
mod style;
mod wire;

use crate::anatomy::{PerPlace, Place};
use crate::report::{Analysis, DISCLAIMER, Error, PendingPath, too_sparse};
use crate::signal::Sample;
use crate::source::{Frame, Source};

use canvas::Canvas;
pub use encoder::has_encoder;
use encoding::Encoding;
use face::Mesh;
use layout::{Area, FOOTER, HEADER, Layout};
pub use spool::{FlatLandmarks, Spool, SpoolReader, SpooledFace};
use strip::Traces;

/// Fastest overlay, frames a second: what a browser shows. Faster recordings lose pictures here,
/// never measurements.
const FASTEST: f64 = 60.0;
/// Longest time for which a picture is repeated at the overlay's rate, seconds (judgment: players
/// that show no variable rate still move smoothly; beyond it one picture stands).
const LONGEST_FILLED_S: f64 = 1.0;
/// Displacement at which a region begins to light up, in noise floors.
const LIT_FROM: f32 = 4.0;
/// Displacement at which it is fully lit, in noise floors.
const LIT_FULLY: f32 = 25.0;
/// Noise floor assumed where none is known, mFU.
const UNKNOWN_FLOOR_MFU: f32 = 2.0;

/// What the overlay shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The picture with mesh, regions, traces and captions.
    Full,
    /// The mesh, traces and captions on a plain ground.
    Mesh,
}

/// Where the overlay's pictures come from.
pub enum Ground<'a> {
    /// The recording, opened anew, its frames turned as they were for the analysis:
    /// [`Mode::Full`].
    Recording(&'a mut dyn Source),
    /// None: [`Mode::Mesh`].
    Plain,
}

/// Writes the overlay and finishes the file. `samples` are all samples of the analysis, `spool`
/// the landmarks of the same frames, in order; `progress` is told the number of samples done after
/// each, and stops the writing by returning false (what was drawn so far is then kept).
///
/// # Errors
/// [`Error::Overlay`] where the encoder is missing, the recording cannot be read again or the disk
/// is full. Nothing of the file is left then.
pub fn write(
    pending: PendingPath,
    analysis: &Analysis,
    samples: &[Sample],
    spool: &mut SpoolReader,
    ground: Ground<'_>,
    mut progress: impl FnMut(usize) -> bool,
) -> Result<(), Error> {
    let path = pending.path().to_owned();
    let failed = |reason: String| Error::Overlay { path: path.clone(), reason };
    let drawing = |error: opencv::Error| failed(error.message);
    let Some(first) = samples.first() else {
        return Err(failed("no frame was analyzed".to_owned()));
    };
    let layout = Layout::new(analysis.source.width, analysis.source.height);
    let fps = rate(samples);
    let span_s = samples.last().map_or(0.0, |last| last.time_s) - first.time_s;
    // A gap may last for days; the file counts its ticks in so many bits.
    let countable = span_s * fps * 100.0 < f64::from(i32::MAX);
    if !countable {
        return Err(failed(too_sparse(span_s, samples.len())));
    }
    let mut encoding = Encoding::begin(pending, fps, layout.width, layout.height);
    let wires = match ground {
        Ground::Recording(_) => None,
        Ground::Plain => Some(frontal_wires(samples, spool).map_err(&failed)?),
    };
    let mut pictures = Pictures::new(ground);
    let mut page = Page::new(analysis, samples, layout, wires).map_err(drawing)?;
    let mut ticks = 0_u64;
    for (i, sample) in samples.iter().enumerate() {
        let mut face = spool
            .next_face()
            .map_err(|error| failed(error.to_string()))?
            .ok_or_else(|| failed("fewer landmarks than samples were kept".to_owned()))?;
        // A frame whose time could not be has landmarks and no sample.
        while face.index < sample.index {
            face = spool
                .next_face()
                .map_err(|error| failed(error.to_string()))?
                .ok_or_else(|| failed("fewer landmarks than samples were kept".to_owned()))?;
        }
        let until_s = match samples.get(i + 1) {
            Some(next) => next.time_s,
            None => sample.time_s + 1.0 / fps,
        };
        // A picture stands from its own time, to the nearest tick, until the next one's.
        let until = ((until_s - first.time_s) * fps).round().max(0.0) as u64;
        let picture = pictures.at(sample.index).map_err(|error| failed(error.to_string()))?;
        if until > ticks {
            page.draw(picture, &face, sample).map_err(drawing)?;
            // A hole in the recording is one picture, not a row of them.
            let is_hole = (until - ticks) as f64 > LONGEST_FILLED_S * fps;
            let filled = if is_hole { ticks + 1 } else { until };
            encoding.write(page.canvas.mat(), ticks..filled)?;
            ticks = until;
        }
        if !progress(i + 1) {
            break;
        }
    }
    encoding.finish()
}

/// The wires of the face as it was seen most from the front; none where it never was seen.
fn frontal_wires(
    samples: &[Sample],
    spool: &mut SpoolReader,
) -> Result<Vec<(usize, usize)>, String> {
    let turned = |sample: &Sample| {
        sample.pose.map_or(f32::MAX, |pose| pose.yaw_deg.abs() + pose.pitch_deg.abs())
    };
    let mut best: Option<(f32, Box<FlatLandmarks>)> = None;
    for sample in samples {
        let Some(face) = spool.next_face().map_err(|error| error.to_string())? else { break };
        if let Some(landmarks) = face.landmarks
            && best.as_ref().is_none_or(|best| turned(sample) < best.0)
        {
            best = Some((turned(sample), landmarks));
        }
    }
    spool.rewind().map_err(|error| error.to_string())?;
    match best {
        Some((_, landmarks)) => wire::wires(&landmarks).map_err(|error| error.message),
        None => Ok(Vec::new()),
    }
}

/// The overlay's rate: that of the recording's median interval, at most [`FASTEST`].
fn rate(samples: &[Sample]) -> f64 {
    let mut intervals: Vec<f64> =
        samples.windows(2).map(|pair| pair[1].time_s - pair[0].time_s).collect();
    intervals.sort_by(f64::total_cmp);
    let median = intervals.get(intervals.len() / 2).copied().unwrap_or(0.0);
    let fps = if median > 0.0 { 1.0 / median } else { 25.0 };
    // Two decimals are a rate that the container can hold exactly, so that no time drifts.
    ((fps * 100.0).round() / 100.0).clamp(1.0, FASTEST)
}

/// Walks through the recording beside the samples.
struct Pictures<'a> {
    ground: Ground<'a>,
    frame: Frame,
    read: bool,
}

impl<'a> Pictures<'a> {
    fn new(ground: Ground<'a>) -> Self {
        Self { ground, frame: Frame::default(), read: false }
    }

    /// The frame with this index; `None` on the plain ground, or where the recording could not be
    /// read so far a second time.
    fn at(&mut self, index: u64) -> Result<Option<&Frame>, crate::source::SourceError> {
        let Ground::Recording(source) = &mut self.ground else { return Ok(None) };
        while !self.read || self.frame.index < index {
            if !source.read_into(&mut self.frame)? {
                return Ok(None);
            }
            self.read = true;
        }
        Ok((self.frame.index == index).then_some(&self.frame))
    }
}

/// The picture being drawn again and again.
struct Page<'a> {
    analysis: &'a Analysis,
    traces: Traces<'a>,
    floors: PerPlace<f32>,
    layout: Layout,
    canvas: Canvas,
    /// Wires of the mesh, where it stands on a plain ground.
    wires: Option<Vec<(usize, usize)>>,
}

impl<'a> Page<'a> {
    fn new(
        analysis: &'a Analysis,
        samples: &'a [Sample],
        layout: Layout,
        wires: Option<Vec<(usize, usize)>>,
    ) -> opencv::Result<Self> {
        let mut floors = PerPlace([UNKNOWN_FLOOR_MFU; Place::COUNT]);
        for noise in &analysis.findings.noise {
            if let Some(floor) = noise.floor_mfu {
                floors[Place { region: noise.region, side: noise.side }] = floor.max(0.1);
            }
        }
        Ok(Self {
            analysis,
            traces: Traces::new(analysis, samples),
            floors,
            canvas: Canvas::new(layout.width, layout.height)?,
            layout,
            wires,
        })
    }

    fn draw(
        &mut self,
        picture: Option<&Frame>,
        face: &SpooledFace,
        sample: &Sample,
    ) -> opencv::Result<()> {
        let Self { layout, canvas, .. } = self;
        match picture {
            Some(frame) => canvas.picture(layout.picture, frame)?,
            None => canvas.fill(layout.picture, style::PLAIN)?,
        }
        if let Some(landmarks) = &face.landmarks {
            let floors = &self.floors;
            let activity = PerPlace::from_fn(|place| {
                let over = sample.displacement[place].unwrap_or(0.0) / floors[place];
                ((over - LIT_FROM) / (LIT_FULLY - LIT_FROM)).clamp(0.0, 1.0)
            });
            let mesh = match &self.wires {
                Some(wires) => Mesh::Wires(wires),
                None => Mesh::Points,
            };
            let hidden = PerPlace::from_fn(|place| sample.displacement[place].is_none());
            face::draw(canvas, layout, landmarks, &activity, &hidden, &mesh)?;
        }
        self.sides()?;
        self.header(sample)?;
        self.traces.draw(&mut self.canvas, &self.layout, sample.time_s)?;
        self.footer()
    }

    /// Writes the subject's sides into the upper corners of the picture.
    fn sides(&mut self) -> opencv::Result<()> {
        use crate::anatomy::Side;
        let Area { x, y, width, .. } = self.layout.picture;
        let baseline = y as f32 + 22.0;
        let left_width = Canvas::text_width("LEFT", 0.55)?;
        let corners = [
            ("RIGHT", Side::Right, x as f32 + 8.0),
            ("LEFT", Side::Left, (x + width) as f32 - left_width - 8.0),
        ];
        for (text, side, x) in corners {
            self.canvas.text_on_picture(text, [x, baseline], 0.55, style::side(Some(side)))?;
        }
        Ok(())
    }

    fn header(&mut self, sample: &Sample) -> opencv::Result<()> {
        let width = self.layout.width;
        let bar = Area { x: 0, y: 0, width, height: HEADER };
        let time = format!("{:.2} s", sample.time_s);
        let caption = caption::at(self.analysis, sample.time_s);
        let lit = caption.as_ref().is_some_and(|caption| caption.is_event);
        let (ground, ink) =
            if lit { (style::GLOW, style::GROUND) } else { (style::GROUND, style::INK) };
        self.canvas.fill(bar, ground)?;
        let at = width as f32 - Canvas::text_width(&time, 0.5)? - 10.0;
        if let Some(caption) = caption {
            let (text, size) = caption::fitted(&caption.text, at - 30.0)?;
            self.canvas.text(&text, [10.0, 23.0], size, ink)?;
        }
        self.canvas.text(&time, [at, 22.0], 0.5, ink)
    }

    fn footer(&mut self) -> opencv::Result<()> {
        let Layout { width, height, .. } = self.layout;
        let y = height - FOOTER;
        self.canvas.fill(Area { x: 0, y, width, height: FOOTER }, style::GROUND)?;
        self.canvas.text(DISCLAIMER, [8.0, height as f32 - 6.0], 0.36, style::SOFT)
    }
}
