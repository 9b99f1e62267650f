//! Events that are not JSON, as Lambda refuses them: `jackson.jsonl` is recorded from Jackson 2.14 by
//! `tests/differential/Events.java`.
//!
//! Left out are texts over which Jackson itself stumbles: a character that is not ASCII right behind `true`, NUL in a string.

use std::net::IpAddr;
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use stagegate::{Failure, Gateway, Headers, IntegrationReply, Metrics, Played, Request, Sources, load, parse, play};

use crate::support;

/// A custom integration that passes every body on.
fn gateway() -> Gateway {
    let text = "api: { routes: [{ path: /, method: POST, methodResponses: [200], integration: { type: AWS, function: f, responses: [{ statusCode: 200 }] } }] }";
    let tree = parse("stagegate.yaml".as_ref(), text).expect("YAML");
    let sources = Sources { embedded: Some(tree), offline: true, ..Sources::default() };
    let loaded = load(&sources).expect("a configuration that loads");
    let metrics = Metrics::new("test", "").expect("fresh metrics");
    Gateway::new(loaded.api, loaded.canary, loaded.settings.limits, &metrics)
}

fn send(gateway: &Gateway, event: impl Into<Bytes>) -> Played {
    let request = Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: None,
        headers: Headers::default(),
        body: event.into(),
        source_ip: IpAddr::from([127, 0, 0, 1]),
        http2: false,
        time: SystemTime::now(),
        received: Instant::now(),
    };
    play(gateway, request, |_| Ok(IntegrationReply { status: 200, body: "{}".into(), ..IntegrationReply::default() }))
}

/// Lambda's sentence, the array's name as Jackson prints it where it may not show its source.
fn sentence(played: &Played) -> Option<String> {
    let Some(Failure::InvalidEvent(sentence)) = &played.exchange.failure else { return None };
    let sentence = sentence.strip_prefix("Could not parse request body into json: ").expect("Lambda's beginning");
    let mut out = String::new();
    let mut parts = sentence.split("[B@");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (hash, rest) = part.split_at(8);
        assert!(hash.bytes().all(|b| b.is_ascii_hexdigit()), "{sentence}");
        out.push_str("UNKNOWN");
        out.push_str(rest);
    }
    // 2.14 leaves out a column that is none.
    Some(out.replace(", column: 0]", "]"))
}

#[test]
fn every_event_is_refused_in_jacksons_words() {
    let gateway = gateway();
    let table = std::fs::read_to_string(support::data("events").join("jackson.jsonl")).expect("the recorded table");
    let mut wrong = Vec::new();
    for line in table.lines() {
        let (event, expected): (String, Option<String>) = serde_json::from_str(line).expect("an event and a sentence");
        let played = send(&gateway, event.clone());
        let got = sentence(&played);
        if got != expected || played.response.status != if expected.is_some() { 400 } else { 200 } {
            wrong.push(format!("{event:?}\n  expected {expected:?}\n  actual   {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} are wrong\n{}", wrong.len(), table.lines().count(), wrong.join("\n"));
}

#[test]
fn an_event_that_is_cut_anywhere_is_refused() {
    let gateway = gateway();
    let event = "{\"a\\u20ac\": [1, -0.5e+3, true, null, \"€\u{1F600}\\n\", {\"b\": {}}, []]} ";
    assert_eq!(sentence(&send(&gateway, event)), None);
    for end in 1..event.len() - 1 {
        let cut = &event.as_bytes()[..end];
        assert!(sentence(&send(&gateway, cut.to_vec())).is_some(), "{:?}", String::from_utf8_lossy(cut));
    }
}
