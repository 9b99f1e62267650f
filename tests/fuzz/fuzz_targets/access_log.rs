//! Any access-log format, and a request with anything in its user agent, path and query: one line, and what the client chooses ends
//! nothing that the format began. A format that is JSON with its variables between quotes stays JSON, XML keeps its tags, CSV its
//! fields, and quotes of a plain format stay in pairs.
//!
//! Up to an empty line it is the format, then a line of path and query, and the rest is the user agent.

#![no_main]

#[path = "../gateway.rs"]
mod gateway;
#[path = "../request.rs"]
mod request;

use std::sync::LazyLock;

use gateway::gateway;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use stagegate::{Gateway, IntegrationReply, access_line, play};

const REST: &str = "functions: { f: { invoke_api: 'http://127.0.0.1:1' } }
log: { redact: [token] }
api: { stage: dev, stage_variables: { v: 'a \"b\" <c>' }, routes: [{ path: '/{proxy+}', method: ANY, integration: { type: AWS_PROXY, function: f } }] }
";
const HTTP: &str = "functions: { f: { invoke_api: 'http://127.0.0.1:1' } }
api: { type: http, routes: [{ route: $default, integration: { type: AWS_PROXY, function: f } }] }
";

static GATEWAYS: LazyLock<[Gateway; 2]> = LazyLock::new(|| [REST, HTTP].map(gateway));

/// The format with a harmless word for each variable.
fn with_words(format: &str) -> String {
    let mut pieces = format.split("$context.");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let is_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let name = &piece[..piece.find(|c| !is_name(c)).unwrap_or(piece.len())];
        out.push_str("word");
        out.push_str(&piece[name.trim_end_matches(['.', '-']).len()..]);
    }
    out
}

/// Quotes that no backslash stands before.
fn quotes(text: &str) -> usize {
    let mut escaped = false;
    let is_quote = |c: char| {
        let quote = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        quote
    };
    text.chars().map(is_quote).filter(|quote| *quote).count()
}

/// The fields of a line of CSV (RFC 4180).
fn fields(line: &str) -> usize {
    let (mut count, mut quoted) = (1, false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => count += 1,
            _ => {}
        }
    }
    assert!(!quoted, "{line}");
    count
}

fuzz_target!(|input: &[u8]| {
    let (format, rest) = match input.windows(2).position(|two| two == b"\n\n") {
        Some(end) => (&input[..end], &input[end + 2..]),
        None => (input, &b"/x"[..]),
    };
    let Ok(format) = std::str::from_utf8(format) else { return };
    let (target, agent) = rest.iter().position(|byte| *byte == b'\n').map_or((rest, &b""[..]), |at| (&rest[..at], &rest[at + 1..]));
    let Some(target) = request::target(&String::from_utf8_lossy(target)) else { return };
    let agent: Vec<u8> = agent.iter().copied().filter(|byte| *byte == b'\t' || *byte >= b' ' && *byte != 0x7f).collect();
    let lines = [(&b"User-Agent"[..], agent.trim_ascii())];
    for (gateway, is_http) in GATEWAYS.iter().zip([false, true]) {
        let played = play(gateway, request::request("GET", &target, &lines, b""), |_| {
            Ok(IntegrationReply { status: 200, body: b"{\"statusCode\":200}".to_vec().into(), ..IntegrationReply::default() })
        });
        let line = |format: &str| access_line(format, gateway, &played.exchange, &played.response);
        let told = line(format);
        // Only the format's own line ends are there, and one at the end.
        let (told, end) = told.split_at(told.len() - 1);
        assert_eq!(end, "\n");
        let is_preset = ["clf", "json", "xml", "csv"].contains(&format.trim().to_ascii_lowercase().as_str());
        let control = |text: &str| text.chars().filter(|c| c.is_control()).count();
        assert_eq!(control(told), if is_preset { 0 } else { control(format) }, "{told:?}");
        let words = with_words(format);
        match format.trim_start().as_bytes().first() {
            // A word outside of quotes would be no JSON.
            Some(b'{' | b'[') if serde_json::from_str::<Value>(&words).is_ok() => {
                let (expected, found) = (serde_json::from_str::<Value>(&words), serde_json::from_str::<Value>(told));
                let found = found.unwrap_or_else(|e| panic!("{e}: {told} of {format}"));
                assert_eq!(shape(&expected.unwrap_or_default()), shape(&found), "{told}");
            }
            Some(b'<') => {
                for c in ['<', '>', '"', '\''] {
                    assert_eq!(told.matches(c).count(), words.matches(c).count(), "{told} of {format}");
                }
            }
            Some(b'{' | b'[') | None => {}
            // Each variable between quotes: then what is outside of them is the format's own.
            _ if !is_preset && format.split('"').step_by(2).all(|outside| !outside.contains("$context.")) && !format.contains('\\') => {
                assert_eq!(quotes(told), quotes(&words), "{told} of {format}");
            }
            _ => {}
        }
        // The console's own formats, whatever the client says.
        assert_eq!(fields(line("csv").trim_end()), if is_http { 8 } else { 11 });
        let json: Value = serde_json::from_str(&line("JSON")).expect("JSON");
        assert!(json.as_object().is_some_and(|members| members.values().all(Value::is_string)));
        assert_eq!(line("xml").matches('<').count(), line("xml").matches('>').count());
    }
});

/// What is a text may be any; all else stays.
fn shape(value: &Value) -> Value {
    match value {
        Value::String(_) => "text".into(),
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::Object(members) => Value::Array(members.values().map(shape).collect()),
        other => other.clone(),
    }
}
