//! Requests for the targets that play them.

use std::net::IpAddr;
use std::time::{Instant, UNIX_EPOCH};

use bytes::Bytes;
use stagegate::{Headers, Request};

/// A request with those header lines.
pub fn request(method: &str, target: &str, lines: &[(&[u8], &[u8])], body: impl AsRef<[u8]>) -> Request {
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query.to_owned())));
    let mut headers = Headers::default();
    headers.push("Host", "localhost");
    for (name, value) in lines {
        headers.push(Bytes::copy_from_slice(name), Bytes::copy_from_slice(value));
    }
    Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query,
        headers,
        body: Bytes::copy_from_slice(body.as_ref()),
        source_ip: IpAddr::from([127, 0, 0, 1]),
        http2: false,
        time: UNIX_EPOCH,
        received: Instant::now(),
    }
}

/// A target as the wire lets one through: with its leading slash, without what must be percent-encoded.
#[allow(dead_code)]
pub fn target(text: &str) -> Option<String> {
    let target = format!("/{}", text.trim_start_matches('/'));
    let is_refused = |c: char| c <= ' ' || c == '\u{7f}' || "\"<>\\^`{|}#".contains(c);
    (!target.contains(is_refused)).then_some(target)
}

/// A header line as the wire lets one through.
#[allow(dead_code)]
pub fn line(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
    let is_name = !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.!#$%&'*+^`|~".contains(byte));
    let is_value = value.iter().all(|byte| *byte == b'\t' || *byte >= b' ' && *byte != 0x7f);
    (is_name && is_value).then_some((name, value))
}
