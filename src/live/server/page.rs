//! The page's files, built into the program.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;

/// Always asked for anew: the page belongs to the program that serves it.
const FRESH: (axum::http::HeaderName, &str) = (CACHE_CONTROL, "no-store");

pub(super) async fn html() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/html; charset=utf-8"), FRESH], include_str!("../page/index.html"))
}

pub(super) async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8"), FRESH], include_str!("../page/style.css"))
}

pub(super) async fn script() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8"), FRESH], include_str!("../page/script.js"))
}

pub(super) async fn icon() -> impl IntoResponse {
    ([(CONTENT_TYPE, "image/svg+xml"), FRESH], include_str!("../page/icon.svg"))
}
