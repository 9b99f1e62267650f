//! The stage as written: everything of the API that is not in its definition.

use std::path::PathBuf;

use indexmap::IndexMap;

use super::keys::WrittenKeys;
use crate::api::{ApiKey, Compat, HttpMethod, Skipped, Throttle, UsagePlan};
use crate::authorization::signature::AccessKeys;
use crate::config::document::Place;

/// How much of the base path that a definition names becomes part of its paths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum BasePathMode {
    /// None of it.
    #[default]
    Ignore,
    /// All of it.
    Prepend,
    /// All but the first segment.
    Split,
}

/// Which kind of API it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ApiKind {
    /// A REST API.
    Rest,
    /// An HTTP API.
    Http,
}

/// The stage that is served.
#[derive(Debug, Default)]
pub(crate) struct WrittenStage {
    /// `stage`
    pub name: String,
    /// Whether the configuration, or the template, names the stage.
    pub has_name: bool,
    /// Whether the configuration names the stage; else a template's own name counts.
    pub is_named: bool,
    /// `resource`: the API of a template with several, and where that stands.
    pub resource: Option<(String, Place)>,
    /// `includes`: local files by the location that a template names.
    pub includes: IndexMap<String, PathBuf>,
    /// `base_path`, without a slash at the end.
    pub base_path: String,
    /// Whether the configuration names it.
    pub has_base_path: bool,
    /// `base_path_mode`
    pub base_path_mode: BasePathMode,
    /// `id`
    pub id: String,
    /// `account_id`
    pub account_id: String,
    /// `region`
    pub region: String,
    /// `source_vpc`
    pub source_vpc: Option<String>,
    /// `source_vpce`
    pub source_vpce: Option<String>,
    /// `domain_name`
    pub domain_name: Option<String>,
    /// `deployment_id`
    pub deployment_id: String,
    /// `stage_variables`
    pub variables: IndexMap<String, String>,
    /// `parameters`: values for `${Name}` in uris, and in CloudFormation's functions in mappings and templates.
    pub parameters: IndexMap<String, String>,
    /// `canary`: percentage and its own stage variables.
    pub canary: Option<(f64, IndexMap<String, String>)>,
    /// `throttle`
    pub throttle: Option<Throttle>,
    /// `throttle.methods`
    pub method_throttles: Vec<MethodThrottle>,
    /// `api_keys`
    pub api_keys: IndexMap<String, ApiKey>,
    /// `usage_plans`
    pub usage_plans: IndexMap<String, UsagePlan>,
    /// `type`; `None`: as the definition looks.
    pub kind: Option<ApiKind>,
    /// `strict`: an error of one method is an error of all.
    pub strict: bool,
    /// `skip_authorization`
    pub skipped: Skipped,
    /// `authorizers`: where keys are.
    pub keys: IndexMap<String, WrittenKeys>,
    /// `iam.keys`
    pub access_keys: AccessKeys,
    /// `compat`
    pub compat: Compat,
}

impl WrittenStage {
    /// An HTTP API's stage is `$default` unless something names it; another one is the first segment of every path (documented).
    pub(crate) fn default_of_http(&mut self) {
        if !self.has_name {
            self.name = "$default".to_owned();
        }
        if !self.has_base_path && self.name != "$default" {
            self.base_path = format!("/{}", self.name);
        }
    }

    /// The value of `${Name}`: CloudFormation's own, then the configuration's.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        Some(match name {
            "AWS::Region" => self.region.clone(),
            "AWS::AccountId" => self.account_id.clone(),
            "AWS::Partition" => "aws".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            _ => self.parameters.get(name)?.clone(),
        })
    }
}

/// The throttle of one method.
#[derive(Debug)]
pub(crate) struct MethodThrottle {
    /// Its method.
    pub method: HttpMethod,
    /// Its path.
    pub path: String,
    /// The throttle.
    pub throttle: Throttle,
    /// Where it stands.
    pub place: Place,
}
