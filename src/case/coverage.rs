//! Coverage: which methods, integration responses, customised gateway responses and branches of templates the cases reached.

use std::collections::HashMap;
use std::sync::Arc;

use super::coverage_items::{Item, ItemKind, Items, Key, key};
use super::http_coverage::HttpCounters;
use crate::api::{Api, GatewayResponseType, IntegrationType, MappingTemplate, Method, RestApi, Templates};
use crate::config::{Loaded, Places, TemplateLine};
use crate::exchange::exchange::Exchange;
use crate::gateway::Gateway;
use crate::vtl::{Hits, Template};

/// What can be reached, over all definitions that cases ran on.
#[derive(Default)]
pub(crate) struct Coverage {
    items: Items,
    /// The templates that are counted, by the item before their branches and their text: a definition may be loaded again.
    templates: HashMap<(Key, Arc<str>), Arc<Template>>,
}

/// What counts in one gateway: indices are those of its API.
#[derive(Default)]
pub(super) struct Counters {
    methods: HashMap<(usize, usize), Hits>,
    responses: HashMap<(usize, usize, usize), Hits>,
    gateway_responses: HashMap<GatewayResponseType, Hits>,
    http: HttpCounters,
}

impl Counters {
    /// An exchange has been answered.
    pub(super) fn saw(&self, gateway: &Gateway, exchange: &Exchange) {
        if let Some(matched) = &exchange.matched {
            let method = (matched.resource, matched.method);
            self.methods.get(&method).map(Hits::add);
            if let Some(chosen) = exchange.decisions.integration_response {
                self.responses.get(&(method.0, method.1, chosen)).map(Hits::add);
            }
        }
        if let Some(kind) = gateway.gateway_response(exchange) {
            self.gateway_responses.get(&kind).map(Hits::add);
        }
        if let Some(api) = gateway.http() {
            self.http.saw(api, exchange);
        }
    }
}

impl Coverage {
    /// All items: in the order of the definitions, those of a method together.
    pub(crate) fn items(&self) -> &[Item] {
        self.items.all()
    }

    /// Counts what is reached of an API from now on: its templates become ones that count.
    pub(super) fn count(&mut self, loaded: &mut Loaded) -> Counters {
        let (mut counters, places) = (Counters::default(), &loaded.places);
        match &mut loaded.api {
            Api::Rest(api) => self.rest(api, places, &mut counters),
            Api::Http(api) => {
                for (n, route) in api.routes.iter().enumerate() {
                    let own = places.method(&route.path, route.method_name());
                    let hits = self.items.item(ItemKind::Method, &route.key, "route", own.map(|own| &own.line));
                    counters.methods.insert((n, 0), hits);
                }
                counters.http = HttpCounters::of(api, places, &mut self.items);
            }
        }
        if let Some((_, canary)) = &mut loaded.canary {
            // The same items: a canary differs in its stage variables only.
            self.rest(canary, places, &mut Counters::default());
        }
        counters
    }

    fn rest(&mut self, api: &mut RestApi, places: &Places, counters: &mut Counters) {
        for (r, resource) in api.resources.iter_mut().enumerate() {
            for (m, method) in resource.methods.iter_mut().enumerate() {
                self.method(&resource.path, method, places, (r, m), counters);
            }
        }
        for (kind, _) in api.gateway_responses.iter() {
            let place = places.gateway_response(*kind);
            let hits = self.items.item(ItemKind::GatewayResponse, "gateway responses", kind.as_str(), place);
            counters.gateway_responses.insert(*kind, hits);
        }
    }

    fn method(
        &mut self,
        path: &str,
        method: &mut Method,
        places: &Places,
        at: (usize, usize),
        counters: &mut Counters,
    ) {
        let route = format!("{} {path}", method.http_method.as_str());
        let own = places.method(path, method.http_method.as_str());
        let hits = self.items.item(ItemKind::Method, &route, "method", own.map(|own| &own.line));
        counters.methods.insert(at, hits);
        let integration = &mut method.integration;
        if matches!(integration.kind, IntegrationType::AwsProxy | IntegrationType::HttpProxy) {
            return;
        }
        let request = own.map_or(&[][..], |own| &own.request_templates);
        self.templates(&route, "request", &mut integration.request_templates, request);
        for (n, response) in integration.responses.iter_mut().enumerate() {
            let (place, templates) = match own.and_then(|own| own.responses.get(n)) {
                Some((place, templates)) => (Some(place), templates.as_slice()),
                None => (None, &[][..]),
            };
            let name = match &response.selection_pattern {
                Some(pattern) => format!("response {} for `{}`", response.status, pattern.source()),
                None => format!("response {}, the default", response.status),
            };
            let hits = self.items.item(ItemKind::Response, &route, &name, place);
            counters.responses.insert((at.0, at.1, n), hits);
            let of = format!("response {}", response.status);
            self.templates(&route, &of, &mut response.response_templates, templates);
        }
    }

    fn templates(&mut self, route: &str, of: &str, templates: &mut Templates, places: &[TemplateLine]) {
        for (n, (media_type, template)) in templates.iter_mut().enumerate() {
            self.template(route, &format!("{of} template {media_type}"), template, places.get(n));
        }
    }

    fn template(&mut self, route: &str, of: &str, template: &mut MappingTemplate, place: Option<&TemplateLine>) {
        let head = place.and_then(|place| place.line(1));
        let key = (key(ItemKind::Branch, route, of, head.as_ref()), template.source.clone());
        if let Some(counted) = self.templates.get(&key) {
            template.template = Some(counted.clone());
            return;
        }
        if template.template.is_none() {
            return;
        }
        // It was parsed once already.
        let Ok((counted, branches)) = Template::parse_counted(&template.source) else { return };
        for branch in branches {
            let place = place.and_then(|place| place.line(branch.line));
            let name = format!("{of}, line {}, column {}: {}", branch.line, branch.column, branch.kind);
            self.items.add(ItemKind::Branch, route, &name, place.as_ref(), branch.hits);
        }
        let counted = Arc::new(counted);
        template.template = Some(counted.clone());
        self.templates.insert(key, counted);
    }
}
