//! The map for people: routes that fail alike stand together, and causes that look alike in a line.

use std::fmt::Write as _;

use super::browser::Verdict;
use super::found::Found;
use super::map::{Answer, Cell, Row};
use crate::cli::terminal::{BAD, BOLD, count};

/// Routes that are named of those that fail alike.
const NAMED: usize = 8;
/// Characters of a body that are shown.
const SHORT: usize = 160;

/// The whole map.
pub(super) fn text(found: &Found) -> String {
    let mut out = String::new();
    for rows in blocks(&found.rows) {
        block(found, &rows, &mut out);
    }
    let _ = writeln!(out, "{BOLD}no route{BOLD:#}");
    let here = [("", "")];
    lines(found, &found.unrouted, &here, &mut out);
    let others = found.others();
    if !others.is_empty() {
        let _ = writeln!(out, "\n{BOLD}happened, and is not played here{BOLD:#}");
        for ((method, path, cause), times) in others {
            let route = format!("{method} {path}");
            let route = if path.is_empty() { "no route" } else { route.trim() };
            let _ = writeln!(out, "  {cause}, {route}: {}", count(times as usize, "time"));
        }
    }
    let _ = writeln!(out, "\n{}", summary(found));
    out
}

/// Rows that are alike, in the order of the first of each.
fn blocks(rows: &[Row]) -> Vec<Vec<&Row>> {
    let alike = |a: &Row, b: &Row| (&a.cells, &a.preflight, &a.good) == (&b.cells, &b.preflight, &b.good);
    let mut blocks: Vec<Vec<&Row>> = Vec::new();
    for row in rows {
        match blocks.iter_mut().find(|block| alike(block[0], row)) {
            Some(block) => block.push(row),
            None => blocks.push(vec![row]),
        }
    }
    blocks
}

fn block(found: &Found, rows: &[&Row], out: &mut String) {
    let names: Vec<String> = rows.iter().take(NAMED).map(|row| row.route.name()).collect();
    let more = if rows.len() > NAMED { format!(" and {} more", rows.len() - NAMED) } else { String::new() };
    // Writing to a text cannot fail.
    let _ = writeln!(out, "{BOLD}{}{more}{BOLD:#}", names.join(", "));
    let first = rows[0];
    for (n, origin) in found.origins.iter().enumerate() {
        match first.preflight.get(n).and_then(Option::as_ref) {
            Some(Verdict::Hidden(why)) => {
                let _ = writeln!(out, "  {BAD}preflight from {origin} fails{BAD:#}: {why}");
            }
            Some(Verdict::Backend) => {
                let _ = writeln!(out, "  preflight from {origin}: the backend decides");
            }
            Some(Verdict::Readable) | None => {}
        }
        match first.good.get(n) {
            Some(Verdict::Hidden(why)) => {
                let _ = writeln!(out, "  {BAD}good answers are hidden from {origin}{BAD:#}: {why}");
            }
            Some(Verdict::Backend) => {
                let _ = writeln!(out, "  good answers to {origin}: the backend decides");
            }
            Some(Verdict::Readable) | None => {}
        }
    }
    let routes: Vec<(&str, &str)> = rows.iter().map(|row| (row.route.method, row.route.path.as_str())).collect();
    lines(found, &first.cells, &routes, out);
    out.push('\n');
}

/// An answer in a line, with every cause that has it.
fn lines(found: &Found, cells: &[Cell], routes: &[(&str, &str)], out: &mut String) {
    let mut answers: Vec<(&Answer, Vec<&str>)> = Vec::new();
    for (cause, answer) in cells {
        match answers.iter_mut().find(|(known, _)| *known == answer) {
            Some((_, causes)) => causes.push(cause),
            None => answers.push((answer, vec![cause])),
        }
    }
    // A stable sort: by status, else from the outside in.
    answers.sort_by_key(|(answer, _)| answer.status);
    for (answer, causes) in answers {
        let hidden = if answer.is_masked { " (a hidden error)" } else { "" };
        let _ = writeln!(out, "  {} {}{hidden}", answer.status, causes.join(", "));
        let _ = writeln!(
            out,
            "      {} {}",
            answer.content_type.as_deref().unwrap_or("no content type,"),
            body(&answer.body)
        );
        for (why, origins) in reasons(found, &answer.verdicts) {
            let _ = writeln!(out, "      {BAD}a CORS failure to {}{BAD:#}: {why}", origins.join(", "));
        }
        known(found, &causes, routes, out);
    }
}

/// Why pages cannot read an answer, and which.
fn reasons<'a>(found: &'a Found, verdicts: &'a [Verdict]) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for (origin, verdict) in found.origins.iter().zip(verdicts) {
        let Verdict::Hidden(why) = verdict else { continue };
        match reasons.iter_mut().find(|(known, _)| known == why) {
            Some((_, origins)) => origins.push(origin),
            None => reasons.push((why, vec![origin])),
        }
    }
    reasons
}

/// How often it happened, and whether cases exercise it.
fn known(found: &Found, causes: &[&str], routes: &[(&str, &str)], out: &mut String) {
    let cells = || causes.iter().flat_map(|cause| routes.iter().map(move |(method, path)| (*method, *path, *cause)));
    let times: u64 = cells().filter_map(|(method, path, cause)| found.count(method, path, cause)).sum();
    if times > 0 {
        let _ = writeln!(out, "      happened {}", count(times as usize, "time"));
    }
    let asked: Vec<bool> = cells().filter_map(|(method, path, cause)| found.is_covered(method, path, cause)).collect();
    let covered = asked.iter().filter(|is_covered| **is_covered).count();
    match (covered, asked.len()) {
        (covered, all) if covered == all => {}
        (0, _) => out.push_str("      not covered by a case\n"),
        (covered, all) => {
            let _ = writeln!(out, "      covered by cases: {covered} of {all}");
        }
    }
}

fn body(body: &str) -> String {
    if body.is_empty() {
        return "(no body)".to_owned();
    }
    let shown: String = body.chars().take(SHORT).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if body.chars().count() > SHORT { shown + "…" } else { shown }
}

fn summary(found: &Found) -> String {
    let cells: usize = found.rows.iter().map(|row| row.cells.len()).sum::<usize>() + found.unrouted.len();
    let mut text = format!("{} on {}", count(cells, "cell"), count(found.rows.len(), "route"));
    for (n, origin) in found.origins.iter().enumerate() {
        let all = found.rows.iter().flat_map(|row| &row.cells).chain(&found.unrouted);
        let hidden = all.filter(|(_, answer)| matches!(answer.verdicts.get(n), Some(Verdict::Hidden(_)))).count();
        let _ = write!(text, "; {hidden} are CORS failures to {origin}");
    }
    if let Some(covered) = found.covered_cells() {
        let _ = write!(text, "; cases cover {covered}");
    }
    text
}
