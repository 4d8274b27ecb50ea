//! Video files and streams, through FFmpeg's libraries.

use std::ffi::CString;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use ffmpeg_next::codec;
use ffmpeg_next::decoder;
use ffmpeg_next::error::EAGAIN;
use ffmpeg_next::ffi::{
    AVPacketSideDataType, FF_THREAD_FRAME, FF_THREAD_SLICE, av_guess_sample_aspect_ratio,
};
use ffmpeg_next::format::context::Input;
use ffmpeg_next::frame::{DecodeError, Video};
use ffmpeg_next::{Error, Packet};

use super::convert::Converter;
use super::demux::{self, Opened, Patience, Refusal, ratio};
use super::orientation::Orientation;
use super::{Frame, Limits, Note, Pixels, PresentationClock, Source, SourceError, StreamInfo};

/// Longest wait for a stream to open or to bring a packet (judgment: three round trips of the
/// slowest link and the start of a camera).
const STREAM_WAIT: Duration = Duration::from_secs(10);
/// Failures in a row to read a packet after which there are no more: behind the first, what follows
/// is looked for.
const FAILURES_MOST: u32 = 1000;
/// Pause before a stream that has nothing yet is asked again.
const AGAIN_AFTER: Duration = Duration::from_millis(5);
/// A hole after damage that is longer than this many usual intervals is the damage's.
const HOLE_INTERVALS: f64 = 1.5;
/// Frames after which damage that left no hole is forgotten: it tore no picture.
const HARMLESS_AFTER: u32 = 60;
/// Share of the declared length that may be missing unsaid (judgment: lengths are rounded).
const MISSING_UNSAID: f64 = 0.02;
/// Streams without a container: whatever stamps their readers give are made up.
const RAW_STREAMS: [&[u8]; 8] =
    [b"h264", b"hevc", b"m4v", b"mpegvideo", b"h263", b"vc1", b"mjpeg", b"obu"];
/// Rate assumed for a stream that names none, frames a second (the commonest of cameras).
const ASSUMED_FPS: f64 = 30.0;

/// A file or stream opened by FFmpeg.
pub struct VideoSource {
    input: Input,
    decoder: decoder::Video,
    stream: usize,
    time_base: f64,
    info: StreamInfo,
    clock: PresentationClock,
    converter: Converter,
    orientation: Orientation,
    limits: Limits,
    stage: Stage,
    /// How long a packet may be waited for; `None` for a file.
    wait: Option<Duration>,
    patience: Patience,
    /// The container holds no stamps; those that come are made up.
    stampless: bool,
    frames: u64,
    last_time_s: f64,
    damage: Damage,
    reach: Reach,
    declared: Declared,
    notes: Vec<Note>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Packets are still to be read.
    Reading,
    /// The decoder still holds pictures.
    Draining,
    /// There is no more.
    Ended,
}

/// What could not be decoded.
#[derive(Debug, Default)]
struct Damage {
    /// Something failed since the last good frame that no hole has accounted for.
    pending: bool,
    /// Good frames since.
    since: u32,
    parts: u64,
    length_s: f64,
    first_s: f64,
}

/// How far the packets reach, seconds in the container's time.
#[derive(Debug, Clone, Copy)]
struct Reach {
    /// Of all tracks.
    whole: [f64; 2],
    /// Of the track that is read.
    track: [f64; 2],
}

impl Default for Reach {
    fn default() -> Self {
        let none = [f64::INFINITY, f64::NEG_INFINITY];
        Self { whole: none, track: none }
    }
}

/// Lengths that the container declares, seconds.
#[derive(Debug, Clone, Copy, Default)]
struct Declared {
    track_s: Option<f64>,
    whole_s: Option<f64>,
}

/// Keeps the decoders' own words off standard error: what fails is a [`SourceError`].
pub fn quiet_decoder() {
    ffmpeg_next::log::set_level(ffmpeg_next::log::Level::Quiet);
    // Without it the words are only superfluous.
    let _ = opencv::core::set_log_level(opencv::core::LogLevel::LOG_LEVEL_SILENT);
}

/// Version of the decoders: libavcodec's.
#[must_use]
pub fn ffmpeg_version() -> [u32; 3] {
    let version = codec::version();
    [version >> 16, version >> 8 & 0xff, version & 0xff]
}

impl VideoSource {
    /// Opens a video file, whatever its name.
    ///
    /// # Errors
    /// As [`VideoSource::open_track`].
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        Self::open_track(path, None, &Limits::default())
    }

    /// Opens a video file and the track of this number, counted from 0 among those of video; the
    /// default one where none is asked for.
    ///
    /// # Errors
    /// [`SourceError::NotFound`], [`SourceError::Empty`], [`SourceError::Unreadable`],
    /// [`SourceError::NotVideo`], [`SourceError::Playlist`], [`SourceError::NoTrack`] or
    /// [`SourceError::TooLarge`].
    pub fn open_track(
        path: &Path,
        track: Option<usize>,
        limits: &Limits,
    ) -> Result<Self, SourceError> {
        let head = read_head(path)?;
        let shown = path.display().to_string();
        if is_playlist(&head) {
            return Err(SourceError::Playlist(shown));
        }
        let name = demux::file_name(path).ok_or_else(|| SourceError::NotFound(path.to_owned()))?;
        let opened = demux::open(&name, None, track, limits).map_err(|why| match why {
            Refusal::NoVideo => SourceError::NotVideo(shown.clone()),
            Refusal::TooLarge(size) => too_large(&shown, size, limits),
            Refusal::NoTrack(tracks) => {
                SourceError::NoTrack { name: shown.clone(), asked: track.unwrap_or(0), tracks }
            }
        })?;
        Self::new(opened, None, limits).ok_or(SourceError::NotVideo(shown))
    }

    /// Opens a stream URL, e.g. `rtsp://`, `http://` or `udp://`.
    ///
    /// # Errors
    /// [`SourceError::NotAvailable`] or [`SourceError::TooLarge`].
    pub fn stream(url: &str, limits: &Limits) -> Result<Self, SourceError> {
        let unavailable = || SourceError::NotAvailable(url.to_owned());
        let name = CString::new(url).map_err(|_| unavailable())?;
        let wait = Some(STREAM_WAIT);
        let opened = demux::open(&name, wait, None, limits).map_err(|why| match why {
            Refusal::TooLarge(size) => too_large("the stream", size, limits),
            Refusal::NoVideo | Refusal::NoTrack(_) => unavailable(),
        })?;
        Self::new(opened, wait, limits).ok_or_else(unavailable)
    }

    fn new(opened: Opened, wait: Option<Duration>, limits: &Limits) -> Option<Self> {
        let Opened { input, stream, track_s, whole_s, frames, tracks, patience } = opened;
        let (decoder, time_base, orientation, fps, start_s) = {
            let chosen = input.stream(stream)?;
            let context = codec::Context::from_parameters(chosen.parameters()).ok()?;
            let decoder = open_decoder(context, &chosen, wait.is_some(), limits)?;
            let fps = [chosen.avg_frame_rate(), chosen.rate()].map(f64::from);
            let fps = fps.into_iter().find(|fps| fps.is_finite() && *fps > 0.0);
            let time_base = f64::from(chosen.time_base());
            let start_s = stamp_s(Some(chosen.start_time()), time_base);
            (decoder, time_base, display_matrix(&chosen), fps, start_s)
        };
        // SAFETY: an open input has a format.
        let (stampless, is_mov, is_avi) = unsafe {
            let format = (*input.as_ptr()).iformat;
            let name = std::ffi::CStr::from_ptr((*format).name).to_bytes();
            (RAW_STREAMS.contains(&name), name.starts_with(b"mov"), name == b"avi")
        };
        let mut notes = Vec::new();
        let fps_nominal = if stampless {
            let fps = fps.unwrap_or(ASSUMED_FPS);
            notes.push(Note::RateAssumed { fps });
            Some(fps)
        } else {
            fps
        };
        if let Some((read, others)) = tracks {
            notes.push(Note::OtherTracks { read, others });
        }
        // An AVI that is cut short is given the length of what is left; its list of frames is not.
        let by_frames = frames.filter(|_| is_avi).map(|frames| frames as f64 * time_base);
        let track_s = by_frames.or(track_s);
        // A list of frames stands for what is shown only where no edit leaves some out.
        let listed = frames.filter(|frames| {
            is_mov
                && fps.zip(track_s).is_none_or(|(fps, track_s)| {
                    (*frames as f64 / fps - track_s).abs() <= MISSING_UNSAID * track_s
                })
        });
        // SAFETY: the input is valid.
        let file_start = unsafe { (*input.as_ptr()).start_time };
        let file_start_s = stamp_s(Some(file_start), 1e-6);
        let info = StreamInfo {
            fps_nominal,
            frames_declared: listed,
            start_offset_s: start_s
                .zip(file_start_s)
                .map_or(0.0, |(own, file)| (own - file).max(0.0)),
            mirrored: orientation.is_mirror(),
        };
        Some(Self {
            input,
            decoder,
            stream,
            time_base,
            clock: PresentationClock::new(fps_nominal),
            info,
            converter: Converter::default(),
            orientation,
            limits: limits.clone(),
            stage: Stage::Reading,
            wait,
            patience,
            stampless,
            frames: 0,
            last_time_s: 0.0,
            damage: Damage::default(),
            reach: Reach::default(),
            declared: Declared { track_s, whole_s },
            notes,
        })
    }

    /// The next picture that can be decoded; `None` at the end.
    fn decode(&mut self, mut video: Video) -> Result<Option<Video>, SourceError> {
        let mut stuck = 0;
        loop {
            match self.decoder.receive_frame(&mut video) {
                Ok(()) if video.is_corrupt() || is_torn(&video) => self.failed(),
                Ok(()) => return Ok(Some(video)),
                Err(Error::Other { errno: EAGAIN }) if self.stage == Stage::Reading => {
                    self.feed()?;
                }
                Err(Error::Eof | Error::Other { errno: EAGAIN }) => break,
                Err(_) => {
                    self.failed();
                    // A decoder that failed wants the next packet.
                    if self.stage == Stage::Reading {
                        self.feed()?;
                    } else {
                        stuck += 1;
                    }
                }
            }
            if stuck > FAILURES_MOST {
                break;
            }
        }
        self.stage = Stage::Ended;
        Ok(None)
    }

    /// Gives the decoder the next packet of the track, or tells it that there are no more.
    fn feed(&mut self) -> Result<(), SourceError> {
        if let Some(wait) = self.wait {
            self.patience.allow(wait);
        }
        let mut failures = 0;
        loop {
            let mut packet = Packet::empty();
            match packet.read(&mut self.input) {
                Ok(()) => {}
                Err(Error::Eof) => break,
                Err(Error::Other { errno: EAGAIN }) if self.wait.is_some() => {
                    std::thread::sleep(AGAIN_AFTER);
                    continue;
                }
                Err(error) if self.wait.is_some() => {
                    let reason = match error {
                        Error::Exit => "no packet came in time".to_owned(),
                        error => error.to_string(),
                    };
                    return Err(self.interrupted(reason));
                }
                Err(_) => {
                    self.failed();
                    failures += 1;
                    if failures > FAILURES_MOST {
                        break;
                    }
                    continue;
                }
            }
            failures = 0;
            self.measure(&packet);
            if packet.stream() != self.stream {
                continue;
            }
            // Where its container says so it is torn; the decoder makes of it what it can.
            if packet.is_corrupt() {
                self.failed();
            }
            if self.decoder.send_packet(&packet).is_err() {
                self.failed();
            }
            return Ok(());
        }
        self.stage = Stage::Draining;
        // A decoder that takes no end has none to give.
        let _ = self.decoder.send_eof();
        Ok(())
    }

    fn failed(&mut self) {
        self.damage.pending = true;
        self.damage.since = 0;
    }

    /// Notes how far the packet reaches.
    fn measure(&mut self, packet: &Packet) {
        let Some(stream) = self.input.stream(packet.stream()) else { return };
        let base = f64::from(stream.time_base());
        let Some(at) = packet.pts().or(packet.dts()) else { return };
        let (from, to) = (at as f64 * base, (at + packet.duration().max(0)) as f64 * base);
        let own = packet.stream() == self.stream;
        let widen = |reach: &mut [f64; 2]| *reach = [reach[0].min(from), reach[1].max(to)];
        widen(&mut self.reach.whole);
        if own {
            widen(&mut self.reach.track);
        }
    }

    /// Time of a decoded picture, and whether something was lost before it.
    fn time(&mut self, video: &Video) -> (f64, bool) {
        let stamp = if self.stampless {
            None
        } else {
            video.timestamp().and_then(|stamp| stamp_s(Some(stamp), self.time_base))
        };
        let time_s = self.clock.tick(stamp);
        let mut lost = false;
        if self.damage.pending {
            let interval = self.clock.usual_interval_s();
            let hole_s = time_s - self.last_time_s - interval;
            self.damage.since += 1;
            if self.frames > 0 && hole_s > (HOLE_INTERVALS - 1.0) * interval {
                if self.damage.parts == 0 {
                    self.damage.first_s = self.last_time_s;
                }
                self.damage.parts += 1;
                self.damage.length_s += hole_s;
                self.damage.pending = false;
                lost = true;
            } else if self.damage.since > HARMLESS_AFTER {
                self.damage.pending = false;
            }
        }
        (time_s, lost)
    }

    fn interrupted(&self, reason: String) -> SourceError {
        SourceError::Interrupted { frames: self.frames, time_s: self.last_time_s, reason }
    }

    /// Width over height of a pixel.
    fn aspect(&mut self, video: &mut Video) -> f64 {
        // SAFETY: all three are valid, and FFmpeg only reads them.
        let aspect = unsafe {
            let context = self.input.as_mut_ptr();
            let stream = *(*context).streams.add(self.stream);
            av_guess_sample_aspect_ratio(context, stream, video.as_mut_ptr())
        };
        if aspect.num > 0 && aspect.den > 0 { ratio(aspect) } else { 1.0 }
    }

    /// Length that was read, seconds.
    fn read_s(&self) -> f64 {
        if self.frames == 0 { 0.0 } else { self.last_time_s + self.clock.usual_interval_s() }
    }
}

impl Source for VideoSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_into(&mut self, frame: &mut Frame) -> Result<bool, SourceError> {
        if self.stage == Stage::Ended {
            return Ok(false);
        }
        let mut memory = match std::mem::take(&mut frame.pixels) {
            Pixels::Planes(planes) => self.converter.reuse(planes.into_video()),
            Pixels::Bgr(_) => Video::empty(),
        };
        loop {
            let Some(mut video) = self.decode(memory)? else { return Ok(false) };
            let (time_s, after_loss) = self.time(&video);
            let aspect = self.aspect(&mut video);
            let Some(planes) = self.converter.convert(video, aspect, self.orientation) else {
                // A picture of a kind that is not known is as good as none.
                self.failed();
                memory = Video::empty();
                continue;
            };
            let pixels = planes.width() as u64 * planes.height() as u64;
            if pixels > self.limits.pixels {
                return Err(self.interrupted(format!(
                    "a picture of {}x{} pixels is above the limit",
                    planes.width(),
                    planes.height()
                )));
            }
            *frame = Frame {
                index: self.frames,
                time_s,
                width: planes.width(),
                height: planes.height(),
                after_loss,
                pixels: Pixels::Planes(planes),
            };
            self.frames += 1;
            self.last_time_s = time_s;
            return Ok(true);
        }
    }

    fn notes(&self) -> Vec<Note> {
        let mut notes = self.notes.clone();
        if !self.stampless && self.clock.unstamped() > 0 {
            notes.push(Note::Unstamped { frames: self.clock.unstamped() });
        }
        let Damage { pending, parts, length_s, first_s, .. } = self.damage;
        if parts > 0 {
            notes.push(Note::Damaged { parts, length_s, first_s });
        }
        if self.stage != Stage::Ended || self.wait.is_some() {
            return notes;
        }
        let length = |[from, to]: [f64; 2], least: f64| to - from.min(least);
        let of_track = self.declared.track_s.map(|declared_s| {
            (declared_s, length(self.reach.track, f64::INFINITY).max(self.read_s()))
        });
        let of_whole =
            || self.declared.whole_s.map(|declared_s| (declared_s, length(self.reach.whole, 0.0)));
        if let Some((declared_s, reached_s)) = of_track.or_else(of_whole) {
            let missing_s = declared_s - if reached_s.is_finite() { reached_s } else { 0.0 };
            let unsaid_s = (MISSING_UNSAID * declared_s).max(2.0 * self.clock.usual_interval_s());
            if missing_s > unsaid_s {
                notes.push(Note::Short { declared_s, read_s: self.read_s() });
                return notes;
            }
        }
        // Where a length is declared and reached, only the last picture is torn.
        let declared = self.declared.track_s.or(self.declared.whole_s).is_some();
        if pending && !declared {
            notes.push(Note::CutOff { read_s: self.read_s() });
        }
        notes
    }
}

/// Whether parts of the picture are the decoder's guess.
fn is_torn(video: &Video) -> bool {
    video
        .decode_error_flags()
        .intersects(DecodeError::CONCEALMENT_ACTIVE | DecodeError::DECODE_SLICES)
}

fn open_decoder(
    context: codec::Context,
    stream: &ffmpeg_next::Stream<'_>,
    live: bool,
    limits: &Limits,
) -> Option<decoder::Video> {
    let mut decoder = context.decoder();
    decoder.set_packet_time_base(stream.time_base());
    // SAFETY: the context is owned and not yet open.
    unsafe {
        let raw = &mut *decoder.as_mut_ptr();
        raw.max_pixels = i64::try_from(limits.pixels).unwrap_or(i64::MAX);
        raw.thread_count = i32::try_from(limits.decoder_threads).unwrap_or(0);
        // Threads that share a picture bring no delay, those that take one each do.
        raw.thread_type = if live { FF_THREAD_SLICE } else { FF_THREAD_FRAME | FF_THREAD_SLICE };
    }
    decoder.video().ok()
}

/// The turn that the container asks for.
fn display_matrix(stream: &ffmpeg_next::Stream<'_>) -> Orientation {
    let matrix = stream.side_data().find_map(|side| {
        // SAFETY: the entry is valid as long as the stream.
        let kind = unsafe { (*side.as_ptr()).type_ };
        if kind != AVPacketSideDataType::AV_PKT_DATA_DISPLAYMATRIX {
            return None;
        }
        let (numbers, _) = side.data().as_chunks::<4>();
        let numbers: Vec<i32> = numbers.iter().map(|bytes| i32::from_ne_bytes(*bytes)).collect();
        numbers.first_chunk::<9>().copied()
    });
    matrix.map_or_else(Orientation::default, |matrix| Orientation::of_matrix(&matrix))
}

fn stamp_s(stamp: Option<i64>, base: f64) -> Option<f64> {
    stamp.filter(|stamp| *stamp != i64::MIN).map(|stamp| stamp as f64 * base)
}

fn too_large(name: &str, size: [u64; 2], limits: &Limits) -> SourceError {
    SourceError::TooLarge { name: name.to_owned(), size, pixels: limits.pixels }
}

/// Checks that there is a readable file and returns its first bytes.
fn read_head(path: &Path) -> Result<Vec<u8>, SourceError> {
    if !path.exists() {
        return Err(SourceError::NotFound(path.to_owned()));
    }
    let unreadable = |error: std::io::Error| SourceError::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let mut head = Vec::new();
    File::open(path).map_err(unreadable)?.take(64).read_to_end(&mut head).map_err(unreadable)?;
    if head.is_empty() {
        return Err(SourceError::Empty(path.to_owned()));
    }
    Ok(head)
}

/// Whether a file is a list of other files or addresses.
fn is_playlist(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let begins = [&b"#EXTM3U"[..], b"ffconcat version", b"[playlist]", b"file '", b"<ASX", b"<asx"];
    begins.iter().any(|begin| text.starts_with(begin))
}
