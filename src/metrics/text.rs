//! The series of methods and functions in Prometheus' text format, written as they stand: no copy of them is made.

use std::fmt::{Display, Write as _};
use std::io::{self, Write};
use std::sync::Arc;

use super::counter::Counter;
use super::histogram::{BOUNDS, Durations, Histogram};
use super::method::{Kept, MethodMetrics};
use super::words::Outcome;

/// Written on when that much stands ready.
const CHUNK: usize = 32 * 1024;

/// A page that is being written.
pub(super) struct Page<'a> {
    out: &'a mut dyn Write,
    text: String,
    result: io::Result<()>,
    /// The family whose head is not written yet: one without series has none.
    head: Option<(&'static str, &'static str, &'static str)>,
    name: &'static str,
}

impl<'a> Page<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Page<'a> {
        Page { out, text: String::with_capacity(CHUNK + 4096), result: Ok(()), head: None, name: "" }
    }

    /// Everything is written.
    pub(super) fn end(mut self) -> io::Result<()> {
        self.hand_over();
        self.result
    }

    /// The families of methods; `together` are the histograms of all, if kept so.
    pub(super) fn methods(&mut self, methods: &[Arc<MethodMetrics>], together: Option<&Durations>) {
        self.family("failures_total", "counter", "Answers that the gateway itself made, by cause.");
        for method in methods {
            method.failures.iter().for_each(|((status, cause), count)| {
                let (resource, name) = (&method.resource, &method.method);
                self.counter(&[("cause", cause), ("method", name), ("resource", resource), ("status", status)], count);
            });
        }
        self.family("faults_injected_total", "counter", "Requests that failed on purpose (`faults`), by cause.");
        for method in methods {
            method.faults.iter().for_each(|(cause, count)| {
                let (resource, name) = (&method.resource, &method.method);
                self.counter(&[("cause", cause), ("method", name), ("resource", resource)], count);
            });
        }
        self.histograms(
            ("integration_duration_seconds", "The backend's share (IntegrationLatency)."),
            methods,
            together,
            |durations| durations.integration.get(),
        );
        self.rules(methods);
        self.family("masked_errors_total", "counter", "Backend failures that the client saw as a status below 400.");
        for method in methods {
            method.masked_errors().for_each(|(kind, count)| {
                let (resource, name) = (&method.resource, &method.method);
                self.counter(&[("kind", &kind.as_str()), ("method", name), ("resource", resource)], count);
            });
        }
        self.histograms(
            ("request_duration_seconds", "From the request to the answer (Latency)."),
            methods,
            together,
            |durations| durations.request.get(),
        );
        self.histograms(
            (
                "response_first_byte_seconds",
                "From the request to the first byte of an answer's body, for methods that stream.",
            ),
            methods,
            together,
            |durations| durations.first_byte.get(),
        );
        self.family("responses_total", "counter", "Answers to clients.");
        for method in methods {
            method.responses.iter().for_each(|(status, count)| {
                let (resource, name) = (&method.resource, &method.method);
                self.counter(&[("method", name), ("resource", resource), ("status", status)], count);
            });
        }
    }

    fn rules(&mut self, methods: &[Arc<MethodMetrics>]) {
        let help = "Integration responses chosen, by selection pattern.";
        self.family("integration_response_matches_total", "counter", help);
        for method in methods {
            for rule in method.rules() {
                let (resource, name) = (&method.resource, &method.method);
                self.counter(
                    &[("method", name), ("pattern", &rule.pattern), ("resource", resource), ("status", &rule.status)],
                    rule.matches.get(),
                );
            }
        }
        let help = "Texts on which a selection pattern took too many steps, which counts as no match.";
        self.family("selection_pattern_step_limits_total", "counter", help);
        for method in methods {
            method.step_limits.iter().for_each(|(pattern, count)| {
                let (resource, name) = (&method.resource, &method.method);
                self.counter(&[("method", name), ("pattern", pattern), ("resource", resource)], count);
            });
        }
    }

    /// The calls to functions.
    pub(super) fn functions<'f>(&mut self, functions: impl Iterator<Item = (&'f str, &'f [Counter; 6])>) {
        self.family("invocations_total", "counter", "Calls to functions, by outcome.");
        for (name, outcomes) in functions {
            for outcome in Outcome::ALL {
                let labels: [(&str, &dyn Display); 2] = [("function", &name), ("outcome", &outcome.as_str())];
                self.counter(&labels, outcomes[outcome as usize].get());
            }
        }
    }

    fn histograms(
        &mut self,
        (name, help): (&'static str, &'static str),
        methods: &[Arc<MethodMetrics>],
        together: Option<&Durations>,
        of: impl Fn(&Durations) -> Option<&Histogram>,
    ) {
        self.family(name, "histogram", help);
        for method in methods {
            if let Kept::Own(durations) = &method.durations
                && let Some(histogram) = of(durations)
            {
                self.histogram(&method.resource, &method.method, histogram);
            }
        }
        if let Some(histogram) = together.and_then(of) {
            self.histogram("", "", histogram);
        }
    }

    fn histogram(&mut self, resource: &str, method: &str, histogram: &Histogram) {
        let cumulative = histogram.cumulative();
        let mut common = String::new();
        label(&mut common, "method", &method);
        label(&mut common, "resource", &resource);
        self.begin();
        let name = self.name;
        for (n, count) in cumulative.iter().enumerate() {
            // Writing to a string cannot fail.
            let _ = match BOUNDS.get(n) {
                Some(bound) => writeln!(self.text, "stagegate_{name}_bucket{{{common}le=\"{bound}\"}} {count}"),
                None => writeln!(self.text, "stagegate_{name}_bucket{{{common}le=\"+Inf\"}} {count}"),
            };
        }
        let common = common.trim_end_matches(',');
        let total = cumulative[BOUNDS.len()];
        let _ = writeln!(self.text, "stagegate_{name}_sum{{{common}}} {}", histogram.sum());
        let _ = writeln!(self.text, "stagegate_{name}_count{{{common}}} {total}");
    }

    fn family(&mut self, name: &'static str, kind: &'static str, help: &'static str) {
        self.head = Some((name, kind, help));
        self.name = name;
    }

    /// A series begins: with the family's head if it is the first one.
    fn begin(&mut self) {
        if self.text.len() >= CHUNK {
            self.hand_over();
        }
        if let Some((name, kind, help)) = self.head.take() {
            // Writing to a string cannot fail.
            let _ = write!(self.text, "# HELP stagegate_{name} {help}\n# TYPE stagegate_{name} {kind}\n");
        }
    }

    /// A line; the labels stand in alphabetical order.
    fn counter(&mut self, labels: &[(&str, &dyn Display)], count: u64) {
        self.begin();
        let text = &mut self.text;
        text.push_str("stagegate_");
        text.push_str(self.name);
        text.push('{');
        labels.iter().for_each(|(name, value)| label(text, name, value));
        text.pop();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "}} {count}");
    }

    fn hand_over(&mut self) {
        if self.result.is_ok() {
            self.result = self.out.write_all(self.text.as_bytes());
        }
        self.text.clear();
    }
}

/// `name="value",`
fn label(text: &mut String, name: &str, value: &dyn Display) {
    text.push_str(name);
    text.push_str("=\"");
    let start = text.len();
    // Writing to a string cannot fail.
    let _ = write!(text, "{value}");
    if text[start..].contains(['\\', '"', '\n']) {
        let escaped = text[start..].replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        text.truncate(start);
        text.push_str(&escaped);
    }
    text.push_str("\",");
}
