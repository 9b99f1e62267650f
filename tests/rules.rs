//! The table of rules and the code that names them: neither has one that the other lacks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use stagegate::{Severity, rule, rules};

/// What calls of the report are named, and how severe a finding is then; `add` is told by its first argument.
const VERBS: [(&str, Option<Severity>); 4] = [
    (".error(", Some(Severity::Error)),
    (".warning(", Some(Severity::Warning)),
    (".note(", Some(Severity::Note)),
    (".add(", None),
];

/// Every rule that a finding of `config/` names, as a text alone among the arguments of a call of the report; with the
/// severities that it is called with.
fn named() -> BTreeMap<String, BTreeSet<Option<Severity>>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config");
    let files = walkdir::WalkDir::new(&root).into_iter().map(|entry| entry.expect("a readable folder").into_path());
    let mut found = BTreeMap::new();
    for file in files.filter(|path| path.extension().is_some_and(|e| e == "rs")) {
        let text = std::fs::read_to_string(&file).expect("a readable file");
        for (verb, severity) in VERBS {
            for (at, _) in text.match_indices(verb) {
                let Some(name) = argument(&text[at + verb.len()..]) else { continue };
                found.entry(name.to_owned()).or_insert_with(BTreeSet::new).insert(severity);
            }
        }
    }
    found
}

/// The first argument of a call that is a rule's name in quotes.
fn argument(call: &str) -> Option<&str> {
    let (mut depth, mut rest) = (0, call);
    while let Some(at) = rest.find(['(', ')', '[', ']', '{', '}', '"', ';']) {
        let after = &rest[at + 1..];
        match rest.as_bytes()[at] {
            b'(' | b'[' | b'{' => depth += 1,
            b'"' => {
                let end = after.find('"')?;
                let text = &after[..end];
                let is_name = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
                if depth == 0 && is_name && !text.is_empty() && after[end + 1..].trim_start().starts_with(',') {
                    return Some(text);
                }
                rest = &after[end + 1..];
                continue;
            }
            b';' => return None,
            _ if depth == 0 => return None,
            _ => depth -= 1,
        }
        rest = after;
    }
    None
}

#[test]
fn every_finding_names_a_rule_of_the_table_and_every_rule_has_a_finding() {
    let named: BTreeSet<String> = named().into_keys().collect();
    assert!(named.len() > 100, "{} rules found only", named.len());
    let known: BTreeSet<String> = rules().map(|rule| rule.name.to_owned()).collect();
    let unknown: Vec<_> = named.difference(&known).collect();
    let unused: Vec<_> = known.difference(&named).collect();
    assert!(unknown.is_empty(), "not in the table: {unknown:?}");
    assert!(unused.is_empty(), "no finding names: {unused:?}");
}

#[test]
fn the_level_of_a_rule_is_that_of_its_most_severe_finding() {
    for (name, severities) in named() {
        let level = rule(&name).map(|rule| rule.level);
        let told = severities.iter().flatten().max().copied();
        assert!(level >= told, "`{name}` has a finding of {told:?}");
        assert!(level == told || severities.contains(&None), "`{name}` has no finding of {level:?}");
    }
}

#[test]
fn a_rule_has_one_row_with_something_to_read() {
    let mut names = BTreeSet::new();
    for row in rules() {
        assert!(names.insert(row.name), "`{}` has two rows", row.name);
        assert_eq!(rule(row.name), Some(row));
        assert!(row.summary.len() <= 72 && !row.summary.ends_with('.'), "`{}`: {}", row.name, row.summary);
        for text in [row.why, row.remedy] {
            assert!(text.ends_with('.') && text.len() > 7, "`{}`: {text}", row.name);
        }
    }
    assert_eq!(rule("no-such-rule"), None);
}

#[test]
fn a_fact_that_a_rule_names_is_one() {
    let facts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/README.md");
    let facts = std::fs::read_to_string(facts).expect("the facts");
    for row in rules() {
        for fact in row.why.split("(fact `").skip(1).filter_map(|rest| rest.split('`').next()) {
            assert!(facts.contains(&format!("\n- `{fact}` ")), "`{}` names the fact `{fact}`, which is none", row.name);
        }
    }
}
