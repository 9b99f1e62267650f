//! Customised gateway responses as written.

use super::api::{GatewayResponse, WrittenApi};
use super::dialect::Dialect;
use super::integration;
use crate::api::GatewayResponseType;
use crate::config::document::{Spot, nearest};

/// Customised gateway responses, by type.
pub fn gateway_responses(spot: &Spot<'_>, dialect: Dialect, api: &mut WrittenApi) {
    for (name, spot) in spot.entries() {
        let Some(kind) = GatewayResponseType::parse(&name.to_ascii_uppercase()) else {
            let known: Vec<&str> = GatewayResponseType::ALL.iter().map(|t| t.as_str()).collect();
            let hint = nearest(name, &known).map(|n| format!("; the nearest is `{n}`")).unwrap_or_default();
            let message = format!("`{name}` is not a type of gateway response{hint}");
            spot.report.add(dialect.severity(), &spot.place(), "unknown-gateway-response", message);
            continue;
        };
        add(&spot, kind, dialect, api);
    }
}

/// The gateway response of a type; it takes the place of an earlier one.
pub fn add(spot: &Spot<'_>, kind: GatewayResponseType, dialect: Dialect, api: &mut WrittenApi) {
    let mut f = dialect.fields(spot);
    let response = GatewayResponse {
        kind,
        status: f.get("statusCode").and_then(|s| integration::status(&s)),
        parameters: f.get("responseParameters").map(|s| integration::texts(&s, dialect)).unwrap_or_default(),
        templates: f.get("responseTemplates").map(|s| integration::texts(&s, dialect)).unwrap_or_default(),
    };
    f.allow(&["responseType", "defaultResponse", "restApiId"]);
    f.done(dialect.severity());
    api.gateway_responses.retain(|r| r.kind != kind);
    api.gateway_responses.push(response);
}
