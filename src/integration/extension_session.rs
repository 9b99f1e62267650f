//! What an extension asks: the Extensions API, and the Telemetry and Logs APIs, which are not there and say so.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::json;

use super::extensions::Subscriptions;
use super::outcome;
use super::runtime_answer::{accepted, answer, refused};
use super::runtime_hub::Hub;
use super::runtime_life::ConnectionId;
use crate::http1::body::collect;
use crate::memory::Reservation;

const NAME: &str = "lambda-extension-name";
const IDENTIFIER: &str = "lambda-extension-identifier";
const ERROR_TYPE: &str = "lambda-extension-function-error-type";

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Register,
    Next,
    InitError,
    ExitError,
    Telemetry,
    Logs,
}

impl Asked {
    /// What that path asks, if it is an extension's.
    pub(crate) fn of(method: &Method, path: &str) -> Option<Asked> {
        Some(match (method, path) {
            (&Method::POST, "/2020-01-01/extension/register") => Asked::Register,
            (&Method::GET, "/2020-01-01/extension/event/next") => Asked::Next,
            (&Method::POST, "/2020-01-01/extension/init/error") => Asked::InitError,
            (&Method::POST, "/2020-01-01/extension/exit/error") => Asked::ExitError,
            (&Method::PUT, "/2022-07-01/telemetry") => Asked::Telemetry,
            (&Method::PUT, "/2020-08-15/logs") => Asked::Logs,
            _ => return None,
        })
    }

    /// The answer; of what is refused, too, the body was read, so that the connection can go on.
    pub(crate) async fn answer(
        self,
        hub: &Hub,
        connection: ConnectionId,
        request: Request<Incoming>,
    ) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let body = match collect(body, outcome::LONGEST, Reservation::new()).await {
            Ok((body, _)) => body,
            Err(_) => return forbidden("InvalidRequestFormat", "the body is broken, or too large"),
        };
        match self {
            Asked::Register => register(hub, &head.headers, &body),
            Asked::Next => next(hub, connection, &head.headers).await,
            Asked::InitError => failed(hub, &head.headers, body, Hub::init_error),
            Asked::ExitError => failed(hub, &head.headers, body, Hub::exit_error),
            Asked::Telemetry => not_supported("Telemetry"),
            Asked::Logs => not_supported("Logs"),
        }
    }
}

#[derive(Deserialize)]
struct Registration {
    #[serde(default)]
    events: Vec<String>,
}

fn register(hub: &Hub, headers: &HeaderMap, body: &[u8]) -> Response<Full<Bytes>> {
    if header(headers, NAME).is_none_or(str::is_empty) {
        return forbidden("Extension.InvalidExtensionName", "Empty extension name");
    }
    let registration: Registration = match serde_json::from_slice(body) {
        Ok(registration) => registration,
        Err(e) => return forbidden("InvalidRequestFormat", &e.to_string()),
    };
    let mut subscriptions = Subscriptions::default();
    for event in &registration.events {
        match event.as_str() {
            "INVOKE" => subscriptions.invoke = true,
            "SHUTDOWN" => subscriptions.shutdown = true,
            other => {
                return forbidden("Extension.InvalidEventType", &format!("{other}: expected INVOKE or SHUTDOWN"));
            }
        }
    }
    let Some(id) = hub.extensions.register(subscriptions) else {
        return forbidden("Extension.TooManyExtensions", "Extension limit reached");
    };
    let about = hub.extensions.about();
    let mut told = json!({ "functionName": about.name, "functionVersion": "$LATEST", "handler": "" });
    let features = header(headers, "lambda-extension-accept-feature").unwrap_or_default();
    if features.split(',').any(|feature| feature.trim() == "accountId") {
        told["accountId"] = about.account.as_str().into();
    }
    let mut response = answer(StatusCode::OK, told.to_string());
    identify(&mut response, &id);
    response
}

async fn next(hub: &Hub, connection: ConnectionId, headers: &HeaderMap) -> Response<Full<Bytes>> {
    let id = match identifier(hub, headers) {
        Ok(id) => id,
        Err((kind, message)) => return forbidden(kind, &message),
    };
    let waiting = Waiting::new(hub, connection);
    let event = hub.extensions.next(id).await;
    drop(waiting);
    match event {
        Some(event) => {
            let mut response = answer(StatusCode::OK, event);
            identify(&mut response, id);
            response
        }
        // It has asked again, over another connection.
        None => forbidden("Extension.InvalidExtensionState", "another request for the next event has taken over"),
    }
}

/// A connection that waits for an event, which is no runtime's spare meanwhile.
struct Waiting<'a>(&'a Hub, ConnectionId);

impl Waiting<'_> {
    fn new(hub: &Hub, connection: ConnectionId) -> Waiting<'_> {
        hub.polling(connection, true);
        Waiting(hub, connection)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.polling(self.1, false);
    }
}

/// An extension could not start, or has ended: `fail` fails the function's calls with its error.
fn failed(hub: &Hub, headers: &HeaderMap, body: Bytes, fail: impl Fn(&Hub, &Bytes)) -> Response<Full<Bytes>> {
    if let Err((kind, message)) = identifier(hub, headers) {
        return forbidden(kind, &message);
    }
    let Some(kind) = header(headers, ERROR_TYPE) else {
        return forbidden("Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found");
    };
    let payload = if body.trim_ascii().is_empty() { outcome::error("", Some(kind)) } else { body };
    fail(hub, &payload);
    accepted()
}

/// The extension that asks, or how it is refused: by type and message.
fn identifier<'a>(hub: &Hub, headers: &'a HeaderMap) -> Result<&'a str, (&'static str, String)> {
    let missing = || ("Extension.MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header".to_owned());
    let id = header(headers, IDENTIFIER).filter(|id| !id.is_empty()).ok_or_else(missing)?;
    if hub.extensions.knows(id) {
        return Ok(id);
    }
    Err(("Extension.UnknownExtensionIdentifier", format!("Unknown extension {id}")))
}

fn identify(response: &mut Response<Full<Bytes>>, id: &str) {
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(IDENTIFIER, value);
    }
}

/// In the words of AWS's emulator (fact `extensions`).
fn not_supported(api: &str) -> Response<Full<Bytes>> {
    let kind = format!("{api}.NotSupported");
    refused(StatusCode::ACCEPTED, &kind, &format!("{api} API is not supported"))
}

fn forbidden(kind: &str, message: &str) -> Response<Full<Bytes>> {
    refused(StatusCode::FORBIDDEN, kind, message)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
