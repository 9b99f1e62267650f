//! API Gateway's execution log, as CloudWatch and the console's test show it, read back into exchanges.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value, json};

use super::aws_messages::messages;

/// What stands before an event: a time in one of the log's forms, then the request's id.
static LEAD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(?:\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:\d\d)?\s+(?:[0-9a-f]{32}\S*\s+)?|\w{3} \w{3} +\d+ [\d:]+ \w+ \d{4} : |\d{13}\s+)?(?:\(([0-9A-Za-z-]{8,40})\) )?",
    )
    .ok()
});

/// How the events begin that tell something.
const EVENTS: &[&str] = &[
    "Extended Request Id: ",
    "Starting execution for request: ",
    "HTTP Method: ",
    "Method request path: ",
    "Method request query string: ",
    "Method request headers: ",
    "Method request body before transformations: ",
    "Endpoint request URI: ",
    "Received response. Status: ",
    "Endpoint response headers: ",
    "Endpoint response body before transformations: ",
    "Method response body after transformations: ",
    "Method response headers: ",
    "Method completed with status: ",
    "Lambda execution failed with status ",
    "Lambda invocation failed with status: ",
    "Execution failed due to a timeout error",
    "Execution failed due to a network error",
];

/// Events that end the one before, and tell nothing of the exchange.
const OTHERS: &[&str] = &[
    "Verifying Usage Plan",
    "API Key ",
    "Usage Plan check",
    "Endpoint request headers: ",
    "Endpoint request body after transformations: ",
    "Sending request to ",
    "Successfully completed execution",
    "Execution failed due to ",
    "Execution log for request",
    "AWS Integration Endpoint RequestId",
    "X-ray Tracing",
    "Starting authorizer",
    "Incoming identity",
    "Authorizer ",
    "Using valid authorizer policy",
    "Successfully completed authorizer",
    "The client is not authorized",
    "User is not authorized",
    "It was not sampled",
    "Function ",
    "Resource: ",
    "Request template",
    "Request body passed through",
    "Selection pattern",
    "Integration response: ",
    "Response template",
    "The backend's failure is hidden",
    "Gateway response type: ",
    "Lambda's error type: ",
    "Unauthorized request",
];

/// With which a request begins, before its id is told.
const BEFORE_IDS: &[&str] = &["Extended Request Id: ", "Starting authorizer", "Verifying Usage Plan"];

/// One exchange that the log tells, or why it tells too little.
#[derive(Debug)]
pub(crate) struct Told {
    /// The request's id.
    pub(crate) id: String,
    /// In the form of the inspector's records.
    pub(crate) exchange: Result<Value, &'static str>,
}

const REFUSED: &str =
    "it was refused before its method, and of such a request API Gateway logs neither method nor path";

/// Every exchange of a log, in the order in which they begin.
pub(crate) fn exchanges(log: &str) -> Vec<Told> {
    let mut order: Vec<String> = Vec::new();
    let mut events: HashMap<String, Vec<(usize, String)>> = HashMap::new();
    let mut current = String::new();
    // The event that a line without a beginning of its own goes on.
    let mut open = false;
    for line in messages(log).lines() {
        let (id, text) = lead(line);
        match id {
            Some(id) => current = id.to_owned(),
            None if text.starts_with(EVENTS[1]) => current = text[EVENTS[1].len()..].trim().to_owned(),
            // Of the next request, whose id is not told yet.
            None if BEFORE_IDS.iter().any(|first| text.starts_with(first)) => current.clear(),
            None => {}
        }
        if text.starts_with(EVENTS[1])
            && let Some(told) = events.get_mut(&current)
        {
            // What was sent before that is the authorizer's.
            told.clear();
        }
        // What ends in a blank may have lost it on its way.
        let begins = |event: &str| text.starts_with(event) || text.trim_end() == event.trim_end();
        if let Some(event) = EVENTS.iter().position(|event| begins(event)) {
            if !events.contains_key(&current) {
                order.push(current.clone());
            }
            let told = text.get(EVENTS[event].len()..).unwrap_or_default().to_owned();
            events.entry(current.clone()).or_default().push((event, told));
            open = EVENTS[event].contains(" body ");
        } else if id.is_some() || OTHERS.iter().any(|other| text.starts_with(other)) {
            open = false;
        } else if open && let Some((_, told)) = events.get_mut(&current).and_then(|events| events.last_mut()) {
            told.push('\n');
            told.push_str(line);
        }
    }
    order.into_iter().filter_map(|id| events.remove(&id).map(|events| (id, events))).filter_map(exchange).collect()
}

fn lead(line: &str) -> (Option<&str>, &str) {
    let Some(captures) = LEAD.as_ref().and_then(|lead| lead.captures(line)) else { return (None, line) };
    let end = captures.get(0).map_or(0, |all| all.end());
    (captures.get(1).map(|id| id.as_str()), &line[end..])
}

/// `None` for events that belong to no request, such as those before the first that begins.
fn exchange((id, events): (String, Vec<(usize, String)>)) -> Option<Told> {
    let find = |beginning: &str| {
        let (_, told) = events.iter().rev().find(|(event, _)| EVENTS[*event].starts_with(beginning))?;
        Some(told.as_str())
    };
    let Some(started) = find("HTTP Method") else {
        let is_whole = find("Extended Request Id").is_some();
        let why = if is_whole { REFUSED } else { "its beginning is not in this log" };
        return (!id.is_empty()).then_some(Told { id, exchange: Err(why) });
    };
    let cut = events.iter().any(|(_, told)| told.contains("[TRUNCATED]"));
    let exchange = match (started.split_once(", Resource Path: "), find("Method completed")) {
        _ if cut => Err("a message of it is cut ([TRUNCATED])"),
        (Some((method, path)), Some(status)) => {
            whole(&id, method, path.trim(), status, &find).ok_or("its lines are not in API Gateway's form")
        }
        _ => Err("it has no end in this log"),
    };
    Some(Told { id, exchange })
}

fn whole<'a>(
    id: &str,
    method: &str,
    path: &str,
    status: &str,
    find: &impl Fn(&str) -> Option<&'a str>,
) -> Option<Value> {
    let query: Vec<String> = pairs(find("Method request query").unwrap_or("{}"))
        .into_iter()
        .map(|(name, value)| format!("{}={}", encoded(&name), encoded(&value)))
        .collect();
    let mut told = Map::new();
    told.insert("id".to_owned(), id.into());
    told.insert("method".to_owned(), method.into());
    told.insert("path".to_owned(), path.into());
    told.insert("query".to_owned(), if query.is_empty() { Value::Null } else { query.join("&").into() });
    told.insert("status".to_owned(), status.trim().parse::<u16>().ok()?.into());
    let body = |name| find(name).unwrap_or_default();
    told.insert("request".to_owned(), message(find("Method request headers"), body("Method request body")));
    told.insert("response".to_owned(), message(find("Method response headers"), body("Method response body")));
    if let Some(received) = find("Received response") {
        let mut reply = message(find("Endpoint response headers"), body("Endpoint response body"));
        let status = received.split(',').next()?.trim().parse::<u16>().ok()?;
        reply["status"] = status.into();
        reply["function_error"] = is_function_error(find, &reply).into();
        told.insert("reply".to_owned(), reply);
    }
    let is_function =
        find("Endpoint request URI").is_some_and(|uri| uri.contains(":function:") || uri.contains("/functions/"));
    told.insert("call".to_owned(), json!({ "function": if is_function { Value::from("f") } else { Value::Null } }));
    let failures = [
        ("Lambda invocation failed", "invocation_rejected"),
        ("Execution failed due to a timeout", "timeout"),
        ("Execution failed due to a network", "network_error"),
    ];
    if let Some((_, cause)) = failures.iter().find(|(beginning, _)| find(beginning).is_some()) {
        told.insert("cause".to_owned(), (*cause).into());
    }
    Some(told.into())
}

/// As it stands in a query string.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// The log says so in a header or a line of its own; of custom integrations only the payload tells.
fn is_function_error<'a>(find: &impl Fn(&str) -> Option<&'a str>, reply: &Value) -> bool {
    let lines = reply["headers"].as_array().into_iter().flatten();
    let has_header =
        lines.filter_map(|line| line[0].as_str()).any(|name| name.eq_ignore_ascii_case("x-amz-function-error"));
    let payload: Option<Value> = reply["body"].as_str().and_then(|body| serde_json::from_str(body).ok());
    has_header || find("Lambda execution failed").is_some() || payload.is_some_and(|p| p.get("errorMessage").is_some())
}

fn message(headers: Option<&str>, body: &str) -> Value {
    let headers: Vec<Value> = pairs(headers.unwrap_or("{}")).into_iter().map(|(n, v)| json!([n, v])).collect();
    json!({ "headers": headers, "body": body, "bytes": body.len() })
}

/// `{a=b, c=d}`, as Java prints a map. A value may hold commas: only `, name=` begins the next one.
fn pairs(map: &str) -> Vec<(String, String)> {
    let inner = map.trim().strip_prefix('{').and_then(|map| map.strip_suffix('}')).unwrap_or_default();
    let mut pairs: Vec<(String, String)> = Vec::new();
    for piece in inner.split(", ") {
        let named = piece.split_once('=').filter(|(name, _)| {
            !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_.[]%".contains(&c))
        });
        match (named, pairs.last_mut()) {
            (Some((name, value)), _) => pairs.push((name.to_owned(), value.to_owned())),
            (None, Some((_, value))) => {
                value.push_str(", ");
                value.push_str(piece);
            }
            (None, None) => {}
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::{exchanges, pairs};

    #[test]
    fn javas_maps() {
        let table: &[(&str, &[(&str, &str)])] = &[
            ("{}", &[]),
            ("{a=b}", &[("a", "b")]),
            ("{Accept=text/html, */*;q=0.8, Host=h}", &[("Accept", "text/html, */*;q=0.8"), ("Host", "h")]),
            ("{x=, y=a=b}", &[("x", ""), ("y", "a=b")]),
        ];
        for (map, expected) in table {
            let found = pairs(map);
            let found: Vec<(&str, &str)> = found.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            assert_eq!(found, *expected, "{map}");
        }
    }

    /// Two requests whose lines are mixed, with the console's and CloudWatch's beginnings, and a body over two lines.
    #[test]
    fn lines_find_their_request() {
        let log = "\
2024-05-01T10:00:00.123Z (11111111-aaaa) HTTP Method: GET, Resource Path: /a
(22222222-bbbb) HTTP Method: POST, Resource Path: /b
2024-05-01T10:00:00.123000+00:00 0123456789abcdef0123456789abcdef (11111111-aaaa) Method request query string: {x=1}
(22222222-bbbb) Method request body before transformations: {
  \"two\": 2
}
(22222222-bbbb) Endpoint request URI: https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/arn/invocations
(22222222-bbbb) Lambda execution failed with status 200 due to customer function error: no. Lambda request id: 7
(22222222-bbbb) Received response. Status: 200, Integration latency: 2 ms
(11111111-aaaa) Method completed with status: 404
(22222222-bbbb) Method completed with status: 502
(33333333-cccc) HTTP Method: GET, Resource Path: /c
(44444444-dddd) Extended Request Id: X=
(44444444-dddd) Starting authorizer: guard for request: 44444444-dddd
(44444444-dddd) User is not authorized to access this resource
(55555555-eeee) Method completed with status: 200
(66666666-ffff) Extended Request Id: X=
(66666666-ffff) Endpoint request URI: https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/guard/invocations
(66666666-ffff) Starting execution for request: 66666666-ffff
(66666666-ffff) HTTP Method: GET, Resource Path: /mocked
(66666666-ffff) Method completed with status: 200
Mon Jul 01 10:00:00 UTC 2024 : Starting execution for request: test-invoke-request
Mon Jul 01 10:00:00 UTC 2024 : HTTP Method: PUT, Resource Path: /d
Mon Jul 01 10:00:00 UTC 2024 : Method completed with status: 204";
        let told = exchanges(log);
        let short: Vec<String> = told
            .iter()
            .map(|told| match &told.exchange {
                Ok(x) => format!(
                    "{} {} {} {} {} {:?} {}",
                    told.id,
                    x["method"],
                    x["path"],
                    x["query"],
                    x["status"],
                    x["request"]["body"].as_str(),
                    x["reply"]["function_error"]
                ),
                Err(why) => format!("{} {why}", told.id),
            })
            .collect();
        assert_eq!(
            short,
            [
                r#"11111111-aaaa "GET" "/a" "x=1" 404 Some("") null"#,
                r#"22222222-bbbb "POST" "/b" null 502 Some("{\n  \"two\": 2\n}") true"#,
                "33333333-cccc it has no end in this log",
                "44444444-dddd it was refused before its method, and of such a request API Gateway logs neither method nor path",
                "55555555-eeee its beginning is not in this log",
                r#"66666666-ffff "GET" "/mocked" null 200 Some("") null"#,
                r#"test-invoke-request "PUT" "/d" null 204 Some("") null"#,
            ]
        );
    }
}
