//! `RequestModel` and `RequestParameters` of an event, and the API's `Models`.

use super::super::template::Template;
use super::super::value::{self, entries_mut, entry, is_given, put};
use super::document::{ApiDocument, INTEGRATION};
use super::event::Event;
use crate::config::document::{Data, Node};

/// Adds the event's model and its validator to the method.
pub(crate) fn add_model(
    event: &Event<'_>,
    api: &Node,
    path: &str,
    method: &str,
    document: &mut ApiDocument,
    template: &Template<'_>,
) {
    let Some(request) = event.get("RequestModel").filter(|node| is_given(Some(node))) else { return };
    let Some(name) = request.get("Model").and_then(Node::scalar).filter(|name| !name.is_empty()) else { return };
    if !api.get("Models").is_some_and(|models| models.has(&name)) {
        let message = format!("model `{name}` is not in the API's `Models`: bodies are not checked against it");
        template.report.warning(&event.place(), "unknown-model", message);
        return;
    }
    let lower = name.to_lowercase();
    let is_three = document.root.get("openapi").is_some();
    let prefix = if is_three { "#/components/schemas/" } else { "#/definitions/" };
    let schema = value::map(&request, [("$ref", value::text(&request, format!("{prefix}{lower}")))]);
    let required = request.get("Required").cloned();
    let Some(operation) = document.integrated(path, method) else { return };
    if is_three {
        let content = value::map(&request, [("application/json", value::map(&request, [("schema", schema)]))]);
        let mut body = value::map(&request, [("content", content)]);
        if let Some(required) = required {
            put(&mut body, "required", required);
        }
        put(operation, "requestBody", body);
    } else {
        let text = |text: &str| value::text(&request, text);
        let mut parameter = value::map(&request, [("in", text("body")), ("name", text(&lower)), ("schema", schema)]);
        if let Some(required) = required {
            put(&mut parameter, "required", required);
        }
        push_parameter(operation, parameter);
    }
    add_validator(&request, path, method, document);
}

fn add_validator(request: &Node, path: &str, method: &str, document: &mut ApiDocument) {
    let flag = |key: &str| request.get(key).map(|node| node.data == Data::Bool(true));
    let (body, parameters) = (flag("ValidateBody"), flag("ValidateParameters"));
    if body.is_none() && parameters.is_none() {
        return;
    }
    let (body, parameters) = (body.unwrap_or_default(), parameters.unwrap_or_default());
    let name = match (body, parameters) {
        (true, true) => "body-and-params",
        (true, false) => "body-only",
        (false, true) => "params-only",
        (false, false) => "no-validation",
    };
    let switch = |on: bool| Node { block: None, ..request.with(Data::Bool(on)) };
    let validator =
        value::map(request, [("validateRequestBody", switch(body)), ("validateRequestParameters", switch(parameters))]);
    let all = entry(&mut document.root, "x-amazon-apigateway-request-validators", || value::map(request, []));
    if let Some(all) = all {
        entry(all, name, || validator);
    }
    if let Some(operation) = document.integrated(path, method) {
        put(operation, "x-amazon-apigateway-request-validator", value::text(request, name));
    }
}

/// Adds the parameters that the event declares.
pub(crate) fn add_parameters(
    event: &Event<'_>,
    path: &str,
    method: &str,
    document: &mut ApiDocument,
    template: &Template<'_>,
) {
    let Some(parameters) = event.get("RequestParameters") else { return };
    for parameter in parameters.items() {
        let (name, options) = match &parameter.data {
            Data::Map(map) => match map.first() {
                Some((name, options)) => (name.clone(), Some(options)),
                None => continue,
            },
            _ => (parameter.word().unwrap_or_default(), None),
        };
        let named = name.strip_prefix("method.request.").and_then(|rest| rest.split_once('.'));
        let Some((location @ ("querystring" | "path" | "header"), own)) = named else {
            let message = format!("`{name}` is not `method.request.{{querystring|path|header}}.NAME`");
            template.report.warning(&event.place(), "parameter", message);
            continue;
        };
        let location = if location == "querystring" { "query" } else { location };
        let is_set =
            |key: &str| options.and_then(|options| options.get(key)).is_some_and(|node| node.data == Data::Bool(true));
        let text = |text: &str| value::text(parameter, text);
        let entries = [
            ("in", text(location)),
            ("name", text(own)),
            ("required", Node { block: None, ..parameter.with(Data::Bool(is_set("Required"))) }),
            ("type", text("string")),
        ];
        let Some(operation) = document.integrated(path, method) else { return };
        push_parameter(operation, value::map(parameter, entries));
        if is_set("Caching")
            && let Some(integration) = entries_mut(operation).and_then(|entries| entries.get_mut(INTEGRATION))
        {
            let mut keys = integration.get("cacheKeyParameters").map(|node| node.items().to_vec()).unwrap_or_default();
            keys.push(text(&name));
            put(integration, "cacheKeyParameters", value::list(parameter, keys));
        }
    }
}

fn push_parameter(operation: &mut Node, parameter: Node) {
    let at = parameter.clone();
    let mut all = operation.get("parameters").map(|node| node.items().to_vec()).unwrap_or_default();
    all.push(parameter);
    put(operation, "parameters", value::list(&at, all));
}

/// The API's models as definitions; their names are in lower case then.
pub(crate) fn add_definitions(document: &mut ApiDocument, models: &Node) {
    let Some(definitions) = entry(&mut document.root, "definitions", || value::map(models, [])) else { return };
    for (name, schema) in models.entries() {
        put(definitions, &name.to_lowercase(), schema.clone());
    }
}
