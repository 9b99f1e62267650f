//! What is known of causes from elsewhere: how often a running sidecar had each, and which of them cases exercise.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::case::{Suite, find};
use crate::cli::admin_client::AdminClient;

/// Method, path and cause.
pub(super) type Key = (String, String, String);

/// How often each cause happened, by what a running sidecar counts.
pub(super) fn happened(admin: &str) -> anyhow::Result<BTreeMap<Key, u64>> {
    let text = AdminClient::at(admin)?.get("/metrics")?;
    let mut counts = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("stagegate_failures_total{")) {
        let Some((labels, count)) = line.rsplit_once("} ") else { continue };
        let label = |name: &str| {
            let (_, rest) = labels.split_once(&format!("{name}=\""))?;
            Some(rest.split_once('"')?.0.to_owned())
        };
        let (Some(method), Some(path), Some(cause)) = (label("method"), label("resource"), label("cause")) else {
            continue;
        };
        *counts.entry((method, path, cause)).or_default() += count.parse::<f64>().unwrap_or_default() as u64;
    }
    counts.retain(|_, count| *count > 0);
    Ok(counts)
}

/// The causes that cases exercise.
pub(super) fn covered(paths: &[PathBuf]) -> anyhow::Result<BTreeSet<Key>> {
    let unreadable = |error| anyhow::anyhow!("{error}");
    let mut keys = BTreeSet::new();
    for file in find(paths).map_err(unreadable)? {
        let suite = Suite::read(&file).map_err(unreadable)?;
        for case in 0..suite.names().count() {
            if let Some((method, path, cause)) = suite.play(case).map_err(unreadable)?.failed {
                keys.insert((method.to_owned(), path, cause.to_owned()));
            }
        }
    }
    Ok(keys)
}
