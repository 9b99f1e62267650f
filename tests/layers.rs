//! The floors of the house: a module imports only what stands below it, and every file says what it is for.

use std::path::{Path, PathBuf};

/// Module, its floor, and what it may import from this crate. `lib.rs` tells what each is for.
const FLOORS: &[(&str, u8, &[&str])] = &[
    (
        "cli",
        8,
        &[
            "server",
            "case",
            "gateway",
            "exchange",
            "integration",
            "config",
            "metrics",
            "mapping",
            "vtl",
            "jsonpath",
            "pattern",
            "value",
            "http1",
            "api",
            "failure",
        ],
    ),
    (
        "server",
        7,
        &["gateway", "exchange", "integration", "config", "metrics", "mapping", "http1", "failure", "api", "log"],
    ),
    ("case", 6, &["gateway", "exchange", "integration", "config", "mapping", "http1", "failure", "metrics", "api"]),
    (
        "gateway",
        5,
        &[
            "exchange",
            "mapping",
            "integration",
            "failure",
            "api",
            "metrics",
            "http1",
            "json_text",
            "value",
            "jsonpath",
            "pattern",
            "vtl",
        ],
    ),
    ("mapping", 4, &["exchange", "vtl", "jsonpath", "pattern", "api", "failure", "http1", "value"]),
    ("integration", 4, &["exchange", "failure", "metrics", "config", "http1"]),
    ("config", 3, &["api", "vtl", "jsonpath", "pattern", "http1"]),
    ("exchange", 3, &["failure", "http1", "pattern", "value"]),
    ("failure", 3, &["api"]),
    ("api", 2, &["vtl", "jsonpath", "pattern"]),
    ("vtl", 1, &["value", "pattern"]),
    ("jsonpath", 1, &["value", "pattern"]),
    ("pattern", 0, &["value"]),
    ("log", 0, &[]),
    ("http1", 0, &[]),
    ("metrics", 0, &[]),
    ("json_text", 0, &[]),
    ("value", 0, &["json_text"]),
];

fn sources() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    assert!(files.len() > 20, "found {} files only", files.len());
    files.sort();
    files
}

/// The path below `src/` and the module that the file belongs to.
fn module(file: &Path) -> (String, String) {
    let inside = file.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).expect("below src");
    let first = inside.components().next().expect("a name").as_os_str().to_string_lossy();
    (inside.display().to_string(), first.trim_end_matches(".rs").to_owned())
}

/// Every `crate::name` in the text, comments left out, with its line.
fn imports(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        for piece in code.split("crate::").skip(1) {
            let name: String = piece.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.push((n + 1, name));
        }
    }
    found
}

#[test]
fn a_module_imports_only_what_stands_below_it() {
    let mut wrong = Vec::new();
    for file in sources() {
        let (inside, module) = module(&file);
        if module == "main" || module == "lib" {
            continue;
        }
        let Some((_, floor, allowed)) = FLOORS.iter().find(|(name, ..)| *name == module) else {
            wrong.push(format!("{inside}: `{module}` has no floor"));
            continue;
        };
        for (line, import) in imports(&std::fs::read_to_string(&file).expect("a readable file")) {
            let below = FLOORS.iter().find(|(name, ..)| *name == import).is_some_and(|(_, f, _)| f <= floor);
            if import != module && !(below && allowed.contains(&import.as_str())) {
                wrong.push(format!("{inside}:{line}: `{module}` may not import `{import}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let wrong: Vec<String> = sources()
        .iter()
        .filter(|file| !std::fs::read_to_string(file).expect("a readable file").starts_with("//! "))
        .map(|file| module(file).0)
        .collect();
    assert!(wrong.is_empty(), "no `//!` line in {}", wrong.join(", "));
}

/// The first name of each path in a `use` tree, such as `a` and `b` of `{a::{X, Y}, b}`.
fn first_names(tree: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let (mut depth, mut done) = (0, false);
    let is_list = tree.starts_with('{');
    for c in tree.trim_end_matches(';').chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if is_list && depth == 1 => {
                names.push(String::new());
                done = false;
            }
            ' ' => {}
            c if !done && (c.is_alphanumeric() || c == '_') => names.last_mut().expect("a name").push(c),
            _ => done = true,
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// A file may use its siblings and its children, but not its own door: `super::name` must be a sibling module.
#[test]
fn a_child_never_imports_its_parent() {
    let mut wrong = Vec::new();
    for file in sources() {
        let (inside, _) = module(&file);
        let is_door = inside.ends_with("mod.rs") || !inside.contains('/');
        let folder = file.parent().expect("a folder");
        // A file `x.rs` may go on in its folder `x/`: its pieces are no children.
        if is_door || !folder.join("mod.rs").exists() {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("a readable file");
        for (n, line) in text.lines().enumerate() {
            let Some(rest) = line.strip_prefix("pub ").unwrap_or(line).strip_prefix("use super::") else { continue };
            for name in first_names(rest) {
                let sibling = folder.join(format!("{name}.rs")).exists() || folder.join(&name).join("mod.rs").exists();
                if !sibling && name != "super" {
                    wrong.push(format!("{inside}:{}: `super::{name}` is not a sibling", n + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
