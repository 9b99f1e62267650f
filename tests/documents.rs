//! What the documents say is what the code has: every cause, every rule.

use std::collections::BTreeSet;
use std::path::Path;

use stagegate::{rule, rules};

use crate::support;
use crate::support::sidecar::command;

fn text(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a file")
}

/// The part of the README below a heading.
fn section(heading: &str) -> String {
    let readme = text("README.md");
    let (_, after) = readme.split_once(&format!("\n{heading}\n")).expect("a heading");
    let end = after.find("\n#").unwrap_or(after.len());
    after[..end].to_owned()
}

/// The words in backticks of the first column of a table.
fn first_column(section: &str) -> BTreeSet<String> {
    let cells = section.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    cells.flat_map(|cell| cell.split('`').step_by(2)).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[test]
fn the_readme_names_every_cause_and_its_statuses() {
    let code = text("src/failure.rs");
    let words = regex::Regex::new(r#"Cause::(\w+) => "(\w+)""#).expect("a pattern");
    let causes: Vec<(&str, &str)> = words
        .captures_iter(&code)
        .map(|found| (found.get(1).expect("a name").as_str(), found.get(2).expect("a word").as_str()))
        .collect();
    assert!(causes.len() > 25, "{} causes only", causes.len());
    let table = section("### Causes");
    assert_eq!(first_column(&table), causes.iter().map(|(_, word)| (*word).to_owned()).collect());
    for (name, word) in causes {
        let row = regex::Regex::new(&format!(r"row\(C::{name},\s+\S+\s+(\d+),")).expect("a pattern");
        let statuses: BTreeSet<&str> =
            row.captures_iter(&code).map(|found| found.get(1).expect("a status").as_str()).collect();
        let statuses = statuses.into_iter().collect::<Vec<_>>().join(", ");
        assert!(table.contains(&format!("\n| `{word}` | {statuses} |")), "`{word}` has {statuses}");
    }
}

#[test]
fn the_readme_names_rules_that_there_are() {
    let named = first_column(&section("### What `check` finds"));
    assert!(named.len() > 25, "{} rules only", named.len());
    let unknown: Vec<&String> = named.iter().filter(|name| rule(name).is_none()).collect();
    assert!(unknown.is_empty(), "no rules: {unknown:?}");
    assert!(section("### What `check` finds").contains("(config/rules.md)"), "the page of every rule is not in reach");
}

/// `config/rules.md` is written out of the table.
#[test]
fn the_page_of_rules_has_every_rule() {
    let mut page = "# What `check` can find\n\nWritten out of the table that `stagegate check --explain RULE` reads. A finding may be less severe \
                    than its rule says.\n"
        .to_owned();
    let mut rules: Vec<_> = rules().collect();
    rules.sort_by_key(|rule| rule.name);
    for rule in rules {
        page.push_str(&format!(
            "\n## {}\n\n{}: {}. {} {}\n",
            rule.name, rule.level, rule.summary, rule.why, rule.remedy
        ));
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/rules.md");
    if let Some(wrong) = support::golden(&file, &page) {
        panic!("{wrong}");
    }
}

#[test]
fn rules_are_explained() {
    let mut wrong = Vec::new();
    for (argument, code) in [("no-default-response", 0), ("", 0), ("no-defaultresponse", 78), ("xyzzy", 78)] {
        let mut command = command();
        command.args(["check", "--explain"]);
        if !argument.is_empty() {
            command.arg(argument);
        }
        let output = command.output().expect("the binary");
        assert_eq!(output.status.code(), Some(code), "{argument}");
        let told = [output.stdout, output.stderr].concat();
        let name = if argument.is_empty() { "all" } else { argument };
        let file = support::data("check").join(format!("explain-{name}.txt"));
        wrong.extend(support::golden(&file, &String::from_utf8_lossy(&told)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
