//! One page's connection: what the session says goes out; commands and pictures of the page in
//! control come in.

use axum::extract::ws::{
    CloseFrame, Message as Frame, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code,
};
use axum::extract::{Query, State};
use axum::http::header::SEC_WEBSOCKET_PROTOCOL;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;

use super::Shared;
use super::guard::refusal;
use crate::live::camera::{CameraPort, PictureError};
use crate::live::hub::Outgoing;
use crate::live::message::{CAMERA_HEADER, Command, Message};
use crate::live::state::{Connection, Control, FeedState, Session};

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
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !shared.gate.admits(token(&headers)) {
        return refusal(StatusCode::UNAUTHORIZED, "the token is wrong or missing");
    }
    let Some(connection) = shared.session.connect() else {
        return refusal(StatusCode::SERVICE_UNAVAILABLE, "too many connections; close one first");
    };
    let control = if wish.control { shared.session.control() } else { None };
    if wish.control && control.is_none() {
        return refusal(StatusCode::CONFLICT, "another page controls this session");
    }
    let limits = &shared.session.limits;
    // Anything longer is cut off while it comes in; what is checked later fits in between.
    let longest = limits.picture_bytes.max(limits.command_bytes) + 2 * CAMERA_HEADER;
    upgrade
        .protocols([PROTOCOL])
        .max_message_size(longest)
        .max_frame_size(longest)
        .on_upgrade(move |socket| serve(socket, shared, connection, control))
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get(SEC_WEBSOCKET_PROTOCOL)?.to_str().ok()?;
    all.split(',').find_map(|protocol| protocol.trim().strip_prefix("token."))
}

async fn serve(mut socket: WebSocket, shared: Shared, place: Connection, control: Option<Control>) {
    let refused = talk(&mut socket, &shared, control.is_some()).await.err();
    if control.is_some() && shared.camera.is_some() {
        let why = "the page with the camera is gone; open it again to go on".to_owned();
        shared.session.feed(FeedState::Lost { why, retry_ms: None });
    }
    // Others may have the place and the controls while this one is told why.
    drop((place, control));
    if let Some(Refused { code, why }) = refused {
        let _ = socket.send(Frame::Close(Some(CloseFrame { code, reason: why.into() }))).await;
        // The page answers the closing, or is gone.
        while let Some(Ok(_)) = socket.recv().await {}
    }
}

/// Speaks with one page until either side ends it.
async fn talk(socket: &mut WebSocket, shared: &Shared, control: bool) -> Result<(), Refused> {
    let session = &shared.session;
    let (found, mut messages) = session.hub.subscribe();
    let first = [Utf8Bytes::from(&*shared.hello), Message::Role { control }.json().into()];
    let state = Utf8Bytes::from(session.state_json());
    for text in first.into_iter().chain([state]).chain(found) {
        if socket.send(Frame::Text(text)).await.is_err() {
            return Ok(());
        }
    }
    loop {
        tokio::select! {
            message = messages.recv() => {
                let frame = match message {
                    Ok(Outgoing::Text(text)) => Frame::Text(text),
                    Ok(Outgoing::Picture(bytes)) => Frame::Binary(bytes),
                    // A slow page goes on with the newest.
                    Err(RecvError::Lagged(_)) => continue,
                    Err(RecvError::Closed) => return Ok(()),
                };
                if socket.send(frame).await.is_err() {
                    return Ok(());
                }
            }
            received = socket.recv() => match received {
                Some(Ok(frame)) => receive(frame, session, shared.camera.as_deref(), control)?,
                Some(Err(error)) => return Err(broken(&error)),
                None => return Ok(()),
            },
        }
    }
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
