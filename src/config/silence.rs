//! Findings that are meant so: silenced by `lint.ignore` or by a comment, each with its reason.
//!
//! An error is never silenced: what it is about is not served. What silences nothing is itself a finding, so that a reason does not
//! outlive what it was for.

use std::path::PathBuf;

use regex::Regex;

use super::document::{Comment, Place, Problem, Report, Severity, Spot, hint};
use super::lint::{rule, rules};

/// A finding that is silenced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silenced {
    /// The finding.
    pub problem: Problem,
    /// Why.
    pub why: String,
    /// Whether a comment beside it says so, not the configuration.
    pub in_source: bool,
}

/// One entry that silences.
struct Entry {
    rule: String,
    why: String,
    place: Place,
    reach: Reach,
}

/// Which findings of the rule are meant.
enum Reach {
    All,
    /// Those at a place or in a file.
    At(Regex),
    /// Those on these lines of a file.
    Lines(PathBuf, usize, usize),
}

/// Takes what is silenced out of the report, when every finding is in it.
pub(super) fn silence(lint: Option<Spot<'_>>, report: &Report) -> Vec<Silenced> {
    let mut entries: Vec<Entry> = lint.map(|spot| configured(&spot)).unwrap_or_default();
    entries.extend(report.comments().into_iter().map(|(file, comment)| commented(file, comment)));
    for entry in entries.iter().filter(|entry| rule(&entry.rule).is_none()) {
        let names: Vec<&str> = rules().map(|rule| rule.name).collect();
        let message = format!("there is no rule `{}`{}", entry.rule, hint(&entry.rule, &names));
        report.warning(&entry.place, "unknown-rule", message);
    }
    entries.retain(|entry| rule(&entry.rule).is_some());
    let mut used = vec![false; entries.len()];
    let mut silenced = Vec::new();
    report.take(|problem| {
        if problem.severity == Severity::Error {
            return false;
        }
        let Some(n) = entries.iter().position(|entry| entry.means(problem)) else { return false };
        used[n] = true;
        let (why, in_source) = (entries[n].why.clone(), matches!(entries[n].reach, Reach::Lines(..)));
        silenced.push(Silenced { problem: problem.clone(), why, in_source });
        true
    });
    // With an error not every finding was looked for.
    if !report.has_errors() {
        for (entry, _) in entries.iter().zip(used).filter(|(_, used)| !used) {
            let message = format!("no finding of `{}` is silenced by this", entry.rule);
            report.warning(&entry.place, "unused-ignore", message);
        }
    }
    silenced
}

fn configured(spot: &Spot<'_>) -> Vec<Entry> {
    let mut fields = spot.fields();
    let entries = fields.get("ignore").map(|spot| spot.items()).unwrap_or_default();
    fields.done(Severity::Error);
    entries.iter().filter_map(entry).collect()
}

fn entry(spot: &Spot<'_>) -> Option<Entry> {
    let mut fields = spot.fields();
    let rule = fields.need("rule").and_then(|s| s.text());
    let at = fields.get("at").and_then(|s| s.text());
    let why = fields.need("why").and_then(|s| s.text());
    fields.done(Severity::Error);
    let reach = match &at {
        None => Reach::All,
        Some(at) => Reach::At(pattern(at)?),
    };
    Some(Entry { rule: rule?, why: why?, place: spot.place(), reach })
}

/// A place with all that is inside it, or the end of a file's path; `*` stands for anything.
fn pattern(at: &str) -> Option<Regex> {
    let anything = regex::escape(at).replace(r"\*", ".*");
    Regex::new(&format!(r"^(?:.*/)?{anything}(?:$|[.\[])")).ok()
}

fn commented(file: PathBuf, comment: Comment) -> Entry {
    let place = Place::of_file(&file, comment.line);
    let (first, last) = comment.lines;
    Entry { rule: comment.rule, why: comment.why, place, reach: Reach::Lines(file, first, last) }
}

impl Entry {
    fn means(&self, problem: &Problem) -> bool {
        self.rule == problem.rule
            && match &self.reach {
                Reach::All => true,
                Reach::At(pattern) => {
                    pattern.is_match(&problem.place) || pattern.is_match(&problem.file.to_string_lossy())
                }
                Reach::Lines(file, first, last) => {
                    problem.file == *file && problem.line.is_some_and(|line| (*first..=*last).contains(&line))
                }
            }
    }
}
