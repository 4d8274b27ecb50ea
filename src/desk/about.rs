//! What is known of the recordings beside the pictures: `recordings.csv`, and for each a history and
//! a protocol beside it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::Refusal;
use super::library::{Entry, Library};
use crate::event::Protocol;
use crate::pattern::History;
use crate::report::{self, OutputFile};

/// The manifest in a library; `batch` reads it, too.
pub(super) const MANIFEST: &str = "recordings.csv";

/// Longest subject or visit, characters (judgment).
const WORD_CHARS: usize = 100;

/// What is known of a recording.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct About {
    /// Whose recording it is.
    pub(super) subject: String,
    /// Which visit.
    pub(super) visit: String,
    /// It is a mirror image.
    pub(super) mirrored: bool,
}

/// What a form sends or is filled with.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Form {
    #[serde(flatten)]
    pub(super) about: About,
    /// The history as JSON; null takes it back.
    pub(super) history: Value,
    /// The protocol as JSON; null takes it back.
    pub(super) protocol: Value,
}

/// What is known of all recordings, by name: the manifest, with every row and column it has.
#[derive(Debug, Clone)]
pub(super) struct Abouts {
    columns: Vec<String>,
    separator: u8,
    rows: BTreeMap<String, BTreeMap<String, String>>,
}

/// The columns that a new manifest has.
const COLUMNS: [&str; 4] = ["clip", "subject", "visit", "mirrored"];

impl Abouts {
    /// Reads the manifest; without one nothing is known.
    pub(super) fn read(library: &Library) -> Result<Self, Refusal> {
        let path = library.root().join(MANIFEST);
        let mut own = Self {
            columns: COLUMNS.map(str::to_owned).to_vec(),
            separator: b',',
            rows: BTreeMap::new(),
        };
        if !path.exists() {
            return Ok(own);
        }
        let wrong = |why: String| Refusal::failed(format!("{MANIFEST}: {why}"));
        let text = fs::read_to_string(&path).map_err(|error| wrong(error.to_string()))?;
        let text = text.trim_start_matches('\u{feff}');
        let header = text.lines().next().unwrap_or_default().as_bytes();
        let separators = [b'\t', b';'].into_iter().find(|own| header.contains(own));
        own.separator = separators.unwrap_or(b',');
        let mut table = csv::ReaderBuilder::new()
            .delimiter(own.separator)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let header = table.headers().map_err(|error| wrong(error.to_string()))?.clone();
        own.columns = header.iter().map(str::to_lowercase).collect();
        if !own.columns.iter().any(|name| name == "clip") {
            let why = "it is no manifest: the column clip is missing; rename the file";
            return Err(wrong(why.to_owned()));
        }
        for name in COLUMNS {
            if !own.columns.iter().any(|own| own == name) {
                own.columns.push(name.to_owned());
            }
        }
        for row in table.records() {
            let row = row.map_err(|error| wrong(error.to_string()))?;
            let cells = own.columns.iter().zip(row.iter()).filter(|(_, cell)| !cell.is_empty());
            let mut cells: BTreeMap<String, String> =
                cells.map(|(name, cell)| (name.clone(), cell.to_owned())).collect();
            if let Some(clip) = cells.remove("clip") {
                own.rows.insert(clip, cells);
            }
        }
        Ok(own)
    }

    /// What is known of one.
    pub(super) fn of(&self, name: &str) -> About {
        let cell = |column: &str| self.rows.get(name)?.get(column).cloned();
        let mirrored = cell("mirrored").unwrap_or_default().to_lowercase();
        About {
            subject: cell("subject").unwrap_or_default(),
            visit: cell("visit").unwrap_or_default(),
            mirrored: matches!(mirrored.as_str(), "true" | "yes" | "1"),
        }
    }

    /// Names of all recordings of a subject, in order of their visits.
    pub(super) fn visits(&self, subject: &str) -> Vec<String> {
        let own = self.rows.keys().map(|name| (self.of(name), name));
        let mut names: Vec<(String, &String)> = own
            .filter(|(about, _)| about.subject == subject)
            .map(|(about, name)| (about.visit, name))
            .collect();
        // Visit 10 comes after visit 9.
        let number = |visit: &str| visit.trim().parse::<u64>().unwrap_or(u64::MAX);
        names.sort_by(|a, b| number(&a.0).cmp(&number(&b.0)).then_with(|| a.cmp(b)));
        names.into_iter().map(|(_, name)| name.clone()).collect()
    }

    fn write(&self, library: &Library) -> Result<(), Refusal> {
        let failed = |error: csv::Error| Refusal::failed(format!("{MANIFEST}: {error}"));
        let mut table = csv::WriterBuilder::new().delimiter(self.separator).from_writer(Vec::new());
        table.write_record(&self.columns).map_err(failed)?;
        for (clip, cells) in &self.rows {
            let cell = |column: &String| match column.as_str() {
                "clip" => clip.as_str(),
                other => cells.get(other).map_or("", String::as_str),
            };
            table.write_record(self.columns.iter().map(cell)).map_err(failed)?;
        }
        let bytes = table.into_inner().map_err(|error| Refusal::failed(error.error()))?;
        write(&library.root().join(MANIFEST), &bytes)
    }

    fn set(&mut self, name: &str, about: About, files: [(&str, Option<String>); 2]) {
        let own = self.rows.entry(name.to_owned()).or_default();
        let mirrored = if about.mirrored { "true" } else { "" };
        let told =
            [("subject", about.subject), ("visit", about.visit), ("mirrored", mirrored.into())];
        let files = files.map(|(column, file)| (column, file.unwrap_or_default()));
        for (column, cell) in told.into_iter().chain(files) {
            if cell.is_empty() {
                own.remove(column);
                continue;
            }
            if !self.columns.iter().any(|known| known == column) {
                self.columns.push(column.to_owned());
            }
            own.insert(column.to_owned(), cell);
        }
    }
}

/// What a form shows of a recording.
pub(super) fn form(library: &Library, entry: &Entry) -> Result<Form, Refusal> {
    let read = |ending: &str| -> Value {
        let text = fs::read_to_string(entry.beside(ending)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or(Value::Null)
    };
    Ok(Form {
        about: Abouts::read(library)?.of(&entry.name),
        history: read("history.json"),
        protocol: read("protocol.json"),
    })
}

/// Checks a form field by field, and keeps what it says.
pub(super) fn keep(library: &Library, entry: &Entry, form: &Form) -> Result<(), Refusal> {
    for (field, text) in [("subject", &form.about.subject), ("visit", &form.about.visit)] {
        if text.chars().count() > WORD_CHARS {
            return Err(Refusal::field(field, format!("{WORD_CHARS} characters at most")));
        }
        if text.chars().any(char::is_control) {
            return Err(Refusal::field(field, "letters, digits and signs on one line"));
        }
    }
    let told = |value: &Value| {
        // An empty form tells nothing.
        let empty = |value: &Value| match value {
            Value::Null => true,
            Value::Array(all) => all.is_empty(),
            Value::String(text) => text.is_empty(),
            _ => false,
        };
        let value = match value {
            Value::Object(all) => Value::Object(
                all.iter()
                    .filter(|own| !empty(own.1))
                    .map(|(k, v)| (k.clone(), v.clone()))
                    .collect(),
            ),
            other => other.clone(),
        };
        let nothing = empty(&value) || value.as_object().is_some_and(serde_json::Map::is_empty);
        (!nothing).then(|| report::json::text(&value))
    };
    let history = told(&form.history);
    if let Some(text) = &history {
        History::parse(text).map_err(|error| Refusal::field("history", error))?;
    }
    let protocol = told(&form.protocol);
    if let Some(text) = &protocol {
        Protocol::parse(text).map_err(|error| Refusal::field("protocol", error))?;
    }
    let beside = |ending: &str, text: Option<String>| -> Result<Option<String>, Refusal> {
        let path = entry.beside(ending);
        let name = path.strip_prefix(library.root()).unwrap_or(&path);
        let name = name.to_string_lossy().replace('\\', "/");
        match text {
            Some(text) => write(&path, text.as_bytes()).map(|()| Some(name)),
            None if path.exists() => fs::remove_file(&path).map_err(Refusal::failed).map(|()| None),
            None => Ok(None),
        }
    };
    let history = beside("history.json", history)?;
    let protocol = beside("protocol.json", protocol)?;
    let mut abouts = Abouts::read(library)?;
    let about = About {
        subject: form.about.subject.trim().to_owned(),
        visit: form.about.visit.trim().to_owned(),
        mirrored: form.about.mirrored,
    };
    abouts.set(&entry.name, about, [("history", history), ("protocol", protocol)]);
    abouts.write(library)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Refusal> {
    let mut file = OutputFile::create(path).map_err(Refusal::failed)?;
    file.write_all(bytes).map_err(Refusal::failed)?;
    file.finish().map_err(Refusal::failed)
}
