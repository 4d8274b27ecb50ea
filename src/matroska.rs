//! The least of Matroska that carries bare frames with their times through a pipe.

/// Ticks a second of the times written.
const TICKS: f64 = 10_000.0;

/// The opening of a stream of blue-green-red frames.
pub(crate) fn head(width: usize, height: usize) -> Vec<u8> {
    let ebml = [
        element(&[0x42, 0x82], b"matroska"),
        element(&[0x42, 0x87], &[4]),
        element(&[0x42, 0x85], &[2]),
    ]
    .concat();
    let info = element(&[0x2a, 0xd7, 0xb1], &unsigned((1e9 / TICKS) as u64));
    let video = [
        element(&[0xb0], &unsigned(width as u64)),
        element(&[0xba], &unsigned(height as u64)),
        element(&[0x2e, 0xb5, 0x24], b"BGR\x18"),
    ]
    .concat();
    let track = [
        element(&[0xd7], &[1]),
        element(&[0x73, 0xc5], &[1]),
        element(&[0x83], &[1]),
        element(&[0x86], b"V_UNCOMPRESSED"),
        element(&[0xe0], &video),
    ]
    .concat();
    [
        element(&[0x1a, 0x45, 0xdf, 0xa3], &ebml),
        // A segment of unknown length.
        vec![0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        element(&[0x15, 0x49, 0xa9, 0x66], &info),
        element(&[0x16, 0x54, 0xae, 0x6b], &element(&[0xae], &track)),
    ]
    .concat()
}

/// What stands before the pixels of one frame: a cluster of its own, so that its time is free.
pub(crate) fn frame_head(time_s: f64, bytes: usize) -> Vec<u8> {
    let time = element(&[0xe7], &unsigned((time_s * TICKS).round().max(0.0) as u64));
    // Track 1, no offset to the cluster's time, a key frame.
    let block = [vec![0xa3], length(bytes as u64 + 4), vec![0x81, 0, 0, 0x80]].concat();
    let size = (time.len() + block.len() + bytes) as u64;
    [vec![0x1f, 0x43, 0xb6, 0x75], length(size), time, block].concat()
}

fn element(id: &[u8], body: &[u8]) -> Vec<u8> {
    [id.to_vec(), length(body.len() as u64), body.to_vec()].concat()
}

/// A length in eight bytes.
fn length(size: u64) -> Vec<u8> {
    ((1_u64 << 56) | size).to_be_bytes().to_vec()
}

fn unsigned(value: u64) -> Vec<u8> {
    value.to_be_bytes().to_vec()
}
