//! The files of the crate, read as far as the rules need it: what each refers to in which other.

use std::path::Path;
use std::sync::LazyLock;

/// One file below `src/`.
pub struct Source {
    /// Its path below `src/`.
    pub file: String,
    /// Its module's path: `value`, `json` for `src/value/json/mod.rs`.
    pub module: Vec<String>,
    pub text: String,
    /// The text without comments.
    pub code: String,
    pub uses: Vec<Use>,
    /// Every `a::b` outside of `use`, with its line.
    pub paths: Vec<(usize, Vec<String>)>,
}

/// One name that a `use` brings in.
pub struct Use {
    pub line: usize,
    /// The path as written; ends in `*` for all of a module.
    pub path: Vec<String>,
    /// The name by which the file then knows it.
    pub name: String,
}

impl Source {
    /// The room: the first part of its path, such as `value` or `main`.
    pub fn room(&self) -> &str {
        self.file.split(['/', '.']).next().unwrap_or_default()
    }

    pub fn is_door(&self) -> bool {
        self.file.ends_with("mod.rs") || !self.file.contains('/')
    }
}

/// Every file below `src/`, sorted.
pub fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found: Vec<Source> = walkdir::WalkDir::new(&root)
        .into_iter()
        .map(|entry| entry.expect("a readable folder").into_path())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .map(|path| {
            let file = path.strip_prefix(&root).expect("below src").display().to_string();
            read(file, std::fs::read_to_string(&path).expect("a readable file"))
        })
        .collect();
    found.sort_by(|a, b| a.file.cmp(&b.file));
    assert!(found.len() > 20, "found {} files only", found.len());
    found
}

fn read(file: String, text: String) -> Source {
    let mut module: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if file.ends_with("mod.rs") || file == "lib.rs" {
        module.pop();
    }
    let code = without_comments(&text, true);
    let mut plain = without_comments(&text, false);
    blank_inner_modules(&mut plain);
    let uses = take_uses(&mut plain);
    let paths = paths(&plain);
    Source { file, module, text, code, uses, paths }
}

/// The text without comments and, if asked, without what stands in strings; each line stays where it is.
fn without_comments(text: &str, strings: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let starts = |at: usize, with: &str| with.chars().enumerate().all(|(n, c)| chars.get(at + n) == Some(&c));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = if starts(at, "//") {
            let end = (at..chars.len()).find(|n| chars[*n] == '\n').unwrap_or(chars.len());
            at = end;
            continue;
        } else if chars[at] == '"' {
            string_end(&chars, at)
        } else if chars[at] == '\'' && (chars.get(at + 1) == Some(&'\\') || chars.get(at + 2) == Some(&'\'')) {
            (at + 3..chars.len()).find(|n| chars[*n - 1] == '\'').unwrap_or(chars.len())
        } else {
            out.push(chars[at]);
            at += 1;
            continue;
        };
        out.extend(chars[at..end].iter().filter(|c| strings || **c == '\n'));
        at = end;
    }
    out
}

/// Where the string that begins at the quote ends, raw or not.
fn string_end(chars: &[char], at: usize) -> usize {
    let hashes = chars[..at].iter().rev().take_while(|c| **c == '#').count();
    if at > hashes && chars[at - hashes - 1] == 'r' {
        let closes = |n: &usize| chars[*n] == '"' && chars[n + 1..].iter().take_while(|c| **c == '#').count() >= hashes;
        return (at + 1..chars.len()).find(closes).map_or(chars.len(), |n| n + 1 + hashes);
    }
    let mut n = at + 1;
    while n < chars.len() && chars[n] != '"' {
        n += if chars[n] == '\\' { 2 } else { 1 };
    }
    n + 1
}

/// A module inside a file, such as its unit tests: its `super` is the file itself.
fn blank_inner_modules(code: &mut String) {
    let mut inside = false;
    let lines: Vec<&str> = code
        .lines()
        .map(|line| {
            let opens = line.starts_with("mod ") && line.ends_with('{');
            let kept = if inside || opens { "" } else { line };
            inside = (inside || opens) && line != "}";
            kept
        })
        .collect();
    *code = lines.join("\n");
}

/// Takes the `use` items out of the code and reads them.
fn take_uses(code: &mut String) -> Vec<Use> {
    let (mut uses, mut rest) = (Vec::new(), String::new());
    let mut pending: Option<(usize, String)> = None;
    for (n, line) in code.lines().enumerate() {
        let item = line.trim_start();
        let item = item.strip_prefix("pub(crate) ").or_else(|| item.strip_prefix("pub(super) ")).unwrap_or(item);
        let begins = item.strip_prefix("pub ").unwrap_or(item).strip_prefix("use ");
        match (&mut pending, begins) {
            (None, Some(tree)) => pending = Some((n + 1, tree.to_owned())),
            (None, None) => rest.push_str(line),
            (Some((_, tree)), _) => tree.push_str(line),
        }
        if let Some((line, tree)) = pending.take_if(|(_, tree)| tree.contains(';')) {
            read_tree(tree.trim_end_matches(';'), &[], line, &mut uses);
        }
        rest.push('\n');
    }
    *code = rest;
    uses
}

/// The names of a `use` tree such as `a::{b, c::{self, D as E}}`.
fn read_tree(tree: &str, before: &[String], line: usize, uses: &mut Vec<Use>) {
    let tree = tree.trim();
    let names = |text: &str| text.split("::").map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect();
    let Some((outer, inner)) = tree.split_once('{') else {
        let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias)));
        let inside: Vec<String> = names(path);
        let mut path = [before, &inside].concat();
        if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
            path.pop();
        }
        let name = alias.map(|a| a.trim().to_owned()).or_else(|| path.last().cloned()).unwrap_or_default();
        return uses.push(Use { line, path, name });
    };
    let outer: Vec<String> = names(outer);
    let before = [before, &outer].concat();
    let inner = inner.trim_end().trim_end_matches('}');
    let (mut depth, mut from) = (0, 0);
    for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth <= 0 => {
                if !inner[from..at].trim().is_empty() {
                    read_tree(&inner[from..at], &before, line, uses);
                }
                from = at + 1;
            }
            _ => {}
        }
    }
}

static PATH: LazyLock<regex::Regex> = LazyLock::new(|| regex::Regex::new(r"(?:\w+::)+\w+").expect("a pattern"));

fn paths(code: &str) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    for (n, line) in code.lines().enumerate() {
        for m in PATH.find_iter(line).filter(|m| !line[..m.start()].ends_with(':')) {
            found.push((n + 1, m.as_str().split("::").map(str::to_owned).collect()));
        }
    }
    found
}
