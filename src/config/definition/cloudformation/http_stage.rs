//! The stage of an HTTP API in the template: name, variables, throttles of the stage and of its routes.

use indexmap::IndexMap;

use super::key::throttle;
use super::template::Template;
use super::value::logical_id;
use crate::api::{HttpMethod, Throttle};
use crate::config::definition::written::{MethodThrottle, WrittenStage};
use crate::config::document::{Node, Spot};

/// A stage as the template has it.
#[derive(Default)]
pub(crate) struct HttpStage {
    name: Option<String>,
    variables: IndexMap<String, String>,
    throttle: Option<Throttle>,
    routes: Vec<MethodThrottle>,
}

/// The stage that is served: the one that the configuration names, else `$default`, else the first.
pub(crate) fn read(template: &Template<'_>, api: &str) -> HttpStage {
    let mut stages: Vec<HttpStage> = Vec::new();
    for (id, resource) in template.of_kind("AWS::ApiGatewayV2::Stage") {
        let of = template.property_text(id, resource, "ApiId").unwrap_or_default();
        if logical_id(&of).unwrap_or(&of) == api {
            let properties = template.properties(id, resource);
            let spot = Spot::new(&properties, template.properties_path(id), template.report);
            stages.push(stage(&spot, properties.get("StageName").and_then(Node::scalar)));
        }
    }
    let wanted = if template.stage.is_named { template.stage.name.as_str() } else { "$default" };
    let names: Vec<Option<&str>> = stages.iter().map(|stage| stage.name.as_deref()).collect();
    match super::stage::chosen(template, api, &names, Some(wanted)) {
        None => HttpStage::default(),
        Some(chosen) => stages.swap_remove(chosen),
    }
}

/// The stage of a SAM API, which stands in the API's own properties.
pub(crate) fn of_sam(template: &Template<'_>, api: &str, properties: &Node, own: &str) -> HttpStage {
    let spot = Spot::new(properties, template.properties_path(api), template.report);
    stage(&spot, Some(own.to_owned()))
}

fn stage(spot: &Spot<'_>, name: Option<String>) -> HttpStage {
    let limits = |spot: &Spot<'_>| throttle(spot, "ThrottlingRateLimit", "ThrottlingBurstLimit");
    let routes = spot.get("RouteSettings").map(|s| s.entries()).unwrap_or_default();
    let of_route = |(key, spot): &(&str, Spot<'_>)| {
        let (method, path) = key.split_once(' ').unwrap_or(("ANY", *key));
        let method = HttpMethod::parse(&method.to_ascii_uppercase())?;
        Some(MethodThrottle { method, path: path.to_owned(), throttle: limits(spot)?, place: spot.place() })
    };
    HttpStage {
        name: name.filter(|name| !name.is_empty()),
        variables: spot.get("StageVariables").map(|s| s.text_map().into_iter().collect()).unwrap_or_default(),
        throttle: spot.get("DefaultRouteSettings").and_then(|s| limits(&s)),
        routes: routes.iter().filter_map(of_route).collect(),
    }
}

impl HttpStage {
    /// Puts it into the stage that is served; what the configuration says wins.
    pub(crate) fn put_in(self, stage: &mut WrittenStage) {
        if let Some(name) = self.name.filter(|name| !stage.is_named && !name.contains("${")) {
            stage.name = name;
            stage.has_name = true;
        }
        for (name, value) in self.variables {
            stage.variables.entry(name).or_insert(value);
        }
        if stage.throttle.is_none() {
            stage.throttle = self.throttle;
        }
        for route in self.routes {
            let is_same = |own: &MethodThrottle| own.path == route.path && own.method == route.method;
            if !stage.method_throttles.iter().any(is_same) {
                stage.method_throttles.push(route);
            }
        }
    }
}
