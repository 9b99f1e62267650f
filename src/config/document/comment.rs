//! Comments in YAML that silence findings: `# stagegate-ignore rule: why`, above the line that is meant.

/// One comment for one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comment {
    /// The line of the comment, from 1.
    pub line: usize,
    /// The rule.
    pub rule: String,
    /// What stands behind the rules.
    pub why: String,
    /// The first and the last line that is meant: the next one, and what is indented below it.
    pub lines: (usize, usize),
}

const WORD: &str = "stagegate-ignore";

/// Every such comment of a text.
pub(crate) fn comments(text: &str) -> Vec<Comment> {
    if memchr::memmem::find(text.as_bytes(), WORD.as_bytes()).is_none() {
        return Vec::new();
    }
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let Some(rest) = content(line).and_then(|text| text.strip_prefix(WORD)) else { continue };
        let (rules, why) = rest.split_once(':').unwrap_or((rest, ""));
        let lines = block(&lines, n);
        for rule in rules.split([' ', ',']).filter(|rule| !rule.is_empty()) {
            found.push(Comment { line: n + 1, rule: rule.to_owned(), why: why.trim().to_owned(), lines });
        }
    }
    found
}

/// What a line that is a comment says.
fn content(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix('#').map(str::trim_start)
}

/// The first line of content behind a line, and the last one that belongs to it.
fn block(lines: &[&str], comment: usize) -> (usize, usize) {
    let is_blank = |line: &str| line.trim().is_empty();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let after = comment + 1..lines.len();
    let Some(first) = after.into_iter().find(|n| !is_blank(lines[*n]) && content(lines[*n]).is_none()) else {
        return (0, 0);
    };
    let depth = indent(lines[first]);
    let is_item = |line: &str| line.trim_start().starts_with("- ");
    // The items of a list may stand as far left as its key.
    let is_inside =
        |line: &str| indent(line) > depth || (indent(line) == depth && is_item(line) && !is_item(lines[first]));
    let below = (first + 1..lines.len()).take_while(|n| is_blank(lines[*n]) || is_inside(lines[*n]));
    let last = below.filter(|n| !is_blank(lines[*n])).last().unwrap_or(first);
    (first + 1, last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_means_the_next_line_and_what_is_below_it() {
        let text = "a:\n  # stagegate-ignore one, two: it is meant so\n  # more\n\n  b:\n  - c\n  - d: |\n      x\n\n  e: 1\n\
                    # stagegate-ignore three\n- f\n- g\n#stagegate-ignore last\n";
        let found: Vec<(usize, String, String, (usize, usize))> =
            comments(text).into_iter().map(|c| (c.line, c.rule, c.why, c.lines)).collect();
        let why = || "it is meant so".to_owned();
        assert_eq!(
            found,
            [
                (2, "one".to_owned(), why(), (5, 8)),
                (2, "two".to_owned(), why(), (5, 8)),
                (11, "three".to_owned(), String::new(), (12, 12)),
                (14, "last".to_owned(), String::new(), (0, 0)),
            ]
        );
    }
}
