//! The lines of the files that findings are about, read once more for people, with the secrets in them masked.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::language::Language;
use super::node::{Mark, Node, Origin};
use super::problem::Problem;
use super::report::Place;
use super::trail::join;
use crate::api::Secrets;

/// A line, and the bytes of it that are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// The line.
    pub text: String,
    /// What is meant of it.
    pub span: Range<usize>,
}

/// The files, each read when the first of its lines is asked for.
pub(crate) struct Excerpts<'a> {
    secrets: &'a Secrets,
    files: HashMap<PathBuf, Option<File>>,
}

/// What stands for a secret.
const MASK: &str = "****";
/// A shorter text is no secret that other places would have to be searched for.
const SHORT: usize = 4;
/// Most characters of a line that are shown before what is meant, and in all.
const BEFORE: usize = 60;
const WIDTH: usize = 160;

impl<'a> Excerpts<'a> {
    /// Nothing is read yet.
    pub(crate) fn new(secrets: &'a Secrets) -> Excerpts<'a> {
        Excerpts { secrets, files: HashMap::new() }
    }

    /// The line of a finding; none when it is about no line, or about what is no file.
    pub(crate) fn of(&mut self, problem: &Problem) -> Option<Excerpt> {
        let line = problem.line?;
        self.file(problem)?.excerpt(line, problem.mark)
    }

    /// The line of the text in a finding's place.
    pub(crate) fn inner(&mut self, problem: &Problem) -> Option<Excerpt> {
        let inner = problem.inner.as_ref()?;
        Some(self.file(problem)?.shown(0, &inner.text, Mark::new(inner.column, 1)))
    }

    fn file(&mut self, problem: &Problem) -> Option<&File> {
        let read = || File::read(&problem.file, self.secrets);
        self.files.entry(problem.file.clone()).or_insert_with(read).as_ref()
    }
}

struct File {
    lines: Vec<String>,
    /// The characters of a line that are secret.
    marks: Vec<(usize, Mark)>,
    /// Texts that are secret, wherever they stand.
    texts: Vec<String>,
    /// Whether what is secret is not known, as the file cannot be read.
    is_broken: bool,
}

impl File {
    fn read(path: &Path, secrets: &Secrets) -> Option<File> {
        let text = std::fs::read_to_string(path).ok()?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let lines = text.lines().map(str::to_owned).collect();
        let tree = Language::of(path, text).parse(text, &Arc::new(Origin::File(path.to_owned()))).0;
        let mut file = File { lines, marks: Vec::new(), texts: Vec::new(), is_broken: tree.is_err() };
        if let Ok(tree) = tree {
            file.find(&tree, "", false, secrets);
        }
        // The longest first: another one may be a part of it.
        file.texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        file.texts.dedup();
        Some(file)
    }

    /// Everything at and below a value that is secret.
    fn find(&mut self, node: &Node, path: &str, inside: bool, secrets: &Secrets) {
        let is_secret = inside || Place::of(node, path).is_secret(secrets);
        for (key, below) in node.entries() {
            let is_key = node.text("Type") == Some("AWS::ApiGateway::ApiKey") && key == "Properties";
            let value = below.get("Value").filter(|_| is_key);
            let hidden = node.get("Default").filter(|_| node.get("NoEcho").is_some() && key == "Default");
            for secret in value.into_iter().chain(hidden) {
                self.find(secret, "", true, secrets);
            }
            self.find(below, &join(path, key), is_secret, secrets);
        }
        for (n, item) in node.items().iter().enumerate() {
            self.find(item, &format!("{path}[{n}]"), is_secret, secrets);
        }
        let Some(text) = node.scalar().filter(|_| is_secret) else { return };
        self.marks.push((node.line, node.mark));
        self.texts.extend(text.lines().map(str::trim).filter(|line| line.len() >= SHORT).map(str::to_owned));
    }

    fn excerpt(&self, line: usize, mark: Mark) -> Option<Excerpt> {
        Some(self.shown(line, self.lines.get(line.checked_sub(1)?)?, mark))
    }

    /// A line's text, masked; line 0 is none of the file's.
    fn shown(&self, line: usize, text: &str, mark: Mark) -> Excerpt {
        let start = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        let offsets: Vec<usize> = start.collect();
        let byte = |column: usize| offsets.get(column.saturating_sub(1)).copied().unwrap_or(text.len());
        let span = match mark.column() {
            0 => text.len() - text.trim_start().len()..text.trim_end().len(),
            column => byte(column)..byte(mark.end()),
        };
        let mut masks: Vec<Range<usize>> = self.masks(line, text, byte);
        masks.sort_by_key(|mask| (mask.start, mask.end));
        window(masked(text, span, &masks))
    }

    /// What of a line is not to be seen.
    fn masks(&self, line: usize, text: &str, byte: impl Fn(usize) -> usize) -> Vec<Range<usize>> {
        let own = self.marks.iter().filter(|(at, mark)| *at == line && mark.column() > 0);
        let mut masks: Vec<Range<usize>> =
            own.map(|(_, mark)| value(text, byte(mark.column())..byte(mark.end()))).collect();
        for secret in &self.texts {
            masks.extend(text.match_indices(secret.as_str()).map(|(at, _)| at..at + secret.len()));
        }
        masks.extend(USER_INFORMATION.captures_iter(text).filter_map(|found| Some(found.get(1)?.range())));
        if self.is_broken {
            masks.extend(NAMED.captures_iter(text).filter_map(|found| Some(found.get(1)?.range())));
        }
        masks
    }
}

/// `http://user:password@host`
static USER_INFORMATION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("://([^/@\\s\"']+)@").expect("a pattern of our own"));

/// What follows a name that secrets have, in a file that cannot be read: rather too much is masked than too little.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    let names = "value|[\\w-]*(?:secret|token|password|authorization|cookie|api[_-]?key|signature|credential)[\\w-]*";
    Regex::new(&format!("(?i)(?:^|[\\s\"'.{{,])(?:{names})[\"']?\\s*[:=]\\s*(\\S.*)")).expect("a pattern of our own")
});

/// The value in `key: value`, or all of it.
fn value(text: &str, span: Range<usize>) -> Range<usize> {
    let key = &text[span.clone()];
    let quote = key.starts_with(['"', '\'']).then(|| key.as_bytes()[0]);
    let from = match quote {
        Some(quote) => 2 + key.bytes().skip(1).position(|b| b == quote).unwrap_or(0),
        None => 0,
    };
    let separator = key.get(from..).and_then(|rest| rest.find([':', '=']));
    let Some(colon) = separator.filter(|at| quote.is_none() || key[from..from + at].trim().is_empty()) else {
        return span;
    };
    let after = &key[from + colon + 1..];
    let start = from + colon + 1 + (after.len() - after.trim_start().len());
    span.start + start..span.end
}

/// The line with `****` for each mask, and the span where it is now.
fn masked(text: &str, span: Range<usize>, masks: &[Range<usize>]) -> Excerpt {
    let mut out = String::new();
    let (mut done, mut start, mut end) = (0, None, None);
    let shift = |at: usize, done: usize, out: &String| out.len() + at.saturating_sub(done);
    for mask in masks.iter().filter(|mask| !mask.is_empty()) {
        if mask.start < done {
            // It overlaps the one before.
            done = done.max(mask.end);
            continue;
        }
        start = start.or_else(|| (span.start <= mask.start).then(|| shift(span.start, done, &out)));
        end = end.or_else(|| (span.end <= mask.start).then(|| shift(span.end, done, &out)));
        out.push_str(&text[done..mask.start]);
        out.push_str(MASK);
        done = mask.end;
    }
    let start = start.unwrap_or_else(|| shift(span.start, done, &out));
    let end = end.unwrap_or_else(|| shift(span.end, done, &out));
    out.push_str(&text[done.min(text.len())..]);
    let end = end.min(out.len());
    Excerpt { span: start.min(end)..end, text: out }
}

/// Of a long line, such as a document's that is all in one, what is around the span.
fn window(whole: Excerpt) -> Excerpt {
    if whole.text.chars().count() <= WIDTH {
        return whole;
    }
    let Excerpt { text, span } = whole;
    let start = text[..span.start].char_indices().rev().nth(BEFORE - 1).map_or(0, |(at, _)| at);
    let rest = &text[start..];
    let end = start + rest.char_indices().nth(WIDTH).map_or(rest.len(), |(at, _)| at);
    let (before, after) = (if start > 0 { "…" } else { "" }, if end < text.len() { "…" } else { "" });
    let moved = |at: usize| at.min(end) - start + before.len();
    Excerpt { span: moved(span.start)..moved(span.end), text: format!("{before}{}{after}", &text[start..end]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, line: usize, mark: Mark, is_broken: bool) -> String {
        let node = Language::Yaml.parse(text, &Arc::new(Origin::File("x.yaml".into()))).0;
        let mut file =
            File { lines: text.lines().map(str::to_owned).collect(), marks: vec![], texts: vec![], is_broken };
        if let Ok(node) = node {
            file.find(&node, "", false, &Secrets::default());
        }
        let Excerpt { text, span } = file.excerpt(line, mark).expect("a line");
        format!("{}[{}]{}", &text[..span.start], &text[span.clone()], &text[span.end..])
    }

    #[test]
    fn secrets_are_masked_and_the_mark_moves_along() {
        let mark = |column, width| Mark::new(column, width);
        let cases = [
            ("a: 1\nlisten: é\n", 2, mark(1, 9), false, "[listen: é]"),
            ("  a: b  \n", 1, mark(0, 0), false, "  [a: b]  "),
            ("{ token: 'a:b', x: 1 }", 1, mark(17, 4), false, "{ token: ****, [x: 1] }"),
            ("{ token: 'a:b', x: 1 }", 1, mark(3, 12), false, "{ [token: ****], x: 1 }"),
            ("{ \"token\": \"a\\\"b\", x: 1 }", 1, mark(3, 15), false, "{ [\"token\": ****], x: 1 }"),
            ("{ x: 1, token: a }", 1, mark(3, 4), false, "{ [x: 1], token: **** }"),
            ("token: [abcd, { x: e }]\ny: -abcd-", 2, mark(1, 9), false, "[y: -****-]"),
            ("token: [abcd, { x: e }]", 1, mark(1, 5), false, "[token]: [****, { x: **** }]"),
            ("token: |\n  abcd\n  efgh\n", 3, mark(3, 4), false, "  [****]"),
            ("u: http://me:pw@host/", 1, mark(1, 21), false, "[u: http://****@host/]"),
            ("P: { NoEcho: true, Default: no }", 1, mark(1, 1), false, "[P]: { NoEcho: true, Default: **** }"),
            ("x: { client_secret: abc", 1, mark(1, 1), true, "[x]: { client_secret: ****"),
            ("api_keys: { a: { value: 'abc", 1, mark(1, 1), true, "[a]pi_keys: ****"),
        ];
        for (text, line, mark, is_broken, expected) in cases {
            assert_eq!(shown(text, line, mark, is_broken), expected, "{text}");
        }
    }

    #[test]
    fn of_a_long_line_what_is_meant_is_shown() {
        let text = format!("{}x: 1{}", "a".repeat(1000), "b".repeat(1000));
        let shown = shown(&text, 1, Mark::new(1001, 4), false);
        assert_eq!(shown, format!("…{}[x: 1]{}…", "a".repeat(60), "b".repeat(96)));
    }
}
