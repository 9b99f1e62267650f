//! `Cors`: an `OPTIONS` method that answers by itself on every path without one of its own.

use super::super::template::Template;
use super::super::value::{self, entries_mut, is_given};
use super::document::{ANY, ApiDocument, INTEGRATION};
use crate::config::document::{Data, Node, Place};

/// Every method of HTTP that `ANY` stands for, in the order of the header.
const ALL_METHODS: &str = "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT";

/// The header values as the template gives them.
struct Cors<'a> {
    origin: Node,
    headers: Option<&'a Node>,
    methods: Option<&'a Node>,
    max_age: Option<&'a Node>,
    credentials: bool,
}

/// Adds the methods.
pub(crate) fn add(document: &mut ApiDocument, written: &Node, place: &Place, template: &Template<'_>) {
    let Some(cors) = read(written, place, template) else { return };
    let mut done: Vec<String> = Vec::new();
    for path in document.paths() {
        // `/pets` and `/pets/` are one resource.
        let normal = match path.as_str() {
            "/" => "/".to_owned(),
            path => path.trim_end_matches('/').to_owned(),
        };
        if done.contains(&normal) {
            continue;
        }
        done.push(normal);
        let Some(item) = document.path_item(&path) else { continue };
        if item.has("options") {
            continue;
        }
        let methods = match cors.methods {
            Some(methods) if is_given(Some(methods)) => methods.clone(),
            _ => value::text(written, format!("'{}'", allowed(item))),
        };
        let operation = operation(written, &cors, methods);
        if let Some(entries) = entries_mut(item) {
            entries.insert("options".into(), operation);
        }
    }
}

fn read<'a>(written: &'a Node, place: &Place, template: &Template<'_>) -> Option<Cors<'a>> {
    let any = || value::text(written, "'*'");
    match &written.data {
        Data::Text(_) => {
            Some(Cors { origin: written.clone(), headers: None, methods: None, max_age: None, credentials: false })
        }
        Data::Map(map) => {
            for key in map.keys() {
                if !["AllowMethods", "AllowHeaders", "AllowOrigin", "MaxAge", "AllowCredentials"]
                    .contains(&key.as_str())
                {
                    template.report.warning(place, "unknown-key", format!("unknown key `{key}` has no effect"));
                }
            }
            let cors = Cors {
                origin: written.get("AllowOrigin").cloned().unwrap_or_else(any),
                headers: written.get("AllowHeaders"),
                methods: written.get("AllowMethods"),
                max_age: written.get("MaxAge"),
                credentials: written.get("AllowCredentials").is_some_and(|node| node.data == Data::Bool(true)),
            };
            if cors.credentials && cors.origin.scalar().as_deref() == Some("'*'") {
                let message = "`AllowCredentials` needs an `AllowOrigin` other than `'*'`: SAM refuses it".to_owned();
                template.report.warning(place, "cors", message);
            }
            Some(cors)
        }
        data => {
            let message = format!("expected an origin or a map, found {}: there is no CORS", data.kind());
            template.report.warning(place, "cors", message);
            None
        }
    }
}

/// The methods of a path for `Access-Control-Allow-Methods`: every key of the path item, as the translator takes them.
fn allowed(item: &Node) -> String {
    let mut methods: Vec<String> = item.entries().map(|(key, _)| key.to_ascii_uppercase()).collect();
    if item.has(ANY) {
        return ALL_METHODS.to_owned();
    }
    methods.push("OPTIONS".to_owned());
    methods.sort();
    methods.dedup();
    methods.join(",")
}

fn operation(at: &Node, cors: &Cors<'_>, methods: Node) -> Node {
    let text = |text: &str| value::text(at, text);
    let mut parameters = value::map(at, []);
    let mut headers = value::map(at, []);
    let mut add = |name: &str, value: Node| {
        value::put(&mut parameters, &format!("method.response.header.{name}"), value);
        value::put(&mut headers, name, value::map(at, [("type", text("string"))]));
    };
    add("Access-Control-Allow-Origin", cors.origin.clone());
    if let Some(value) = cors.headers.filter(|node| is_given(Some(node))) {
        add("Access-Control-Allow-Headers", value.clone());
    }
    add("Access-Control-Allow-Methods", methods);
    if let Some(value) = cors.max_age {
        add("Access-Control-Max-Age", value.clone());
    }
    if cors.credentials {
        add("Access-Control-Allow-Credentials", text("'true'"));
    }
    let template = |body: &str| value::map(at, [("application/json", text(body))]);
    let response = value::map(
        at,
        [("statusCode", text("200")), ("responseParameters", parameters), ("responseTemplates", template("{}\n"))],
    );
    let integration = value::map(
        at,
        [
            ("type", text("mock")),
            ("requestTemplates", template("{\n  \"statusCode\" : 200\n}\n")),
            ("responses", value::map(at, [("default", response)])),
        ],
    );
    let declared = value::map(at, [("description", text("Default response for CORS method")), ("headers", headers)]);
    value::map(
        at,
        [
            ("summary", text("CORS support")),
            (INTEGRATION, integration),
            ("responses", value::map(at, [("200", declared)])),
        ],
    )
}
