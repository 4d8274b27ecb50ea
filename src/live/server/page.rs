//! The page's files, built into the program.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::routing::get;

use super::Shared;

/// Address, type and content of each file.
macro_rules! files {
    ($($at:literal, $kind:expr, $file:literal;)*) => {
        [$(($at, $kind, include_str!(concat!("../page/", $file)))),*]
    };
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

const FILES: [(&str, &str, &str); 10] = files![
    "/", HTML, "index.html";
    "/icon.svg", SVG, "icon.svg";
    "/style.css", CSS, "style.css";
    "/main.js", JAVASCRIPT, "main.js";
    "/shared.js", JAVASCRIPT, "shared.js";
    "/camera.js", JAVASCRIPT, "camera.js";
    "/figures.js", JAVASCRIPT, "figures.js";
    "/findings.js", JAVASCRIPT, "findings.js";
    "/picture.js", JAVASCRIPT, "picture.js";
    "/traces.js", JAVASCRIPT, "traces.js";
];

/// Always asked for anew: the page belongs to the program that serves it.
const FRESH: &str = "no-store";

/// Answers for each file.
pub(super) fn routes() -> Router<Shared> {
    FILES.into_iter().fold(Router::new(), |router, (at, kind, text)| {
        router.route(
            at,
            get(move || async move { ([(CONTENT_TYPE, kind), (CACHE_CONTROL, FRESH)], text) }),
        )
    })
}
