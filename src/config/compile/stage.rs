//! What every kind of API has at its stage.

use indexmap::IndexMap;

use super::surroundings::Surroundings;
use crate::api::{ApiStage, Secrets};
use crate::config::definition::written::authorizer::Authorizer;

/// The stage of an API with that title; these names are secret beside those that always are.
pub(crate) fn stage(title: Option<String>, secret: impl Iterator<Item = String>, s: &Surroundings<'_>) -> ApiStage {
    ApiStage {
        id: s.stage.id.clone(),
        name: title.unwrap_or_default(),
        stage: s.stage.name.clone(),
        base_path: s.stage.base_path.clone(),
        account_id: s.stage.account_id.clone(),
        region: s.stage.region.clone(),
        domain_name: s.stage.domain_name.clone(),
        deployment_id: s.stage.deployment_id.clone(),
        stage_variables: s.variables.clone(),
        canary: s.canary,
        throttle: s.stage.throttle,
        access_keys: s.stage.access_keys.clone(),
        jwt_authorizers: IndexMap::new(),
        key_sources: Vec::new(),
        skipped: s.stage.skipped,
        secrets: Secrets::with(s.redact.iter().cloned().chain(secret)),
    }
}

/// The headers and query parameters in which authorizers find their tokens.
pub(crate) fn token_names(authorizers: &IndexMap<String, Authorizer>) -> impl Iterator<Item = String> {
    let sources = authorizers.values().flat_map(|authorizer| &authorizer.identity_sources);
    sources.filter_map(|source| {
        // `method.request.header.Auth`, `$request.querystring.token`
        let name = [".header.", ".querystring."].iter().find_map(|place| source.split_once(place))?.1;
        Some(name.to_owned())
    })
}
