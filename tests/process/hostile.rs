//! Random and hostile byte streams, to the data port and to hyper, whose reading of HTTP/1.1 is the measure: the same requests are
//! understood, in the same order, or the difference is one of those listed here.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};

use crate::support::http::PATIENCE;
use crate::support::lambda::{Backend, Reply};
use crate::support::sidecar::Sidecar;

/// How many streams are sent, unless `HOSTILE_STREAMS` says otherwise.
const STREAMS: u64 = 3_000;

/// Seeds of streams that show what is seldom met: all that a hundred thousand streams had beyond the first three thousand.
pub(super) const RARE: [u64; 8] = [25_658, 27_390, 36_448, 50_590, 58_400, 62_702, 80_663, 99_915];

/// What the gateway takes as a method; others it answers by itself.
const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"];

/// A difference that is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Difference {
    /// We refuse what hyper takes: two hosts, none, raw characters, behind a `#` too, a coding that is not `chunked` alone, a length
    /// beside the coding that is none, a lone line feed among trailers.
    Stricter,
    /// hyper answers 400 to a head that is wrong before its end has come; we wait for the end.
    Waits,
    /// Both refuse; to a client of HTTP/1.0 that asked to be kept hyper does not say that it closes.
    Keeps,
    /// We close as a `Connection` line says that is not all ASCII; hyper does not read such a line.
    Closes,
}

const DIFFERENCES: usize = 4;

pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

/// A request, well-formed or nearly so.
fn request(numbers: &mut Numbers) -> String {
    let method = numbers.of(&["GET", "GET", "POST", "PUT", "DELETE", "BREW"]);
    let target = numbers.of(&["/", "/a", "/a/b", "/a%20b", "/a~", "/a?q=1", "http://h/p", "/{a}", "*", "/a#b", "/é"]);
    let version = numbers.of(&["1.1", "1.1", "1.1", "1.1", "1.0", "1.2"]);
    let end = numbers.of(&["\r\n", "\r\n", "\r\n", "\r\n", "\n"]);
    let mut head = format!("{method} {target} HTTP/{version}{end}");
    if numbers.below(12) > 0 {
        let _ = write!(head, "Host: t{end}");
    }
    for _ in 0..numbers.below(4) {
        let line = numbers.of(&[
            "X-A: 1",
            "x-a: 2",
            "X-B:",
            "X-C:\t c \t",
            "Connection: close",
            "Connection: keep-alive",
            "Host: u",
            "X-D: é",
            "Expect: 100-continue",
            "X-E: a:b",
            "Upgrade: h2c",
            "Connection: x, close",
        ]);
        let _ = write!(head, "{line}{end}");
    }
    let body = numbers.of(&["", "", "h", "hello", "GET / HTTP/1.1\r\nHost: t\r\n\r\n"]);
    let chunked = || format!("{:x}\r\n{body}\r\n", body.len());
    match numbers.below(8) {
        0 | 1 => head + end,
        2..=4 => format!("{head}Content-Length: {}{end}{end}{body}", body.len()),
        5 if !body.is_empty() => format!("{head}Transfer-Encoding: chunked{end}{end}{}0\r\n\r\n", chunked()),
        6 if !body.is_empty() => {
            let extra = numbers.of(&[";x", " ;x=\"y\"", " ", "\t"]);
            let trailer = numbers.of(&["", "T: x\r\n", "none\r\n", "T : x\r\n"]);
            let chunk = chunked().replacen('\r', &format!("{extra}\r"), 1);
            format!("{head}transfer-encoding: Chunked{end}{end}{chunk}0\r\n{trailer}\r\n")
        }
        _ => {
            let framing = numbers.of(&[
                "Content-Length: 5\r\nTransfer-Encoding: chunked",
                "Content-Length: 5\r\nContent-Length: 5",
                "Content-Length: 5\r\nContent-Length: 6",
                "Content-Length: +5",
                "Content-Length: 5, 5",
                "Transfer-Encoding: gzip, chunked",
                "Transfer-Encoding: identity",
                "Transfer-Encoding: chunked, chunked",
                "Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
                "Content-Length: 99999999999999999999",
                "Transfer-Encoding : chunked",
                "Transfer-Encoding: chunked\r\nContent-Length: 5",
            ]);
            format!("{head}{framing}{end}{end}5\r\nhello\r\n0\r\n\r\n")
        }
    }
}

/// A stream of requests, most often spoilt somewhere.
pub(super) fn stream(numbers: &mut Numbers) -> Vec<u8> {
    const PARTS: &[&[u8]] = &[
        b"\r",
        b"\n",
        b"\r\n",
        b"\r\n\r\n",
        b" ",
        b"\t",
        b":",
        b";",
        b",",
        b"0",
        b"5",
        b"a",
        b"\0",
        b"\x7f",
        b"\xff",
        b"{",
        b"HTTP/1.0",
        b"Host: x\r\n",
        b"Content-Length: 3\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Connection: close\r\n",
        b"3\r\nabc\r\n",
        b"0\r\n\r\n",
    ];
    let mut stream: Vec<u8> = (0..=numbers.below(3)).flat_map(|_| request(numbers).into_bytes()).collect();
    for _ in 0..numbers.below(4).saturating_sub(1) {
        let (at, part) = (numbers.below(stream.len()), PARTS[numbers.below(PARTS.len())]);
        let end = (at + numbers.below(3) * numbers.below(8)).min(stream.len());
        stream.splice(at..end, part.iter().copied());
    }
    stream
}

/// What a server answers, a line an answer.
pub(super) fn ask(address: SocketAddr, stream: &[u8], step: usize) -> Vec<String> {
    let said = said(address, stream, step);
    let (answers, rest) = answers(&said);
    assert!(rest.is_empty(), "half an answer: {}", rest.escape_ascii());
    answers
}

/// What a server says to a client that sends all of it, in these pieces, and then nothing more.
pub(super) fn said(address: SocketAddr, stream: &[u8], step: usize) -> Vec<u8> {
    let mut socket = TcpStream::connect(address).expect("a connection");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    socket.set_nodelay(true).expect("an option");
    // It may be closed already.
    let _ = stream.chunks(step).try_for_each(|piece| socket.write_all(piece));
    let _ = socket.shutdown(Shutdown::Write);
    let (mut said, mut part) = (Vec::new(), [0; 4096]);
    loop {
        match socket.read(&mut part) {
            Ok(0) => break,
            Ok(read) => said.extend_from_slice(&part[..read]),
            Err(e) if e.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(e) => panic!("{e}: no end after {:?} to {}", said.escape_ascii().to_string(), stream.escape_ascii()),
        }
    }
    said
}

/// The answers, a line each, and what stands behind the last one.
pub(super) fn answers(mut said: &[u8]) -> (Vec<String>, &[u8]) {
    let mut answers = Vec::new();
    while let Some(end) = said.windows(4).position(|four| four == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&said[..end]).to_ascii_lowercase();
        said = &said[end + 4..];
        let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let (body, rest) = said.split_at_checked(length).unwrap_or((said, b""));
        said = rest;
        // hyper tells an old client nothing that it knows: it closes.
        let closes = match (header("connection"), head.starts_with("http/1.0")) {
            (Some("close"), _) | (None, true) => " closes",
            _ => "",
        };
        let doubtful = if header("x-doubtful").is_some() { " doubtful" } else { "" };
        answers.push(format!("{}{closes}{doubtful} {}", &head[9..12], told(body)));
    }
    (answers, said)
}

/// What an event says of the request as it was read.
pub(super) fn told(body: &[u8]) -> String {
    let Ok(event) = serde_json::from_slice::<Value>(body) else { return String::new() };
    if event.get("httpMethod").is_none() {
        return String::new();
    }
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, values) in event["multiValueHeaders"].as_object().into_iter().flatten() {
        for value in values.as_array().into_iter().flatten().filter_map(Value::as_str) {
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }
    // What is the gateway's own is not compared: what it adds to an event, and what it leaves out.
    headers.retain(|(name, _)| name == "host" || name.strip_prefix("x-").is_some_and(|name| name.len() == 1));
    headers.sort();
    format!("{} {} {headers:?} {}", event["httpMethod"], event["path"], event["body"].as_str().unwrap_or_default())
}

/// hyper with a service that tells what it read as an event does.
fn hyper_server() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    listener.set_nonblocking(true).expect("an option");
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                let mut http = hyper::server::conn::http1::Builder::new();
                http.half_close(true);
                tokio::spawn(http.serve_connection(TokioIo::new(stream), hyper::service::service_fn(tell)));
            }
        });
    });
    address
}

async fn tell(request: hyper::Request<Incoming>) -> Result<hyper::Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let answer = hyper::Response::builder();
    let answer = if is_doubtful(&parts) { answer.header("x-doubtful", "yes") } else { answer };
    if body.size_hint().lower() > 10_485_760 {
        return Ok(answer.status(413).header("connection", "close").body(Full::default()).expect("an answer"));
    }
    let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes) else {
        let answer = hyper::Response::builder().status(400).header("connection", "close");
        return Ok(answer.body(Full::default()).expect("an answer"));
    };
    // What has no route.
    if !METHODS.contains(&parts.method.as_str()) || !parts.uri.path().starts_with('/') {
        return Ok(answer.status(403).body(Full::default()).expect("an answer"));
    }
    let mut headers = serde_json::Map::new();
    for name in parts.headers.keys() {
        let values = parts.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        headers.insert(name.to_string(), values.collect());
    }
    let event = json!({
        "httpMethod": parts.method.as_str(),
        "path": parts.uri.path(),
        "multiValueHeaders": headers,
        "body": String::from_utf8_lossy(&body),
    });
    Ok(answer.body(Full::new(event.to_string().into())).expect("an answer"))
}

/// Whether the gateway is to refuse what hyper takes.
fn is_doubtful(parts: &http::request::Parts) -> bool {
    let hosts = parts.headers.get_all("host").iter().count();
    let codings: Vec<&[u8]> = parts.headers.get_all("transfer-encoding").iter().map(|value| value.as_bytes()).collect();
    let is_chunked = matches!(codings[..], [coding] if coding.eq_ignore_ascii_case(b"chunked"));
    let is_raw = |c: char| "\"<>\\^`{|}\u{7f}".contains(c);
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    hosts > 1
        || (hosts == 0 && parts.version == http::Version::HTTP_11)
        || !(codings.is_empty() || is_chunked)
        || target.contains(is_raw)
}

/// The first difference between the answers, if there is one: which it is, or that it is not one that is meant.
fn difference(stream: &[u8], ours: &[String], theirs: &[String]) -> Result<Option<Difference>, String> {
    let at = (0..ours.len().max(theirs.len())).find(|at| ours.get(*at) != theirs.get(*at));
    let Some(at) = at else { return Ok(None) };
    let (is_last, theirs_count) = (at + 1 == ours.len(), theirs.len());
    // hyper asks for the body first.
    let asked = usize::from(theirs.get(at).is_some_and(|answer| answer == "100 "));
    match (ours.get(at).map(String::as_str), theirs.get(at + asked).map(String::as_str)) {
        (Some(ours), Some(theirs))
            if is_last && is_refusal(ours) && (theirs.contains(" doubtful ") || asked == 1 && is_refusal(theirs)) =>
        {
            Ok(Some(Difference::Stricter))
        }
        (Some(ours), Some(_)) if is_last && is_refusal(ours) && is_hidden(stream) => Ok(Some(Difference::Stricter)),
        (Some(ours), Some(theirs)) if ours.replacen(" closes", "", 1) == theirs => match is_refusal(ours) {
            true if has_line(stream, |line| line.ends_with(b"HTTP/1.0")) => Ok(Some(Difference::Keeps)),
            false if has_line(stream, closes_in_raw) => Ok(Some(Difference::Closes)),
            _ => Err(format!("answer {at}\nours:   {ours:?}\ntheirs: {theirs:?}")),
        },
        (None, Some(theirs)) if at + 1 == theirs_count && is_refusal(theirs) => Ok(Some(Difference::Waits)),
        (ours, theirs) => Err(format!("answer {at}\nours:   {ours:?}\ntheirs: {theirs:?}")),
    }
}

/// Whether there is what the service behind hyper does not see: raw characters behind a `#`, a lone line feed among trailers.
fn is_hidden(stream: &[u8]) -> bool {
    let is_raw = |target: &[u8]| target.iter().any(|byte| b"\"<>\\^`{|}\x7f".contains(byte));
    let mut fragments = stream.split(|byte| *byte == b'#').skip(1);
    fragments.any(|rest| rest.split(|byte| *byte == b' ').next().is_some_and(is_raw))
        || stream.windows(4).any(|four| four == b"0\r\n\n")
}

fn has_line(stream: &[u8], is: impl Fn(&[u8]) -> bool) -> bool {
    stream.split(|byte| *byte == b'\n').any(|line| is(line.trim_ascii_end()))
}

fn closes_in_raw(line: &[u8]) -> bool {
    let line = line.to_ascii_lowercase();
    line.starts_with(b"connection:") && line.ends_with(b"close") && !line.is_ascii()
}

pub(super) fn is_refusal(answer: &str) -> bool {
    ["400", "414", "431"].iter().any(|status| answer.starts_with(status)) && answer.contains(" closes")
}

/// A sidecar whose function answers with its event.
pub(super) fn echo() -> (Backend, Sidecar) {
    let backend =
        Backend::start(|seen| Reply::payload(json!({"body": String::from_utf8_lossy(&seen.body)}).to_string()));
    let route = |path: &str| {
        format!("    - {{ path: '{path}', method: ANY, integration: {{ type: AWS_PROXY, function: f }} }}\n")
    };
    let sidecar = Sidecar::start(&format!(
        "api:\n  routes:\n{}{}limits: {{ inspector_exchanges: 0 }}\nfunctions:\n  f: {{ invoke_api: 'http://{}' }}\n",
        route("/"),
        route("/{proxy+}"),
        backend.address,
    ));
    (backend, sidecar)
}

/// How many streams are sent.
pub(super) fn streams() -> u64 {
    std::env::var("HOSTILE_STREAMS").ok().and_then(|n| n.parse().ok()).unwrap_or(STREAMS)
}

#[test]
fn hostile_streams_are_read_as_hyper_reads_them_or_refused() {
    let (_backend, sidecar) = echo();
    let hyper = hyper_server();
    let mut count = BTreeMap::new();
    let mut unknown = Vec::new();
    let streams = streams();
    for seed in (2_000..2_000 + streams).chain(RARE) {
        let mut numbers = Numbers(seed);
        let stream = stream(&mut numbers);
        let step = [stream.len(), 1 + numbers.below(40)][numbers.below(2)];
        let (ours, theirs) = (ask(sidecar.data, &stream, step), ask(hyper, &stream, stream.len()));
        match difference(&stream, &ours, &theirs) {
            Ok(difference) => *count.entry(difference).or_insert(0) += 1,
            Err(what) => unknown.push(format!("{what}\nto stream {seed}: {}\n", stream.escape_ascii())),
        }
    }
    assert!(unknown.is_empty(), "{} differences that are not listed:\n{}", unknown.len(), unknown.concat());
    // The streams are worth something: most are read, and each difference is met.
    assert!(count[&None] > streams / 2 && count.len() == 1 + DIFFERENCES, "{count:?}");
}
