//! The page's files, built into the program.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::routing::get;

use crate::report::html::SCRIPT;

/// Address, type and content of each file.
macro_rules! files {
    ($($at:literal, $kind:expr, $file:literal;)*) => {
        [$(($at, $kind, include_str!(concat!("page/", $file)))),*]
    };
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

const FILES: [(&str, &str, &str); 13] = files![
    "/", HTML, "index.html";
    "/icon.svg", SVG, "../../live/page/icon.svg";
    "/style.css", CSS, "style.css";
    "/main.js", JAVASCRIPT, "main.js";
    "/words.js", JAVASCRIPT, "words.js";
    "/shared.js", JAVASCRIPT, "shared.js";
    "/library.js", JAVASCRIPT, "library.js";
    "/queue.js", JAVASCRIPT, "queue.js";
    "/about.js", JAVASCRIPT, "about.js";
    "/live.js", JAVASCRIPT, "live.js";
    "/review.js", JAVASCRIPT, "review.js";
    "/items.js", JAVASCRIPT, "items.js";
    "/tour.js", JAVASCRIPT, "tour.js";
];

/// The page's own files, connection and recordings, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// Always asked for anew: the page belongs to the program that serves it.
const FRESH: &str = "no-store";

/// Answers for each file.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let viewer = ("/viewer.js", JAVASCRIPT, SCRIPT);
    FILES.into_iter().chain([viewer]).fold(Router::new(), |router, (at, kind, text)| {
        router.route(
            at,
            get(move || async move {
                let headers = [
                    (CONTENT_TYPE, kind),
                    (CACHE_CONTROL, FRESH),
                    (CONTENT_SECURITY_POLICY, POLICY),
                ];
                (headers, text)
            }),
        )
    })
}
