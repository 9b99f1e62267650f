//! `Kind`: what kind of document a definition is, seen from the document itself. A new source joins here.

use super::written::http_api::HttpApi;
use super::written::{ApiKind, WrittenApi, WrittenStage};
use super::{cloudformation, openapi};
use crate::config::document::{Node, Spot};

/// What a definition can be.
enum Kind<'a> {
    /// OpenAPI 3 or Swagger 2.0: the two differ in where things stand, not in what API Gateway makes of them.
    OpenApi,
    /// OpenAPI or Swagger of a version that API Gateway does not import.
    OtherVersion(Spot<'a>, String),
    /// A CloudFormation template, SAM's among them.
    CloudFormation,
    /// Something that a tool makes a definition of, and what to give instead.
    Source(&'static str),
    /// A map that says nothing of itself.
    Unknown,
    /// No map at all.
    NoMap,
}

/// What the document says of itself. The version comes first: only OpenAPI and Swagger documents have one.
fn kind<'a>(root: &Spot<'a>) -> Kind<'a> {
    if !root.node.is_map() {
        return Kind::NoMap;
    }
    if let Some(spot) = root.get("openapi").or_else(|| root.get("swagger")) {
        // `swagger: 2.0` without quotes is a number, which some tools write as `2`.
        let version = spot.node.scalar().unwrap_or_default();
        return match version.starts_with("3.") || version == "2.0" || version == "2" {
            true => Kind::OpenApi,
            false => Kind::OtherVersion(spot, version),
        };
    }
    match (is_template(root.node), source(root.node)) {
        (true, _) => Kind::CloudFormation,
        (false, Some(instead)) => Kind::Source(instead),
        (false, None) => Kind::Unknown,
    }
}

/// What a file of another tool is, and which of its commands makes a definition.
fn source(root: &Node) -> Option<&'static str> {
    let has = |keys: &[&str]| keys.iter().all(|key| root.has(key));
    Some(if has(&["service", "provider"]) {
        "this is a `serverless.yml`: give what `serverless package` makes of it, `.serverless/cloudformation-template-update-stack.json`"
    } else if has(&["planned_values"]) || has(&["resource_changes"]) || has(&["terraform_version"]) {
        "this is a plan or state of Terraform: give the API's `body`, or the deployed API's own export (`aws apigateway get-export`)"
    } else if has(&["resource", "provider"]) {
        "this is Terraform's configuration: give the API's `body`, or the deployed API's own export (`aws apigateway get-export`)"
    } else if has(&["name", "runtime"]) {
        "this is a Pulumi project: give the deployed API's own export (`aws apigateway get-export`)"
    } else if has(&["app"]) && root.get("app").is_some_and(|app| app.scalar().is_some()) {
        "this is a `cdk.json`: give what `cdk synth` makes of it, `cdk.out/*.template.json`"
    } else if has(&["version", "artifacts"]) || has(&["version", "tree"]) {
        "this is a manifest of `cdk.out`: give the template beside it, `cdk.out/*.template.json`"
    } else if has(&["version", "app_name"]) && root.has("stages") {
        "this is Chalice's `config.json`: give what `chalice package` makes of it, `sam.json`"
    } else {
        return None;
    })
}

/// Whether it is a CloudFormation template.
pub(crate) fn is_template(root: &Node) -> bool {
    let is_openapi = root.get("openapi").is_some() || root.get("swagger").is_some();
    !is_openapi && ["Resources", "AWSTemplateFormatVersion", "Transform"].iter().any(|key| root.get(key).is_some())
}

/// Which kind of API a document is of, as it does not say.
fn seen(root: &Spot<'_>) -> ApiKind {
    if openapi::is_http_api(root.node) { ApiKind::Http } else { ApiKind::Rest }
}

/// Reads a document of any kind that is known; of all others it is said what they are.
pub(crate) fn read(root: &Spot<'_>, stage: &mut WrittenStage, written: &mut WrittenApi) {
    match kind(root) {
        Kind::OpenApi if stage.kind.unwrap_or_else(|| seen(root)) == ApiKind::Http => {
            let mut http = HttpApi::default();
            openapi::read_http_api(root, &mut http);
            written.http = Some(http);
        }
        Kind::OpenApi => openapi::read(root, stage.base_path_mode, written),
        Kind::OtherVersion(spot, version) => {
            spot.error("not-openapi", format!("version `{version}` is neither OpenAPI 3 nor Swagger 2.0"));
        }
        Kind::CloudFormation => cloudformation::read(root, stage, written),
        Kind::Source(instead) => root.error("not-openapi", instead.to_owned()),
        Kind::Unknown => {
            root.error("not-openapi", "neither `openapi` nor `swagger` says which version it is".to_owned());
        }
        Kind::NoMap => {
            root.error("not-openapi", format!("expected an OpenAPI document, found {}", root.node.data.kind()));
        }
    }
}
