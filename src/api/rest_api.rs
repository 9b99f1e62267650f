//! `RestApi`: resources, binary media types, keys and plans.

use std::ops::Deref;

use indexmap::IndexMap;

use super::authorizer::{Authorizer, Compat, ResourcePolicy};
use super::gateway_response::GatewayResponses;
use super::media_type::MediaTypes;
use super::method::Method;
use super::stage::ApiStage;
use super::usage_plan::{ApiKey, UsagePlan};

/// A deployed REST API: one stage of it, with the stage's variables already put in wherever the definition names them.
#[derive(Debug, Clone, Default)]
pub struct RestApi {
    /// What every kind of API has.
    pub common: ApiStage,
    /// `aws:SourceVpc`: requests come through an endpoint of that VPC.
    pub source_vpc: Option<String>,
    /// `aws:SourceVpce`: the endpoint.
    pub source_vpce: Option<String>,
    /// `binaryMediaTypes`
    pub binary_media_types: MediaTypes,
    /// `minimumCompressionSize` in bytes; `None`: no compression and no request decompression.
    pub minimum_compression_size: Option<usize>,
    /// `apiKeySource`
    pub api_key_source: ApiKeySource,
    /// Every resource that has a method.
    pub resources: Vec<Resource>,
    /// What customises the gateway's own answers.
    pub gateway_responses: GatewayResponses,
    /// API keys by name.
    pub api_keys: IndexMap<String, ApiKey>,
    /// Usage plans by name.
    pub usage_plans: IndexMap<String, UsagePlan>,
    /// The resource policy.
    pub resource_policy: Option<ResourcePolicy>,
    /// Lambda authorizers by the name that methods ask for.
    pub authorizers: IndexMap<String, Authorizer>,
    /// Of which year refusals are.
    pub compat: Compat,
}

impl Deref for RestApi {
    type Target = ApiStage;

    fn deref(&self) -> &ApiStage {
        &self.common
    }
}

/// One path of the API.
#[derive(Debug, Clone)]
pub struct Resource {
    /// `$context.resourceId`: stable across loads.
    pub id: String,
    /// The template, such as `/orders/{id}` or `/{proxy+}`.
    pub path: String,
    /// At most one for each HTTP method, and one `ANY`.
    pub methods: Vec<Method>,
}

/// Where the client's API key comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ApiKeySource {
    /// The `x-api-key` header.
    #[default]
    Header,
    /// A Lambda authorizer's `usageIdentifierKey`.
    Authorizer,
}
