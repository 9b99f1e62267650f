//! The service of one HTTP/2 connection: hyper's request becomes the gateway's, the gateway's response becomes hyper's.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::task::{JoinError, JoinHandle};
use tower::{Layer, Service};

use super::departure::{Departing, Departure, End, settle};
use super::http2_link::{Link, Streaming};
use super::in_flight::Bounded;
use super::service::{Arrived, GatewayService, failure};
use super::worker::Worker;
use crate::failure::Failure;
use crate::http1::body_stream::{Body, Cut};
use crate::http1::framing::is_bodiless;
use crate::http1::head::{REQUEST_LINES, is_of_the_connection, is_sendable};
use crate::http1::message::{Header, Headers, Request, Response};
use crate::http1::request_body::RequestBody;
use crate::http1::request_head::{Fault, hosts, target};
use crate::memory::Client;

type HttpRequest = http::Request<Incoming>;
type HttpResponse = http::Response<Outgoing>;
type Layered = Bounded<GatewayService>;

/// What hyper calls for each request of a connection.
pub(crate) struct Http2Service {
    layered: Layered,
    link: Rc<Link>,
    source_ip: IpAddr,
}

impl Http2Service {
    /// The service of a connection from `source_ip`.
    pub(crate) fn new(
        worker: &Rc<Worker>,
        client: &Arc<Client>,
        link: &Rc<Link>,
        source_ip: IpAddr,
        in_flight: usize,
    ) -> Http2Service {
        let layered = worker.in_flight_layer(in_flight).layer(GatewayService::new(worker.clone(), client.clone()));
        Http2Service { layered, link: link.clone(), source_ip }
    }
}

impl hyper::service::Service<HttpRequest> for Http2Service {
    type Response = HttpResponse;
    /// A task that the end of the process took away.
    type Error = JoinError;
    type Future = Answering;

    fn call(&self, request: HttpRequest) -> Answering {
        self.link.begin();
        let is_head = request.method() == Method::HEAD;
        let (parts, body) = request.into_parts();
        let (request, fault) = incoming(&parts, self.source_ip);
        let arrived = Arrived { request, body: RequestBody::Http2(body), fault };
        // The client may cancel its request, but a call that went out is always counted.
        let task = tokio::task::spawn_local(self.layered.clone().call(arrived));
        Answering { task, link: Some(self.link.clone()), is_head }
    }
}

/// A request on its way to an answer.
pub(crate) struct Answering {
    task: JoinHandle<Result<Departure, Infallible>>,
    /// Gone once the answer is there.
    link: Option<Rc<Link>>,
    is_head: bool,
}

impl Future for Answering {
    type Output = Result<HttpResponse, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Ok(departure) = ready!(Pin::new(&mut self.task).poll(cx))?;
        let is_head = self.is_head;
        let Some(link) = self.link.take() else { return Poll::Pending };
        Poll::Ready(Ok(outgoing(&link, departure, is_head)))
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        if let Some(link) = self.link.take() {
            link.finish();
        }
    }
}

/// hyper's request as the gateway's; and why it is refused for its head.
fn incoming(parts: &Parts, source_ip: IpAddr) -> (Request, Option<Failure>) {
    let headers = with_host(parts);
    let fault = http2_fault(&parts.uri, &headers);
    let request = Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers,
        body: Bytes::new(),
        source_ip,
        http2: true,
        time: SystemTime::now(),
        received: Instant::now(),
    };
    (request, fault.map(failure))
}

/// The same rules as over HTTP/1, for what hyper lets through (fact `malformed-head-http2`).
fn http2_fault(uri: &Uri, headers: &Headers) -> Option<Fault> {
    if headers.0.len() > REQUEST_LINES {
        return Some(Fault::LongHead);
    }
    let of_target = uri.path_and_query().map_or(Ok(()), |path| target(path.as_str().as_bytes()));
    let checked =
        of_target.and_then(|()| hosts(headers.all("host").count(), false)).and_then(|()| one_host(uri, headers));
    checked.err()
}

/// An authority and a `Host` that differ could be read in two ways, and an authority names no user (RFC 9113, 8.3.1).
fn one_host(uri: &Uri, headers: &Headers) -> Result<(), Fault> {
    let Some(authority) = uri.authority().map(|authority| authority.as_str().as_bytes()) else { return Ok(()) };
    if authority.contains(&b'@') {
        return Err(Fault::Malformed("an authority with a user"));
    }
    match headers.all("host").all(|host| host.value.eq_ignore_ascii_case(authority)) {
        true => Ok(()),
        false => Err(Fault::Malformed("a Host other than the authority")),
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

/// The gateway's response as hyper's.
fn outgoing(link: &Rc<Link>, departure: Departure, is_head: bool) -> HttpResponse {
    let Departure { mut response, end } = departure;
    let status = settle(&mut response);
    let streaming = response.body.is_stream().then(|| Link::stream(link));
    let headers = http2_headers(&response, is_head);
    link.finish();
    if is_head && response.body.is_stream() {
        response.body = Bytes::new().into();
    }
    let mut answer = http::Response::new(Outgoing::new(response.body, end, streaming));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer
}

/// A response's body as hyper takes it. An answer counts once hyper has taken the last of it, or has given up.
pub(crate) struct Outgoing {
    data: Data,
    /// The connection may have nothing else to do.
    _streaming: Option<Streaming>,
}

enum Data {
    /// With what ends when hyper has it.
    Whole {
        data: Option<Bytes>,
        _end: End,
    },
    Stream(Departing),
    /// A stream that ends too soon: hyper first writes what it has.
    Cut(Option<Cut>),
    Nothing,
}

impl Outgoing {
    fn new(body: Body, end: End, streaming: Option<Streaming>) -> Outgoing {
        let data = match body {
            Body::Whole(body) => Data::Whole { data: Some(body).filter(|body| !body.is_empty()), _end: end },
            Body::Stream(stream) => Data::Stream(Departing::new(stream, end)),
        };
        Outgoing { data, _streaming: streaming }
    }
}

impl hyper::body::Body for Outgoing {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let data = &mut self.get_mut().data;
        let stream = match data {
            Data::Whole { data, .. } => return Poll::Ready(data.take().map(|data| Ok(Frame::data(data)))),
            Data::Cut(cut) => return Poll::Ready(cut.take().map(Err)),
            Data::Nothing => return Poll::Ready(None),
            Data::Stream(stream) => stream,
        };
        match ready!(stream.poll_next(cx)) {
            Some(Ok(piece)) => Poll::Ready(Some(Ok(Frame::data(piece)))),
            Some(Err(cut)) => {
                *data = Data::Cut(Some(cut));
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            None => {
                *data = Data::Nothing;
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.data, Data::Whole { data: None, .. } | Data::Nothing)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.data {
            Data::Whole { data, .. } => SizeHint::with_exact(data.as_ref().map_or(0, |data| data.len() as u64)),
            Data::Nothing => SizeHint::with_exact(0),
            Data::Stream(_) | Data::Cut(_) => SizeHint::default(),
        }
    }
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
