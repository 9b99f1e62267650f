//! `ResourcePolicy` in all its forms: lists of accounts, addresses and networks as statements, and statements of one's own.

use super::super::value::{self, entry, put};
use super::document::{ANY, ApiDocument};
use crate::config::document::{Data, Node};

const POLICY: &str = "x-amazon-apigateway-policy";

/// Adds the statements of the lists for the methods of a path.
pub(crate) fn add(document: &mut ApiDocument, policy: &Node, path: &str, stage: &str) {
    let resources = resources(document, policy, path, stage);
    for (key, effect) in [("AwsAccountWhitelist", "Allow"), ("AwsAccountBlacklist", "Deny")] {
        if let Some(accounts) = policy.get(key).filter(|node| value::is_given(Some(node))) {
            let principal = value::map(policy, [("AWS", as_list(accounts))]);
            push(document, statement(policy, effect, &resources, principal), true);
        }
    }
    for (key, operator) in [("IpRangeWhitelist", "NotIpAddress"), ("IpRangeBlacklist", "IpAddress")] {
        if let Some(ranges) = policy.get(key).filter(|node| value::is_given(Some(node))) {
            let condition = value::map(policy, [("aws:SourceIp", as_list(ranges))]);
            allow_but(document, policy, &resources, operator, condition);
        }
    }
    for (list, operator) in [("Blacklist", "StringEquals"), ("Whitelist", "StringNotEquals")] {
        let condition = networks(policy, list);
        if value::is_given(Some(&condition)) {
            allow_but(document, policy, &resources, operator, condition);
        }
    }
}

/// Adds the statements of `CustomStatements`.
pub(crate) fn add_custom(document: &mut ApiDocument, policy: &Node) {
    let Some(custom) = policy.get("CustomStatements").filter(|node| value::is_given(Some(node))) else { return };
    for statement in as_list(custom).items() {
        push(document, statement.clone(), false);
    }
}

fn resources(document: &mut ApiDocument, at: &Node, path: &str, stage: &str) -> Node {
    let path_pattern: String = path
        .split('/')
        .map(|segment| if segment.starts_with('{') && segment.ends_with('}') { "*" } else { segment })
        .collect::<Vec<_>>()
        .join("/");
    let methods: Vec<String> = document
        .path_item(path)
        .map(|item| item.entries().map(|(key, _)| key.to_string()).collect())
        .unwrap_or_default();
    let uris = methods.iter().map(|method| {
        let method = match method.as_str() {
            ANY | "any" => "*".to_owned(),
            method => method.to_ascii_uppercase(),
        };
        value::text(at, format!("execute-api:/{stage}/{method}{path_pattern}"))
    });
    value::list(at, uris.collect())
}

fn networks(policy: &Node, list: &str) -> Node {
    let named = policy.get(&format!("SourceVpc{list}")).map(Node::items).unwrap_or_default();
    let by_prefix = |prefix: &str| -> Vec<Node> {
        named.iter().filter(|node| node.scalar().is_some_and(|text| text.starts_with(prefix))).cloned().collect()
    };
    let mut condition = value::map(policy, []);
    for (key, prefix, more) in [("aws:SourceVpc", "vpc-", "Vpc"), ("aws:SourceVpce", "vpce-", "Vpce")] {
        let mut items = by_prefix(prefix);
        items
            .extend(policy.get(&format!("Intrinsic{more}{list}")).map(Node::items).unwrap_or_default().iter().cloned());
        if !items.is_empty() {
            put(&mut condition, key, value::list(policy, items));
        }
    }
    condition
}

fn allow_but(document: &mut ApiDocument, at: &Node, resources: &Node, operator: &str, condition: Node) {
    let all = || value::text(at, "*");
    push(document, statement(at, "Allow", resources, all()), false);
    let mut deny = statement(at, "Deny", resources, all());
    put(&mut deny, "Condition", value::map(at, [(operator, condition)]));
    push(document, deny, false);
}

fn statement(at: &Node, effect: &str, resources: &Node, principal: Node) -> Node {
    let text = |text: &str| value::text(at, text);
    value::map(
        at,
        [
            ("Effect", text(effect)),
            ("Action", text("execute-api:Invoke")),
            ("Resource", resources.clone()),
            ("Principal", principal),
        ],
    )
}

/// Appends a statement; the same one a second time only where the translator does.
fn push(document: &mut ApiDocument, statement: Node, again: bool) {
    let at = statement.clone();
    let Some(policy) = entry(&mut document.root, POLICY, || value::map(&at, [])) else { return };
    put(policy, "Version", value::text(&at, "2012-10-17"));
    let mut statements = policy.get("Statement").map(|node| as_list(node).items().to_vec()).unwrap_or_default();
    let is_there = statements.iter().any(|one| one.to_json() == statement.to_json());
    if again || !is_there {
        statements.push(statement);
    }
    put(policy, "Statement", value::list(&at, statements));
}

fn as_list(node: &Node) -> Node {
    match &node.data {
        Data::List(_) => node.clone(),
        _ => value::list(node, vec![node.clone()]),
    }
}
