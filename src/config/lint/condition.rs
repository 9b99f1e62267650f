//! Conditions of templates that are always true.

use super::reference::{Step, arguments, code, literal, references};
use crate::config::definition::written::Text;
use crate::config::document::Report;

/// `#if($input.path('$.x'))`: what is not there is the empty text, and that is true (fact `undefined-empty`).
pub(super) fn check(text: &Text, report: &Report) {
    let code = code(&text.value);
    for (line, condition) in conditions(&code) {
        for operand in condition.split("&&").flat_map(|part| part.split("||")) {
            let operand = bare(operand);
            let (negated, operand) = match operand.strip_prefix('!') {
                Some(rest) => (true, bare(rest)),
                None => (false, operand),
            };
            if let Some(message) = constant(operand, negated) {
                report.warning(&text.line(line), "constant-condition", message);
            }
        }
    }
}

/// The conditions of `#if` and `#elseif`, with their lines.
fn conditions(code: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (n, line) in code.lines().enumerate() {
        for (at, _) in line.match_indices('#') {
            let word = line[at + 1..].trim_start_matches('{');
            let Some(rest) = word.strip_prefix("else").unwrap_or(word).strip_prefix("if") else { continue };
            let rest = rest.trim_start_matches('}').trim_start();
            found.extend(arguments(rest).map(|condition| (n + 1, condition)));
        }
    }
    found
}

/// Without blanks and parentheses around it.
fn bare(operand: &str) -> &str {
    let operand = operand.trim();
    match arguments(operand) {
        Some(inside) if inside.len() + 2 == operand.len() => bare(inside),
        _ => operand,
    }
}

/// What is wrong with an operand that is one reference and nothing else.
fn constant(operand: &str, negated: bool) -> Option<String> {
    let whole = references(operand).into_iter().find(|reference| reference.text == operand)?;
    let [Step::Call(function, argument)] = whole.steps.as_slice() else { return None };
    if whole.root != "input" || literal(argument).is_none() {
        return None;
    }
    let text = whole.text;
    match (*function, negated) {
        ("params", false) => Some(format!(
            "`{text}` is always true, as what is missing is the empty text; `{text} != \"\"` asks whether it is there"
        )),
        ("params", true) => Some(format!(
            "`!{text}` is never true, as what is missing is the empty text; `{text} == \"\"` asks whether it is missing"
        )),
        ("path", false) => Some(format!(
            "`{text}` is true but for the value `false`, as what is missing is the empty text; `{text} != \"\"` asks whether it is there"
        )),
        ("path", true) => Some(format!(
            "`!{text}` is true for the value `false` alone, as what is missing is the empty text; `{text} == \"\"` asks whether it is missing"
        )),
        _ => None,
    }
}
