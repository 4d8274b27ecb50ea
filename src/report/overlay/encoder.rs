//! The overlay's file: H.264 in mp4, whole or not at all.

use std::path::Path;
use std::ptr;

use ffmpeg_next::codec::{self, Flags, Id};
use ffmpeg_next::error::EAGAIN;
use ffmpeg_next::ffi::{AVIO_FLAG_WRITE, avformat_alloc_output_context2, avio_open};
use ffmpeg_next::format::Pixel;
use ffmpeg_next::format::context::Output;
use ffmpeg_next::frame::Video;
use ffmpeg_next::software::scaling;
use ffmpeg_next::{Dictionary, Error as Failure, Packet, Rational, encoder};
use opencv::core::Mat;
use opencv::prelude::*;

use crate::report::{Error, PendingPath};
use crate::source::file_name;

/// What to do where the encoder is missing.
const MEND: &str = "FFmpeg's libraries have no H.264 encoder here; install them with libx264, or \
                    run with --overlay none";

/// How the encoder works: quickly, at a quality that leaves the skin's texture (the usual constant
/// rate factor, 23).
const ENCODING: [(&str, &str); 2] = [("preset", "veryfast"), ("crf", "23")];

/// Writes pictures at ticks of a constant rate.
pub(super) struct Encoder {
    output: Output,
    encoder: encoder::Video,
    scaler: scaling::Context,
    picture: Video,
    /// Length of a tick, seconds.
    tick: Rational,
    pending: PendingPath,
}

/// Whether there is an encoder for the overlay.
#[must_use]
pub fn has_encoder() -> bool {
    encoder::find(Id::H264).is_some()
}

impl Encoder {
    /// A file of pictures of this size; `fps` has two decimals at most.
    pub(super) fn create(
        pending: PendingPath,
        fps: f64,
        width: usize,
        height: usize,
    ) -> Result<Self, Error> {
        let path = pending.path().to_owned();
        let failed = |why: Failure| overlay_error(&path, why);
        let rate = Rational::new((fps * 100.0).round() as i32, 100);
        let tick = rate.invert();
        let mut output = open(&pending)?;
        let codec = encoder::find(Id::H264).ok_or_else(|| overlay_error(&path, MEND))?;
        let mut context =
            codec::Context::new_with_codec(codec).encoder().video().map_err(failed)?;
        context.set_width(width as u32);
        context.set_height(height as u32);
        context.set_format(Pixel::YUV420P);
        context.set_time_base(tick);
        context.set_frame_rate(Some(rate));
        context.set_flags(Flags::GLOBAL_HEADER);
        let mut options = Dictionary::new();
        ENCODING.iter().for_each(|(name, value)| options.set(name, value));
        let encoder = context.open_with(options).map_err(|_| overlay_error(&path, MEND))?;
        let mut stream = output.add_stream(codec).map_err(failed)?;
        stream.set_parameters(&encoder);
        stream.set_time_base(tick);
        stream.set_rate(rate);
        stream.set_avg_frame_rate(rate);
        let mut options = Dictionary::new();
        // A coarse scale of time, so that a gap of days still fits; the index first, so that a
        // browser need not read the whole file.
        options.set("video_track_timescale", &rate.numerator().to_string());
        options.set("movflags", "+faststart");
        drop(output.write_header_with(options).map_err(failed)?);
        let (w, h) = (width as u32, height as u32);
        let scaler = scaling::Context::get(
            Pixel::BGR24,
            w,
            h,
            Pixel::YUV420P,
            w,
            h,
            scaling::Flags::BILINEAR,
        )
        .map_err(failed)?;
        Ok(Self { output, encoder, scaler, picture: Video::new(Pixel::BGR24, w, h), tick, pending })
    }

    /// Adds a picture that stands from this tick on.
    pub(super) fn write(&mut self, picture: &Mat, tick: u64) -> Result<(), Error> {
        let bytes = picture
            .data_bytes()
            .map_err(|error| overlay_error(self.pending.path(), error.message))?;
        let row = 3 * self.picture.width() as usize;
        let stride = self.picture.stride(0);
        for (to, from) in self.picture.data_mut(0).chunks_mut(stride).zip(bytes.chunks_exact(row)) {
            to[..row].copy_from_slice(from);
        }
        let mut done = || -> Result<(), Failure> {
            let mut planes = Video::empty();
            self.scaler.run(&self.picture, &mut planes)?;
            planes.set_pts(i64::try_from(tick).ok());
            self.encoder.send_frame(&planes)?;
            self.take()
        };
        done().map_err(|why| overlay_error(self.pending.path(), why))
    }

    /// Ends the file at this tick and gives it its name.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        let mut done = || -> Result<(), Failure> {
            self.encoder.send_eof()?;
            self.take()?;
            self.output.write_trailer()
        };
        done().map_err(|why| overlay_error(self.pending.path(), why))?;
        let Self { output, pending, .. } = self;
        // The file must be closed before it is renamed.
        drop(output);
        pending.finish()
    }

    /// Writes what the encoder has ready.
    fn take(&mut self) -> Result<(), Failure> {
        loop {
            let mut packet = Packet::empty();
            match self.encoder.receive_packet(&mut packet) {
                Ok(()) => {}
                Err(Failure::Eof | Failure::Other { errno: EAGAIN }) => return Ok(()),
                Err(why) => return Err(why),
            }
            packet.set_stream(0);
            packet.set_duration(1);
            let base = self.output.stream(0).map_or(self.tick, |stream| stream.time_base());
            packet.rescale_ts(self.tick, base);
            packet.write_interleaved(&mut self.output)?;
        }
    }
}

/// Begins the file.
fn open(pending: &PendingPath) -> Result<Output, Error> {
    let path = pending.path();
    let name = file_name(pending.temporary())
        .ok_or_else(|| overlay_error(path, "its name holds a zero"))?;
    let mut context = ptr::null_mut();
    // SAFETY: FFmpeg allocates the context, which the output owns from then on, and opens the file,
    // which is closed with it.
    unsafe {
        let made = avformat_alloc_output_context2(
            &raw mut context,
            ptr::null(),
            c"mp4".as_ptr(),
            name.as_ptr(),
        );
        if made < 0 || context.is_null() {
            return Err(overlay_error(path, Failure::from(made)));
        }
        let output = Output::wrap(context);
        let opened = avio_open(&raw mut (*context).pb, name.as_ptr(), AVIO_FLAG_WRITE);
        if opened < 0 {
            return Err(overlay_error(path, Failure::from(opened)));
        }
        Ok(output)
    }
}

pub(super) fn overlay_error(path: &Path, reason: impl ToString) -> Error {
    Error::Overlay { path: path.to_owned(), reason: reason.to_string() }
}
