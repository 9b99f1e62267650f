//! The admin port: probes, metrics, and the inspector with its page.

use std::convert::Infallible;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT, ACCEPT_ENCODING, ALLOW, CONTENT_ENCODING, VARY};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use super::answer::{AdminResponse, TEXT, json, respond, text};
use super::configuration::configuration;
use super::page::page;
use super::visitor::Visitor;
use super::{events, playground, usage};
use crate::case::recorded;
use crate::config::Places;
use crate::exchange::query::decode_path;
use crate::http1::accept;
use crate::metrics::{END, Exposition, Metrics};
use crate::server::process::Process;
use crate::server::{definition, http_definition};

/// Connections at once.
const CONNECTIONS: usize = 256;
/// Time for a request's head, and that an idle connection is kept.
const PATIENCE: Duration = Duration::from_secs(60);
/// To whom everything is answered.
#[derive(Clone, Copy)]
struct Open {
    to_all: bool,
    /// The connection comes from this machine.
    local: bool,
}

/// Serves the admin port for as long as it is polled.
pub(crate) async fn serve(listener: TcpListener, process: Arc<Process>, allow_remote: bool) {
    let serve = |stream, peer: SocketAddr| {
        connection(
            stream,
            process.clone(),
            Open { to_all: allow_remote, local: peer.ip().to_canonical().is_loopback() },
        )
    };
    accept::serve(listener, CONNECTIONS, serve).await;
}

async fn connection(stream: TcpStream, process: Arc<Process>, open: Open) {
    let service = service_fn(|request| {
        let process = process.clone();
        async move {
            Ok::<_, Infallible>(match request.uri().path() {
                "/metrics" if is_read(&request) && is_of_our_page(&request) => metrics(&request, process).await,
                "/playground" if *request.method() == Method::POST => match refused(&request, open) {
                    Some(refused) => refused,
                    None => playground::answer(request, process).await,
                },
                "/configuration" if is_read(&request) => match refused(&request, open) {
                    Some(refused) => refused,
                    None => json(&configuration(process).await),
                },
                _ => answer(&request, &process, open),
            })
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    // How the connection ended does not matter.
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

fn is_read(request: &Request<Incoming>) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
}

fn answer(request: &Request<Incoming>, process: &Arc<Process>, open: Open) -> AdminResponse {
    if !is_read(request) {
        return not_allowed("only GET and HEAD\n", "GET, HEAD");
    }
    if !is_of_our_page(request) {
        return text(StatusCode::FORBIDDEN, "not for pages of another origin\n");
    }
    match request.uri().path() {
        "/livez" => text(StatusCode::OK, "alive\n"),
        "/startupz" => text(StatusCode::OK, "started\n"),
        "/readyz" if process.ready.load(Ordering::Relaxed) => text(StatusCode::OK, "ready\n"),
        "/readyz" => text(StatusCode::SERVICE_UNAVAILABLE, "draining\n"),
        path => match refused(request, open) {
            Some(refused) => refused,
            None => told(path, request, process),
        },
    }
}

/// What is only for this machine, unless it is open to all.
fn told(path: &str, request: &Request<Incoming>, process: &Arc<Process>) -> AdminResponse {
    match path {
        "/" => page(),
        "/definition" => json(&served(process)),
        "/problems" => json(&problems(process)),
        "/requests" => json(&Value::Array(process.inspector.after(0).1)),
        "/events" => events::stream(request, process),
        "/playground" => not_allowed("only POST\n", "POST"),
        path => match path.strip_prefix("/requests/") {
            Some(rest) => exchange(rest, process),
            None => text(StatusCode::NOT_FOUND, "not found\n"),
        },
    }
}

fn not_allowed(sentence: &'static str, allowed: &'static str) -> AdminResponse {
    let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, sentence);
    answer.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    answer
}

/// Why what is behind probes and metrics is not for who asks.
fn refused(request: &Request<Incoming>, open: Open) -> Option<AdminResponse> {
    if !is_of_our_page(request) {
        return Some(text(StatusCode::FORBIDDEN, "not for pages of another origin\n"));
    }
    let is_open = open.to_all || open.local && visitor(request).names_this_machine();
    (!is_open).then(|| text(StatusCode::FORBIDDEN, "only for this machine (see `admin.allow_remote`)\n"))
}

/// `ID`: one exchange with everything; `ID/case`: the same as a case that `stagegate test` reads.
fn exchange(rest: &str, process: &Process) -> AdminResponse {
    let (id, form) = rest.split_once('/').map_or((rest, None), |(id, form)| (id, Some(form)));
    // The ids of HTTP APIs end with `=`, which the page writes as `%3D`.
    match (process.inspector.get(&decode_path(id)), form) {
        (Some(exchange), None) => json(&exchange),
        (Some(exchange), Some("case")) => respond(StatusCode::OK, TEXT, recorded::file(&exchange, "stagegate.yaml")),
        _ => text(StatusCode::NOT_FOUND, "not found\n"),
    }
}

fn is_of_our_page(request: &Request<Incoming>) -> bool {
    visitor(request).is_of_our_page()
}

fn visitor(request: &Request<Incoming>) -> Visitor<'_> {
    Visitor::new(request.uri(), request.headers())
}

/// The definition that is served now, and how often one was loaded.
fn served(process: &Process) -> Value {
    let generation = process.current();
    let gateway = &generation.gateway;
    let rest = gateway.rest().map(|api| definition::describe(api, &process.metrics));
    let http = || gateway.http().map(|api| http_definition::describe(api, &process.metrics));
    let mut shown = rest.or_else(http).unwrap_or_default();
    shown["loads"] = generation.number.into();
    name_places(&mut shown, &generation.places);
    shown
}

/// File and line of each method and of its rules.
fn name_places(shown: &mut Value, places: &Places) {
    for resource in shown["resources"].as_array_mut().into_iter().flatten() {
        let path = resource["path"].as_str().unwrap_or_default().to_owned();
        for method in resource["methods"].as_array_mut().into_iter().flatten() {
            let Some(own) = places.method(&path, method["method"].as_str().unwrap_or_default()) else { continue };
            if let Some(place) = own.line.told() {
                method["place"] = place.into();
            }
            let rules = method["responses"].as_array_mut().into_iter().flatten();
            for (rule, (line, _)) in rules.zip(&own.responses) {
                if let Some(place) = line.told() {
                    rule["place"] = place.into();
                }
            }
        }
    }
}

/// What was found when the running definition was loaded, and whether exchanges are kept.
fn problems(process: &Process) -> Value {
    let generation = process.current();
    let findings = generation.problems.iter().map(|problem| {
        json!({
            "severity": problem.severity.to_string(),
            "rule": problem.rule,
            "file": problem.file.display().to_string(),
            "line": problem.line,
            "place": problem.place,
            "message": problem.message,
        })
    });
    json!({
        "inspector": process.inspector.is_on(),
        "recorded": process.inspector.number(),
        "answered": process.metrics.answered(),
        "listen": process.data.to_string(),
        "problems": findings.collect::<Vec<_>>(),
    })
}

/// Made on a thread of its own, one page at a time: probes and requests do not wait for it.
/// Prometheus asks for gzip, which makes a tenth of it.
async fn metrics(request: &Request<Incoming>, process: Arc<Process>) -> AdminResponse {
    let packs = takes_gzip(request);
    let exposition = wanted(request);
    let turn = process.pages.acquire().await;
    let task_process = process.clone();
    let page = tokio::task::spawn_blocking(move || {
        let metrics = &task_process.metrics;
        if packs { packed(metrics, exposition) } else { plain(metrics, exposition) }
    });
    let page = page.await;
    drop(turn);
    let Ok(Ok(page)) = page else { return text(StatusCode::INTERNAL_SERVER_ERROR, "no metrics\n") };
    let mut answer = respond(StatusCode::OK, exposition.media_type(), page);
    if packs {
        answer.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    answer.headers_mut().insert(VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
    answer
}

/// OpenMetrics for who would rather have it than the text format: Prometheus does.
fn wanted(request: &Request<Incoming>) -> Exposition {
    let weight = |name: &str| {
        weights(request, &ACCEPT).filter(|(own, _)| *own == name).map(|(_, weight)| weight).fold(0.0, f32::max)
    };
    let (open, text) = (weight("application/openmetrics-text"), weight("text/plain"));
    if open > 0.0 && open >= text { Exposition::OpenMetrics } else { Exposition::Text }
}

fn takes_gzip(request: &Request<Incoming>) -> bool {
    let of = |wanted: &str| weights(request, &ACCEPT_ENCODING).find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    of("gzip").or_else(|| of("*")).is_some_and(|(_, weight)| weight > 0.0)
}

/// What a client takes, and how much it would like to.
fn weights<'a>(request: &'a Request<Incoming>, name: &HeaderName) -> impl Iterator<Item = (&'a str, f32)> {
    let lines = request.headers().get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts
            .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
            .map_or(Ok(1.0), str::parse::<f32>);
        (name, weight.unwrap_or(0.0))
    })
}

fn packed(metrics: &Metrics, exposition: Exposition) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    write(metrics, exposition, &mut encoder)?;
    encoder.finish()
}

fn plain(metrics: &Metrics, exposition: Exposition) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    write(metrics, exposition, &mut page)?;
    Ok(page)
}

fn write(metrics: &Metrics, exposition: Exposition, out: &mut dyn Write) -> io::Result<()> {
    metrics.write(out, exposition)?;
    out.write_all(exposition.adapt(usage::families()).as_bytes())?;
    match exposition {
        Exposition::Text => Ok(()),
        Exposition::OpenMetrics => out.write_all(END.as_bytes()),
    }
}
