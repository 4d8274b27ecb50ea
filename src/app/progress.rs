//! Progress on standard error: a bar on a terminal, nothing when piped.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar with rate and time left.
pub(super) struct Progress {
    bar: ProgressBar,
    frames: u64,
}

/// Frames between two updates of the bar: a few updates a second at the usual speeds.
const FRAMES_AN_UPDATE: u64 = 32;

impl Progress {
    /// A bar for `total` frames (`None`: unknown, as of a stream), labelled `what`.
    pub(super) fn new(what: &'static str, total: Option<u64>) -> Self {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(5));
        let template = if total.is_some() {
            "{msg} {wide_bar} {pos}/{len} frames, {per_sec}, {eta} left"
        } else {
            "{msg} {spinner} {pos} frames, {per_sec}, {elapsed}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what);
        bar.enable_steady_tick(Duration::from_millis(500));
        Self { bar, frames: 0 }
    }

    /// Another frame is done.
    pub(super) fn frame(&mut self) {
        self.frames += 1;
        if self.frames.is_multiple_of(FRAMES_AN_UPDATE) {
            self.bar.set_position(self.frames);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
