//! `Language`: a document's text to its tree, by the ending of its name.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::fault::{Fault, FaultKind};
use super::node::{Node, Origin};
use super::problem::Problem;
use super::report::{Place, Report};
use super::{json, toml, yaml};

/// The formats that a configuration or a definition can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// YAML 1.2
    Yaml,
    /// JSON
    Json,
    /// TOML
    Toml,
}

impl Language {
    /// By the file's ending; a file without a known one is JSON when it begins like JSON, else YAML.
    pub(crate) fn of(name: &Path, text: &str) -> Language {
        match name.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("json") => Language::Json,
            Some("toml") => Language::Toml,
            Some("yaml" | "yml") => Language::Yaml,
            _ if text.trim_start().starts_with('{') => Language::Json,
            _ => Language::Yaml,
        }
    }

    /// The tree of a text, and keys that stand twice.
    pub(crate) fn parse(self, text: &str, origin: &Arc<Origin>) -> (Result<Node, Fault>, Vec<Fault>) {
        let mut faults = Vec::new();
        let tree = match self {
            Language::Yaml => yaml::parse(text, origin, &mut faults),
            Language::Json => json::parse(text, origin, &mut faults),
            Language::Toml => toml::parse(text, origin),
        };
        (tree, faults)
    }
}

/// The tree of a text on its own, such as a file of cases; the path says which format it has.
pub fn parse(path: &Path, text: &str) -> Result<Node, Vec<Problem>> {
    let report = Report::default();
    let tree = tree(path, text, false, &report);
    let problems = report.into_problems();
    tree.filter(|_| problems.is_empty()).ok_or(problems)
}

/// What another tool would have to make of a text first.
fn foreign(text: &str) -> Option<&'static str> {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["%{ for", "%{for", "%{ if", "%{if"]) {
        return Some("; `%{ … }` is Terraform's: give the text that it renders");
    }
    has(&["{% ", "{%- ", "{{ ", "{{- "])
        .then_some("; `{{ … }}` and `{% … %}` are a template engine's: give the text that it renders")
}

/// The tree of a file's text; says what is wrong with it. In an imported definition a key that stands twice is a warning,
/// as the later one is taken.
pub(crate) fn tree(path: &Path, text: &str, imported: bool, report: &Report) -> Option<Node> {
    let origin = Arc::new(Origin::File(PathBuf::from(path)));
    let language = Language::of(path, text);
    if language == Language::Yaml {
        report.annotated(path, text);
    }
    let (tree, faults) = language.parse(text, &origin);
    for fault in faults {
        let place = Place { mark: fault.mark, ..Place::of_file(path, fault.line) };
        match (fault.kind, imported) {
            (FaultKind::Merge, true) => report.warning(&place, "merge-key", fault.message),
            (FaultKind::Merge, false) => {}
            (_, true) => report.warning(&place, "duplicate-key", format!("{}: the later one counts", fault.message)),
            (_, false) => report.error(&place, "duplicate-key", fault.message),
        }
    }
    match tree {
        Ok(node) => Some(node),
        Err(fault) => {
            let foreign = foreign(text).filter(|_| imported).unwrap_or_default();
            let place = Place { mark: fault.mark, ..Place::of_file(path, fault.line) };
            report.error(&place, "syntax", format!("{}{foreign}", fault.message));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::document::node::Data;

    /// `path: what is marked` of every value, `path@line:column` of every block.
    fn marked(language: Language, text: &str) -> Vec<String> {
        fn walk(node: &Node, path: &str, lines: &[&str], out: &mut Vec<String>) {
            let line: Vec<char> = lines.get(node.line - 1).unwrap_or(&"").chars().collect();
            let (start, end) = (node.mark.column().saturating_sub(1), node.mark.end().saturating_sub(1));
            let text: String = line[start.min(line.len())..end.min(line.len())].iter().collect();
            out.push(format!("{path} = {text}"));
            out.extend(node.block.map(|block| format!("{path}@{}:{}", block.line(), block.column())));
            node.entries().for_each(|(key, node)| walk(node, &format!("{path}.{key}"), lines, out));
            node.items().iter().enumerate().for_each(|(n, item)| walk(item, &format!("{path}.{n}"), lines, out));
        }
        let origin = Arc::new(Origin::File("x".into()));
        let node = language.parse(text, &origin).0.expect("it parses");
        assert!(matches!(node.data, Data::Map(_)));
        let lines: Vec<&str> = text.lines().collect();
        let mut out = Vec::new();
        node.entries().for_each(|(key, node)| walk(node, key, &lines, &mut out));
        out
    }

    #[test]
    fn every_value_knows_its_characters_in_yaml() {
        let text = "é: ü  # c\n'b c': \"d\\\"e\"  \nf: !Sub 'g'\nh:\n  - i: 1\n    j:   [k, {l: m, n: }]\n  - &o p\n  - *o\nq: |-\n\n  \
                    r\n   s\nt: >\n  u\nv: w\n  x\ny:\n- |2\n    z\n- |\n  a\n";
        let expected = [
            "é = é: ü",
            "b c = 'b c': \"d\\\"e\"",
            "f = f",
            "f.Fn::Sub = !Sub 'g'",
            "h = h",
            "h.0 = i",
            "h.0.i = i: 1",
            "h.0.j = j",
            "h.0.j.0 = k",
            "h.0.j.1 = {",
            "h.0.j.1.l = l: m",
            "h.0.j.1.n = n",
            "h.1 = &o p",
            "h.2 = &o p",
            "q = q",
            "q@10:3",
            "t = t",
            "v = v: w",
            "y = y",
            "y.0 = ",
            "y.0@19:3",
            "y.1 = ",
            "y.1@21:3",
        ];
        assert_eq!(marked(Language::Yaml, text), expected);
    }

    #[test]
    fn every_value_knows_its_characters_in_json_and_toml() {
        let text = "{ \"é\": \"ü\\\"\", \"b\":\n\"c\", \"d\" : [ 12, {\"e\":true} ] }";
        let expected = ["é = \"é\": \"ü\\\"\"", "b = \"b\"", "d = \"d\"", "d.0 = 12", "d.1 = {", "d.1.e = \"e\":true"];
        assert_eq!(marked(Language::Json, text), expected);
        let text = "'é' = 'ü' # c\n[a]\nb = [ 12, { c = true } ]\n'd e' = \"\"\"\nf\"\"\"\n";
        let expected = [
            "é = 'é' = 'ü'",
            "a = a",
            "a.b = b",
            "a.b.0 = 12",
            "a.b.1 = { c = true }",
            "a.b.1.c = c = true",
            "a.d e = 'd e'",
        ];
        assert_eq!(marked(Language::Toml, text), expected);
    }

    #[test]
    fn lines_that_are_read_as_if_they_were_indented_keep_their_columns() {
        assert_eq!(marked(Language::Yaml, "a: {\nb: 1,\n  c: 2\n}\n"), ["a = a", "a.b = b: 1", "a.c = c: 2"]);
    }
}
