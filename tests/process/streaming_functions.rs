//! Functions that stream: what each kind of backend brings reaches the client piece by piece, and every way in which that can end.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::function_stream::{Function, WAYS, Way};
use crate::support::sidecar::{Sidecar, until};
use crate::support::stream::Client;

const STREAM: &str = ", responseTransferMode: STREAM";
/// For what is much, on a slow machine.
const LONG_STREAM: &str = ", responseTransferMode: STREAM, timeoutInMillis: 600000";
const METADATA: &str =
    r#"{"statusCode":201,"headers":{"X-Kept":"As-Is","Content-Type":"text/event-stream"},"cookies":["a=1","b=2"]}"#;

fn counted(sidecar: &Sidecar, status: u16) -> u32 {
    let series = format!("stagegate_responses_total{{method=\"ANY\",resource=\"/s\",status=\"{status}\"}} ");
    let metrics = sidecar.ask("/metrics");
    metrics.text().lines().find_map(|line| line.strip_prefix(&series)?.parse().ok()).unwrap_or(0)
}

fn outcome(sidecar: &Sidecar, outcome: &str) -> f64 {
    sidecar.metric(&format!("invocations_total{{function=\"f\",outcome=\"{outcome}\"}}"))
}

/// For each way a function is called, at the same time: what they wait for is mostly time.
fn each_way(test: impl Fn(Way) + Sync) {
    let test = &test;
    std::thread::scope(|scope| WAYS.map(|way| scope.spawn(move || test(way))).map(|one| one.join().expect("it holds")));
}

fn masked(sidecar: &Sidecar) -> f64 {
    sidecar.metric("masked_errors_total{kind=\"function_error\",method=\"ANY\",resource=\"/s\"}")
}

#[test]
fn each_piece_goes_on_as_it_comes() {
    for way in WAYS {
        let log =
            "log: { access: '$context.status $context.responseLength $context.integration.responseTransferMode' }\n";
        let (sidecar, function) = Function::start(way, STREAM, "", log);
        let mut client = Client::get(sidecar.data);
        let mut call = function.accept();
        if way == Way::InvokeApi {
            let line = "POST /2021-11-15/functions/f:live/response-streaming-invocations HTTP/1.1\r\n";
            assert!(call.head.starts_with(line), "{}", call.head);
        }
        call.begin();
        // The delimiter comes in two parts.
        call.send(METADATA);
        call.send([0; 3]);
        call.send([0; 5]);
        let head = client.until("\r\n\r\n");
        assert!(head.starts_with("HTTP/1.1 201 Created\r\n"), "{way:?}: {head}");
        for line in [
            "X-Kept: As-Is",
            "Content-Type: text/event-stream",
            "Set-Cookie: a=1",
            "Set-Cookie: b=2",
            "Transfer-Encoding: chunked",
        ] {
            assert!(head.contains(&format!("\r\n{line}\r\n")), "{way:?}: no {line} in {head}");
        }
        assert!(!head.contains("Content-Encoding"), "{way:?}: {head}");
        call.send("first;");
        assert_eq!(client.until("first;\r\n"), "6\r\nfirst;\r\n", "{way:?}");
        assert_eq!((counted(&sidecar, 201), sidecar.metric("in_flight_requests")), (0, 1.0), "{way:?}");
        call.send("second");
        assert_eq!(client.until("second\r\n"), "6\r\nsecond\r\n", "{way:?}");
        let said = call.end();
        assert_eq!(client.until("0\r\n\r\n"), "0\r\n\r\n", "{way:?}");
        assert!(way != Way::RuntimeApi || said.starts_with("HTTP/1.1 202 "), "{said}");
        until("counted", || counted(&sidecar, 201) == 1 && outcome(&sidecar, "success") == 1.0);
        assert_eq!(masked(&sidecar), 0.0, "{way:?}");
        for histogram in ["request_duration", "integration_duration", "response_first_byte"] {
            let series = format!("{histogram}_seconds_count{{method=\"ANY\",resource=\"/s\"}}");
            until(histogram, || sidecar.metric(&series) == 1.0);
        }
        until("logged", || sidecar.output() == "201 12 STREAMED\n");
        until("kept", || sidecar.ask("/requests").json()[0]["id"].is_string());
        let exchanges = sidecar.ask("/requests").json();
        let trace = sidecar.ask(&format!("/requests/{}", exchanges[0]["id"].as_str().expect("an id"))).json();
        let trace = trace["trace"].to_string();
        for line in
            ["response-streaming-invocations", "Endpoint response metadata: {", "after transformations: first;second"]
        {
            assert!(trace.contains(line), "{way:?}: no {line} in {trace}");
        }
    }
}

#[test]
fn a_function_that_fails() {
    for way in [Way::InvokeApi, Way::RuntimeApi] {
        let (mut sidecar, function) = Function::start(way, STREAM, "", "");
        // Before its metadata is complete: nothing was sent yet.
        let mut client = Client::get(sidecar.data);
        let mut call = function.accept();
        call.begin();
        call.send("{\"statusCode\":");
        call.fail();
        let head = client.until("\r\n\r\n");
        assert!(head.starts_with("HTTP/1.1 502 "), "{way:?}: {head}");
        until("counted", || counted(&sidecar, 502) == 1 && outcome(&sidecar, "function_error") == 1.0);
        assert_eq!(masked(&sidecar), 0.0, "{way:?}");
        // Behind it.
        let mut client = Client::get(sidecar.data);
        let mut call = function.accept();
        call.begin_with("{}");
        call.send("some");
        client.until("4\r\nsome\r\n");
        call.fail();
        assert_eq!(client.rest(), "", "{way:?}: it looks complete");
        assert!(sidecar.wait_for_log("a streamed answer was cut").contains("boom"), "{way:?}");
        until("counted", || counted(&sidecar, 200) == 1 && outcome(&sidecar, "function_error") == 2.0);
        until("counted as hidden", || masked(&sidecar) == 1.0);
    }
}

/// The same before anything else: nothing was sent yet.
#[test]
fn an_error_that_comes_as_the_first_chunk() {
    let (sidecar, function) = Function::start(Way::RuntimeApi, STREAM, "", "");
    let mut client = Client::get(sidecar.data);
    let mut call = function.accept();
    call.begin();
    call.send(
        "Lambda-Runtime-Function-Error-Type: Runtime.StreamError\r\nLambda-Runtime-Function-Error-Body: Ym9vbQ==\r\n",
    );
    call.end();
    assert!(client.until("\r\n\r\n").starts_with("HTTP/1.1 502 "));
    until("counted", || counted(&sidecar, 502) == 1 && outcome(&sidecar, "function_error") == 1.0);
    assert_eq!(masked(&sidecar), 0.0);
}

/// AWS's Rust client sends the text of the trailers as a last chunk.
#[test]
fn an_error_that_comes_as_a_chunk() {
    let (sidecar, function) = Function::start(Way::RuntimeApi, STREAM, "", "");
    let mut client = Client::get(sidecar.data);
    let mut call = function.accept();
    call.begin_with("{}");
    call.send("some");
    client.until("4\r\nsome\r\n");
    call.send(
        "Lambda-Runtime-Function-Error-Type: Runtime.StreamError\r\nLambda-Runtime-Function-Error-Body: Ym9vbQ==\r\n",
    );
    call.end();
    assert_eq!(client.rest(), "");
    until("counted", || counted(&sidecar, 200) == 1 && outcome(&sidecar, "function_error") == 1.0);
    until("counted as hidden", || masked(&sidecar) == 1.0);
}

#[test]
fn a_backend_that_breaks_off() {
    for way in WAYS {
        let (sidecar, function) = Function::start(way, STREAM, "", "");
        let before = sidecar.sockets();
        let mut client = Client::get(sidecar.data);
        let mut call = function.accept();
        call.begin_with("{}");
        call.send("some");
        client.until("4\r\nsome\r\n");
        drop(call);
        assert_eq!(client.rest(), "", "{way:?}: it looks complete");
        until("counted", || counted(&sidecar, 200) == 1);
        let how = if way == Way::RuntimeApi { "function_error" } else { "network_error" };
        until(how, || outcome(&sidecar, how) == 1.0);
        drop(client);
        until("closed", || sidecar.sockets() <= before);
        until("done", || sidecar.metric("in_flight_requests") == 0.0);
        assert_eq!(counted(&sidecar, 200), 1, "{way:?}");
    }
}

/// The function goes on; a runtime is listened to until its end.
#[test]
fn a_client_that_leaves() {
    for way in WAYS {
        let (sidecar, function) = Function::start(way, STREAM, ", concurrency: 1", "");
        let before = sidecar.sockets();
        let mut client = Client::get(sidecar.data);
        let mut call = function.accept();
        call.begin_with("{}");
        call.send("some");
        client.until("4\r\nsome\r\n");
        assert_eq!(sidecar.metric("concurrent_executions{function=\"f\"}"), 1.0);
        drop(client);
        if way == Way::RuntimeApi {
            (0..100).for_each(|_| call.send([b'x'; 16 * 1024]));
            assert!(call.end().starts_with("HTTP/1.1 202 "));
            drop(call);
        } else {
            until("closed", || !call.try_send(b"x"));
        }
        until("counted", || counted(&sidecar, 200) == 1);
        until("a success", || outcome(&sidecar, "success") == 1.0);
        let ended = ["in_flight_requests", "concurrent_executions{function=\"f\"}"];
        until("done", || ended.iter().all(|series| sidecar.metric(series) == 0.0));
        until("closed", || sidecar.sockets() <= before);
    }
}

/// The one time runs out while the other is long: which of them it is must not depend on the machine.
#[test]
fn time_runs_out() {
    each_way(|way| {
        let integration = format!("{STREAM}, timeoutInMillis: 3000");
        let (mut sidecar, function) = Function::start(way, &integration, "", "");
        let mut client = Client::get(sidecar.data);
        let mut call = function.accept();
        call.begin();
        call.send("{}");
        assert!(client.until("\r\n\r\n").starts_with("HTTP/1.1 504 "), "{way:?}");
        drop(call);

        let mut client = Client::get(sidecar.data);
        let mut call = function.accept();
        call.begin_with("{}");
        let over = Arc::new(AtomicBool::new(false));
        let seen = over.clone();
        let sending = std::thread::spawn(move || {
            // As long as it is taken, and on a while: a runtime is listened to.
            let mut after = 0;
            while after < 30 && call.try_send(b"a") {
                after += usize::from(seen.load(Ordering::Relaxed));
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        assert!(!client.rest().ends_with("0\r\n\r\n"), "{way:?}");
        sidecar.wait_for_log("the integration's timeout has passed");
        over.store(true, Ordering::Relaxed);
        until("counted", || (counted(&sidecar, 200), counted(&sidecar, 504)) == (1, 1));
        until("both", || outcome(&sidecar, "timeout") == 2.0);
        sending.join().expect("a sender");

        let (mut sidecar, function) = Function::start(way, STREAM, "", "limits: { stream_idle: 200ms }\n");
        let mut client = Client::get(sidecar.data);
        let mut call = function.accept();
        call.begin_with("{}");
        call.send("a");
        assert!(client.rest().ends_with("1\r\na\r\n"), "{way:?}");
        sidecar.wait_for_log("nothing came for 200ms");
        until("counted", || counted(&sidecar, 200) == 1 && outcome(&sidecar, "timeout") == 1.0);
        drop(call);
    });
}

#[test]
fn the_function_s_own_time_runs_out() {
    each_way(|way| {
        let (mut sidecar, function) = Function::start(way, STREAM, ", timeout: 3s", "");
        let mut client = Client::get(sidecar.data);
        let call = function.accept();
        assert!(client.until("\r\n\r\n").starts_with("HTTP/1.1 502 "), "{way:?}");
        drop(call);
        let mut client = Client::get(sidecar.data);
        let mut call = function.accept();
        call.begin_with("{}");
        call.send("a");
        assert!(client.rest().ends_with("1\r\na\r\n"), "{way:?}");
        assert!(sidecar.wait_for_log("a streamed answer was cut").contains("Task timed out after 3.00 seconds"));
        until("counted", || (counted(&sidecar, 200), counted(&sidecar, 502)) == (1, 1));
        until("both", || outcome(&sidecar, "function_error") == 2.0);
    });
}

#[test]
fn one_call_more_than_may_run_is_refused() {
    for way in WAYS {
        let (sidecar, function) = Function::start(way, STREAM, ", concurrency: 1", "");
        let mut client = Client::get(sidecar.data);
        let mut call = function.accept();
        call.begin_with("{}");
        client.until("\r\n\r\n");
        // It runs as long as it streams.
        assert_eq!(sidecar.get("/s").status, 500);
        assert_eq!(outcome(&sidecar, "rejected"), 1.0, "{way:?}");
        call.end();
        client.until("0\r\n\r\n");
        until("done", || sidecar.metric("concurrent_executions{function=\"f\"}") == 0.0);
    }
}

/// Whatever is no metadata with its delimiter is malformed, and said to be.
#[test]
fn answers_that_do_not_begin_as_they_should() {
    let long = format!("{{\"headers\":{{\"x\":\"{}\"}}}}\0\0\0\0\0\0\0\0", "x".repeat(16 * 1024));
    let buffered = r#"{"statusCode":200,"body":"x"}"#;
    for way in WAYS {
        let (sidecar, function) = Function::start(way, STREAM, "", "");
        for answer in ["", buffered, "no JSON\0\0\0\0\0\0\0\0body", &long] {
            let mut client = Client::get(sidecar.data);
            let mut call = function.accept();
            call.begin();
            if !answer.is_empty() {
                call.send(answer);
            }
            // What follows a delimiter, or too much without one, nobody waits for.
            if !answer.contains('\0') {
                call.end();
            }
            assert!(client.until("\r\n\r\n").starts_with("HTTP/1.1 502 "), "{way:?}: {answer:.40}");
        }
        until("counted", || counted(&sidecar, 502) == 4);
        until("all malformed", || outcome(&sidecar, "malformed") == 4.0);
    }
}

#[test]
fn an_answer_as_a_whole_has_metadata_too() {
    let whole = "{\"statusCode\":404}\0\0\0\0\0\0\0\0nothing";
    let invoke_api = crate::support::lambda::Backend::start(move |seen| {
        use crate::support::lambda::Reply;
        match seen.target.as_str() {
            "/2015-03-31/functions/function/invocations" => Reply::With(200, &[], whole.into()),
            _ => Reply::With(200, &[("Content-Type", "application/octet-stream")], whole.into()),
        }
    });
    for place in ["invoke_api", "emulator", "http"] {
        let sidecar = Sidecar::start(&format!(
            "api:\n  routes:\n    - {{ path: /s, method: ANY, integration: {{ type: AWS_PROXY, function: f{STREAM} }} }}\n\
             functions:\n  f: {{ {place}: 'http://{}' }}\n",
            invoke_api.address
        ));
        let mut client = Client::get(sidecar.data);
        assert!(client.until("\r\n\r\n").starts_with("HTTP/1.1 404 "), "{place}");
        assert_eq!(client.until("0\r\n\r\n"), "7\r\nnothing\r\n0\r\n\r\n", "{place}");
    }
}

/// The trace names it; API Gateway's own log only has an unknown key.
#[test]
fn a_stream_for_a_method_that_does_not_stream() {
    let (sidecar, function) = Function::start(Way::RuntimeApi, "", "", "");
    let mut client = Client::get(sidecar.data);
    let mut call = function.accept();
    call.begin_with(METADATA);
    call.send("body");
    call.end();
    assert!(client.until("\r\n\r\n").starts_with("HTTP/1.1 502 "));
    let exchanges = sidecar.ask("/requests").json();
    let trace = sidecar.ask(&format!("/requests/{}", exchanges[0]["id"].as_str().expect("an id"))).json();
    assert!(trace["trace"].to_string().contains("the function streams its answer"), "{trace}");
    // Without a prelude, a stream that is complete is an answer as any other.
    let mut client = Client::ask(sidecar.data, "GET /s HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut call = function.accept();
    call.begin();
    call.send(r#"{"statusCode":200,"#);
    call.send(r#""body":"whole"}"#);
    call.end();
    assert!(client.until("whole").starts_with("HTTP/1.1 200 "));
}

/// A refusal of the Invoke API is one, whichever of its calls it refuses.
#[test]
fn a_refusal() {
    let backend = crate::support::lambda::Backend::start(|_| {
        let body = br#"{"Reason":"x","Type":"User","message":"Rate Exceeded."}"#.to_vec();
        crate::support::lambda::Reply::With(429, &[("x-amzn-ErrorType", "TooManyRequestsException")], body)
    });
    let sidecar = Sidecar::start(&format!(
        "api:\n  routes:\n    - {{ path: /s, method: ANY, integration: {{ type: AWS_PROXY, function: f{STREAM} }} }}\n\
         functions:\n  f: {{ invoke_api: 'http://{}' }}\n",
        backend.address
    ));
    assert_eq!(sidecar.get("/s").status, 500);
    assert_eq!(outcome(&sidecar, "rejected"), 1.0);
}

/// The end of the process waits for streams, but not for ever.
#[test]
fn a_stream_may_end_within_the_drain() {
    each_way(|way| {
        for ends in [true, false] {
            let (mut sidecar, function) = Function::start(way, STREAM, "", "drain: 5s\n");
            let mut client = Client::get(sidecar.data);
            let mut call = function.accept();
            call.begin_with("{}");
            call.send("a");
            client.until("1\r\na\r\n");
            sidecar.signal("TERM");
            sidecar.wait_for_log("shutting down");
            call.send("b");
            client.until("1\r\nb\r\n");
            if ends {
                call.end();
            }
            assert_eq!(client.rest().ends_with("0\r\n\r\n"), ends, "{way:?}");
            assert!(sidecar.wait().success(), "{way:?}");
        }
    });
}

/// A killed sidecar leaves nothing behind: both sides see the end, and another one takes its place at once.
#[test]
fn the_sidecar_is_killed_in_mid_stream() {
    for way in WAYS {
        let (mut sidecar, function) = Function::start(way, STREAM, "", "");
        let mut client = Client::get(sidecar.data);
        let mut call = function.accept();
        call.begin_with("{}");
        call.send("some");
        client.until("4\r\nsome\r\n");
        sidecar.signal("KILL");
        assert!(!sidecar.wait().success(), "{way:?}");
        assert_eq!(client.rest(), "", "{way:?}: it looks complete");
        assert!(call.is_over(), "{way:?}: the function is still listened to");
        let listen = sidecar.data.to_string();
        let mut next = Sidecar::start_in(sidecar.folder.clone(), &["--listen", &listen]);
        let function = if way == Way::RuntimeApi { function.moved_to(&mut next) } else { function };
        let mut client = Client::get(next.data);
        let mut call = function.accept();
        call.begin_with("{}");
        call.end();
        client.until("\r\n\r\n");
        assert_eq!(client.until("0\r\n\r\n"), "0\r\n\r\n", "{way:?}");
        until("counted", || counted(&next, 200) == 1);
    }
}

/// The drain is shorter than the stream: it is cut, counts once, and the process ends as it should.
#[test]
fn the_sidecar_ends_in_mid_stream() {
    for way in WAYS {
        let log = "drain: 300ms\nlog: { access: '$context.status $context.responseLength' }\n";
        let (mut sidecar, function) = Function::start(way, STREAM, "", log);
        let mut client = Client::get(sidecar.data);
        let mut call = function.accept();
        call.begin_with("{}");
        call.send("some");
        client.until("4\r\nsome\r\n");
        sidecar.signal("TERM");
        assert!(sidecar.wait().success(), "{way:?}");
        assert_eq!(client.rest(), "", "{way:?}: it looks complete");
        assert!(call.is_over(), "{way:?}: the function is still listened to");
        until("logged", || sidecar.output() == "200 4\n");
    }
}

/// An interim status cannot be a response's: what the client sees counts.
#[test]
fn a_status_that_no_response_can_have() {
    let log = "log: { access: '$context.status $context.integration.status' }\n";
    let (sidecar, function) = Function::start(Way::RuntimeApi, STREAM, "", log);
    let mut client = Client::get(sidecar.data);
    let mut call = function.accept();
    call.begin_with(r#"{"statusCode":103}"#);
    call.send("body");
    call.end();
    let head = client.until("\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 500 "), "{head}");
    assert_eq!(client.until("0\r\n\r\n"), "4\r\nbody\r\n0\r\n\r\n");
    until("counted", || counted(&sidecar, 500) == 1);
    assert_eq!(counted(&sidecar, 103), 0);
    until("logged", || sidecar.output() == "500 103\n");
}

/// A runtime may say any content type; what counts is that its bytes begin with metadata and delimiter.
#[test]
fn whatever_content_type_a_runtime_says() {
    let (sidecar, function) = Function::start(Way::RuntimeApi, STREAM, "", "");
    for (content_type, data, status) in [
        ("application/octet-stream", "{\"statusCode\":201}\0\0\0\0\0\0\0\0x", "201"),
        ("text/plain", "plain text", "502"),
    ] {
        let mut client = Client::get(sidecar.data);
        let mut call = function.accept();
        call.begin_as(content_type);
        call.send(data);
        assert!(call.end().starts_with("HTTP/1.1 202 "));
        let head = client.until("\r\n\r\n");
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{content_type}: {head}");
    }
}

/// An answer for another attempt is refused, and the right one is still taken.
#[test]
fn a_stream_for_another_attempt() {
    let (sidecar, function) = Function::start(Way::RuntimeApi, STREAM, "", "");
    let mut client = Client::get(sidecar.data);
    let mut call = function.accept();
    let attempt = call.header("Lambda-Runtime-Invocation-Id");
    call.begin_with_header("Lambda-Runtime-Invocation-Id: another\r\n");
    call.send("{}\0\0\0\0\0\0\0\0wrong");
    let said = call.end();
    assert!(said.starts_with("HTTP/1.1 400 "), "{said}");
    call.begin_with_header(&format!("Lambda-Runtime-Invocation-Id: {attempt}\r\n"));
    call.send("{}\0\0\0\0\0\0\0\0right");
    assert!(call.end().starts_with("HTTP/1.1 202 "));
    client.until("\r\n\r\n");
    assert_eq!(client.until("0\r\n\r\n"), "5\r\nright\r\n0\r\n\r\n");
}

/// API Gateway's bound is 2 MB a second beyond the first 10 MB; what comes before passes as it comes.
#[test]
fn beyond_ten_megabytes_a_rate_may_be_set() {
    for way in WAYS {
        let (sidecar, function) = Function::start(way, LONG_STREAM, "", "limits: { stream_rate: 2MB }\n");
        let begun = std::time::Instant::now();
        let mut client = Client::get(sidecar.data);
        let mut call = function.accept();
        call.begin_with("{}");
        let sending = std::thread::spawn(move || {
            (0..11 * 1024).for_each(|_| call.send([b'x'; 1024]));
            call.end();
        });
        client.until("\r\n\r\n");
        assert_eq!(client.body_in_chunks(), 11 * 1024 * 1024, "{way:?}");
        assert!(begun.elapsed() > Duration::from_millis(500), "{way:?}: {:?}", begun.elapsed());
        sending.join().expect("a sender");
    }
}

/// 200 streams at once whose clients take nothing: 64 KB each is all that is held of them.
#[test]
fn slow_clients_of_many_streams_cost_little() {
    const STREAMS: usize = 200;
    const SIZE: usize = 50 * 1024 * 1024;
    for way in WAYS {
        let (sidecar, function) = Function::start(way, LONG_STREAM, "", "");
        let piece = vec![b'x'; 64 * 1024];
        let open = |_| {
            let mut client = Client::with_little_room(sidecar.data);
            let mut call = function.accept();
            call.begin_with("{}");
            client.until("\r\n\r\n");
            (client, call, Vec::new(), 0)
        };
        let mut streams: Vec<_> = (0..STREAMS).map(open).collect();
        // Until nothing is taken any more.
        let mut quiet = 0;
        while quiet < 3 {
            let mut taken = 0;
            for (_, call, left, sent) in &mut streams {
                let more = call.fill(&piece, left);
                (taken, *sent) = (taken + more, *sent + more);
            }
            quiet = if taken == 0 { quiet + 1 } else { 0 };
            std::thread::sleep(Duration::from_millis(100));
        }
        let most = streams.iter().map(|(.., sent)| *sent).max();
        assert!(most.is_some_and(|sent| sent < SIZE), "{way:?}: all was taken while the client took none");
        let memory = sidecar.memory("VmHWM") / 1024;
        assert!(memory < 64 * 1024, "{way:?}: {memory} KB");
        // They go on once somebody takes.
        let (client, ..) = &mut streams[STREAMS / 2];
        client.0.read_exact(&mut vec![0; 1024 * 1024]).expect("more of it");
    }
}
