//! The outcome as JUnit XML, for CI systems.

use std::fmt::Write as _;

use super::ran::Ran;

/// One `testsuite` for each file.
pub(super) fn junit(ran: &[Ran]) -> String {
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
