//! Lambda's Runtime API: runtimes connect, take invocations, answer, fail and die.

use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use serde_json::json;

use crate::support::http::{Answer, Client, get};
use crate::support::sidecar::{Sidecar, until};

const INTERNAL: &str = "{\"message\": \"Internal server error\"}";

fn start(more: &str) -> (Sidecar, SocketAddr) {
    let mut sidecar = Sidecar::start(&format!(
        "api:\n  routes:\n    - {{ path: '/{{proxy+}}', method: ANY, integration: {{ type: AWS_PROXY, function: 'f:live', \
         requestParameters: {{ integration.request.header.X-Amz-Tenant-Id: method.request.querystring.tenant }} }} }}\n\
         functions:\n  f: {{ runtime_api: '127.0.0.1:0' }}\n{more}"
    ));
    let address = sidecar.runtime_api("f");
    (sidecar, address)
}

/// A runtime that behaves as AWS's clients do.
struct Runtime(Client);

impl Runtime {
    fn connect(address: SocketAddr) -> Runtime {
        Runtime(Client::connect(address))
    }
    fn ask(&mut self) {
        self.0.write(
            "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: r\r\nUser-Agent: aws-lambda-test/1\r\n\r\n",
        );
    }
    /// The next invocation: its id, and all of it.
    fn next(&mut self) -> (String, Answer) {
        self.ask();
        self.take()
    }
    fn take(&mut self) -> (String, Answer) {
        let answer = self.0.read();
        assert_eq!(answer.status, 200);
        let id = answer.header("Lambda-Runtime-Aws-Request-Id").expect("an id").to_owned();
        (id, answer)
    }
    fn post(&mut self, path: &str, header: &str, body: impl AsRef<[u8]>) -> Answer {
        let body = body.as_ref();
        let head = format!(
            "POST /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: r\r\n{header}Content-Length: {}\r\n\r\n",
            body.len()
        );
        self.0.write([head.as_bytes(), body].concat());
        self.0.read()
    }
    fn respond(&mut self, id: &str, body: impl AsRef<[u8]>) -> Answer {
        self.post(&format!("invocation/{id}/response"), "", body)
    }
}

fn call(sidecar: &Sidecar, path: &str) -> JoinHandle<Answer> {
    let (address, path) = (sidecar.data, path.to_owned());
    std::thread::spawn(move || get(address, &path))
}

fn said(answer: JoinHandle<Answer>) -> (u16, String) {
    let answer = answer.join().expect("an answer");
    (answer.status, answer.text().to_owned())
}

#[test]
fn an_invocation_from_end_to_end() {
    let (sidecar, address) = start("");
    let client = call(&sidecar, "/hello?tenant=blue");
    let mut runtime = Runtime::connect(address);
    let (id, invocation) = runtime.next();
    assert_eq!(invocation.json()["path"], "/hello");
    let hyphens: Vec<usize> = id.match_indices('-').map(|(at, _)| at).collect();
    assert_eq!((id.len(), hyphens), (36, vec![8, 13, 18, 23]), "{id}");
    let header = |name| invocation.header(name).unwrap_or_else(|| panic!("no {name}: {}", invocation.head));
    assert!(header("Lambda-Runtime-Trace-Id").starts_with("Root=1-"));
    assert!(header("Lambda-Runtime-Invoked-Function-Arn").ends_with(":function:f:live"), "{}", invocation.head);
    assert_eq!(header("Lambda-Runtime-Aws-Tenant-Id"), "blue");
    let deadline: u128 = header("Lambda-Runtime-Deadline-Ms").parse().expect("a number");
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a time").as_millis();
    assert!((1_000..=29_000).contains(&deadline.saturating_sub(now)), "{deadline} at {now}");
    let taken = runtime.respond(&id, r#"{"statusCode":200,"body":"done"}"#);
    assert_eq!((taken.status, taken.text().trim()), (202, r#"{"status":"OK"}"#));
    assert_eq!(said(client), (200, "done".into()));

    assert_eq!(runtime.respond(&id, "{}").status, 403, "answered before");
    assert_eq!(runtime.respond("nonsense", "{}").status, 400, "unknown");
    assert_eq!(runtime.post("nonsense", "", "").status, 404);
}

#[test]
fn an_answer_to_another_attempt_is_refused() {
    let (sidecar, address) = start("");
    let client = call(&sidecar, "/x");
    let mut runtime = Runtime::connect(address);
    let (id, invocation) = runtime.next();
    let attempt = invocation.header("Lambda-Runtime-Invocation-Id").expect("an id").to_owned();
    let mut respond = |attempt: &str, body: &str| {
        let header = format!("Lambda-Runtime-Invocation-Id: {attempt}\r\n");
        runtime.post(&format!("invocation/{id}/response"), &header, body)
    };
    let refused = respond(&id, r#"{"body":"crossed"}"#);
    assert_eq!((refused.status, refused.json()["errorType"].as_str()), (400, Some("InvalidRequestID")));
    assert_eq!(respond(&attempt, r#"{"body":"mine"}"#).status, 202);
    assert_eq!(said(client), (200, "mine".into()));
}

#[test]
fn the_tenant_that_the_definition_maps_reaches_the_runtime() {
    let mut sidecar = Sidecar::start(
        "api:\n  routes:\n    - path: /x\n      method: GET\n      methodResponses: [200]\n      integration:\n        type: AWS\n\
         \x20       function: f\n        requestParameters: { integration.request.header.X-Amz-Tenant-Id: \"'blue'\" }\n\
         \x20       responses: [{ statusCode: 200 }]\nfunctions:\n  f: { runtime_api: '127.0.0.1:0' }\n",
    );
    let mut runtime = Runtime::connect(sidecar.runtime_api("f"));
    let client = call(&sidecar, "/x");
    let (id, invocation) = runtime.next();
    assert_eq!(invocation.header("Lambda-Runtime-Aws-Tenant-Id"), Some("blue"));
    runtime.respond(&id, "1");
    assert_eq!(said(client), (200, "1".into()));
}

#[test]
fn errors_and_streams() {
    let (sidecar, address) = start("");
    let mut runtime = Runtime::connect(address);
    let client = call(&sidecar, "/raised");
    let (id, _) = runtime.next();
    let error = json!({"errorMessage": "x", "errorType": "E", "stackTrace": []}).to_string();
    let header = "Lambda-Runtime-Function-Error-Type: E\r\n";
    assert_eq!(runtime.post(&format!("invocation/{id}/error"), header, error).status, 202);
    assert_eq!(said(client), (502, INTERNAL.into()));

    let client = call(&sidecar, "/streamed");
    let (id, _) = runtime.next();
    runtime.0.write(format!(
        "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nHost: r\r\nTransfer-Encoding: chunked\r\n\r\n\
         12\r\n{{\"statusCode\":200,\r\n10\r\n\"body\":\"a stream\r\n2\r\n\"}}\r\n0\r\n\r\n"
    ));
    assert_eq!(runtime.0.read().status, 202);
    assert_eq!(said(client), (200, "a stream".into()));

    let client = call(&sidecar, "/large");
    let (id, _) = runtime.next();
    assert_eq!(runtime.respond(&id, vec![b'x'; 6_291_557]).status, 413);
    assert_eq!(said(client), (502, INTERNAL.into()));
    assert_eq!(sidecar.metric("invocations_total{function=\"f\",outcome=\"function_error\"}"), 2.0);
    assert_eq!(sidecar.metric("invocations_total{function=\"f\",outcome=\"success\"}"), 1.0);
}

#[test]
fn several_runtimes_work_at_once() {
    let (sidecar, address) = start("");
    let mut runtimes: Vec<Runtime> = (0..3).map(|_| Runtime::connect(address)).collect();
    runtimes.iter_mut().for_each(Runtime::ask);
    let clients: Vec<_> = (0..3).map(|n| call(&sidecar, &format!("/{n}"))).collect();
    let taken: Vec<_> = runtimes.iter_mut().map(Runtime::take).collect();
    for (runtime, (id, invocation)) in runtimes.iter_mut().zip(&taken).rev() {
        let path = invocation.json()["path"].clone();
        assert_eq!(runtime.respond(id, json!({"body": path}).to_string()).status, 202);
    }
    for (n, client) in clients.into_iter().enumerate() {
        assert_eq!(said(client), (200, format!("/{n}")));
    }
}

#[test]
fn a_runtime_that_dies_fails_its_call_only() {
    let (sidecar, address) = start("");
    // While it waits: the next one gets the call.
    let mut gone = Runtime::connect(address);
    gone.ask();
    drop(gone);
    // In the middle of a call.
    let client = call(&sidecar, "/dies");
    let mut dying = Runtime::connect(address);
    dying.next();
    drop(dying);
    assert_eq!(said(client), (502, INTERNAL.into()));
    // One that asks again without having answered has lost its call.
    let client = call(&sidecar, "/forgotten");
    let mut forgetful = Runtime::connect(address);
    forgetful.next();
    forgetful.ask();
    assert_eq!(said(client), (502, INTERNAL.into()));
    let client = call(&sidecar, "/remembered");
    let (id, _) = forgetful.take();
    forgetful.respond(&id, r#"{"body":"alive"}"#);
    assert_eq!(said(client), (200, "alive".into()));
}

/// A death that connections tell is seen sooner than one that is only waited for.
const AT_ONCE: Duration = Duration::from_secs(1);

/// How long the call takes to fail.
fn dead_after(client: JoinHandle<Answer>) -> Duration {
    let begun = Instant::now();
    assert_eq!(said(client), (502, INTERNAL.into()));
    begun.elapsed()
}

/// A machine that stalls for a second tells nothing: of a few times one must be at once.
fn assert_at_once(mut scenario: impl FnMut() -> Duration) {
    let taken: Vec<Duration> = (0..4).map(|_| scenario()).take_while(|t| *t >= AT_ONCE).collect();
    assert!(taken.len() < 4, "{taken:?}");
}

/// Takes an invocation over the one connection, closes it, and answers over the other, as the client of AWS's Rust runtime may.
fn answer_over_another(sidecar: &Sidecar, mut taking: Runtime, answering: &mut Runtime) {
    let client = call(sidecar, "/x");
    let (id, _) = taking.next();
    drop(taking);
    // Long enough for the sidecar to see it; an answer at once would not tell.
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(answering.respond(&id, r#"{"body":"over another"}"#).status, 202);
    assert_eq!(said(client), (200, "over another".into()));
}

#[test]
fn an_answer_over_another_connection_than_its_invocation() {
    let (sidecar, address) = start("");
    let mut spare = Runtime::connect(address);
    for _ in 0..3 {
        answer_over_another(&sidecar, Runtime::connect(address), &mut spare);
    }
    drop(spare);
    // The same process dies in the middle of a call: whichever connection ends first.
    for spare_ends_first in [false, true] {
        assert_at_once(|| {
            let (mut dying, spare) = (Runtime::connect(address), Runtime::connect(address));
            answer_over_another(&sidecar, Runtime::connect(address), &mut dying);
            let client = call(&sidecar, "/dies");
            dying.next();
            let ends = if spare_ends_first { [spare, dying] } else { [dying, spare] };
            ends.into_iter().for_each(drop);
            dead_after(client)
        });
    }
}

#[test]
fn a_runtime_that_dies_beside_others_fails_its_call_at_once() {
    assert_at_once(|| {
        let (sidecar, address) = start("");
        let mut others: Vec<Runtime> = (0..3).map(|_| Runtime::connect(address)).collect();
        let mut dying = Runtime::connect(address);
        dying.ask();
        let first = call(&sidecar, "/first");
        let (id, _) = dying.take();
        dying.respond(&id, r#"{"body":"first"}"#);
        assert_eq!(said(first), (200, "first".into()));
        dying.ask();
        let client = call(&sidecar, "/dies");
        dying.take();
        // One works, two wait.
        others[0].ask();
        let busy = call(&sidecar, "/busy");
        let (id, _) = others[0].take();
        others[1..].iter_mut().for_each(Runtime::ask);
        drop(dying);
        let taken = dead_after(client);
        others[0].respond(&id, r#"{"body":"alive"}"#);
        assert_eq!(said(busy), (200, "alive".into()));
        taken
    });
}

/// A connection that nobody uses might be the dead one's: it is told by what becomes of it.
#[test]
fn a_death_is_seen_once_no_connection_is_left_that_could_be_the_runtime_s() {
    assert_at_once(|| {
        let (sidecar, address) = start("");
        let mut other = Runtime::connect(address);
        assert_eq!(other.post("nonsense", "", "").status, 404);
        let client = call(&sidecar, "/dies");
        let mut dying = Runtime::connect(address);
        dying.next();
        drop(dying);
        other.ask();
        let taken = dead_after(client);
        let client = call(&sidecar, "/lives");
        let (id, _) = other.take();
        other.respond(&id, r#"{"body":"alive"}"#);
        assert_eq!(said(client), (200, "alive".into()));
        taken
    });
}

/// The bootstrap in Lambda's own tutorial is a shell script: each of its requests is a connection of its own, closed without a word.
#[test]
fn a_shell_script_with_curl_is_a_runtime_too() {
    let (sidecar, address) = start("");
    // The first call tells what kind of runtime it is; later ones may take any time.
    for (work, agent) in [(100, "curl/8"), (2_500, "curl/8"), (100, "aws-lambda-rust/1.1.1")] {
        let client = call(&sidecar, "/x");
        let mut curl = Client::connect(address);
        curl.write(format!(
            "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: r\r\nUser-Agent: {agent}\r\nAccept: */*\r\n\r\n"
        ));
        let id = curl.read().header("Lambda-Runtime-Aws-Request-Id").expect("an id").to_owned();
        drop(curl);
        std::thread::sleep(Duration::from_millis(work));
        assert_eq!(Runtime::connect(address).respond(&id, r#"{"body":"by script"}"#).status, 202);
        assert_eq!(said(client), (200, "by script".into()));
    }
}

/// AWS's Ruby client says that it closes each connection.
#[test]
fn a_runtime_that_says_that_it_closes_is_not_dead() {
    let (sidecar, address) = start("");
    let client = call(&sidecar, "/x");
    let next = get(address, "/2018-06-01/runtime/invocation/next");
    let id = next.header("Lambda-Runtime-Aws-Request-Id").expect("an id").to_owned();
    std::thread::sleep(Duration::from_millis(2_500));
    assert_eq!(Runtime::connect(address).respond(&id, r#"{"body":"by Ruby"}"#).status, 202);
    assert_eq!(said(client), (200, "by Ruby".into()));
}

#[test]
fn a_first_call_whose_runtime_crashes_at_once_does_not_wait_for_its_time_out() {
    let (sidecar, address) = start("");
    let client = call(&sidecar, "/dies");
    let mut dying = Runtime::connect(address);
    let (id, _) = dying.next();
    drop(dying);
    assert_eq!(said(client), (502, INTERNAL.into()));
    // It was none: its answer is taken and thrown away, and the next call is not failed.
    assert_eq!(Runtime::connect(address).respond(&id, "{}").status, 202);
    assert_eq!(Runtime::connect(address).respond(&id, "{}").status, 403);
}

#[test]
fn a_request_for_an_unknown_path_leaves_the_connection_and_the_running_call() {
    let (sidecar, address) = start("");
    let mut runtime = Runtime::connect(address);
    runtime.0.write("GET /2018-06-01/runtime/restore/next HTTP/1.1\r\nHost: r\r\n\r\n");
    assert_eq!(runtime.0.read().status, 200);
    let client = call(&sidecar, "/x");
    let (id, _) = runtime.next();
    let unknown = runtime.post("nonsense", "", vec![b'x'; 300_000]);
    assert_eq!((unknown.status, unknown.json()["errorType"].as_str()), (404, Some("NotFound")));
    let error = json!({"errorMessage": "no restore", "errorType": "Runtime.RestoreError"}).to_string();
    assert_eq!(runtime.post("restore/error", "", error).status, 202);
    assert_eq!(runtime.respond(&id, r#"{"body":"still here"}"#).status, 202);
    assert_eq!(said(client), (200, "still here".into()));
}

#[test]
fn calls_wait_for_a_runtime_but_not_for_ever() {
    let (sidecar, address) = start("limits: { runtime_queue: 2, integration_timeout: 4s }\n");
    assert_eq!(sidecar.ask("/readyz").status, 200, "ready without a runtime");
    let clients: Vec<_> = (0..2).map(|_| call(&sidecar, "/waits")).collect();
    until("both wait", || sidecar.metric("queued_invocations{function=\"f\"}") == 2.0);
    assert_eq!(sidecar.get("/one-too-many").status, 500);
    for client in clients {
        assert_eq!(said(client).0, 504);
    }
    until("none waits", || sidecar.metric("queued_invocations{function=\"f\"}") == 0.0);

    // An answer after the timeout is taken and thrown away.
    let client = call(&sidecar, "/late");
    let mut runtime = Runtime::connect(address);
    let (id, invocation) = runtime.next();
    assert_eq!(invocation.json()["path"], "/late", "who gave up is not in the queue any more");
    assert_eq!(said(client).0, 504);
    assert_eq!(runtime.respond(&id, "{}").status, 202);
    assert_eq!(sidecar.metric("invocations_total{function=\"f\",outcome=\"timeout\"}"), 3.0);
    assert_eq!(sidecar.metric("invocations_total{function=\"f\",outcome=\"rejected\"}"), 1.0);
}

#[test]
fn a_runtime_that_cannot_start_fails_the_calls_that_wait() {
    let (sidecar, address) = start("");
    let client = call(&sidecar, "/x");
    until("it waits", || sidecar.metric("queued_invocations{function=\"f\"}") == 1.0);
    let error = json!({"errorMessage": "no module", "errorType": "Runtime.ImportModuleError"}).to_string();
    assert_eq!(Runtime::connect(address).post("init/error", "", error).status, 202);
    assert_eq!(said(client), (502, INTERNAL.into()));
}

#[test]
fn an_init_error_is_remembered_until_a_runtime_asks() {
    let (sidecar, address) = start("limits: { integration_timeout: 20s }\n");
    let error = json!({"errorMessage": "no module", "errorType": "Runtime.ImportModuleError"}).to_string();
    assert_eq!(Runtime::connect(address).post("init/error", "", error).status, 202);
    assert_at_once(|| dead_after(call(&sidecar, "/x")));
    assert_at_once(|| dead_after(call(&sidecar, "/x")));
    let mut runtime = Runtime::connect(address);
    runtime.ask();
    let started = std::thread::spawn(move || {
        let (id, _) = runtime.take();
        runtime.respond(&id, r#"{"body":"started"}"#)
    });
    until("it asks", || sidecar.get("/x").status == 200);
    assert_eq!(started.join().expect("an answer").status, 202);
}

#[test]
fn an_abandoned_call_does_not_hide_an_init_error() {
    let (sidecar, address) = start("limits: { integration_timeout: 4s }\n");
    let client = call(&sidecar, "/abandoned");
    let mut slow = Runtime::connect(address);
    let (id, _) = slow.next();
    assert_eq!(said(client).0, 504);
    let error = json!({"errorMessage": "no module", "errorType": "Runtime.ImportModuleError"}).to_string();
    assert_eq!(Runtime::connect(address).post("init/error", "", error).status, 202);
    assert_eq!(said(call(&sidecar, "/x")), (502, INTERNAL.into()));
    assert_eq!(slow.respond(&id, "{}").status, 202, "still known");
}

#[test]
fn one_connection_too_many_is_told_once() {
    let (mut sidecar, address) = start("");
    let held: Vec<Client> = (0..1_024).map(|_| Client::connect(address)).collect();
    for _ in 0..3 {
        assert!(Client::connect(address).is_closed());
    }
    sidecar.wait_for_log("runtime connections refused: 1024 are open");
    drop(held);
    until("there is room", || {
        let mut client = Client::connect(address);
        client.write_some("GET /nonsense HTTP/1.1\r\nHost: r\r\n\r\n");
        client.try_read(false).is_some()
    });
    assert_eq!(sidecar.log().matches("runtime connections refused").count(), 1);
}

#[test]
fn runtimes_stay_connected_over_a_reload() {
    let (mut sidecar, address) = start("");
    let mut runtime = Runtime::connect(address);
    runtime.ask();
    sidecar.signal("HUP");
    sidecar.wait_for_log("configuration reloaded");
    let client = call(&sidecar, "/x");
    let (id, _) = runtime.take();
    runtime.respond(&id, r#"{"body":"still here"}"#);
    assert_eq!(said(client), (200, "still here".into()));
}
