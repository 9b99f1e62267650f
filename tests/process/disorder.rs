//! Functions out of order: emulators that answer late, wrongly, twice or never, runtimes that hang in the middle of fifty, extensions that
//! hang at their beginning and at the end. Each call gets its own answer or its own failure, and counts once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::http::{Answer, Client, get, send};
use crate::support::lambda::{Backend, Reply, Seen};
use crate::support::sidecar::{Sidecar, until};

/// What a client can see of a call that was made, and how the call is counted then.
const OUTCOMES: [(u16, &str, &str); 5] = [
    (200, "", "success"),
    (502, "{\"message\": \"Internal server error\"}", "function_error"),
    (500, "{\"message\": \"Internal server error\"}", "rejected"),
    (504, "{\"message\": \"Endpoint request timed out\"}", "timeout"),
    (504, "{\"message\": \"Network error communicating with endpoint\"}", "network_error"),
];

/// How a call is counted that was answered so.
fn outcome(answer: &Answer) -> &'static str {
    let known = OUTCOMES
        .iter()
        .find(|(status, body, _)| answer.status == *status && (body.is_empty() || answer.text() == *body));
    known.unwrap_or_else(|| panic!("{answer:?}")).2
}

/// The function `f` has been called so often, by outcome, and nothing is under way.
fn assert_counted(sidecar: &Sidecar, told: &BTreeMap<&'static str, usize>) {
    let is_idle = |series: &&str| sidecar.metric(series) == 0.0;
    let series = ["in_flight_requests", "buffered_bytes", "queued_invocations{function=\"f\"}"];
    until("idle", || series.iter().all(is_idle));
    for (_, _, outcome) in OUTCOMES {
        let series = format!("invocations_total{{function=\"f\",outcome=\"{outcome}\"}}");
        assert_eq!(sidecar.metric(&series) as usize, told.get(outcome).copied().unwrap_or(0), "{outcome}");
    }
}

/// Clients that ask one after the other, each for paths of its own; what they were told, by outcome. An answer is that path's.
fn ask_all(address: SocketAddr, clients: usize, paths: impl Fn(usize) -> Vec<String>) -> BTreeMap<&'static str, usize> {
    let asking: Vec<JoinHandle<Vec<&'static str>>> = (0..clients)
        .map(|client| {
            let paths = paths(client);
            std::thread::spawn(move || {
                let mut connection = Client::connect(address);
                let ask = |path: String| {
                    connection.write(format!("GET {path} HTTP/1.1\r\nHost: t\r\n\r\n"));
                    let answer = connection.read();
                    assert!(answer.status != 200 || answer.text() == path, "{path}: {answer:?}");
                    outcome(&answer)
                };
                paths.into_iter().map(ask).collect()
            })
        })
        .collect();
    let mut told = BTreeMap::new();
    for outcome in asking.into_iter().flat_map(|client| client.join().expect("a client with its own answers")) {
        *told.entry(outcome).or_insert(0) += 1;
    }
    told
}

fn emulated(address: SocketAddr, more: &str) -> String {
    format!(
        "api:\n  routes:\n    - {{ path: '/{{proxy+}}', method: ANY, integration: {{ type: AWS_PROXY, function: f }} }}\n\
         functions:\n  f: {{ emulator: 'http://{address}' }}\n{more}"
    )
}

fn path(seen: &Seen) -> String {
    seen.json()["path"].as_str().unwrap_or_default().to_owned()
}

/// A function's good answer: the path that it was asked for.
fn good(path: &str) -> String {
    json!({ "statusCode": 200, "body": path }).to_string()
}

/// What the emulator does, by the first segment of the path.
fn misbehave(path: &str) -> Reply {
    let answer = |body: &str| format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let closing = |bytes: &str| Reply::ThenClose(Box::new(Reply::Raw(bytes.as_bytes().to_vec())));
    match path.split('/').nth(1).unwrap_or_default() {
        "late" => Reply::After(Duration::from_millis(3_500), Box::new(Reply::payload(good(path)))),
        "twice" => Reply::Raw((answer(&good(path)) + &answer(&good("/another's"))).into()),
        "crash" => Reply::With(502, &[], Vec::new()),
        "sentence" => Reply::payload("Task timed out after 3.00 seconds"),
        "refused" => Reply::With(500, &[], b"busy".to_vec()),
        "garbage" => closing("SMTP ready\r\n\r\n"),
        "cut" => closing("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"),
        "reset" => Reply::Reset(b"HTTP/1.1 200 OK\r\nContent-"),
        "silent" => Reply::Close,
        _ => Reply::payload(good(path)),
    }
}

/// Who comes behind a call that went wrong has its own answer, although the emulator takes one at a time and some of them late.
#[test]
fn an_emulator_out_of_order_fails_its_own_calls_only() {
    const CLIENTS: usize = 6;
    let kinds = ["good", "twice", "crash", "good", "sentence", "refused", "garbage", "good", "cut", "reset", "silent"];
    let backend = Backend::start(|seen| misbehave(&path(seen)));
    let sidecar = Sidecar::start(&emulated(backend.address, "limits: { integration_timeout: 3s }\n"));
    let told = ask_all(sidecar.data, CLIENTS, |client| {
        let of = |(number, kind): (usize, &&str)| format!("/{kind}/{client}-{number}");
        let mut paths: Vec<String> = kinds.iter().enumerate().map(of).collect();
        paths.rotate_left(client);
        if client < 2 {
            paths.insert(5, format!("/late/{client}"));
        }
        paths
    });
    until("the last late answer", || backend.active() == 0);
    assert_eq!(sidecar.get("/good/last").text(), "/good/last");
    let mut told = told;
    *told.entry("success").or_insert(0) += 1;
    assert_counted(&sidecar, &told);
    let seen: Vec<String> = backend.seen().iter().map(path).collect();
    let paths: HashSet<&String> = seen.iter().collect();
    assert_eq!((paths.len(), backend.most_at_once()), (seen.len(), 1), "each at most once, one at a time");
    assert!(told["timeout"] >= 2 && told["network_error"] + told["function_error"] >= CLIENTS, "{told:?}");
    // Whatever was sent was told as something else than a wait in vain, but for those that the emulator was late with.
    let sent_in_vain = told["timeout"] - (CLIENTS * kinds.len() + 3 - seen.len());
    assert!(sent_in_vain <= 2, "{sent_in_vain} of {told:?}");
}

/// As long as it hangs all wait in vain, and are not sent; once it was killed and is back, they are served.
#[test]
fn an_emulator_that_hangs_serves_again_after_its_restart() {
    let hangs = |seen: &Seen| match path(seen).as_str() {
        "/hangs" => Reply::After(Duration::from_secs(60), Box::new(Reply::Close)),
        path => Reply::payload(good(path)),
    };
    let backend = Backend::start(hangs);
    let address = backend.address;
    let sidecar = Sidecar::start(&emulated(address, "limits: { integration_timeout: 3s }\n"));
    let mut told = ask_all(sidecar.data, 1, |_| vec!["/before".into(), "/hangs".into()]);
    for (outcome, count) in ask_all(sidecar.data, 4, |client| vec![format!("/waits/{client}")]) {
        *told.entry(outcome).or_insert(0) += count;
    }
    assert_eq!(told, BTreeMap::from([("success", 1), ("timeout", 5)]));
    assert_eq!(backend.kill().iter().map(path).collect::<Vec<_>>(), ["/before", "/hangs"]);
    // While nobody listens.
    let down = ask_all(sidecar.data, 1, |_| vec!["/down".into()]);
    assert_eq!(down, BTreeMap::from([("network_error", 1)]));
    let backend = Backend::at(address, hangs);
    let back = ask_all(sidecar.data, 4, |client| vec![format!("/back/{client}")]);
    assert_eq!((back, backend.seen().len()), (BTreeMap::from([("success", 4)]), 4));
    assert_counted(&sidecar, &BTreeMap::from([("success", 5), ("timeout", 5), ("network_error", 1)]));
}

fn by_runtimes(functions: usize, more: &str) -> Sidecar {
    let routes: String = (0..functions)
        .map(|n| {
            format!(
                "    - {{ path: '/{n}/{{proxy+}}', method: ANY, integration: {{ type: AWS_PROXY, function: f{n} }} }}\n"
            )
        })
        .collect();
    let places: String = (0..functions).map(|n| format!("  f{n}: {{ runtime_api: '127.0.0.1:0' }}\n")).collect();
    Sidecar::start(&format!("api:\n  routes:\n{routes}functions:\n{places}{more}"))
}

/// Takes an invocation: its id and its path.
fn take(runtime: &mut Client) -> (String, String) {
    runtime.write("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: r\r\n\r\n");
    let invocation = runtime.read();
    let id = invocation.header("Lambda-Runtime-Aws-Request-Id").expect("an id").to_owned();
    (id, invocation.json()["path"].as_str().unwrap_or_default().to_owned())
}

fn respond(runtime: &mut Client, id: &str, body: &str) -> u16 {
    let length = body.len();
    runtime.write(format!(
        "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nHost: r\r\nContent-Length: {length}\r\n\r\n{body}"
    ));
    runtime.read().status
}

/// Fifty runtimes, of which each is now and then too late, or gone with its call: the others' calls are answered, late answers are
/// taken and thrown away, and what clients saw is what was counted.
#[test]
fn runtimes_that_are_late_or_die_among_fifty_fail_their_own_calls_only() {
    const RUNTIMES: usize = 50;
    const CALLS: usize = 300;
    let mut sidecar = Sidecar::start(
        "api:\n  routes:\n    - { path: '/{proxy+}', method: ANY, integration: { type: AWS_PROXY, function: f } }\n\
         functions:\n  f: { runtime_api: '127.0.0.1:0' }\nlimits: { integration_timeout: 6s }\n",
    );
    let address = sidecar.runtime_api("f");
    let taken = Arc::new(AtomicUsize::new(0));
    let runtimes: Vec<JoinHandle<usize>> = (0..RUNTIMES)
        .map(|_| {
            let taken = taken.clone();
            std::thread::spawn(move || {
                let mut runtime = Client::connect(address);
                let mut late = 0;
                while taken.fetch_add(1, Ordering::Relaxed) < CALLS {
                    let (id, path) = take(&mut runtime);
                    if path.starts_with("/dies") {
                        runtime = Client::connect(address);
                        continue;
                    }
                    if path.starts_with("/late") {
                        std::thread::sleep(Duration::from_millis(6_500));
                        late += 1;
                    }
                    assert_eq!(respond(&mut runtime, &id, &good(&path)), 202, "{path}");
                }
                late
            })
        })
        .collect();
    let told = ask_all(sidecar.data, RUNTIMES, |client| {
        let kind = |call: usize| match (client % 10, call) {
            (0, 2) => "late",
            (5, 3) => "dies",
            _ => "good",
        };
        (0..CALLS / RUNTIMES).map(|call| format!("/{}/{client}-{call}", kind(call))).collect()
    });
    let late: usize = runtimes.into_iter().map(|runtime| runtime.join().expect("a runtime")).sum();
    assert_eq!(late, 5);
    // On a slow machine there may always be a connection that could be the dead one's: then the death is only waited for.
    let count = |outcome: &str| told.get(outcome).copied().unwrap_or(0);
    assert_eq!((count("success"), count("timeout") + count("function_error")), (CALLS - 10, 10), "{told:?}");
    assert!(count("timeout") >= 5, "{told:?}");
    assert_counted(&sidecar, &told);
}

/// An extension that registered for these events, and the connection on which it asks for them, or does not.
fn extension(address: SocketAddr, events: &str) -> (Client, String) {
    let body = format!("{{\"events\":[{events}]}}");
    let length = body.len();
    let registered = send(
        address,
        format!(
            "POST /2020-01-01/extension/register HTTP/1.1\r\nHost: r\r\nLambda-Extension-Name: x\r\nContent-Length: {length}\r\n\r\n{body}"
        ),
    );
    let id = registered.header("Lambda-Extension-Identifier").expect("an identifier").to_owned();
    (Client::connect(address), id)
}

fn ask_for_event(client: &mut Client, id: &str) {
    client.write(format!(
        "GET /2020-01-01/extension/event/next HTTP/1.1\r\nHost: r\r\nLambda-Extension-Identifier: {id}\r\n\r\n"
    ));
}

/// Lambda would wait for it; here calls go on, and what waits for it is bounded.
#[test]
fn an_extension_that_hangs_at_its_beginning_holds_up_no_call() {
    const CALLS: usize = 1_300;
    let mut sidecar = by_runtimes(1, "");
    let address = sidecar.runtime_api("f0");
    let (mut hanging, id) = extension(address, r#""INVOKE","SHUTDOWN""#);
    // One that began to register, and goes no further.
    let mut half = Client::connect(address);
    half.write("POST /2020-01-01/extension/register HTTP/1.1\r\nHost: r\r\nLambda-Extension-Name: y\r\nContent-Length: 40\r\n\r\n{\"ev");
    let runtime = std::thread::spawn(move || {
        let mut runtime = Client::connect(address);
        let serve = |_| {
            let (id, path) = take(&mut runtime);
            assert_eq!(respond(&mut runtime, &id, &good(&path)), 202);
            id
        };
        (0..CALLS).map(serve).collect::<Vec<String>>()
    });
    let told = ask_all(sidecar.data, 4, |client| (0..CALLS / 4).map(|call| format!("/0/{client}-{call}")).collect());
    assert_eq!(told, BTreeMap::from([("success", CALLS)]));
    let ids = runtime.join().expect("a runtime");
    // Once it asks, it is told of the last thousand, in their order.
    ask_for_event(&mut hanging, &id);
    let first = hanging.read().json()["requestId"].as_str().map(str::to_owned);
    assert_eq!(first.as_deref(), ids.get(CALLS - 1_000).map(String::as_str));
    let success = "invocations_total{function=\"f0\",outcome=\"success\"}";
    assert_eq!(sidecar.metric(success) as usize, CALLS);
}

/// Nobody can wait for all of them in turn: a pod has its grace period, whatever they do.
#[test]
fn extensions_that_hang_at_the_end_do_not_hold_it_up() {
    const FUNCTIONS: usize = 24;
    for taking in [false, true] {
        let mut sidecar = by_runtimes(FUNCTIONS, "");
        let addresses: Vec<_> = (0..FUNCTIONS).map(|n| sidecar.runtime_api(&format!("f{n}"))).collect();
        // They never ask; or they take the event, and never end.
        let mut hanging: Vec<_> = addresses.iter().map(|address| extension(*address, r#""SHUTDOWN""#)).collect();
        if taking {
            hanging.iter_mut().for_each(|(client, id)| ask_for_event(client, id));
        }
        let started = Instant::now();
        sidecar.signal("TERM");
        if taking {
            let told: HashMap<String, usize> = hanging.iter_mut().fold(HashMap::new(), |mut told, (client, _)| {
                *told.entry(client.read().json()["eventType"].to_string()).or_insert(0) += 1;
                told
            });
            assert_eq!(told, HashMap::from([("\"SHUTDOWN\"".to_owned(), FUNCTIONS)]));
        }
        assert_eq!(sidecar.wait().code(), Some(0));
        // In turn they would take half a second each, or two.
        assert!(started.elapsed() < Duration::from_secs(10), "{taking}: {:?}", started.elapsed());
    }
}

/// A connection to the Runtime API that says nothing, half a request, or asks and never reads: calls are served by who works.
#[test]
fn runtimes_that_never_ask_take_no_call() {
    let mut sidecar = by_runtimes(1, "limits: { integration_timeout: 20s }\n");
    let address = sidecar.runtime_api("f0");
    let silent: Vec<Client> = (0..50).map(|_| Client::connect(address)).collect();
    let half: Vec<Client> = (0..50)
        .map(|_| {
            let mut client = Client::connect(address);
            client.write("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHos");
            client
        })
        .collect();
    // Each asked, and is gone before there is a call.
    for _ in 0..50 {
        Client::connect(address).write("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: r\r\n\r\n");
    }
    let mut runtime = Client::connect(address);
    for call in 0..20 {
        let (data, path) = (sidecar.data, format!("/0/{call}"));
        let asked = path.clone();
        let client = std::thread::spawn(move || get(data, &asked));
        let (id, taken) = take(&mut runtime);
        assert_eq!(taken, path);
        assert_eq!(respond(&mut runtime, &id, &good(&path)), 202);
        let answer = client.join().expect("an answer");
        assert_eq!((answer.status, answer.text()), (200, path.as_str()));
    }
    assert_eq!(sidecar.metric("invocations_total{function=\"f0\",outcome=\"success\"}"), 20.0);
    drop((silent, half));
}
