//! One page's connection: what the session says goes out; commands and pictures of the page in
//! control come in.

use axum::body::Bytes;
use axum::extract::ws::{
    CloseFrame, Message as Frame, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code,
};
use axum::extract::{Extension, Query, State};
use axum::http::header::SEC_WEBSOCKET_PROTOCOL;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;

use super::Shared;
use crate::live::camera::{CameraPort, PictureError};
use crate::live::command::{CAMERA_HEADER, Command};
use crate::live::hub::Outgoing;
use crate::live::message::Message;
use crate::live::seats::Seat;
use crate::live::session::Session;
use crate::live::standing::FeedState;
use crate::serve::{Stay, refusal};

/// The protocol that page and server agree on; `token.` with the token may stand beside it.
const PROTOCOL: &str = "spasmograph.live.1";

/// What a page asks for when it connects.
#[derive(Debug, Deserialize)]
pub(super) struct Wish {
    /// It wants to control the session; otherwise it watches.
    #[serde(default)]
    control: bool,
}

/// Why a connection is closed.
#[derive(Debug)]
struct Refused {
    code: u16,
    why: String,
}

impl From<PictureError> for Refused {
    fn from(error: PictureError) -> Self {
        let code = match error {
            PictureError::Malformed(_) => close_code::INVALID,
            PictureError::TooLarge(_) => close_code::SIZE,
        };
        Self { code, why: error.to_string() }
    }
}

/// Lets a page in, or says why not.
pub(super) async fn connect(
    State(shared): State<Shared>,
    Query(wish): Query<Wish>,
    Extension(stay): Extension<Stay>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !shared.gate.admits(token(&headers)) {
        return refusal(StatusCode::UNAUTHORIZED, "the token is wrong or missing");
    }
    let seats = &shared.session.seats;
    let Some(seat) = (if wish.control { seats.control() } else { seats.watch() }) else {
        return match wish.control {
            true => refusal(StatusCode::CONFLICT, "another page controls this session"),
            false => {
                refusal(StatusCode::SERVICE_UNAVAILABLE, "too many connections; close one first")
            }
        };
    };
    stay.keep();
    let limits = &shared.session.limits;
    // Anything longer is cut off while it comes in; what is checked later fits in between.
    let longest = limits.picture_bytes.max(limits.command_bytes) + 2 * CAMERA_HEADER;
    upgrade
        .protocols([PROTOCOL])
        .max_message_size(longest)
        .max_frame_size(longest)
        .on_upgrade(move |socket| serve(socket, shared, seat))
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get(SEC_WEBSOCKET_PROTOCOL)?.to_str().ok()?;
    all.split(',').find_map(|protocol| protocol.trim().strip_prefix("token."))
}

async fn serve(socket: WebSocket, shared: Shared, seat: Seat) {
    let control = seat.controls();
    let (mut to, mut from) = socket.split();
    // Neither waits for the other: a link too slow for our pictures still brings the page's.
    let refused = tokio::select! {
        () = tell(&mut to, &shared, control) => None,
        heard = listen(&mut from, &shared, control) => heard.err(),
    };
    if control && shared.camera.is_some() {
        let why = "the page with the camera is gone; open it again to go on".to_owned();
        shared.session.feed(FeedState::Lost { why, retry_ms: None });
    }
    // Others may have the place and the controls while this one is told why.
    drop(seat);
    if let Some(Refused { code, why }) = refused {
        let farewell = async {
            let _ = to.send(Frame::Close(Some(CloseFrame { code, reason: why.into() }))).await;
            // The page answers the closing, or is gone.
            while let Some(Ok(_)) = from.next().await {}
        };
        let _ = timeout(shared.session.limits.silence, farewell).await;
    }
}

/// Tells a page what the session says, until either ends.
async fn tell(to: &mut SplitSink<WebSocket, Frame>, shared: &Shared, control: bool) {
    let session = &shared.session;
    let (found, mut messages) = session.hub.subscribe();
    let first = [Utf8Bytes::from(&*shared.hello), Message::Role { control }.json().into()];
    let state = Utf8Bytes::from(session.state_json());
    for text in first.into_iter().chain([state]).chain(found) {
        if to.send(Frame::Text(text)).await.is_err() {
            return;
        }
    }
    let pause = session.limits.silence / 3;
    let mut pings = tokio::time::interval_at(tokio::time::Instant::now() + pause, pause);
    loop {
        let frame = tokio::select! {
            _ = pings.tick() => Frame::Ping(Bytes::new()),
            message = messages.recv() => match message {
                Ok(Outgoing::Text(text)) => Frame::Text(text),
                Ok(Outgoing::Picture(bytes)) => Frame::Binary(bytes),
                // A slow page goes on with the newest.
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return,
            },
        };
        if to.send(frame).await.is_err() {
            return;
        }
    }
}

/// Takes what a page sends, until it ends. One that is gone without a word, as when its machine
/// fell asleep, answers no ping: it must not keep the controls.
async fn listen(
    from: &mut SplitStream<WebSocket>,
    shared: &Shared,
    control: bool,
) -> Result<(), Refused> {
    let session = &shared.session;
    while let Ok(Some(received)) = timeout(session.limits.silence, from.next()).await {
        let frame = received.map_err(|error| broken(&error))?;
        receive(frame, session, shared.camera.as_deref(), control)?;
    }
    Ok(())
}

/// Takes what a page sent.
fn receive(
    frame: Frame,
    session: &Session,
    camera: Option<&CameraPort>,
    control: bool,
) -> Result<(), Refused> {
    let refuse = |code, why: &str| Err(Refused { code, why: why.to_owned() });
    match frame {
        Frame::Text(_) | Frame::Binary(_) if !control => {
            refuse(close_code::POLICY, "this connection only watches")
        }
        Frame::Text(text) if text.len() > session.limits.command_bytes => {
            refuse(close_code::SIZE, "command too long")
        }
        Frame::Text(text) => match serde_json::from_str::<Command>(&text) {
            Ok(command) => {
                session.command(command);
                Ok(())
            }
            Err(_) => refuse(close_code::INVALID, "malformed command"),
        },
        Frame::Binary(bytes) => match camera {
            Some(camera) => Ok(camera.receive(session, bytes)?),
            None => refuse(close_code::UNSUPPORTED, "this session has another camera"),
        },
        Frame::Ping(_) | Frame::Pong(_) | Frame::Close(_) => Ok(()),
    }
}

/// What a connection that broke was doing.
fn broken(error: &axum::Error) -> Refused {
    let text = error.to_string();
    let too_long = text.contains("too long") || text.contains("Space limit exceeded");
    let (code, why) = match too_long {
        true => (close_code::SIZE, "message too long"),
        false => (close_code::PROTOCOL, "the connection does not keep to its protocol"),
    };
    Refused { code, why: why.to_owned() }
}
