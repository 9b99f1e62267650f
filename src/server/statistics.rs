//! What the counters say of a method: requests, errors, latencies, for the page and for `/definition`.

use serde_json::{Value, json};

use crate::metrics::Metrics;

/// What is shown of a method; nothing before its first request.
pub(super) fn describe(metrics: &Metrics, resource: &str, method: &str) -> Value {
    let Some(counts) = metrics.find(resource, method).map(|series| series.counts()) else { return Value::Null };
    let of = |class: Option<u16>| {
        let wanted = counts.responses.iter().filter(|(status, _)| class.is_none_or(|class| status / 100 == class));
        wanted.map(|(_, count)| count).sum::<u64>()
    };
    if of(None) == 0 {
        return Value::Null;
    }
    json!({
        "requests": of(None),
        "client_errors": of(Some(4)),
        "server_errors": of(Some(5)),
        "masked": counts.masked,
        "p50_ms": counts.p50.map(|seconds| seconds * 1e3),
        "p99_ms": counts.p99.map(|seconds| seconds * 1e3),
    })
}
