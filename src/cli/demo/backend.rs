//! The demo's backend: Lambda's Invoke API with a few functions that each play one case.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Either, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};

use super::events::Events;

/// Starts it on a free port of the loopback interface, on a thread of its own.
pub(crate) fn start() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name("demo-backend".into()).spawn(move || runtime.block_on(accept(listener)))?;
    Ok(address)
}

async fn accept(listener: TcpListener) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            // How the connection ended does not matter.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(invoke)).await;
        });
    }
}

async fn invoke(request: Request<Incoming>) -> Result<Response<Either<Full<Bytes>, Events>>, Infallible> {
    if request.uri().path() == "/2021-11-15/functions/stream/response-streaming-invocations" {
        let mut response = Response::new(Either::Right(Events::begin()));
        let kind = http::HeaderValue::from_static("application/vnd.amazon.eventstream");
        response.headers_mut().insert("content-type", kind);
        return Ok(response);
    }
    Ok(call(request).await.map(Either::Left))
}

async fn call(request: Request<Incoming>) -> Response<Full<Bytes>> {
    let path = request.uri().path().to_owned();
    let function = path.strip_prefix("/2015-03-31/functions/").and_then(|rest| rest.strip_suffix("/invocations"));
    let event = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    match function.unwrap_or_default() {
        "succeed" => returned(&succeed(&event)),
        "raise" => raised(&json!({
            "errorMessage": "order 7 does not exist",
            "errorType": "OrderNotFound",
            "stackTrace": ["  File \"/var/task/app.py\", line 12, in handler\n"],
        })),
        "plain" => returned(&json!({"hello": "from a function"})),
        "hide" => returned(&json!({"errorMessage": "order 7 does not exist", "errorType": "OrderNotFound"})),
        "mistyped" => returned(&json!({"statusCode": 200, "body": {"this": "should be text"}})),
        "malformed" => returned(&json!({"status": 200, "answer": "this is not the proxy format"})),
        "throttled" => {
            let body = json!({"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded", "Type": "User",
                "message": "Rate Exceeded."});
            answer(StatusCode::TOO_MANY_REQUESTS, Some(("x-amzn-errortype", "TooManyRequestsException")), &body)
        }
        "slow" => {
            tokio::time::sleep(Duration::from_secs(2)).await;
            returned(&json!({"statusCode": 200, "body": "too late"}))
        }
        "refuse" => raised(&json!({
            "errorMessage": r#"{"statusCode":400,"error":"Bad Request","message":"no such order"}"#,
            "errorType": "Exception",
        })),
        "fail" => raised(&json!({
            "errorMessage": "Internal Error: the database is not there",
            "errorType": "Exception",
        })),
        _ => {
            let body = json!({"Message": format!("Function not found: {path}"), "Type": "User"});
            answer(StatusCode::NOT_FOUND, Some(("x-amzn-errortype", "ResourceNotFoundException")), &body)
        }
    }
}

fn succeed(event: &[u8]) -> Value {
    let event: Value = serde_json::from_slice(event).unwrap_or_default();
    // The two of payload format 2.0 have other places.
    let told = |first: &Value, second: &Value| if first.is_null() { second.clone() } else { first.clone() };
    let method = told(&event["httpMethod"], &event["requestContext"]["http"]["method"]);
    let body = json!({"hello": "from a function", "method": method, "path": told(&event["path"], &event["rawPath"])});
    json!({"statusCode": 200, "headers": {"X-Function": "succeed"}, "body": body.to_string()})
}

fn returned(payload: &Value) -> Response<Full<Bytes>> {
    answer(StatusCode::OK, None, payload)
}

fn raised(payload: &Value) -> Response<Full<Bytes>> {
    answer(StatusCode::OK, Some(("x-amz-function-error", "Unhandled")), payload)
}

fn answer(status: StatusCode, header: Option<(&'static str, &'static str)>, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body.to_string()));
    *response.status_mut() = status;
    if let Some((name, value)) = header {
        response.headers_mut().insert(name, http::HeaderValue::from_static(value));
    }
    response
}
