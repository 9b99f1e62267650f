//! Which API of the template is served.

use super::sam::{self, IMPLICIT, IMPLICIT_HTTP};
use super::template::Template;
use super::value::{is_given, logical_id};
use crate::config::document::{Node, Place, Report, hint};

/// What an API is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ApiKind {
    /// `AWS::ApiGateway::RestApi`
    Rest,
    /// `AWS::Serverless::Api`, or the one of events that name none.
    SamRest,
    /// A REST API of another stack, to which this template adds methods.
    Elsewhere,
    /// `AWS::ApiGatewayV2::Api`
    Http,
    /// `AWS::Serverless::HttpApi`, or the one of events that name none.
    SamHttp,
    /// An API of WebSockets.
    WebSocket,
}

/// An API of the template.
#[derive(Debug)]
pub(crate) struct Candidate {
    /// Its logical id.
    pub id: String,
    /// What it is.
    pub kind: ApiKind,
    name: Option<String>,
    routes: usize,
}

impl Candidate {
    fn described(&self) -> String {
        let kind = match self.kind {
            ApiKind::Rest | ApiKind::SamRest => "REST API",
            ApiKind::Elsewhere => "REST API of another stack",
            ApiKind::Http | ApiKind::SamHttp => "HTTP API",
            ApiKind::WebSocket => "WebSocket API",
        };
        let name = self.name.as_ref().map(|name| format!(" {name:?}")).unwrap_or_default();
        let routes = if self.routes == 1 { "1 route".to_owned() } else { format!("{} routes", self.routes) };
        format!("`{}`{name} ({kind}, {routes})", self.id)
    }
}

/// The API that `api.resource` names, else the only one; otherwise it is said which there are.
pub(crate) fn choose(template: &Template<'_>, place: &Place, report: &Report) -> Option<Candidate> {
    let mut candidates = candidates(template);
    if let Some((wanted, asked)) = &template.stage.resource {
        let is_wanted = |c: &Candidate| {
            c.id == *wanted || c.name.as_ref() == Some(wanted) || construct(template, c) == Some(wanted)
        };
        if let Some(at) = candidates.iter().position(is_wanted) {
            return Some(candidates.swap_remove(at));
        }
        let known: Vec<&str> = candidates.iter().map(|c| c.id.as_str()).collect();
        let hint = hint(wanted, &known);
        report.error(
            asked,
            "unknown-resource",
            format!("the template has no API `{wanted}`{hint}; it has {}", listed(&candidates)),
        );
        return None;
    }
    // An API of WebSockets, or one without a route, is in nobody's way.
    let served = |c: &Candidate| c.kind != ApiKind::WebSocket && c.routes > 0;
    if candidates.len() > 1 && candidates.iter().filter(|c| served(c)).count() == 1 {
        candidates.retain(served);
    }
    match candidates.len() {
        1 => candidates.pop(),
        0 => {
            let message = "the template has no API: no `AWS::Serverless::Api`, no event of type `Api`, no `AWS::ApiGateway::RestApi`";
            report.error(place, "no-api", message.to_owned());
            None
        }
        _ => {
            let message =
                format!("the template has several APIs: `api.resource` says which is served: {}", listed(&candidates));
            report.error(place, "several-apis", message);
            None
        }
    }
}

fn listed(candidates: &[Candidate]) -> String {
    match candidates {
        [] => "none".to_owned(),
        _ => candidates.iter().map(Candidate::described).collect::<Vec<_>>().join(", "),
    }
}

fn construct<'a>(template: &'a Template<'_>, candidate: &Candidate) -> Option<&'a str> {
    let path = template.resources.get(&candidate.id)?.cdk_path.as_deref()?;
    path.strip_suffix("/Resource").and_then(|rest| rest.rsplit('/').next())
}

fn candidates(template: &Template<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (id, resource) in template.resources.iter().filter(|(_, resource)| resource.present) {
        let kind = match resource.kind.as_str() {
            "AWS::ApiGateway::RestApi" => ApiKind::Rest,
            "AWS::Serverless::Api" => ApiKind::SamRest,
            "AWS::Serverless::HttpApi" => ApiKind::SamHttp,
            "AWS::ApiGatewayV2::Api" => match template.property_text(id, resource, "ProtocolType").as_deref() {
                Some("WEBSOCKET") => ApiKind::WebSocket,
                _ => ApiKind::Http,
            },
            "AWS::Serverless::WebSocketApi" => ApiKind::WebSocket,
            _ => continue,
        };
        let name = template.literal(id, resource, "Name");
        found.push(Candidate { id: id.clone(), kind, name, routes: in_body(&resource.properties) });
    }
    for (kind, api, implicit) in [("Api", ApiKind::SamRest, IMPLICIT), ("HttpApi", ApiKind::SamHttp, IMPLICIT_HTTP)] {
        for event in sam::events(template, kind) {
            count(&mut found, &event.api, (event.api == implicit && event.present).then_some(api));
        }
    }
    for (id, resource) in template.of_kind("AWS::ApiGateway::Method") {
        let api = template.property_text(id, resource, "RestApiId").unwrap_or_default();
        let api = logical_id(&api).unwrap_or(&api).to_owned();
        let elsewhere = !template.resources.contains_key(&api);
        count(&mut found, &api, elsewhere.then_some(ApiKind::Elsewhere));
    }
    for (id, resource) in template.of_kind("AWS::ApiGatewayV2::Route") {
        let api = template.property_text(id, resource, "ApiId").unwrap_or_default();
        count(&mut found, logical_id(&api).unwrap_or(&api), None);
    }
    found
}

/// One route more of an API; `new` is what it is when it is no resource.
fn count(found: &mut Vec<Candidate>, id: &str, new: Option<ApiKind>) {
    match (found.iter_mut().find(|candidate| candidate.id == id), new) {
        (Some(candidate), _) => candidate.routes += 1,
        (None, Some(kind)) => found.push(Candidate { id: id.to_owned(), kind, name: None, routes: 1 }),
        (None, None) => {}
    }
}

/// The methods of a definition in the template; one in a file counts as some.
fn in_body(properties: &Node) -> usize {
    let body = properties.get("Body").or_else(|| properties.get("DefinitionBody"));
    let elsewhere = ["BodyS3Location", "DefinitionUri", "Target"].iter().any(|key| is_given(properties.get(key)));
    let paths = body.and_then(|body| body.get("paths"));
    let included = body.is_some_and(|body| body.has("Fn::Transform"));
    let counted = paths.into_iter().flat_map(Node::entries).map(|(_, item)| item.entries().count()).sum::<usize>();
    counted + usize::from(elsewhere || included)
}
