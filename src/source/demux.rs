//! Opens containers: which may be read, by which way, and which track of them.

use std::ffi::{CStr, CString};
use std::path::Path;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ffmpeg_next::ffi::{
    AV_NOPTS_VALUE, AV_TIME_BASE, AVDictionary, AVFormatContext, AVMediaType, AVStream,
    av_dict_free, av_dict_set, avcodec_get_name, avformat_alloc_context, avformat_find_stream_info,
    avformat_open_input,
};
use ffmpeg_next::format::context::Input;
use ffmpeg_next::util::interrupt;

use super::Limits;

/// Containers and raw streams that are read from files. Playlists, concatenations, devices and
/// whatever opens further files or hosts are not among them.
const FILE_FORMATS: &CStr = c"mov,matroska,webm,avi,flv,asf,mpeg,mpegts,mpegvideo,ogg,h264,hevc,\
    m4v,h263,vc1,obu,ivf,mjpeg,mjpeg_2000,gif,apng,mxf,dv,nut,wtv,rm,gxf,yuv4mpegpipe";
/// Ways to a file.
const FILE_PROTOCOLS: &CStr = c"file";
/// What is read from the network beside them.
const STREAM_FORMATS: &CStr = c"mov,matroska,webm,avi,flv,live_flv,asf,mpeg,mpegts,mpegvideo,ogg,\
    h264,hevc,m4v,mjpeg,mpjpeg,gif,rtsp,rtp,sdp,hls";
/// Ways to a stream.
const STREAM_PROTOCOLS: &CStr = c"http,https,httpproxy,crypto,tcp,udp,tls,rtp,rtmp,rtmps,srt";

/// Disposition of a track that is one picture: a cover, or the thumbnails of chapters.
const STILLS: i32 = 0x400 | 0x800;
/// Disposition of the track that is meant where nothing is said.
const DEFAULT_TRACK: i32 = 0x1;

/// Why a container is not read.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It cannot be opened, or holds no video.
    NoVideo,
    /// A picture of so many pixels.
    TooLarge([u64; 2]),
    /// There are only so many tracks.
    NoTrack(usize),
}

/// The chosen track and the others, in words.
type Tracks = (String, Vec<String>);

/// A container that was opened, and what it says of the track chosen.
pub(super) struct Opened {
    pub(super) input: Input,
    /// Number of the chosen stream among all.
    pub(super) stream: usize,
    /// The length that the container's head declares for this track, seconds.
    pub(super) track_s: Option<f64>,
    /// The length that it declares as a whole, seconds.
    pub(super) whole_s: Option<f64>,
    /// Frames that the head lists.
    pub(super) frames: Option<u64>,
    /// The tracks; empty where there is only one.
    pub(super) tracks: Option<Tracks>,
    /// Holds off what waits too long.
    pub(super) patience: Patience,
}

/// Ends a wait for the network that lasts too long.
#[derive(Clone)]
pub(super) struct Patience {
    since: Instant,
    /// When it ends, milliseconds after `since`; never at the largest value.
    until_ms: Arc<AtomicU64>,
}

impl Patience {
    fn new() -> Self {
        Self { since: Instant::now(), until_ms: Arc::new(AtomicU64::new(u64::MAX)) }
    }

    /// Waits no longer than this from now on.
    pub(super) fn allow(&self, wait: Duration) {
        let until = self.since.elapsed() + wait;
        self.until_ms.store(until.as_millis() as u64, Ordering::Relaxed);
    }

    fn is_over(&self) -> bool {
        self.since.elapsed().as_millis() as u64 > self.until_ms.load(Ordering::Relaxed)
    }
}

/// A file's name as FFmpeg takes it, whatever the file is called; `None` for a name with a zero.
pub(crate) fn file_name(path: &Path) -> Option<CString> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut name = b"file:".to_vec();
    #[cfg(unix)]
    name.extend(std::os::unix::ffi::OsStrExt::as_bytes(absolute.as_os_str()));
    #[cfg(not(unix))]
    name.extend(absolute.to_string_lossy().as_bytes());
    CString::new(name).ok()
}

/// Opens a container and chooses a track of video. `wait` is how long a stream may take; `None`
/// for a file.
pub(super) fn open(
    name: &CStr,
    wait: Option<Duration>,
    track: Option<usize>,
    limits: &Limits,
) -> Result<Opened, Refusal> {
    // Networks need it; it does nothing a second time.
    ffmpeg_next::format::network::init();
    let (formats, protocols) = match wait {
        None => (FILE_FORMATS, FILE_PROTOCOLS),
        Some(_) => (STREAM_FORMATS, STREAM_PROTOCOLS),
    };
    let patience = Patience::new();
    if let Some(wait) = wait {
        patience.allow(wait);
    }
    let watch = patience.clone();
    let interrupt = interrupt::new(Box::new(move || watch.is_over()));
    let mut options = Options::default();
    options.set(c"format_whitelist", formats);
    options.set(c"protocol_whitelist", protocols);
    if name.to_bytes().starts_with(b"rtsp") {
        // Packets that are lost tear pictures; a connection loses none.
        options.set(c"rtsp_transport", c"tcp");
    }
    // SAFETY: the context is allocated here, freed by FFmpeg where opening fails, and owned by
    // the input from then on, which keeps the interrupt's memory as long.
    let mut input = unsafe {
        let mut context = avformat_alloc_context();
        if context.is_null() {
            return Err(Refusal::NoVideo);
        }
        (*context).interrupt_callback = interrupt.interrupt;
        let status =
            avformat_open_input(&raw mut context, name.as_ptr(), ptr::null(), &raw mut options.0);
        if status < 0 {
            return Err(Refusal::NoVideo);
        }
        Input::wrap_with_interrupt(context, interrupt.guard)
    };
    // SAFETY: the context is valid; only this thread has it.
    let context = unsafe { &mut *input.as_mut_ptr() };
    check_sizes(context, limits)?;
    // What the head says of lengths; looking at the packets would overwrite it with guesses.
    let declared: Vec<(Option<f64>, Option<u64>)> = streams(context).map(declared).collect();
    let whole_s = seconds(context.duration, 1.0 / f64::from(AV_TIME_BASE));
    look(context, limits)?;
    check_sizes(context, limits)?;
    let (stream, tracks) = choose(context, track)?;
    let (track_s, frames) = declared.get(stream).copied().unwrap_or_default();
    for (number, other) in streams(context).enumerate() {
        // Other tracks of sound are looked at: they say how far the file goes.
        let unread = number != stream && medium(other) != AVMediaType::AVMEDIA_TYPE_AUDIO;
        if unread {
            // SAFETY: the stream belongs to the context that only this thread has.
            unsafe {
                (*(&raw const *other).cast_mut()).discard =
                    ffmpeg_next::ffi::AVDiscard::AVDISCARD_ALL;
            }
        }
    }
    Ok(Opened { input, stream, track_s, whole_s, frames, tracks, patience })
}

/// Reads as much of the file as is needed to know its tracks.
fn look(context: &mut AVFormatContext, limits: &Limits) -> Result<(), Refusal> {
    let most = CString::new(limits.pixels.to_string()).unwrap_or_default();
    let mut each: Vec<Options> = streams(context)
        .map(|_| {
            let mut options = Options::default();
            options.set(c"max_pixels", &most);
            options.set(c"threads", c"1");
            options
        })
        .collect();
    let mut raw: Vec<*mut AVDictionary> = each.iter().map(|options| options.0).collect();
    // SAFETY: there is a dictionary for each stream; FFmpeg may exchange them, so they are taken
    // back before they are freed.
    let status = unsafe { avformat_find_stream_info(context, raw.as_mut_ptr()) };
    for (options, raw) in each.iter_mut().zip(raw) {
        options.0 = raw;
    }
    if status < 0 { Err(Refusal::NoVideo) } else { Ok(()) }
}

fn streams(context: &AVFormatContext) -> impl Iterator<Item = &AVStream> {
    // SAFETY: FFmpeg keeps that many pointers to streams that live as long as the context.
    (0..context.nb_streams as usize).map(|i| unsafe { &**context.streams.add(i) })
}

fn medium(stream: &AVStream) -> AVMediaType {
    // SAFETY: every stream has parameters.
    unsafe { (*stream.codecpar).codec_type }
}

fn size(stream: &AVStream) -> [u64; 2] {
    // SAFETY: as above.
    unsafe { [(*stream.codecpar).width, (*stream.codecpar).height].map(|v| v.max(0) as u64) }
}

fn is_video(stream: &AVStream) -> bool {
    medium(stream) == AVMediaType::AVMEDIA_TYPE_VIDEO && stream.disposition & STILLS == 0
}

/// Refuses pictures that are too large before any is decoded.
fn check_sizes(context: &AVFormatContext, limits: &Limits) -> Result<(), Refusal> {
    let sizes = streams(context).filter(|stream| is_video(stream)).map(size);
    let too_large = |[width, height]: &[u64; 2]| width.saturating_mul(*height) > limits.pixels;
    sizes.into_iter().find(too_large).map_or(Ok(()), |size| Err(Refusal::TooLarge(size)))
}

/// Length and frames that a stream's head declares.
fn declared(stream: &AVStream) -> (Option<f64>, Option<u64>) {
    let base = ratio(stream.time_base);
    let by_length = seconds(stream.duration, base);
    let frames = u64::try_from(stream.nb_frames).ok().filter(|frames| *frames > 0);
    (by_length, frames)
}

fn seconds(length: i64, base: f64) -> Option<f64> {
    (length != AV_NOPTS_VALUE && length > 0).then_some(length as f64 * base)
}

pub(super) fn ratio(ratio: ffmpeg_next::ffi::AVRational) -> f64 {
    f64::from(ratio.num) / f64::from(ratio.den)
}

/// The stream to read: the one asked for, else the only default one, else the largest.
fn choose(
    context: &AVFormatContext,
    asked: Option<usize>,
) -> Result<(usize, Option<Tracks>), Refusal> {
    let tracks: Vec<(usize, &AVStream)> =
        streams(context).enumerate().filter(|(_, stream)| is_video(stream)).collect();
    let pixels = |number: &usize| size(tracks[*number].1).iter().product::<u64>();
    let largest = |numbers: Vec<usize>| {
        // Of equal ones the first.
        numbers.into_iter().rev().max_by_key(pixels)
    };
    let is_default = |number: &usize| tracks[*number].1.disposition & DEFAULT_TRACK != 0;
    let chosen = match asked {
        Some(number) if number < tracks.len() => number,
        Some(_) => return Err(Refusal::NoTrack(tracks.len())),
        None => largest((0..tracks.len()).filter(is_default).collect())
            .or_else(|| largest((0..tracks.len()).collect()))
            .ok_or(Refusal::NoVideo)?,
    };
    let words = |number: usize| {
        let [width, height] = size(tracks[number].1);
        // SAFETY: FFmpeg's names of codecs are constant texts.
        let codec = unsafe {
            let parameters = tracks[number].1.codecpar;
            CStr::from_ptr(avcodec_get_name((*parameters).codec_id)).to_string_lossy()
        };
        format!("track {number} ({width}x{height}, {codec})")
    };
    let others: Vec<String> =
        (0..tracks.len()).filter(|number| *number != chosen).map(words).collect();
    let named = (!others.is_empty()).then(|| (words(chosen), others));
    Ok((tracks[chosen].0, named))
}

/// Options for FFmpeg by name.
struct Options(*mut AVDictionary);

impl Default for Options {
    fn default() -> Self {
        Self(ptr::null_mut())
    }
}

impl Options {
    fn set(&mut self, name: &CStr, value: &CStr) {
        // SAFETY: FFmpeg copies both texts. Without memory the option is missing, and opening
        // fails for the same reason.
        unsafe { av_dict_set(&raw mut self.0, name.as_ptr(), value.as_ptr(), 0) };
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        // SAFETY: the dictionary is owned; freeing an absent one does nothing.
        unsafe { av_dict_free(&raw mut self.0) };
    }
}
