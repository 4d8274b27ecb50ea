//! Tables with typed columns: the same values as CSV and, with the feature `parquet`, as Parquet.

use std::io::Write;

use super::plain::cell;
use super::{Error, OutputFile};

/// Named columns of the same length; `None` is an empty cell, null in Parquet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    pub(super) columns: Vec<(String, Column)>,
}

/// A column with its values.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Column {
    Integer(Vec<Option<i64>>),
    Double(Vec<Option<f64>>),
    Float(Vec<Option<f32>>),
    Flag(Vec<Option<bool>>),
    Text(Vec<Option<String>>),
}

impl Column {
    fn len(&self) -> usize {
        match self {
            Self::Integer(values) => values.len(),
            Self::Double(values) => values.len(),
            Self::Float(values) => values.len(),
            Self::Flag(values) => values.len(),
            Self::Text(values) => values.len(),
        }
    }

    /// The shortest text that reads back as the same value.
    fn cell(&self, row: usize) -> String {
        fn shown<T: ToString>(value: Option<&T>) -> String {
            value.map(T::to_string).unwrap_or_default()
        }
        match self {
            Self::Integer(values) => shown(values[row].as_ref()),
            Self::Double(values) => shown(values[row].as_ref()),
            Self::Float(values) => shown(values[row].as_ref()),
            Self::Flag(values) => shown(values[row].as_ref()),
            Self::Text(values) => {
                values[row].as_deref().map(|text| cell(text).into_owned()).unwrap_or_default()
            }
        }
    }
}

impl Table {
    /// Adds a column of whole numbers.
    pub fn integer(&mut self, name: &str, values: impl IntoIterator<Item = Option<i64>>) {
        self.push(name, Column::Integer(values.into_iter().collect()));
    }

    /// Adds a column of numbers.
    pub fn double(&mut self, name: &str, values: impl IntoIterator<Item = Option<f64>>) {
        self.push(name, Column::Double(values.into_iter().collect()));
    }

    /// Adds a column of numbers of single precision.
    pub fn float(&mut self, name: &str, values: impl IntoIterator<Item = Option<f32>>) {
        self.push(name, Column::Float(values.into_iter().collect()));
    }

    /// Adds a column of truth values.
    pub fn flag(&mut self, name: &str, values: impl IntoIterator<Item = Option<bool>>) {
        self.push(name, Column::Flag(values.into_iter().collect()));
    }

    /// Adds a column of text.
    pub fn text<T: Into<String>>(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = Option<T>>,
    ) {
        let values = values.into_iter().map(|value| value.map(Into::into)).collect();
        self.push(name, Column::Text(values));
    }

    fn push(&mut self, name: &str, column: Column) {
        debug_assert!(self.columns.first().is_none_or(|(_, first)| first.len() == column.len()));
        self.columns.push((name.to_owned(), column));
    }

    /// Rows in the table.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }

    /// Writes the table as CSV with a header and finishes the file.
    ///
    /// # Errors
    /// The file cannot be written; nothing of it is left.
    pub fn write_csv(&self, mut file: OutputFile) -> Result<(), Error> {
        self.csv(&mut file).map_err(Error::write(file.path()))?;
        file.finish()
    }

    fn csv(&self, to: impl Write) -> std::io::Result<()> {
        let mut table = csv::Writer::from_writer(to);
        table.write_record(self.columns.iter().map(|(name, _)| name))?;
        for row in 0..self.rows() {
            table.write_record(self.columns.iter().map(|(_, column)| column.cell(row)))?;
        }
        table.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_cell_stays_apart_from_zero_and_from_false() {
        let mut table = Table::default();
        table.integer("count", [Some(0), None]);
        table.double("rate_per_min", [None, Some(0.1)]);
        table.flag("complete", [Some(false), None]);
        table.text("clip", [Some("a, b"), None]);
        let mut text = Vec::new();
        table.csv(&mut text).unwrap();
        let expected = "count,rate_per_min,complete,clip\n0,,false,\"a, b\"\n,0.1,,\n";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }
}
