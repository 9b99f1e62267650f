//! Functions that stream, and ordinary web apps, under AWS's own clients: `lambda_runtime`, `lambda_http`, Node's, Lambda Web Adapter.

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::data;
use crate::support::function::{Function, free_port, python};
use crate::support::function_stream::frame;
use crate::support::sidecar::{Sidecar, until};
use crate::support::stream::Client;

fn sidecar() -> Sidecar {
    Sidecar::start(&std::fs::read_to_string(data("functions").join("streaming.yaml")).expect("a file"))
}

fn ask(sidecar: &Sidecar, path: &str) -> Client {
    Client::ask(sidecar.data, &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
}

/// The sum of a histogram of that route's.
fn sum(sidecar: &Sidecar, histogram: &str, method: &str, resource: &str) -> f64 {
    sidecar.metric(&format!("{histogram}_seconds_sum{{method=\"{method}\",resource=\"{resource}\"}}"))
}

/// A stream of a piece a second: the first is there at once. The client sees that or, if it slept meanwhile, the sidecar did.
fn assert_comes_piece_by_piece(
    sidecar: &Sidecar,
    client: &mut Client,
    first: &str,
    rest: &str,
    method: &str,
    resource: &str,
) {
    client.until(first);
    let begun = Instant::now();
    assert!(client.rest().ends_with(rest));
    let seen = begun.elapsed();
    let counted = format!("request_duration_seconds_count{{method=\"{method}\",resource=\"{resource}\"}}");
    until("counted", || sidecar.metric(&counted) == 1.0);
    let first_byte = sum(sidecar, "response_first_byte", method, resource);
    let whole = sum(sidecar, "request_duration", method, resource);
    assert!(
        seen > Duration::from_millis(1500) || whole - first_byte > 1.5,
        "the rest came {seen:?} behind the first byte, which came after {first_byte} s of {whole} s"
    );
}

#[test]
fn lambda_runtime_streams() {
    let mut sidecar = sidecar();
    let _function = Function::rust_named("stream", &[], sidecar.runtime_api("stream"));
    let mut client = ask(&sidecar, "/stream/words");
    let head = client.until("\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    for line in ["Set-Cookie: a=1", "content-type: text/plain", "Transfer-Encoding: chunked"] {
        assert!(head.contains(&format!("\r\n{line}\r\n")), "no {line} in {head}");
    }
    assert_comes_piece_by_piece(&sidecar, &mut client, "one \r\n", "three\r\n0\r\n\r\n", "GET", "/stream/{what}");
    // It fails in the middle: the client sees that something is missing.
    let mut client = ask(&sidecar, "/stream/fails");
    assert!(client.rest().ends_with("one \r\n"));
    let outcome =
        |outcome: &str| sidecar.metric(&format!("invocations_total{{function=\"stream\",outcome=\"{outcome}\"}}"));
    until("counted", || outcome("function_error") == 1.0);
    until("the first counted", || outcome("success") == 1.0);
    let masked = r#"masked_errors_total{kind="function_error",method="GET",resource="/stream/{what}"}"#;
    until("counted as hidden", || sidecar.metric(masked) == 1.0);
    // Its process dies in the middle.
    let mut client = ask(&sidecar, "/stream/words");
    client.until("one \r\n");
    drop(_function);
    assert!(!client.rest().ends_with("0\r\n\r\n"));
    until("counted", || outcome("function_error") == 2.0);
    until("done", || sidecar.metric("in_flight_requests") == 0.0);
}

#[test]
fn node_s_client_streams() {
    let mut sidecar = sidecar();
    let _function = Function::node_ric("words.handler", sidecar.runtime_api("node"));
    let mut client = ask(&sidecar, "/node/words");
    let head = client.until("\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 202 Accepted\r\n"), "{head}");
    for line in ["Set-Cookie: a=1", "Content-Type: text/plain"] {
        assert!(head.contains(&format!("\r\n{line}\r\n")), "no {line} in {head}");
    }
    assert_comes_piece_by_piece(&sidecar, &mut client, "one \r\n", "three\r\n0\r\n\r\n", "GET", "/node/{what}");
    let mut client = ask(&sidecar, "/node/fails");
    assert!(client.rest().ends_with("one \r\n"));
    let outcome =
        |outcome: &str| sidecar.metric(&format!("invocations_total{{function=\"node\",outcome=\"{outcome}\"}}"));
    until("counted", || outcome("function_error") == 1.0);
    until("the first counted", || outcome("success") == 1.0);
    sidecar.wait_for_log("no more words");
}

#[test]
fn lambda_http_answers_whole_and_streaming() {
    let mut sidecar = sidecar();
    let _functions = [
        Function::rust_named("web", &[], sidecar.runtime_api("web")),
        Function::rust_named("web", &["streaming"], sidecar.runtime_api("streamed-web")),
    ];
    for path in ["/web/a/b", "/streamed-web/a/b"] {
        let said = ask(&sidecar, path).rest();
        assert!(said.starts_with("HTTP/1.1 201 Created\r\n"), "{said}");
        assert!(said.contains("\r\nx-function: web\r\n") && said.contains(&format!("GET /prod{path}")), "{said}");
    }
    for function in ["web", "streamed-web"] {
        let series = format!("invocations_total{{function=\"{function}\",outcome=\"success\"}}");
        until(function, || sidecar.metric(&series) == 1.0);
    }
}

#[test]
fn a_web_app_behind_lambda_web_adapter() {
    let mut sidecar = sidecar();
    let (port, streamed_port) = (free_port(), free_port());
    let _processes = [
        Function::web_app(port),
        Function::web_adapter(port, "buffered", "/web", sidecar.runtime_api("web")),
        Function::web_app(streamed_port),
        Function::web_adapter(streamed_port, "response_stream", "/streamed-web", sidecar.runtime_api("streamed-web")),
    ];
    for path in ["/web/odd?x=1", "/streamed-web/odd?x=1"] {
        let said = ask(&sidecar, path).rest();
        assert!(said.starts_with("HTTP/1.1 203 "), "{said}");
        for part in ["a=1", "b=2", "GET /odd?x=1"] {
            assert!(said.contains(part), "{path}: no {part} in {said}");
        }
    }
    let whole = ask(&sidecar, "/web/events").rest();
    assert!(whole.contains("Content-Length: 27\r\n") && whole.ends_with("data: 2\n\n"), "{whole}");
    let counted = r#"request_duration_seconds_count{method="ANY",resource="/streamed-web/{proxy+}"}"#;
    until("counted", || sidecar.metric(counted) == 1.0);
    let mut client = ask(&sidecar, "/streamed-web/events");
    let head = client.until("data: 0\n\n");
    assert!(head.contains("text/event-stream"), "{head}");
    let begun = Instant::now();
    assert!(client.rest().ends_with("data: 2\n\n\r\n0\r\n\r\n"));
    let seen = begun.elapsed();
    until("counted", || sidecar.metric(counted) == 2.0);
    let times = ["response_first_byte", "request_duration"];
    let [first_byte, whole] = times.map(|of| sum(&sidecar, of, "ANY", "/streamed-web/{proxy+}"));
    // The other request's answer came as a whole.
    assert!(seen > Duration::from_millis(1500) || whole - first_byte > 1.5, "{seen:?}, {first_byte} s of {whole} s");
    // The adapter is an extension that wants to know of no end: the sidecar's does not wait for it.
    sidecar.signal("TERM");
    assert!(sidecar.wait().success());
}

#[test]
fn what_botocore_reads_of_the_frames() {
    let mut child = python()
        .arg(data("functions").join("frames.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python");
    let frames =
        [frame("PayloadChunk", b"{}\0"), frame("PayloadChunk", "é".as_bytes()), frame("InvokeComplete", b"{}")];
    child.stdin.take().expect("a pipe").write_all(&frames.concat()).expect("a reader");
    let output = child.wait_with_output().expect("an end");
    let read = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(
        read,
        "[\"PayloadChunk\", \"{}\\u0000\"]\n[\"PayloadChunk\", \"\\u00e9\"]\n[\"InvokeComplete\", \"{}\"]\n"
    );
}
