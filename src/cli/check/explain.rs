//! `check --explain`: what a rule is about, why it matters, and what to do; or every rule in a line.

use std::fmt::Write;

use crate::cli::terminal::BOLD;
use crate::config::{nearest, rule, rules};

/// The rule, or why there is none of that name. Without a name, every rule.
pub(super) fn explain(name: &str) -> Result<String, String> {
    if name.is_empty() {
        return Ok(all());
    }
    let Some(rule) = rule(name) else {
        let known: Vec<&str> = rules().map(|rule| rule.name).collect();
        let hint = nearest(name, &known)
            .map_or("`check --explain` lists them".to_owned(), |n| format!("the nearest is `{n}`"));
        return Err(format!("there is no rule `{name}`; {hint}"));
    };
    Ok(format!(
        "{BOLD}{}{BOLD:#} ({}): {}\n\n{}\n\nWhat to do: {}\n",
        rule.name, rule.level, rule.summary, rule.why, rule.remedy
    ))
}

fn all() -> String {
    let mut rules: Vec<_> = rules().collect();
    rules.sort_by_key(|rule| (std::cmp::Reverse(rule.level), rule.name));
    let width = rules.iter().map(|rule| rule.name.len()).max().unwrap_or_default();
    rules.iter().fold(String::new(), |mut out, rule| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{:<7}  {:width$}  {}", rule.level.to_string(), rule.name, rule.summary);
        out
    })
}
