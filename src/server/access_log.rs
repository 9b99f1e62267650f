//! The access log: one line per request on standard output, in API Gateway's format of `$context` variables.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::Write;
use std::time::Duration;

use crate::api::masked;
use crate::exchange::exchange::Exchange;
use crate::exchange::masking::Masking;
use crate::gateway::Gateway;
use crate::http1::message::Response;

/// Bytes that a thread holds back at most.
const HELD: usize = 16 * 1024;

/// A format, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Format(Vec<Part>);

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Status,
    ResponseLength,
    ResponseLatency,
    /// `$context.stagegate.cause`, ours: why the gateway itself answered, in the word of the metric.
    Cause,
    /// `$context.stagegate.why`, ours: the same as a sentence, or what the answer hides.
    Why,
    Variable(String),
}

impl Format {
    /// Takes a format apart: everything but `$context.name` stands for itself.
    pub(crate) fn parse(text: &str) -> Format {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find("$context.") {
            if at > 0 {
                parts.push(Part::Text(rest[..at].to_owned()));
            }
            rest = &rest[at + "$context.".len()..];
            let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            let end = rest.find(|c| !legal(c)).unwrap_or(rest.len());
            let name = rest[..end].trim_end_matches(['.', '-']);
            rest = &rest[name.len()..];
            parts.push(match name {
                "status" => Part::Status,
                "responseLength" => Part::ResponseLength,
                "responseLatency" => Part::ResponseLatency,
                "stagegate.cause" => Part::Cause,
                "stagegate.why" => Part::Why,
                name => Part::Variable(name.to_owned()),
            });
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Format(parts)
    }

    /// The line of a request, with the bytes that were sent of its answer's body; what is unset prints `-`.
    pub(crate) fn line(
        &self,
        gateway: &Gateway,
        exchange: &Exchange,
        response: &Response,
        latency: Duration,
        sent: u64,
    ) -> String {
        let masking = Masking::new(gateway.api(exchange), exchange);
        let mut out = String::with_capacity(256);
        for part in &self.0 {
            // Writing to a string cannot fail.
            let _ = match part {
                Part::Text(text) => out.write_str(text),
                Part::Status => write!(out, "{}", response.status),
                Part::ResponseLength => write!(out, "{sent}"),
                Part::ResponseLatency => write!(out, "{}", latency.as_millis()),
                Part::Cause => out.write_str(exchange.failure.as_ref().map_or("-", |failure| failure.cause().as_str())),
                Part::Why => {
                    push(&mut out, gateway.why(exchange).map(|why| masking.text(&why).into_owned()).as_deref());
                    Ok(())
                }
                Part::Variable(name) => {
                    let value = gateway.variable(exchange, name);
                    let shown = value.as_deref().map(|value| match name.as_str() {
                        "identity.apiKey" => masked(value).into(),
                        _ => masking.text(value),
                    });
                    push(&mut out, shown.as_deref());
                    Ok(())
                }
            };
        }
        out.push('\n');
        out
    }
}

/// A value, which must not break the line; `-` for none.
fn push(out: &mut String, value: Option<&str>) {
    match value {
        Some(value) if !value.is_empty() => out.extend(value.chars().map(|c| if c.is_control() { ' ' } else { c })),
        _ => out.push('-'),
    }
}

/// Lines of one thread that are not written yet.
#[derive(Default)]
pub(crate) struct Lines(RefCell<Vec<u8>>);

impl Lines {
    /// Adds a line, and writes when there are many.
    pub(crate) fn push(&self, line: &str) {
        let mut held = self.0.borrow_mut();
        held.extend_from_slice(line.as_bytes());
        if held.len() >= HELD {
            write(&mut held);
        }
    }

    /// Writes what is held back; for a timer and the end.
    pub(crate) fn flush(&self) {
        let mut held = self.0.borrow_mut();
        if !held.is_empty() {
            write(&mut held);
        }
    }
}

fn write(held: &mut Vec<u8>) {
    // There is nowhere to report that the log cannot be written.
    let _ = std::io::stdout().lock().write_all(held);
    let _ = std::io::stdout().lock().flush();
    held.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        let variable = |name: &str| Part::Variable(name.to_owned());
        let text = |text: &str| Part::Text(text.to_owned());
        assert_eq!(
            Format::parse(
                "$context.identity.sourceIp - [$context.requestTime] \"$context.status\". $context.responseLength$context.x-"
            ),
            Format(vec![
                variable("identity.sourceIp"),
                text(" - ["),
                variable("requestTime"),
                text("] \""),
                Part::Status,
                text("\". "),
                Part::ResponseLength,
                variable("x"),
                text("-"),
            ])
        );
    }
}
