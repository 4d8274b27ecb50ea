//! Every limit of a live session in one place, each with unit, default and source.

use std::time::Duration;

use crate::serve::Bounds;

/// How a live session queues, waits, retries and bounds.
///
/// *Measured* entries were measured by this project, *judgment* entries are its own choice.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Frames that may wait for the tracker before the oldest of them gives way to the newest
    /// (default 4; judgment: rides out a hiccup of 0.13 s at 30 frames a second, and bounds what
    /// waiting can add to the latency).
    pub waiting_frames: usize,
    /// Frames inside the pipeline at once (default 3: one in the hands of each of its threads
    /// that measure, and one between them; more would only wait there).
    pub frames_in_flight: usize,
    /// Age at which a frame that is still not measured holds up those behind it no longer (default
    /// 10 s; judgment: a hundred times the time a slow machine takes).
    pub stuck: Duration,
    /// Time without a frame after which the picture counts as stalled (default 1 s; judgment:
    /// twice the longest interval that still counts as seen).
    pub stall: Duration,
    /// First wait before a lost source is opened again (default 0.5 s; judgment).
    pub retry_first: Duration,
    /// Longest such wait; each is twice the one before (default 8 s; judgment: a sender that comes
    /// back is seen again before anyone looks for the cause elsewhere).
    pub retry_longest: Duration,
    /// Backlog of a stream that is passed over when it is opened, so that what is shown is live
    /// (default 5 s of its time; FFmpeg looks at up to 5 s of a stream before it opens).
    pub backlog: Duration,
    /// Difference between a source's stamps and the session's clock from which the clock is
    /// believed (default 0.5 s; judgment: above the jitter of a network, below what would put a
    /// blink beside the wrong one).
    pub skew: Duration,
    /// Pictures a second sent to the page (default 15; judgment: smooth to the eye; the numbers
    /// come with every frame).
    pub pictures_hz: f64,
    /// Width of those pictures, pixels (default 640; judgment).
    pub picture_width: usize,
    /// JPEG quality of those pictures, 1 to 100 (default 75; the usual one).
    pub picture_quality: u8,
    /// Interval of the status messages (default 0.5 s; judgment).
    pub status: Duration,
    /// Interval at which the journal reaches the disk (default 0.5 s; judgment: a session that was
    /// cut off loses no more, and a disk writes so often without wear).
    pub journal: Duration,
    /// Frames that may wait for the encoder of the recording before one is left out of it (default
    /// 30; judgment: a second at 30 a second, in which it starts; 83 MB of 1280x720).
    pub recording_frames: usize,
    /// Time for the encoder of the recording to end, after the session is saved (default 30 s;
    /// judgment: it is at most `recording_frames` behind).
    pub recording_end: Duration,
    /// Lines of JSON that may wait for a program that reads slowly (default 1000; judgment: some
    /// minutes of findings).
    pub lines_waiting: usize,
    /// Time for such a program to take the last lines (default 2 s; judgment).
    pub lines_end: Duration,
    /// Pages and programs connected at once, one place of them for the page in control (default 50;
    /// judgment: a ward's screens).
    pub connections: usize,
    /// Connections of any kind, and the time for a request's head.
    pub bounds: Bounds,
    /// Time without an answer after which a page counts as gone (default 15 s; judgment: a network
    /// that stutters comes back sooner, a machine that fell asleep does not).
    pub silence: Duration,
    /// Messages that may wait for a slow page before it loses the oldest (default 128; judgment:
    /// about three seconds).
    pub messages_waiting: usize,
    /// Largest picture a browser may send (default 4 MiB; judgment: ten times a 1280x720 JPEG of
    /// the quality the page sends).
    pub picture_bytes: usize,
    /// Most pixels of such a picture (default 2560 x 1440; judgment).
    pub picture_pixels: u64,
    /// Longest side of such a picture, pixels (default 8192; judgment: a camera's picture is not four
    /// times as wide as those pixels in a square).
    pub picture_side: u32,
    /// Largest command (default 4 KiB; judgment: a note of a page).
    pub command_bytes: usize,
    /// Longest note of a mark, characters (default 500; judgment).
    pub note_chars: usize,
    /// Marks of one session (default 10 000; judgment: bounds the memory a page can fill).
    pub marks: usize,
    /// Findings that a page opened later is told of (default 500; judgment).
    pub findings_kept: usize,
    /// Brightness of the face below which it is too dark (mean grey level 0 to 255, default 50;
    /// judgment: the dim webcam clip of the tests has 30 to 45).
    pub dark: f32,
    /// Turn or nod of the head from which the far side is not measured well (degrees, default
    /// 20; measured: the far periocular skin's flow breaks down there).
    pub turned_deg: f32,
    /// Frame rate below which no order can be told (a second, default 24; the shortest lag that
    /// counts is a frame, and 42 ms hides most).
    pub order_fps: f64,
    /// Share of the last frames lost from which the machine counts as too slow (default 0.05;
    /// judgment).
    pub lost_share: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            waiting_frames: 4,
            frames_in_flight: 3,
            stuck: Duration::from_secs(10),
            stall: Duration::from_secs(1),
            retry_first: Duration::from_millis(500),
            retry_longest: Duration::from_secs(8),
            backlog: Duration::from_secs(5),
            skew: Duration::from_millis(500),
            pictures_hz: 15.0,
            picture_width: 640,
            picture_quality: 75,
            status: Duration::from_millis(500),
            journal: Duration::from_millis(500),
            recording_frames: 30,
            recording_end: Duration::from_secs(30),
            lines_waiting: 1000,
            lines_end: Duration::from_secs(2),
            connections: 50,
            bounds: Bounds::default(),
            silence: Duration::from_secs(15),
            messages_waiting: 128,
            picture_bytes: 4 << 20,
            picture_pixels: 2560 * 1440,
            picture_side: 8192,
            command_bytes: 4 << 10,
            note_chars: 500,
            marks: 10_000,
            findings_kept: 500,
            dark: 50.0,
            turned_deg: 20.0,
            order_fps: 24.0,
            lost_share: 0.05,
        }
    }
}
