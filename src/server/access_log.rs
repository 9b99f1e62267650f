//! The access log: one line per request on standard output, in API Gateway's format of `$context` variables.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::Write;
use std::time::Duration;

use crate::api::RestApi;
use crate::exchange::exchange::Exchange;
use crate::http1::message::Response;
use crate::mapping::variables;

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
                name => Part::Variable(name.to_owned()),
            });
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Format(parts)
    }

    /// The line of a request; what is unset prints `-`.
    pub(crate) fn line(&self, api: &RestApi, exchange: &Exchange, response: &Response, latency: Duration) -> String {
        let mut out = String::with_capacity(256);
        for part in &self.0 {
            // Writing to a string cannot fail.
            let _ = match part {
                Part::Text(text) => out.write_str(text),
                Part::Status => write!(out, "{}", response.status),
                Part::ResponseLength => write!(out, "{}", response.body.len()),
                Part::ResponseLatency => write!(out, "{}", latency.as_millis()),
                Part::Variable(name) => match variables::lookup(api, exchange, name).filter(|v| !v.is_empty()) {
                    Some(value) => {
                        out.extend(value.chars().map(|c| if c.is_control() { ' ' } else { c }));
                        Ok(())
                    }
                    None => out.write_str("-"),
                },
            };
        }
        out.push('\n');
        out
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
