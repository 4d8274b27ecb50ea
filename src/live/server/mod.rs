//! Serves the page and its connection. Nothing else answers, and nothing but the controlling
//! connection changes anything.

mod page;
mod socket;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use super::camera::CameraPort;
use super::session::Session;
use crate::serve::Gate;

/// What every connection shares.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    pub(super) session: Arc<Session>,
    pub(super) hello: Arc<str>,
    pub(super) camera: Option<Arc<CameraPort>>,
    pub(super) gate: Arc<Gate>,
}

/// Everything that answers.
pub(super) fn router(shared: Shared) -> Router {
    page::routes().route("/live", get(socket::connect)).with_state(shared)
}
