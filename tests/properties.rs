//! What holds of any request, tried with random ones, the same at every run: which route answers, that an event tells what was sent,
//! that a mapping carries what it is given.
//!
//! (Policies have the like in `authorization`, streams of requests in `process`, the order of steps beside the gateway.)

mod event;
mod mapping;
mod router;

use std::net::IpAddr;
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use serde_json::Value;
use stagegate::{Gateway, Headers, IntegrationReply, Metrics, Played, Request, Sources, load, parse, play};

struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
    /// At most so many of these, one behind the other.
    fn some(&mut self, most: usize, all: &[&str]) -> String {
        (0..self.below(most + 1)).map(|_| self.of(all)).collect()
    }
}

fn gateway(api: &str) -> Gateway {
    let text = format!("functions: {{ f: {{ invoke_api: 'http://127.0.0.1:1' }} }}\napi:\n{api}");
    let tree = parse("stagegate.yaml".as_ref(), &text).expect("YAML");
    let loaded = load(&Sources { embedded: Some(tree), offline: true, ..Sources::default() });
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"));
    let metrics = Metrics::new("test", "").expect("fresh metrics");
    Gateway::new(loaded.api, loaded.canary, loaded.settings.limits, &metrics)
}

fn request(method: &str, path: &str, query: Option<&str>) -> Request {
    Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.map(str::to_owned),
        headers: Headers::default(),
        body: Bytes::new(),
        source_ip: IpAddr::from([127, 0, 0, 1]),
        http2: false,
        time: SystemTime::now(),
        received: Instant::now(),
    }
}

fn send(gateway: &Gateway, request: Request) -> Played {
    play(gateway, request, |_| Ok(IntegrationReply { status: 200, body: "{}".into(), ..IntegrationReply::default() }))
}

fn event(played: &Played) -> Value {
    serde_json::from_slice(&played.call().expect("a call").body).expect("an event that is JSON")
}

/// Percent-decoded bytes as text; the plain way.
fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, behind @ ..] = rest {
        let code = behind.get(..2).and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        match (first, code) {
            (b'%', Some(code)) => (bytes, rest) = ([bytes, vec![code]].concat(), &behind[2..]),
            _ => (bytes, rest) = ([bytes, vec![*first]].concat(), behind),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
