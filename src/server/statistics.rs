//! What the counters say of each method: requests, errors, latencies, for the page and for `/definition`.

use std::collections::HashMap;

use prometheus::proto::{Histogram, Metric, MetricFamily};
use serde_json::{Value, json};

/// Resource and method, as labels have them.
type Key = (String, String);

/// Counts of every method that was called.
#[derive(Debug, Default)]
pub(super) struct Statistics(HashMap<Key, Counts>);

#[derive(Debug, Default)]
struct Counts {
    requests: u64,
    client_errors: u64,
    server_errors: u64,
    masked: u64,
    p50: Option<f64>,
    p99: Option<f64>,
}

impl Statistics {
    /// Reads the families of the registry.
    pub(super) fn of(families: &[MetricFamily]) -> Statistics {
        let mut statistics = Statistics::default();
        for family in families {
            for metric in family.get_metric() {
                let Some(counts) = key(metric).map(|key| statistics.0.entry(key).or_default()) else { continue };
                match family.name() {
                    "stagegate_responses_total" => counts.response(metric),
                    "stagegate_masked_errors_total" => counts.masked += metric.get_counter().get_value() as u64,
                    "stagegate_request_duration_seconds" => {
                        counts.p50 = quantile(metric.get_histogram(), 0.5);
                        counts.p99 = quantile(metric.get_histogram(), 0.99);
                    }
                    _ => {}
                }
            }
        }
        statistics
    }

    /// What is shown of a method; nothing before its first request.
    pub(super) fn describe(&self, resource: &str, method: &str) -> Value {
        let counts = self.0.get(&(resource.to_owned(), method.to_owned()));
        let Some(counts) = counts.filter(|counts| counts.requests > 0) else { return Value::Null };
        json!({
            "requests": counts.requests,
            "client_errors": counts.client_errors,
            "server_errors": counts.server_errors,
            "masked": counts.masked,
            "p50_ms": counts.p50.map(|seconds| seconds * 1e3),
            "p99_ms": counts.p99.map(|seconds| seconds * 1e3),
        })
    }
}

impl Counts {
    fn response(&mut self, metric: &Metric) {
        let count = metric.get_counter().get_value() as u64;
        self.requests += count;
        match label(metric, "status").and_then(|status| status.bytes().next()) {
            Some(b'4') => self.client_errors += count,
            Some(b'5') => self.server_errors += count,
            _ => {}
        }
    }
}

fn key(metric: &Metric) -> Option<Key> {
    Some((label(metric, "resource")?.to_owned(), label(metric, "method")?.to_owned()))
}

fn label<'a>(metric: &'a Metric, name: &str) -> Option<&'a str> {
    metric.get_label().iter().find(|label| label.name() == name).map(|label| label.value())
}

/// As `histogram_quantile` of Prometheus has it: within a bucket, evenly.
fn quantile(histogram: &Histogram, q: f64) -> Option<f64> {
    let total = histogram.get_sample_count();
    if total == 0 {
        return None;
    }
    let rank = q * total as f64;
    let (mut below, mut start) = (0.0, 0.0);
    for bucket in histogram.get_bucket() {
        let (count, end) = (bucket.cumulative_count() as f64, bucket.upper_bound());
        if count >= rank && count > below {
            return Some(start + (end - start) * (rank - below) / (count - below));
        }
        (below, start) = (count, end);
    }
    Some(start)
}
