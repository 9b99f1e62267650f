//! What is put into a definition before it is read: AWS's own variables, the configuration's parameters, what a tool would have
//! put in, and the texts of CloudFormation's functions.

use smol_str::SmolStr;

use super::intrinsic::{is_function, resolve, substitute, unresolved};
use super::stage::WrittenStage;
use crate::config::document::{Data, Node, Place, Report, join};

/// The keys under which mappings and templates stand.
const MAPPED: [&str; 4] = ["requestTemplates", "responseTemplates", "requestParameters", "responseParameters"];

/// Variables that AWS knows itself (documented for region, account and partition).
const OWN: [&str; 4] = ["AWS::Region", "AWS::AccountId", "AWS::Partition", "AWS::URLSuffix"];

/// Puts in `${AWS::Region}` and the like, and `${Name}` of `api.parameters`, anywhere; and, as CloudFormation does before an
/// import, a function's text for the function in mappings and templates. `path` is the node's own.
pub(crate) fn put_in(node: &mut Node, path: &str, stage: &WrittenStage, report: &Report) {
    let filler = Filler { stage, report, is_terraform: is_terraform(node) };
    // What cannot be filled in concerns the method that it stands in.
    report.part(|| filler.walk(node, &Trail::Root(path), false));
}

/// Terraform's `templatefile` writes `$${…}` for a plain `${…}`. In a mapping template that is Velocity's, too: the uris, where it
/// can be nothing else, decide.
fn is_terraform(node: &Node) -> bool {
    match &node.data {
        Data::List(items) => items.iter().any(is_terraform),
        Data::Map(map) => map.iter().any(|(key, node)| match &node.data {
            Data::Text(text) => key.eq_ignore_ascii_case("uri") && text.contains("$${"),
            _ => is_terraform(node),
        }),
        _ => false,
    }
}

/// Where the walk is; written out for a finding only, as a document has many places.
enum Trail<'a> {
    Root(&'a str),
    Key(&'a Trail<'a>, &'a str),
    Item(&'a Trail<'a>, usize),
}

impl Trail<'_> {
    fn path(&self) -> String {
        match self {
            Trail::Root(path) => (*path).to_owned(),
            Trail::Key(parent, key) => join(&parent.path(), key),
            Trail::Item(parent, n) => format!("{}[{n}]", parent.path()),
        }
    }
}

struct Filler<'a> {
    stage: &'a WrittenStage,
    report: &'a Report,
    is_terraform: bool,
}

impl Filler<'_> {
    fn walk(&self, node: &mut Node, path: &Trail<'_>, mapped: bool) {
        while let Some(chosen) = self.choose(node) {
            *node = chosen;
        }
        if mapped
            && is_function(node)
            && let Some(text) = resolve(node)
        {
            self.function(node, &text, path);
            return;
        }
        match &mut node.data {
            Data::Text(text) if text.contains("${") || text.contains("%{") => {
                if let Some(directive) = directive(text) {
                    let message = format!(
                        "`{directive}` is Terraform's: it is not run; give the text that it renders, as `terraform console` prints it"
                    );
                    self.report.error(&Place::of(node, path.path()), "unrendered", message);
                } else {
                    self.fill(text);
                }
            }
            Data::List(items) => {
                for (n, item) in items.iter_mut().enumerate() {
                    self.walk(item, &Trail::Item(path, n), mapped);
                }
            }
            Data::Map(map) => {
                for (key, node) in map.iter_mut() {
                    let mapped = mapped || MAPPED.iter().any(|name| name.eq_ignore_ascii_case(key));
                    self.walk(node, &Trail::Key(path, key), mapped);
                }
            }
            _ => {}
        }
    }

    /// `Fn::If`, when `api.parameters` has the condition under its name.
    fn choose(&self, node: &Node) -> Option<Node> {
        let Data::Map(map) = &node.data else { return None };
        let (function, argument) = map.first().filter(|_| map.len() == 1)?;
        let [condition, then, otherwise] = argument.items() else { return None };
        let value = self.stage.parameters.get(&condition.scalar()?).filter(|_| function == "Fn::If")?;
        match value.as_str() {
            "true" => Some(then.clone()),
            "false" => Some(otherwise.clone()),
            _ => None,
        }
    }

    /// A function's text in its place.
    fn function(&self, node: &mut Node, text: &str, path: &Trail<'_>) {
        let text = substitute(text, |name| self.stage.parameter(name));
        // A reference of the template's own, such as `${context.stage}`, is none of CloudFormation's names.
        let is_reference = |name: &String| ["context.", "input.", "util."].iter().any(|root| name.starts_with(root));
        for name in unresolved(&text).into_iter().filter(|name| !is_reference(name)) {
            let message = format!("`${{{name}}}` has no value here; `api.parameters` can give one");
            self.report.note(&Place::of(node, path.path()), "template-parameter", message);
        }
        let block = node.entries().next().and_then(|(_, argument)| argument.block);
        node.block = block;
        node.data = Data::Text(text.into());
    }

    fn fill(&self, text: &mut SmolStr) {
        let mut filled = String::from(text.as_str());
        for name in OWN {
            replace(&mut filled, name, || self.stage.parameter(name).unwrap_or_default());
        }
        for (name, value) in &self.stage.parameters {
            replace(&mut filled, name, || value.clone());
        }
        if self.is_terraform {
            filled = filled.replace("$${", "${");
        }
        *text = filled.into();
    }
}

/// Puts a value in for `${name}`, but not for `$${name}`.
fn replace(text: &mut String, name: &str, value: impl Fn() -> String) {
    let variable = format!("${{{name}}}");
    if !text.contains(&variable) {
        return;
    }
    let mut filled = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(&variable) {
        filled.push_str(&rest[..at]);
        match rest[..at].ends_with('$') {
            true => filled.push_str(&variable),
            false => filled.push_str(&value()),
        }
        rest = &rest[at + variable.len()..];
    }
    filled.push_str(rest);
    *text = filled;
}

/// A directive of Terraform's template language.
fn directive(text: &str) -> Option<&str> {
    let start = text.find("%{")?;
    let end = start + text[start..].find('}')? + 1;
    let word = text[start + 2..end - 1].trim_start_matches('~').split_whitespace().next()?;
    ["for", "endfor", "if", "else", "endif"].contains(&word).then(|| &text[start..end])
}
