//! The service of one connection: hyper's request becomes the gateway's, the gateway's response becomes hyper's.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use hyper::body::Incoming;
use tokio::task::{JoinError, JoinHandle};
use tower::{Layer, Service};

use super::departure::{Departing, Departure};
use super::in_flight::{Bounded, InFlightLayer};
use super::service::{Arrived, GatewayService};
use super::worker::Worker;
use crate::failure::Failure;
use crate::http1::body_stream::Body;
use crate::http1::framing::is_bodiless;
use crate::http1::head::{REQUEST_LINES, is_of_the_connection, is_sendable};
use crate::http1::head_tap::{self, Seen};
use crate::http1::head_writer::ResponseHead;
use crate::http1::message::{Header, Headers, Request, Response};
use crate::http1::request_head::{Fault, Told, hosts, target};
use crate::http1::server::Link;
use crate::memory::Client;

type HttpRequest = http::Request<Incoming>;
type HttpResponse = http::Response<Departing>;
type Layered = Bounded<GatewayService>;
type LayeredFuture = <Layered as Service<Arrived>>::Future;

/// What hyper calls for each request of a connection.
pub(crate) struct ConnectionService {
    layered: Layered,
    link: Rc<Link>,
    client: Arc<Client>,
    source_ip: IpAddr,
}

impl ConnectionService {
    /// The service of a connection from `source_ip`.
    pub(crate) fn new(
        worker: &Rc<Worker>,
        link: &Rc<Link>,
        client: &Arc<Client>,
        source_ip: IpAddr,
        in_flight: usize,
    ) -> ConnectionService {
        let metrics = &worker.process.metrics;
        let layer = InFlightLayer::new(
            worker.process.in_flight.clone(),
            in_flight,
            metrics.requests_refused.clone(),
            metrics.in_flight.clone(),
        );
        let layered = layer.layer(GatewayService::new(worker.clone(), client.clone()));
        ConnectionService { layered, link: link.clone(), client: client.clone(), source_ip }
    }
}

impl hyper::service::Service<HttpRequest> for ConnectionService {
    type Response = HttpResponse;
    /// A task that the end of the process took away.
    type Error = JoinError;
    type Future = Answering;

    fn call(&self, request: HttpRequest) -> Answering {
        let head = self.link.begin();
        let is_head = request.method() == Method::HEAD;
        let (parts, body) = request.into_parts();
        let (request, fault) = incoming(&self.link, parts, head, self.source_ip);
        let future = self.layered.clone().call(Arrived { request, body, fault });
        let future = match self.link.is_http2() {
            false => Running::Here(future),
            // An HTTP/2 client may cancel its request, but a call that went out is always counted.
            true => Running::Apart(tokio::task::spawn_local(future)),
        };
        Answering { future, link: Some(self.link.clone()), client: self.client.clone(), is_head }
    }
}

/// A request on its way to an answer.
pub(crate) struct Answering {
    future: Running,
    /// Gone once the answer is there.
    link: Option<Rc<Link>>,
    client: Arc<Client>,
    is_head: bool,
}

enum Running {
    Here(LayeredFuture),
    Apart(JoinHandle<Result<Departure, Infallible>>),
}

impl Future for Answering {
    type Output = Result<HttpResponse, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Ok(departure) = match &mut self.future {
            Running::Here(future) => ready!(Pin::new(future).poll(cx)),
            Running::Apart(task) => ready!(Pin::new(task).poll(cx))?,
        };
        let is_head = self.is_head;
        let Some(link) = self.link.take() else { return Poll::Pending };
        Poll::Ready(Ok(outgoing(&link, &self.client, departure, is_head)))
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        if let Some(link) = self.link.take() {
            link.finish(None);
        }
    }
}

/// hyper's request as the gateway's, header names as the client wrote them; and why it is refused for its head.
fn incoming(link: &Link, parts: Parts, head: Option<Seen>, source_ip: IpAddr) -> (Request, Option<Failure>) {
    let http2 = link.is_http2();
    let (told, fault) = match head {
        Some(Seen { bytes, fault: Some(fault) }) => {
            link.close();
            (Told::of(&bytes), Some(fault))
        }
        Some(Seen { bytes, fault: None }) => match head_tap::headers(&bytes, &parts.headers) {
            Some(headers) => (told(&parts, headers), None),
            None => (distrusted(link, &parts), None),
        },
        None if !http2 => (distrusted(link, &parts), None),
        None => {
            let headers = with_host(&parts);
            let fault = http2_fault(&parts.uri, &headers);
            (told(&parts, headers), fault)
        }
    };
    let Told { method, path, query, headers } = told;
    let (body, time, received) = (Bytes::new(), SystemTime::now(), Instant::now());
    let request = Request { method, path, query, headers, body, source_ip, http2, time, received };
    (request, fault.map(failure))
}

fn told(parts: &Parts, headers: Headers) -> Told {
    Told {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers,
    }
}

/// What hyper reads otherwise than we do.
fn distrusted(link: &Link, parts: &Parts) -> Told {
    link.distrust();
    told(parts, lower_case(&parts.headers))
}

fn failure(fault: Fault) -> Failure {
    match fault {
        Fault::Malformed(what) => Failure::BadHead(what),
        Fault::LongTarget => Failure::UriTooLong,
        Fault::LongHead => Failure::HeadTooLarge,
    }
}

/// The same rules as over HTTP/1, for what hyper lets through.
fn http2_fault(uri: &Uri, headers: &Headers) -> Option<Fault> {
    let of_target = uri.path_and_query().map_or(Ok(()), |path| target(path.as_str().as_bytes()));
    match headers.0.len() > REQUEST_LINES {
        true => Some(Fault::LongHead),
        false => of_target.and_then(|()| hosts(headers.all("host").count(), false)).err(),
    }
}

/// The lines of an HTTP/2 request, its authority as `Host`.
fn with_host(parts: &Parts) -> Headers {
    let mut headers = lower_case(&parts.headers);
    if let Some(authority) = parts.uri.authority()
        && !headers.contains("host")
    {
        let value = Bytes::copy_from_slice(authority.as_str().as_bytes());
        headers.0.insert(0, Header { name: "Host".into(), value });
    }
    headers
}

/// Header lines as HTTP/2 has them; the pieces of a cookie are one line again.
fn lower_case(map: &HeaderMap) -> Headers {
    let mut headers = Headers(Vec::with_capacity(map.len() + 1));
    for (name, value) in map.iter().filter(|(name, _)| *name != COOKIE) {
        headers.push(Bytes::copy_from_slice(name.as_str().as_bytes()), Bytes::copy_from_slice(value.as_bytes()));
    }
    let cookies: Vec<&[u8]> = map.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if !cookies.is_empty() {
        headers.push("cookie", cookies.join(&b"; "[..]));
    }
    headers
}

/// The gateway's response as hyper's. Over HTTP/1 hyper only gets the framing, the head goes another way.
fn outgoing(link: &Rc<Link>, client: &Arc<Client>, departure: Departure, is_head: bool) -> HttpResponse {
    let Departure { mut response, end } = departure;
    // An interim status cannot be a response's.
    let status = StatusCode::from_u16(response.status).ok().filter(|s| !s.is_informational());
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.status = status.as_u16();
    if is_bodiless(response.status) {
        response.body = Bytes::new().into();
    }
    let mut headers = HeaderMap::new();
    let streaming = (link.is_http2() && response.body.is_stream()).then(|| Link::stream(link));
    if link.is_http2() {
        headers = http2_headers(&response, is_head);
        link.finish(None);
    } else {
        if link.is_closing() || response.headers.last("Connection") == Some("close") {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        link.finish(Some(ResponseHead::render(&response, is_head)));
    }
    if is_head && response.body.is_stream() {
        response.body = Bytes::new().into();
    }
    let mut answer = http::Response::new(Departing::new(response.body, end, client.clone(), streaming));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer
}

fn http2_headers(response: &Response, is_head: bool) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(response.headers.0.len() + 2);
    if let Ok(date) = HeaderValue::from_str(&httpdate::fmt_http_date(SystemTime::now())) {
        headers.insert(http::header::DATE, date);
    }
    let ours = |name: &[u8]| is_of_the_connection(name) || name.eq_ignore_ascii_case(b"date");
    for header in response.headers.0.iter().filter(|h| !ours(&h.name) && is_sendable(&h.name, &h.value)) {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(&header.name), HeaderValue::from_maybe_shared(header.value.clone()))
        {
            headers.append(name, value);
        }
    }
    let Body::Whole(body) = &response.body else { return headers };
    if !is_bodiless(response.status) && (is_head || body.is_empty()) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    }
    headers
}
