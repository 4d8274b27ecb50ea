//! `spasmograph batch`: many recordings to tables.

use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::args::BatchArguments;
use super::{Status, complain, say, stop_on_interrupt};
use crate::batch::{
    Clip, Cohort, FILES, Happened, Inputs, Output, Place, Plan, Ran, Shard, State, default_jobs,
    run as analyze, serve, this_program, total_bytes, write as write_tables,
};
use crate::report::summary::counted;
use crate::report::{Claim, DISCLAIMER, Intent};
use crate::thresholds::Thresholds;
use crate::validate::Matching;

/// Arguments that make this program a worker.
const WORKER: &[&str] = &["worker"];

pub(super) fn run(arguments: &BatchArguments) -> Result<Status, Box<dyn Error>> {
    let place = Place::new(&arguments.out);
    let matching = arguments.matching.get();
    if arguments.gather {
        return gather(&place, matching, arguments.reviewed, to_write(arguments));
    }
    let plan = plan(arguments)?;
    let mut intent = to_write(arguments);
    intent.inputs.extend(plan.part.clips.iter().flat_map(Clip::files));
    // What stands in the way of the tables is told before the work.
    intent.require(place.path())?;
    let stop = stop_on_interrupt();
    let mut bar = Bar::new(&plan);
    let began = Instant::now();
    let ran = analyze(&plan, &place, &this_program(WORKER)?, &stop, &mut |news| bar.hear(&news))?;
    bar.finish();
    say(&figures(&plan, ran, began.elapsed()))?;
    if ran.interrupted {
        // Not "done in part": there are no tables, and a scheduler is to try again.
        complain("interrupted; --resume goes on from here");
        return Ok(Status::Failed);
    }
    if arguments.shard.is_some() {
        return Ok(if bar.failed > 0 || bar.partial > 0 { Status::Partial } else { Status::Done });
    }
    gather(&place, matching, arguments.reviewed, intent)
}

/// The tables and their page.
fn to_write(arguments: &BatchArguments) -> Intent {
    let inputs = arguments.inputs.iter().map(PathBuf::from).collect();
    Intent { inputs, force: arguments.force, ..Intent::to_write(FILES) }
}

/// A worker's whole life. An interrupt is for the batch, which ends its workers itself.
pub(super) fn work() -> Result<Status, Box<dyn Error>> {
    let _ = ctrlc::set_handler(|| {});
    serve()?;
    Ok(Status::Done)
}

fn plan(arguments: &BatchArguments) -> Result<Plan, Box<dyn Error>> {
    let shard = arguments.shard.unwrap_or(Shard::WHOLE);
    let inputs = Inputs::read(&arguments.inputs, &arguments.out)?;
    for input in &inputs.empty {
        complain(&format!("{}: no clip is named here", input.to_string_lossy()));
    }
    let part = shard.part(inputs.clips);
    let mut keep = arguments.keep.clone();
    keep.push(Output::Analysis);
    keep.sort_unstable();
    keep.dedup();
    let jobs = arguments
        .jobs
        .map_or_else(|| default_jobs(&part.clips), usize::from)
        .min(part.clips.len().max(1));
    let max_pixels = arguments.limits.limits().pixels;
    Ok(Plan { part, keep, jobs, resume: arguments.resume, max_pixels })
}

fn gather(
    place: &Place,
    matching: Matching,
    reviewed: bool,
    intent: Intent,
) -> Result<Status, Box<dyn Error>> {
    let mut cohort = Cohort::gather_by(place, matching)?;
    if reviewed {
        cohort.follow_reviews(place, &Thresholds::default());
    }
    cohort.remarks.iter().for_each(|remark| complain(remark));
    let claim = Claim::take(place.path(), intent)?;
    write_tables(&cohort, claim.folder())?;
    claim.commit(None)?;
    let count = |state: fn(&State) -> bool| {
        cohort.clips.iter().filter(|own| state(&own.entry.state)).count()
    };
    let copies = cohort.clips.iter().filter(|own| own.copy_of.is_some()).count();
    let reviews = cohort.analyzed().filter(|(_, own)| own.reviewed.is_some()).count();
    say(&format!(
        "Clips    {}: {} done, {} in part, {} failed; {copies} of them copies of another\n\
         Results  {}\nNote     {DISCLAIMER}",
        cohort.clips.len(),
        count(|state| *state == State::Analyzed { partial: false }),
        count(|state| *state == State::Analyzed { partial: true }),
        count(|state| matches!(state, State::Failed(_))),
        place.path().join("index.html").display(),
    ))?;
    if reviewed {
        say(&format!("Reviewed {reviews} of them, as the column reviewed_by says"))?;
    }
    if let Some(validation) = cohort.validation() {
        say(&format!("\nAgainst the truth\n{}", validation.text()))?;
    }
    Ok(if cohort.is_whole() { Status::Done } else { Status::Partial })
}

/// Speed and memory of a run.
fn figures(plan: &Plan, ran: Ran, took: Duration) -> String {
    let seconds = took.as_secs_f64().max(1e-3);
    let memory = ran.memory_bytes.map_or_else(String::new, |bytes| {
        format!(", {:.0} MB a job at most", bytes as f64 / f64::from(1 << 20))
    });
    format!(
        "Speed    {} frames in {seconds:.1} s, {:.1} frames a second with {}{memory}",
        ran.frames,
        ran.frames as f64 / seconds,
        counted(plan.jobs, "job"),
    )
}

/// The time that is left, once anything is done to tell it from.
fn time_left(state: &ProgressState, out: &mut dyn Write) {
    if state.pos() > 0 {
        // A text that is not told is not missed.
        let _ = write!(out, ", {:#} left", HumanDuration(state.eta()));
    }
}

/// One bar for the whole batch. It moves by bytes, which foretell the time better than clips do.
struct Bar {
    bar: ProgressBar,
    began: Instant,
    clips: usize,
    settled: usize,
    partial: usize,
    failed: usize,
    frames: u64,
}

impl Bar {
    fn new(plan: &Plan) -> Self {
        let target = ProgressDrawTarget::stderr_with_hz(5);
        let bar = ProgressBar::with_draw_target(Some(total_bytes(&plan.part.clips)), target);
        let template = "{msg} {wide_bar} {percent} %, {elapsed}{left}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.with_key("left", time_left));
        }
        bar.enable_steady_tick(Duration::from_millis(500));
        let clips = plan.part.clips.len();
        Self { bar, began: Instant::now(), clips, settled: 0, partial: 0, failed: 0, frames: 0 }
    }

    fn hear(&mut self, news: &Happened<'_>) {
        match news {
            Happened::Frames { measured, bytes, .. } => {
                self.frames += measured;
                self.bar.inc(*bytes);
            }
            Happened::Settled { entry, bytes, free } => {
                self.settled += 1;
                if *free {
                    // What cost no time says nothing of the time that is left.
                    self.bar.set_length(self.bar.length().unwrap_or(0).saturating_sub(*bytes));
                } else {
                    self.bar.inc(*bytes);
                }
                match &entry.state {
                    State::Failed(failure) => {
                        self.failed += 1;
                        self.bar
                            .suspend(|| complain(&format!("{}: {}", entry.clip, failure.reason)));
                    }
                    State::Analyzed { partial: true } => self.partial += 1,
                    State::Analyzed { partial: false } | State::Pending => {}
                }
            }
        }
        let rate = self.frames as f64 / self.began.elapsed().as_secs_f64().max(1e-3);
        self.bar.set_message(format!(
            "{} of {} clips, {} failed, {rate:.0} frames/s",
            self.settled, self.clips, self.failed
        ));
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
