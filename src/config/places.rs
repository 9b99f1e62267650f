//! File and line of each part of an API: what coverage points to, and what the page shows. Nothing else of the definition.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::compile::normalize;
use super::definition::written::{self, HttpRoute, Route, Text, WrittenApi};
use super::document::{Origin, Place, Report};
use crate::api::{Api, GatewayResponseType, HttpApi, IntegrationResponse, Method, RestApi, Templates};

/// The lines of an API's parts.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// By the template of the path, each with its method's name.
    methods: FxHashMap<String, Vec<(&'static str, MethodPlaces)>>,
    gateway_responses: Vec<(GatewayResponseType, Line)>,
    authorizers: HashMap<String, Line>,
    cors: Option<Line>,
}

/// Those of a method's parts, in the order of the compiled method; of a route: its integration responses are its mappings by status.
#[derive(Debug)]
pub(crate) struct MethodPlaces {
    /// The method's own.
    pub(crate) line: Line,
    /// Those of its request templates.
    pub(crate) request_templates: Vec<TemplateLine>,
    /// Those of its integration responses, each with its templates.
    pub(crate) responses: Vec<(Line, Vec<TemplateLine>)>,
}

/// A line of a file.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    origin: Arc<Origin>,
    /// From 1; 0 when it is not known.
    pub(crate) number: usize,
}

/// Where a template's text begins; `None` where that is not known.
#[derive(Debug)]
pub(crate) struct TemplateLine(Option<(Line, IsBlock)>);

/// Whether the lines of a text are lines of the file.
type IsBlock = bool;

impl Line {
    fn of(place: &Place) -> Line {
        Line { origin: place.origin.clone(), number: place.line }
    }

    /// The file, variable or flag.
    pub(crate) fn file(&self) -> PathBuf {
        self.origin.name()
    }

    /// `openapi.yaml:12`
    pub(crate) fn told(&self) -> Option<String> {
        (self.number > 0).then(|| format!("{}:{}", self.file().display(), self.number))
    }

    /// The whole file in which it stands.
    pub(crate) fn whole_file(&self) -> Line {
        Line { number: 0, ..self.clone() }
    }
}

impl TemplateLine {
    fn of(text: &Text) -> TemplateLine {
        let line = match &text.block {
            Some(block) => Line { number: block.line(), ..Line::of(&text.place) },
            None => Line::of(&text.place),
        };
        TemplateLine(Some((line, text.block.is_some())))
    }

    /// One of the template's lines, from 1.
    pub(crate) fn line(&self, line: usize) -> Option<Line> {
        let (first, is_block) = self.0.as_ref()?;
        let below = if *is_block { line.saturating_sub(1) } else { 0 };
        Some(Line { number: first.number + below, ..first.clone() })
    }
}

impl Places {
    pub(super) fn of(written: &WrittenApi, api: &Api) -> Places {
        match api {
            Api::Rest(api) => Places::of_rest(written, api),
            Api::Http(api) => Places::of_http(written, api),
        }
    }

    fn of_rest(written: &WrittenApi, api: &RestApi) -> Places {
        let mut routes: FxHashMap<(Cow<'_, str>, &'static str), &Route> = FxHashMap::default();
        routes.reserve(written.routes.len());
        // Its findings are told already.
        let unread = Report::default();
        for route in &written.routes {
            let Some(path) = normalize(route, &unread) else { continue };
            routes.entry((path, route.method.as_str())).or_insert(route);
        }
        let mut places = Places::default();
        places.methods.reserve(api.resources.len());
        for resource in &api.resources {
            for method in &resource.methods {
                let name = method.http_method.as_str();
                if let Some(route) = routes.get(&(resource.path.as_str().into(), name)) {
                    places.add(&resource.path, name, of_method(route, method));
                }
            }
        }
        places.gateway_responses =
            written.gateway_responses.iter().map(|own| (own.kind, Line::of(&own.place))).collect();
        places
    }

    fn of_http(written: &WrittenApi, api: &HttpApi) -> Places {
        let mut places = Places::default();
        let Some(written) = &written.http else { return places };
        for route in &api.routes {
            if let Some(own) = written.routes.iter().find(|own| own.key == route.key) {
                let statuses = route.integration.response_parameters.iter().map(|(status, _)| *status);
                places.add(&route.path, route.method_name(), of_route(own, statuses));
            }
        }
        places.authorizers =
            written.authorizers.iter().map(|(name, own)| (name.clone(), Line::of(&own.place))).collect();
        places.cors = written.cors.as_ref().map(|cors| Line::of(&cors.place));
        places
    }

    fn add(&mut self, path: &str, method: &'static str, own: MethodPlaces) {
        self.methods.entry(path.to_owned()).or_default().push((method, own));
    }

    /// Those of a method, or of a route of an HTTP API.
    pub(crate) fn method(&self, path: &str, method: &str) -> Option<&MethodPlaces> {
        self.methods.get(path)?.iter().find(|(name, _)| *name == method).map(|(_, own)| own)
    }

    /// That of a customised gateway response.
    pub(crate) fn gateway_response(&self, kind: GatewayResponseType) -> Option<&Line> {
        self.gateway_responses.iter().find(|(own, _)| *own == kind).map(|(_, line)| line)
    }

    /// That of an authorizer of an HTTP API.
    pub(crate) fn authorizer(&self, name: &str) -> Option<&Line> {
        self.authorizers.get(name)
    }

    /// That of what an HTTP API says to pages of other origins.
    pub(crate) fn cors(&self) -> Option<&Line> {
        self.cors.as_ref()
    }
}

fn of_method(route: &Route, method: &Method) -> MethodPlaces {
    let integration = route.integration.as_ref();
    let written: &[written::IntegrationResponse] = integration.map_or(&[], |integration| &integration.responses);
    let response = |compiled: &IntegrationResponse| {
        let pattern = compiled.selection_pattern.as_ref().map(|pattern| pattern.source());
        let own = written.iter().find(|own| {
            let of_own = own.pattern.as_ref().map(|text| text.value.as_str()).filter(|text| !text.is_empty());
            own.status == compiled.status && of_own == pattern
        });
        let texts = own.map_or(&[][..], |own| &own.templates);
        let line = Line::of(own.map_or(&route.place, |own| &own.place));
        (line, of_templates(texts, &compiled.response_templates))
    };
    MethodPlaces {
        line: Line::of(&route.place),
        request_templates: of_templates(
            integration.map_or(&[], |integration| &integration.request_templates),
            &method.integration.request_templates,
        ),
        responses: method.integration.responses.iter().map(response).collect(),
    }
}

fn of_route(route: &HttpRoute, statuses: impl Iterator<Item = u16>) -> MethodPlaces {
    let written = route.integration.as_ref().map_or(&[][..], |integration| &integration.response_parameters);
    let line = |status: u16| {
        let own = written.iter().find(|(own, _)| own.trim().parse() == Ok(status));
        let first = own.and_then(|(_, list)| list.first()).map(|(_, text)| &text.place);
        (Line::of(first.unwrap_or(&route.place)), Vec::new())
    };
    MethodPlaces {
        line: Line::of(&route.place),
        request_templates: Vec::new(),
        responses: statuses.map(line).collect(),
    }
}

/// One that does not parse is none of the compiled ones.
fn of_templates(written: &[(SmolStr, Text)], compiled: &Templates) -> Vec<TemplateLine> {
    let line = |name: &SmolStr| {
        let own = written.iter().find(|(own, _)| own == name);
        own.map_or(TemplateLine(None), |(_, text)| TemplateLine::of(text))
    };
    compiled.iter().map(|(name, _)| line(name)).collect()
}
