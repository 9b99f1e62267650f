//! The outcome for people: a full diff for each miss, and a line that counts.

use std::fmt::Write as _;
use std::time::Duration;

use super::ran::Ran;
use crate::cli::terminal::{BAD, BOLD, GOOD};

/// The report, with colours. `slowest`: so many cases are told with their times.
pub(super) fn text(ran: &[Ran], slowest: usize, summary: &str) -> String {
    let mut out = String::new();
    ran.iter().filter(|case| !case.misses.is_empty()).for_each(|case| failed(case, &mut out));
    slow(ran, slowest, &mut out);
    let is_good = !ran.is_empty() && ran.iter().all(|case| case.misses.is_empty());
    let style = if is_good { GOOD } else { BAD };
    // Writing to a string cannot fail.
    let _ = match summary.split_once(": ") {
        Some((cases, outcome)) => writeln!(out, "{cases}: {style}{outcome}{style:#}"),
        None => writeln!(out, "{style}{summary}{style:#}"),
    };
    out
}

fn failed(case: &Ran, out: &mut String) {
    let _ = writeln!(out, "{BAD}FAILED{BAD:#} {}: {BOLD}{}{BOLD:#}", case.file.display(), case.name);
    let _ = writeln!(out, "{BAD}- expected{BAD:#}\n{GOOD}+ actual{GOOD:#}\n");
    for miss in &case.misses {
        let _ = writeln!(out, "{}", miss.what);
        for (mark, line) in miss.lines() {
            let style = [('-', BAD), ('+', GOOD)].iter().find(|(m, _)| *m == mark).map(|(_, style)| *style);
            let style = style.unwrap_or_default();
            let _ = writeln!(out, "{style}{mark} {line}{style:#}");
        }
        out.push('\n');
    }
}

fn slow(ran: &[Ran], slowest: usize, out: &mut String) {
    let mut slow: Vec<&Ran> = ran.iter().collect();
    slow.sort_by_key(|case| std::cmp::Reverse(case.took));
    for case in slow.into_iter().take(slowest) {
        let _ = writeln!(out, "{} {}: {}", milliseconds(case.took), case.file.display(), case.name);
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:>8.2} ms", time.as_secs_f64() * 1_000.0)
}
