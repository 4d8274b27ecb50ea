//! One recording in every container and codec that people send, and at rates that are reached by
//! repetition: the same blinks within a frame.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::faults::{BASE, Got, inputs};
use crate::support::program::ffmpeg;

/// Name of a file and how FFmpeg makes it of `base.mp4`.
const FORMATS: [(&str, &str); 31] = [
    ("eight-between.mp4", "-c:v libx264 -crf 12 -preset veryfast -bf 8 -b_strategy 2"),
    ("pictures.avi", "-c:v mjpeg -q:v 2 -pix_fmt yuvj422p"),
    ("copied.mp4", "-c:v copy"),
    ("copied.mov", "-c:v copy"),
    ("copied.mkv", "-c:v copy"),
    ("copied.flv", "-c:v copy"),
    ("copied.ts", "-c:v copy"),
    ("copied.mts", "-c:v copy -f mpegts -mpegts_m2ts_mode 1"),
    ("copied.3gp", "-c:v copy"),
    ("fragments.mp4", "-c:v copy -movflags frag_keyframe+empty_moov"),
    ("vp9.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 3M"),
    ("old.avi", "-c:v mpeg4 -q:v 2"),
    ("windows.wmv", "-c:v wmv2 -b:v 5M"),
    ("disc.mpg", "-c:v mpeg2video -q:v 2"),
    ("disc-1.mpg", "-c:v mpeg1video -q:v 2"),
    ("theora.ogv", "-c:v libtheora -q:v 9"),
    ("hevc.mp4", "-c:v libx265 -crf 14 -preset ultrafast -x265-params log-level=error"),
    (
        "hevc-hlg.mov",
        "-c:v libx265 -crf 14 -preset ultrafast -pix_fmt yuv420p10le -color_primaries bt2020 \
         -color_trc arib-std-b67 -colorspace bt2020nc -x265-params log-level=error",
    ),
    ("av1.mp4", "-c:v libsvtav1 -preset 10 -crf 20"),
    (
        "alpha.webm",
        "-vf format=yuva420p -c:v libvpx -b:v 4M -deadline realtime -cpu-used 8 -auto-alt-ref 0",
    ),
    ("alpha.mov", "-c:v prores_ks -profile:v 4444 -pix_fmt yuva444p10le"),
    ("prores.mov", "-c:v prores_ks -profile:v 2"),
    ("colours-422.mkv", "-c:v libx264 -crf 12 -preset veryfast -pix_fmt yuv422p"),
    ("colours-444.mp4", "-c:v libx264 -crf 12 -preset veryfast -pix_fmt yuv444p"),
    ("grey-10.mkv", "-c:v libx264 -crf 12 -preset veryfast -pix_fmt gray10le"),
    ("interlaced.mp4", "-c:v libx264 -crf 12 -preset veryfast -flags +ildct+ilme"),
    ("rgb.mkv", "-c:v libx264rgb -crf 8 -preset veryfast"),
    ("whole.mp4", "-c:v libx264 -qp 0 -preset ultrafast"),
    ("full-range.mp4", "-c:v libx264 -crf 12 -preset veryfast -pix_fmt yuvj420p"),
    ("moved.gif", "-vf fps=25,scale=540:360"),
    ("raw.m4v", "-c:v mpeg4 -q:v 2 -f m4v"),
];

/// Names and filters of rates that repeat pictures.
const RATES: [(&str, &str); 4] = [
    ("20-at-30.mp4", "fps=20,fps=30"),
    ("24-at-30.mp4", "fps=24,fps=30"),
    ("60.mp4", "fps=60"),
    ("120.mp4", "fps=120"),
];

/// `base.mp4` made into a file by these arguments.
fn made(folder: &Path, name: &str, arguments: &str) -> PathBuf {
    let (base, file) = (inputs().join("base.mp4"), folder.join(name));
    let arguments = arguments.split_whitespace().map(OsStr::new);
    let all = ["-i".as_ref(), base.as_os_str(), "-an".as_ref()].into_iter().chain(arguments);
    ffmpeg(all.chain([file.as_os_str()]));
    file
}

fn in_formats(formats: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    for (name, arguments) in formats {
        eprintln!("{name}");
        let got = Got::of(&made(folder.path(), name, arguments), &[]);
        got.shows(&BASE, 0);
        assert!(got.gaps().is_empty(), "{name}: {:?}", got.gaps());
    }
}

fn at_rates(rates: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    let again = "-c:v libx264 -crf 12 -preset veryfast";
    let once = Got::name("base.mp4");
    for (name, filter) in rates {
        eprintln!("{name}");
        let got = Got::of(&made(folder.path(), name, &format!("-vf {filter} {again}")), &[]);
        got.shows(&BASE, 0);
        assert!(got.gaps().is_empty(), "{name}: {:?}", got.gaps());
        let (own, before) = (got.kinds(), once.kinds());
        assert!(own.len() <= before.len(), "{name}: {own:?}, of the recording itself {before:?}");
    }
}

#[test]
fn a_recording_is_the_same_in_other_containers_and_codecs() {
    in_formats(&FORMATS[..2]);
}

#[test]
#[ignore = "analyzes 31 files"]
fn a_recording_is_the_same_in_every_container_and_codec() {
    in_formats(&FORMATS);
}

#[test]
fn a_rate_that_repeats_pictures_brings_nothing_new() {
    at_rates(&RATES[1..2]);
}

#[test]
#[ignore = "analyzes four long recordings"]
fn no_rate_that_repeats_pictures_brings_anything_new() {
    at_rates(&RATES);
}
