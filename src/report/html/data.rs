//! What the page's script draws: signals as packed integers, marks as plain JSON.

use serde_json::{Value, json};

use crate::anatomy::{Place, Side};
use crate::report::{Analysis, summary};
use crate::signal::Sample;

/// Times are kept in hundred-thousandths of a second: twelve hours fit, and nothing is lost
/// that a container knows.
const TICKS_A_SECOND: f64 = 1e5;
/// Largest magnitude of a packed value; one more, negated, means that there is none.
const FULL: f32 = 32767.0;

/// One row of traces.
struct Row {
    label: String,
    /// `left`, `right` or `mid`.
    colour: &'static str,
    /// `aperture`, or a place's name.
    key: String,
    values: Vec<Option<f32>>,
    limit: Option<f32>,
}

/// The data for the script; `Null` where nothing was measured.
pub(super) fn data(analysis: &Analysis, samples: &[Sample], overlay: Option<&str>) -> Value {
    let rows = rows(analysis, samples);
    if rows.is_empty() {
        return Value::Null;
    }
    let ticks = samples.iter().map(|s| (s.time_s * TICKS_A_SECOND).round().max(0.0) as u32);
    let times: Vec<u8> = ticks.flat_map(u32::to_le_bytes).collect();
    let breaks: Vec<usize> =
        (1..samples.len()).filter(|&i| samples[i].track != samples[i - 1].track).collect();
    let findings = &analysis.findings;
    let events: Vec<Value> = findings
        .events
        .iter()
        .map(|event| {
            let parts: Vec<Value> = event
                .contractions
                .iter()
                .map(|c| {
                    let place = Place { region: c.region, side: c.side };
                    json!([place.to_string(), c.onset_s, c.onset_ci_s[0], c.onset_ci_s[1], c.end_s])
                })
                .collect();
            json!({
                "id": event.id, "kind": event.kind, "side": event.side,
                "start": event.start_s, "end": event.end_s,
                "parts": parts, "text": super::event_sentence(event),
            })
        })
        .collect();
    let blinks: Vec<Value> =
        findings.blinks.iter().map(|b| json!([b.start_s, b.end_s, b.side])).collect();
    let gaps: Vec<Value> =
        analysis.coverage.gaps.iter().map(|g| json!([g.start_s, g.end_s])).collect();
    let hidden: Vec<Value> = analysis
        .coverage
        .places
        .iter()
        .flat_map(|covered| {
            let key = Place { region: covered.region, side: covered.side }.to_string();
            covered.hidden_s.iter().map(move |[from_s, to_s]| json!([key, from_s, to_s]))
        })
        .collect();
    let tasks: Vec<Value> = analysis
        .protocol
        .iter()
        .map(|s| json!([s.start_s, s.end_s, super::plain_word(s.task)]))
        .collect();
    json!({
        "ticks": TICKS_A_SECOND,
        "times": base64(&times),
        "breaks": breaks,
        "rows": rows.iter().map(packed).collect::<Vec<_>>(),
        "events": events, "blinks": blinks, "gaps": gaps, "hidden": hidden, "tasks": tasks,
        "video": overlay.is_some(),
    })
}

fn rows(analysis: &Analysis, samples: &[Sample]) -> Vec<Row> {
    let limit = |place: Place| {
        let noise = &analysis.findings.noise;
        noise
            .iter()
            .find(|floor| (floor.region, floor.side) == (place.region, place.side))?
            .smallest_detectable_mfu
    };
    let mut rows = Vec::new();
    for side in [Side::Right, Side::Left] {
        rows.push(Row {
            label: format!("{side} eye opening"),
            colour: colour(Some(side)),
            key: format!("aperture_{side}"),
            values: samples.iter().map(|s| s.eyes[side].map(|eye| eye.aperture)).collect(),
            limit: None,
        });
        // What the lids do is in the eye's opening already.
        for place in Place::ALL.into_iter().skip(2).filter(|place| place.side == Some(side)) {
            rows.push(Row {
                label: summary::place(place),
                colour: colour(place.side),
                key: place.to_string(),
                values: samples.iter().map(|s| s.displacement[place]).collect(),
                limit: limit(place),
            });
        }
    }
    rows.push(Row {
        label: summary::place(Place::JAW_MIDLINE),
        colour: colour(None),
        key: Place::JAW_MIDLINE.to_string(),
        values: samples.iter().map(|s| s.displacement[Place::JAW_MIDLINE]).collect(),
        limit: limit(Place::JAW_MIDLINE),
    });
    rows.retain(|row| row.values.iter().flatten().any(|value| value.is_finite()));
    rows
}

/// The style's name for a side's colour.
pub(super) fn colour(side: Option<Side>) -> &'static str {
    match side {
        Some(Side::Left) => "left",
        Some(Side::Right) => "right",
        None => "mid",
    }
}

fn packed(row: &Row) -> Value {
    let known = || row.values.iter().flatten().filter(|value| value.is_finite());
    let largest = known().fold(1e-6_f32, |largest, value| largest.max(value.abs()));
    let scale = largest / FULL;
    let bytes: Vec<u8> = row
        .values
        .iter()
        .map(|value| match value {
            Some(value) if value.is_finite() => (value / scale).round() as i16,
            _ => i16::MIN,
        })
        .flat_map(i16::to_le_bytes)
        .collect();
    json!({
        "label": row.label, "colour": row.colour, "key": row.key, "limit": row.limit,
        "scale": scale, "values": base64(&bytes),
    })
}

/// Standard Base64 (RFC 4648).
pub(crate) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0, |word, &byte| word << 8 | u32::from(byte));
        let word = word << (8 * (3 - chunk.len()));
        for i in 0..4 {
            if i <= chunk.len() {
                text.push(DIGITS[(word >> (18 - 6 * i) & 63) as usize] as char);
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_follows_the_test_vectors_of_its_standard() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, coded) in vectors {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
