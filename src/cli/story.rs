//! An exchange told for people: what came in, what was decided, what was called, what came back, what the client got.

use std::fmt::{Display, Write as _};

use serde_json::Value;

use super::terminal::{BAD, BOLD, GOOD};

/// Characters of a body that are shown without `--full`.
const SHORT: usize = 1_024;

/// The story of an exchange as the admin port tells it, `/requests/ID`. `full`: bodies are not cut.
pub(super) fn story(exchange: &Value, full: bool) -> String {
    let mut story = Story { out: String::new(), full };
    story.request(exchange);
    story.decisions(exchange);
    let call = if exchange["fault"].is_string() { "Call, not sent" } else { "Call" };
    for (title, call) in [("Authorizer call", "authorizer_call"), (call, "call"), ("Refused before the call", "unsent")]
    {
        if let Some(call) = exchange.get(call) {
            story.call(title, call);
        }
    }
    if let Some(reply) = exchange.get("reply") {
        story.reply(exchange, reply);
    }
    story.rule(exchange);
    story.answer(exchange);
    story.out
}

struct Story {
    out: String,
    full: bool,
}

impl Story {
    fn title(&mut self, title: &str) {
        let gap = if self.out.is_empty() { "" } else { "\n" };
        self.line(format_args!("{gap}{BOLD}{title}{BOLD:#}"));
    }

    fn line(&mut self, line: impl Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "{line}");
    }

    fn named(&mut self, name: &str, value: Option<&str>) {
        match value {
            None => {}
            Some(value) if value.contains('\n') => {
                self.line(format_args!("  {name}:"));
                for line in value.split('\n') {
                    self.line(format_args!("  | {line}"));
                }
            }
            Some(value) => self.line(format_args!("  {name}: {value}")),
        }
    }

    fn list(&mut self, prefix: &str, lines: &Value) {
        for line in lines.as_array().into_iter().flatten().filter_map(Value::as_str) {
            self.line(format_args!("  {prefix}{line}"));
        }
    }

    /// Header lines and body.
    fn message(&mut self, message: &Value) {
        for header in message["headers"].as_array().into_iter().flatten() {
            self.line(format_args!("  {}: {}", text(&header[0]), text(&header[1])));
        }
        let bytes = message["bytes"].as_u64().unwrap_or_default();
        match message["body"].as_str() {
            Some("") => {}
            None if bytes == 0 => {}
            None => self.line(format_args!("  ({bytes} bytes, not text)")),
            Some(body) => {
                let shown: String = body.chars().take(if self.full { usize::MAX } else { SHORT }).collect();
                for line in shown.lines() {
                    self.line(format_args!("  | {line}"));
                }
                if shown.len() < body.len() {
                    self.line(format_args!("  | … ({bytes} bytes; --full shows them)"));
                }
            }
        }
    }

    fn request(&mut self, exchange: &Value) {
        self.title("Request");
        let query = exchange["query"].as_str().map(|query| format!("?{query}")).unwrap_or_default();
        self.line(format_args!("  {} {}{query}", text(&exchange["method"]), text(&exchange["path"])));
        self.message(&exchange["request"]);
    }

    fn decisions(&mut self, exchange: &Value) {
        self.title("Decisions");
        match exchange["resource"].as_str() {
            Some(path) => self.line(format_args!("  route: {} {path}", text(&exchange["resource_method"]))),
            None => self.line("  route: none"),
        }
        self.list("", &exchange["authorization"]);
        self.list("", &exchange["reasons"]["request"]);
        if let Some(fault) = exchange["fault"].as_str() {
            self.line(format_args!("  {BAD}fault on purpose: {fault}{BAD:#}, nothing is called"));
        }
        self.list("request template: ", &exchange["request_empties"]);
        if exchange.get("call").is_none() && exchange.get("unsent").is_none() {
            self.line("  nothing was called");
        }
    }

    fn call(&mut self, title: &str, call: &Value) {
        self.title(title);
        self.named("function", call["function"].as_str());
        self.named("address", call["address"].as_str());
        if call["invocation_type"].as_str().is_some_and(|kind| kind != "RequestResponse") {
            self.named("invocation type", call["invocation_type"].as_str());
        }
        self.named("method", call["method"].as_str());
        self.message(call);
    }

    fn reply(&mut self, exchange: &Value, reply: &Value) {
        self.title("Reply");
        let failed = match reply["function_error"].as_bool() {
            Some(true) => format!(", {BAD}the function failed{BAD:#}"),
            _ => String::new(),
        };
        self.line(format_args!("  status {}{failed}", reply["status"]));
        self.list("", &exchange["reasons"]["call"]);
        self.named("request id", exchange["function_request_id"].as_str());
        self.message(reply);
    }

    fn rule(&mut self, exchange: &Value) {
        let (rule, selection) = (&exchange["rule"], &exchange["selection"]);
        let reasons = &exchange["reasons"]["response"];
        if rule.is_null() && selection.is_null() {
            if reasons.is_array() {
                self.title("Response mapping");
                self.list("", reasons);
            }
            return;
        }
        self.title("Rule");
        // Empty is what they see of a function that did not fail.
        let seen = selection["text"].as_str().map(|seen| match seen {
            "" => "an empty text, as the answer has none in `errorMessage`",
            seen => seen,
        });
        let against = match selection["of_status"].as_bool() {
            Some(true) => "patterns are matched against the backend's status, not its body",
            _ => "patterns are matched against",
        };
        self.named(against, seen);
        for tried in selection["tried"].as_array().into_iter().flatten() {
            let (pattern, status) = (text(&tried["pattern"]), &tried["status"]);
            match tried["matched"].as_bool() {
                Some(true) => self.line(format_args!("  {GOOD}match{GOOD:#} {pattern} → {status}")),
                _ => self.line(format_args!("  no match {pattern} → {status}")),
            }
            // The reason ends with the repair, which has its own line here.
            self.named(
                "  reason",
                tried["reason"].as_str().and_then(|reason| reason.split("; this would match: ").next()),
            );
            self.named("  this would match", tried["repair"].as_str());
        }
        if !rule.is_null() {
            self.line(format_args!("  chosen: {} → {}", text(&rule["pattern"]), rule["status"]));
        }
        self.list("", reasons);
        self.list("response template: ", &exchange["response_empties"]);
    }

    fn answer(&mut self, exchange: &Value) {
        self.title("Answer");
        let failure = exchange["cause"].as_str().or(exchange["masked"].as_str());
        let style = if failure.is_some() { BAD } else { GOOD };
        let failure = failure.map(|cause| format!(" [{cause}]")).unwrap_or_default();
        self.line(format_args!("  {style}{}{failure}{style:#} {}", exchange["status"], text(&exchange["why"])));
        self.list("", &exchange["reasons"]["answer"]);
        self.message(&exchange["response"]);
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
