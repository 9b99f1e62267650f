//! `ApiStage`: what every kind of API has at the stage that is served: ids, names, variables, throttle, secrets.

use indexmap::IndexMap;

use super::authorizer::Skipped;
use super::jwt_authorizer::{JwtAuthorizer, KeySource};
use super::secret::Secrets;
use super::usage_plan::Throttle;
use crate::authorization::signature::AccessKeys;

/// An API at one stage of it, whatever its kind.
#[derive(Debug, Clone, Default)]
pub struct ApiStage {
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
    /// `$context.deploymentId`
    pub deployment_id: String,
    /// `$stageVariables`, the canary's own already merged in for the canary's copy.
    pub stage_variables: IndexMap<String, String>,
    /// Whether this is the canary's copy of the API: `$context.isCanaryRequest`; `None` when the stage has no canary.
    pub canary: Option<bool>,
    /// Throttle of the whole stage.
    pub throttle: Option<Throttle>,
    /// The keys that callers of `AWS_IAM` methods and routes sign with.
    pub access_keys: AccessKeys,
    /// User pools and JWT authorizers by the name that methods and routes ask for.
    pub jwt_authorizers: IndexMap<String, JwtAuthorizer>,
    /// Where their keys are.
    pub key_sources: Vec<KeySource>,
    /// Protections that are not asked.
    pub skipped: Skipped,
    /// What nobody may read in a log.
    pub secrets: Secrets,
}
