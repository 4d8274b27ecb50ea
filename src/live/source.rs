//! A session's frames as a [`Source`] for the pipeline.

use std::sync::Arc;

use super::session::Session;
use crate::source::{Frame, Source, SourceError, StreamInfo};

/// Reads the session's inbox until it is closed or the session is to end.
#[derive(Debug)]
pub(super) struct LiveSource {
    session: Arc<Session>,
    info: StreamInfo,
}

impl LiveSource {
    /// The frames of a session; `info` is what its source says of itself.
    #[must_use]
    pub(super) fn new(session: Arc<Session>, info: StreamInfo) -> Self {
        Self { session, info }
    }
}

impl Source for LiveSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_into(&mut self, frame: &mut Frame) -> Result<bool, SourceError> {
        Ok(self.session.inbox.take(frame, || self.session.is_over()))
    }
}
