//! Parquet files of typed tables.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, Repetition, Type as Physical};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int64Type,
};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

use super::table::{Column, Table};
use super::{Error, OutputFile};

impl Table {
    /// Writes the table as Parquet and finishes the file.
    ///
    /// # Errors
    /// The file cannot be written; nothing of it is left.
    pub fn write_parquet(&self, mut file: OutputFile) -> std::result::Result<(), Error> {
        let path = file.path().to_owned();
        write(&mut file, &self.columns).map_err(|error| {
            Error::write(&path)(match error {
                ParquetError::External(inner) => std::io::Error::other(inner),
                other => std::io::Error::other(other),
            })
        })?;
        file.finish()
    }
}

fn write(file: impl Write + Send, columns: &[(String, Column)]) -> Result<()> {
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
            Column::Integer(values) => put::<Int64Type, _>(&mut group, values)?,
            Column::Double(values) => put::<DoubleType, _>(&mut group, values)?,
            Column::Float(values) => put::<FloatType, _>(&mut group, values)?,
            Column::Flag(values) => put::<BoolType, _>(&mut group, values)?,
            Column::Text(values) => {
                let bytes = |text: &Option<String>| text.as_deref().map(ByteArray::from);
                let values: Vec<Option<ByteArray>> = values.iter().map(bytes).collect();
                put::<ByteArrayType, _>(&mut group, &values)?;
            }
        }
    }
    group.close()?;
    writer.close()?;
    Ok(())
}

/// Writes the next column: the values that are there, and where they are.
fn put<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
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
