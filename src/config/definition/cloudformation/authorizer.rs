//! `AWS::ApiGateway::Authorizer`: under the name that methods ask for.

use std::collections::HashMap;

use super::template::Template;
use super::value::logical_id;
use crate::config::definition::written::{WrittenApi, authorizer};
use crate::config::document::Spot;

/// Reads the authorizers of the API; gives their names by logical id.
pub(crate) fn read(template: &Template<'_>, api: &str, written: &mut WrittenApi) -> HashMap<String, String> {
    let mut names = HashMap::new();
    for (id, resource) in template.of_kind("AWS::ApiGateway::Authorizer") {
        let properties = template.properties(id, resource);
        let of = properties.get("RestApiId").and_then(|node| node.scalar()).unwrap_or_default();
        if logical_id(&of).unwrap_or(&of) != api {
            continue;
        }
        let name = template.literal(id, resource, "Name").filter(|name| !written.authorizers.contains_key(name));
        let name = name.unwrap_or_else(|| id.to_owned());
        let spot = Spot::new(&properties, template.properties_path(id), template.report);
        written.authorizers.insert(name.clone(), authorizer::authorizer(&spot, None));
        names.insert(id.to_owned(), name);
    }
    names
}
