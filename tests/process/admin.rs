//! The admin port: probes, metrics, inspector.

use std::collections::BTreeSet;
use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::support::http::{Client, get, post, send};
use crate::support::lambda::{Backend, Reply};
use crate::support::sidecar::{Sidecar, command};

const CUSTOM: &str = "api:
  routes:
    - path: /orders/{id}
      method: GET
      methodResponses: [200, 400]
      integration:
        type: AWS
        function: f
        responses:
          - statusCode: 200
          - { statusCode: 400, selectionPattern: '.*bad.*' }
";

fn start(more: &str) -> (Backend, Sidecar) {
    let backend = Backend::start(|_| Reply::error(r#"{"errorMessage":"a bad order"}"#));
    let sidecar =
        Sidecar::start(&format!("{CUSTOM}functions:\n  f: {{ invoke_api: 'http://{}' }}\n{more}", backend.address));
    (backend, sidecar)
}

#[test]
fn probes_and_metrics() {
    let (_backend, sidecar) = start("");
    for (path, body) in [("/livez", "alive\n"), ("/readyz", "ready\n"), ("/startupz", "started\n")] {
        let answer = sidecar.ask(path);
        assert_eq!((answer.status, answer.text()), (200, body));
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    }
    assert_eq!(sidecar.ask("/metrics").header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert_eq!(sidecar.metric(&format!("build_info{{revision=\"\",version=\"{}\"}}", env!("CARGO_PKG_VERSION"))), 1.0);
    assert_eq!(sidecar.metric("config_last_reload_successful"), 1.0);
    assert_eq!(sidecar.ask("/nowhere").status, 404);
    assert_eq!(send(sidecar.admin, "POST /metrics HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n").status, 405);
    for (url, code) in
        [(format!("http://{}/readyz", sidecar.admin), 0), (format!("http://{}/nowhere", sidecar.admin), 1)]
    {
        let status = command().args(["healthcheck", "--url", &url]).status().expect("the binary");
        assert_eq!(status.code(), Some(code), "{url}");
    }
}

#[test]
fn metrics_are_packed_for_whom_asks() {
    let (_backend, sidecar) = start("");
    let ask = |coding: &str| {
        let head = format!("GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: {coding}\r\n\r\n");
        let answer = send(sidecar.admin, head);
        let mut text = String::new();
        let is_packed = answer.header("content-encoding") == Some("gzip");
        if is_packed {
            flate2::read::GzDecoder::new(&answer.body[..]).read_to_string(&mut text).expect("gzip");
        }
        (is_packed, if is_packed { text } else { answer.text().to_owned() }, answer.body.len())
    };
    let (plain, packed) = (ask("identity"), ask("deflate, gzip;q=0.5"));
    assert_eq!((plain.0, packed.0), (false, true));
    for (coding, is_packed) in
        [("gzip;q=0", false), ("br", false), ("*, gzip;q=0", false), ("GZIP", true), ("br, *;q=0.1", true)]
    {
        assert_eq!(ask(coding).0, is_packed, "{coding}");
    }
    assert_eq!(plain.1.lines().count(), packed.1.lines().count());
    assert!(packed.2 * 3 < plain.2, "{} of {} bytes", packed.2, plain.2);
}

#[test]
fn the_page_runs_only_its_own_script() {
    let (_backend, sidecar) = start("");
    let page = sidecar.ask("/");
    let policy = page.header("content-security-policy").expect("a policy");
    let script =
        page.text().split("<script>").nth(1).and_then(|rest| rest.split("</script>").next()).expect("a script");
    let hash = STANDARD.encode(Sha256::digest(script));
    let expected = format!(
        "default-src 'none'; script-src 'sha256-{hash}'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    );
    assert_eq!(policy, expected);
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    for (path, _) in paths(&sidecar).into_iter().chain([("/nowhere".to_owned(), false)]) {
        let mut client = Client::connect(sidecar.admin);
        client.write(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        let answer = client.read();
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name} of {path}");
        }
    }
}

#[test]
fn exchanges_and_the_definition() {
    let (_backend, sidecar) = start("");
    let answer = sidecar.get("/orders/7?x=1");
    assert_eq!(answer.status, 400);
    let id = answer.header("x-amzn-RequestId").expect("an id");
    let list = sidecar.ask("/requests").json();
    assert_eq!(list.as_array().map(Vec::len), Some(1), "{list}");
    for (key, value) in
        [("id", id), ("method", "GET"), ("path", "/orders/7"), ("resource", "/orders/{id}"), ("query", "x=1")]
    {
        assert_eq!(list[0][key], value, "{list}");
    }
    assert_eq!(list[0]["status"], 400);
    let one = sidecar.ask(&format!("/requests/{id}")).json();
    let trace: Vec<&str> = one["trace"].as_array().expect("a trace").iter().filter_map(|l| l.as_str()).collect();
    assert!(trace.iter().any(|l| l.starts_with("Starting execution for request: ")), "{trace:#?}");
    assert!(trace.contains(&"Method completed with status: 400"), "{trace:#?}");

    let definition = sidecar.ask("/definition").json();
    let method = &definition["resources"][0]["methods"][0];
    assert_eq!(
        (&method["method"], &method["integration"], &method["endpoint"]),
        (&"GET".into(), &"AWS".into(), &"f".into())
    );
    let hits: Vec<(&str, u64)> = method["responses"]
        .as_array()
        .expect("rules")
        .iter()
        .map(|r| (r["pattern"].as_str().unwrap_or_default(), r["hits"].as_u64().unwrap_or_default()))
        .collect();
    assert_eq!(hits, [(".*bad.*", 1), ("default", 0)], "{definition}");

    let page = sidecar.ask("/");
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(
        page.text().contains("/definition") && !page.text().contains("http://") && !page.text().contains("https://")
    );
}

/// A selection pattern that takes too many steps does not match, and says so.
#[test]
fn patterns_that_take_too_long_are_counted() {
    let backend = Backend::start(|_| Reply::error(format!(r#"{{"errorMessage":"{}"}}"#, "ab".repeat(40))));
    let config = format!(
        r"
listen: 127.0.0.1:0
admin: {{ listen: 127.0.0.1:0 }}
api:
  routes:
    - path: /
      method: GET
      methodResponses: [200, 418]
      integration:
        type: AWS
        function: f
        responses:
          - statusCode: 200
          - {{ statusCode: 418, selectionPattern: '(.*)*(.*)*(.*)*\1\2\3!' }}
          - {{ statusCode: 418, selectionPattern: 'no.*' }}
functions:
  f: {{ invoke_api: 'http://{}' }}
",
        backend.address
    );
    let folder = crate::support::sidecar::folder();
    std::fs::write(folder.join("stagegate.yaml"), config).expect("a file");
    let sidecar = Sidecar::start_in(folder, &[]);
    let series =
        r#"selection_pattern_step_limits_total{method="GET",pattern="(.*)*(.*)*(.*)*\\1\\2\\3!",resource="/"}"#;
    assert_eq!(sidecar.metric(series), 0.0);
    assert_eq!(sidecar.get("/").status, 200);
    assert_eq!(sidecar.metric(series), 1.0);
    assert_eq!(sidecar.ask("/metrics").text().matches("step_limits_total{").count(), 1, "only of patterns that can");
}

/// Every path that the port knows, and whether it answers those on other machines: probes and metrics do.
const PATHS: [(&str, bool); 12] = [
    ("/livez", true),
    ("/readyz", true),
    ("/startupz", true),
    ("/metrics", true),
    ("/", false),
    ("/configuration", false),
    ("/definition", false),
    ("/events", false),
    ("/playground", false),
    ("/problems", false),
    ("/requests", false),
    ("/requests/", false),
];

/// A path that is added must be guarded, too: the table is all that the port's source compares a path with.
#[test]
fn every_path_of_the_port_is_in_the_table() {
    let source = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/server/admin/port.rs")).expect("it");
    let pieces = source.split("\"/").skip(1).filter_map(|rest| rest.split('"').next());
    let is_path = |piece: &&str| piece.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'/');
    let found: BTreeSet<String> = pieces.filter(is_path).map(|piece| format!("/{piece}")).collect();
    assert_eq!(found, PATHS.iter().map(|(path, _)| (*path).to_owned()).collect());
}

/// Each path, and what is kept of one exchange.
fn paths(sidecar: &Sidecar) -> Vec<(String, bool)> {
    let id = sidecar.get("/orders/7").header("x-amzn-RequestId").expect("an id").to_owned();
    let named = PATHS.iter().filter(|(path, _)| *path != "/requests/").map(|(path, open)| ((*path).to_owned(), *open));
    named.chain([(format!("/requests/{id}"), false), (format!("/requests/{id}/case"), false)]).collect()
}

/// Status and, unless it goes on for ever, the body.
fn told(sidecar: &Sidecar, method: &str, path: &str, lines: &str) -> (u16, String) {
    let mut client = Client::connect(sidecar.admin);
    client.write(format!("{method} {path} HTTP/1.1\r\n{lines}Content-Length: 0\r\n\r\n"));
    let answer = client.try_read(method == "HEAD").expect("an answer");
    (answer.status, answer.text().to_owned())
}

/// What a reading request is answered to which nothing is to be said against.
fn fine(path: &str) -> u16 {
    if path == "/playground" { 405 } else { 200 }
}

#[test]
fn a_page_elsewhere_cannot_look_in() {
    let (_backend, sidecar) = start("");
    for (path, open) in paths(&sidecar) {
        for (host, local) in [
            ("localhost:1", true),
            ("127.0.0.1", true),
            ("[::1]:9", true),
            ("evil.example", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example:9180", false),
            ("evil.example@localhost.evil", false),
            ("evil.example@localhost", false),
            ("localhost:9180.evil.example", false),
            ("[127.0.0.1]", false),
            ("localh\u{f6}st", false),
            ("", false),
            ("localhost\r\nHost: evil.example", false),
            ("evil.example\r\nHost: localhost", false),
        ] {
            let (status, _) = told(&sidecar, "GET", &path, &format!("Host: {host}\r\n"));
            let expected = if local || open { fine(&path) } else { 403 };
            assert_eq!(status, expected, "{path} of {host}");
        }
        // What stands in the target counts, too.
        let (status, _) = told(&sidecar, "GET", &format!("http://evil.example{path}"), "Host: localhost\r\n");
        assert_eq!(status, if open { fine(&path) } else { 403 }, "{path} of a target's authority");
    }
}

/// A browser says which page asks; neither a name nor an address that it got at helps another's.
#[test]
fn a_page_of_another_origin_gets_nothing() {
    let (_backend, sidecar) = start("");
    let host = format!("Host: {}\r\n", sidecar.admin);
    for (path, _) in paths(&sidecar) {
        for origin in ["http://evil.example", "null", "http://127.0.0.1:1", "file://", ""] {
            let told = told(&sidecar, "GET", &path, &format!("{host}Origin: {origin}\r\n"));
            assert_eq!(told, (403, "not for pages of another origin\n".to_owned()), "{path} {origin}");
        }
        let own = format!("{host}Origin: http://{}\r\n", sidecar.admin);
        assert_eq!(told(&sidecar, "GET", &path, &own).0, fine(&path), "{path}");
        let two = format!("{own}Origin: http://evil.example\r\n");
        assert_eq!(told(&sidecar, "GET", &path, &two).0, 403, "{path}");
        let two_hosts = "Host: localhost\r\nHost: 127.0.0.1\r\nOrigin: http://localhost\r\n";
        assert_eq!(told(&sidecar, "GET", &path, two_hosts).0, 403, "{path}");
    }
}

/// What the port tells of the process, but for what changes with time.
fn state(sidecar: &Sidecar) -> String {
    let metrics = sidecar.ask("/metrics");
    let lines = metrics.text().lines().filter(|line| !line.contains("process_")).map(|line| format!("{line}\n"));
    let kept: String = ["/definition", "/problems", "/requests", "/configuration"]
        .map(|path| sidecar.ask(path).text().to_owned())
        .concat();
    lines.collect::<String>() + &kept
}

/// Nothing changes by a request: those that read leave no trace, what is played is not counted, and there is no other method.
#[test]
fn no_request_to_the_admin_port_changes_anything() {
    let (_backend, sidecar) = start("");
    let paths = paths(&sidecar);
    let local = format!("Host: {}\r\n", sidecar.admin);
    let before = state(&sidecar);
    for (path, _) in &paths {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "ODD"] {
            let mut client = Client::connect(sidecar.admin);
            client.write(format!("{method} {path} HTTP/1.1\r\n{local}Content-Length: 0\r\n\r\n"));
            let answer = client.read();
            if (method, path.as_str()) == ("POST", "/playground") {
                assert_eq!(answer.status, 415, "{answer:?}");
                continue;
            }
            assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")), "{method} {path}");
        }
        for method in ["GET", "HEAD"] {
            assert_eq!(told(&sidecar, method, path, &local).0, fine(path), "{method} {path}");
            assert_eq!(told(&sidecar, method, &format!("{path}?clear=1&replay=1"), &local).0, fine(path), "{path}");
        }
    }
    let asked = r#"{"path":"/orders/7","answer":{"payload":"{}"}}"#;
    let played = post(sidecar.admin, "/playground", asked);
    assert_eq!(played.status, 403, "of a host called test");
    let head = format!("POST /playground HTTP/1.1\r\n{local}Content-Type: application/json\r\nContent-Length: ");
    assert_eq!(send(sidecar.admin, format!("{head}{}\r\n\r\n{asked}", asked.len())).status, 200);
    assert_eq!(state(&sidecar), before);
}

#[test]
fn the_process_tells_what_it_uses() {
    let (_backend, sidecar) = start("");
    let text = sidecar.ask("/metrics");
    let value = |name: &str| {
        let line = text.text().lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|value| value.parse::<f64>().ok()).unwrap_or_else(|| panic!("{name}: {}", text.text()))
    };
    let began = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock").as_secs_f64();
    assert!((began - value("process_start_time_seconds")).abs() < 600.0);
    assert!(value("process_cpu_seconds_total") >= 0.0);
    assert!((1e6..1e9).contains(&value("process_resident_memory_bytes")));
    assert!(value("process_virtual_memory_bytes") > value("process_resident_memory_bytes"));
    assert!((5.0..=value("process_max_fds")).contains(&value("process_open_fds")));
    assert!(value("process_threads") >= 2.0);
}

#[test]
fn the_inspector_can_be_turned_off() {
    let backend = Backend::start(|_| Reply::error(r#"{"errorMessage":"x"}"#));
    let config = format!(
        "listen: 127.0.0.1:0\nadmin: {{ listen: 127.0.0.1:0, inspector: false }}\n{CUSTOM}functions:\n  f: {{ invoke_api: 'http://{}' }}\n",
        backend.address
    );
    let folder = crate::support::sidecar::folder();
    std::fs::write(folder.join("stagegate.yaml"), config).expect("a file");
    let sidecar = Sidecar::start_in(folder, &[]);
    assert_eq!(sidecar.get("/orders/7").status, 200);
    assert_eq!(sidecar.ask("/requests").text(), "[]");
}

/// Needs an address of this machine that is not loopback; where there is none, nothing can come from elsewhere.
#[test]
fn only_probes_and_metrics_are_for_others() {
    let Some(own) = own_address() else { return };
    for (allow, status) in [(false, 403), (true, 200)] {
        let folder = crate::support::sidecar::folder();
        let config = format!(
            "listen: 127.0.0.1:0\nadmin: {{ listen: '0.0.0.0:0', allow_remote: {allow} }}\n{CUSTOM}functions:\n  '*': {{ invoke_api: 'http://127.0.0.1:1' }}\n"
        );
        std::fs::write(folder.join("stagegate.yaml"), config).expect("a file");
        let sidecar = Sidecar::start_in(folder, &[]);
        let from_elsewhere = std::net::SocketAddr::new(own, sidecar.admin.port());
        for (path, open) in PATHS.into_iter().filter(|(path, _)| !matches!(*path, "/events" | "/requests/")) {
            let expected = if open || status == 200 { fine(path) } else { status };
            assert_eq!(get(from_elsewhere, path).status, expected, "{path}");
            assert_eq!(get(([127, 0, 0, 1], sidecar.admin.port()).into(), path).status, fine(path), "{path}");
        }
    }
}

fn own_address() -> Option<std::net::IpAddr> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").ok()?;
    // Nothing is sent: the system only says which address it would be sent from.
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().map(|a| a.ip()).filter(|ip| !ip.is_loopback() && !ip.is_unspecified())
}

/// What the page keeps and what the access log prints has no secret in it.
#[test]
fn secrets_stay_out_of_inspector_and_access_log() {
    let access = "log: { redact: [X-Session], access: '$context.path $context.identity.apiKey.' }\n";
    let (_backend, sidecar) = start(access);
    let answer = send(
        sidecar.data,
        "GET /orders/t0p-s3cr3t?access_token=t0p-s3cr3t&x-session=s HTTP/1.1\r\nHost: t\r\nCookie: t0p-s3cr3t\r\n\r\n",
    );
    let id = answer.header("x-amzn-RequestId").expect("an id");
    let one = sidecar.ask(&format!("/requests/{id}"));
    assert!(!one.text().contains("t0p-s3cr3t"), "{}", one.text());
    assert_eq!(one.json()["query"], "access_token=****&x-session=****");
    assert_eq!(sidecar.ask("/requests").json()[0]["path"], "/orders/****");
    crate::support::sidecar::until("logged", || sidecar.output().contains("/orders/**** -.\n"));
}

#[test]
fn the_definition_shows_no_secret() {
    let config = "\
api:
  gateway_responses:
    DEFAULT_5XX: { responseParameters: { gatewayresponse.header.Set-Cookie: \"'s=TOPSECRET'\" } }
  routes:
    - path: /
      method: GET
      integration:
        type: HTTP
        httpMethod: GET
        uri: http://127.0.0.1:1/a?access_token=TOPSECRET&shown=1
        requestParameters:
          integration.request.header.Authorization: \"'Bearer TOPSECRET'\"
          integration.request.header.X-Mine: \"'TOPSECRET'\"
          integration.request.querystring.api_key: \"'TOPSECRET'\"
          integration.request.header.X-Plain: \"'shown'\"
        responses:
          - { statusCode: 200, responseParameters: { method.response.header.Set-Cookie: \"'s=TOPSECRET'\" } }
log: { redact: [x-mine] }
";
    let sidecar = Sidecar::start(config);
    let definition = sidecar.ask("/definition");
    assert!(!definition.text().contains("TOPSECRET"), "{}", definition.text());
    let method = &definition.json()["resources"][0]["methods"][0];
    assert_eq!(method["endpoint"], "http://127.0.0.1:1/a?access_token=****&shown=1");
    assert_eq!(method["call"]["parameters"]["header.Authorization"], "'****SECRET'");
    assert_eq!(method["call"]["parameters"]["header.X-Plain"], "'shown'");
}

/// Who asks for the playground is checked as for the page, and what is asked before it is played.
#[test]
fn the_playground_is_guarded() {
    let (_backend, sidecar) = start("");
    let local = format!("127.0.0.1:{}", sidecar.admin.port());
    let json = "Content-Type: application/json\r\n";
    let ask = |host: &str, more: &str, body: &str| {
        let head =
            format!("POST /playground HTTP/1.1\r\nHost: {host}\r\n{more}Content-Length: {}\r\n\r\n{body}", body.len());
        let answer = send(sidecar.admin, head);
        format!("{} {}", answer.status, answer.text())
    };
    let rows = [
        (&*local, json, "{}", "200"),
        (&local, &format!("Origin: http://{local}\r\n{json}"), "{}", "200"),
        (&local, &format!("Origin: http://evil.test\r\n{json}"), "{}", "403 not for pages of another origin\n"),
        ("evil.test", json, "{}", "403 only for this machine (see `admin.allow_remote`)\n"),
        (&local, "", "{}", r#"415 {"error":"expected `Content-Type: application/json`","place":""}"#),
        (
            &local,
            "Content-Type: text/plain\r\n",
            "{}",
            r#"415 {"error":"expected `Content-Type: application/json`","place":""}"#,
        ),
        (&local, json, "[1", r#"400 {"error":"not JSON: EOF while parsing a list at line 1 column 2","place":""}"#),
        (&local, json, &"x".repeat((4 << 20) + 1), r#"413 {"error":"longer than 4 MiB, or broken off","place":""}"#),
    ];
    for (host, more, body, expected) in rows {
        let told = ask(host, more, body);
        assert!(told == expected || (expected == "200" && told.starts_with("200 {")), "{host} {more}: {told}");
    }
    assert_eq!(sidecar.ask("/playground").status, 405);
    let change = |part: &str| format!(r#"{{"changes":[{{"resource":"/orders/{{id}}","method":"GET",{part}}}]}}"#);
    for (part, expected) in [
        (r#""part":"pattern","response":0,"text":"("#, "changes[0].text"),
        (r#""part":"pattern","response":1,"text":"x"#, "changes[0].response"),
        (r#""part":"pattern","response":9,"text":"x"#, "changes[0].response"),
        (r##""part":"request_template","media_type":"a/b","text":"#if("##, "changes[0].text"),
    ] {
        let told = ask(&local, json, &change(&format!("{part}\"")));
        assert!(told.starts_with("400 ") && told.contains(&format!("\"place\":\"{expected}\"")), "{part}: {told}");
    }
    let told =
        ask(&local, json, r#"{"changes":[{"resource":"/x","method":"GET","part":"pattern","response":0,"text":""}]}"#);
    assert_eq!(told, r#"400 {"error":"there is no such resource","place":"changes[0].resource"}"#);
    // A template that would not end is stopped, by its limits or, on a slow machine, because nobody waits so long.
    let endless = "#foreach($a in [1..1000])#foreach($b in [1..1000])#foreach($c in [1..1000])x#end#end#end";
    let asked = serde_json::json!({ "path": "/orders/1", "changes": [{
        "resource": "/orders/{id}", "method": "GET", "part": "request_template", "media_type": "application/json", "text": endless,
    }] });
    let told = ask(&local, json, &asked.to_string());
    let is_late = told == r#"503 {"error":"it takes too long to play","place":""}"#;
    assert!(is_late || (told.starts_with("200 {") && told.contains("\"cause\":\"request_template\"")), "{told}");
}

/// Each value has its source, and no secret is told.
#[test]
fn the_configuration_is_told_without_secrets() {
    let (_backend, sidecar) = start("authorizers: {}\nlog: { redact: [drain] }\ndrain: 7s\n");
    let told = sidecar.ask("/configuration").json();
    assert_eq!(told["is_loaded"], true);
    let value = |place: &str| {
        let mut values = told["values"].as_array().into_iter().flatten();
        values.find(|value| value["place"] == place).cloned().unwrap_or_default()
    };
    assert_eq!(value("drain")["value"], "****");
    assert_eq!(value("api.routes[0].path")["source"]["line"], 6);
    assert_eq!(value("limits.in_flight")["source"]["kind"], "default");
}
