//! `Api`: an API of either kind.

use std::collections::BTreeSet;
use std::ops::Deref;

use super::http_api::HttpApi;
use super::rest_api::{Resource, RestApi};
use super::stage::ApiStage;

/// An API as loaded.
#[derive(Debug, Clone)]
pub enum Api {
    /// A REST API (v1).
    Rest(RestApi),
    /// An HTTP API (v2).
    Http(HttpApi),
}

impl Api {
    /// The resources of a REST API.
    pub fn resources(&self) -> &[Resource] {
        match self {
            Api::Rest(api) => &api.resources,
            Api::Http(_) => &[],
        }
    }

    /// How many methods or routes there are.
    pub fn routes(&self) -> usize {
        match self {
            Api::Rest(api) => api.resources.iter().map(|resource| resource.methods.len()).sum(),
            Api::Http(api) => api.routes.len(),
        }
    }

    /// How many paths they have.
    pub fn paths(&self) -> usize {
        match self {
            Api::Rest(api) => api.resources.len(),
            Api::Http(api) => api.routes.iter().map(|route| route.path.as_str()).collect::<BTreeSet<_>>().len(),
        }
    }

    /// The REST API, if it is one.
    pub fn rest(&self) -> Option<&RestApi> {
        match self {
            Api::Rest(api) => Some(api),
            Api::Http(_) => None,
        }
    }
}

impl Deref for Api {
    type Target = ApiStage;

    fn deref(&self) -> &ApiStage {
        match self {
            Api::Rest(api) => api,
            Api::Http(api) => api,
        }
    }
}
