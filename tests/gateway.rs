//! What no single case says of the gateway: random bodies, chance, and what is not done.

use std::io::Read;
use std::net::IpAddr;
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use serde_json::{Value, json};
use stagegate::Gateway;
use stagegate::IntegrationReply;
use stagegate::Metrics;
use stagegate::{Headers, Request};
use stagegate::{Played, play};
use stagegate::{Sources, load, parse};

/// A proxy method at `/`, and more of the `api` section.
fn gateway(more: &str) -> Gateway {
    let text = format!(
        "functions: {{ f: {{ invoke_api: 'http://127.0.0.1:1' }} }}\n\
         api:\n  routes: [{{ path: /, method: ANY, integration: {{ type: AWS_PROXY, function: f }} }}]\n{more}"
    );
    let tree = parse("stagegate.yaml".as_ref(), &text).expect("YAML");
    let sources = Sources { embedded: Some(tree), ..Sources::default() };
    let loaded = load(&sources).expect("a configuration that loads");
    let metrics = Metrics::new("test", "").expect("fresh metrics");
    Gateway::new(loaded.api, loaded.canary, loaded.settings.limits, &metrics)
}

fn request(accept_encoding: &str, body: impl Into<Bytes>) -> Request {
    let mut headers = Headers::default();
    headers.push("Accept-Encoding", accept_encoding.to_owned());
    Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: None,
        headers,
        body: body.into(),
        source_ip: IpAddr::from([127, 0, 0, 1]),
        http2: false,
        time: SystemTime::now(),
        received: Instant::now(),
    }
}

fn payload(body: impl Into<Bytes>) -> IntegrationReply {
    IntegrationReply { status: 200, body: body.into().into(), ..IntegrationReply::default() }
}

fn event(played: &Played) -> Value {
    serde_json::from_slice(&played.call().expect("a call").body).expect("an event")
}

#[test]
fn random_bodies_arrive_unchanged_in_both_directions() {
    let gateway = gateway("");
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
        // As serde_json escapes it, and with every UTF-16 unit escaped.
        let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        for written in [json!(text).to_string(), format!("\"{units}\"")] {
            let reply = payload(format!("{{\"body\":{written}}}"));
            let played = play(&gateway, request("identity", text.clone()), |_| Ok(reply.seen()));
            assert_eq!(event(&played)["body"].as_str().unwrap_or_default(), text);
            assert_eq!(played.response.body.whole(), text.as_bytes());
        }
    }
}

#[test]
fn a_body_without_escapes_is_not_copied() {
    let reply = payload(r#"{"body":"0123456789"}"#);
    let room = reply.body.whole().as_ptr_range();
    let played = play(&gateway(""), request("identity", ""), |_| Ok(reply.seen()));
    assert!(room.contains(&played.response.body.whole().as_ptr()), "{:?}", played.response.body);
}

#[test]
fn what_is_packed_unpacks() {
    let gateway = gateway("  minimum_compression_size: 20\n");
    let text = "x".repeat(20);
    let packed = |accept: &str| {
        let reply = payload(format!("{{\"body\":\"{text}\"}}"));
        play(&gateway, request(accept, ""), |_| Ok(reply.seen())).response.body.whole().clone()
    };
    let mut unpacked = String::new();
    flate2::read::GzDecoder::new(&*packed("gzip")).read_to_string(&mut unpacked).expect("gzip");
    flate2::read::ZlibDecoder::new(&*packed("deflate")).read_to_string(&mut unpacked).expect("deflate");
    assert_eq!(unpacked, text.repeat(2));
}

#[test]
fn a_canary_takes_its_share() {
    let gateway = gateway("  canary: { percent: 25, stage_variables: { color: yellow } }\n");
    let mut taken = 0;
    for _ in 0..4_000 {
        let event = event(&play(&gateway, request("identity", ""), |_| Ok(payload("{}"))));
        let canary = event["requestContext"]["isCanaryRequest"].as_bool().expect("a boolean");
        assert_eq!(event["stageVariables"]["color"] == "yellow", canary);
        taken += u32::from(canary);
    }
    assert!((800..1_200).contains(&taken), "{taken} of 4,000");
}

#[test]
fn every_request_has_ids_of_its_own() {
    let gateway = gateway("");
    let ids = || play(&gateway, request("identity", ""), |_| Ok(payload("{}"))).exchange.ids;
    let (first, second) = (ids(), ids());
    assert_ne!(first.request_id, second.request_id);
    assert_ne!(first.extended_request_id, second.extended_request_id);
    assert_ne!(first.trace_id, second.trace_id);
}
