//! `telemetry.otlp`: where spans are sent, which, and as whose. OpenTelemetry's own variables stand in for what is not written.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue};

use super::settings::Otlp;
use crate::config::document::url::Url;
use crate::config::document::{Data, Node, Origin, Report, Severity, Spot};

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";
const RESOURCE: &str = "OTEL_RESOURCE_ATTRIBUTES";
/// Where a collector is without a word (OpenTelemetry's default).
const COLLECTOR: &str = "http://127.0.0.1:4318";

/// Reads the section; without `otlp` in it nothing is sent, whatever the variables say.
pub(crate) fn read(spot: &Spot<'_>, environment: &[(String, String)]) -> Option<Otlp> {
    let mut fields = spot.fields();
    let otlp = fields.get("otlp").map(|spot| otlp(&spot, environment));
    fields.done(Severity::Error);
    otlp
}

fn otlp(spot: &Spot<'_>, environment: &[(String, String)]) -> Otlp {
    let variable = |name: &str| {
        let found = environment.iter().find(|(own, value)| own == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    };
    let mut fields = spot.fields();
    let written = fields.get("endpoint").map(|s| s.url());
    let headers = fields.get("headers").map(|s| headers(&s)).unwrap_or_default();
    let sample = fields.get("sample").and_then(|s| s.number(0.0, 1.0)).unwrap_or(1.0);
    let service = fields.get("service_name").and_then(|s| s.text());
    let timeout = fields.get("timeout").and_then(|s| s.duration()).unwrap_or(Duration::from_secs(10));
    fields.done(Severity::Error);
    let resource = variable(RESOURCE).map(attributes).unwrap_or_default();
    let of_resource = || resource.iter().find(|(name, _)| name == "service.name").map(|(_, value)| value.clone());
    let service = service.or_else(|| variable(SERVICE_NAME).map(str::to_owned)).or_else(of_resource);
    let endpoint = match written {
        Some(url) => url,
        None => Some(variable(ENDPOINT).unwrap_or(COLLECTOR)).and_then(|text| by_variable(text, spot.report)),
    };
    Otlp {
        // A wrong one is reported; nothing is sent then, as nothing loads.
        endpoint: endpoint.unwrap_or_else(Url::local),
        headers,
        sample,
        service_name: service.unwrap_or_else(|| "stagegate".to_owned()),
        resource: resource.into_iter().filter(|(name, _)| name != "service.name").collect(),
        timeout,
    }
}

/// The endpoint of the variable: what is wrong with it is found at the variable.
fn by_variable(text: &str, report: &Report) -> Option<Url> {
    let origin = Arc::new(Origin::Variable(ENDPOINT.to_owned()));
    let node = Node::new(&origin, 0, Data::Text(text.into()));
    Spot::new(&node, "", report).url()
}

fn headers(spot: &Spot<'_>) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    for (name, spot) in spot.entries() {
        let Some(value) = spot.text() else { continue };
        if HeaderName::try_from(name).is_ok() && HeaderValue::try_from(&value).is_ok() {
            headers.push((name.to_owned(), value));
        } else {
            spot.error("wrong-type", format!("`{name}` and its value are no header line"));
        }
    }
    headers
}

/// `key=value,key=value`, percent-encoded where need be; what is not so is left out, as the specification has it.
fn attributes(text: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text.trim().as_bytes();
        while let Some((first, more)) = rest.split_first() {
            let code = more.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
            match code.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                Some(byte) => {
                    bytes.push(byte);
                    rest = &more[2..];
                }
                None => {
                    bytes.push(*first);
                    rest = more;
                }
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (decoded(key), decoded(value))).filter(|(key, _)| !key.is_empty()).collect()
}
