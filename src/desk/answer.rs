//! What the page is answered: JSON, or why not.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Why something was not done. The page has words for each code; `text` says more.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Refusal {
    #[serde(skip)]
    pub(super) status: StatusCode,
    /// A fixed word.
    pub(super) code: &'static str,
    /// What is wrong, and what to do, for people.
    pub(super) text: String,
    /// The field of a form that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) field: Option<&'static str>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, text: impl ToString) -> Self {
        Self { status, code, text: text.to_string(), field: None }
    }

    /// Something about one field of a form.
    pub(super) fn field(field: &'static str, text: impl ToString) -> Self {
        let own = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "field", text);
        Self { field: Some(field), ..own }
    }

    pub(super) fn bad(text: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", text)
    }

    pub(super) fn missing(text: impl ToString) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", text)
    }

    /// The disk or another part of the machine failed.
    pub(super) fn failed(text: impl ToString) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", text)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status;
        let mut response = json(&serde_json::json!({ "error": self }));
        *response.status_mut() = status;
        response
    }
}

/// Any answer of the page's interface.
pub(super) type Answer = Result<Response, Refusal>;

/// A value as JSON.
pub(super) fn json(value: &impl Serialize) -> Response {
    let text = serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned());
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], text).into_response()
}

/// A page made by this program, whose style stands in it and whose scripts have these hashes.
pub(super) fn document(html: String, scripts: &[String]) -> Response {
    let hashes: String = scripts.iter().map(|hash| format!(" '{hash}'")).collect();
    let scripts = if hashes.is_empty() { " 'none'".to_owned() } else { hashes };
    let policy = format!(
        "default-src 'none'; script-src{scripts}; style-src 'unsafe-inline'; img-src data:; \
         media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let mut response = Response::new(Body::from(html));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, header::HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    if let Ok(policy) = policy.parse() {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Runs what reads or writes files away from the threads that answer.
pub(super) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Refusal::failed(error)))
}
