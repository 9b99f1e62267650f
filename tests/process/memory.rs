//! `limits.memory`: what clients make the gateway keep is bounded as a whole, and given back.

use bytes::Bytes;
use http_body_util::Empty;
use serde_json::json;

use super::proxy;
use crate::support::http::{Client, get};
use crate::support::lambda::{Backend, Reply};
use crate::support::sidecar::{Sidecar, until};

const MIB: usize = 1024 * 1024;
/// The bound of these tests; what is asked for is many times more.
const BOUND: usize = 32 * MIB;
/// What the process may take beside the bodies: code, connections, what one request in work needs.
const BESIDE: usize = 64 * MIB;

/// A function whose answers are 5 MB; at `/small` a few bytes.
fn large() -> Backend {
    let answer = json!({"statusCode": 200, "body": "x".repeat(5_000_000)}).to_string();
    Backend::start(move |seen| match seen.json()["path"].as_str() {
        Some("/small") => Reply::payload(r#"{"statusCode":200}"#),
        _ => Reply::payload(answer.clone()),
    })
}

fn start(backend: &Backend) -> (Sidecar, usize) {
    // What the inspector keeps has a bound of its own.
    let variables = [("STAGEGATE_ADMIN__INSPECTOR", "false")];
    let sidecar = Sidecar::start_with(&proxy(backend.address, "limits: { memory: 32MiB }\n"), &variables);
    assert_eq!(get(sidecar.data, "/small").status, 200);
    let before = sidecar.memory("VmRSS");
    (sidecar, before)
}

/// The bound held, somebody was refused for it, and there is room again though nobody let go by himself.
fn check(sidecar: &Sidecar, before: usize) {
    let series = "stagegate_failures_total{cause=\"overloaded\"";
    until("refused", || sidecar.ask("/metrics").text().contains(series));
    until("room for others", || get(sidecar.data, "/large").status == 200);
    assert!(sidecar.metric("buffered_bytes") <= BOUND as f64);
    until("closed", || sidecar.metric("stalled_connections_closed_total") >= 1.0);
    let most = sidecar.memory("VmHWM");
    assert!(most < before + BOUND + BESIDE, "{} MiB, {} before", most / MIB, before / MIB);
}

/// Nothing is held any more, and the system has its memory back.
fn check_given_back(sidecar: &Sidecar, before: usize) {
    until("let go", || sidecar.metric("buffered_bytes") == 0.0);
    until("given back", || sidecar.memory("VmRSS") < before + BOUND / 2);
}

#[test]
fn stalled_uploads_are_bounded_together() {
    let backend = large();
    let (sidecar, before) = start(&backend);
    let part = vec![b'x'; 9_900_000];
    let mut stalled: Vec<Client> = (0..40).map(|_| Client::connect(sidecar.data)).collect();
    for client in &mut stalled {
        client.write("POST /upload HTTP/1.1\r\nHost: t\r\nContent-Length: 10000000\r\n\r\n");
        client.write_some(&part);
    }
    check(&sidecar, before);
    drop(stalled);
    check_given_back(&sidecar, before);
}

#[test]
fn answers_that_nobody_takes_are_bounded_together() {
    let backend = large();
    let (sidecar, before) = start(&backend);
    let mut stalled = Vec::new();
    until("closed", || {
        let mut client = Client::connect(sidecar.data);
        // Several, as the kernel's buffers hold the first.
        client.write("GET /large HTTP/1.1\r\nHost: t\r\n\r\n".repeat(4));
        stalled.push(client);
        sidecar.metric("stalled_connections_closed_total") >= 1.0
    });
    check(&sidecar, before);
    drop(stalled);
    check_given_back(&sidecar, before);
}

#[test]
fn answers_behind_a_closed_window_are_bounded_together() {
    let backend = large();
    let (sidecar, before) = start(&backend);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (statuses, answers) = runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(sidecar.data).await.expect("a connection");
        let mut builder = hyper::client::conn::http2::Builder::new(hyper_util::rt::TokioExecutor::new());
        builder.initial_stream_window_size(1).initial_connection_window_size(1);
        let (mut send, connection) = builder.handshake(hyper_util::rt::TokioIo::new(stream)).await.expect("HTTP/2");
        tokio::spawn(connection);
        let asked: Vec<_> = (0..100)
            .map(|_| {
                let request = http::Request::builder().uri("http://api.example/large").body(Empty::<Bytes>::new());
                send.send_request(request.expect("a request"))
            })
            .collect();
        let mut answers = Vec::new();
        for answer in asked {
            answers.push(answer.await);
        }
        let statuses: Vec<_> = answers.iter().flatten().map(|answer| answer.status().as_u16()).collect();
        (statuses, (answers, send))
    });
    assert!(statuses.contains(&503), "{statuses:?}");
    check(&sidecar, before);
    drop((answers, runtime));
    check_given_back(&sidecar, before);
}
