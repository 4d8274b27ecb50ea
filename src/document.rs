//! Text that others wrote, as it comes: with a byte-order mark, in another encoding, with a key
//! twice. A neutral tool of every part that reads such files, and no stage.

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Reads a text file.
///
/// # Errors
/// It cannot be read, or is not UTF-8: then the kind is [`io::ErrorKind::InvalidData`] and the
/// error says what it is instead.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    text(fs::read(path)?).map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why))
}

/// The text of bytes, without a byte-order mark.
///
/// # Errors
/// What they are instead of UTF-8, and the mend.
pub(crate) fn text(mut bytes: Vec<u8>) -> Result<String, String> {
    let is_wide = |bytes: &[u8]| {
        // Two bytes a letter: every other byte of plain Latin text is zero.
        let begin = &bytes[..bytes.len().min(64) & !1];
        let zeros = |from: usize| begin.iter().skip(from).step_by(2).filter(|b| **b == 0).count();
        begin.len() >= 4 && zeros(0).max(zeros(1)) > begin.len() / 4
    };
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) || is_wide(&bytes) {
        return Err("it is UTF-16 text; save it as UTF-8".to_owned());
    }
    if bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
        bytes.drain(..3);
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count();
        format!("line {line} is not UTF-8 text; save it as UTF-8")
    })
}

/// Refuses JSON in which an object has the same key twice: which of the two was meant is not
/// known.
///
/// # Errors
/// The key and its place, or what else is wrong with the JSON.
pub(crate) fn require_unique_keys(json: &str) -> Result<(), serde_json::Error> {
    let mut read = serde_json::Deserializer::from_str(json);
    Unique.deserialize(&mut read)?;
    read.end()
}

/// Walks through any value and looks at the keys alone.
struct Unique;

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = object.next_key::<String>()? {
            if seen.contains(&key) {
                return Err(A::Error::custom(format!("the key \"{key}\" stands twice")));
            }
            seen.insert(key);
            object.next_value_seed(Self)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_text_and_another_encoding_is_named() {
        assert_eq!(text(b"\xef\xbb\xbf{}".to_vec()).unwrap(), "{}");
        assert_eq!(text(Vec::new()).unwrap(), "");
        let wide = |order: fn(u16) -> [u8; 2]| "{\"a\": 1}".encode_utf16().flat_map(order);
        for bytes in [
            wide(u16::to_le_bytes).collect::<Vec<_>>(),
            wide(u16::to_be_bytes).collect(),
            [0xff, 0xfe].into_iter().chain(wide(u16::to_le_bytes)).collect(),
        ] {
            assert!(text(bytes).unwrap_err().contains("UTF-16"));
        }
        let latin = text(b"{\n\"name\": \"M\xfcller\"}".to_vec()).unwrap_err();
        assert!(latin.starts_with("line 2 is not UTF-8"), "{latin}");
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_at_any_depth() {
        assert!(
            require_unique_keys(r#"{"a": [{"b": 1, "c": null}, {"b": 1.5}], "b": "x"}"#).is_ok()
        );
        let error = require_unique_keys("{\"a\": [{\"b\": 1,\n\"b\": 2}]}").unwrap_err();
        assert!(error.to_string().starts_with("the key \"b\" stands twice at line 2"), "{error}");
        assert!(require_unique_keys("{} {}").is_err());
        assert!(require_unique_keys(&"[".repeat(100_000)).is_err());
    }
}
