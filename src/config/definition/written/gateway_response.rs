//! Customised gateway responses as written.

use super::api::{GatewayResponse, WrittenApi};
use super::dialect::Dialect;
use super::integration;
use crate::api::GatewayResponseType;
use crate::config::document::{Spot, hint};

/// Customised gateway responses, by type. Nothing is filled in here: a type that sets a header only keeps its own default status
/// and body, whatever `DEFAULT_4XX` and `DEFAULT_5XX` say (recorded on AWS).
pub(crate) fn gateway_responses(spot: &Spot<'_>, dialect: Dialect, api: &mut WrittenApi) {
    for (name, spot) in spot.entries() {
        let Some(kind) = GatewayResponseType::parse(&name.to_ascii_uppercase()) else {
            let known: Vec<&str> = GatewayResponseType::ALL.iter().map(|t| t.as_str()).collect();
            let hint = hint(name, &known);
            let message = format!("`{name}` is not a type of gateway response{hint}");
            spot.report.add(dialect.severity(), &spot.place(), "unknown-gateway-response", message);
            continue;
        };
        add(&spot, kind, dialect, api);
    }
}

/// The gateway response of a type; it takes the place of an earlier one.
pub(crate) fn add(spot: &Spot<'_>, kind: GatewayResponseType, dialect: Dialect, api: &mut WrittenApi) {
    let mut f = dialect.fields(spot);
    let response = GatewayResponse {
        place: spot.place(),
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
