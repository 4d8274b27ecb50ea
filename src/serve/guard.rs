//! Who may come in: Host, Origin and token.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;

use super::doors::Doors;

/// Sent with everything: the page's own files and connection, and nothing else.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     connect-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// The further headers of every answer.
const HEADERS: [(&str, &str); 6] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(self), microphone=(), geolocation=()"),
];

/// The secret of one run, without which nobody gets in: on this machine, too, others may have
/// accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A new one: 128 bits from the system's random source.
    #[must_use]
    pub fn random() -> Self {
        Self(format!("{:032x}", rand::random::<u128>()))
    }

    /// As it stands in the page's address.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Compares in a time that does not tell how much of it is right.
    fn is(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

/// What is asked of those who come in.
#[derive(Debug, Clone)]
pub struct Gate {
    /// Where the server listens.
    pub address: SocketAddr,
    /// The name it is reached by beside its addresses, as its certificate has it.
    pub name: Option<String>,
    /// Asked for on the connection where it is set.
    pub token: Option<Token>,
    /// The link is encrypted.
    pub encrypted: bool,
}

impl Gate {
    /// The page's address, with the token where one is asked for. The part after `#` stays in the
    /// browser: it is in no log and no request.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.encrypted { "https" } else { "http" };
        let host = self.name.clone().unwrap_or_else(|| match self.address.ip() {
            IpAddr::V6(ip) => format!("[{ip}]"),
            IpAddr::V4(ip) => ip.to_string(),
        });
        let port = self.address.port();
        let token = self.token.as_ref().map(|token| format!("#token={}", token.text()));
        format!("{scheme}://{host}:{port}/{}", token.unwrap_or_default())
    }

    /// Whether a `Host` header names this server. Names that an attacker's name server may point
    /// at this machine are refused; an address cannot be pointed elsewhere.
    #[must_use]
    pub fn is_our_host(&self, host: &str) -> bool {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|c| c.is_ascii_digit()) => name,
            _ => host,
        };
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        bare.parse::<IpAddr>().is_ok()
            || bare.eq_ignore_ascii_case("localhost")
            || self.name.as_deref().is_some_and(|own| bare.eq_ignore_ascii_case(own))
    }

    /// Whether a token opens the connection.
    #[must_use]
    pub fn admits(&self, given: Option<&str>) -> bool {
        self.token.as_ref().is_none_or(|token| token.is(given.unwrap_or_default()))
    }
}

/// Whether a browser's `Origin` is the page that this server serves. Programs send none.
fn is_our_origin(headers: &HeaderMap, host: &str) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let origin = origin.to_str().unwrap_or_default();
    origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) == Some(host)
}

/// What the check needs.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    pub(super) gate: Arc<Gate>,
    pub(super) doors: Doors,
}

/// Checks every request, and sends the headers with every answer.
pub(super) async fn check(
    State(guard): State<Guard>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    request.extensions_mut().insert(guard.doors.stay(peer));
    let headers = request.headers();
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let mut response = if !guard.gate.is_our_host(host) {
        refusal(StatusCode::MISDIRECTED_REQUEST, "this server is not reached by that name")
    } else if !is_our_origin(headers, host) {
        refusal(StatusCode::FORBIDDEN, "pages from elsewhere may not connect")
    } else {
        next.run(request).await
    };
    for (name, value) in HEADERS {
        // A page may have a policy of its own.
        let headers = response.headers_mut();
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// A plain answer that says why.
#[must_use]
pub fn refusal(status: StatusCode, why: &'static str) -> Response {
    (status, format!("{why}\n")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(name: Option<&str>) -> Gate {
        Gate {
            address: "127.0.0.1:8080".parse().unwrap(),
            name: name.map(str::to_owned),
            token: Some(Token("00ff".to_owned())),
            encrypted: false,
        }
    }

    #[test]
    fn addresses_and_the_own_name_are_our_hosts_and_no_other_name_is() {
        let plain = gate(None);
        for host in ["127.0.0.1:8080", "localhost", "LOCALHOST:9", "[::1]:8080", "10.0.0.7:8080"] {
            assert!(plain.is_our_host(host), "{host}");
        }
        for host in ["", "evil.example:8080", "localhost.evil.example", "desk.clinic"] {
            assert!(!plain.is_our_host(host), "{host}");
        }
        assert!(gate(Some("desk.clinic")).is_our_host("Desk.Clinic:8443"));
    }

    #[test]
    fn only_the_whole_token_opens() {
        let gate = gate(None);
        assert!(gate.admits(Some("00ff")));
        for wrong in [None, Some(""), Some("00f"), Some("00ff0"), Some("00FF")] {
            assert!(!gate.admits(wrong), "{wrong:?}");
        }
        assert!(Gate { token: None, ..gate }.admits(None));
        assert_ne!(Token::random(), Token::random());
        assert_eq!(Token::random().text().len(), 32);
    }

    #[test]
    fn only_the_page_s_own_origin_may_connect() {
        let origin = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ORIGIN, HeaderValue::from_str(text).unwrap());
            is_our_origin(&headers, "127.0.0.1:8080")
        };
        assert!(origin("http://127.0.0.1:8080") && origin("https://127.0.0.1:8080"));
        assert!(is_our_origin(&HeaderMap::new(), "127.0.0.1:8080"));
        for foreign in [
            "http://evil.example",
            "null",
            "http://127.0.0.1:9",
            "http://127.0.0.1:8080.evil.example",
        ] {
            assert!(!origin(foreign), "{foreign}");
        }
    }
}
