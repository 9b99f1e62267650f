//! The `api` section: the stage, and the API as written in its definition and in the section itself.

use std::path::Path;

use super::written::http_api::HttpApi;
use super::written::{ApiKind, WrittenApi, WrittenStage};
use super::{native, native_http, source, stage};
use crate::config::document::{Data, Entries, Fields, Node, Origin, Place, Severity, Spot};
use crate::config::settings::DEFAULT_FILES;

/// Reads the section; `environment` has the variables that `value_env` may name.
pub(crate) fn read(
    spot: Option<&Spot<'_>>,
    root: &Spot<'_>,
    environment: &[(String, String)],
) -> (WrittenStage, WrittenApi) {
    let report = root.report;
    let mut written = WrittenApi::default();
    let empty = root.node.with(Data::Map(Entries::default()));
    let here = spot.cloned().unwrap_or(Spot::new(&empty, "api", report));
    let mut fields = here.fields();
    let mut stage = stage::read(&mut fields, environment);
    let definition = fields.get("definition");
    if let Some(definition) = &definition {
        source::read(definition, &mut stage, &mut written);
    }
    // A template's resources say what they are.
    let is_http = written.http.is_some()
        || match stage.kind {
            Some(kind) => kind == ApiKind::Http && written.routes.is_empty(),
            None => definition.is_none() && native_http::is_meant(&mut fields),
        };
    match is_http {
        true => {
            native_http::read(&mut fields, written.http.get_or_insert_with(HttpApi::default));
            stage.default_of_http();
            for key in ["canary", "api_keys", "usage_plans"] {
                if let Some(spot) = fields.get(key) {
                    spot.error("rest-api-only", format!("`{key}` is for REST APIs: an HTTP API has none"));
                }
            }
        }
        false => native::read(&mut fields, &mut written),
    }
    nothing_to_serve(&mut fields, definition.is_some(), root);
    fields.done(Severity::Error);
    (stage, written)
}

/// Lets go of what was read of the document and is not asked for again: it can be large.
pub(crate) fn forget(root: &mut Node) {
    let Some(api) = root.entry_mut("api") else { return };
    for key in ["routes", "models", "definition"] {
        if let Some(Node { data, .. }) = api.entry_mut(key) {
            match data {
                Data::List(items) => *items = Vec::new(),
                Data::Map(map) => *map = Entries::default(),
                _ => {}
            }
        }
    }
}

fn nothing_to_serve(fields: &mut Fields<'_>, defined: bool, root: &Spot<'_>) {
    let routes = fields.get("routes");
    if defined || routes.as_ref().is_some_and(|s| !s.node.items().is_empty() || !matches!(s.node.data, Data::List(_))) {
        return;
    }
    let (place, message) = match &*root.node.origin {
        Origin::File(path) => {
            (Place::of_file(path, 0), "nothing to serve: set `api.definition` or `api.routes`".to_owned())
        }
        _ => {
            let looked = DEFAULT_FILES.join("` nor `");
            let message = format!("neither `{looked}` is there, and `api.definition` is not set otherwise");
            (Place::of_file(Path::new(DEFAULT_FILES[0]), 0), message)
        }
    };
    root.report.error(&place, "no-api", message);
}
