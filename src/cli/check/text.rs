//! For people: the source of each finding with a marker, errors first, and what repeats itself in a line.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::api::Secrets;
use crate::cli::terminal::count;
use crate::config::{Excerpt, Excerpts, Problem, Severity};

/// Most lines that are named of what is not shown.
const NAMED: usize = 12;
/// Most characters in a line of a source that are shown, numbers and marker included.
const WIDTH: usize = 200;

/// The findings by severity, then file, then rule. Of warnings and notes of the same rule only the first are shown, unless `all` are.
pub(super) fn text(problems: &[Problem], secrets: &Secrets, all: bool) -> String {
    let mut excerpts = Excerpts::new(secrets);
    let mut out = String::new();
    for group in groups(problems) {
        let most = match group[0].severity {
            _ if all => usize::MAX,
            Severity::Error => usize::MAX,
            Severity::Warning => 3,
            Severity::Note => 1,
        };
        let (shown, more) = group.split_at(most.min(group.len()));
        for problem in shown {
            out.push_str(&finding(problem, &mut excerpts));
            out.push_str("\n\n");
        }
        if !more.is_empty() {
            out.push_str(&rest(more));
            out.push_str("\n\n");
        }
    }
    if !problems.is_empty() {
        out.push_str("`stagegate check --explain RULE` tells why a rule matters and what to do\n");
    }
    out
}

/// Those of one severity, file and rule together, in the order of the first of them.
fn groups(problems: &[Problem]) -> Vec<Vec<&Problem>> {
    let mut groups: Vec<Vec<&Problem>> = Vec::new();
    for problem in problems {
        let is_like = |p: &Problem| p.severity == problem.severity && p.rule == problem.rule && p.file == problem.file;
        match groups.iter_mut().find(|group| is_like(group[0])) {
            Some(group) => group.push(problem),
            None => groups.push(vec![problem]),
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group[0].severity));
    groups
}

fn finding(problem: &Problem, excerpts: &mut Excerpts<'_>) -> String {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let (file, place) = (problem.file.display().to_string(), problem.place.clone());
    let mut group = Group::with_title(level.primary_title(problem.message.as_str()).id(problem.rule));
    match excerpts.of(problem) {
        Some(excerpt) => {
            let label = if place.is_empty() { None } else { Some(place) };
            let line = problem.line.unwrap_or(1);
            group = excerpted(group, file, line, problem.mark.column(), excerpt, label);
        }
        None => {
            group = group.element(match problem.line {
                Some(line) => Origin::path(file).line(line),
                None => Origin::path(file),
            });
            if !place.is_empty() {
                group = group.element(Level::NOTE.no_name().message(place));
            }
        }
    }
    if let Some((inner, excerpt)) = problem.inner.as_ref().zip(excerpts.inner(problem)) {
        group = excerpted(group, "its text".to_owned(), inner.line, inner.column, excerpt, None);
    }
    Renderer::styled().term_width(WIDTH).render(&[group])
}

/// The group with a line of a file; `column` is the true one, also when the line is shown in part.
fn excerpted<'a>(
    group: Group<'a>,
    file: String,
    line: usize,
    column: usize,
    excerpt: Excerpt,
    label: Option<String>,
) -> Group<'a> {
    let shown = excerpt.text[..excerpt.span.start].chars().count() + 1;
    let mark = AnnotationKind::Primary.span(excerpt.span).label(label);
    let snippet = Snippet::source(excerpt.text).line_start(line).annotation(mark);
    if column == 0 || column == shown {
        return group.element(snippet.path(file));
    }
    group.element(Origin::path(file).line(line).char_column(column)).element(snippet)
}

/// What is not shown of a group.
fn rest(more: &[&Problem]) -> String {
    let Some(first) = more.first() else { return String::new() };
    let lines: Vec<String> = more.iter().filter_map(|p| p.line).take(NAMED).map(|line| line.to_string()).collect();
    let lines = match lines.len() {
        0 => String::new(),
        known if known < more.len() => format!(", lines {}, …", lines.join(", ")),
        1 => format!(", line {}", lines[0]),
        _ => format!(", lines {}", lines.join(", ")),
    };
    let number = count(more.len(), &format!("more {}", first.severity));
    let them = if more.len() == 1 { "it" } else { "them" };
    format!("{number} [{}] in {}{lines}; `--all` shows {them}", first.rule, first.file.display())
}
