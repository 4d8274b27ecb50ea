//! What the program reached, line by line, and which blocks are still unseen.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::corpus::rows;
use super::table::Figures;
use crate::report::Error;
use crate::validate::Validation;

/// The columns of a ledger.
const COLUMNS: [&str; 16] = [
    "date",
    "commit",
    "block",
    "recordings",
    "people",
    "minutes",
    "blinks_f1",
    "events_f1",
    "one_sided_told",
    "side_right",
    "false_per_min",
    "labels_right",
    "onset_in_interval",
    "order_reversed",
    "mirror_agrees",
    "first_look",
];

/// A named range of seeds, or a corpus, as the table of blocks has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its name, which is used once for a first look.
    pub name: String,
    /// Of which series it is one; blocks of a series follow one another as the table has them.
    /// [`Block::SEEN`] names recordings that were looked at before there was a ledger.
    pub series: String,
    /// First seed.
    pub seed: u64,
    /// How many recordings, each with the next seed.
    pub recordings: u64,
}

impl Block {
    /// The series of what was looked at while the program was built.
    pub const SEEN: &str = "seen";

    /// Reads the table of blocks: the columns `block`, `series`, `seed` and `recordings`, separated
    /// by tabs.
    ///
    /// # Errors
    /// The file cannot be read, or a number is none.
    pub fn read_all(path: &Path) -> Result<Vec<Self>, Error> {
        let number = |cell: &str| {
            cell.parse::<u64>()
                .map_err(|_| Error::content(path, format!("\"{cell}\" is not a number")))
        };
        rows(path, &["block", "series", "seed", "recordings"])?
            .into_iter()
            .map(|row| {
                Ok(Self {
                    name: row[0].clone(),
                    series: row[1].clone(),
                    seed: number(&row[2])?,
                    recordings: number(&row[3])?,
                })
            })
            .collect()
    }
}

/// A ledger that is open for a line; nobody else writes to it meanwhile.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    file: File,
    blocks: Vec<String>,
    /// The commit of the sources when it was opened: they can move on while a block is evaluated.
    commit: String,
}

impl Ledger {
    /// Opens a ledger, waits until nobody else has it, and starts it where there is none.
    ///
    /// # Errors
    /// The file cannot be opened or is no ledger.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(Error::write(path))?;
        file.lock().map_err(Error::write(path))?;
        let mut text = String::new();
        file.seek(SeekFrom::Start(0)).map_err(Error::read(path))?;
        file.read_to_string(&mut text).map_err(Error::read(path))?;
        let header = COLUMNS.join("\t");
        if text.is_empty() {
            file.write_all(format!("{header}\n").as_bytes()).map_err(Error::write(path))?;
        } else if text.lines().next() != Some(&header) {
            return Err(Error::content(path, "its first line is not that of a ledger"));
        }
        let block = |line: &str| line.split('\t').nth(2).map(str::to_owned);
        let blocks = text.lines().skip(1).filter_map(block).collect();
        Ok(Self { path: path.to_owned(), file, blocks, commit: commit() })
    }

    /// Whether a block was evaluated before.
    #[must_use]
    pub fn has(&self, block: &str) -> bool {
        self.blocks.iter().any(|own| own == block)
    }

    /// The first block of a series that was never evaluated.
    #[must_use]
    pub fn next<'a>(&self, blocks: &'a [Block], series: &str) -> Option<&'a Block> {
        blocks.iter().find(|block| block.series == series && !self.has(&block.name))
    }

    /// Adds the line of a block. It is a first look where the ledger has none of it yet and nobody
    /// had `seen` it before.
    ///
    /// # Errors
    /// The line cannot be written.
    pub fn add(
        &mut self,
        block: &str,
        validation: &Validation,
        seen: bool,
    ) -> Result<String, Error> {
        let first_look = if seen || self.has(block) { "no" } else { "yes" };
        let line = line(block, &self.commit, validation, first_look);
        let write = self.file.write_all(format!("{line}\n").as_bytes());
        write.and_then(|()| self.file.sync_all()).map_err(Error::write(&self.path))?;
        self.blocks.push(block.to_owned());
        Ok(line)
    }
}

fn line(block: &str, commit: &str, validation: &Validation, first_look: &str) -> String {
    let figures = Figures::of(validation);
    let cells = [
        Some(time::OffsetDateTime::now_utc().date().to_string()),
        Some(commit.to_owned()),
        Some(block.to_owned()),
        Some(figures.recordings),
        Some(figures.people),
        Some(figures.minutes),
        figures.blinks_f1,
        figures.events_f1,
        figures.one_sided_told,
        figures.side_right,
        figures.false_per_min,
        figures.labels_right,
        figures.onset_in_interval,
        figures.order_reversed,
        figures.mirror_agrees,
        Some(first_look.to_owned()),
    ];
    cells.map(|cell| cell.unwrap_or_else(|| "-".to_owned())).join("\t")
}

/// The commit of the sources in the working folder, with a plus where they differ from it.
fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short=10", "HEAD"]) else {
        return "unknown".to_owned();
    };
    // The ledger itself may be ahead of its own commit.
    let changed = git(&["status", "--porcelain", "-uno", "--", "src", "Cargo.lock", "models"]);
    let mark = if changed.is_none_or(|changed| !changed.is_empty()) { "+" } else { "" };
    format!("{commit}{mark}")
}
