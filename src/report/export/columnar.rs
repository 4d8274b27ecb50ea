//! Parquet: the project's own tables with typed columns.

use std::path::PathBuf;
use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, Repetition, Type as Physical};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int64Type,
};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

use crate::report::channel::channels;
use crate::report::csv::{EVENT_COLUMNS, event_rows};
use crate::report::{Analysis, Error, OutputFile, OutputFolder};
use crate::signal::Sample;

/// A column with its values; `None` is null.
enum Column {
    Integer(Vec<Option<i64>>),
    Double(Vec<Option<f64>>),
    Float(Vec<Option<f32>>),
    Flag(Vec<Option<bool>>),
    Text(Vec<Option<ByteArray>>),
}

pub(super) fn write(
    folder: &OutputFolder,
    analysis: &Analysis,
    samples: &[Sample],
) -> std::result::Result<Vec<PathBuf>, Error> {
    let tables = [
        ("signals.parquet", signals(samples)),
        ("events.parquet", events(&event_rows(&analysis.findings))),
    ];
    let mut files = Vec::new();
    for (name, columns) in tables {
        let mut file = folder.file(name)?;
        let path = file.path().to_owned();
        let failed = |error: ParquetError| {
            Error::write(&path)(match error {
                ParquetError::External(inner) => std::io::Error::other(inner),
                other => std::io::Error::other(other),
            })
        };
        table(&mut file, &columns).map_err(failed)?;
        file.finish()?;
        files.push(path);
    }
    Ok(files)
}

fn signals(samples: &[Sample]) -> Vec<(String, Column)> {
    let mut columns = vec![
        (
            "index".to_owned(),
            Column::Integer(samples.iter().map(|s| Some(s.index as i64)).collect()),
        ),
        ("time_s".to_owned(), Column::Double(samples.iter().map(|s| Some(s.time_s)).collect())),
        (
            "track".to_owned(),
            Column::Integer(samples.iter().map(|s| s.track.map(i64::from)).collect()),
        ),
    ];
    for channel in channels() {
        let values = samples.iter().map(|sample| channel.value(sample)).collect();
        columns.push((channel.name.clone(), Column::Float(values)));
    }
    columns
}

/// The rows of `events.csv` with the type that each column's cells have.
fn events(rows: &[Vec<String>]) -> Vec<(String, Column)> {
    fn parsed<T: std::str::FromStr>(cells: &[&str]) -> Vec<Option<T>> {
        cells.iter().map(|cell| cell.parse().ok()).collect()
    }
    let column = |(i, name): (usize, &&str)| {
        let cells: Vec<&str> = rows.iter().map(|row| row[i].as_str()).collect();
        let column = match *name {
            "event" | "order" => Column::Integer(parsed(&cells)),
            "complete" | "other_babinski" => Column::Flag(parsed(&cells)),
            "amplitude_mfu" | "snr" | "depth" | "asymmetry" => Column::Double(parsed(&cells)),
            name if name.ends_with("_s") => Column::Double(parsed(&cells)),
            _ => {
                let text = |cell: &&str| (!cell.is_empty()).then(|| ByteArray::from(*cell));
                Column::Text(cells.iter().map(text).collect())
            }
        };
        ((*name).to_owned(), column)
    };
    EVENT_COLUMNS.iter().enumerate().map(column).collect()
}

fn table(file: &mut OutputFile, columns: &[(String, Column)]) -> Result<()> {
    let fields: Vec<Arc<Type>> = columns
        .iter()
        .map(|(name, column)| {
            let (physical, converted) = match column {
                Column::Integer(_) => (Physical::INT64, ConvertedType::NONE),
                Column::Double(_) => (Physical::DOUBLE, ConvertedType::NONE),
                Column::Float(_) => (Physical::FLOAT, ConvertedType::NONE),
                Column::Flag(_) => (Physical::BOOLEAN, ConvertedType::NONE),
                Column::Text(_) => (Physical::BYTE_ARRAY, ConvertedType::UTF8),
            };
            let field = Type::primitive_type_builder(name, physical)
                .with_converted_type(converted)
                .with_repetition(Repetition::OPTIONAL);
            field.build().map(Arc::new)
        })
        .collect::<Result<_>>()?;
    let schema = Type::group_type_builder("table").with_fields(fields).build()?;
    let properties = WriterProperties::builder().set_compression(Compression::UNCOMPRESSED).build();
    let mut writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    for (_, column) in columns {
        match column {
            Column::Integer(values) => put::<Int64Type>(&mut group, values)?,
            Column::Double(values) => put::<DoubleType>(&mut group, values)?,
            Column::Float(values) => put::<FloatType>(&mut group, values)?,
            Column::Flag(values) => put::<BoolType>(&mut group, values)?,
            Column::Text(values) => put::<ByteArrayType>(&mut group, values)?,
        }
    }
    group.close()?;
    writer.close()?;
    Ok(())
}

/// Writes the next column: the values that are there, and where they are.
fn put<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, &mut OutputFile>,
    values: &[Option<T::T>],
) -> Result<()> {
    let there: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let values: Vec<T::T> = values.iter().flatten().cloned().collect();
    if let Some(mut column) = group.next_column()? {
        column.typed::<T>().write_batch(&values, Some(&there), None)?;
        column.close()?;
    }
    Ok(())
}
