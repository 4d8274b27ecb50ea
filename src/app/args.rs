//! The command line as typed.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::batch::{Output, Shard};
use crate::evaluate::Series;
use crate::report::export::Format;
use crate::source::Limits;
use crate::validate::{MatchBy, Matching};

/// Video-based blink and twitch tracker. It measures; it does not diagnose.
#[derive(Debug, Parser)]
#[command(name = "spasmograph", version, max_term_width = 100)]
#[command(after_help = "Research and measurement use; not a diagnosis.")]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Measure a recording: blinks, contractions, side and order.
    Analyze(AnalyzeArguments),
    /// Measure a camera, a stream or the browser's camera as it happens, on a web page.
    Monitor(Box<MonitorArguments>),
    /// Measure many recordings into tables: clips, events, blinks, failures, and a page of them.
    Batch(BatchArguments),
    /// Analyze the clips that a batch names on standard input.
    #[command(hide = true)]
    Worker,
    /// Score analyses against the truth of their recordings.
    Validate(ValidateArguments),
    /// Measure, judge and score whole folders of recordings with truth.
    Evaluate(EvaluateArguments),
    /// Compare visits of one person: what changed, what joined, the pattern on all together.
    Compare(CompareArguments),
    /// Open a library of recordings in the browser: analyze, watch, review, compare.
    Desk(DeskArguments),
    /// Say what follows from a review, or take one that was edited in ELAN.
    Review(ReviewArguments),
    /// Compare raters with each other and with the program.
    Agree(AgreeArguments),
    /// Hand an analysis on in a format of other tools.
    Export(ExportArguments),
    /// Paint a described patient as a clip, with its truth beside it.
    Synth(SynthArguments),
    /// Fetch or verify the face models and the inference runtime.
    Models {
        #[command(subcommand)]
        action: ModelsAction,
    },
    /// Say what works on this machine, and the mend for what does not.
    Doctor,
}

#[derive(Debug, Args)]
pub(super) struct AnalyzeArguments {
    /// A video file, a folder of images, a camera number or a stream URL.
    #[arg(value_name = "VIDEO")]
    pub(super) input: OsString,
    /// Folder for the results [default: VIDEO's stem with `.spasmograph`, in the working folder].
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Voluntary tasks in the recording (JSON: named segments with start, end and task).
    #[arg(long, value_name = "FILE")]
    pub(super) protocol: Option<PathBuf>,
    /// What is known of the person beyond the recording (JSON: earlier palsy, first symptom ...).
    #[arg(long, value_name = "FILE")]
    pub(super) history: Option<PathBuf>,
    /// The picture is a mirror image, as many selfie cameras store it.
    #[arg(long)]
    pub(super) mirrored: bool,
    /// What overlay.mp4 shows.
    #[arg(long, value_enum, default_value_t = Overlay::Full)]
    pub(super) overlay: Overlay,
    /// Begin at this time, seconds.
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub(super) start: Option<f64>,
    /// End at this time, seconds.
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub(super) end: Option<f64>,
    /// Frames a second of an image folder [default: 30]; a video has its own.
    #[arg(long, value_name = "RATE", value_parser = positive)]
    pub(super) fps: Option<f64>,
    /// Track of video to measure, counted from 0 [default: the file's default one].
    #[arg(long, value_name = "N")]
    pub(super) track: Option<usize>,
    #[command(flatten)]
    pub(super) limits: LimitArguments,
    /// Print analysis.json on standard output and nothing else there.
    #[arg(long)]
    pub(super) json: bool,
    /// Replace files of the outputs' names that spasmograph did not write.
    #[arg(long)]
    pub(super) force: bool,
}

/// What a recording may cost.
#[derive(Debug, Args)]
pub(super) struct LimitArguments {
    /// Most pixels of one picture; larger ones are refused unread [default: 33177600, which is 8K].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) max_pixels: Option<u64>,
}

impl LimitArguments {
    /// As a source takes it.
    pub(super) fn limits(&self) -> Limits {
        let usual = Limits::default();
        Limits { pixels: self.max_pixels.unwrap_or(usual.pixels), ..usual }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Without --camera or --input the page's own camera is measured.")]
pub(super) struct MonitorArguments {
    /// A camera of this machine, by its number.
    #[arg(long, value_name = "N", conflicts_with = "input")]
    pub(super) camera: Option<i32>,
    /// Size asked of the camera, pixels.
    #[arg(long, value_name = "WxH", requires = "camera", value_parser = size)]
    pub(super) size: Option<[u32; 2]>,
    /// Rate asked of the camera, or of an image folder, frames a second.
    #[arg(long, value_name = "RATE", value_parser = positive)]
    pub(super) fps: Option<f64>,
    /// A stream URL, or a video file or folder of images played in real time.
    #[arg(long, value_name = "URL|FILE")]
    pub(super) input: Option<OsString>,
    #[command(flatten)]
    pub(super) limits: LimitArguments,
    /// Folder for the results [default: the first free of session-1.spasmograph, session-2 ...].
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Replace files of the outputs' names that spasmograph did not write.
    #[arg(long)]
    pub(super) force: bool,
    /// The picture is a mirror image.
    #[arg(long)]
    pub(super) mirrored: bool,
    /// What is known of the person beyond the video (JSON, as for `analyze`).
    #[arg(long, value_name = "FILE")]
    pub(super) history: Option<PathBuf>,
    /// Keep the pictures that were measured, too, as recording.mkv (needs ffmpeg).
    #[arg(long)]
    pub(super) record: bool,
    /// Port of the page; 0 takes a free one.
    #[arg(long, value_name = "P", default_value_t = 8384)]
    pub(super) port: u16,
    /// Address to serve the page on; the token in the printed address is asked for on every one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(super) bind: IpAddr,
    /// Name by which other machines reach the page, as in its certificate.
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Certificate chain for an encrypted link (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(super) tls_cert: Option<PathBuf>,
    /// Key of that certificate (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(super) tls_key: Option<PathBuf>,
    /// Print what is found as lines of JSON on standard output, as it is found.
    #[arg(long)]
    pub(super) json: bool,
    /// Complete the outputs of a session in this folder that was cut off, and end.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["camera", "input", "out"])]
    pub(super) recover: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct BatchArguments {
    /// Video files, folders with videos in or below them, patterns such as `'day1/*.mp4'`, lists
    /// (.txt, a path a line), or manifests (.csv, .tsv) with the columns clip, subject, visit,
    /// protocol, history, mirrored, truth.
    #[arg(value_name = "INPUT", required_unless_present = "gather")]
    pub(super) inputs: Vec<OsString>,
    /// Folder for the tables, the page and the results of each clip.
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
    /// Clips at a time, each on a core of its own [default: the cores there are, as far as memory
    /// allows].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) jobs: Option<u16>,
    /// Go on with what DIR holds: what is done is not done again.
    #[arg(long)]
    pub(super) resume: bool,
    /// What to keep of each clip: analysis, events, signals, report, overlay; analysis is always
    /// kept.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = outputs())]
    #[arg(default_value = "analysis,report")]
    pub(super) keep: Vec<Output>,
    /// Do only this part of the clips, e.g. `2/8`, and make no tables yet.
    #[arg(long, value_name = "K/N")]
    pub(super) shard: Option<Shard>,
    #[command(flatten)]
    pub(super) limits: LimitArguments,
    #[command(flatten)]
    pub(super) matching: MatchArguments,
    /// Tables of each clip as the review beside it (NAME.review.json) has it, where there is one.
    #[arg(long, conflicts_with = "shard")]
    pub(super) reviewed: bool,
    /// Make the tables of the parts that are done in DIR.
    #[arg(long, conflicts_with_all = ["inputs", "shard", "resume", "jobs", "keep"])]
    pub(super) gather: bool,
    /// Replace files of the outputs' names that spasmograph did not write.
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Debug, Args)]
pub(super) struct ValidateArguments {
    /// A truth file, a table with a column `blink_label`, or a folder of truth files; may be given
    /// several times.
    #[arg(long, value_name = "TRUTH", required_unless_present = "mirror")]
    pub(super) truth: Vec<PathBuf>,
    /// `analysis.json` files, or folders with such files in or below them.
    #[arg(value_name = "ANALYSIS", required = true)]
    pub(super) analyses: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) matching: MatchArguments,
    /// Analyses of the mirror images, made by `analyze --mirrored`: the same events should be found
    /// on swapped sides.
    #[arg(long, value_name = "ANALYSIS")]
    pub(super) mirror: Vec<PathBuf>,
    /// Print the figures as JSON.
    #[arg(long)]
    pub(super) json: bool,
    /// Write the figures as a page, too.
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
    /// Replace files of the outputs' names that spasmograph did not write.
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Debug, Args)]
pub(super) struct SynthArguments {
    /// A scenario file (JSON), a preset such as `typical-right`, or a label such as
    /// `typical_hfs`, for which a patient is drawn from the seed.
    #[arg(value_name = "SCENARIO")]
    pub(super) scenario: String,
    /// Seed of everything random [default: the scenario's own].
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Length of a drawn patient's recording, seconds.
    #[arg(long, value_name = "S", default_value_t = 60.0, value_parser = positive)]
    pub(super) seconds: f64,
    /// Put the contractions into this recording of a real face instead of painting one.
    #[arg(long, value_name = "VIDEO")]
    pub(super) into: Option<PathBuf>,
    /// The clip; truth and scenario are written beside it [default: the scenario's name].
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Replace files of the outputs' names that spasmograph did not write.
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Debug, Args)]
pub(super) struct EvaluateArguments {
    /// Folders of recordings with `NAME.truth.json` beside them, or with a `table.tsv` of healthy
    /// people; what lies in folders below is not taken. With `--next` or `--block`, the folder from
    /// which the table of hosts names recordings.
    #[arg(value_name = "FOLDER", required_unless_present_any = ["next", "block"])]
    pub(super) folders: Vec<PathBuf>,
    /// Evaluate the next unused block of a series instead, and add its line to the ledger.
    #[arg(long, value_name = "SERIES", value_parser = series())]
    pub(super) next: Option<Series>,
    /// Evaluate a block by its name instead, and add its line to the ledger.
    #[arg(long, value_name = "NAME", conflicts_with = "next")]
    pub(super) block: Option<String>,
    /// Add a line for each folder to this ledger [default with --next and --block:
    /// tests/ledger.tsv].
    #[arg(long, value_name = "FILE")]
    pub(super) ledger: Option<PathBuf>,
    /// The blocks that are named ahead: a table with the columns block, series, seed, recordings.
    #[arg(long, value_name = "FILE", default_value = "tests/blocks.tsv")]
    pub(super) blocks: PathBuf,
    /// Recordings into which contractions are put: a table with the columns clip and behaviour.
    #[arg(long, value_name = "FILE", default_value = "tests/hosts.tsv")]
    pub(super) hosts: PathBuf,
    /// Folder that keeps what was measured: signals in it are judged again in seconds. What other
    /// versions of the face and signal stages measured is told apart.
    #[arg(long, value_name = "DIR")]
    pub(super) signals: Option<PathBuf>,
    /// Measure each recording's mirror image, too, and say how far both agree.
    #[arg(long)]
    pub(super) mirror: bool,
    /// Write the analysis of each recording into this folder.
    #[arg(long, value_name = "DIR")]
    pub(super) analyses: Option<PathBuf>,
    /// Fit the weights of the evidence on the recordings instead, and write them to this file.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["next", "block", "json"])]
    pub(super) fit: Option<PathBuf>,
    /// False twitches and spasms a minute that the fit allows people who were left out.
    #[arg(long, value_name = "RATE", default_value_t = 0.1, requires = "fit")]
    pub(super) false_per_min: f64,
    /// Write the labelled movements that the fit rests on to this table, too.
    #[arg(long, value_name = "FILE", requires = "fit")]
    pub(super) movements: Option<PathBuf>,
    /// Whose recordings belong together: a table with the columns clip and person, separated by
    /// tabs [default: tests/persons.tsv, where it is there].
    #[arg(long, value_name = "FILE")]
    pub(super) persons: Option<PathBuf>,
    /// Recordings measured at a time, each on a core [default: the cores there are].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) jobs: Option<u16>,
    /// Print the figures as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// How truth and findings are matched.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct MatchArguments {
    /// What makes a truth and a finding the same: times that overlap, or peaks that lie together.
    #[arg(long = "match", value_name = "RULE", value_enum, default_value_t = MatchRule::Overlap)]
    by: MatchRule,
    /// How far peaks may lie apart, seconds.
    #[arg(long, value_name = "S", default_value_t = Matching::TOLERANCE_S, value_parser = positive)]
    tolerance: f64,
}

impl MatchArguments {
    pub(super) fn get(self) -> Matching {
        let by = match self.by {
            MatchRule::Overlap => MatchBy::Overlap,
            MatchRule::Peak => MatchBy::Peak,
        };
        Matching { by, tolerance_s: self.tolerance }
    }
}

/// What makes a truth and a finding the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MatchRule {
    /// Times that overlap by half of their union.
    Overlap,
    /// Peaks that lie together.
    Peak,
}

#[derive(Debug, Args)]
pub(super) struct CompareArguments {
    /// Two or more `analysis.json` files, or their folders, in order of time.
    #[arg(value_name = "ANALYSIS", required = true, num_args = 2..)]
    pub(super) analyses: Vec<PathBuf>,
    /// What is known of the person beyond the recordings (JSON, as for `analyze`).
    #[arg(long, value_name = "FILE")]
    pub(super) history: Option<PathBuf>,
    /// Each visit as the review beside its results has it.
    #[arg(long)]
    pub(super) reviewed: bool,
    /// Print the comparison as JSON and nothing else.
    #[arg(long)]
    pub(super) json: bool,
    /// Write the comparison as a page.
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
    /// Replace files of the outputs' names that spasmograph did not write.
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Debug, Args)]
pub(super) struct DeskArguments {
    /// The library: recordings, and what belongs to them beside them; made where it is missing.
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub(super) folder: PathBuf,
    /// Port of the page on this machine; 0 takes a free one.
    #[arg(long, value_name = "P", default_value_t = 8385)]
    pub(super) port: u16,
    /// Largest recording that may be dragged onto the page, gigabytes.
    #[arg(long, value_name = "GB", default_value_t = 64.0, value_parser = positive)]
    pub(super) largest: f64,
    #[command(flatten)]
    pub(super) limits: LimitArguments,
    /// Do not open a browser.
    #[arg(long)]
    pub(super) no_browser: bool,
}

#[derive(Debug, Args)]
pub(super) struct ReviewArguments {
    /// An `analysis.json` with its `signals.csv` beside it, or their folder.
    #[arg(value_name = "ANALYSIS")]
    pub(super) analysis: PathBuf,
    /// The review [default: NAME.review.json beside the folder NAME.spasmograph].
    #[arg(long, value_name = "FILE")]
    pub(super) review: Option<PathBuf>,
    /// Whose review: another reader's has a file of its own.
    #[arg(long, value_name = "NAME", conflicts_with = "review")]
    pub(super) reviewer: Option<String>,
    /// Take the edits of an ELAN file that `export --format elan` wrote.
    #[arg(long, value_name = "FILE.eaf")]
    pub(super) from: Option<PathBuf>,
    /// With --from: what was not edited was looked at and stands.
    #[arg(long, requires = "from")]
    pub(super) finish: bool,
    /// Write analysis.json, events.csv and report.html as reviewed into this folder.
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Print the reviewed analysis as JSON and nothing else.
    #[arg(long)]
    pub(super) json: bool,
    /// Replace files of the outputs' names that spasmograph did not write.
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Debug, Args)]
pub(super) struct AgreeArguments {
    /// Two or more reviews (NAME.review.json), truths or analyses, of one recording or of several.
    #[arg(value_name = "REVIEW", required = true, num_args = 2..)]
    pub(super) ratings: Vec<PathBuf>,
    /// Print the figures as JSON and nothing else.
    #[arg(long)]
    pub(super) json: bool,
    /// Replace files of the outputs' names that spasmograph did not write.
    #[arg(long)]
    pub(super) force: bool,
    /// Write the figures as a page with plots.
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    /// An `analysis.json` with its `signals.csv` beside it, or their folder.
    #[arg(value_name = "ANALYSIS")]
    pub(super) analysis: PathBuf,
    /// Format to write.
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    pub(super) format: Format,
    /// The blinks and events as the review beside the results has them.
    #[arg(long)]
    pub(super) reviewed: bool,
    /// Folder for the files [default: a folder named after the format, beside the analysis].
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Replace files of the outputs' names that spasmograph did not write.
    #[arg(long)]
    pub(super) force: bool,
}

/// What the overlay video shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Overlay {
    /// The picture with mesh, regions, traces and captions.
    Full,
    /// The mesh alone on a plain ground: no pixel of the person.
    Mesh,
    /// No overlay.
    None,
}

#[derive(Debug, Subcommand)]
pub(super) enum ModelsAction {
    /// Fetch what is missing through pip, and verify it.
    Fetch,
    /// Compare every file with its pinned size and SHA-256.
    Verify,
}

fn series() -> impl TypedValueParser<Value = Series> {
    PossibleValuesParser::new(Series::ALL.map(Series::name)).map(|name| {
        let named = Series::ALL.into_iter().find(|series| series.name() == name);
        named.unwrap_or(Series::Simulated)
    })
}

/// Ends the program as for any wrong usage.
pub(super) fn usage_error(why: &str) -> ! {
    Arguments::command().error(ErrorKind::ArgumentConflict, why).exit()
}

fn formats() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.iter().map(|format| format.name()))
        .try_map(|name| name.parse::<Format>())
}

fn outputs() -> impl TypedValueParser<Value = Output> {
    PossibleValuesParser::new(Output::ALL.map(Output::name)).map(|name| {
        let named = Output::ALL.into_iter().find(|output| output.name() == name);
        named.unwrap_or(Output::Analysis)
    })
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
        _ => Err("seconds from 0 on, e.g. 12.5".to_owned()),
    }
}

fn size(text: &str) -> Result<[u32; 2], String> {
    text.split_once('x')
        .and_then(|(width, height)| Some([width.parse().ok()?, height.parse().ok()?]))
        .filter(|size| size.iter().all(|pixels| *pixels > 0))
        .ok_or_else(|| "width and height in pixels, e.g. 1280x720".to_owned())
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value > 0.0 => Ok(value),
        _ => Err("a number above 0, e.g. 30".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
