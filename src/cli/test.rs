//! `stagegate test`: runs case files offline.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args as Arguments, ValueEnum};

use super::terminal::{self, BAD, BOLD, GOOD, count, print_styled};
use crate::case::{self, Miss, Suite, Unreadable};

/// The flags of `test`.
#[derive(Debug, Clone, Arguments)]
pub struct Args {
    /// Case files, or folders of them
    #[arg(required = true, value_name = "CASES", env = "STAGEGATE_CASES", value_delimiter = ',')]
    pub cases: Vec<PathBuf>,
    /// How the outcome is printed
    #[arg(long, value_enum, default_value_t, env = "STAGEGATE_TEST_FORMAT")]
    pub format: Format,
}

/// How the outcome is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// JUnit XML, for CI systems.
    Junit,
}

/// A case that ran.
struct Ran {
    file: PathBuf,
    name: String,
    misses: Vec<Miss>,
}

/// Runs every case and prints the report; the exit code is 0 when all are as expected, 1 when one is not, 78 when one
/// cannot be read.
pub fn test(args: &Args) -> u8 {
    let (text, code) = styled(args);
    match (code, args.format) {
        (78, _) => eprint!("{text}"),
        (_, Format::Text) => print_styled(&text),
        (_, Format::Junit) => terminal::print(&text),
    }
    code
}

/// The report without colours, and the exit code.
pub fn report(args: &Args) -> (String, u8) {
    let (text, code) = styled(args);
    (anstream::adapter::strip_str(&text).to_string(), code)
}

/// The report, and the exit code.
pub fn styled(args: &Args) -> (String, u8) {
    let ran = match run(&args.cases) {
        Ok(ran) => ran,
        Err(unreadable) => return (format!("{unreadable}\n"), 78),
    };
    let report = if args.format == Format::Junit { junit(&ran) } else { text(&ran) };
    (report, u8::from(ran.is_empty() || ran.iter().any(|ran| !ran.misses.is_empty())))
}

fn run(cases: &[PathBuf]) -> Result<Vec<Ran>, Unreadable> {
    let mut all = Vec::new();
    for file in case::find(cases)? {
        let suite = Suite::read(&file)?;
        for (n, name) in suite.names().enumerate() {
            all.push(Ran { file: file.clone(), name: name.to_owned(), misses: suite.run(n)? });
        }
    }
    Ok(all)
}

fn text(ran: &[Ran]) -> String {
    let mut out = String::new();
    for case in ran.iter().filter(|case| !case.misses.is_empty()) {
        // Writing to a string cannot fail.
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
    let failed = ran.iter().filter(|case| !case.misses.is_empty()).count();
    let style = if failed == 0 { GOOD } else { BAD };
    let _ = match ran.len() {
        0 => writeln!(out, "{BAD}no case found{BAD:#}"),
        cases => {
            let summary = format!("{} passed, {failed} failed", cases - failed);
            writeln!(out, "{}: {style}{summary}{style:#}", count(cases, "case"))
        }
    };
    out
}

/// One `testsuite` for each file.
fn junit(ran: &[Ran]) -> String {
    let failed = ran.iter().filter(|case| !case.misses.is_empty()).count();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{}\" failures=\"{failed}\">\n",
        ran.len()
    );
    for cases in ran.chunk_by(|a, b| a.file == b.file) {
        let failed = cases.iter().filter(|case| !case.misses.is_empty()).count();
        let file = escaped(&cases[0].file.display().to_string());
        let tests = cases.len();
        let _ = writeln!(out, "  <testsuite name=\"{file}\" tests=\"{tests}\" failures=\"{failed}\">");
        cases.iter().for_each(|case| junit_case(case, &file, &mut out));
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn junit_case(case: &Ran, file: &str, out: &mut String) {
    let _ = write!(out, "    <testcase classname=\"{file}\" name=\"{}\"", escaped(&case.name));
    if case.misses.is_empty() {
        out.push_str("/>\n");
        return;
    }
    let what: Vec<&str> = case.misses.iter().map(|miss| miss.what.as_str()).collect();
    let _ = write!(out, ">\n      <failure message=\"{}\">", escaped(&what.join(", ")));
    out.push_str("- expected\n+ actual\n");
    for miss in &case.misses {
        out.push_str(&escaped(&miss.to_string()));
    }
    out.push_str("</failure>\n    </testcase>\n");
}

/// Text in XML; a control character has no place there.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
