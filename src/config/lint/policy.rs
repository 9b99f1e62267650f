//! Resource policies that name no method.

use serde_json::Value;

use crate::api::HttpMethod;
use crate::config::definition::written::{WrittenApi, WrittenStage};
use crate::config::document::Report;

/// Most resources that are looked at: each is compared with each method.
const MOST: usize = 50;

/// Resources of the policy that match no method of the stage.
pub(super) fn unmatched_resources(api: &WrittenApi, stage: &WrittenStage, report: &Report) {
    let Some(policy) = &api.policy else { return };
    for resource in resources(&policy.json).into_iter().take(MOST) {
        let Some(pattern) = pattern(resource) else { continue };
        // The API's id is AWS's to give: whatever stands there is this one's.
        let written = pattern.split('/').next().filter(|id| !id.contains(['*', '?']));
        let id = written.filter(|_| !resource.starts_with("execute-api:")).unwrap_or("api");
        let is_matched = api.routes.iter().any(|route| {
            let method = if route.method == HttpMethod::Any { "*" } else { route.method.as_str() };
            let arn = format!("{id}/{}/{method}{}", stage.name, as_pattern(&route.path));
            intersect(pattern.as_bytes(), arn.as_bytes())
        });
        if !is_matched && !api.routes.is_empty() {
            let message = format!(
                "`{resource}` matches no method of stage `{}`: the form is `execute-api:/STAGE/METHOD/PATH`",
                stage.name
            );
            report.warning(&policy.place, "unmatched-resource", message);
        }
    }
}

fn one_or_many(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    }
}

fn resources(policy: &Value) -> Vec<&str> {
    let statements = one_or_many(policy.get("Statement"));
    statements.iter().flat_map(|statement| one_or_many(statement.get("Resource"))).filter_map(Value::as_str).collect()
}

/// From the API's id on; `None` where nothing can be told.
fn pattern(resource: &str) -> Option<String> {
    if resource.contains("${") || resource.starts_with('*') {
        return None;
    }
    if let Some(rest) = resource.strip_prefix("execute-api:") {
        return Some(format!("api{rest}"));
    }
    match resource.splitn(6, ':').collect::<Vec<&str>>().as_slice() {
        [_, _, _, _, _, rest] => Some((*rest).to_owned()),
        // `arn:aws:execute-api:*`: the star takes the rest.
        [.., last] if last.ends_with('*') => None,
        _ => Some(resource.to_owned()),
    }
}

/// A path with its parameters as wildcards.
fn as_pattern(path: &str) -> String {
    path.split('/').map(|segment| if segment.starts_with('{') { "*" } else { segment }).collect::<Vec<&str>>().join("/")
}

/// Whether some text matches both patterns.
fn intersect(a: &[u8], b: &[u8]) -> bool {
    // reached[j]: what was seen of `a` so far and the first j of `b` can match the same text.
    let mut reached = vec![false; b.len() + 1];
    reached[0] = true;
    spread(&mut reached, b);
    for byte in a {
        let mut next = vec![false; b.len() + 1];
        if *byte == b'*' {
            let first = reached.iter().position(|r| *r).unwrap_or(b.len() + 1);
            next.iter_mut().skip(first).for_each(|r| *r = true);
        } else {
            for (j, other) in b.iter().enumerate().filter(|(j, _)| reached[*j]) {
                match other {
                    b'*' => next[j] = true,
                    other if other == byte || *other == b'?' || *byte == b'?' => next[j + 1] = true,
                    _ => {}
                }
            }
        }
        spread(&mut next, b);
        reached = next;
    }
    reached[b.len()]
}

/// A star of `b` may stand for nothing.
fn spread(reached: &mut [bool], b: &[u8]) {
    for (j, byte) in b.iter().enumerate() {
        if reached[j] && *byte == b'*' {
            reached[j + 1] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{intersect, pattern};

    #[test]
    fn two_patterns_meet_where_one_text_matches_both() {
        let table = [
            ("api/prod/GET/pets", "api/prod/GET/pets", true),
            ("api/*", "api/prod/GET/pets", true),
            ("api/prod/*/pets", "api/prod/GET/pets", true),
            ("api/prod/pets", "api/prod/GET/pets", false),
            ("api/prod/pets/*", "api/prod/GET/pets", false),
            ("api/*/pets", "api/prod/GET/pets", true),
            ("api/test/*", "api/prod/GET/pets", false),
            ("api/prod/GET/pets/7", "api/prod/GET/pets/*", true),
            ("api/prod/GET/pets/7/x", "api/prod/GET/pets", false),
            ("api/prod/PO?T/*", "api/prod/*/pets", true),
            ("*a*", "*b*", true),
            ("", "*", true),
            ("a", "", false),
        ];
        for (a, b, expected) in table {
            assert_eq!(
                (intersect(a.as_bytes(), b.as_bytes()), intersect(b.as_bytes(), a.as_bytes())),
                (expected, expected),
                "{a} {b}"
            );
        }
    }

    #[test]
    fn a_resource_begins_at_its_api() {
        let table = [
            ("execute-api:/prod/GET/pets", Some("api/prod/GET/pets")),
            ("arn:aws:execute-api:eu-west-1:1:abc/prod/GET/pets", Some("abc/prod/GET/pets")),
            ("arn:aws:execute-api:*:*:*/prod/*", Some("*/prod/*")),
            ("arn:aws:execute-api:*", None),
            ("*", None),
            ("arn:aws:execute-api:${AWS::Region}:1:x/*", None),
            ("/prod/GET", Some("/prod/GET")),
        ];
        for (resource, expected) in table {
            assert_eq!(pattern(resource).as_deref(), expected, "{resource}");
        }
    }
}
