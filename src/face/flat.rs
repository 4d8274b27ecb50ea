//! Reads flatbuffer tables and flexbuffer maps, just enough to cut a model file.
//!
//! Every access is checked: a file that points outside itself is [`Malformed`].

use std::collections::BTreeMap;

/// A file that is not what its format says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub &'static str);

const OUTSIDE: Malformed = Malformed("a reference points outside the file");

/// Position of a table in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Table(usize);

/// The bytes of a flatbuffer file.
#[derive(Clone, Copy)]
pub(super) struct Tables<'a>(pub(super) &'a [u8]);

impl<'a> Tables<'a> {
    fn word<const N: usize>(self, at: usize) -> Result<[u8; N], Malformed> {
        let end = at.checked_add(N).ok_or(OUTSIDE)?;
        self.0.get(at..end).and_then(|b| b.try_into().ok()).ok_or(OUTSIDE)
    }

    fn u32_at(self, at: usize) -> Result<u32, Malformed> {
        self.word(at).map(u32::from_le_bytes)
    }

    fn u16_at(self, at: usize) -> Result<usize, Malformed> {
        self.word(at).map(u16::from_le_bytes).map(usize::from)
    }

    /// Follows the offset stored at `at`.
    fn follow(self, at: usize) -> Result<usize, Malformed> {
        at.checked_add(self.u32_at(at)? as usize).ok_or(OUTSIDE)
    }

    /// The file's root table.
    pub(super) fn root(self) -> Result<Table, Malformed> {
        self.follow(0).map(Table)
    }

    /// Where a field's value lies; `None` if the table leaves it out.
    fn field(self, table: Table, number: usize) -> Result<Option<usize>, Malformed> {
        let back = self.word(table.0).map(i32::from_le_bytes)?;
        let vtable = usize::try_from(table.0 as i64 - i64::from(back)).map_err(|_| OUTSIDE)?;
        let slot = 4 + 2 * number;
        if slot >= self.u16_at(vtable)? {
            return Ok(None);
        }
        let offset = self.u16_at(vtable + slot)?;
        Ok((offset != 0).then_some(table.0 + offset))
    }

    /// Start and length of a vector field; an absent one is empty.
    fn vector(self, table: Table, number: usize) -> Result<(usize, usize), Malformed> {
        let Some(at) = self.field(table, number)? else { return Ok((0, 0)) };
        let start = self.follow(at)?;
        Ok((start + 4, self.u32_at(start)? as usize))
    }

    /// An unsigned field, 0 when absent.
    pub(super) fn u32(self, table: Table, number: usize) -> Result<u32, Malformed> {
        self.field(table, number)?.map_or(Ok(0), |at| self.u32_at(at))
    }

    /// A vector of bytes.
    pub(super) fn bytes(self, table: Table, number: usize) -> Result<&'a [u8], Malformed> {
        let (start, length) = self.vector(table, number)?;
        let end = start.checked_add(length).ok_or(OUTSIDE)?;
        self.0.get(start..end).ok_or(OUTSIDE)
    }

    /// A text field; `None` when absent.
    pub(super) fn text(self, table: Table, number: usize) -> Result<Option<String>, Malformed> {
        if self.field(table, number)?.is_none() {
            return Ok(None);
        }
        let bytes = self.bytes(table, number)?.to_vec();
        String::from_utf8(bytes).map(Some).map_err(|_| Malformed("a name is not text"))
    }

    /// A vector of tables.
    pub(super) fn tables(self, table: Table, number: usize) -> Result<Vec<Table>, Malformed> {
        let (start, length) = self.vector(table, number)?;
        if length > self.0.len() / 4 {
            return Err(OUTSIDE);
        }
        (0..length).map(|i| self.follow(start + 4 * i).map(Table)).collect()
    }

    /// A vector of 32-bit integers; -1, which marks an absent optional tensor, is left out.
    pub(super) fn indices(self, table: Table, number: usize) -> Result<Vec<usize>, Malformed> {
        let (start, length) = self.vector(table, number)?;
        if length > self.0.len() / 4 {
            return Err(OUTSIDE);
        }
        let mut indices = Vec::with_capacity(length);
        for i in 0..length {
            let value = self.word(start + 4 * i).map(i32::from_le_bytes)?;
            if value != -1 {
                indices.push(usize::try_from(value).map_err(|_| Malformed("a negative index"))?);
            }
        }
        Ok(indices)
    }

    /// Writes `words` over a vector field in `copy`, which is a copy of this file, and
    /// shortens the vector. `word` makes the stored value from an entry and its position.
    fn shorten<T>(
        self,
        copy: &mut [u8],
        (table, number): (Table, usize),
        entries: &[T],
        word: impl Fn(&T, usize) -> Option<u32>,
    ) -> Result<(), Malformed> {
        let (start, length) = self.vector(table, number)?;
        if entries.len() > length {
            return Err(Malformed("a vector has too little room"));
        }
        let mut put = |at: usize, value: u32| {
            copy.get_mut(at..at + 4)
                .map(|slot| slot.copy_from_slice(&value.to_le_bytes()))
                .ok_or(OUTSIDE)
        };
        put(start - 4, entries.len() as u32)?;
        for (i, entry) in entries.iter().enumerate() {
            let at = start + 4 * i;
            put(at, word(entry, at).ok_or(OUTSIDE)?)?;
        }
        Ok(())
    }

    /// Shortens a vector of integers to `entries`, in `copy`.
    pub(super) fn shorten_indices(
        self,
        copy: &mut [u8],
        table: Table,
        number: usize,
        entries: &[usize],
    ) -> Result<(), Malformed> {
        self.shorten(copy, (table, number), entries, |&index, _| u32::try_from(index).ok())
    }

    /// Shortens a vector of tables to `entries`, in `copy`. An entry is stored as an offset
    /// from its own position, so the entries must lie behind the vector, as they do in files
    /// written by the usual builders.
    pub(super) fn shorten_tables(
        self,
        copy: &mut [u8],
        table: Table,
        number: usize,
        entries: &[Table],
    ) -> Result<(), Malformed> {
        self.shorten(copy, (table, number), entries, |entry, at| {
            u32::try_from(entry.0.checked_sub(at)?).ok()
        })
    }
}

/// Types of flexbuffer values that the mesh's options use.
const FLEX_INT: u8 = 1;
const FLEX_UINT: u8 = 2;
const FLEX_FLOAT: u8 = 3;
const FLEX_MAP: u8 = 9;
const FLEX_VECTOR_INT: u8 = 11;

/// A flexbuffer map of numbers and integer vectors; values of other types are left out.
pub(super) fn flex_map(bytes: &[u8]) -> Result<BTreeMap<String, Vec<f64>>, Malformed> {
    let [.., root_type, root_width] = bytes else { return Err(OUTSIDE) };
    let (root_type, root_width) = (*root_type, usize::from(*root_width));
    if root_type >> 2 != FLEX_MAP {
        return Err(Malformed("operator options are not a map"));
    }
    let flex = Flex(bytes);
    let root = bytes.len().checked_sub(2 + root_width).ok_or(OUTSIDE)?;
    let values = flex.back(root, root_width)?;
    let width = 1 << (root_type & 3);
    let length = flex.unsigned(values.checked_sub(width).ok_or(OUTSIDE)?, width)?;
    let key_width = flex.unsigned(values.checked_sub(2 * width).ok_or(OUTSIDE)?, width)?;
    let keys = flex.back(values.checked_sub(3 * width).ok_or(OUTSIDE)?, width)?;
    if length > bytes.len() {
        return Err(OUTSIDE);
    }
    let mut map = BTreeMap::new();
    for i in 0..length {
        let name = flex.back(keys + i * key_width, key_width)?;
        let name = bytes.get(name..).ok_or(OUTSIDE)?.split(|&b| b == 0).next().unwrap_or_default();
        let packed = *bytes.get(values + length * width + i).ok_or(OUTSIDE)?;
        let at = values + i * width;
        let value = match packed >> 2 {
            FLEX_INT | FLEX_UINT => vec![flex.unsigned(at, width)? as f64],
            FLEX_FLOAT => vec![flex.float(at, width)?],
            FLEX_VECTOR_INT => {
                let (item, each) = (flex.back(at, width)?, 1 << (packed & 3));
                let count = flex.unsigned(item.checked_sub(each).ok_or(OUTSIDE)?, each)?;
                let read = |k| flex.unsigned(item + k * each, each).map(|v| v as f64);
                (0..count).map(read).collect::<Result<_, _>>()?
            }
            _ => continue,
        };
        map.insert(String::from_utf8_lossy(name).into_owned(), value);
    }
    Ok(map)
}

struct Flex<'a>(&'a [u8]);

impl Flex<'_> {
    fn unsigned(&self, at: usize, width: usize) -> Result<usize, Malformed> {
        let end = at.checked_add(width).ok_or(OUTSIDE)?;
        let bytes = self.0.get(at..end).filter(|b| b.len() <= 8).ok_or(OUTSIDE)?;
        let value = bytes.iter().rev().fold(0u64, |value, &byte| value << 8 | u64::from(byte));
        usize::try_from(value).map_err(|_| OUTSIDE)
    }

    /// Follows the backward offset stored at `at`.
    fn back(&self, at: usize, width: usize) -> Result<usize, Malformed> {
        at.checked_sub(self.unsigned(at, width)?).ok_or(OUTSIDE)
    }

    fn float(&self, at: usize, width: usize) -> Result<f64, Malformed> {
        let tables = Tables(self.0);
        match width {
            4 => tables.word(at).map(f32::from_le_bytes).map(f64::from),
            8 => tables.word(at).map(f64::from_le_bytes),
            _ => Err(Malformed("a number of unknown width")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Map { "a": 7 (int8), "v": [1, 2, 300] (int16 vector) }, offsets of one byte.
    const MAP: [u8; 25] = [
        b'a', 0, b'v', 0, // keys at 0 and 2
        3, 0, 1, 0, 2, 0, 44, 1, // length 3 (two bytes), then 1, 2, 300 from 6 on
        2, 13, 12, // key vector: length 2, entries at 13 and 14
        2, 1, 2, // keys offset (15 back to 13), key width 1, length 2
        7, 13, // values at 18 and 19: 7, offset back to 6
        4, 45, // types: int, vector of int16
        4, 36, 1, // root: offset back from 22 to 18, map, width 1
    ];

    #[test]
    fn a_map_written_by_hand_reads_back() {
        let map = flex_map(&MAP).unwrap();
        assert_eq!(map.len(), 2);
        assert_eq!(map["a"], [7.0]);
        assert_eq!(map["v"], [1.0, 2.0, 300.0]);
    }

    #[test]
    fn a_cut_off_map_is_refused() {
        for start in 1..MAP.len() {
            let cut = flex_map(&MAP[start..]);
            assert!(cut.as_ref().map_or(true, |map| map.get("v").is_none()), "{start}: {cut:?}");
        }
        assert_eq!(flex_map(&[]), Err(OUTSIDE));
    }

    proptest::proptest! {
        #[test]
        fn scrambled_bytes_never_panic(bytes in proptest::collection::vec(0u8.., 0..200)) {
            let tables = Tables(&bytes);
            let root = tables.root();
            for number in 0..4 {
                let _ = root.and_then(|table| tables.tables(table, number));
                let _ = root.and_then(|table| tables.text(table, number));
            }
            let _ = flex_map(&bytes);
        }
    }
}
