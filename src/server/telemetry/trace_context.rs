//! Which trace an exchange belongs to: W3C's `traceparent`, else `X-Amzn-Trace-Id`, as the client sent it or as it was made here.

use crate::exchange::exchange::Exchange;
use crate::exchange::ids;
use crate::http1::message::Headers;

/// 16 bytes, not all zero.
pub(crate) type TraceId = [u8; 16];
/// 8 bytes, not all zero.
pub(super) type SpanId = [u8; 8];

/// Characters of a `tracestate` (W3C's bound).
const LONGEST_STATE: usize = 512;

/// Where an exchange stands among the spans of others.
#[derive(Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace.
    pub trace: TraceId,
    /// The client's span.
    pub parent: Option<SpanId>,
    /// What the client decided.
    pub sampled: Option<bool>,
    /// `tracestate`, as it came.
    pub state: String,
    /// The gateway's own span: the `Parent=` that backends are told, when it was made here.
    pub span: SpanId,
}

impl TraceContext {
    /// That of an exchange.
    pub fn of(exchange: &Exchange) -> TraceContext {
        let headers = &exchange.request.headers;
        let sent = headers.last("x-amzn-trace-id").map(AmznTrace::read).unwrap_or_default();
        let own = AmznTrace::read(&exchange.ids.trace_id);
        // Without a root the client's header counts for nothing, as in what goes on to the backend.
        let sent = if sent.root.is_some() { sent } else { AmznTrace::default() };
        let span = own.parent.filter(|_| sent.parent.is_none()).unwrap_or_else(ids::span_id);
        if let Some((trace, parent, sampled)) = traceparent(headers) {
            let state = tracestate(headers);
            return TraceContext { trace, parent: Some(parent), sampled: Some(sampled), state, span };
        }
        let trace = own.root.unwrap_or_else(ids::trace_bits);
        TraceContext { trace, parent: sent.parent, sampled: sent.sampled, state: String::new(), span }
    }
}

/// `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`
#[derive(Debug, Default)]
struct AmznTrace {
    root: Option<TraceId>,
    parent: Option<SpanId>,
    sampled: Option<bool>,
}

impl AmznTrace {
    fn read(text: &str) -> AmznTrace {
        let mut read = AmznTrace::default();
        for (name, value) in text.split(';').filter_map(|part| part.trim().split_once('=')) {
            match (name, value) {
                ("Root", root) => read.root = root_of(root),
                ("Parent", parent) => read.parent = bytes(parent),
                ("Sampled", "1") => read.sampled = Some(true),
                ("Sampled", "0") => read.sampled = Some(false),
                _ => {}
            }
        }
        read
    }
}

/// `1-`, 8 digits of time, 24 of chance: together the 32 of a trace id.
fn root_of(root: &str) -> Option<TraceId> {
    let (time, rest) = root.strip_prefix("1-")?.split_once('-')?;
    (time.len() == 8).then(|| bytes(&[time, rest].concat()))?
}

/// Trace, parent and whether it is sampled: `00-`, 32 digits, `-`, 16 digits, `-`, 2 digits. A later version may say more behind
/// them. Several lines are none.
fn traceparent(headers: &Headers) -> Option<(TraceId, SpanId, bool)> {
    let mut lines = headers.all("traceparent");
    let (line, None) = (lines.next()?, lines.next()) else { return None };
    let text = std::str::from_utf8(&line.value).ok()?.trim();
    let mut parts = text.splitn(5, '-');
    let [version, trace, parent, flags] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let says_more = parts.next().is_some();
    let [version] = digits(version)?;
    if version == 0xff || version == 0 && says_more {
        return None;
    }
    let [flags]: [u8; 1] = digits(flags)?;
    Some((bytes(trace)?, bytes(parent)?, flags & 1 == 1))
}

/// Its lines joined; one that is longer than what everybody must keep is none.
fn tracestate(headers: &Headers) -> String {
    let lines = headers.all("tracestate").filter_map(|line| std::str::from_utf8(&line.value).ok());
    let joined = lines.filter(|line| !line.trim().is_empty()).collect::<Vec<&str>>().join(",");
    if joined.len() > LONGEST_STATE { String::new() } else { joined }
}

/// An id: not all zero.
fn bytes<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    digits(text).filter(|bytes| bytes.iter().any(|byte| *byte != 0))
}

/// Digits of base 16 in lower case, exactly so many.
fn digits<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != 2 * LENGTH || !text.bytes().all(is_digit) {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok())?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const PARENT: &str = "b7ad6b7169203331";

    /// Lines of `traceparent`, and whether they are read, and as sampled or not.
    #[test]
    fn a_traceparent_is_read_as_the_recommendation_has_it() {
        let good = format!("00-{TRACE}-{PARENT}-01");
        let zero = "0".repeat(32);
        let cases: &[(&[&str], Option<bool>)] = &[
            (&[], None),
            (&[&good], Some(true)),
            (&[&format!(" {good} ")], Some(true)),
            (&[&format!("00-{TRACE}-{PARENT}-00")], Some(false)),
            (&[&format!("00-{TRACE}-{PARENT}-03")], Some(true)),
            (&[&format!("00-{TRACE}-{PARENT}-01-more")], None),
            (&[&format!("cc-{TRACE}-{PARENT}-01-more")], Some(true)),
            (&[&format!("cc-{TRACE}-{PARENT}-01.more")], None),
            (&[&format!("ff-{TRACE}-{PARENT}-01")], None),
            (&[&format!("00-{zero}-{PARENT}-01")], None),
            (&[&format!("00-{TRACE}-0000000000000000-01")], None),
            (&[&format!("00-{}-{PARENT}-01", TRACE.to_uppercase())], None),
            (&[&format!("00-{TRACE}-{PARENT}-1")], None),
            (&[&format!("00-{TRACE}-{PARENT}")], None),
            (&["00-é"], None),
            (&[&good, &good], None),
        ];
        for (lines, expected) in cases {
            let mut headers = Headers::default();
            lines.iter().for_each(|line| headers.push("Traceparent", (*line).to_owned()));
            let read = traceparent(&headers);
            assert_eq!(read.map(|(.., sampled)| sampled), *expected, "{lines:?}");
            if let Some((trace, parent, _)) = read {
                assert_eq!((digits(TRACE), digits(PARENT)), (Some(trace), Some(parent)));
            }
        }
    }

    #[test]
    fn the_root_of_an_amazon_trace_is_a_trace_id() {
        let read = AmznTrace::read(&format!("Self=x; Root=1-0af76519-{};Parent={PARENT};Sampled=1", &TRACE[8..]));
        assert_eq!((read.root, read.parent, read.sampled), (digits(TRACE), digits(PARENT), Some(true)));
        for wrong in
            ["Root=1-0af76519", "Root=2-0af76519-16cd43dd8448eb211c80319c", "Root=1-0af7651-916cd43dd8448eb211c80319c"]
        {
            assert_eq!(AmznTrace::read(wrong).root, None, "{wrong}");
        }
    }
}
