//! Gateways for the targets that play requests.

use stagegate::{Gateway, Metrics, Sources, load, parse};

/// That of a configuration file with this text.
pub fn gateway(text: &str) -> Gateway {
    let tree = parse("stagegate.yaml".as_ref(), text).expect("YAML");
    let loaded = load(&Sources { embedded: Some(tree), offline: true, ..Sources::default() });
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems:#?}"));
    let metrics = Metrics::new("fuzz", "").expect("fresh metrics");
    Gateway::new(loaded.api, loaded.canary, loaded.settings.limits, &metrics)
}
