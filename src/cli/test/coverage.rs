//! Coverage, told: for people, as JSON, and as the tracefile of `lcov` that other tools read.

use std::fmt::Write as _;
use std::path::Path;

use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::case::{Coverage, Item, ItemKind};
use crate::cli::terminal::{BAD, BOLD, GOOD};

/// What a coverage file is by its ending: `.json` is JSON, `.info` a tracefile, anything else text without colours.
pub(super) fn file(coverage: &Coverage, file: &Path) -> String {
    match file.extension().and_then(|ending| ending.to_str()) {
        Some("json") => format!("{:#}\n", json(coverage)),
        Some("info") => tracefile(coverage),
        _ => anstream::adapter::strip_str(&text(coverage)).to_string(),
    }
}

/// How many of all items were reached.
pub(super) struct Total {
    hit: usize,
    found: usize,
}

impl Total {
    /// Of all items, or of one kind.
    pub(super) fn of(coverage: &Coverage, kind: Option<ItemKind>) -> Total {
        let items = coverage.items().iter().filter(|item| kind.is_none_or(|kind| item.kind == kind));
        items.fold(Total { hit: 0, found: 0 }, |total, item| Total {
            hit: total.hit + usize::from(item.hits.get() > 0),
            found: total.found + 1,
        })
    }

    /// In tenths of a percent, rounded down: 100 % means all. Where there is nothing to reach, all is reached.
    fn tenths(&self) -> usize {
        (self.hit * 1_000).checked_div(self.found).unwrap_or(1_000)
    }

    /// In percent.
    pub(super) fn percent(&self) -> f64 {
        self.tenths() as f64 / 10.0
    }
}

/// By method: what was reached, and what never; then the totals.
pub(super) fn text(coverage: &Coverage) -> String {
    let mut routes: IndexMap<&str, Vec<&Item>> = IndexMap::new();
    coverage.items().iter().for_each(|item| routes.entry(&item.route).or_default().push(item));
    let mut out = String::new();
    for (route, items) in routes {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{BOLD}{route}{BOLD:#}");
        for item in items {
            let (style, hits) = match item.hits.get() {
                0 => (BAD, "never".to_owned()),
                hits => (GOOD, format!("{hits}×")),
            };
            let _ = writeln!(out, "  {style}{hits:>6}{style:#}  {}  ({})", item.name, place(item));
        }
    }
    out.push('\n');
    let kinds = ItemKind::ALL.map(|kind| (kind.plural(), Total::of(coverage, Some(kind))));
    for (name, total) in kinds.into_iter().filter(|(_, total)| total.found > 0) {
        let _ = writeln!(out, "{name:<24}{:>5} of {:<5}{:>6.1} %", total.hit, total.found, total.percent());
    }
    let total = Total::of(coverage, None);
    let _ = writeln!(out, "{:<24}{:>5} of {:<5}{:>6.1} %", "coverage", total.hit, total.found, total.percent());
    out
}

fn place(item: &Item) -> String {
    match item.line {
        0 => item.file.display().to_string(),
        line => format!("{}:{line}", item.file.display()),
    }
}

/// By file, as `lcov` has it: each item with its line and its hits.
fn json(coverage: &Coverage) -> Value {
    let mut files: IndexMap<String, Vec<Value>> = IndexMap::new();
    for item in coverage.items() {
        let told = json!({
            "line": item.line,
            "kind": item.kind.singular(),
            "route": item.route,
            "name": item.name,
            "hits": item.hits.get(),
        });
        files.entry(item.file.display().to_string()).or_default().push(told);
    }
    let files: Vec<Value> = files.into_iter().map(|(file, items)| json!({ "file": file, "items": items })).collect();
    let total = |kind| {
        let total = Total::of(coverage, kind);
        json!({ "found": total.found, "hit": total.hit, "percent": total.percent() })
    };
    let mut totals: serde_json::Map<String, Value> =
        ItemKind::ALL.map(|kind| (kind.singular().to_owned(), total(Some(kind)))).into_iter().collect();
    totals.insert("all".to_owned(), total(None));
    json!({ "files": files, "totals": totals })
}

/// The format of `geninfo`: a line counts as often as that of its items which was reached least, and each item of it is a branch.
fn tracefile(coverage: &Coverage) -> String {
    let mut files: IndexMap<&Path, IndexMap<usize, Vec<usize>>> = IndexMap::new();
    for item in coverage.items().iter().filter(|item| item.line > 0) {
        files.entry(&item.file).or_default().entry(item.line).or_default().push(item.hits.get());
    }
    let mut out = String::new();
    for (file, mut lines) in files {
        lines.sort_unstable_keys();
        let _ = writeln!(out, "TN:\nSF:{}", file.display());
        for (line, hits) in &lines {
            for (n, hits) in hits.iter().enumerate() {
                let _ = writeln!(out, "BRDA:{line},0,{n},{hits}");
            }
        }
        for (line, hits) in &lines {
            let _ = writeln!(out, "DA:{line},{}", hits.iter().min().unwrap_or(&0));
        }
        out.push_str("end_of_record\n");
    }
    out
}
