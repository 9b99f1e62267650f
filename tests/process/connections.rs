//! What a client's connection carries, byte by byte.

use std::net::Shutdown;
use std::process::{Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use serde_json::json;

use super::proxy;
use crate::support::http::{Client, get, send};
use crate::support::lambda::{Backend, Gate, Reply};
use crate::support::sidecar::{Sidecar, folder, until, with_ports};

/// A function that answers with the event it got as its body.
fn echo() -> Backend {
    Backend::start(|seen| {
        let event = String::from_utf8_lossy(&seen.body).into_owned();
        let reply = json!({
            "statusCode": 200,
            "headers": {"X-Solo": "s"},
            "multiValueHeaders": {"tesT-Multi": ["1", "2"]},
            "body": event,
        });
        Reply::payload(reply.to_string())
    })
}

#[test]
fn header_names_keep_their_spelling_both_ways() {
    let backend = echo();
    let sidecar = Sidecar::start(&proxy(backend.address, ""));
    let answer =
        send(sidecar.data, "GET /x?q=1 HTTP/1.1\r\nhOsT: test\r\ntEsT-HEADeR:  a \r\nX-B: 1\r\nx-b: 2\r\n\r\n");
    let event = answer.json();
    assert_eq!(event["headers"]["tEsT-HEADeR"], "a", "{event}");
    assert_eq!(event["headers"]["hOsT"], "test", "{event}");
    assert!(answer.head.contains("\r\ntesT-Multi: 1\r\ntesT-Multi: 2\r\n"), "{}", answer.head);
    assert!(answer.head.contains("\r\nx-amzn-RequestId: "), "{}", answer.head);
    assert!(answer.head.contains("\r\nX-Solo: s\r\n"), "{}", answer.head);
    assert!(answer.head.ends_with("\r\nConnection: keep-alive"), "{}", answer.head);
    assert!(answer.header("Date").is_some_and(|d| d.ends_with(" GMT")), "{}", answer.head);
}

#[test]
fn a_function_cannot_break_out_of_a_header() {
    let backend = Backend::start(|seen| {
        let path = seen.json()["path"].clone();
        let (name, value) = if path == "/name" { ("a: b\r\nX-Injected", "1") } else { ("a", "b\r\nX-Injected: 1") };
        Reply::payload(json!({"headers": {name: value}, "multiValueHeaders": {name: [value]}}).to_string())
    });
    let sidecar = Sidecar::start(&proxy(backend.address, ""));
    for path in ["/name", "/value"] {
        let answer = sidecar.get(path);
        assert_eq!(answer.header("X-Injected"), None, "{}", answer.head);
    }
}

#[test]
fn pipelined_requests_of_every_framing_are_answered_in_order() {
    let backend = echo();
    let sidecar = Sidecar::start(&proxy(backend.address, ""));
    let requests = "POST /1 HTTP/1.1\r\nHost: t\r\nN: 1\r\nContent-Length: 5\r\n\r\nhello\
        GET /2 HTTP/1.1\r\nHost: t\r\nnN: 2\r\n\r\n\
        POST /3 HTTP/1.1\r\nHost: t\r\nnnN: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: x\r\n\r\n\
        HEAD /4 HTTP/1.1\r\nHost: t\r\nnnnN: 4\r\n\r\n\
        GET /5 HTTP/1.1\r\nHost: t\r\nnnnnN: 5\r\nConnection: close\r\n\r\n";
    for step in [1, 7, 64, requests.len()] {
        let mut client = Client::connect(sidecar.data);
        for piece in requests.as_bytes().chunks(step) {
            client.write(piece);
        }
        let bodies = [json!("hello"), json!(null), json!("abcde"), json!(null), json!(null)];
        for (n, body) in (1..).zip(bodies) {
            let answer = client.try_read(n == 4).expect("an answer");
            assert_eq!(answer.status, 200);
            assert_eq!(answer.header("Connection"), Some(if n == 5 { "close" } else { "keep-alive" }));
            if n == 4 {
                assert!(answer.header("Content-Length").is_some_and(|l| l != "0"), "{}", answer.head);
                continue;
            }
            let event = answer.json();
            assert_eq!(event["path"], format!("/{n}"));
            assert_eq!(event["headers"][format!("{}N", "n".repeat(n - 1))], n.to_string(), "{event}");
            assert_eq!(event["body"], body);
        }
        assert!(client.is_closed());
    }
}

#[test]
fn a_body_is_asked_for_when_the_client_waits_for_that() {
    let backend = echo();
    let sidecar = Sidecar::start(&proxy(backend.address, ""));
    let mut client = Client::connect(sidecar.data);
    for body in ["first", "second"] {
        let length = body.len();
        client.write(format!("PUT /x HTTP/1.1\r\nHost: t\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n"));
        assert_eq!(client.read().head, "HTTP/1.1 100 Continue");
        client.write(body);
        let answer = client.read();
        assert_eq!((answer.status, answer.json()["body"].as_str()), (200, Some(body)));
        assert!(answer.header("tesT-Multi").is_some());
    }
}

#[test]
fn old_and_leaving_clients_get_their_answers() {
    let backend = echo();
    let sidecar = Sidecar::start(&proxy(backend.address, ""));
    let mut old = Client::connect(sidecar.data);
    old.write("GET /old HTTP/1.0\r\n\r\n");
    let answer = old.read();
    assert!(answer.head.starts_with("HTTP/1.0 200 OK\r\n"), "{}", answer.head);
    assert_eq!(answer.header("Connection"), Some("close"));
    assert!(old.is_closed());

    let mut leaving = Client::connect(sidecar.data);
    leaving.write("GET /half HTTP/1.1\r\nHost: t\r\n\r\n");
    leaving.stream.shutdown(Shutdown::Write).expect("a half-closed connection");
    assert_eq!(leaving.read().json()["path"], "/half");
}

#[test]
fn what_is_not_http_is_refused() {
    let backend = echo();
    let sidecar = Sidecar::start(&proxy(backend.address, ""));
    for nonsense in
        ["NONSENSE\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "GET / HTTP/1.1\r\nbad header\r\n\r\n"]
    {
        let mut client = Client::connect(sidecar.data);
        client.write(nonsense);
        assert_eq!(client.read().status, 400, "{nonsense}");
        assert!(client.is_closed(), "{nonsense}");
    }
    assert!(backend.seen().is_empty());
}

#[test]
fn a_body_over_ten_megabytes_gets_the_plain_413() {
    let backend = echo();
    let sidecar = Sidecar::start(&proxy(backend.address, ""));
    let body = vec![b'x'; 10_485_761];
    let plain =
        "HTTP/1.1 413 Payload Too Large\r\ncontent-type: text; charset=utf-8\r\nContent-Length: 44\r\nConnection: ";
    let check = |answer: crate::support::http::Answer| {
        let lines: Vec<&str> = answer.head.split_inclusive("\r\n").filter(|l| !l.starts_with("Date: ")).collect();
        let head = lines.concat().replace("Content-Type: ", "content-type: ");
        assert!(head.starts_with(plain), "{head}");
        assert_eq!(head.lines().count(), 4, "{head}");
        assert_eq!(answer.text(), "HTTP content length exceeded 10485760 bytes.");
    };
    check(sidecar.post("/x", &body));

    let mut chunked = b"POST /x HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nA00001\r\n".to_vec();
    chunked.extend_from_slice(&body);
    chunked.extend_from_slice(b"\r\n0\r\n\r\n");
    check(send(sidecar.data, chunked));

    let mut asking = Client::connect(sidecar.data);
    asking.write("POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 10485761\r\nExpect: 100-continue\r\n\r\n");
    check(asking.read());

    assert!(backend.seen().is_empty());
    let series = "failures_total{cause=\"request_too_large\",method=\"ANY\",resource=\"/{proxy+}\",status=\"413\"}";
    assert_eq!(sidecar.metric(series), 3.0);
}

#[test]
fn too_long_a_head_is_refused_with_an_answer() {
    let backend = echo();
    let sidecar = Sidecar::start(&proxy(backend.address, ""));
    let long = "x".repeat(10_300);
    let uri = get(sidecar.data, &format!("/{long}"));
    assert_eq!(uri.status, 414, "{uri:?}");
    let header = send(sidecar.data, format!("GET / HTTP/1.1\r\nHost: t\r\nX-Long: {long}\r\n\r\n"));
    assert!((400..500).contains(&header.status) && header.header("x-amzn-RequestId").is_some(), "{header:?}");
    let huge = send(sidecar.data, format!("GET / HTTP/1.1\r\nHost: t\r\nX-Huge: {}\r\n\r\n", "x".repeat(200_000)));
    assert_eq!(huge.status, 431);
    assert!(backend.seen().is_empty());
}

#[test]
fn slow_clients_are_let_go() {
    let backend = echo();
    // Long enough for a request to be sent on a machine that stalls.
    let limits = "limits: { header_timeout: 3s, body_timeout: 3s, idle_timeout: 4s }\n";
    let sidecar = Sidecar::start(&proxy(backend.address, limits));

    let mut slow_head = Client::connect(sidecar.data);
    slow_head.write("GET / HTTP/1.1\r\nHost: t\r\nX-Slow");
    let mut slow_body = Client::connect(sidecar.data);
    slow_body.write("POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nhe");
    let mut idle = Client::connect(sidecar.data);
    idle.write("GET /idle HTTP/1.1\r\nHost: t\r\n\r\n");
    assert_eq!(idle.read().status, 200);
    let mut silent = Client::connect(sidecar.data);

    assert!(slow_head.is_closed());
    assert_eq!(slow_body.read().status, 408);
    assert!(slow_body.is_closed());
    assert!(idle.is_closed());
    assert!(silent.is_closed());
}

#[test]
fn a_client_that_does_not_take_its_answer_is_let_go() {
    let backend =
        Backend::start(|_| Reply::payload(json!({"statusCode": 200, "body": "x".repeat(6_000_000)}).to_string()));
    let sidecar = Sidecar::start(&proxy(backend.address, "limits: { header_timeout: 3s, idle_timeout: 3s }\n"));
    assert_eq!(get(sidecar.data, "/warm").status, 200);
    let before = sidecar.sockets();
    let mut greedy: Vec<Client> = (0..3).map(|_| Client::connect(sidecar.data)).collect();
    for client in &mut greedy {
        // Several answers, so that the kernel's buffers cannot hold them.
        client.write("GET /x HTTP/1.1\r\nHost: t\r\n\r\n".repeat(3));
    }
    until("all asked", || backend.seen().len() >= 4);
    // Connections to the backend are kept, those of the clients are not.
    until("all let go", || sidecar.sockets() <= before + 3);
}

#[test]
fn one_request_too_many_at_once_is_refused() {
    let gate = Gate::default();
    let behind = gate.clone();
    let backend = Backend::start(move |seen| {
        if seen.json()["path"] == "/slow" {
            behind.wait();
        }
        Reply::payload(r#"{"statusCode":200}"#)
    });
    let sidecar = Sidecar::start(&proxy(backend.address, "limits: { in_flight: 2 }\n"));
    let mut slow: Vec<Client> = (0..2).map(|_| Client::connect(sidecar.data)).collect();
    for client in &mut slow {
        client.write("GET /slow HTTP/1.1\r\nHost: t\r\n\r\n");
    }
    until("both in flight", || backend.seen().len() == 2);
    let refused = sidecar.get("/quick");
    assert_eq!((refused.status, refused.text()), (503, "{\"message\":\"Service Unavailable\"}"));
    assert_eq!(sidecar.metric("requests_refused_total"), 1.0);
    gate.open();
    for client in &mut slow {
        assert_eq!(client.read().status, 200);
    }
    assert_eq!(sidecar.get("/quick").status, 200);
}

#[test]
fn what_fails_before_the_gateway_is_counted_logged_and_seen_too() {
    let gate = Gate::default();
    let behind = gate.clone();
    let backend = Backend::start(move |_| {
        behind.wait();
        Reply::payload(r#"{"statusCode":200}"#)
    });
    let sidecar = Sidecar::start(&proxy(
        backend.address,
        "limits: { in_flight: 1, body_timeout: 200ms }\nlog: { access: '$context.status $context.error.message' }\n",
    ));
    let ask = |request: &str| {
        let mut client = Client::connect(sidecar.data);
        client.write(request);
        client.read().status
    };
    assert_eq!(ask("POST /broken HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), 400);
    assert_eq!(ask("POST /slow HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nhe"), 408);
    let mut busy = Client::connect(sidecar.data);
    busy.write("GET /busy HTTP/1.1\r\nHost: t\r\n\r\n");
    until("in flight", || sidecar.metric("in_flight_requests") == 1.0);
    assert_eq!(ask("GET /refused HTTP/1.1\r\nHost: t\r\n\r\n"), 503);
    gate.open();
    assert_eq!(busy.read().status, 200);

    let seen = sidecar.ask("/requests").json();
    for (path, status, cause, message) in [
        ("/broken", 400, "bad_request", "-"),
        ("/slow", 408, "request_timeout", "-"),
        ("/refused", 503, "overloaded", "Service Unavailable"),
    ] {
        let route = "method=\"ANY\",resource=\"/{proxy+}\"";
        assert_eq!(sidecar.metric(&format!("responses_total{{{route},status=\"{status}\"}}")), 1.0);
        assert_eq!(sidecar.metric(&format!("failures_total{{cause=\"{cause}\",{route},status=\"{status}\"}}")), 1.0);
        let record = seen.as_array().expect("a list").iter().find(|record| record["path"] == path);
        let record = record.unwrap_or_else(|| panic!("no {path} in {seen}"));
        assert_eq!((&record["status"], &record["cause"]), (&json!(status), &json!(cause)));
        until("logged", || sidecar.output().contains(&format!("{status} {message}\n")));
    }
}

/// Requests that are refused before they are one: counted, logged and seen as every other.
#[test]
fn what_is_wrong_with_a_head_is_counted_logged_and_seen_too() {
    let backend = echo();
    let sidecar = Sidecar::start(&proxy(backend.address, "log: { access: '$context.path=$context.status.' }\n"));
    let host = "Host: t\r\n";
    let coded = |coding: &str| format!("{host}Transfer-Encoding: {coding}\r\n\r\n0\r\n\r\n");
    let target = |target: &str| (format!("GET {target} HTTP/1.1\r\n{host}\r\n"), target.to_owned());
    let raw =
        "\"<>\\^`{|}".chars().flat_map(|c| [target(&format!("/raw{c}")), target(&format!("/raw/{}?x{c}", c as u8))]);
    let bad = [
        ("GET /hosts HTTP/1.1\r\nHost: t\r\nHost: t\r\n\r\n".to_owned(), "/hosts"),
        ("GET /no-host HTTP/1.1\r\n\r\n".to_owned(), "/no-host"),
        (format!("PUT /gzip HTTP/1.1\r\n{}", coded("gzip, chunked")), "/gzip"),
        (format!("PUT /two HTTP/1.1\r\n{}", coded("chunked\r\nTransfer-Encoding: chunked")), "/two"),
        (format!("GET /line HTTP/1.1\r\n{host}none\r\n\r\n"), "/line"),
        (format!("GET /length HTTP/1.1\r\n{host}Content-Length: x\r\n\r\n"), "/length"),
    ];
    let bad = bad.map(|(request, path)| (request, path.to_owned())).into_iter().chain(raw);
    let mut cases: Vec<(String, String, u16, &str)> = bad
        .map(|(request, path)| (request, path.split('?').next().unwrap_or_default().to_owned(), 400, "bad_request"))
        .collect();
    let bad = cases.len();
    let lines = "X: 1\r\n".repeat(100);
    cases.push((format!("GET /lines HTTP/1.1\r\n{host}{lines}\r\n"), "/lines".into(), 431, "request_too_large"));
    let long = format!("/{}", "x".repeat(70_000));
    cases.push((format!("GET {long} HTTP/1.1\r\n{host}\r\n"), long[..2048].to_owned(), 414, "request_too_large"));
    for (request, path, status, cause) in &cases {
        let mut client = Client::connect(sidecar.data);
        client.write(request);
        let answer = client.read();
        assert_eq!((answer.status, answer.header("Connection")), (*status, Some("close")), "{path}");
        assert!(client.is_closed(), "{path}");
        let seen = sidecar.ask("/requests").json()[0].clone();
        assert_eq!((&seen["path"], &seen["status"], &seen["cause"]), (&json!(path), &json!(status), &json!(cause)));
        until("logged", || sidecar.output().contains(&format!("{path}={status}.\n")));
    }
    let counted = |cause: &str, status: u16| {
        let labels = format!("cause=\"{cause}\",method=\"ANY\",resource=\"/{{proxy+}}\",status=\"{status}\"");
        sidecar.metric(&format!("failures_total{{{labels}}}"))
    };
    assert_eq!(counted("bad_request", 400), bad as f64);
    assert_eq!((counted("request_too_large", 431), counted("request_too_large", 414)), (1.0, 1.0));
    // What is as it should be goes on, to the last line.
    let lines = "X: 1\r\n".repeat(99);
    assert_eq!(send(sidecar.data, format!("GET /[a]~ HTTP/1.1\r\n{host}{lines}\r\n")).status, 200);
    assert_eq!(backend.seen().len(), 1);
}

#[test]
fn heads_have_the_same_bounds_over_http2() {
    let backend = echo();
    let sidecar = Sidecar::start(&proxy(backend.address, ""));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let statuses = runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(sidecar.data).await.expect("a connection");
        let io = hyper_util::rt::TokioIo::new(stream);
        let (mut send, connection) =
            hyper::client::conn::http2::handshake(hyper_util::rt::TokioExecutor::new(), io).await.expect("HTTP/2");
        tokio::spawn(connection);
        let mut statuses = Vec::new();
        // The authority is the hundredth line.
        for (path, lines, host) in
            [("/x", 99, None), ("/x", 100, None), ("/{a}", 0, None), ("/x?a=|", 0, None), ("/x", 0, Some(["a", "b"]))]
        {
            let mut request = http::Request::builder().uri(format!("http://api.example{path}"));
            for n in 0..lines {
                request = request.header(format!("x-{n}"), "1");
            }
            for host in host.iter().flatten() {
                request = request.header("host", *host);
            }
            let request = request.body(Full::new(Bytes::new())).expect("a request");
            statuses.push(send.send_request(request).await.expect("an answer").status().as_u16());
        }
        statuses
    });
    assert_eq!(statuses, [200, 431, 400, 400, 400]);
    let labels = "method=\"ANY\",resource=\"/{proxy+}\"";
    assert_eq!(sidecar.metric(&format!("failures_total{{cause=\"request_too_large\",{labels},status=\"431\"}}")), 1.0);
    assert_eq!(sidecar.metric(&format!("failures_total{{cause=\"bad_request\",{labels},status=\"400\"}}")), 3.0);
}

#[test]
fn one_connection_too_many_is_closed() {
    let backend = echo();
    let sidecar = Sidecar::start(&proxy(backend.address, "limits: { connections: 2 }\n"));
    let mut kept: Vec<Client> = (0..2).map(|_| Client::connect(sidecar.data)).collect();
    for client in &mut kept {
        client.write("GET /x HTTP/1.1\r\nHost: t\r\n\r\n");
        assert_eq!(client.read().status, 200);
    }
    assert!(Client::connect(sidecar.data).is_closed());
    assert_eq!(sidecar.metric("connections_refused_total"), 1.0);
    kept.pop();
    until("room again", || {
        let mut client = Client::connect(sidecar.data);
        client.write_some("GET /x HTTP/1.1\r\nHost: t\r\n\r\n") && client.try_read(false).is_some()
    });
}

#[test]
fn http2_with_prior_knowledge_is_served_too() {
    let backend = echo();
    let sidecar = Sidecar::start(&proxy(backend.address, ""));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(sidecar.data).await.expect("a connection");
        let io = hyper_util::rt::TokioIo::new(stream);
        let (mut send, connection) =
            hyper::client::conn::http2::handshake(hyper_util::rt::TokioExecutor::new(), io).await.expect("HTTP/2");
        tokio::spawn(connection);
        let one = |n: usize, method: &str| {
            http::Request::builder()
                .method(method)
                .uri(format!("http://api.example/{n}?q=1"))
                .header("x-n", n)
                .header("cookie", "a=1")
                .header("cookie", "b=2")
                .body(Full::new(Bytes::from(vec![b'x'; n * 10_000])))
                .expect("a request")
        };
        let answers: Vec<_> = (0..20).map(|n| send.send_request(one(n, "POST"))).collect();
        for (n, answer) in answers.into_iter().enumerate() {
            let answer = answer.await.expect("an answer");
            assert_eq!(answer.status(), 200);
            assert!(answer.headers().contains_key("x-amzn-requestid"));
            assert_eq!(answer.headers().get_all("test-multi").iter().count(), 2);
            let body = answer.into_body().collect().await.expect("a body").to_bytes();
            let event: serde_json::Value = serde_json::from_slice(&body).expect("an event");
            assert_eq!(event["path"], format!("/{n}"));
            assert_eq!(event["headers"]["Host"], "api.example", "{}", event["headers"]);
            assert_eq!(event["headers"]["cookie"], "a=1; b=2");
            assert_eq!(event["requestContext"]["protocol"], "HTTP/1.1");
            assert_eq!(event["body"].as_str().unwrap_or_default().len(), n * 10_000);
        }
        let head = send.send_request(one(0, "HEAD")).await.expect("an answer");
        assert!(head.headers().contains_key("content-length"));
    });
}

#[test]
fn a_client_that_goes_away_is_still_counted() {
    let backend =
        Backend::start(|_| Reply::After(Duration::from_millis(200), Box::new(Reply::payload(r#"{"statusCode":200}"#))));
    let sidecar = Sidecar::start(&proxy(backend.address, ""));
    for (number, abruptly) in [(1, false), (2, true)] {
        let mut client = Client::connect(sidecar.data);
        client.write("GET /x HTTP/1.1\r\nHost: t\r\n\r\n");
        until("asked", || backend.seen().len() == number);
        if abruptly {
            // A reset instead of an orderly end.
            socket2::SockRef::from(&client.stream).set_linger(Some(Duration::ZERO)).expect("an option");
        }
        drop(client);
        let counted = || sidecar.metric("invocations_total{function=\"f\",outcome=\"success\"}");
        until("counted", || counted() == number as f64 && sidecar.metric("in_flight_requests") == 0.0);
    }
}

#[test]
fn idle_clients_leave_descriptors_to_all_else() {
    let backend = Backend::start(|_| Reply::payload("{}"));
    let folder = folder();
    let config = format!(
        "api:\n  routes: [{{ path: /, method: GET, integration: {{ type: AWS_PROXY, function: f }} }}]\n\
         functions: {{ f: {{ invoke_api: 'http://{}' }} }}\n",
        backend.address
    );
    std::fs::write(folder.join("stagegate.yaml"), with_ports(&config)).expect("a file");
    let mut shell = Command::new("sh");
    shell.current_dir(&folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // The soft limit alone would not do for what is left.
    let script = "ulimit -Sn 40 && ulimit -Hn 200 && exec \"$0\" run --log-format json";
    shell.args(["-c", script, env!("CARGO_BIN_EXE_stagegate")]);
    let sidecar = Sidecar::spawn(shell, folder);
    assert!(sidecar.log().contains("\"connections\":150,\"limit\":10000"), "{}", sidecar.log());
    let mut served = Client::connect(sidecar.data);
    served.write("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
    assert_eq!(served.read().status, 200);
    let _idle: Vec<_> = (0..300).map(|_| std::net::TcpStream::connect(sidecar.data).expect("a connection")).collect();
    until("those over the bound are closed", || sidecar.metric("connections_refused_total") >= 151.0);
    assert_eq!((sidecar.ask("/livez").status, sidecar.ask("/readyz").status), (200, 200));
    served.write("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
    assert_eq!(served.read().status, 200);
    let told = || sidecar.log().matches("too many connections").count();
    until("it is told", || told() > 0);
    assert_eq!(told(), 1, "{}", sidecar.log());
    assert!(!sidecar.log().contains("cannot accept"), "{}", sidecar.log());
}

#[test]
fn a_body_that_is_long_to_check_disturbs_nobody() {
    let backend = Backend::start(|_| Reply::payload(r#"{"statusCode":200}"#));
    // Eight ways at each of a hundred levels: no number of steps is enough.
    let mut levels: String = (0..100)
        .map(|level| {
            format!(
                "L{level}: {{ allOf: [{}] }}, ",
                vec![format!("{{ $ref: '#/definitions/L{}' }}", level + 1); 8].join(", ")
            )
        })
        .collect();
    levels.push_str("L100: { type: string }");
    let config = format!(
        "threads: 1\n\
         api:\n  request_validators: {{ b: {{ validateRequestBody: true }} }}\n  \
         models: {{ M: {{ definitions: {{ {levels} }}, items: {{ oneOf: [{{ $ref: '#/definitions/L0' }}, {{ type: string }}] }} }} }}\n  \
         routes:\n    - {{ path: /checked, method: POST, requestValidator: b, requestModels: {{ application/json: M }}, integration: {{ type: AWS_PROXY, function: f }} }}\n    \
         - {{ path: /plain, method: GET, integration: {{ type: AWS_PROXY, function: f }} }}\n\
         functions: {{ f: {{ invoke_api: 'http://{}' }} }}\n\
         limits: {{ validation_time: 6s, validation_steps: 1000000000000 }}\n",
        backend.address
    );
    let folder = folder();
    let config = with_ports(&config).replacen("threads: 2\n", "", 1);
    std::fs::write(folder.join("stagegate.yaml"), config).expect("a file");
    let sidecar = Sidecar::start_in(folder, &[]);
    let mut checked = Client::connect(sidecar.data);
    let body = format!("[{}1]", "1,".repeat(3_000_000));
    checked.write(format!(
        "POST /checked HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    checked.stream.set_nonblocking(true).expect("an option");
    let mut served = 0;
    while checked.stream.peek(&mut [0]).is_err_and(|e| e.kind() == std::io::ErrorKind::WouldBlock) {
        assert_eq!(sidecar.get("/plain").status, 200);
        served += 1;
    }
    checked.stream.set_nonblocking(false).expect("an option");
    // On one thread that checks it would be one, or two.
    assert!(served >= 10, "{served} beside the check");
    let answer = checked.read();
    assert_eq!((answer.status, answer.text()), (400, "{\"message\": \"Invalid request body\"}"));
}
