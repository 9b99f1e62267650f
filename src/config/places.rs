//! Where each part of an API stands in its definition: what coverage points to.

use std::collections::HashMap;

use super::compile::normalize;
use super::definition::written::{IntegrationResponse, Route, Text, WrittenApi};
use super::document::{Place, Report};
use crate::api::{GatewayResponseType, Method, RestApi, Templates};

/// The places of an API's parts.
#[derive(Debug, Default)]
pub(crate) struct Places {
    methods: HashMap<(String, &'static str), MethodPlaces>,
    routes: HashMap<String, Place>,
    gateway_responses: Vec<(GatewayResponseType, Place)>,
}

/// The places of a method's parts, in the order of the compiled method.
#[derive(Debug)]
pub(crate) struct MethodPlaces {
    /// The method's own.
    pub(crate) place: Place,
    /// Those of its request templates.
    pub(crate) request_templates: Vec<TemplatePlace>,
    /// Those of its integration responses, each with its templates.
    pub(crate) responses: Vec<(Place, Vec<TemplatePlace>)>,
}

/// Where a template stands.
#[derive(Debug)]
pub(crate) struct TemplatePlace(Option<Text>);

impl TemplatePlace {
    /// The place of one of its lines, from 1; `None` when the template's own is not known.
    pub(crate) fn line(&self, line: usize) -> Option<Place> {
        self.0.as_ref().map(|text| text.at(line, 0))
    }
}

impl Places {
    /// Those of a REST API.
    pub(super) fn of_rest(written: &WrittenApi, api: &RestApi) -> Places {
        let mut routes: HashMap<(String, &'static str), &Route> = HashMap::new();
        for route in &written.routes {
            // Its findings are told already.
            let Some(path) = normalize(route, &Report::default()) else { continue };
            routes.entry((path, route.method.as_str())).or_insert(route);
        }
        let mut methods = HashMap::new();
        for resource in &api.resources {
            for method in &resource.methods {
                let key = (resource.path.clone(), method.http_method.as_str());
                if let Some(route) = routes.get(&key) {
                    methods.insert(key, of_method(route, method));
                }
            }
        }
        let gateway_responses = written.gateway_responses.iter().map(|own| (own.kind, own.place.clone())).collect();
        Places { methods, gateway_responses, ..Places::default() }
    }

    /// Those of an HTTP API, which has routes only.
    pub(super) fn of_http(written: &WrittenApi) -> Places {
        let routes = written.http.iter().flat_map(|http| &http.routes);
        Places { routes: routes.map(|route| (route.key.clone(), route.place.clone())).collect(), ..Places::default() }
    }

    /// Those of a method of a REST API.
    pub(crate) fn method(&self, path: &str, method: &'static str) -> Option<&MethodPlaces> {
        self.methods.get(&(path.to_owned(), method))
    }

    /// That of a route of an HTTP API.
    pub(crate) fn route(&self, key: &str) -> Option<&Place> {
        self.routes.get(key)
    }

    /// That of a customised gateway response.
    pub(crate) fn gateway_response(&self, kind: GatewayResponseType) -> Option<&Place> {
        self.gateway_responses.iter().find(|(own, _)| *own == kind).map(|(_, place)| place)
    }
}

fn of_method(route: &Route, method: &Method) -> MethodPlaces {
    let integration = route.integration.as_ref();
    let written: &[IntegrationResponse] = integration.map_or(&[], |integration| &integration.responses);
    let response = |compiled: &crate::api::IntegrationResponse| {
        let pattern = compiled.selection_pattern.as_ref().map(|pattern| pattern.source());
        let own = written.iter().find(|own| {
            let of_own = own.pattern.as_ref().map(|text| text.value.as_str()).filter(|text| !text.is_empty());
            own.status == compiled.status && of_own == pattern
        });
        let texts = own.map_or(&[][..], |own| &own.templates);
        (
            own.map_or_else(|| route.place.clone(), |own| own.place.clone()),
            of_templates(texts, &compiled.response_templates),
        )
    };
    MethodPlaces {
        place: route.place.clone(),
        request_templates: of_templates(
            integration.map_or(&[], |integration| &integration.request_templates),
            &method.integration.request_templates,
        ),
        responses: method.integration.responses.iter().map(response).collect(),
    }
}

/// One that does not parse is none of the compiled ones.
fn of_templates(written: &[(String, Text)], compiled: &Templates) -> Vec<TemplatePlace> {
    let text = |name: &String| written.iter().find(|(own, _)| own == name).map(|(_, text)| text.clone());
    compiled.iter().map(|(name, _)| TemplatePlace(text(name))).collect()
}
