//! Spans: what a collector is told of each way in which a request can end, whose trace it is in, and a collector that fails.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, Span};
use prost::Message;

use crate::support::http::{self, Answer};
use crate::support::lambda::{Backend, Nobody, Reply};
use crate::support::sidecar::{Sidecar, until};
use crate::support::{data, golden};

const API: &str = "api:
  authorizers:
    guard: { type: TOKEN, identitySource: method.request.header.Authorization, authorizerResultTtlInSeconds: 0,
      authorizerUri: 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/guard/invocations' }
  routes:
    - { path: '/pets/{id}', method: GET, integration: { type: AWS_PROXY, function: orders, timeoutInMillis: 3000 } }
    - { path: '/guarded/{id}', method: GET, authorizationType: CUSTOM, authorizerId: guard, integration: { type: AWS_PROXY, function: orders } }
    - path: '/custom/{id}'
      method: GET
      methodResponses: [200, 404]
      integration:
        type: AWS
        function: orders
        requestTemplates: { application/json: '{\"pathParameters\":{\"id\":\"$input.params().path.id\"}}' }
        passthroughBehavior: NEVER
        responses: [{ statusCode: 200 }, { statusCode: 404, selectionPattern: 'no such.*' }]
";

/// The last segment of the path says how it ends.
fn backend() -> Backend {
    Backend::start(|seen| {
        if seen.target.starts_with("/s") {
            return Reply::Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".to_vec());
        }
        if seen.target.contains("/guard/") {
            let effect = if seen.json()["authorizationToken"] == "good" { "Allow" } else { "Deny" };
            return Reply::payload(format!(
                r#"{{"principalId":"me","policyDocument":{{"Version":"2012-10-17","Statement":[{{"Action":"execute-api:Invoke","Effect":"{effect}","Resource":"*"}}]}}}}"#
            ));
        }
        match seen.json()["pathParameters"]["id"].as_str() {
            Some("malformed") => Reply::payload("null"),
            Some("own") => Reply::payload(r#"{"statusCode":503,"body":"later"}"#),
            Some("error") => Reply::error(r#"{"errorMessage":"boom"}"#),
            Some("missing") => Reply::error(r#"{"errorMessage":"no such pet"}"#),
            Some("timeout") => Reply::After(Duration::from_secs(60), Box::new(Reply::Close)),
            Some("network") => Reply::Close,
            _ => Reply::With(
                200,
                &[("x-amzn-RequestId", "of-the-function")],
                br#"{"statusCode":200,"body":"pet"}"#.to_vec(),
            ),
        }
    })
}

fn config(backend: &Backend, otlp: &str) -> String {
    let address = backend.address;
    format!(
        "{API}    - {{ path: /stream, method: GET, integration: {{ type: HTTP_PROXY, uri: 'http://{address}/s?key=1', httpMethod: GET, responseTransferMode: STREAM }} }}\n\
         functions: {{ '*': {{ invoke_api: 'http://{address}' }} }}\ntelemetry: {{ otlp: {{ {otlp} }} }}\n"
    )
}

/// A collector that takes everything.
fn collector() -> Backend {
    Backend::start(|_| Reply::With(200, &[("Content-Type", "application/x-protobuf")], Vec::new()))
}

fn told(collector: &Backend) -> Vec<ResourceSpans> {
    let batches = collector
        .seen()
        .into_iter()
        .flat_map(|seen| ExportTraceServiceRequest::decode(&*seen.body).expect("a batch").resource_spans);
    batches.collect()
}

fn spans(collector: &Backend) -> Vec<Span> {
    told(collector).into_iter().flat_map(|told| told.scope_spans).flat_map(|scope| scope.spans).collect()
}

fn get(sidecar: &Sidecar, path: &str, headers: &str) -> Answer {
    http::send(sidecar.data, format!("GET {path} HTTP/1.1\r\nHost: api.example:80\r\n{headers}\r\n"))
}

fn end(mut sidecar: Sidecar) {
    sidecar.signal("TERM");
    assert!(sidecar.wait().success());
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A span with those below it; what differs with each run has a word in its place.
fn tree(all: &[Span], parent: &[u8], depth: usize, out: &mut String) {
    let mut spans: Vec<&Span> = all.iter().filter(|span| span.parent_span_id == parent).collect();
    spans.sort_by_key(|span| span.start_time_unix_nano);
    for span in spans {
        let kind = SpanKind::try_from(span.kind).expect("a kind").as_str_name().trim_start_matches("SPAN_KIND_");
        let status = span.status.as_ref().map_or("", |status| if status.code == 2 { " ERROR" } else { " ?" });
        out.push_str(&format!("{:1$}{kind} {2}{status} flags {3:03x}\n", "", depth * 2, span.name, span.flags));
        for attribute in &span.attributes {
            let value = match attribute.value.as_ref().and_then(|value| value.value.as_ref()) {
                Some(Value::StringValue(text)) => text.clone(),
                Some(Value::IntValue(number)) => number.to_string(),
                Some(Value::BoolValue(value)) => value.to_string(),
                other => format!("{other:?}"),
            };
            let value = match &*attribute.key {
                "server.port" if value != "80" => "PORT".to_owned(),
                "aws.request_id" if value.len() == 36 => "ID".to_owned(),
                _ => value,
            };
            out.push_str(&format!("{:1$}  {2} = {value}\n", "", depth * 2, attribute.key));
        }
        assert!(span.end_time_unix_nano >= span.start_time_unix_nano);
        tree(all, &span.span_id, depth + 1, out);
    }
}

#[test]
fn each_end_of_a_request_has_its_spans() {
    let (backend, collector) = (backend(), collector());
    let sidecar = Sidecar::start(&config(
        &backend,
        &format!("endpoint: 'http://{}/base/', headers: {{ X-Tenant: me }}, service_name: pets", collector.address),
    ));
    let requests = [
        ("/pets/1?q=2&token=secret-value", "User-Agent: test\r\n", 200),
        ("/pets/error", "", 502),
        ("/pets/malformed", "", 502),
        ("/pets/own", "", 503),
        ("/pets/timeout", "", 504),
        ("/pets/network", "", 504),
        ("/guarded/1", "Authorization: good\r\n", 200),
        ("/guarded/1", "Authorization: bad\r\n", 403),
        ("/custom/error", "", 200),
        ("/custom/missing", "", 404),
        ("/stream", "", 200),
        ("/nothing", "", 403),
    ];
    let root = |n: usize| format!("1-5759e988-{:024x}", n + 1);
    for (n, (path, headers, status)) in requests.iter().enumerate() {
        let answer = get(&sidecar, path, &format!("X-Amzn-Trace-Id: Root={}\r\n{headers}", root(n)));
        assert_eq!(answer.status, *status, "{path}: {answer:?}");
    }
    until("the stream counted", || {
        sidecar.ask("/metrics").text().contains("responses_total{method=\"GET\",resource=\"/stream\",status=\"200\"} 1")
    });
    end(sidecar);
    let seen = collector.last();
    assert_eq!((&*seen.method, &*seen.target), ("POST", "/base/v1/traces"));
    assert_eq!((seen.header("Content-Type"), seen.header("X-Tenant")), (Some("application/x-protobuf"), Some("me")));
    let (all, mut out) = (spans(&collector), String::new());
    for (n, (path, ..)) in requests.iter().enumerate() {
        let trace: Vec<Span> =
            all.iter().filter(|span| hex(&span.trace_id) == root(n)[2..].replace('-', "")).cloned().collect();
        out.push_str(&format!("== {path}\n"));
        tree(&trace, b"", 0, &mut out);
    }
    let resource = told(&collector).remove(0).resource.expect("a resource");
    assert!(resource.attributes.iter().any(|a| a.key == "service.name"
        && a.value.as_ref().and_then(|v| v.value.clone()) == Some(Value::StringValue("pets".to_owned()))));
    let out = out.replace(&backend.address.to_string(), "BACKEND");
    assert_eq!(golden(&data("process").join("telemetry.txt"), &out), None);
}

/// The gateway's own spans: trace, parent, state, flags.
#[test]
fn a_trace_goes_on_as_its_headers_say() {
    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const PARENT: &str = "b7ad6b7169203331";
    let (backend, collector) = (backend(), collector());
    let sidecar = Sidecar::start(&config(&backend, &format!("endpoint: 'http://{}', sample: 0", collector.address)));
    let amzn = format!("1-{}-{}", &TRACE[..8], &TRACE[8..]);
    let traceparent = format!("traceparent: 00-{TRACE}-{PARENT}-01\r\ntracestate: a=1\r\ntracestate: b=2\r\n");
    for (path, headers) in [
        ("/pets/1", traceparent.clone()),
        ("/pets/2", format!("traceparent: 00-{TRACE}-{PARENT}-00\r\n")),
        ("/pets/3", format!("X-Amzn-Trace-Id: Root={amzn};Parent={PARENT};Sampled=1\r\n")),
        ("/pets/4", format!("X-Amzn-Trace-Id: Root={amzn};Sampled=0\r\n")),
        ("/pets/5", format!("X-Amzn-Trace-Id: Root={amzn};Sampled=1\r\n")),
        ("/pets/6", String::new()),
    ] {
        assert_eq!(get(&sidecar, path, &headers).status, 200);
    }
    end(sidecar);
    let all = spans(&collector);
    let servers: Vec<&Span> = all.iter().filter(|span| span.kind == SpanKind::Server as i32).collect();
    let shown: Vec<String> = servers
        .iter()
        .map(|span| {
            format!("{} {} [{}] {:x}", hex(&span.trace_id), hex(&span.parent_span_id), span.trace_state, span.flags)
        })
        .collect();
    let joined = format!("{TRACE} {PARENT} [a=1,b=2] 301");
    assert_eq!(shown, [joined, format!("{TRACE} {PARENT} [] 301"), format!("{TRACE}  [] 101")]);
    // The backend gets what it gets from API Gateway: the client's headers as they are, and the gateway's span as the parent.
    let seen = backend.seen();
    let event = seen[0].json();
    assert_eq!(event["headers"]["traceparent"], format!("00-{TRACE}-{PARENT}-01"));
    assert_eq!((seen[0].header("traceparent"), seen[0].header("tracestate")), (None, None));
    let told = |n: usize| seen[n].header("X-Amzn-Trace-Id").unwrap_or_default().to_owned();
    assert!(told(0).contains(&format!("Parent={}", hex(&servers[0].span_id))), "{}", told(0));
    assert_eq!(told(2), format!("Root={amzn};Parent={PARENT};Sampled=1"));
    assert!(told(4).starts_with(&format!("Root={amzn};Parent={}", hex(&servers[2].span_id))), "{}", told(4));
}

#[test]
fn a_collector_that_is_down_holds_up_nobody() {
    let (backend, nobody) = (backend(), Nobody::start());
    let mut sidecar = Sidecar::start(&config(&backend, &format!("endpoint: 'http://{}'", nobody.address)));
    for n in 0..20 {
        assert_eq!(get(&sidecar, &format!("/pets/{n}"), "").status, 200);
    }
    sidecar.wait_for_log("the collector does not take spans");
    let begun = Instant::now();
    sidecar.signal("TERM");
    assert!(sidecar.wait().success());
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let log = sidecar.log();
    assert_eq!(log.matches("the collector does not take spans").count(), 1, "{log}");
}

#[test]
fn what_a_collector_refuses_is_counted_and_what_passes_is_sent_again() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let backend = backend();
    let collector = Backend::start(|_| match ASKED.fetch_add(1, Ordering::Relaxed) {
        0 => Reply::With(503, &[("Retry-After", "0")], Vec::new()),
        1 => Reply::With(200, &[], Vec::new()),
        _ => Reply::With(400, &[], Vec::new()),
    });
    let sidecar = Sidecar::start(&config(&backend, &format!("endpoint: 'http://{}'", collector.address)));
    assert_eq!(get(&sidecar, "/pets/1", "").status, 200);
    until("sent again", || collector.seen().len() == 2);
    assert_eq!(collector.seen()[0].body, collector.seen()[1].body);
    assert_eq!(sidecar.metric("spans_dropped_total"), 0.0);
    assert_eq!(get(&sidecar, "/pets/2", "").status, 200);
    until("counted", || sidecar.metric("spans_dropped_total") == 2.0);
    assert_eq!(collector.seen().len(), 3);
}

#[test]
fn a_reload_changes_the_collector() {
    let (backend, first, second) = (backend(), collector(), collector());
    let mut sidecar = Sidecar::start(&config(&backend, &format!("endpoint: 'http://{}'", first.address)));
    assert_eq!(get(&sidecar, "/pets/1", "").status, 200);
    sidecar.rewrite(&config(&backend, &format!("endpoint: 'http://{}'", second.address)));
    sidecar.wait_for_log("configuration reloaded");
    assert_eq!(get(&sidecar, "/pets/2", "").status, 200);
    until("both told", || spans(&first).len() == 2 && spans(&second).len() == 2);
}

#[test]
fn sampled_requests_are_exemplars_of_the_histograms() {
    let (backend, collector) = (backend(), collector());
    let sidecar = Sidecar::start(&config(&backend, &format!("endpoint: 'http://{}', sample: 0", collector.address)));
    let page = |accept: &str| {
        http::send(sidecar.admin, format!("GET /metrics HTTP/1.1\r\nHost: {}\r\n{accept}\r\n", sidecar.admin))
    };
    const OPEN: &str = "Accept: application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2\r\n";
    assert_eq!(get(&sidecar, "/pets/1", "").status, 200);
    let counted = "request_duration_seconds_count{method=\"GET\",resource=\"/pets/{id}\"}";
    until("counted", || page("").text().contains(&format!("stagegate_{counted} 1")));
    assert!(!page(OPEN).text().contains(" # {"), "one that is not sampled");
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let headers = format!("traceparent: 00-{trace}-b7ad6b7169203331-01\r\n");
    assert_eq!(get(&sidecar, "/pets/1", &headers).status, 200);
    until("counted", || sidecar.metric(counted) == 2.0);
    let (text, open) = (page(""), page(OPEN));
    assert!(
        text.head.contains("Content-Type: text/plain; version=0.0.4")
            || text.head.contains("content-type: text/plain; version=0.0.4"),
        "{}",
        text.head
    );
    assert!(open.head.contains("application/openmetrics-text; version=1.0.0; charset=utf-8"), "{}", open.head);
    assert!(!text.text().contains(" # {") && !text.text().contains("# EOF"));
    let open = open.text();
    for histogram in ["request", "integration"] {
        let of = |line: &&str| line.starts_with(&format!("stagegate_{histogram}_duration_seconds_bucket{{"));
        let marked = open.lines().filter(of).filter(|line| line.contains(&format!(" # {{trace_id=\"{trace}\"}} ")));
        assert_eq!(marked.count(), 1, "{open}");
    }
    assert!(open.contains("# TYPE stagegate_responses counter\nstagegate_responses_total{"), "{open}");
    assert!(open.contains("# TYPE stagegate_spans_dropped counter\nstagegate_spans_dropped_total 0\n"), "{open}");
    assert!(open.contains("# TYPE process_cpu_seconds counter\nprocess_cpu_seconds_total "), "{open}");
    assert!(open.contains(",le=\"1.0\"}") && open.ends_with("\n# EOF\n"), "{open}");
}

/// What is not written is what OpenTelemetry's own variables say; headers are nobody's business.
#[test]
fn variables_stand_in_for_what_is_not_written() {
    let (backend, collector) = (backend(), collector());
    let sidecar = Sidecar::start_with(
        &config(&backend, "headers: { X-Tenant: of-the-collector }"),
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://{}", collector.address)),
            ("OTEL_SERVICE_NAME", "orders"),
            ("OTEL_RESOURCE_ATTRIBUTES", "service.name=other,deployment.environment.name=stag%20ing,broken"),
        ],
    );
    let long = "a".repeat(3_000);
    assert_eq!(get(&sidecar, &format!("/pets/{long}"), &format!("tracestate: k={long}\r\n")).status, 200);
    let shown = sidecar.ask("/configuration");
    assert!(shown.text().contains("telemetry.otlp.headers.X-Tenant"), "{}", shown.text());
    assert!(!shown.text().contains("of-the-collector"), "{}", shown.text());
    end(sidecar);
    let resource = told(&collector).remove(0).resource.expect("a resource");
    let attributes = resource.attributes.iter().map(|attribute| {
        let Some(Value::StringValue(text)) = attribute.value.as_ref().and_then(|value| value.value.clone()) else {
            panic!("{attribute:?}")
        };
        format!("{}={text}", attribute.key)
    });
    let version = concat!("service.version=", env!("CARGO_PKG_VERSION"));
    let expected = ["service.name=orders", version, "deployment.environment.name=stag ing"];
    assert_eq!(attributes.collect::<Vec<String>>(), expected);
    let path = spans(&collector)[0].attributes.iter().find(|a| a.key == "url.path").cloned().expect("a path");
    let Some(Value::StringValue(path)) = path.value.and_then(|value| value.value) else { panic!("no text") };
    assert_eq!(path.len(), 1_024);
}
