//! `RestApi`: resources, stage, stage variables, binary media types, keys and plans.

use indexmap::IndexMap;

use super::authorizer::{Authorizer, Compat, ResourcePolicy, Skipped};
use super::gateway_response::GatewayResponses;
use super::jwt_authorizer::{JwtAuthorizer, KeySource};
use super::media_type::MediaTypes;
use super::method::Method;
use super::secret::Secrets;
use super::usage_plan::{ApiKey, Throttle, UsagePlan};
use crate::authorization::signature::AccessKeys;

/// A deployed REST API: one stage of it, with the stage's variables already put in wherever the definition names them.
#[derive(Debug, Default)]
pub struct RestApi {
    /// `$context.apiId`
    pub id: String,
    /// The definition's title.
    pub name: String,
    /// `$context.stage`
    pub stage: String,
    /// The prefix that is stripped from request paths: empty, or begins with `/` and does not end with it.
    pub base_path: String,
    /// `$context.accountId`
    pub account_id: String,
    /// The region in ARNs.
    pub region: String,
    /// `$context.domainName`; the `Host` header when absent.
    pub domain_name: Option<String>,
    /// `aws:SourceVpc`: requests come through an endpoint of that VPC.
    pub source_vpc: Option<String>,
    /// `aws:SourceVpce`: the endpoint.
    pub source_vpce: Option<String>,
    /// `$context.deploymentId`
    pub deployment_id: String,
    /// `$stageVariables`, the canary's own already merged in for the canary's copy.
    pub stage_variables: IndexMap<String, String>,
    /// Whether this is the canary's copy of the API: `$context.isCanaryRequest`; `None` when the stage has no canary.
    pub canary: Option<bool>,
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
    /// Throttle of the whole stage.
    pub throttle: Option<Throttle>,
    /// The resource policy.
    pub resource_policy: Option<ResourcePolicy>,
    /// Lambda authorizers by the name that methods ask for.
    pub authorizers: IndexMap<String, Authorizer>,
    /// User pools and JWT authorizers by the name that methods ask for.
    pub jwt_authorizers: IndexMap<String, JwtAuthorizer>,
    /// Where their keys are.
    pub key_sources: Vec<KeySource>,
    /// The keys that callers of `AWS_IAM` methods sign with.
    pub access_keys: AccessKeys,
    /// Of which year refusals are.
    pub compat: Compat,
    /// Protections that are not asked.
    pub skipped: Skipped,
    /// What nobody may read in a log.
    pub secrets: Secrets,
}

/// One path of the API.
#[derive(Debug)]
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
