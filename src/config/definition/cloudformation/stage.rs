//! The stage of the API in the template: name, variables, method settings, canary.

use indexmap::IndexMap;

use super::key::{Keys, throttle};
use super::template::Template;
use super::value::{logical_id, number};
use crate::api::{HttpMethod, Throttle};
use crate::config::definition::written::{MethodThrottle, Route, WrittenStage};
use crate::config::document::{Node, Place, Report, Spot};

/// A stage as the template has it.
#[derive(Default)]
pub(crate) struct TemplateStage {
    name: Option<String>,
    variables: IndexMap<String, String>,
    canary: Option<(f64, IndexMap<String, String>)>,
    throttle: Option<Throttle>,
    methods: Vec<(String, String, Throttle, Place)>,
    /// Keys and plans.
    pub keys: Keys,
}

/// The stage that is served: the one that the configuration names, else the only one.
pub(crate) fn read(template: &Template<'_>, api: &str) -> TemplateStage {
    let mut stages: Vec<TemplateStage> = Vec::new();
    let is_of = |id: &str, resource| {
        let of = template.property_text(id, resource, "RestApiId").unwrap_or_default();
        logical_id(&of).unwrap_or(&of) == api
    };
    for (id, resource) in template.of_kind("AWS::ApiGateway::Stage").filter(|(id, resource)| is_of(id, resource)) {
        let properties = template.properties(id, resource);
        let spot = Spot::new(&properties, template.properties_path(id), template.report);
        stages.push(stage(&spot, "CanarySetting", name(&properties)));
    }
    for (id, resource) in template.of_kind("AWS::ApiGateway::Deployment").filter(|(id, resource)| is_of(id, resource)) {
        let properties = template.properties(id, resource);
        let Some(name) = name(&properties) else { continue };
        let spot = Spot::new(&properties, template.properties_path(id), template.report);
        let described = spot.get("StageDescription").unwrap_or_else(|| spot.clone());
        stages.push(stage(&described, "CanarySetting", Some(name)));
    }
    let wanted = template.stage.is_named.then_some(template.stage.name.as_str());
    let names: Vec<Option<&str>> = stages.iter().map(|stage| stage.name.as_deref()).collect();
    match chosen(template, api, &names, wanted) {
        None => TemplateStage::default(),
        Some(chosen) => stages.swap_remove(chosen),
    }
}

/// Which of several stages is served: the one that is wanted, else the first, which is told unless the configuration names one.
pub(super) fn chosen(
    template: &Template<'_>,
    api: &str,
    names: &[Option<&str>],
    wanted: Option<&str>,
) -> Option<usize> {
    let found = names.iter().position(|name| wanted.is_some() && *name == wanted);
    if let (None, false, [first, _, ..]) = (found, template.stage.is_named, names) {
        let all: Vec<String> = names.iter().flatten().map(|name| format!("`{name}`")).collect();
        let served = first.unwrap_or_default();
        let message =
            format!("the API has the stages {}: `{served}` is served; `api.stage` says which", all.join(", "));
        template.report.warning(&template.place(api), "several-stages", message);
    }
    found.or((!names.is_empty()).then_some(0))
}

/// The stage of a SAM API, which stands in the API's own properties.
pub(crate) fn of_sam(template: &Template<'_>, api: &str, properties: &Node, own: &str) -> TemplateStage {
    let spot = Spot::new(properties, template.properties_path(api), template.report);
    stage(&spot, "CanarySetting", Some(own.to_owned()))
}

fn name(properties: &Node) -> Option<String> {
    properties.get("StageName").and_then(Node::scalar).filter(|name| !name.is_empty())
}

fn stage(spot: &Spot<'_>, canary_key: &str, name: Option<String>) -> TemplateStage {
    let mut stage = TemplateStage { name, ..TemplateStage::default() };
    stage.variables = spot.get("Variables").map(|s| s.text_map().into_iter().collect()).unwrap_or_default();
    stage.canary = spot.get(canary_key).and_then(|s| canary(&s));
    // `StageDescription` has the settings of all methods beside the list.
    stage.throttle = throttle(spot, "ThrottlingRateLimit", "ThrottlingBurstLimit");
    for setting in spot.get("MethodSettings").map(|s| s.items()).unwrap_or_default() {
        let text = |key: &str| setting.node.get(key).and_then(Node::scalar);
        let Some(throttle) = throttle(&setting, "ThrottlingRateLimit", "ThrottlingBurstLimit") else { continue };
        let path = text("ResourcePath").unwrap_or_else(|| "/*".to_owned());
        // The path's slashes are written `~1` but for the first.
        let path = format!("/{}", path.replace("~1", "/").trim_start_matches('/'));
        let method = text("HttpMethod").unwrap_or_else(|| "*".to_owned());
        match (path.as_str(), method.as_str()) {
            ("/*", "*") => stage.throttle = Some(throttle),
            _ => stage.methods.push((path, method, throttle, setting.place())),
        }
    }
    stage
}

fn canary(spot: &Spot<'_>) -> Option<(f64, IndexMap<String, String>)> {
    let percent = spot.get("PercentTraffic").and_then(|s| number(&s))?;
    let own = spot.get("StageVariableOverrides").map(|s| s.text_map().into_iter().collect()).unwrap_or_default();
    Some((percent.min(100.0), own))
}

impl TemplateStage {
    /// Puts it into the stage that is served; what the configuration says wins.
    pub(crate) fn put_in(self, stage: &mut WrittenStage, routes: &[Route], report: &Report) {
        if let Some(name) = self.name.filter(|name| !stage.is_named && !name.contains("${")) {
            stage.name = name;
            stage.has_name = true;
        }
        for (name, value) in self.variables {
            stage.variables.entry(name).or_insert(value);
        }
        if stage.canary.is_none() {
            stage.canary = self.canary;
        }
        if stage.throttle.is_none() {
            stage.throttle = self.throttle;
        }
        for (path, method, throttle, place) in self.methods {
            let is_meant = |route: &&Route| {
                let same = route.path.trim_end_matches('/') == path.trim_end_matches('/') || path == "/*";
                same && (method == "*" || HttpMethod::parse(&method.to_ascii_uppercase()) == Some(route.method))
            };
            for route in routes.iter().filter(is_meant) {
                let configured =
                    stage.method_throttles.iter().any(|t| t.path == route.path && t.method == route.method);
                if !configured {
                    let (method, path, place) = (route.method, route.path.clone(), place.clone());
                    stage.method_throttles.push(MethodThrottle { method, path, throttle, place });
                }
            }
        }
        self.keys.put_in(stage, report);
    }
}
