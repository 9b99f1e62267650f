//! The access log: one line per request on standard output, in API Gateway's format of `$context` variables.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::Write;
use std::time::Duration;

use crate::api::masked;
use crate::config::settings::{AccessFormat, Escape, Piece};
use crate::exchange::exchange::Exchange;
use crate::exchange::masking::Masking;
use crate::gateway::Gateway;
use crate::http1::message::Response;

/// Bytes that a thread holds back at most.
const HELD: usize = 16 * 1024;

/// A format, taken apart.
pub(crate) struct Format(Vec<Part>);

enum Part {
    Text(String),
    Status,
    ResponseLength,
    ResponseLatency,
    DataProcessed,
    /// `$context.stagegate.cause`, ours: why the gateway itself answered, in the word of the metric.
    Cause,
    /// `$context.stagegate.why`, ours: the same as a sentence, or what the answer hides.
    Why(Escape),
    Variable(String, Escape),
}

impl Format {
    /// The format as it was configured, for an API of that kind.
    pub(crate) fn read(text: &str, is_http_api: bool) -> Format {
        let AccessFormat(pieces) = AccessFormat::read(text, is_http_api);
        let part = |piece| match piece {
            Piece::Text(text) => Part::Text(text),
            Piece::Variable(name, escape) => match name.as_str() {
                "status" => Part::Status,
                "responseLength" => Part::ResponseLength,
                "dataProcessed" => Part::DataProcessed,
                "responseLatency" => Part::ResponseLatency,
                "stagegate.cause" => Part::Cause,
                "stagegate.why" => Part::Why(escape),
                _ => Part::Variable(name, escape),
            },
        };
        Format(pieces.into_iter().map(part).collect())
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
                // Of which data nobody tells (fact `http-data-processed`).
                Part::DataProcessed => write!(out, "{}", exchange.request.body.len() as u64 + sent),
                Part::ResponseLatency => write!(out, "{}", latency.as_millis()),
                Part::Cause => out.write_str(exchange.failure.as_ref().map_or("-", |failure| failure.cause().as_str())),
                Part::Why(escape) => {
                    let why = gateway.why(exchange).map(|why| masking.text(&why).into_owned());
                    push(&mut out, why.as_deref(), *escape);
                    Ok(())
                }
                Part::Variable(name, escape) => {
                    let value = gateway.variable(exchange, name);
                    let shown = value.as_deref().map(|value| match name.as_str() {
                        "identity.apiKey" => masked(value).into(),
                        _ => masking.text(value),
                    });
                    push(&mut out, shown.as_deref(), *escape);
                    Ok(())
                }
            };
        }
        out.push('\n');
        out
    }
}

/// The line of an exchange that was played, in that format.
pub fn access_line(format: &str, gateway: &Gateway, exchange: &Exchange, response: &Response) -> String {
    let format = Format::read(format, gateway.rest().is_none());
    format.line(gateway, exchange, response, Duration::ZERO, response.body.whole().len() as u64)
}

/// A value, which must not break the line, nor end what it stands in; `-` for none.
fn push(out: &mut String, value: Option<&str>, escape: Escape) {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        out.push('-');
        return;
    };
    let in_quotes = escape == Escape::Csv && value.contains([',', '"']);
    if in_quotes {
        out.push('"');
    }
    for c in value.chars() {
        match (escape, c) {
            (Escape::Json, c) if c.is_ascii_control() => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            (_, c) if c.is_control() => out.push(' '),
            (Escape::Json | Escape::Quotes, '"' | '\\') => out.extend(['\\', c]),
            (Escape::Xml, '&') => out.push_str("&amp;"),
            (Escape::Xml, '<') => out.push_str("&lt;"),
            (Escape::Xml, '>') => out.push_str("&gt;"),
            (Escape::Xml, '"') => out.push_str("&quot;"),
            (Escape::Xml, '\'') => out.push_str("&apos;"),
            (Escape::Csv, '"') => out.push_str("\"\""),
            (_, c) => out.push(c),
        }
    }
    if in_quotes {
        out.push('"');
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
    fn values_end_nothing_that_the_format_began() {
        const UNRULY: &str = "a\"b\\c,<d>&'e\n";
        let rows = [
            (Escape::Nothing, "a\"b\\c,<d>&'e "),
            (Escape::Json, "a\\\"b\\\\c,<d>&'e\\u000a"),
            (Escape::Xml, "a&quot;b\\c,&lt;d&gt;&amp;&apos;e "),
            (Escape::Csv, "\"a\"\"b\\c,<d>&'e \""),
            (Escape::Quotes, "a\\\"b\\\\c,<d>&'e "),
        ];
        for (escape, expected) in rows {
            let mut out = String::new();
            push(&mut out, Some(UNRULY), escape);
            assert_eq!(out, expected, "{escape:?}");
            out.clear();
            push(&mut out, None, escape);
            assert_eq!(out, "-");
        }
    }
}
