//! Any header lines that name a trace: the backend is told one well-formed id, which is the client's where that names a root, and the
//! gateway's span is read as a plain twin reads `traceparent`.
//!
//! Each line begins with what it is: `a` for X-Amzn-Trace-Id, `p` for traceparent, `s` for tracestate.

#![no_main]

#[path = "../gateway.rs"]
mod gateway;
#[path = "../request.rs"]
mod request;

use std::sync::LazyLock;

use gateway::gateway;
use libfuzzer_sys::fuzz_target;
use stagegate::{Gateway, IntegrationReply, TraceContext, play};

const API: &str = "functions: { f: { invoke_api: 'http://127.0.0.1:1' } }
api: { routes: [{ path: '/', method: ANY, integration: { type: AWS_PROXY, function: f } }] }
";

static GATEWAY: LazyLock<Gateway> = LazyLock::new(|| gateway(API));

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b"0123456789abcdef".contains(&b))
}

fn is_id(text: &str, length: usize) -> bool {
    is_hex(text, length) && text.bytes().any(|b| b != b'0')
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Trace, parent and whether it is sampled, by place: what W3C's grammar says letter by letter.
fn traceparent(text: &str) -> Option<(&str, &str, bool)> {
    let text = text.trim();
    let part = |from: usize, to: usize| text.get(from..to);
    let (version, trace, parent, flags) = (part(0, 2)?, part(3, 35)?, part(36, 52)?, part(53, 55)?);
    let dashes = [2, 35, 52].iter().all(|at| text.as_bytes().get(*at) == Some(&b'-'));
    let ends = match text.as_bytes().get(55) {
        None => true,
        Some(next) => *next == b'-' && version != "00",
    };
    let reads = is_hex(version, 2) && version != "ff" && is_id(trace, 32) && is_id(parent, 16) && is_hex(flags, 2);
    let sampled = u8::from_str_radix(flags, 16).is_ok_and(|flags| flags % 2 == 1);
    (dashes && ends && reads).then_some((trace, parent, sampled))
}

fuzz_target!(|input: &[u8]| {
    let mut lines: Vec<(&[u8], &[u8])> = Vec::new();
    for line in input.split(|byte| *byte == b'\n') {
        let Some((kind, value)) = line.split_first() else { continue };
        let name: &[u8] = match kind {
            b'a' => b"X-Amzn-Trace-Id",
            b'p' => b"traceparent",
            b's' => b"tracestate",
            _ => continue,
        };
        let value = value.trim_ascii();
        if value.iter().all(|byte| *byte == b'\t' || *byte >= b' ' && *byte != 0x7f) {
            lines.push((name, value));
        }
    }
    let of = |wanted: &[u8]| {
        let values = lines.iter().filter(|(name, _)| *name == wanted).map(|(_, value)| *value);
        values.collect::<Vec<_>>()
    };
    let played = play(&GATEWAY, request::request("GET", "/", &lines, b""), |_| {
        Ok(IntegrationReply { status: 200, body: b"{}".to_vec().into(), ..IntegrationReply::default() })
    });
    let told = &*played.call().expect("a call").trace_id;
    assert!(told.bytes().all(|byte| byte == b'\t' || (b' '..0x7f).contains(&byte)), "{told:?}");
    let parts: Vec<(&str, &str)> = told.split(';').filter_map(|part| part.trim().split_once('=')).collect();
    let value = |name: &str| parts.iter().find(|(own, _)| *own == name).map(|(_, value)| *value);
    assert!(value("Root").is_some() && value("Parent").is_some(), "{told:?}");

    // What the client named as a root goes on; what it did not is new, and well-formed.
    let sent = of(b"X-Amzn-Trace-Id").last().and_then(|value| std::str::from_utf8(value).ok()).filter(|id| id.is_ascii());
    let root = sent.and_then(|id| id.split(';').find_map(|part| part.trim().strip_prefix("Root=")));
    match root {
        Some(root) => assert_eq!(value("Root"), Some(root.trim_end())),
        None => {
            let made = value("Root").unwrap_or_default();
            assert!(made.starts_with("1-") && is_hex(&made[2..10], 8) && is_hex(&made[11..], 24), "{told:?}");
            assert!(is_id(value("Parent").unwrap_or_default(), 16), "{told:?}");
        }
    }

    let context = TraceContext::of(&played.exchange);
    assert!(context.trace != [0; 16] && context.span != [0; 8] && context.parent != Some([0; 8]));
    assert!(context.state.len() <= 512 && !context.state.contains(['\r', '\n']));
    let parents = of(b"traceparent");
    let twin = match &parents[..] {
        [one] => std::str::from_utf8(one).ok().and_then(traceparent),
        _ => None,
    };
    match twin {
        Some((trace, parent, sampled)) => {
            assert_eq!((hex(&context.trace), context.parent.map(|id| hex(&id))), (trace.into(), Some(parent.into())));
            assert_eq!(context.sampled, Some(sampled));
        }
        // Whatever the id that is told is, a well-formed root of it is the trace.
        None => {
            assert!(context.state.is_empty());
            let told = value("Root").unwrap_or_default();
            if let Some((time, rest)) = told.strip_prefix("1-").and_then(|rest| rest.split_once('-'))
                && parts.iter().filter(|(name, _)| *name == "Root").count() == 1
                && is_hex(time, 8)
                && is_id(&format!("{time}{rest}"), 32)
            {
                assert_eq!(hex(&context.trace), format!("{time}{rest}"));
            }
        }
    }
});
