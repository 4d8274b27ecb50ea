//! Damaged copies of many containers: whatever is wrong with them, reading ends.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use spasmograph::source::{Frame, Source, VideoSource, quiet_decoder};

use crate::support::program::ffmpeg;

/// Containers and codecs that are damaged.
const FILES: [(&str, &str); 20] = [
    ("a.mp4", "-c:v libx264 -bf 3"),
    ("b.mov", "-c:v libx264 -movflags faststart"),
    ("c.mkv", "-c:v libx264"),
    ("d.avi", "-c:v mjpeg"),
    ("e.flv", "-c:v libx264"),
    ("f.ts", "-c:v libx264"),
    ("g.mts", "-c:v libx264 -f mpegts -mpegts_m2ts_mode 1"),
    ("h.3gp", "-c:v libx264"),
    ("i.webm", "-c:v libvpx -b:v 500k"),
    ("j.webm", "-c:v libvpx-vp9 -b:v 500k -deadline realtime"),
    ("k.wmv", "-c:v wmv2"),
    ("l.mpg", "-c:v mpeg2video"),
    ("m.ogv", "-c:v libtheora"),
    ("n.mp4", "-c:v libx265 -preset ultrafast -x265-params log-level=error"),
    ("o.mp4", "-c:v libx264 -movflags frag_keyframe+empty_moov"),
    ("p.mov", "-c:v prores_ks"),
    ("q.avi", "-c:v mpeg4"),
    ("r.mkv", "-c:v ffv1"),
    ("s.gif", "-vf fps=10"),
    ("t.h264", "-c:v libx264"),
];

/// Longest that a damaged copy may take.
const LONGEST: Duration = Duration::from_secs(5);
/// Most memory that the process may have taken, MB.
const MOST_MB: u64 = 500;

/// Changes one to five places: bits, bytes, stretches of zeros, lost, doubled and cut parts.
fn damage(bytes: &[u8], rng: &mut StdRng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..rng.random_range(1..=5) {
        // The head is small and says the most.
        let end = if rng.random_bool(0.2) { bytes.len().min(600) } else { bytes.len() };
        let at = rng.random_range(0..end.max(1));
        let length = rng.random_range(1..=bytes.len().max(2) / 2).min(bytes.len() - at);
        match rng.random_range(0..12) {
            0..=2 => bytes[at] ^= 1 << rng.random_range(0..8),
            3..=5 => bytes[at] = rng.random(),
            6 => bytes[at..][..length.min(4)].fill(0xff),
            7 | 8 => bytes[at..][..length.min(5000)].fill(0),
            9 => drop(bytes.drain(at..at + length.min(3000))),
            10 => {
                let part = bytes[at..][..length.min(3000)].to_vec();
                bytes.splice(at..at, part);
            }
            _ => bytes.truncate(at.max(16)),
        }
        if bytes.len() < 16 {
            bytes.resize(16, 0);
        }
    }
    bytes
}

/// Frames that can be read.
fn read(path: &Path) -> u64 {
    let Ok(mut source) = VideoSource::open(path) else { return 0 };
    let mut frame = Frame::default();
    let (mut frames, mut last_s) = (0, f64::NEG_INFINITY);
    while matches!(source.read_into(&mut frame), Ok(true)) {
        assert!(frame.time_s.is_finite() && frame.time_s > last_s, "{} s", frame.time_s);
        assert!(frame.width > 0 && frame.height > 0);
        (frames, last_s) = (frames + 1, frame.time_s);
    }
    let _ = source.notes();
    frames
}

/// Most memory that this process has taken, MB; `None` where the system does not say.
fn peak_mb() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? / 1024)
}

fn tried(copies: usize) {
    quiet_decoder();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let mut rng = StdRng::seed_from_u64(17);
    let (mut whole, mut part, mut none, mut slowest) = (0, 0, 0, Duration::ZERO);
    for (name, arguments) in FILES {
        let clip = place.join(name);
        let source = "-f lavfi -i testsrc2=s=320x240:d=1:r=30".split(' ').map(OsStr::new);
        let arguments = arguments.split(' ').map(OsStr::new);
        ffmpeg(source.chain(arguments).chain([clip.as_os_str()]));
        let (sound, bytes) = (read(&clip), fs::read(&clip).unwrap());
        assert!(sound >= 10, "{name}: {sound} frames");
        for number in 0..copies.div_ceil(FILES.len()) {
            let copy = place.join(format!("copy-{name}"));
            fs::write(&copy, damage(&bytes, &mut rng)).unwrap();
            let began = Instant::now();
            let frames = read(&copy);
            let took = began.elapsed();
            assert!(took < LONGEST, "{name}, copy {number}: {took:?}");
            slowest = slowest.max(took);
            match frames {
                0 => none += 1,
                frames if frames < sound => part += 1,
                _ => whole += 1,
            }
        }
    }
    let peak = peak_mb();
    eprintln!(
        "{whole} copies read whole, {part} in part, {none} not; the slowest in {slowest:?}; most \
         memory {peak:?} MB"
    );
    // Other tests of this binary take memory of their own.
    if copies > 1000 {
        assert!(peak.is_none_or(|peak| peak < MOST_MB), "{peak:?} MB");
    }
    assert!(part > 0 && none > 0);
}

#[test]
fn reading_a_damaged_file_ends() {
    tried(100);
}

#[test]
#[ignore = "reads 2,000 files"]
fn reading_two_thousand_damaged_files_ends() {
    tried(2000);
}
