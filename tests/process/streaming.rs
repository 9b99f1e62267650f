//! Answers that stream: what the backend sends reaches the client piece by piece, and every way in which that can end.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Empty};

use crate::support::http::PATIENCE;
use crate::support::sidecar::{Sidecar, until};
use crate::support::stream::{Backend, Client, say, take_request};

/// A sidecar with one streaming route to it, and more of the integration and the configuration.
fn sidecar(backend: &Backend, integration: &str, more: &str) -> Sidecar {
    let address = backend.address();
    Sidecar::start(&format!(
        "api:\n  minimum_compression_size: 0\n  routes:\n    - path: /s\n      method: ANY\n      integration: {{ \
         type: HTTP_PROXY, uri: 'http://{address}/s', httpMethod: GET, responseTransferMode: STREAM{integration} }}\n\
         {more}"
    ))
}

/// For what is much, on a slow machine.
const LONG: &str = ", timeoutInMillis: 600000";

const HEAD: &str =
    "HTTP/1.1 201 Created\r\nX-Kept: As-Is\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

fn counted(sidecar: &Sidecar, status: u16) -> u32 {
    let series = format!("stagegate_responses_total{{method=\"ANY\",resource=\"/s\",status=\"{status}\"}} ");
    let metrics = sidecar.ask("/metrics");
    metrics.text().lines().find_map(|line| line.strip_prefix(&series)?.parse().ok()).unwrap_or(0)
}

#[test]
fn each_piece_goes_on_as_it_comes() {
    let backend = Backend::new();
    let mut sidecar = sidecar(
        &backend,
        "",
        "log: { access: '$context.status $context.responseLength $context.integration.responseTransferMode' }\n",
    );
    let mut client = Client::get(sidecar.data);
    let mut upstream = backend.accept();
    say(&mut upstream, HEAD);
    let head = client.until("\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 201 Created\r\n"), "{head}");
    for line in
        ["X-Kept: As-Is", "Content-Type: text/event-stream", "Transfer-Encoding: chunked", "Connection: keep-alive"]
    {
        assert!(head.contains(&format!("\r\n{line}\r\n")), "no {line} in {head}");
    }
    assert!(!head.contains("Content-Length") && !head.contains("Content-Encoding"), "{head}");
    say(&mut upstream, "6\r\nfirst;\r\n");
    assert_eq!(client.until("first;\r\n"), "6\r\nfirst;\r\n");
    assert_eq!((counted(&sidecar, 201), sidecar.metric("in_flight_requests")), (0, 1.0));
    say(&mut upstream, "5;x=y\r\nsecon\r\n1\r\nd\r\n0\r\nTrailer: x\r\n\r\n");
    let rest = client.until("0\r\n\r\n");
    assert_eq!(rest.replace("5\r\nsecon\r\n1\r\nd\r\n", "6\r\nsecond\r\n"), "6\r\nsecond\r\n0\r\n\r\n");
    until("counted", || counted(&sidecar, 201) == 1 && sidecar.metric("in_flight_requests") == 0.0);
    for histogram in ["request_duration", "integration_duration", "response_first_byte"] {
        let series = format!("{histogram}_seconds_count{{method=\"ANY\",resource=\"/s\"}}");
        until(histogram, || sidecar.metric(&series) == 1.0);
    }
    until("logged", || sidecar.output() == "201 12 STREAMED\n");
    until("kept", || sidecar.ask("/requests").json()[0]["status"] == 201);
    assert_eq!(sidecar.ask("/requests").json()[0]["response_bytes"], 12);

    // Both connections go on.
    say(&mut client.0, "GET /s HTTP/1.1\r\nHost: x\r\n\r\n");
    take_request(&upstream);
    say(&mut upstream, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlast");
    client.until("\r\n\r\n");
    assert_eq!(client.until("0\r\n\r\n"), "4\r\nlast\r\n0\r\n\r\n");

    // And the end of the process waits for a stream.
    say(&mut client.0, "GET /s HTTP/1.1\r\nHost: x\r\n\r\n");
    take_request(&upstream);
    say(&mut upstream, &format!("{HEAD}1\r\na\r\n"));
    client.until("\r\n\r\n1\r\na\r\n");
    sidecar.signal("TERM");
    sidecar.wait_for_log("shutting down");
    until("not ready", || TcpStream::connect(sidecar.data).is_err());
    say(&mut upstream, "1\r\nb\r\n0\r\n\r\n");
    assert_eq!(client.rest(), "1\r\nb\r\n0\r\n\r\n");
    assert!(sidecar.wait().success());
}

#[test]
fn bodies_to_the_connections_end() {
    let backend = Backend::new();
    let sidecar = sidecar(&backend, "", "");
    let mut client = Client::ask(sidecar.data, "GET /s HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    let mut upstream = backend.accept();
    say(&mut upstream, "HTTP/1.1 200 OK\r\n\r\nfirst;");
    let head = client.until("\r\n\r\n");
    assert!(head.starts_with("HTTP/1.0 200 OK") && head.contains("\r\nConnection: close\r\n"), "{head}");
    assert!(!head.contains("Transfer-Encoding") && !head.contains("Content-Length"), "{head}");
    assert_eq!(client.until("first;"), "first;");
    say(&mut upstream, "second");
    drop(upstream);
    assert_eq!(client.rest(), "second");

    for (request, status) in [("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Not Modified")] {
        let mut client = Client::ask(sidecar.data, &format!("{request} /s HTTP/1.1\r\nHost: x\r\n\r\n"));
        say(&mut backend.accept(), &format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"));
        let head = client.until("\r\n\r\n");
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{head}");
        say(&mut client.0, "GET /s HTTP/1.1\r\nHost: x\r\n\r\n");
        say(&mut backend.accept(), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        client.until("\r\n\r\n");
        assert_eq!(client.until("0\r\n\r\n"), "2\r\nok\r\n0\r\n\r\n", "behind {request} {status}");
    }
}

/// The client of a stream that is cut sees that something is missing.
#[test]
fn a_cut_stream_has_no_last_chunk() {
    let backend = Backend::new();
    let mut sidecar = sidecar(&backend, "", "");
    let before = sidecar.sockets();
    for (head, reason) in [
        (HEAD, "the backend closed the connection"),
        ("HTTP/1.1 201 X\r\nContent-Length: 99\r\n\r\n", "the backend closed the connection"),
    ] {
        let mut client = Client::get(sidecar.data);
        let mut upstream = backend.accept();
        say(&mut upstream, head);
        say(&mut upstream, "1\r\na\r\n");
        drop(upstream);
        let seen = client.rest();
        assert!(seen.contains("a\r\n") && !seen.ends_with("0\r\n\r\n"), "{seen}");
        assert!(sidecar.wait_for_log("a streamed answer was cut").contains(reason));
    }
    let mut client = Client::get(sidecar.data);
    let mut upstream = backend.accept();
    say(&mut upstream, &format!("{HEAD}1\r\na\r\n"));
    client.until("\r\n\r\n1\r\na\r\n");
    say(&mut upstream, "nonsense");
    assert_eq!(client.rest(), "");
    assert!(sidecar.wait_for_log("chunks are broken").contains("a streamed answer was cut"));
    until("counted", || counted(&sidecar, 201) == 3);
    drop((client, upstream));
    until("closed", || sidecar.sockets() <= before);
    until("done", || sidecar.metric("in_flight_requests") == 0.0);
    assert_eq!(counted(&sidecar, 201), 3);
}

#[test]
fn time_runs_out() {
    let backend = Backend::new();
    // The one time runs out while the other is long: which of them it is must not depend on the machine.
    let mut of_both = sidecar(&backend, ", timeoutInMillis: 3000", "");
    let mut of_idle = sidecar(&backend, "", "limits: { stream_idle: 200ms }\n");
    let sidecar = &mut of_both;
    let mut client = Client::get(sidecar.data);
    let upstream = backend.accept();
    assert!(client.until("\r\n\r\n").starts_with("HTTP/1.1 504 "));
    drop(upstream);

    let mut client = Client::get(sidecar.data);
    let mut upstream = backend.accept();
    say(&mut upstream, HEAD);
    while upstream.write_all(b"1\r\na\r\n").is_ok() {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(!client.rest().ends_with("0\r\n\r\n"));
    sidecar.wait_for_log("the integration's timeout has passed");
    until("counted", || (counted(sidecar, 201), counted(sidecar, 504)) == (1, 1));

    let mut client = Client::get(of_idle.data);
    let mut upstream = backend.accept();
    say(&mut upstream, &format!("{HEAD}1\r\na\r\n"));
    assert!(client.rest().ends_with("1\r\na\r\n"));
    of_idle.wait_for_log("nothing came for 200ms");
    assert_eq!(upstream.read(&mut [0]).expect("an end"), 0);
    until("counted", || counted(&of_idle, 201) == 1);
}

#[test]
fn a_client_that_leaves_ends_the_call() {
    let backend = Backend::new();
    let sidecar = sidecar(&backend, "", "");
    let before = sidecar.sockets();
    let mut client = Client::get(sidecar.data);
    let mut upstream = backend.accept();
    say(&mut upstream, &format!("{HEAD}1\r\na\r\n"));
    client.until("\r\n\r\n1\r\na\r\n");
    drop(client);
    until("closed", || upstream.write_all(b"1\r\na\r\n").is_err());
    until("counted", || counted(&sidecar, 201) == 1);
    until("closed", || sidecar.sockets() <= before);
    until("done", || sidecar.metric("in_flight_requests") == 0.0);
    assert_eq!(counted(&sidecar, 201), 1);
}

/// More than a buffered answer may have; the sidecar holds a small part of it.
#[test]
fn a_slow_client_slows_the_backend() {
    const SIZE: usize = 64 * 1024 * 1024;
    let backend = Backend::new();
    let sidecar = sidecar(&backend, LONG, "");
    let mut client = Client::get(sidecar.data);
    let mut upstream = backend.accept();
    say(&mut upstream, &format!("HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n"));
    client.until("\r\n\r\n");
    upstream.set_write_timeout(Some(Duration::from_millis(500))).expect("a timeout");
    let piece = vec![b'x'; 64 * 1024];
    let mut written = 0;
    while written < SIZE {
        match upstream.write(&piece[..piece.len().min(SIZE - written)]) {
            Ok(n) => written += n,
            Err(_) => break,
        }
    }
    assert!(written < SIZE / 2, "{written} bytes were taken while the client took none");
    let writer = std::thread::spawn(move || {
        upstream.set_write_timeout(Some(PATIENCE)).expect("a timeout");
        while written < SIZE {
            written += upstream.write(&piece[..piece.len().min(SIZE - written)]).expect("a sidecar that goes on");
        }
        upstream
    });
    assert_eq!(client.body_in_chunks(), SIZE);
    drop(writer.join().expect("a writer"));
    client.0.shutdown(Shutdown::Both).expect("a connection");
}

#[tokio::test]
async fn over_http2() {
    let backend = Arc::new(Backend::new());
    let sidecar = sidecar(&backend, "", "limits: { idle_timeout: 3s, stream_idle: 60s }\n");
    let stream = tokio::net::TcpStream::connect(sidecar.data).await.expect("a connection");
    let io = hyper_util::rt::TokioIo::new(stream);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, io).await.expect("HTTP/2");
    tokio::spawn(connection);
    for cut in [false, true] {
        let request = http::Request::get(format!("http://{}/s", sidecar.data)).body(Empty::<bytes::Bytes>::new());
        let answer = tokio::spawn(sender.send_request(request.expect("a request")));
        let accepting = backend.clone();
        let upstream = tokio::task::spawn_blocking(move || accepting.accept());
        let mut upstream = upstream.await.expect("a connection");
        say(&mut upstream, &format!("{HEAD}1\r\na\r\n"));
        let mut body = answer.await.expect("a task").expect("an answer").into_body();
        let piece = body.frame().await.expect("a piece").expect("a piece").into_data().expect("data");
        assert_eq!(&piece[..], b"a");
        if cut {
            drop(upstream);
            assert!(body.collect().await.is_err(), "it looks complete");
            continue;
        }
        // The connection has nothing else to do for longer than an idle one is kept.
        tokio::time::sleep(Duration::from_secs(4)).await;
        say(&mut upstream, "1\r\nb\r\n0\r\nConnection: close\r\n\r\n");
        assert_eq!(&body.collect().await.expect("a whole body").to_bytes()[..], b"b");
        drop(upstream);
    }
    until("counted", || counted(&sidecar, 201) == 2);
}
