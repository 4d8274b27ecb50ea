//! What the page asks, and who answers. Every question but the page's own files needs the token,
//! which `POST /api/enter` turns into a cookie of this run that scripts cannot read.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Query, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tower::ServiceExt;
use tower_http::services::ServeFile;

use super::about::{self, Abouts};
use super::answer::{Answer, Refusal, aside, json};
use super::brief::Briefs;
use super::library::Library;
use super::limits::Limits;
use super::live::{self, Sessions};
use super::queue::{Command, Queue};
use super::reviews::{self, Reviews};
use super::{hand_on, page, sample, upload, visits};
use crate::batch::Trace;
use crate::event::PROTOCOL_SCHEMA;
use crate::pattern::HISTORY_SCHEMA;
use crate::report::csv::read_signals;
use crate::report::export::Format;
use crate::serve::Gate;

/// What every question is answered from.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) library: Arc<Library>,
    pub(super) limits: Limits,
    pub(super) gate: Gate,
    pub(super) briefs: Briefs,
    pub(super) queue: Queue,
    pub(super) reviews: Reviews,
    pub(super) sessions: Sessions,
}

type Shared = State<Arc<Desk>>;

/// A recording by its name.
#[derive(Debug, Clone, Deserialize)]
struct Named {
    name: String,
}

pub(super) fn router(desk: Desk) -> Router {
    let desk = Arc::new(desk);
    let bounded = DefaultBodyLimit::max(desk.limits.command_bytes);
    let asked = Router::new()
        .route("/api/library", get(library))
        .route("/api/trace", get(trace))
        .route("/api/about", get(read_about).post(keep_about))
        .route("/api/queue", get(queue).post(command_queue))
        .route("/api/review", get(open_review))
        .route("/api/review/here", get(review_here))
        .route("/api/review/step", post(review_step))
        .route("/api/hand-on", post(write_out))
        .route("/api/live", get(live_state).post(live_start))
        .route("/api/sample", post(put_sample))
        .route("/picture", get(picture))
        .route("/report", get(report))
        .route("/visits", get(compare_visits))
        .layer(bounded)
        // Uploads are bounded by what they announce.
        .route("/api/upload", patch(take_upload).layer(DefaultBodyLimit::disable()))
        .route("/api/upload", post(begin_upload))
        .layer(middleware::from_fn_with_state(Arc::clone(&desk), admit));
    page::routes()
        .merge(asked)
        .route("/api/enter", post(enter).layer(DefaultBodyLimit::max(4096)))
        .with_state(desk)
}

/// Name of the cookie: other programs of this machine have other ports and share its name.
fn cookie(gate: &Gate) -> String {
    format!("spasmograph-desk-{}", gate.address.port())
}

/// Lets in who shows the token.
async fn admit(State(desk): Shared, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let bearer = text(AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    let name = cookie(&desk.gate);
    let kept = text(COOKIE).into_iter().flat_map(|all| all.split("; ")).find_map(|own| {
        let (key, value) = own.split_once('=')?;
        (key == name).then_some(value)
    });
    if desk.gate.admits(bearer.or(kept)) {
        return next.run(request).await;
    }
    let text = "the token is wrong or missing; open the address that the program printed";
    Refusal::new(StatusCode::UNAUTHORIZED, "token", text).into_response()
}

/// Turns the token into a cookie.
async fn enter(State(desk): Shared, body: Bytes) -> Answer {
    #[derive(Deserialize)]
    struct Token {
        token: String,
    }
    let Token { token } = parse(&body)?;
    if !desk.gate.admits(Some(&token)) {
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "token", "the token is wrong"));
    }
    let cookie = format!("{}={token}; HttpOnly; SameSite=Strict; Path=/", cookie(&desk.gate));
    let mut response = json(&json!({ "in": true }));
    let value = HeaderValue::from_str(&cookie).map_err(|_| Refusal::bad("no such token"))?;
    response.headers_mut().insert(SET_COOKIE, value);
    Ok(response)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(Refusal::bad)
}

async fn library(State(desk): Shared) -> Answer {
    aside(move || {
        let abouts = Abouts::read(&desk.library)?;
        let entries = desk.library.entries(desk.limits.recordings);
        let rows = desk.briefs.rows(entries, &abouts);
        let formats: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
        Ok(json(&json!({
            "folder": desk.library.root().display().to_string(),
            "version": env!("CARGO_PKG_VERSION"),
            "formats": formats,
            "rows": rows,
            "queue": desk.queue.state(),
        })))
    })
    .await
}

async fn trace(State(desk): Shared, Query(own): Query<Named>) -> Answer {
    aside(move || {
        let entry = desk.library.entry(&own.name)?;
        let samples = read_signals(&entry.results.join("signals.csv")).map_err(Refusal::missing)?;
        Ok(json(&Trace::of(&samples)))
    })
    .await
}

async fn read_about(State(desk): Shared, Query(own): Query<Named>) -> Answer {
    aside(move || {
        let entry = desk.library.entry(&own.name)?;
        let schema = |text: &str| serde_json::from_str(text).unwrap_or(serde_json::Value::Null);
        Ok(json(&json!({
            "form": about::form(&desk.library, &entry)?,
            "history_schema": schema(HISTORY_SCHEMA),
            "protocol_schema": schema(PROTOCOL_SCHEMA),
        })))
    })
    .await
}

async fn keep_about(State(desk): Shared, Query(own): Query<Named>, body: Bytes) -> Answer {
    aside(move || {
        let entry = desk.library.entry(&own.name)?;
        about::keep(&desk.library, &entry, &parse(&body)?)?;
        Ok(json(&json!({ "kept": true })))
    })
    .await
}

async fn queue(State(desk): Shared) -> Answer {
    Ok(json(&desk.queue.state()))
}

async fn command_queue(State(desk): Shared, body: Bytes) -> Answer {
    aside(move || {
        desk.queue.command(&desk.library, parse::<Command>(&body)?)?;
        Ok(json(&desk.queue.state()))
    })
    .await
}

async fn open_review(State(desk): Shared, Query(which): Query<reviews::Which>) -> Answer {
    aside(move || {
        let entry = desk.library.entry(&which.name)?;
        Ok(json(&desk.reviews.open(&entry, &which)?))
    })
    .await
}

async fn review_here(State(desk): Shared, Query(which): Query<reviews::Which>) -> Answer {
    aside(move || {
        let entry = desk.library.entry(&which.name)?;
        Ok(json(&desk.reviews.here(&entry, &which)?))
    })
    .await
}

async fn review_step(State(desk): Shared, body: Bytes) -> Answer {
    aside(move || {
        let made: reviews::Made = parse(&body)?;
        let entry = desk.library.entry(&made.which.name)?;
        Ok(json(&desk.reviews.step(&entry, made)?))
    })
    .await
}

async fn write_out(State(desk): Shared, body: Bytes) -> Answer {
    aside(move || Ok(json(&hand_on::write(&desk.library, &parse(&body)?)?))).await
}

async fn live_state(State(desk): Shared) -> Answer {
    Ok(json(&desk.sessions.state()))
}

async fn live_start(State(desk): Shared, body: Bytes) -> Answer {
    aside(move || {
        let wish: live::Wish = parse(&body)?;
        Ok(json(&desk.sessions.start(&desk.library, &wish)?))
    })
    .await
}

async fn put_sample(State(desk): Shared) -> Answer {
    aside(move || Ok(json(&json!({ "name": sample::put(&desk.library)? })))).await
}

async fn begin_upload(State(desk): Shared, body: Bytes) -> Answer {
    aside(move || {
        let have = upload::begin(&desk.library, &desk.limits, &parse(&body)?)?;
        Ok(json(&json!({ "have": have })))
    })
    .await
}

async fn take_upload(State(desk): Shared, Query(wish): Query<upload::Wish>, body: Body) -> Answer {
    let (have, name) = upload::take(&desk.library, &desk.limits, wish, body).await?;
    Ok(json(&json!({ "have": have, "name": name })))
}

/// Which picture of a recording.
#[derive(Debug, Clone, Deserialize)]
struct Picture {
    name: String,
    /// `recording` or `overlay`.
    #[serde(default)]
    what: String,
}

/// The recording itself, or the overlay, in the parts that a player asks for.
async fn picture(State(desk): Shared, Query(own): Query<Picture>, headers: HeaderMap) -> Answer {
    let path = aside(move || {
        let entry = desk.library.entry(&own.name)?;
        let path = match own.what.as_str() {
            "overlay" => Some(entry.results.join("overlay.mp4")).filter(|path| path.is_file()),
            _ => entry.picture(),
        };
        let path = path.ok_or_else(|| Refusal::missing("there is no picture of it"))?;
        // A link in the results may lead elsewhere.
        let real = path.canonicalize().map_err(Refusal::missing)?;
        if real.starts_with(desk.library.root()) {
            Ok(real)
        } else {
            let text = "it leads out of the library";
            Err(Refusal::new(StatusCode::FORBIDDEN, "outside", text))
        }
    })
    .await?;
    let mut request = Request::new(Body::empty());
    *request.headers_mut() = headers;
    let Ok(served) = ServeFile::new(path).oneshot(request).await;
    let mut response = served.into_response();
    // Nothing in the library is a page of ours, whatever its name says.
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("video/")) {
        let plain = HeaderValue::from_static("video/mp4");
        response.headers_mut().insert(CONTENT_TYPE, plain);
    }
    Ok(response)
}

async fn report(State(desk): Shared, Query(which): Query<visits::Which>) -> Answer {
    aside(move || visits::report(&desk.library, &which)).await
}

async fn compare_visits(State(desk): Shared, Query(which): Query<visits::Which>) -> Answer {
    aside(move || visits::visits(&desk.library, &which)).await
}
