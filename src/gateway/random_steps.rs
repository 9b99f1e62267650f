//! The state machine against random orders of steps, the same at every run: many requests in flight at once, replies good and bad,
//! answers that others got, and now and then a step that nobody asked for. It never panics; each request is answered once and
//! counted once; and no backend is called for a caller whom nobody let by.

use std::net::IpAddr;
use std::time::{Instant, SystemTime};

use bytes::Bytes;

use super::gateway::Gateway;
use super::step::Step;
use crate::config::{Sources, load, parse};
use crate::exchange::call::{IntegrationReply, Purpose};
use crate::exchange::exchange::Exchange;
use crate::failure::Failure;
use crate::http1::message::{Headers, Request};
use crate::metrics::Metrics;

const GUARD: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/guard/invocations";
/// Of `https://a.example`; nobody signed it.
const TOKEN: &str = "Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.eyJpc3MiOiJodHRwczovL2EuZXhhbXBsZSJ9.c2ln";

const ROUNDS: usize = 4_000;
/// Requests in flight at once.
const FLYING: usize = 12;
/// More steps than any request needs.
const MOST_STEPS: usize = 40;

struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// A request that is not answered yet.
struct Flying {
    exchange: Box<Exchange>,
    step: Step,
    steps: usize,
    /// Whether its authorizer said yes, to itself or to another.
    let_by: bool,
    /// Whether a step was taken that nobody asked for.
    lost: bool,
}

fn rest() -> String {
    format!(
        "api:\n  minimum_compression_size: 10\n  throttle: {{ rate: 100000, burst: 100000, methods: {{ 'GET /slow': {{ rate: 1, burst: 1 }} }} }}\n  \
         models: {{ M: {{ type: object, required: [a] }} }}\n  request_validators: {{ v: {{ validateRequestBody: true }} }}\n  \
         authorizers:\n    guard: {{ type: REQUEST, authorizerUri: '{GUARD}', identitySource: method.request.header.Authorization }}\n    \
         pool: {{ type: JWT, identitySource: method.request.header.Authorization, jwtConfiguration: {{ issuers: [{{ issuer: 'https://a.example', audiences: [shop] }}], defaultAlgorithms: [RS256] }} }}\n  \
         routes:\n    - {{ path: /guarded, method: ANY, authorizationType: CUSTOM, authorizerId: guard, integration: &f {{ type: AWS_PROXY, function: f }} }}\n    \
         - {{ path: /token, method: ANY, authorizationType: JWT, authorizerId: pool, integration: *f }}\n    \
         - {{ path: /open, method: ANY, integration: *f }}\n    - {{ path: /slow, method: GET, integration: *f }}\n    \
         - {{ path: /checked, method: ANY, authorizationType: CUSTOM, authorizerId: guard, requestModels: {{ application/json: M }}, requestValidator: v, methodResponses: [200, 400], integration: {{ type: AWS, function: f, responses: [{{ statusCode: 200 }}, {{ statusCode: 400, selectionPattern: '.*bad.*' }}] }} }}\n    \
         - {{ path: /mock, method: ANY, methodResponses: [200], integration: {{ type: MOCK, requestTemplates: {{ application/json: '{{\"statusCode\": 200}}' }}, responses: [{{ statusCode: 200 }}] }} }}\n"
    )
}

fn http() -> String {
    format!(
        "api:\n  type: http\n  authorizers:\n    guard: {{ type: request, authorizerUri: '{GUARD}', identitySource: $request.header.Authorization, authorizerPayloadFormatVersion: '2.0', authorizerResultTtlInSeconds: 60, enableSimpleResponses: true }}\n    \
         pool: {{ type: jwt, identitySource: $request.header.Authorization, jwtConfiguration: {{ issuer: 'https://a.example', audience: [shop] }} }}\n  \
         routes:\n    - {{ route: ANY /guarded, authorizationType: CUSTOM, authorizerId: guard, integration: &f {{ type: AWS_PROXY, function: f }} }}\n    \
         - {{ route: ANY /token, authorizationType: JWT, authorizerId: pool, integration: *f }}\n    - {{ route: ANY /open, integration: *f }}\n"
    )
}

fn gateway(api: &str, metrics: &Metrics) -> Gateway {
    let text = format!(
        "functions: {{ '*': {{ invoke_api: 'http://127.0.0.1:1' }} }}\nauthorizers: {{ pool: {{ issuer: 'https://a.example' }} }}\n{api}"
    );
    let tree = parse("stagegate.yaml".as_ref(), &text).expect("YAML");
    let loaded = load(&Sources { embedded: Some(tree), ..Sources::default() })
        .unwrap_or_else(|problems| unreachable!("{problems:#?}"));
    Gateway::new(loaded.api, loaded.canary, loaded.settings.limits, metrics)
}

fn request(numbers: &mut Numbers) -> Request {
    let mut headers = Headers::default();
    for (name, values) in [
        ("Authorization", &[TOKEN, TOKEN, "a", "b", "Bearer x.y.z", ""][..]),
        ("Content-Type", &["application/json", "application/json", "text/plain"]),
        ("Accept-Encoding", &["gzip", "identity"]),
        ("Origin", &["https://o.example"]),
    ] {
        if numbers.below(5) > 0 {
            headers.push(name, numbers.of(values));
        }
    }
    Request {
        method: numbers.of(&["GET", "POST", "OPTIONS", "HEAD", "BREW", ""]).to_owned(),
        path: numbers
            .of(&["/guarded", "/guarded", "/token", "/open", "/slow", "/checked", "/mock", "/none", "", "*"])
            .to_owned(),
        query: numbers.of(&[None, Some(""), Some("a=b&a")]).map(str::to_owned),
        headers,
        body: Bytes::from_static(numbers.of(&[b"".as_slice(), b"{}", b"{\"a\":1}", b"\xff"])),
        source_ip: IpAddr::from([127, 0, 0, 1]),
        http2: false,
        time: SystemTime::now(),
        received: Instant::now(),
    }
}

const ALLOW: [&str; 2] = [
    r#"{"policyDocument":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}}"#,
    r#"{"isAuthorized":true}"#,
];

/// Any reply to any call.
fn reply(numbers: &mut Numbers) -> (Result<IntegrationReply, Failure>, bool) {
    if numbers.below(5) == 0 {
        let failure = match numbers.below(4) {
            0 => Failure::Timeout,
            1 => Failure::NetworkError("reset".to_owned()),
            2 => Failure::rejected(429),
            _ => Failure::InvalidEvent("no JSON".to_owned()),
        };
        return (Err(failure), false);
    }
    let body = numbers.of(&[
        ALLOW[0],
        ALLOW[0],
        ALLOW[1],
        r#"{"isAuthorized":false}"#,
        r#"{"policyDocument":{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}}"#,
        r#"{"statusCode":200,"body":"a body that is packed"}"#,
        r#"{"statusCode":1000}"#,
        r#"{"errorMessage":"bad"}"#,
        r#"{"issuer":"https://a.example","jwks_uri":"https://a.example/keys"}"#,
        r#"{"keys":[]}"#,
        "{",
        "",
    ]);
    let status = numbers.of(&[200, 200, 200, 200, 404, 503, 999, 0]);
    let function_error = numbers.below(8) == 0;
    let says_yes = ALLOW.contains(&body) && !function_error;
    let body = Bytes::from_static(body.as_bytes()).into();
    (Ok(IntegrationReply { status, body, function_error, ..IntegrationReply::default() }), says_yes)
}

/// The next step of one that flies.
fn proceed(gateway: &Gateway, numbers: &mut Numbers, flying: Flying) -> Flying {
    let Flying { mut exchange, step, steps, mut let_by, mut lost } = flying;
    if matches!(step, Step::Call(_)) && numbers.below(4) == 0 {
        // What it waits for may be known by now.
        if let Some(step) = gateway.recall(&mut exchange) {
            let let_by = let_by || exchange.decisions.authorizer.as_ref().is_some_and(|check| check.cached);
            return Flying { exchange, step, steps: steps + 1, let_by, lost };
        }
    }
    // A step that nobody asked for.
    let confused = numbers.below(15) == 0;
    lost |= confused;
    let step = match step {
        Step::Check(check) if !confused => gateway.checked(&mut exchange, check.run()),
        Step::Call(_) if confused => gateway.checked(&mut exchange, Ok(())),
        Step::Call(call) => {
            let (reply, says_yes) = reply(numbers);
            let_by |= says_yes && matches!(call.purpose, Purpose::Authorizer(_));
            gateway.resume(&mut exchange, reply)
        }
        Step::Check(_) | Step::Answer(_) => gateway.resume(&mut exchange, reply(numbers).0),
    };
    let_by |= exchange.decisions.authorizer.as_ref().is_some_and(|check| check.cached);
    Flying { exchange, step, steps: steps + 1, let_by, lost }
}

/// Of all requests, as the metrics tell them.
fn counted(metrics: &Metrics) -> usize {
    let text = String::from_utf8(metrics.encode()).expect("text");
    let series = text.lines().filter(|line| line.starts_with("stagegate_responses_total{"));
    series.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum::<f64>() as usize
}

#[test]
fn each_request_is_answered_once_and_counted_once_in_whatever_order() {
    for (seed, api) in [(1, rest()), (2, http())] {
        let metrics = Metrics::new("test", "").expect("fresh metrics");
        let gateway = gateway(&api, &metrics);
        let mut numbers = Numbers(seed);
        let (mut flying, mut answered, mut leaving, mut called, mut confused) = (Vec::new(), 0, Vec::new(), 0, 0);
        for round in 0.. {
            if round < ROUNDS && flying.len() < FLYING {
                let (exchange, step) = gateway.start(request(&mut numbers), None);
                let let_by = exchange.decisions.authorizer.as_ref().is_some_and(|check| check.cached);
                flying.push(Flying { exchange, step, steps: 1, let_by, lost: false });
            }
            if flying.is_empty() {
                break;
            }
            let one = flying.swap_remove(numbers.below(flying.len()));
            assert!(one.steps < MOST_STEPS, "{} goes on for ever", one.exchange.request.path);
            if let Step::Call(call) = &one.step
                && matches!(call.purpose, Purpose::Integration)
            {
                called += 1;
                let is_open = matches!(one.exchange.request.path.as_str(), "/open" | "/slow" | "/mock");
                assert!(is_open || one.let_by, "{} is called for nobody", one.exchange.request.path);
            }
            match one.step {
                Step::Answer(answer) => {
                    assert!((100..=599).contains(&answer.response.status), "{}", answer.response.status);
                    answered += 1;
                    confused += usize::from(one.lost);
                    leaving.push(answer.tally);
                    // It is counted when its last byte has left, which may be late.
                    if numbers.below(3) == 0 {
                        leaving.swap_remove(numbers.below(leaving.len()));
                    }
                    assert_eq!(
                        counted_if(round, &metrics),
                        counted_if(round, &metrics).map(|_| answered - leaving.len())
                    );
                }
                step => flying.push(proceed(&gateway, &mut numbers, Flying { step, ..one })),
            }
        }
        drop(leaving);
        assert_eq!(counted(&metrics), answered);
        assert!(
            answered > 1_000 && called > 200 && confused > 20,
            "{answered} answered, {called} called, {confused} confused"
        );
    }
}

/// To read all of the metrics each time takes long.
fn counted_if(round: usize, metrics: &Metrics) -> Option<usize> {
    round.is_multiple_of(64).then(|| counted(metrics))
}
