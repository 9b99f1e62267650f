//! Lambda's Runtime API: runtimes connect, take invocations, answer, fail and die.

use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::support::http::{Answer, Client, get};
use crate::support::sidecar::{Sidecar, until};

const INTERNAL: &str = "{\"message\": \"Internal server error\"}";

fn start(more: &str) -> (Sidecar, SocketAddr) {
    let mut sidecar = Sidecar::start(&format!(
        "api:\n  routes:\n    - {{ path: '/{{proxy+}}', method: ANY, integration: {{ type: AWS_PROXY, function: 'f:live' }} }}\n\
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
    let client = call(&sidecar, "/hello");
    let mut runtime = Runtime::connect(address);
    let (id, invocation) = runtime.next();
    assert_eq!(invocation.json()["path"], "/hello");
    let hyphens: Vec<usize> = id.match_indices('-').map(|(at, _)| at).collect();
    assert_eq!((id.len(), hyphens), (36, vec![8, 13, 18, 23]), "{id}");
    let header = |name| invocation.header(name).unwrap_or_else(|| panic!("no {name}: {}", invocation.head));
    assert!(header("Lambda-Runtime-Trace-Id").starts_with("Root=1-"));
    assert!(header("Lambda-Runtime-Invoked-Function-Arn").ends_with(":function:f:live"), "{}", invocation.head);
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

/// The bootstrap in Lambda's own tutorial is a shell script: each of its requests is a connection of its own.
#[test]
fn a_shell_script_with_curl_is_a_runtime_too() {
    let (sidecar, address) = start("");
    let client = call(&sidecar, "/x");
    let next = get(address, "/2018-06-01/runtime/invocation/next");
    let id = next.header("Lambda-Runtime-Aws-Request-Id").expect("an id").to_owned();
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(Runtime::connect(address).respond(&id, r#"{"body":"by script"}"#).status, 202);
    assert_eq!(said(client), (200, "by script".into()));
}

#[test]
fn calls_wait_for_a_runtime_but_not_for_ever() {
    let (sidecar, address) = start("limits: { runtime_queue: 2, integration_timeout: 600ms }\n");
    assert_eq!(sidecar.ask("/readyz").status, 200, "ready without a runtime");
    let clients: Vec<_> = (0..2).map(|_| call(&sidecar, "/waits")).collect();
    until("both wait", || sidecar.metric("queued_invocations{function=\"f\"}") == 2.0);
    assert_eq!(sidecar.get("/one-too-many").status, 500);
    for client in clients {
        assert_eq!(said(client).0, 504);
    }
    assert_eq!(sidecar.metric("queued_invocations{function=\"f\"}"), 0.0);

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
