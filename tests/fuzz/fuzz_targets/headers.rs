//! Any query, cookies, forwarded addresses and codings: what the function is told of them is what plain code reads, and the answer is
//! packed only for whom accepts that, and unpacks to the same.
//!
//! The first line is the query; then lines that begin with what they are: `c` Cookie, `f` X-Forwarded-For, `e` Accept-Encoding,
//! `h` Host, `t` Content-Type, `p` a path.

#![no_main]

#[path = "../gateway.rs"]
mod gateway;
#[path = "../request.rs"]
mod request;

use std::io::Read;
use std::net::{IpAddr, SocketAddr};
use std::sync::LazyLock;

use gateway::gateway;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use stagegate::{Gateway, IntegrationReply, play};

const REST: &str = "functions: { f: { invoke_api: 'http://127.0.0.1:1' } }
limits: { trusted_proxies: [127.0.0.1, 10.0.0.0/8, 'fd00::/8'] }
api: { minimum_compression_size: 0, routes: [{ path: '/{proxy+}', method: ANY, integration: { type: AWS_PROXY, function: f } }] }
";
const HTTP: &str = "functions: { f: { invoke_api: 'http://127.0.0.1:1' } }
limits: { trusted_proxies: [127.0.0.1, 10.0.0.0/8, 'fd00::/8'] }
api: { type: http, routes: [{ route: $default, integration: { type: AWS_PROXY, function: f } }] }
";
const BODY: &str = "some words, some words, some words";

static GATEWAYS: LazyLock<[Gateway; 2]> = LazyLock::new(|| [REST, HTTP].map(gateway));

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 2;
            }
            (b'+', ..) => out.push(b' '),
            (byte, ..) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The values of each name.
fn query(text: &str) -> Value {
    let mut names = serde_json::Map::new();
    for pair in text.split(['&', ';']).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let values = names.entry(decoded(name)).or_insert_with(|| json!([]));
        values.as_array_mut().expect("a list").push(decoded(value).into());
    }
    if names.is_empty() { Value::Null } else { names.into() }
}

fn is_trusted(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.octets() == [127, 0, 0, 1] || v4.octets()[0] == 10,
        IpAddr::V6(v6) => v6.octets()[0] == 0xfd,
    }
}

/// From the last that is named, as long as who names it is trusted.
fn client(lines: &[&[u8]]) -> IpAddr {
    let mut client = IpAddr::from([127, 0, 0, 1]);
    let joined = lines.join(&b','.to_owned());
    if lines.is_empty() {
        return client;
    }
    for named in joined.split(|byte| *byte == b',').rev() {
        let Ok(named) = std::str::from_utf8(named) else { return client };
        let named = named.trim();
        let Ok(address) = named.parse::<IpAddr>().or_else(|_| named.parse::<SocketAddr>().map(|a| a.ip())) else {
            return client;
        };
        client = address.to_canonical();
        if !is_trusted(client) {
            return client;
        }
    }
    client
}

/// How much the client likes a coding (RFC 9110, 12.5.3); `None` for not at all.
fn likes(lines: &[&[u8]], coding: &str) -> bool {
    let (mut own, mut any) = (None, None);
    for entry in lines.iter().filter_map(|line| std::str::from_utf8(line).ok()).flat_map(|line| line.split(',')) {
        let mut parts = entry.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let is_liked = weight.is_none_or(|weight| weight.trim().parse::<f32>().is_ok_and(|weight| weight > 0.0));
        if name.eq_ignore_ascii_case(coding) {
            own = Some(own.unwrap_or(false) || is_liked);
        } else if name == "*" {
            any = Some(any.unwrap_or(false) || is_liked);
        }
    }
    own.or(any).unwrap_or(false)
}

fuzz_target!(|input: &[u8]| {
    let mut lines = input.split(|byte| *byte == b'\n');
    let asked = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
    let (mut headers, mut path): (Vec<(&[u8], &[u8])>, _) = (Vec::new(), "x".to_owned());
    for line in lines {
        let Some((kind, value)) = line.split_first() else { continue };
        let name: &[u8] = match kind {
            b'c' => b"Cookie",
            b'f' => b"X-Forwarded-For",
            b'e' => b"Accept-Encoding",
            b'h' => b"Host",
            b't' => b"Content-Type",
            b'p' => {
                path = String::from_utf8_lossy(value).into_owned();
                continue;
            }
            _ => continue,
        };
        let value = value.trim_ascii();
        if value.iter().all(|byte| *byte == b'\t' || *byte >= b' ' && *byte != 0x7f) {
            headers.push((name, value));
        }
    }
    let Some(target) = request::target(&format!("{}?{asked}", path.replace('?', ""))) else { return };
    let of = |wanted: &[u8]| headers.iter().filter(|(name, _)| *name == wanted).map(|(_, value)| *value).collect::<Vec<_>>();
    for (gateway, is_http) in GATEWAYS.iter().zip([false, true]) {
        let reply = json!({ "statusCode": 200, "body": BODY }).to_string();
        let played = play(gateway, request::request("GET", &target, &headers, b""), |_| {
            Ok(IntegrationReply { status: 200, body: reply.clone().into_bytes().into(), ..IntegrationReply::default() })
        });
        let Some(call) = played.call() else { continue };
        let event: Value = serde_json::from_slice(&call.body).expect("JSON");
        let packed = played.response.headers.last("content-encoding").map(str::to_owned);
        let body = played.response.body.whole();
        let unpacked = match packed.as_deref() {
            None => String::from_utf8_lossy(body).into_owned(),
            Some(coding) => {
                assert!(likes(&of(b"Accept-Encoding"), coding), "{coding}");
                let mut text = String::new();
                let read = match coding {
                    "gzip" => flate2::read::GzDecoder::new(&body[..]).read_to_string(&mut text),
                    _ => flate2::read::ZlibDecoder::new(&body[..]).read_to_string(&mut text),
                };
                read.expect("packed as it says");
                text
            }
        };
        assert_eq!(unpacked, BODY);
        let address = client(&of(b"X-Forwarded-For")).to_string();
        if is_http {
            assert_eq!(event["rawQueryString"], asked);
            assert_eq!(event["requestContext"]["http"]["sourceIp"], address);
            let cookies = of(b"Cookie").join(&b';'.to_owned());
            let cookies = cookies.split(|byte| *byte == b';').map(<[u8]>::trim_ascii).filter(|one| !one.is_empty());
            let cookies: Vec<_> = cookies.map(String::from_utf8_lossy).collect();
            assert_eq!(event["cookies"], if cookies.is_empty() { Value::Null } else { json!(cookies) });
        } else {
            assert_eq!(event["requestContext"]["identity"]["sourceIp"], address);
            assert_eq!(event["multiValueQueryStringParameters"], query(&asked));
        }
    }
});
