//! Start, reload, shutdown.

use std::io::Read;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use super::proxy;
use crate::support::http::{Client, get, send};
use crate::support::lambda::{Backend, Gate, Reply};
use crate::support::sidecar::{Sidecar, command, folder, signal, until, with_ports};

const GOOD: &str = r#"{"statusCode":200,"body":"good"}"#;

/// Runs a command in a folder with that configuration: its exit code and what it said.
fn ended(arguments: &[&str], config: Option<&str>) -> (Option<i32>, String) {
    let folder = folder();
    if let Some(config) = config {
        std::fs::write(folder.join("stagegate.yaml"), config).expect("a file");
    }
    let output = command().current_dir(&folder).args(arguments).output().expect("the binary");
    let _ = std::fs::remove_dir_all(folder);
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn exit_codes() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address");
    let api = "api:\n  routes:\n    - { path: /, method: GET, integration: { type: AWS_PROXY, function: f } }\n";
    let with = |listen: &str, admin: &str, function: &str| {
        format!("listen: {listen}\nadmin: {{ listen: '{admin}' }}\n{api}functions:\n  f: {{ {function} }}\n")
    };
    let (free, here) = ("127.0.0.1:0", address.to_string());
    let function = "invoke_api: 'http://127.0.0.1:1'";
    let (code, said) = ended(&[], Some(&with(&here, free, function)));
    assert_eq!(code, Some(69), "{said}");
    assert!(said.contains("data port") && said.contains(&here), "{said}");
    assert_eq!(ended(&["run"], Some(&with(free, &here, function))).0, Some(69));
    assert_eq!(ended(&["run"], Some(&with(free, free, &format!("runtime_api: '{here}'")))).0, Some(69));
    let (code, said) = ended(&["run"], Some(&with(free, free, "invoke: x")));
    assert_eq!(code, Some(78), "{said}");
    assert!(said.contains("stagegate.yaml:7"), "{said}");
    assert!(said.ends_with("the configuration is not usable: 2 errors\n"), "{said}");
    let (code, said) = ended(&["run", "--config", "nowhere.yaml"], None);
    assert_eq!(code, Some(78));
    assert!(said.ends_with("the configuration is not usable: 1 error\n"), "{said}");
    assert_eq!(ended(&["run"], None).0, Some(78));
    // The port is also taken when another sidecar has it, although its threads share it among themselves.
    let backend = Backend::start(|_| Reply::payload(GOOD));
    let first = Sidecar::start(&proxy(backend.address, ""));
    assert_eq!(ended(&["run"], Some(&with(&first.data.to_string(), free, function))).0, Some(69));
}

#[test]
fn healthcheck_asks_where_the_configuration_has_the_admin_port() {
    let backend = Backend::start(|_| Reply::payload(GOOD));
    let sidecar = Sidecar::start(&proxy(backend.address, ""));
    let healthy =
        |arguments: &[&str], config: Option<&str>| ended(&[&["healthcheck"], arguments].concat(), config).0 == Some(0);
    let (here, nowhere) = (sidecar.admin.to_string(), "127.0.0.1:1");
    let config = |address: &str| format!("admin: {{ listen: '{address}' }}\napi: {{ definition: not-there.yaml }}\n");
    assert!(healthy(&[], Some(&config(&here))));
    assert!(!healthy(&[], Some(&config(nowhere))));
    assert!(healthy(&["--admin-listen", &here], Some(&config(nowhere))));
    assert!(healthy(&["--admin-listen", &here], Some("admin: [")), "a bad file says nothing");
    assert!(healthy(&["--admin-listen", &here], None));
    assert!(healthy(&["--url", &format!("http://{here}/readyz")], Some(&config(nowhere))));
    // The other way that images have: a variable.
    let status = command().arg("healthcheck").env("STAGEGATE_ADMIN__LISTEN", &here).status();
    assert!(status.expect("the binary").success());
}

#[test]
fn the_end_waits_for_what_is_in_flight() {
    for signal in ["TERM", "INT"] {
        let gate = Gate::default();
        let behind = gate.clone();
        let backend = Backend::start(move |seen| {
            if seen.json()["path"] == "/y" {
                behind.wait();
            }
            Reply::payload(GOOD)
        });
        let mut sidecar = Sidecar::start(&proxy(backend.address, "drain: 60s\n"));
        let mut busy = Client::connect(sidecar.data);
        let mut idle = Client::connect(sidecar.data);
        idle.write("GET /x HTTP/1.1\r\nHost: t\r\n\r\n");
        assert_eq!(idle.read().status, 200);
        busy.write("GET /y HTTP/1.1\r\nHost: t\r\n\r\n");
        until("in flight", || backend.seen().len() == 2);
        sidecar.signal(signal);
        until("not ready", || sidecar.ask("/readyz").status == 503);
        assert_eq!(sidecar.ask("/livez").status, 200);
        gate.open();
        let answer = busy.read();
        assert_eq!((answer.status, answer.header("Connection")), (200, Some("close")));
        assert!(busy.is_closed() && idle.is_closed());
        assert_eq!(sidecar.wait().code(), Some(0));
    }
}

#[test]
fn no_request_fails_when_it_ends_under_load() {
    let backend = Backend::start(|_| Reply::After(Duration::from_millis(2), Box::new(Reply::payload(GOOD))));
    let mut sidecar = Sidecar::start(&proxy(backend.address, ""));
    let (answered, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let address = sidecar.data;
    let clients: Vec<_> = (0..16)
        .map(|n| {
            let (answered, stop) = (answered.clone(), stop.clone());
            std::thread::spawn(move || {
                let mut client = Client::connect(address);
                while !stop.load(Ordering::Relaxed) {
                    client.write(format!("POST /{n} HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\n{{}}"));
                    let answer = client.read();
                    assert_eq!((answer.status, answer.text()), (200, "good"));
                    answered.fetch_add(1, Ordering::Relaxed);
                    if answer.header("Connection") == Some("close") {
                        return;
                    }
                }
            })
        })
        .collect();
    until("under load", || answered.load(Ordering::Relaxed) > 500);
    sidecar.signal("TERM");
    for client in clients {
        client.join().expect("no failed request");
    }
    stop.store(true, Ordering::Relaxed);
    assert_eq!(sidecar.wait().code(), Some(0));
}

#[test]
fn the_end_does_not_wait_for_ever() {
    let backend = Backend::start(|_| Reply::After(Duration::from_secs(60), Box::new(Reply::payload(GOOD))));
    let mut sidecar = Sidecar::start(&proxy(backend.address, "drain: 300ms\n"));
    let mut busy = Client::connect(sidecar.data);
    busy.write("GET /x HTTP/1.1\r\nHost: t\r\n\r\n");
    until("in flight", || backend.seen().len() == 1);
    let started = Instant::now();
    sidecar.signal("TERM");
    assert_eq!(sidecar.wait().code(), Some(0));
    assert!(started.elapsed() >= Duration::from_millis(250) && started.elapsed() < Duration::from_secs(20));
    assert!(sidecar.log().contains("still in flight"), "{}", sidecar.log());
}

/// GNU timeout, for one, signals its child, and then the group that the child is in.
#[test]
fn two_signals_that_come_together_are_one() {
    for signals in [["TERM", "TERM"], ["TERM", "INT"]] {
        let gate = Gate::default();
        let behind = gate.clone();
        let backend = Backend::start(move |_| {
            behind.wait();
            Reply::payload(GOOD)
        });
        let mut sidecar = Sidecar::start(&proxy(backend.address, ""));
        let mut busy = Client::connect(sidecar.data);
        busy.write("GET /x HTTP/1.1\r\nHost: t\r\n\r\n");
        until("in flight", || backend.seen().len() == 1);
        // Both are there before it sees either.
        sidecar.signals(&["STOP", signals[0], signals[1], "CONT"]);
        sidecar.wait_for_log("shutting down");
        gate.open();
        assert_eq!(busy.read().status, 200, "{signals:?}");
        assert_eq!(sidecar.wait().code(), Some(0), "{signals:?}");
    }
}

#[test]
fn a_second_signal_ends_at_once() {
    let backend = Backend::start(|_| Reply::After(Duration::from_secs(60), Box::new(Reply::payload(GOOD))));
    let mut sidecar = Sidecar::start(&proxy(backend.address, ""));
    let mut busy = Client::connect(sidecar.data);
    busy.write("GET /x HTTP/1.1\r\nHost: t\r\n\r\n");
    until("in flight", || backend.seen().len() == 1);
    let started = Instant::now();
    sidecar.signal("TERM");
    until("draining", || sidecar.ask("/readyz").status == 503);
    until("ended", || {
        sidecar.signal("INT");
        sidecar.ended().is_some()
    });
    assert_eq!(sidecar.wait().code(), Some(1));
    // Its drain is half a minute.
    assert!(started.elapsed() < Duration::from_secs(20));
}

/// A collector that hangs is given its time for the last spans, but not against a second signal.
#[test]
fn a_second_signal_ends_the_wait_for_a_collector_too() {
    let collector = Backend::start(|_| Reply::After(Duration::from_secs(60), Box::new(Reply::Close)));
    let backend = Backend::start(|_| Reply::payload(GOOD));
    let telemetry = format!("telemetry: {{ otlp: {{ endpoint: 'http://{}', sample: 1 }} }}\n", collector.address);
    let mut sidecar = Sidecar::start(&proxy(backend.address, &telemetry));
    assert_eq!(sidecar.get("/x").status, 200);
    let started = Instant::now();
    sidecar.signal("TERM");
    sidecar.wait_for_log("shutting down");
    until("it waits for the collector alone", || collector.seen().len() == 1);
    until("ended", || {
        sidecar.signal("TERM");
        sidecar.ended().is_some()
    });
    assert_eq!(sidecar.wait().code(), Some(1));
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

fn route(path: &str) -> String {
    format!(
        "api:\n  routes:\n    - {{ path: {path}, method: GET, integration: {{ type: AWS_PROXY, function: f }} }}\n\
         functions:\n  f: {{ http: 'http://127.0.0.1:1' }}\n"
    )
}

#[test]
fn a_changed_file_is_loaded_and_a_bad_one_is_not() {
    let mut sidecar = Sidecar::start(&route("/first"));
    assert_eq!((sidecar.get("/first").status, sidecar.get("/second").status), (504, 403));
    let loaded_at = sidecar.metric("config_last_reload_success_timestamp_seconds");
    sidecar.rewrite(&route("/second"));
    until("reloaded", || sidecar.get("/second").status == 504);
    assert_eq!(sidecar.get("/first").status, 403);
    until("told", || sidecar.metric("config_last_reload_success_timestamp_seconds") > loaded_at);

    sidecar.rewrite("api: { rotues: [] }\n");
    until("refused", || sidecar.metric("config_last_reload_successful") == 0.0);
    assert_eq!(sidecar.get("/second").status, 504);
    let line: Value = serde_json::from_str(&sidecar.wait_for_log("rotues")).expect("a JSON line");
    let finding = json!({
        "time": line["time"],
        "level": "error",
        "message": "unknown key `rotues`; the nearest known key is `routes`",
        "file": "stagegate.yaml",
        "line": 4,
        "place": "api.rotues",
        "rule": "unknown-key",
    });
    assert_eq!(line, finding);

    sidecar.rewrite(&format!("{}drain: 1s\nlimits: {{ in_flight: 5, runtime_queue: 3 }}\n", route("/third")));
    until("reloaded", || sidecar.get("/third").status == 504);
    until("told", || sidecar.metric("config_last_reload_successful") == 1.0);
    assert!(sidecar.wait_for_log("needs a restart").contains("limits.runtime_queue"));

    // Written in place, and asked for by a signal.
    std::fs::write(sidecar.folder.join("stagegate.yaml"), with_ports(&route("/fourth"))).expect("a file");
    sidecar.signal("HUP");
    until("reloaded", || sidecar.get("/fourth").status == 504);
}

/// A file that is as new as the process, as a container's are, was loaded all the same.
#[test]
fn what_was_just_loaded_is_not_loaded_again() {
    let folder = folder();
    let file = folder.join("stagegate.yaml");
    std::fs::write(&file, with_ports(&route("/first"))).expect("a file");
    let later = SystemTime::now() + Duration::from_secs(60);
    std::fs::File::options().write(true).open(&file).and_then(|f| f.set_modified(later)).expect("a time");
    let mut sidecar = Sidecar::start_in(folder, &[]);
    sidecar.signal("HUP");
    sidecar.wait_for_log("configuration reloaded");
    sidecar.rewrite(&route("/second"));
    until("reloaded", || sidecar.get("/second").status == 504);
    let loads = || serde_json::from_str::<Value>(sidecar.ask("/definition").text()).expect("JSON")["loads"].clone();
    until("told", || loads() != 2);
    assert_eq!(loads(), 3, "{}", sidecar.log());
}

#[test]
fn a_quota_goes_on_after_a_reload() {
    let backend = Backend::start(|_| Reply::payload(GOOD));
    let config = |open: &str| {
        format!(
            "api:\n  api_keys: {{ partner: {{ value: partner-key-value-000001 }} }}\n  \
             usage_plans: {{ gold: {{ keys: [partner], quota: {{ limit: 2, period: MONTH }} }} }}\n  routes:\n    \
             - {{ path: /, method: GET, apiKeyRequired: true, integration: {{ type: AWS_PROXY, function: f }} }}\n    \
             - {{ path: {open}, method: GET, integration: {{ type: AWS_PROXY, function: f }} }}\n\
             functions: {{ f: {{ invoke_api: 'http://{}' }} }}\n",
            backend.address
        )
    };
    let sidecar = Sidecar::start(&config("/before"));
    let status =
        || send(sidecar.data, "GET / HTTP/1.1\r\nHost: t\r\nx-api-key: partner-key-value-000001\r\n\r\n").status;
    assert_eq!(status(), 200);
    sidecar.rewrite(&config("/after"));
    until("reloaded", || sidecar.get("/after").status == 200);
    assert_eq!((status(), status()), (200, 429));
}

#[test]
fn a_definition_elsewhere_is_watched_even_while_it_is_bad() {
    let elsewhere = folder();
    let definition = elsewhere.join("api.yaml");
    let sidecar = Sidecar::start(&route("/first"));
    std::fs::write(&definition, "openapi: [").expect("a file");
    let api = format!(
        "api: {{ definition: '{}' }}\nfunctions: {{ '*': {{ http: 'http://127.0.0.1:1' }} }}\n",
        definition.display()
    );
    sidecar.rewrite(&api);
    until("refused", || sidecar.metric("config_last_reload_successful") == 0.0);
    let good = "openapi: 3.0.1\ninfo: { title: t, version: '1' }\npaths:\n  /second:\n    get:\n      x-amazon-apigateway-integration:\n        \
        { type: aws_proxy, httpMethod: POST, uri: 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:f/invocations' }\n";
    std::fs::write(&definition, good).expect("a file");
    until("reloaded", || sidecar.get("/second").status == 504);
    let _ = std::fs::remove_dir_all(elsewhere);
}

/// A ConfigMap's files are links through `..data`, which is a link that is swapped.
#[test]
fn a_config_map_is_followed() {
    let folder = folder();
    let version = |name: &str, config: &str| {
        let version = folder.join(name);
        std::fs::create_dir_all(&version).expect("a folder");
        std::fs::write(version.join("stagegate.yaml"), with_ports(config)).expect("a file");
    };
    version("..1", &route("/first"));
    std::os::unix::fs::symlink("..1", folder.join("..data")).expect("a link");
    std::os::unix::fs::symlink("..data/stagegate.yaml", folder.join("stagegate.yaml")).expect("a link");
    let sidecar = Sidecar::start_in(folder.clone(), &[]);
    assert_eq!(sidecar.get("/first").status, 504);
    for (name, path) in [("..2", "/second"), ("..3", "/third")] {
        version(name, &route(path));
        std::os::unix::fs::symlink(name, folder.join("..data_tmp")).expect("a link");
        std::fs::rename(folder.join("..data_tmp"), folder.join("..data")).expect("a rename");
        until("reloaded", || sidecar.get(path).status == 504);
    }
}

#[test]
fn a_reload_under_load_fails_no_request() {
    let backend = Backend::start(|_| Reply::payload(GOOD));
    let mut sidecar = Sidecar::start(&proxy(backend.address, ""));
    let stop = Arc::new(AtomicBool::new(false));
    let address = sidecar.data;
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let stop = stop.clone();
            std::thread::spawn(move || {
                let mut client = Client::connect(address);
                while !stop.load(Ordering::Relaxed) {
                    client.write("GET /x HTTP/1.1\r\nHost: t\r\n\r\n");
                    assert_eq!(client.read().status, 200);
                }
            })
        })
        .collect();
    for load in 2..7 {
        sidecar.signal("HUP");
        sidecar.wait_for_log(&format!("\"load\":{load}"));
    }
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.join().expect("no failed request");
    }
    let invoked = sidecar.metric("invocations_total{function=\"f\",outcome=\"success\"}");
    assert_eq!(invoked as usize, backend.seen().len(), "counters survive a reload");
}

#[test]
fn the_access_log_and_the_debug_log() {
    let backend = Backend::start(|_| Reply::payload(GOOD));
    let log = "log: { level: debug, access: '$context.requestId $context.identity.caller [$context.httpMethod $context.resourcePath] $context.status $context.responseLength $context.integration.status' }\n";
    let mut sidecar = Sidecar::start(&proxy(backend.address, log));
    let answer = sidecar.get("/x");
    let id = answer.header("x-amzn-RequestId").expect("an id").to_owned();
    let line = format!("{id} - [GET /{{proxy+}}] 200 4 200\n");
    until("logged", || sidecar.output().contains(&line));
    let debug = sidecar.wait_for_log("Starting execution for request");
    assert!(debug.contains(&id) && debug.contains("\"level\":\"debug\""), "{debug}");
}

#[test]
fn flags_win_over_variables_and_variables_over_the_file() {
    let backend = Backend::start(|_| Reply::payload(GOOD));
    let folder = folder();
    let config = format!("{}log: {{ level: error }}\n", with_ports(&proxy(backend.address, "")));
    std::fs::write(folder.join("stagegate.yaml"), config).expect("a file");
    let variables = [("STAGEGATE_LOG__LEVEL", "warn"), ("STAGEGATE_API__BASE_PATH", "/base")];
    let sidecar = Sidecar::start_in_with(folder, &["--log-level", "info"], &variables);
    assert_eq!(sidecar.get("/x").status, 403);
    assert_eq!(sidecar.get("/base/x").status, 200);
}

/// What the demo prints of these requests.
const DEMO_TELLS: &[&str] = &[
    r#"200 GET /custom/hidden  -: The backend's failure is hidden from the client: function_error"#,
    r#"200 GET /proxy/stream  -: The backend's own answer"#,
    r#"200 GET /proxy/success  -: The backend's own answer"#,
    r#"200 OPTIONS /custom/mapped  -: Integration response: 200 by default"#,
    r#"400 GET /custom/mapped  -: Integration response: 400 by ".*"statusCode":400.*""#,
    r#"403 GET /nowhere  no_route: Request refused: Missing Authentication Token"#,
    r#"500 GET /custom/internal  -: Integration response: 500 by "^Internal Error.*""#,
    r#"500 GET /proxy/rejected  invocation_rejected: Execution failed due to configuration error: Rate Exceeded."#,
    r#"502 GET /proxy/malformed  malformed_response: Execution failed due to configuration error: Malformed Lambda proxy response: unknown key `status`"#,
    r#"502 GET /proxy/raise  function_error: Lambda execution failed with status 200 due to customer function error: order 7 does not exist"#,
    r#"504 GET /proxy/slow  timeout: Execution failed due to a timeout error"#,
];

/// What `demo --http` prints of these requests.
const HTTP_DEMO_TELLS: &[&str] = &[
    r#"200 GET /hidden  -: The backend's failure is hidden from the client: function_error"#,
    r#"200 GET /inferred  -: The backend's own answer"#,
    r#"200 GET /success  -: The backend's own answer"#,
    r#"200 OPTIONS /success  -: The backend's own answer"#,
    r#"200 POST /any/where  -: The backend's own answer"#,
    r#"500 GET /malformed  malformed_response: the function's answer is malformed: Lambda body contains the wrong type for field "body" (`body` is an object, expected a string)"#,
    r#"500 GET /raise  function_error: the function failed: order 7 does not exist"#,
    r#"500 GET /rejected  invocation_rejected: Lambda refused the invocation: too many at once"#,
    r#"503 GET /slow  timeout: the integration did not answer in time"#,
];

#[test]
fn the_demo_keeps_its_promises() {
    keeps_its_promises(&[], DEMO_TELLS, "/custom/hidden");
}

#[test]
fn the_demo_of_an_http_api_keeps_its_promises() {
    keeps_its_promises(&["--http"], HTTP_DEMO_TELLS, "/hidden");
}

/// Every curl line that the demo prints answers what it says there; the route that hides an error is counted so.
fn keeps_its_promises(arguments: &[&str], tells: &[&str], hidden: &str) {
    let mut child = command()
        .args(["demo", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
        .args(arguments)
        .spawn()
        .expect("the binary");
    let mut printed = String::new();
    let mut output = child.stdout.take().expect("a pipe");
    while !printed.contains("# counted, by cause") {
        let mut bytes = [0; 4096];
        let n = output.read(&mut bytes).expect("output");
        assert!(n > 0, "it ended: {printed}");
        printed.push_str(&String::from_utf8_lossy(&bytes[..n]));
    }
    let mut tried = 0;
    for line in printed.lines().filter(|line| line.starts_with("curl -i ")) {
        let (command, promise) = line.split_once("   # ").expect("a promise");
        let method = command.split("-X ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or("GET");
        let headers: String = command
            .split("-H '")
            .skip(1)
            .filter_map(|rest| rest.split('\'').next())
            .map(|line| format!("{line}\r\n"))
            .collect();
        let url = command.trim().rsplit(' ').next().and_then(|url| url.strip_prefix("http://")).expect("a url");
        let (address, path) = url.split_at(url.find('/').expect("a path"));
        let mut client = Client::connect(address.parse().expect("an address"));
        client.write(format!("{method} {path} HTTP/1.1\r\nHost: t\r\n{headers}\r\n"));
        let answer = client.read();
        assert_eq!(promise.get(..3), Some(answer.status.to_string().as_str()), "{line}");
        if path == "/proxy/stream" {
            // A second goes by before each of the next ones.
            let (begun, mut events) = (Instant::now(), Vec::new());
            client.read_until(&mut events, b"\r\n0\r\n\r\n");
            assert!(String::from_utf8_lossy(&events).contains("event 5 of 5\n\n\r\n"), "{events:?}");
            assert!(begun.elapsed() > Duration::from_secs(1), "{:?}", begun.elapsed());
        }
        tried += 1;
    }
    assert!(tried >= 9, "{printed}");
    // Each thread writes its lines by itself: their order is chance.
    let told = |printed: &str| {
        let lines = printed.lines().skip_while(|line| !line.starts_with("Each request")).skip(2);
        lines.map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
    };
    while told(&printed).len() < tells.len() || !printed.ends_with('\n') {
        let mut bytes = [0; 4096];
        let n = output.read(&mut bytes).expect("output");
        assert!(n > 0, "it ended: {printed}");
        printed.push_str(&String::from_utf8_lossy(&bytes[..n]));
    }
    assert_eq!(told(&printed).iter().map(String::as_str).collect::<Vec<_>>(), tells);
    let admin =
        printed.split("inspector on http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address");
    let metrics = get(admin.parse().expect("an address"), "/metrics");
    let series =
        format!(r#"stagegate_masked_errors_total{{kind="function_error",method="GET",resource="{hidden}"}} 1"#);
    assert!(metrics.text().lines().any(|line| line == series), "{series}");
    signal("TERM", child.id());
    assert_eq!(child.wait().expect("an end").code(), Some(0));
}
