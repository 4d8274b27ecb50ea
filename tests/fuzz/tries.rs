//! Tries inputs until one breaks a parser.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use serde_json::Value;
use spasmograph::compare::compare;
use spasmograph::report::export::{self, Format};
use spasmograph::report::{self, Analysis, OutputFolder, html};
use spasmograph::thresholds::Thresholds;

use crate::mutate::mutate;
use crate::targets::{TARGETS, Target};

/// Inputs of all targets in an ordinary test run.
const INPUTS: usize = 6_000;

/// Processor time after which an input hangs: a hundred times what the slowest takes.
const HANGS: Duration = Duration::from_secs(60);

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// What is tried now, and the processor time when it began; nothing between two inputs.
type Now = Arc<Mutex<Option<(&'static str, Vec<u8>, Duration)>>>;

/// Processor time of this program so far; where the system does not tell, the time since a first
/// call. A machine that is busy with other things must not look like a hang.
fn worked() -> Duration {
    static FIRST: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/self/stat").ok().and_then(|line| {
        let (_, fields) = line.rsplit_once(") ")?;
        let mut ticks = fields.split(' ').skip(11).map_while(|field| field.parse::<u64>().ok());
        Some(Duration::from_millis(10 * (ticks.next()? + ticks.next()?)))
    });
    told.unwrap_or_else(|| FIRST.elapsed())
}

/// Ends the program with the input's place when one hangs: nothing else could.
fn watch(now: &Now, found: &Path) {
    let (now, found) = (Arc::clone(now), found.to_owned());
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let now = now.lock().unwrap();
            if let Some((target, input, since)) = &*now
                && worked().saturating_sub(*since) > HANGS
            {
                let path = keep(&found, target, input);
                eprintln!("{target} hangs on {}", path.display());
                std::process::exit(101);
            }
        }
    });
}

/// Keeps an input that a target cannot bear.
fn keep(found: &Path, target: &str, input: &[u8]) -> std::path::PathBuf {
    let folder = found.join(target);
    std::fs::create_dir_all(&folder).unwrap();
    let number = input.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let path = folder.join(format!("{number:016x}"));
    std::fs::write(&path, input).unwrap();
    path
}

fn bears(target: &Target, input: &[u8], place: &Path, now: &Now) -> bool {
    *now.lock().unwrap() = Some((target.name, input.to_vec(), worked()));
    let tried = catch_unwind(AssertUnwindSafe(|| (target.run)(input, place)));
    *now.lock().unwrap() = None;
    tried.is_ok()
}

#[test]
fn no_input_makes_a_parser_panic_overflow_or_hang() {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/found");
    let (inputs, seed) =
        (setting("SPASMOGRAPH_FUZZ_INPUTS", INPUTS), setting("SPASMOGRAPH_FUZZ_SEED", 1));
    let place = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let now = Now::default();
    watch(&now, &found);
    let weights: usize = TARGETS.iter().map(|target| target.weight).sum();
    let (mut tried, mut broken) = (0, Vec::new());
    for target in &TARGETS {
        let began = Instant::now();
        let seeds = (target.seeds)();
        assert!(!seeds.is_empty(), "{} has no seed", target.name);
        let old = std::fs::read_dir(found.join(target.name)).into_iter().flatten().flatten();
        let old = old.filter_map(|entry| std::fs::read(entry.path()).ok());
        for input in seeds.iter().cloned().chain(old) {
            tried += 1;
            if !bears(target, &input, place.path(), &now) {
                broken.push(keep(&found, target.name, &input));
            }
        }
        let mut rng = ChaCha8Rng::seed_from_u64(seed as u64);
        let share = (inputs * target.weight).div_ceil(weights);
        for _ in 0..share {
            let input = mutate(&seeds, &mut rng);
            tried += 1;
            if !bears(target, &input, place.path(), &now) {
                broken.push(keep(&found, target.name, &input));
                if broken.len() > 20 {
                    break;
                }
            }
        }
        eprintln!("{:>12}: {share} inputs in {:.1} s", target.name, began.elapsed().as_secs_f64());
    }
    eprintln!("{tried} inputs tried, {} broke a parser", broken.len());
    assert!(broken.is_empty(), "{broken:?}");
}

/// Puts a text into every string of a value, one after the other.
fn with_each_string(value: &Value, text: &str, try_it: &mut dyn FnMut(&str, &Value)) {
    fn paths(value: &Value, at: &str, all: &mut Vec<String>) {
        match value {
            Value::String(_) => all.push(at.to_owned()),
            Value::Array(list) => {
                list.iter().enumerate().for_each(|(i, own)| paths(own, &format!("{at}/{i}"), all));
            }
            Value::Object(object) => {
                for (key, own) in object {
                    paths(own, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), all);
                }
            }
            _ => {}
        }
    }
    let mut all = Vec::new();
    paths(value, "", &mut all);
    for path in all {
        let mut changed = value.clone();
        *changed.pointer_mut(&path).unwrap() = Value::String(text.to_owned());
        try_it(&path, &changed);
    }
}

#[test]
fn no_string_of_an_analysis_becomes_markup_or_controls_anything() {
    const SCRIPT: &str = "\"'></script><script>alert(1)</script><b x=\u{1b}[2J\u{9b}\u{0}";
    let (analysis, samples) = &*crate::seeds::RECORDING;
    let samples = &samples[..90];
    let thresholds = Thresholds::default();
    let folder = tempfile::tempdir().unwrap();
    let out = OutputFolder::create(folder.path()).unwrap();
    let mut tried = 0;
    with_each_string(&serde_json::json!(analysis), SCRIPT, &mut |path, changed| {
        // Words of a fixed vocabulary take no other.
        let Ok(analysis) = serde_json::from_value::<Analysis>(changed.clone()) else { return };
        tried += 1;
        let visits = [analysis.clone(), analysis.clone()];
        let compared = compare(&visits, None, &thresholds.pattern).map(|own| own.html());
        let pages = [html::page(&analysis, samples, None), compared.unwrap_or_default()];
        for page in pages {
            assert!(!page.contains("<script>alert"), "{path}");
            assert!(!page.contains(['\u{1b}', '\u{9b}', '\0']), "{path}");
        }
        for format in [Format::Elan, Format::Edf] {
            for file in export::write(format, &analysis, samples, &out).unwrap() {
                let bytes = std::fs::read(&file).unwrap();
                let text = String::from_utf8_lossy(&bytes);
                // EDF is no markup; its head is plain text.
                let is_plain = bytes[..256].iter().all(|byte| (b' '..=b'~').contains(byte));
                let is_markup = text.contains("<script>alert") || text.contains('\u{1b}');
                assert!(if format == Format::Edf { is_plain } else { !is_markup }, "{path}");
            }
        }
        let json = report::json::text(&analysis);
        assert!(!json.contains(['\u{1b}', '\u{9b}', '\0']), "{path}");
    });
    assert!(tried > 10, "only {tried} strings take any text");
}
