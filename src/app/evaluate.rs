//! `spasmograph evaluate`: the program against recordings with truth and blocks of drawn patients.

use std::error::Error;
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::EvaluateArguments;
use super::{Status, complain, say};
use crate::evaluate::{
    Block, Corpus, Evaluation, Hosts, Ledger, Movements, Persons, Series, Store, reliability, table,
};
use crate::report::{OutputFile, json};
use crate::thresholds::Thresholds;
use crate::validate::Validation;

/// Where the repository says which recordings are of one person.
const PERSONS: &str = "tests/persons.tsv";

/// The repository's ledger.
const LEDGER: &str = "tests/ledger.tsv";

pub(super) fn run(arguments: &EvaluateArguments) -> Result<Status, Box<dyn Error>> {
    let evaluation = evaluation(arguments)?;
    if let Some(to) = &arguments.fit {
        return fit(arguments, &evaluation, to);
    }
    let validations = match (&arguments.next, &arguments.block) {
        (None, None) => corpora(arguments, &evaluation)?,
        _ => vec![block(arguments, &evaluation)?],
    };
    if arguments.json {
        let each: serde_json::Map<String, serde_json::Value> = validations
            .into_iter()
            .map(|(name, validation)| (name, serde_json::json!(validation)))
            .collect();
        say(&json::text(&each))?;
    } else {
        let text = |(name, own): &(String, Validation)| {
            let reliability = reliability(&own.recordings).unwrap_or_default();
            format!("== {name}\n{}\n{reliability}\n", own.text())
        };
        say(&validations.iter().map(text).chain([table(&validations)]).collect::<String>())?;
    }
    Ok(Status::Done)
}

fn evaluation(arguments: &EvaluateArguments) -> Result<Evaluation, Box<dyn Error>> {
    let thresholds = Thresholds::default();
    let signals = arguments.signals.as_deref();
    let store = signals.map(|folder| Store::open(folder, &thresholds)).transpose()?;
    let (mirror, analyses) = (arguments.mirror, arguments.analyses.clone());
    if let Some(folder) = &analyses {
        std::fs::create_dir_all(folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    }
    let mut evaluation =
        Evaluation { store, mirror, analyses, thresholds, ..Evaluation::default() };
    if let Some(jobs) = arguments.jobs {
        evaluation.jobs = jobs.into();
    }
    Ok(evaluation)
}

/// The folders with what is true of their recordings.
fn read(arguments: &EvaluateArguments) -> Result<Vec<Corpus>, Box<dyn Error>> {
    let persons = match &arguments.persons {
        Some(path) => Persons::read(path)?,
        None if Path::new(PERSONS).is_file() => Persons::read(Path::new(PERSONS))?,
        None => Persons::default(),
    };
    let corpora = arguments
        .folders
        .iter()
        .map(|folder| Corpus::read(folder, &persons))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(corpora)
}

/// Fits the weights of the evidence on the folders' recordings.
fn fit(
    arguments: &EvaluateArguments,
    evaluation: &Evaluation,
    to: &Path,
) -> Result<Status, Box<dyn Error>> {
    let corpora = read(arguments)?;
    let bar = bar(corpora.iter().map(|corpus| corpus.recordings.len() as u64).sum());
    let movements = Movements::collect(evaluation, &corpora, &|| bar.inc(1))?;
    bar.finish_and_clear();
    if let Some(table) = &arguments.movements {
        movements.write(table)?;
    }
    let fit = movements.fit(arguments.false_per_min);
    json::write(OutputFile::create(to)?, &fit.parameters)?;
    say(&fit.reached)?;
    Ok(Status::Done)
}

/// Every folder by itself.
fn corpora(
    arguments: &EvaluateArguments,
    evaluation: &Evaluation,
) -> Result<Vec<(String, Validation)>, Box<dyn Error>> {
    let corpora = read(arguments)?;
    let mut ledger = arguments.ledger.as_deref().map(Ledger::open).transpose()?;
    let blocks = match ledger {
        Some(_) => Block::read_all(&arguments.blocks)?,
        None => Vec::new(),
    };
    let seen = |name: &str| blocks.iter().any(|own| own.series == Block::SEEN && own.name == name);
    let bar = bar(corpora.iter().map(|corpus| corpus.recordings.len() as u64).sum());
    let mut validations = Vec::new();
    for corpus in &corpora {
        let validation = evaluation.run(corpus, &|_| bar.inc(1))?;
        validation.remarks.iter().for_each(|remark| bar.suspend(|| complain(remark)));
        if let Some(ledger) = &mut ledger {
            ledger.add(&corpus.name, &validation, seen(&corpus.name))?;
        }
        validations.push((corpus.name.clone(), validation));
    }
    bar.finish_and_clear();
    Ok(validations)
}

/// The next block of a series, or one by its name. The ledger is held meanwhile, so that nobody
/// else takes the same block.
fn block(
    arguments: &EvaluateArguments,
    evaluation: &Evaluation,
) -> Result<(String, Validation), Box<dyn Error>> {
    let blocks = Block::read_all(&arguments.blocks)?;
    let mut ledger = Ledger::open(arguments.ledger.as_deref().unwrap_or(Path::new(LEDGER)))?;
    let block = match (&arguments.next, &arguments.block) {
        (Some(series), _) => ledger.next(&blocks, series.name()).ok_or_else(|| {
            format!(
                "{}: no block of {} is left unseen; name new ones there, with seeds that were never \
                 drawn",
                arguments.blocks.display(),
                series.name()
            )
        })?,
        (None, name) => blocks.iter().find(|own| Some(&own.name) == name.as_ref()).ok_or_else(
            || format!("{}: no block of that name", arguments.blocks.display()),
        )?,
    };
    let series = Series::ALL.into_iter().find(|series| series.name() == block.series);
    let series = series.ok_or_else(|| {
        format!("{}: no series is called {}", arguments.blocks.display(), block.series)
    })?;
    let hosts = match arguments.folders.first() {
        Some(folder) => Hosts::read(&arguments.hosts, folder)?,
        None => Hosts::default(),
    };
    let bar = bar(block.recordings);
    let validation = evaluation.run_block(block, series, &hosts, &|_| bar.inc(1))?;
    bar.finish_and_clear();
    ledger.add(&block.name, &validation, false)?;
    Ok((block.name.clone(), validation))
}

fn bar(recordings: u64) -> ProgressBar {
    let target = ProgressDrawTarget::stderr_with_hz(5);
    let bar = ProgressBar::with_draw_target(Some(recordings), target);
    let template = "evaluating {wide_bar} {pos} of {len} recordings, {elapsed}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
