//! Every kind of backend but the emulator and the Runtime API, and how each can fail.

use std::collections::HashSet;
use std::io::Write;
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;

use super::proxy;
use crate::support::data;
use crate::support::http::{Answer, Client};
use crate::support::lambda::{Backend, Nobody, Reply};
use crate::support::sidecar::{Sidecar, folder, until};

const GOOD: &str = r#"{"statusCode":200,"body":"good"}"#;
const INTERNAL: &str = "{\"message\": \"Internal server error\"}";
const TIMED_OUT: &str = "{\"message\": \"Endpoint request timed out\"}";
const NETWORK: &str = "{\"message\": \"Network error communicating with endpoint\"}";

fn said(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.text())
}

/// The counted outcomes of the function `f`, but for zeros.
fn outcomes(sidecar: &Sidecar) -> Vec<(&'static str, u32)> {
    ["success", "function_error", "rejected", "malformed", "timeout", "network_error"]
        .into_iter()
        .map(|o| (o, sidecar.metric(&format!("invocations_total{{function=\"f\",outcome=\"{o}\"}}")) as u32))
        .filter(|(_, count)| *count > 0)
        .collect()
}

#[test]
fn the_invoke_apis_answers() {
    let backend = Backend::start(|seen| {
        let event = seen.json();
        match event["path"].as_str().unwrap_or_default() {
            "/good" => Reply::payload(GOOD),
            "/raised" => Reply::error(r#"{"errorMessage":"x","errorType":"E"}"#),
            "/raised-but-formatted" => Reply::error(GOOD),
            "/malformed" => Reply::payload(r#""justAString""#),
            "/throttled" => Reply::With(429, &[("x-amzn-ErrorType", "TooManyRequestsException")], b"{}".to_vec()),
            "/forbidden" => Reply::With(403, &[], b"{}".to_vec()),
            "/unavailable" => Reply::With(503, &[], b"{}".to_vec()),
            "/too-large" => Reply::With(413, &[], b"{}".to_vec()),
            "/slow" => Reply::After(Duration::from_secs(60), Box::new(Reply::payload(GOOD))),
            "/closed" => Reply::Close,
            "/cut" => {
                Reply::ThenClose(Box::new(Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{".to_vec())))
            }
            "/nonsense" => Reply::ThenClose(Box::new(Reply::Raw(b"SMTP ready\r\n\r\n".to_vec()))),
            "/chunked" => {
                let chunks: String = GOOD.chars().map(|c| format!("1\r\n{c}\r\n")).collect();
                Reply::Raw(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n").into())
            }
            "/until-close" => Reply::ThenClose(Box::new(Reply::Raw(format!("HTTP/1.1 200 OK\r\n\r\n{GOOD}").into()))),
            "/interim" => Reply::Raw(
                format!(
                    "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{GOOD}",
                    GOOD.len()
                )
                .into(),
            ),
            "/six-megabytes" => Reply::payload(vec![b'x'; 6_291_557]),
            other => panic!("{other}"),
        }
    });
    // Only where a time-out is wanted is it short: on a busy machine all else may take its time.
    let slow = "routes:\n    - { path: /slow, method: ANY, integration: { type: AWS_PROXY, function: f, timeoutInMillis: 400 } }\n";
    let sidecar = Sidecar::start(&proxy(backend.address, "").replacen("routes:\n", slow, 1));
    let cases = [
        ("/good", 200, "good"),
        ("/raised", 502, INTERNAL),
        ("/raised-but-formatted", 502, INTERNAL),
        ("/malformed", 502, INTERNAL),
        ("/throttled", 500, INTERNAL),
        ("/forbidden", 500, INTERNAL),
        ("/unavailable", 500, INTERNAL),
        ("/too-large", 413, "{\"message\": \"Request Too Long\"}"),
        ("/slow", 504, TIMED_OUT),
        ("/closed", 504, NETWORK),
        ("/cut", 504, NETWORK),
        ("/nonsense", 504, NETWORK),
        ("/chunked", 200, "good"),
        ("/until-close", 200, "good"),
        ("/interim", 200, "good"),
        ("/six-megabytes", 502, INTERNAL),
    ];
    for (path, status, body) in cases {
        assert_eq!(said(&sidecar.get(path)), (status, body), "{path}");
    }
    assert_eq!(backend.seen().len(), cases.len(), "each call is sent once");
    assert_eq!(
        outcomes(&sidecar),
        [
            ("success", 4),
            ("function_error", 3),
            ("rejected", 4),
            ("malformed", 1),
            ("timeout", 1),
            ("network_error", 3)
        ]
    );
    let seen = &backend.seen()[0];
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/2015-03-31/functions/f/invocations"));
    assert_eq!(seen.header("Host"), Some(backend.address.to_string().as_str()));
    assert_eq!(seen.header("X-Amz-Invocation-Type"), Some("RequestResponse"));
    assert!(seen.header("X-Amzn-Trace-Id").is_some_and(|id| id.starts_with("Root=1-")), "{}", seen.head);
}

#[test]
fn nobody_listens() {
    let nobody = Nobody::start();
    let sidecar = Sidecar::start(&proxy(nobody.address, ""));
    assert_eq!(said(&sidecar.get("/x")), (504, NETWORK));
    assert_eq!(outcomes(&sidecar), [("network_error", 1)]);
}

/// A backend may close an idle connection at any time: it is replaced before a request is sent, never after.
#[test]
fn idle_connections_that_were_closed_are_replaced() {
    let backend = Backend::start(|_| Reply::ThenClose(Box::new(Reply::payload(GOOD))));
    let sidecar = Sidecar::start(&proxy(backend.address, ""));
    for n in 0..30 {
        std::thread::sleep(Duration::from_millis(if n % 3 == 0 { 30 } else { 3 }));
        assert_eq!(said(&sidecar.get("/x")), (200, "good"));
    }
    assert_eq!((backend.seen().len(), backend.connections()), (30, 30));
}

/// Calls through the sidecar by 16 clients at once: how many were not answered 200, how many reached the backend, and which of
/// them twice.
fn hammer(backend: &Backend, calls: usize) -> (usize, usize, Vec<String>) {
    const CLIENTS: usize = 16;
    let sidecar = Sidecar::start(&proxy(backend.address, ""));
    let address = sidecar.data;
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            std::thread::spawn(move || {
                let mut connection = Client::connect(address);
                let ask = |call| {
                    connection.write(format!("GET /{client}-{call} HTTP/1.1\r\nHost: t\r\n\r\n"));
                    usize::from(connection.read().status != 200)
                };
                (0..calls / CLIENTS).map(ask).sum::<usize>()
            })
        })
        .collect();
    let lost = clients.into_iter().map(|client| client.join().expect("a client")).sum();
    if lost > 0 {
        eprintln!("{lost} lost: {}", sidecar.log());
    }
    let mut arrived = HashSet::new();
    let paths = backend.seen().iter().map(|seen| seen.json()["path"].to_string()).collect::<Vec<_>>();
    let twice = paths.into_iter().filter(|path| !arrived.insert(path.clone())).collect();
    (lost, arrived.len(), twice)
}

/// It says nothing of it, so that the next request may meet the end on its way.
#[test]
fn a_backend_that_closes_after_each_answer_loses_no_request_and_gets_none_twice() {
    let backend = Backend::start(|_| Reply::ThenClose(Box::new(Reply::payload(GOOD))));
    assert_eq!(hammer(&backend, 3200), (0, 3200, Vec::new()));
}

/// One whose end meets a request may have read it: that one is lost then, but none comes twice.
#[test]
fn a_backend_that_closes_now_and_then_gets_no_request_twice() {
    let answered = AtomicUsize::new(0);
    let backend = Backend::start(move |_| match answered.fetch_add(1, Ordering::Relaxed) % 3 {
        0 => Reply::ThenClose(Box::new(Reply::payload(GOOD))),
        _ => Reply::payload(GOOD),
    });
    let (lost, arrived, twice) = hammer(&backend, 3200);
    assert_eq!((lost + arrived, twice), (3200, Vec::new()));
}

/// Only what nobody read is sent again.
#[test]
fn a_call_that_was_read_over_a_kept_connection_is_not_repeated() {
    let backend = Backend::start(|seen| match seen.json()["path"].as_str().unwrap_or_default() {
        "/good" => Reply::payload(GOOD),
        _ => Reply::Close,
    });
    let sidecar = Sidecar::start(&proxy(backend.address, ""));
    let mut client = Client::connect(sidecar.data);
    let mut ask = |path: &str| {
        client.write(format!("GET {path} HTTP/1.1\r\nHost: t\r\n\r\n"));
        client.read().status
    };
    until("kept", || {
        let before = backend.connections();
        ask("/good") == 200 && before > 0 && backend.connections() == before
    });
    let before = (backend.connections(), backend.seen().len());
    assert_eq!(ask("/closed"), 504);
    assert_eq!((backend.connections(), backend.seen().len()), (before.0, before.1 + 1));
}

#[test]
fn connections_are_kept_and_so_are_the_backends_wishes() {
    let kept = Backend::start(|_| Reply::payload(GOOD));
    let sidecar = Sidecar::start(&proxy(kept.address, ""));
    for _ in 0..20 {
        assert_eq!(sidecar.get("/x").status, 200);
    }
    // One for each thread, and now and then another while an answered one is on its way back to the pool.
    assert!(kept.connections() < 10, "{} connections for 20 calls", kept.connections());

    let brief = Backend::start(|_| Reply::With(200, &[("Keep-Alive", "timeout=1, max=5")], GOOD.into()));
    let sidecar = Sidecar::start(&proxy(brief.address, ""));
    for _ in 0..5 {
        assert_eq!(sidecar.get("/x").status, 200);
    }
    assert_eq!(brief.connections(), 5, "a second before the backend closes, it is not used any more");
}

#[test]
fn a_function_behind_plain_http() {
    let backend = Backend::start(|seen| match seen.json()["path"].as_str().unwrap_or_default() {
        "/good" => Reply::payload(GOOD),
        "/header" => Reply::error(GOOD),
        "/shape" => Reply::payload(r#"{"errorMessage":"x","errorType":"E"}"#),
        "/message-twice" => Reply::payload(r#"{"errorMessage":"a","errorMessage":"b","errorType":"E"}"#),
        "/escaped" => Reply::payload(r#"{"\u0065rrorMessage":"x","error\u0054ype":"E"}"#),
        "/status" => Reply::With(503, &[], b"oops".to_vec()),
        "/status-with-message" => Reply::With(500, &[], br#"{"errorMessage":"x"}"#.to_vec()),
        other => panic!("{other}"),
    });
    let config = format!(
        "api:\n  routes:\n    - {{ path: '/{{proxy+}}', method: ANY, integration: {{ type: AWS_PROXY, function: f }} }}\n\
         functions:\n  f: {{ http: 'http://{}/hand ler?x=1' }}\n",
        backend.address
    );
    let sidecar = Sidecar::start(&config.replace("hand ler", "handler"));
    assert_eq!(sidecar.get("/good").status, 200);
    for path in ["/header", "/shape", "/message-twice", "/escaped", "/status", "/status-with-message"] {
        assert_eq!(sidecar.get(path).status, 502, "{path}");
    }
    assert_eq!(backend.last().target, "/handler?x=1");
    assert_eq!(outcomes(&sidecar), [("success", 1), ("function_error", 6)]);
}

#[test]
fn http_integrations_and_their_failures() {
    let backend = Backend::start(|seen| match seen.target.split('?').next().unwrap_or_default() {
        "/teapot" => {
            Reply::With(418, &[("X-MiXed-Case", "kept"), ("Content-Type", "text/plain")], b"short and stout".to_vec())
        }
        "/huge" => Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10485761\r\n\r\n".to_vec()),
        "/closed" => Reply::Close,
        "/slow" => Reply::After(Duration::from_secs(20), Box::new(Reply::With(200, &[], Vec::new()))),
        other => panic!("{other}"),
    });
    let nobody = Nobody::start();
    // Only where a time-out is wanted is it short: on a busy machine all else may take its time.
    let route = |path: &str, uri: String| {
        let timeout = match path {
            "/slow" => 300,
            // These may end so.
            "/unknown" | "/not-tls" => 5_000,
            _ => 20_000,
        };
        format!(
            "    - {{ path: {path}, method: ANY, integration: {{ type: HTTP_PROXY, httpMethod: ANY, uri: '{uri}', timeoutInMillis: {timeout} }} }}\n"
        )
    };
    let mut config = String::from("api:\n  routes:\n");
    for path in ["/teapot", "/huge", "/closed", "/slow"] {
        config += &route(path, format!("http://{}{path}", backend.address));
    }
    config += &route("/nobody", format!("http://{}/", nobody.address));
    config += &route("/unknown", "http://no-such-host.invalid/".into());
    config += &route("/not-tls", format!("https://{}/", backend.address));
    let sidecar = Sidecar::start(&config);

    let teapot = sidecar.get("/teapot?a=1");
    assert_eq!(said(&teapot), (418, "short and stout"));
    assert_eq!(teapot.header("X-MiXed-Case"), Some("kept"));
    assert_eq!(said(&sidecar.get("/huge")), (500, INTERNAL));
    assert_eq!(said(&sidecar.get("/closed")), (504, NETWORK));
    assert_eq!(said(&sidecar.get("/slow")), (504, TIMED_OUT));
    assert_eq!(said(&sidecar.get("/nobody")), (504, NETWORK));
    let unknown = sidecar.get("/unknown");
    assert!(matches!(said(&unknown), (500, INTERNAL) | (504, TIMED_OUT)), "{unknown:?}");
    let not_tls = sidecar.get("/not-tls");
    assert!(matches!(said(&not_tls), (504, NETWORK | TIMED_OUT)), "{not_tls:?}");
}

/// One HTTP_PROXY route `/x` to that backend.
fn passed_on(backend: &Backend) -> String {
    let uri = format!("http://{}/", backend.address);
    format!(
        "api:\n  routes:\n    - {{ path: /x, method: ANY, integration: {{ type: HTTP_PROXY, httpMethod: ANY, uri: '{uri}', timeoutInMillis: 20000 }} }}\n"
    )
}

/// What is about the client's connection ends at the gateway (RFC 9110, 7.6.1), and so does what `Connection` names.
#[test]
fn what_belongs_to_the_clients_connection_does_not_go_on() {
    let backend = Backend::start(|_| Reply::payload("{}"));
    let sidecar = Sidecar::start(&passed_on(&backend));
    let mut client = Client::connect(sidecar.data);
    client.write(
        "GET /x HTTP/1.1\r\nHost: t\r\nUser-Agent: u\r\nX-Kept: 1\r\nConnection: close, X-Hop\r\nConnection: ,x-other\r\n\
         X-HOP: 2\r\nX-Other: 3\r\nKeep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\n\r\n",
    );
    assert_eq!(client.read().status, 200);
    let seen = backend.last();
    let names: Vec<&str> = seen.head.lines().skip(1).filter_map(|line| Some(line.split_once(':')?.0)).collect();
    assert_eq!(names, ["Host", "User-Agent", "X-Kept", "X-Amzn-Apigateway-Api-Id", "X-Amzn-Trace-Id"]);
}

#[test]
fn an_answer_of_a_thousand_header_lines_is_taken() {
    let backend = Backend::start(|seen| {
        let lines: usize = seen.header("X-Lines").and_then(|n| n.parse().ok()).expect("a number");
        let lines: String = (0..lines).map(|n| format!("X-{n}: {n}\r\n")).collect();
        Reply::Raw(format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{lines}\r\n").into())
    });
    let sidecar = Sidecar::start(&passed_on(&backend));
    let mut answers = Vec::new();
    for lines in [999, 1000] {
        let mut client = Client::connect(sidecar.data);
        client.write(format!("GET /x HTTP/1.1\r\nHost: t\r\nX-Lines: {lines}\r\n\r\n"));
        let answer = client.read();
        answers.push((answer.status, answer.head.lines().filter(|line| line.starts_with("X-")).count()));
    }
    // With `Content-Length` the second has one more than a thousand.
    assert_eq!(answers, [(200, 999), (504, 0)]);
}

/// Nobody asked it to switch protocols: no other answer comes.
#[test]
fn a_backend_that_switches_protocols_fails_at_once() {
    let backend = Backend::start(|_| {
        Reply::Raw(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n".to_vec())
    });
    let sidecar = Sidecar::start(&passed_on(&backend));
    // Later it would be a time-out.
    assert_eq!(said(&sidecar.get("/x")), (504, NETWORK));
}

#[test]
fn https_is_verified() {
    let certificates = data("process");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || serve_tls(listener));
    let config = format!(
        "api:\n  routes:\n    - {{ path: /x, method: GET, integration: {{ type: HTTP_PROXY, httpMethod: GET, uri: 'https://localhost:{port}/' }} }}\n"
    );
    let unknown_authority = Sidecar::start(&config);
    assert_eq!(said(&unknown_authority.get("/x")), (504, NETWORK));
    // The name is the certificate's hash, as `openssl rehash` gives it.
    let folder = folder();
    std::fs::copy(certificates.join("ca.pem"), folder.join("877a763b.0")).expect("a copy");
    for (variable, path) in [("SSL_CERT_FILE", certificates.join("ca.pem")), ("SSL_CERT_DIR", folder)] {
        let trusting = Sidecar::start_with(&config, &[(variable, path.to_str().expect("a path"))]);
        for _ in 0..3 {
            assert_eq!(said(&trusting.get("/x")), (200, "over TLS"), "{variable}");
        }
    }
}

fn serve_tls(listener: TcpListener) {
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use tokio_rustls::rustls::{ServerConfig, ServerConnection, Stream};
    let read = |name: &str| data("process").join(name);
    let chain = CertificateDer::pem_file_iter(read("server.pem")).expect("certificates").flatten().collect();
    let key = PrivateKeyDer::from_pem_file(read("server.key")).expect("a key");
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).expect("a pair");
    let config = std::sync::Arc::new(config);
    for stream in listener.incoming() {
        let (mut tcp, config) = (stream.expect("a connection"), config.clone());
        std::thread::spawn(move || {
            let mut tls = ServerConnection::new(config).expect("a server");
            let mut stream = Stream::new(&mut tls, &mut tcp);
            let mut bytes = [0; 4096];
            while let Ok(n) = std::io::Read::read(&mut stream, &mut bytes) {
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nover TLS";
                if n == 0 || stream.write_all(answer).is_err() {
                    return;
                }
            }
        });
    }
}

#[test]
fn an_asynchronous_invocation_is_answered_at_once() {
    let backend = Backend::start(|seen| match seen.header("X-Amz-Invocation-Type") {
        Some("Event") if seen.target.starts_with("/2015") => Reply::With(202, &[], Vec::new()),
        Some("Event") => Reply::After(Duration::from_millis(300), Box::new(Reply::payload("{}"))),
        other => panic!("{other:?}"),
    });
    let route = |function: &str| {
        format!(
            "    - path: /{function}\n      method: POST\n      methodResponses: [202]\n      integration:\n        type: AWS\n        \
             function: {function}\n        requestParameters: {{ integration.request.header.X-Amz-Invocation-Type: \"'Event'\" }}\n        \
             responses: [{{ statusCode: 202 }}]\n"
        )
    };
    let address = backend.address;
    let config = format!(
        "api:\n  routes:\n{}{}functions:\n  api: {{ invoke_api: 'http://{address}' }}\n  web: {{ http: 'http://{address}/f' }}\n",
        route("api"),
        route("web"),
    );
    let mut sidecar = Sidecar::start(&config);
    assert_eq!(sidecar.post("/api", "{}").status, 202);
    assert_eq!(sidecar.post("/web", r#"{"a":1}"#).status, 202);
    for function in ["api", "web"] {
        let series = format!("invocations_total{{function=\"{function}\",outcome=\"success\"}}");
        assert_eq!(sidecar.metric(&series), 1.0);
    }
    // The end waits for what goes on in the background.
    sidecar.signal("TERM");
    assert!(sidecar.wait().success());
    assert_eq!(backend.last().json(), json!({"a": 1}));
    assert_eq!(backend.active(), 0);
}

/// Nobody looks, so a reply's strings are read while it comes.
#[test]
fn a_reply_that_comes_in_pieces_is_the_same_reply() {
    let text = "plain \"quoted\" \\ \n \u{1} é € 𝄞 ".repeat(300);
    let good = json!({"statusCode": 201, "headers": {"x-q": "a\\b", "X-Text": "t\"é"}, "body": text}).to_string();
    let good = good.replace("x-q", "x-\\u0071").replace('é', "\\u00e9").replace('𝄞', "\\ud834\\uDD1E").into_bytes();
    let broken = [&good[..good.len() - 2], &b"\xff\"}"[..]].concat();
    let error = br#"{"errorMessage":"a \"quote\"","errorType":"E"}"#.to_vec();
    let payloads = [good, broken, error];
    let backend = Backend::start(move |seen| {
        let path = seen.json()["path"].as_str().unwrap_or_default().to_owned();
        let numbers: Vec<usize> = path.split('/').skip(1).map(|n| n.parse().expect("a number")).collect();
        let [which, framing, size] = numbers[..] else { unreachable!("{path}") };
        let payload = &payloads[which];
        let error = if which == 2 { "X-Amz-Function-Error: Unhandled\r\n" } else { "" };
        let (line, body) = match framing {
            0 => (format!("Content-Length: {}\r\n", payload.len()), payload.clone()),
            1 => (String::new(), payload.clone()),
            _ => {
                let chunk = |piece: &[u8]| [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
                let chunks: Vec<u8> = payload.chunks(size + 3).flat_map(chunk).collect();
                ("Transfer-Encoding: chunked\r\n".to_owned(), [&chunks[..], b"0\r\n\r\n"].concat())
            }
        };
        Reply::Pieces([format!("HTTP/1.1 200 OK\r\n{error}{line}\r\n").as_bytes(), &body].concat(), size)
    });
    let sidecar = Sidecar::start(&proxy(backend.address, "limits: { inspector_exchanges: 0 }\n"));
    for (framing, size) in (0..3).flat_map(|framing| [7, 100, 4_000, 100_000].map(|size| (framing, size))) {
        let [good, broken, error] = [0, 1, 2].map(|which| sidecar.get(&format!("/{which}/{framing}/{size}")));
        assert_eq!(good.status, 201, "{framing} {size}");
        assert!(good.text() == text, "{framing} {size}");
        assert_eq!((good.header("X-Text"), good.header("x-q")), (Some("t\"é"), Some("a\\b")));
        assert_eq!([said(&broken), said(&error)], [(502, INTERNAL), (502, INTERNAL)]);
    }
    let count = 3 * 4;
    assert_eq!(outcomes(&sidecar), [("success", count), ("function_error", count), ("malformed", count)]);
}
