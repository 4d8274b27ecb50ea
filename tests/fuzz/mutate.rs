//! Damages a file in the ways that files are damaged.

use rand::Rng;
use rand::seq::IndexedRandom;

/// Pieces that parsers stumble over.
const PIECES: [&[u8]; 44] = [
    b"0",
    b"-0",
    b"-1",
    b"1e308",
    b"1e309",
    b"-1e308",
    b"1e-320",
    b"9007199254740993",
    b"18446744073709551615",
    b"18446744073709551616",
    b"-9223372036854775808",
    b"4294967296",
    b"NaN",
    b"nan",
    b"inf",
    b"-inf",
    b"null",
    b"true",
    b"{}",
    b"[]",
    b"[[[[[[[[",
    b"\"\"",
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b",",
    b";",
    b"\t",
    b"\r\n",
    b"\n\n",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xc3",
    b"\xe2\x80\xae",
    b"\x1b[2J",
    b"=cmd|'/c'!A0",
    b"../../..",
    b"<script>",
    b"]]>",
    b"1,5",
    b"2021-02-30",
];

/// One of the seeds, damaged.
pub(crate) fn mutate(seeds: &[Vec<u8>], rng: &mut impl Rng) -> Vec<u8> {
    let mut input = seeds.choose(rng).cloned().unwrap_or_default();
    for _ in 0..1_usize << rng.random_range(0..4) {
        damage(&mut input, seeds, rng);
    }
    input
}

fn damage(input: &mut Vec<u8>, seeds: &[Vec<u8>], rng: &mut impl Rng) {
    let at = rng.random_range(0..=input.len());
    let to = (at + rng.random_range(0..64)).min(input.len());
    let piece = PIECES.choose(rng).copied().unwrap_or_default();
    match rng.random_range(0..12) {
        0 if at < input.len() => input[at] ^= 1 << rng.random_range(0..8),
        1 if at < input.len() => input[at] = rng.random(),
        2 => drop(input.splice(at..at, piece.iter().copied())),
        3 => drop(input.splice(at..to, piece.iter().copied())),
        4 => drop(input.drain(at..to)),
        5 => input.truncate(at),
        6 => {
            let twice = input[at..to].to_vec();
            input.splice(at..at, twice);
        }
        7 => {
            // The head of one file and the tail of another.
            let other = seeds.choose(rng).cloned().unwrap_or_default();
            let from = rng.random_range(0..=other.len());
            input.truncate(at);
            input.extend_from_slice(&other[from..]);
        }
        8 | 9 => number(input, at, piece),
        10 => line(input, at, rng),
        _ => {
            let wide = |byte: u8| [byte, 0];
            match rng.random_range(0..8) {
                0 => *input = input.iter().copied().flat_map(wide).collect(),
                1 => drop(input.splice(0..0, *b"\xef\xbb\xbf")),
                2 => *input = input.repeat(2),
                3 => input.splice(at..at, std::iter::repeat_n(b'[', 300)).for_each(drop),
                _ => input.extend_from_slice(piece),
            }
        }
    }
}

/// Puts a piece in the place of the number that comes next.
fn number(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    let is_part = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    let Some(from) = input[at..].iter().position(u8::is_ascii_digit).map(|next| at + next) else {
        return;
    };
    let length = input[from..].iter().position(|byte| !is_part(byte)).unwrap_or(input.len() - from);
    input.splice(from..from + length, piece.iter().copied());
}

/// Leaves out, doubles or moves a line.
fn line(input: &mut Vec<u8>, at: usize, rng: &mut impl Rng) {
    let from = input[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |own| own + 1);
    let to =
        input[at..].iter().position(|byte| *byte == b'\n').map_or(input.len(), |own| at + own + 1);
    let own: Vec<u8> = input[from..to].to_vec();
    match rng.random_range(0..3) {
        0 => drop(input.drain(from..to)),
        1 => drop(input.splice(from..from, own)),
        _ => {
            input.drain(from..to);
            input.extend_from_slice(&own);
        }
    }
}
