//! OpenMetrics, where it differs from Prometheus' text format: names of counters, bounds, exemplars, the end.

use std::fmt::Write;
use std::time::UNIX_EPOCH;

use super::histogram::Exemplar;

/// Which exposition is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exposition {
    /// Prometheus' text format.
    Text,
    /// OpenMetrics, with exemplars.
    OpenMetrics,
}

/// What stands below the last line.
pub(crate) const END: &str = "# EOF\n";

impl Exposition {
    /// The media type.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Exposition::Text => "text/plain; version=0.0.4; charset=utf-8",
            Exposition::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// Families that were written in the text format.
    pub(crate) fn adapt(self, text: String) -> String {
        match self {
            Exposition::Text => text,
            Exposition::OpenMetrics => text.split_inclusive('\n').map(line).collect(),
        }
    }

    /// The name of a counter's family: `_total` is its samples' alone.
    pub(super) fn family(self, name: &'static str) -> &'static str {
        match self {
            Exposition::Text => name,
            Exposition::OpenMetrics => name.strip_suffix("_total").unwrap_or(name),
        }
    }

    /// A bucket's bound: OpenMetrics has a number with its point.
    pub(super) fn bound(self, bound: f64) -> String {
        match self {
            Exposition::Text => bound.to_string(),
            Exposition::OpenMetrics => format!("{bound:?}"),
        }
    }
}

/// `# TYPE name_total counter` without `_total`; any other line as it is.
fn line(line: &str) -> String {
    let head = line.strip_prefix("# ").and_then(|rest| rest.split_once(' '));
    let Some(("HELP" | "TYPE", rest)) = head else { return line.to_owned() };
    match rest.split_once(' ').and_then(|(name, more)| Some((name.strip_suffix("_total")?, more))) {
        Some((name, more)) => format!("# {} {name} {more}", &line[2..6]),
        None => line.to_owned(),
    }
}

/// ` # {trace_id="…"} 0.012 1520879607.789`
pub(super) fn exemplar(text: &mut String, exemplar: &Exemplar) {
    let Exemplar { trace, seconds, time } = exemplar;
    let time = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    // Writing to a string cannot fail.
    let _ = write!(text, " # {{trace_id=\"{:032x}\"}} {seconds} {time:.3}", u128::from_be_bytes(*trace));
}
