//! An exchange as the inspector kept it, written as a case: what was recorded is what is expected.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// Headers that say how a message was sent, not what.
const FRAMING: &[&str] = &["host", "content-length", "connection", "transfer-encoding", "keep-alive", "expect"];

/// A case file with this one case; `config` is the file that it is played with. Secrets are hidden as they are in the record.
pub(crate) fn file(exchange: &Value, config: &str) -> String {
    format!("config: {}\ncases:\n{}", json!(config), case(exchange))
}

/// The case alone, as an item of `cases`.
pub(crate) fn case(exchange: &Value) -> String {
    let mut text = String::new();
    let mut line = |key: &str, value: Value| {
        let lead = if key == "name" { "  - " } else { "    " };
        // Writing to a text cannot fail. JSON is YAML.
        let _ = writeln!(text, "{lead}{key}: {value}");
    };
    line("name", name(exchange).into());
    if let Some(why) = exchange["why"].as_str() {
        line("note", why.into());
    }
    line("request", request(exchange));
    if let Some(answer) = exchange.get("authorizer_answer") {
        line("authorizer", answer.clone());
    }
    match backend(exchange) {
        Some(backend) => line("backend", backend),
        None => line("call", "none".into()),
    }
    line("response", response(exchange));
    text
}

fn target(exchange: &Value) -> String {
    let path = exchange["path"].as_str().unwrap_or_default();
    exchange["query"].as_str().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
}

fn name(exchange: &Value) -> String {
    let method = exchange["method"].as_str().unwrap_or_default();
    format!("{method} {} is {}", target(exchange), exchange["status"])
}

fn request(exchange: &Value) -> Value {
    let mut request = Map::new();
    request.insert("method".to_owned(), exchange["method"].clone());
    request.insert("path".to_owned(), target(exchange).into());
    let lines: Vec<String> = headers(&exchange["request"])
        .filter(|(name, _)| !FRAMING.contains(&name.to_ascii_lowercase().as_str()))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    if !lines.is_empty() {
        request.insert("headers".to_owned(), lines.into());
    }
    if let Some(body) = body(&exchange["request"]) {
        request.insert("body".to_owned(), body.into());
    }
    request.into()
}

/// What the backend answered, or how it did not; nothing where it was not called.
fn backend(exchange: &Value) -> Option<Value> {
    let reply = &exchange["reply"];
    if let Some(status) = reply["status"].as_u64() {
        let mut backend = Map::new();
        if status != 200 {
            backend.insert("status".to_owned(), status.into());
        }
        if reply["function_error"] == true {
            backend.insert("function_error".to_owned(), true.into());
        }
        if exchange["call"]["function"].is_null() {
            let lines: Vec<String> = headers(reply).map(|(name, value)| format!("{name}: {value}")).collect();
            backend.insert("headers".to_owned(), lines.into());
        }
        let body = body(reply).unwrap_or_default();
        match reply["metadata"].as_str().and_then(|metadata| serde_json::from_str::<Value>(metadata).ok()) {
            Some(metadata) => backend.insert("chunks".to_owned(), json!([{ "metadata": metadata }, body])),
            None => backend.insert("body".to_owned(), body.into()),
        };
        return Some(backend.into());
    }
    match exchange["cause"].as_str()? {
        "timeout" => Some(json!({ "timeout": true })),
        "network_error" => Some(json!({ "network_error": "as it was" })),
        "invocation_rejected" => Some(json!({ "rejected": 429 })),
        _ => None,
    }
}

fn response(exchange: &Value) -> Value {
    let mut response = Map::new();
    response.insert("status".to_owned(), exchange["status"].clone());
    if let Some((_, value)) = headers(&exchange["response"]).find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
    {
        response.insert("headers".to_owned(), json!({ "Content-Type": value }));
    }
    // A message about a signature that is hidden here is another one about what is left of it.
    let is_about_secrets = |body: &&str| body.to_ascii_lowercase().contains("hashed with sha-256");
    if let Some(body) = body(&exchange["response"]).filter(|body| !is_about_secrets(body)) {
        let id = exchange["id"].as_str().unwrap_or_default();
        response.insert("body".to_owned(), body.replace(id, "$context.requestId").into());
    }
    for name in ["cause", "masked"] {
        if let Some(word) = exchange.get(name) {
            response.insert(name.to_owned(), word.as_str().unwrap_or("none").into());
        }
    }
    response.into()
}

fn headers(message: &Value) -> impl Iterator<Item = (&str, &str)> {
    let lines = message["headers"].as_array().into_iter().flatten();
    lines.filter_map(|line| Some((line.get(0)?.as_str()?, line.get(1)?.as_str()?)))
}

/// A body that was kept whole.
fn body(message: &Value) -> Option<&str> {
    let body = message["body"].as_str()?;
    (message["bytes"].as_u64() == Some(body.len() as u64) || !body.is_empty() && message["bytes"].as_u64()? <= 65_536)
        .then_some(body)
}
