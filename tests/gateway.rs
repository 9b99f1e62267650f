//! The gateway's own steps, driven through `Gateway::begin` and `Gateway::finish`: routes, events, replies, gateway responses,
//! keys and throttles, compression. Each table in `gateway/` holds whole requests and whole answers.

use std::io::Read;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use bytes::Bytes;
use serde_json::{Value, json};
use stagegate::api::{
    ApiKey, Authorization, Endpoint, FunctionRef, GatewayResponse, GatewayResponseType, HttpMethod, Integration,
    IntegrationType, MediaTypes, Method, MethodRequest, ParameterMapping, ParameterSource, ParameterTarget,
    PassthroughBehavior, Quota, QuotaPeriod, Resource, RestApi, Throttle, UsagePlan,
};
use stagegate::config::settings::Limits;
use stagegate::exchange::call::{IntegrationCall, IntegrationReply, Target};
use stagegate::exchange::exchange::Exchange;
use stagegate::exchange::trace::Trace;
use stagegate::failure::Failure;
use stagegate::gateway::Gateway;
use stagegate::http1::message::{Headers, Request, Response};
use stagegate::metrics::Metrics;
use stagegate::pattern::PatternSet;

use crate::support;

fn method(http_method: HttpMethod) -> Method {
    Method {
        http_method,
        operation_name: None,
        authorization: Authorization::None,
        api_key_required: false,
        throttle: None,
        request: MethodRequest::default(),
        integration: Integration {
            kind: IntegrationType::AwsProxy,
            endpoint: Endpoint::Lambda(FunctionRef {
                name: Arc::from("orders"),
                qualifier: None,
                arn: Arc::from("arn:aws:lambda:us-east-1:123456789012:function:orders"),
                backend: 0,
            }),
            http_method: HttpMethod::Post,
            timeout: Duration::from_secs(29),
            passthrough_behavior: PassthroughBehavior::WhenNoMatch,
            content_handling: None,
            request_parameters: Vec::new(),
            request_templates: Vec::new(),
            responses: Vec::new(),
            patterns: PatternSet::new(&[]),
            illegal_header: None,
            broken: None,
        },
        responses: Vec::new(),
    }
}

/// An API of proxy methods, from `GET /pets/{id}` and its like.
fn api<'a>(routes: impl IntoIterator<Item = &'a str>) -> RestApi {
    let mut api = RestApi {
        id: "a1b2c3".into(),
        stage: "stage".into(),
        account_id: "123456789012".into(),
        region: "us-east-1".into(),
        domain_name: Some("a1b2c3.execute-api.us-east-1.amazonaws.com".into()),
        deployment_id: "d1".into(),
        ..RestApi::default()
    };
    for route in routes {
        let (http_method, path) = route.split_once(' ').expect("a method and a path");
        let method = method(HttpMethod::parse(http_method).expect("a method"));
        match api.resources.iter_mut().find(|resource| resource.path == path) {
            Some(resource) => resource.methods.push(method),
            None => {
                let id = format!("r{}", api.resources.len() + 1);
                api.resources.push(Resource { id, path: path.into(), methods: vec![method] });
            }
        }
    }
    api
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|item| item.as_str().expect("text").to_owned()).collect()
}

/// The API that a case describes.
fn api_of(case: &Value) -> RestApi {
    let routes = strings(&case["routes"]);
    let mut api = api(routes.iter().map(String::as_str));
    let text = |name: &str| case[name].as_str().map(str::to_owned);
    api.base_path = text("base_path").unwrap_or_default();
    api.binary_media_types = MediaTypes::new(strings(&case["binary"]));
    api.domain_name = text("domain_name").or(api.domain_name).filter(|name| !name.is_empty());
    api.canary = case["canary"].as_bool();
    for (name, value) in case["stage_variables"].as_object().into_iter().flatten() {
        api.stage_variables.insert(name.clone(), value.as_str().expect("text").into());
    }
    for (name, set) in case["gateway_responses"].as_object().into_iter().flatten() {
        let kind = GatewayResponseType::parse(name).expect("a gateway response type");
        api.gateway_responses.set(kind, gateway_response(set));
    }
    api.skip_authorization = case["skip_authorization"].as_bool().unwrap_or_default();
    api.resource_policy = case["resource_policy"].as_bool().unwrap_or_default();
    let method = &mut api.resources[0].methods[0];
    method.operation_name = text("operation_name");
    method.api_key_required = case["api_key_required"].as_bool().unwrap_or_default();
    method.integration.broken = text("broken");
    method.integration.illegal_header = text("illegal_header");
    method.authorization = match case["authorization"].as_str() {
        None => Authorization::None,
        Some("AWS_IAM") => Authorization::AwsIam,
        Some("COGNITO") => Authorization::CognitoUserPools("pool".into()),
        Some("REQUEST") => Authorization::Custom { name: "lambda".into(), token_header: None },
        Some(header) => Authorization::Custom { name: "lambda".into(), token_header: Some(header.into()) },
    };
    api
}

fn gateway_response(set: &Value) -> GatewayResponse {
    let parameters = set["headers"].as_object().into_iter().flatten();
    let templates = set["templates"].as_object().into_iter().flatten();
    GatewayResponse {
        status: set["status"].as_u64().map(|status| u16::try_from(status).expect("a status")),
        parameters: parameters
            .map(|(name, source)| ParameterMapping {
                target: ParameterTarget::ResponseHeader,
                name: name.clone(),
                source: source_of(source.as_str().expect("text")),
            })
            .collect(),
        templates: templates
            .map(|(media_type, text)| (media_type.clone(), text.as_str().expect("text").into()))
            .collect(),
    }
}

fn source_of(text: &str) -> ParameterSource {
    if let Some(name) = text.strip_prefix("context.") {
        ParameterSource::Context(name.into())
    } else if let Some(name) = text.strip_prefix("method.request.header.") {
        ParameterSource::Header(name.into())
    } else if let Some(name) = text.strip_prefix("method.request.querystring.") {
        ParameterSource::QueryString(name.into())
    } else {
        ParameterSource::Literal(text.trim_matches('\'').into())
    }
}

/// `GET /path?query`, with header lines `["Name: value"]` and a body.
fn request(line: &str, headers: &[String], body: Bytes) -> Request {
    let (method, target) = line.split_once(' ').expect("a method and a target");
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (target, None),
    };
    let mut lines = Headers::default();
    for header in headers {
        let (name, value) = header.split_once(':').expect("a name and a value");
        lines.push(name.to_owned(), value.trim().to_owned());
    }
    Request {
        method: method.into(),
        path: path.into(),
        query,
        headers: lines,
        body,
        source_ip: IpAddr::from([127, 0, 0, 1]),
        http2: false,
        time: UNIX_EPOCH + Duration::from_millis(1_428_582_896_123),
        received: Instant::now(),
    }
}

fn request_of(case: &Value) -> Request {
    let body = match &case["body_hex"] {
        Value::String(hex) => {
            (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("hex")).collect()
        }
        _ => Bytes::from(case["body"].as_str().unwrap_or_default().to_owned()),
    };
    request(case["request"].as_str().expect("a request line"), &strings(&case["headers"]), body)
}

fn gateway(api: RestApi) -> Gateway {
    Gateway::new(api, None, Limits::default(), &Metrics::new("test", "").expect("metrics"))
}

/// One exchange with a backend that answers so.
fn run(
    gateway: &Gateway,
    request: Request,
    reply: impl FnOnce(IntegrationCall) -> Result<IntegrationReply, Failure>,
) -> (Response, Exchange) {
    let (mut exchange, call) = gateway.begin(request, Trace::default());
    let response = gateway.finish(&mut exchange, call.and_then(reply));
    (response, exchange)
}

fn payload(body: &str) -> IntegrationReply {
    IntegrationReply { status: 200, body: Bytes::from(body.to_owned()), ..IntegrationReply::default() }
}

/// The answer as a table shows it; ids that are there, but never the same, are `*`.
fn show(response: &Response) -> Value {
    let shown = |name: &str, value: &str| match name {
        "x-amzn-RequestId" | "x-amz-apigw-id" | "X-Amzn-Trace-Id" => "*".to_owned(),
        _ => value.to_owned(),
    };
    let headers: Vec<String> = response
        .headers
        .0
        .iter()
        .map(|h| format!("{}: {}", h.name(), shown(h.name(), &String::from_utf8_lossy(&h.value))))
        .collect();
    json!({
        "status": response.status,
        "headers": headers,
        "body": String::from_utf8_lossy(&response.body),
    })
}

/// Compares with the whole text that is expected; `BLESS=1` writes it anew, to be read before it is committed.
fn golden(name: &str, found: &str) {
    let file = support::data("gateway").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, found).expect("a writable file");
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(found, expected, "{}", file.display());
}

fn table(name: &str) -> Vec<(String, Value)> {
    support::json_lines(&support::data("gateway").join(name))
}

#[test]
fn routes() {
    for (place, case) in table("routes") {
        let gateway = gateway(api_of(&case));
        let (exchange, call) = gateway.begin(request_of(&case), Trace::default());
        let found = match (&exchange.matched, &call) {
            (None, Err(failure)) => json!(failure.cause().as_str()),
            (Some(matched), Ok(call)) => {
                let event: Value = serde_json::from_slice(&call.body).expect("an event");
                let resource = &gateway.api(&exchange).resources[matched.resource];
                json!({
                    "resource": resource.path,
                    "method": resource.methods[matched.method].http_method.as_str(),
                    "path": event["path"],
                    "context": event["requestContext"]["path"],
                    "parameters": event["pathParameters"],
                })
            }
            other => panic!("{place}: {other:?}"),
        };
        assert_eq!(found, case["found"], "{place}");
    }
}

#[test]
fn a_lookup_costs_the_same_among_many_routes() {
    let time = |count: usize| {
        let routes: Vec<String> = (0..count).map(|i| format!("GET /r{i}/{{id}}/items/{{item}}")).collect();
        let gateway = gateway(api(routes.iter().map(String::as_str)));
        let line = format!("GET /r{}/7/items/9", count / 2);
        let started = Instant::now();
        for _ in 0..2_000 {
            gateway.begin(request(&line, &[], Bytes::new()), Trace::default()).1.expect("a call");
        }
        started.elapsed()
    };
    let (few, many) = ((0..3).map(|_| time(10)).min(), time(2_000));
    assert!(many < few.expect("times") * 5, "{few:?} for 10 routes, {many:?} for 2,000");
}

#[test]
fn events() {
    for (place, case) in table("events") {
        let (exchange, call) = gateway(api_of(&case)).begin(request_of(&case), Trace::default());
        let call = call.unwrap_or_else(|e| panic!("{place}: {e:?}"));
        let Target::Function { name, .. } = &call.target else { panic!("{place}: no function is called") };
        assert_eq!(&**name, "orders", "{place}");
        let event = std::str::from_utf8(&call.body).expect("UTF-8");
        serde_json::from_str::<Value>(event).unwrap_or_else(|e| panic!("{place}: {e}: {event}"));
        let ids = &exchange.ids;
        let event = event.replace(&ids.extended_request_id, "EXTENDED").replace(&ids.request_id, "REQUEST");
        assert_eq!(event, case["event"].as_str().expect("text"), "{place}");
    }
}

#[test]
fn an_event_over_the_limit_is_refused() {
    let limits = Limits { event: 2_000, ..Limits::default() };
    let gateway = Gateway::new(api(["POST /"]), None, limits, &Metrics::new("test", "").expect("metrics"));
    let begin = |size: usize| gateway.begin(request("POST /", &[], "\"".repeat(size).into()), Trace::default()).1;
    let overhead = begin(1).expect("a call").body.len() - 2;
    let most = (2_000 - overhead) / 2;
    assert!(begin(most).is_ok());
    assert_eq!(begin(most + 1).err(), Some(Failure::EventTooLarge));
    assert_eq!(begin(2_001).err(), Some(Failure::EventTooLarge));
}

#[test]
fn replies() {
    for (place, case) in table("replies") {
        let gateway = gateway(api_of(&json!({ "routes": ["GET /"], "binary": case["binary"] })));
        let request = request("GET /", &strings(&case["headers"]), Bytes::new());
        let body = case["payload"].as_str().map_or_else(|| case["payload"].to_string(), str::to_owned);
        let (response, exchange) = run(&gateway, request, |_| Ok(payload(&body)));
        let found = match exchange.failure {
            Some(Failure::MalformedResponse(reason)) => json!({ "malformed": reason, "status": response.status }),
            Some(failure) => json!({ "failure": failure.cause().as_str(), "status": response.status }),
            None => {
                let mut shown = show(&response);
                let ids = ["x-amzn-RequestId: *", "x-amz-apigw-id: *", "X-Amzn-Trace-Id: *"];
                let headers = shown["headers"].as_array_mut().expect("headers");
                headers.retain(|h| !ids.iter().any(|id| h == id));
                shown
            }
        };
        assert_eq!(found, case["answer"], "{place}");
    }
}

#[test]
fn random_bodies_arrive_unchanged_in_both_directions() {
    let gateway = gateway(api(["POST /"]));
    let mut seed = 42_u64;
    let mut next = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed >> 33
    };
    let pieces =
        ["\"", "\\", "/", "\n", "\r", "\t", "\u{8}", "\u{c}", "\0", "\u{1f}", "\u{7f}", "é", "€", "𝄞", "a", "bcdefgh"];
    for _ in 0..2_000 {
        let length = next() % 40;
        let text: String = (0..length).map(|_| pieces[next() as usize % pieces.len()]).collect();
        let (_, call) = gateway.begin(request("POST /", &[], text.clone().into()), Trace::default());
        let event: Value = serde_json::from_slice(&call.expect("a call").body).expect("an event");
        assert_eq!(event["body"].as_str().unwrap_or_default(), text);
        // As serde_json escapes it, and with every UTF-16 unit escaped.
        let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        for written in [json!(text).to_string(), format!("\"{units}\"")] {
            let reply = payload(&format!("{{\"body\":{written}}}"));
            let (response, _) = run(&gateway, request("POST /", &[], Bytes::new()), |_| Ok(reply));
            assert_eq!(response.body, text.as_bytes());
        }
    }
}

#[test]
fn a_body_without_escapes_is_not_copied() {
    let gateway = gateway(api(["GET /"]));
    let reply = payload(r#"{"body":"0123456789"}"#);
    let room = reply.body.as_ptr_range();
    let (response, _) = run(&gateway, request("GET /", &[], Bytes::new()), |_| Ok(reply));
    assert!(room.contains(&response.body.as_ptr()), "{:?}", response.body);
}

/// The failures that only a backend can cause, by the names that the table uses.
fn failure_of(name: &str) -> Failure {
    match name {
        "rejected 429" => Failure::InvocationRejected { status: 429 },
        "timeout" => Failure::Timeout,
        "network" => Failure::NetworkError("connection refused".into()),
        "validation" => Failure::InvalidBody("[object has missing required properties ([\"bar\"])]".into()),
        "parameters" => Failure::MissingParameters(vec!["a".into(), "b".into()]),
        "media type" => Failure::UnsupportedMediaType,
        "quota" => Failure::Quota,
        "throttled" => Failure::Throttled,
        "body" => Failure::RequestTooLarge,
        "event" => Failure::EventTooLarge,
        "template" => Failure::RequestTemplate("line 1, column 1".into()),
        other => panic!("no failure is called {other}"),
    }
}

#[test]
fn gateway_responses() {
    for (place, case) in table("responses") {
        let gateway = gateway(api_of(&case));
        let (response, _) = run(&gateway, request_of(&case), |_| match case["backend"].as_str() {
            Some("function error") => Ok(IntegrationReply {
                function_error: true,
                ..payload(r#"{"errorMessage":"out of \"tea\"","errorType":"Error"}"#)
            }),
            Some(name) => Err(failure_of(name)),
            None => Ok(payload(case["payload"].as_str().unwrap_or("{}"))),
        });
        assert_eq!(show(&response), case["answer"], "{place}");
    }
}

#[test]
fn heads_over_the_limits_are_refused() {
    let gateway = gateway(api(["GET /{proxy+}"]));
    let answer = |target: &str, header: usize| {
        let headers = [format!("X-Long: {}", "x".repeat(header))];
        run(&gateway, request(&format!("GET {target}"), &headers, Bytes::new()), |_| Ok(payload("{}"))).0.status
    };
    assert_eq!(answer("/x", 10_234), 200);
    assert_eq!(answer("/x", 10_235), 431);
    assert_eq!(answer(&format!("/{}", "x".repeat(10_239)), 1), 200);
    assert_eq!(answer(&format!("/{}", "x".repeat(10_240)), 1), 414);
}

#[test]
fn a_body_over_ten_megabytes_is_refused_in_plain_text() {
    let gateway = gateway(api(["POST /"]));
    let (response, exchange) =
        run(&gateway, request("POST /", &[], vec![b'x'; 10_485_761].into()), |_| panic!("nothing is called"));
    assert_eq!(
        show(&response),
        json!({
            "status": 413,
            "headers": ["Content-Type: text; charset=utf-8"],
            "body": "HTTP content length exceeded 10485760 bytes.",
        })
    );
    assert!(exchange.matched.is_some(), "the metrics name the route");
}

fn with_plan(throttle: Option<Throttle>, quota: Option<Quota>) -> RestApi {
    let mut api = api(["GET /open", "GET /closed"]);
    api.resources[1].methods[0].api_key_required = true;
    let key = |value: &str, enabled| ApiKey { value: value.into(), enabled };
    api.api_keys.insert("partner".into(), key("secret-of-partner", true));
    api.api_keys.insert("disabled".into(), key("secret-of-disabled", false));
    api.api_keys.insert("planless".into(), key("secret-of-planless", true));
    api.usage_plans
        .insert("gold".into(), UsagePlan { keys: vec!["partner".into(), "disabled".into()], throttle, quota });
    api
}

fn status_with_key(gateway: &Gateway, line: &str, key: Option<&str>) -> (u16, String) {
    let headers: Vec<String> = key.map(|key| format!("X-API-Key: {key}")).into_iter().collect();
    let (response, _) = run(gateway, request(line, &headers, Bytes::new()), |_| Ok(payload("{}")));
    (response.status, String::from_utf8_lossy(&response.body).into_owned())
}

#[test]
fn api_keys() {
    let gateway = gateway(with_plan(None, None));
    let forbidden = (403, r#"{"message":"Forbidden"}"#.to_owned());
    for key in [None, Some("unknown"), Some("secret-of-disabled"), Some("secret-of-planless")] {
        assert_eq!(status_with_key(&gateway, "GET /closed", key), forbidden, "{key:?}");
    }
    assert_eq!(status_with_key(&gateway, "GET /closed", Some("secret-of-partner")).0, 200);
    assert_eq!(status_with_key(&gateway, "GET /open", None).0, 200);
    let headers = ["x-api-key: secret-of-partner".to_owned()];
    let (_, call) = gateway.begin(request("GET /closed", &headers, Bytes::new()), Trace::default());
    let event: Value = serde_json::from_slice(&call.expect("a call").body).expect("an event");
    assert_eq!(event["requestContext"]["identity"]["apiKey"], "secret-of-partner");
    assert_eq!(event["requestContext"]["identity"]["apiKeyId"], "partner");
}

#[test]
fn a_burst_is_let_through_and_no_more() {
    let slow = Throttle { rate: 0.001, burst: 2 };
    let too_many = (429, r#"{"message":"Too Many Requests"}"#.to_owned());
    let gateway_of_plan = gateway(with_plan(Some(slow), None));
    let key = Some("secret-of-partner");
    let answers: Vec<u16> = (0..3).map(|_| status_with_key(&gateway_of_plan, "GET /closed", key).0).collect();
    assert_eq!(answers, [200, 200, 429]);
    assert_eq!(status_with_key(&gateway_of_plan, "GET /closed", key), too_many);
    let mut api = with_plan(None, None);
    api.throttle = Some(Throttle { rate: 0.001, burst: 1 });
    api.resources[1].methods[0].throttle = Some(Throttle { rate: 0.0, burst: 5 });
    let gateway = gateway(api);
    assert_eq!(status_with_key(&gateway, "GET /open", None).0, 200);
    assert_eq!(status_with_key(&gateway, "GET /open", None), too_many);
    assert_eq!(status_with_key(&gateway, "GET /closed", key), too_many, "a rate of 0 lets nothing through");
}

#[test]
fn a_quota_lasts_for_its_period_and_survives_a_reload() {
    let quota = Quota { limit: 2, period: QuotaPeriod::Month };
    let plan = || with_plan(None, Some(quota));
    let exceeded = (429, r#"{"message":"Limit Exceeded"}"#.to_owned());
    let first = gateway(plan());
    let key = Some("secret-of-partner");
    assert_eq!(status_with_key(&first, "GET /closed", key).0, 200);
    let second = gateway(plan());
    second.carry_over(&first);
    assert_eq!(status_with_key(&second, "GET /closed", key).0, 200);
    assert_eq!(status_with_key(&second, "GET /closed", key), exceeded);
    let mut later = request("GET /closed", &["x-api-key: secret-of-partner".to_owned()], Bytes::new());
    later.time += Duration::from_secs(31 * 86_400);
    assert_eq!(run(&second, later, |_| Ok(payload("{}"))).0.status, 200);
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    flate2::read::GzEncoder::new(text, flate2::Compression::default()).read_to_end(&mut packed).expect("a stream");
    packed
}

#[test]
fn answers_are_compressed_as_the_client_likes_it() {
    let mut api = api(["GET /"]);
    api.minimum_compression_size = Some(20);
    let gateway = gateway(api);
    let answer = |accept: &str, headers: &str, body: &str| {
        let reply = payload(&format!("{{\"headers\":{headers},\"body\":\"{body}\"}}"));
        let accept = [format!("Accept-Encoding: {accept}")];
        run(&gateway, request("GET /", &accept, Bytes::new()), |_| Ok(reply)).0
    };
    let text = "x".repeat(20);
    let coding = |response: &Response| response.headers.last("content-encoding").map(str::to_owned);
    let packed = answer("deflate, gzip", "{}", &text);
    assert_eq!(coding(&packed).as_deref(), Some("gzip"));
    let mut unpacked = String::new();
    flate2::read::GzDecoder::new(&*packed.body).read_to_string(&mut unpacked).expect("gzip");
    assert_eq!(unpacked, text);
    let packed = answer("gzip;q=0.5, deflate;q=0.8", "{}", &text);
    assert_eq!(coding(&packed).as_deref(), Some("deflate"));
    unpacked.clear();
    flate2::read::ZlibDecoder::new(&*packed.body).read_to_string(&mut unpacked).expect("deflate");
    assert_eq!(unpacked, text);
    for (accept, headers, body) in
        [("identity", "{}", text.as_str()), ("br", "{}", &text), ("gzip;q=0", "{}", &text), ("gzip", "{}", &text[1..])]
    {
        let response = answer(accept, headers, body);
        assert_eq!((coding(&response), &*response.body), (None, body.as_bytes()), "{accept}");
    }
    let own = answer("gzip", r#"{"Content-Encoding":"br"}"#, &text);
    assert_eq!((coding(&own).as_deref(), &*own.body), (Some("br"), text.as_bytes()));
}

#[test]
fn compressed_requests_are_unpacked_where_compression_is_on() {
    let mut on = api(["POST /"]);
    on.minimum_compression_size = Some(0);
    let on = gateway(on);
    let begin = |gateway: &Gateway, coding: &str, body: Vec<u8>| {
        let headers = [format!("Content-Encoding: {coding}")];
        let (exchange, call) = gateway.begin(request("POST /", &headers, body.into()), Trace::default());
        call.map(|call| {
            let event: Value = serde_json::from_slice(&call.body).expect("an event");
            (event["body"].clone(), exchange.request.headers.contains("content-encoding"))
        })
    };
    assert_eq!(begin(&on, "gzip", gzip(b"tea")), Ok((json!("tea"), false)));
    assert_eq!(begin(&on, "identity", b"tea".to_vec()), Ok((json!("tea"), false)));
    assert_eq!(begin(&on, "gzip", b"tea".to_vec()), Err(Failure::UnsupportedMediaType));
    assert_eq!(begin(&on, "br", b"tea".to_vec()), Err(Failure::UnsupportedMediaType));
    assert_eq!(begin(&on, "gzip", gzip(&vec![b' '; 10_485_761])), Err(Failure::RequestTooLarge));
    assert_eq!(begin(&gateway(api(["POST /"])), "br", b"tea".to_vec()), Ok((json!("tea"), true)));
}

#[test]
fn a_canary_takes_its_share() {
    let mut canary = api(["GET /"]);
    canary.canary = Some(true);
    canary.stage_variables.insert("color".into(), "yellow".into());
    let gateway = Gateway::new(
        api(["GET /"]),
        Some((25.0, canary)),
        Limits::default(),
        &Metrics::new("test", "").expect("metrics"),
    );
    let mut taken = 0;
    for _ in 0..4_000 {
        let (exchange, call) = gateway.begin(request("GET /", &[], Bytes::new()), Trace::default());
        let event: Value = serde_json::from_slice(&call.expect("a call").body).expect("an event");
        assert_eq!(event["stageVariables"]["color"] == "yellow", exchange.canary);
        assert_eq!(gateway.api(&exchange).canary.is_some(), exchange.canary);
        taken += u32::from(exchange.canary);
    }
    assert!((800..1_200).contains(&taken), "{taken} of 4,000");
}

#[test]
fn ids_have_their_forms_and_a_client_may_choose_some() {
    let gateway = gateway(api(["GET /"]));
    let ids = |headers: &[&str]| {
        let headers: Vec<String> = headers.iter().map(|h| (*h).to_owned()).collect();
        gateway.begin(request("GET /", &headers, Bytes::new()), Trace::default()).0.ids
    };
    let matches = |pattern: &str, text: &str| {
        let pattern = regex::Regex::new(&format!("^{pattern}$")).expect("a pattern");
        assert!(pattern.is_match(text), "{text}");
    };
    let new = ids(&[]);
    matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", &new.request_id);
    matches("[A-Za-z0-9_-]{15}=", &new.extended_request_id);
    let parts = ";Parent=[0-9a-f]{16};Sampled=0;Lineage=1:[0-9a-f]{8}:0";
    matches(&format!("Root=1-552671f0-[0-9a-f]{{24}}{parts}"), &new.trace_id);
    let rooted = ids(&["x-amzn-trace-id: Root=1-3152b799-8954dae64eda91bc9a23a7e8"]);
    matches(&format!("Root=1-3152b799-8954dae64eda91bc9a23a7e8{parts}"), &rooted.trace_id);
    let whole = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1";
    assert_eq!(ids(&[&format!("X-Amzn-Trace-Id: {whole}")]).trace_id, whole);
    let chosen = "7c1f9f4e-3f0a-4b6c-9d53-7f2f2a0f6f11";
    assert_eq!(ids(&[&format!("X-Amzn-RequestId: {chosen}")]).request_id, chosen);
    assert_ne!(ids(&["X-Amzn-RequestId: mine"]).request_id, "mine");
    assert_ne!(new.request_id, ids(&[]).request_id);
}

#[test]
fn the_trace_tells_every_decision() {
    let gateway = gateway({
        let mut api = api(["GET /pets/{id}"]);
        api.base_path = "/stage".into();
        api
    });
    let mut lines = String::new();
    let replies = [
        Ok(payload(r#"{"statusCode":201,"headers":{"Set-Cookie":"session=0123456789abcdef"},"body":"tea"}"#)),
        Ok(payload("null")),
        Err(Failure::InvocationRejected { status: 429 }),
        Err(Failure::Timeout),
    ];
    for reply in replies {
        let headers =
            ["Authorization: Bearer 0123456789abcdef".into(), "x-api-key: short".into(), "A: 1".into(), "a: 2".into()];
        let long = "x".repeat(1_030);
        let (mut exchange, call) =
            gateway.begin(request("GET /stage/pets/7?b=1&b=2", &headers, long.into()), Trace::on());
        exchange.integration_latency = Some(Duration::from_millis(31));
        gateway.finish(&mut exchange, call.and(reply));
        let ids = &exchange.ids;
        for line in exchange.trace.lines() {
            let line =
                line.to_string().replace(&ids.extended_request_id, "EXTENDED").replace(&ids.request_id, "REQUEST");
            lines.push_str(&line.replace(&ids.trace_id, "TRACE"));
            lines.push('\n');
        }
        lines.push('\n');
    }
    let (exchange, _) = gateway.begin(request("GET /pets/7", &[], Bytes::new()), Trace::default());
    assert!(exchange.trace.lines().is_empty(), "nobody listens");
    golden("trace.txt", &mask_event(&lines));
}

/// The event's own lines differ in ids and are shown elsewhere.
fn mask_event(lines: &str) -> String {
    let event = "Endpoint request body after transformations: ";
    assert!(!lines.contains("Bearer"), "a secret is shown");
    let masked = lines.lines().map(|line| if line.starts_with(event) { "(the event)" } else { line });
    masked.map(|line| format!("{line}\n")).collect()
}

#[test]
fn everything_is_counted_once_and_from_zero() {
    let metrics = Metrics::new("test", "").expect("metrics");
    let gateway = Gateway::new(api(["GET /pets/{id}"]), None, Limits::default(), &metrics);
    let shown = |prefixes: &[&str]| -> String {
        let text = String::from_utf8(metrics.encode()).expect("text");
        let wanted = |line: &&str| prefixes.iter().any(|prefix| line.starts_with(prefix));
        text.lines().filter(wanted).map(|line| format!("{line}\n")).collect()
    };
    let zero = shown(&["stagegate_failures_total", "stagegate_invocations_total", "stagegate_masked_errors_total"]);
    let mut text = format!("At the start\n\n{zero}\nAfter one request of each kind\n\n");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let answers = [
        ("GET /pets/1", Ok(payload("{}"))),
        ("GET /pets/1", Ok(payload("null"))),
        ("GET /pets/1", Ok(IntegrationReply { function_error: true, ..payload("{}") })),
        ("GET /pets/1", Err(Failure::InvocationRejected { status: 429 })),
        ("GET /pets/1", Err(Failure::Timeout)),
        ("GET /pets/1", Err(Failure::NetworkError("refused".into()))),
        ("GET /nowhere", Ok(payload("{}"))),
    ];
    for (line, reply) in answers {
        let invoke = async |_| reply;
        runtime.block_on(gateway.handle(invoke, request(line, &[], Bytes::new()), Trace::default()));
    }
    gateway.refuse(request("GET /pets/1", &[], Bytes::new()), Trace::default(), Failure::RequestTooLarge);
    let counted = shown(&[
        "stagegate_responses_total",
        "stagegate_failures_total",
        "stagegate_invocations_total",
        "stagegate_masked_errors_total",
        "stagegate_request_duration_seconds_count",
        "stagegate_integration_duration_seconds_count",
        "stagegate_in_flight_requests",
    ]);
    text.push_str(
        &counted.lines().filter(|line| !line.ends_with(" 0")).map(|line| format!("{line}\n")).collect::<String>(),
    );
    golden("metrics.txt", &text);
}
