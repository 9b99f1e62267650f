//! The API as written, told again: as one OpenAPI document, or natively. Reading it gives the same API.

mod http_api;
mod integration;
mod native;
mod openapi;
mod security;
mod yaml;

use super::definition::written::{WrittenApi, WrittenStage};

/// How an API is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// OpenAPI 3.0 with API Gateway's extensions, as JSON.
    OpenApi,
    /// The `api` section of a configuration, as YAML.
    Native,
}

/// The text of the API.
pub(crate) fn text(format: Format, api: &WrittenApi, stage: &WrittenStage) -> String {
    match format {
        Format::OpenApi => {
            let document =
                api.http.as_ref().map_or_else(|| openapi::document(api, stage), |http| http_api::document(http, stage));
            format!("{document:#}\n")
        }
        Format::Native => {
            let section =
                api.http.as_ref().map_or_else(|| native::section(api, stage), |http| http_api::section(http, stage));
            let comment = "# The API as stagegate has loaded it. API keys and usage plans stay where they are.\n";
            format!("{comment}{}", yaml::text(&section))
        }
    }
}
