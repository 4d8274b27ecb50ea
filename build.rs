//! Tells the program which version of the stages that look at pixels it holds, so that signals
//! kept from an earlier measurement are not taken for those of this one.

use std::fs;
use std::path::{Path, PathBuf};

/// What decides the signals of a recording, thresholds apart.
const PIXELS: [&str; 6] = [
    "src/source",
    "src/face",
    "src/signal",
    "src/pipeline.rs",
    "src/anatomy.rs",
    "models/manifest.json",
];

fn main() {
    let mut hash = Fnv::default();
    for path in PIXELS {
        println!("cargo:rerun-if-changed={path}");
        add(Path::new(path), &mut hash);
    }
    println!("cargo:rustc-env=SPASMOGRAPH_PIXELS={:016x}", hash.0);
}

fn add(path: &Path, hash: &mut Fnv) {
    let mut entries: Vec<PathBuf> = match fs::read_dir(path) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(_) => {
            hash.add(path.to_string_lossy().as_bytes());
            return hash.add(&fs::read(path).unwrap_or_default());
        }
    };
    entries.sort();
    entries.iter().for_each(|entry| add(entry, hash));
}

/// The 64-bit FNV-1a hash: the build needs no library for it.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
