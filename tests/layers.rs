//! The floors of the house: a room imports only what stands below it, files go round in no circle, and every file says what it
//! is for.

mod graph;
mod sources;

use graph::Graph;
use sources::sources;

/// Floor, room, and what it may import. A room imports only from lines below its own, so rooms go round in no circle.
const FLOORS: &[(u8, &str, &str)] = &[
    (8, "main", "cli"),
    (
        7,
        "cli",
        "server case gateway mapping integration exchange config failure api metrics http1 vtl jsonpath pattern value",
    ),
    (
        6,
        "server",
        "case gateway mapping integration exchange authorization config failure api metrics log http1 memory pattern",
    ),
    (5, "case", "gateway mapping integration exchange config failure api metrics http1 vtl"),
    (
        4,
        "gateway",
        "authorization mapping integration exchange config failure api metrics http1 vtl jsonpath pattern value json_text",
    ),
    (3, "integration", "exchange config failure metrics log http1 memory json_text"),
    (3, "config", "mapping api authorization metrics log vtl jsonpath pattern value"),
    (3, "mapping", "exchange failure api http1 vtl jsonpath pattern value json_text"),
    (3, "exchange", "authorization failure api metrics http1 vtl pattern value json_text"),
    (2, "failure", "api authorization"),
    (2, "api", "authorization vtl jsonpath pattern"),
    (2, "authorization", "http1 pattern"),
    (1, "metrics", "memory"),
    (1, "log", ""),
    (1, "http1", "memory json_text"),
    (1, "memory", ""),
    (0, "vtl", "pattern value"),
    (0, "jsonpath", "pattern value json_text"),
    (0, "pattern", "value"),
    (0, "value", "json_text"),
    (0, "json_text", ""),
];

/// The rooms of `config`: each imports only rooms that stand before it.
const CONFIG_ROOMS: &[&str] = &[
    "document",
    "settings",
    "definition/written",
    "definition/openapi",
    "definition",
    "export",
    "outline",
    "lint",
    "compile",
    "places",
    "silence",
    "load",
    "reference",
];

/// What no engine may speak of: templates, paths and patterns are Velocity's, Jayway's and Java's.
const WORDS_OF_AWS: &[&str] = &[
    "amazon",
    "apigateway",
    "arn",
    "authorizer",
    "aws",
    "cognito",
    "dynamodb",
    "gateway",
    "iam",
    "integration",
    "lambda",
    "sns",
    "sqs",
    "stage",
];

/// The only circles, each with its reason.
const CIRCLES: &[(&[&str], &str)] = &[(
    &["jsonpath/element", "jsonpath/filter_parser", "jsonpath/parser"],
    "Jayway's grammar: a path has filters, a filter has paths and lists, and a text in such a list may be a path",
)];

#[test]
fn a_room_imports_only_what_stands_below_it() {
    let sources = sources();
    let graph = Graph::of(&sources);
    let line = |room: &str| FLOORS.iter().position(|(_, name, _)| *name == room);
    let mut wrong = Vec::new();
    for (n, (floor, room, allowed)) in FLOORS.iter().enumerate() {
        let below = |other: &str| line(other).is_some_and(|there| there > n && FLOORS[there].0 <= *floor);
        wrong.extend(
            allowed.split(' ').filter(|a| !a.is_empty() && !below(a)).map(|a| format!("`{a}` is not below `{room}`")),
        );
    }
    for (file, source) in sources.iter().enumerate().filter(|(_, source)| source.file != "lib.rs") {
        let room = source.room();
        let Some((_, _, allowed)) = FLOORS.iter().find(|(_, name, _)| *name == room) else {
            wrong.push(format!("{}: `{room}` has no floor", source.file));
            continue;
        };
        for (line, path) in graph.references(file) {
            let import = path.first().map_or("lib", String::as_str);
            if import != room && !allowed.split(' ').any(|name| name == import) {
                wrong.push(format!("{}:{line}: `{room}` may not import `{import}`", source.file));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The place in `CONFIG_ROOMS` of a path below `config/`.
fn config_room(path: &str) -> Option<usize> {
    let is_below =
        |room: &str| path.strip_prefix(room).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']));
    CONFIG_ROOMS.iter().position(|room| is_below(room))
}

#[test]
fn a_room_of_config_imports_only_rooms_before_it() {
    let sources = sources();
    let graph = Graph::of(&sources);
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (file, source) in sources.iter().enumerate() {
        let Some(path) = source.file.strip_prefix("config/").filter(|path| *path != "mod.rs") else { continue };
        let Some(room) = config_room(path) else {
            wrong.push(format!("{}: no room", source.file));
            continue;
        };
        for (line, import) in graph.references(file) {
            if import.first().is_none_or(|first| first != "config") {
                continue;
            }
            seen += 1;
            if config_room(&import[1..].join("/")).is_none_or(|other| other > room) {
                wrong.push(format!("{}:{line}: `{}` may not import `{import:?}`", source.file, CONFIG_ROOMS[room]));
            }
        }
    }
    assert!(seen > 50, "{seen} imports only");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn engines_import_nothing_but_each_other() {
    let engines: Vec<&str> = FLOORS.iter().filter(|(floor, ..)| *floor == 0).map(|(_, name, _)| *name).collect();
    let rooms = FLOORS.iter().filter(|(floor, ..)| *floor == 0).flat_map(|(_, _, allowed)| allowed.split(' '));
    let wrong: Vec<&str> = rooms.filter(|name| !name.is_empty() && !engines.contains(name)).collect();
    assert!(wrong.is_empty(), "no engine may import {}", wrong.join(", "));
}

#[test]
fn engines_know_nothing_of_aws() {
    let mut wrong = Vec::new();
    for source in sources() {
        if !FLOORS.iter().any(|(floor, name, _)| *floor == 0 && *name == source.room()) {
            continue;
        }
        for (n, line) in source.code.lines().enumerate() {
            let found = words(line).into_iter().find(|word| WORDS_OF_AWS.contains(&word.as_str()));
            wrong.extend(found.map(|word| format!("{}:{}: `{word}`", source.file, n + 1)));
        }
    }
    assert!(wrong.is_empty(), "an engine speaks of AWS outside of a comment:\n{}", wrong.join("\n"));
}

/// The words of a line of code: `LambdaEvent` and `lambda_event` are two each.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in line.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() && lower {
            words.push(String::new());
        }
        lower = c.is_lowercase();
        if c.is_alphanumeric() {
            words.last_mut().expect("a word").extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn files_go_round_in_no_circle() {
    let sources = sources();
    let circles = Graph::of(&sources).circles();
    let (mut wrong, mut allowed) = (Vec::new(), Vec::new());
    for (files, references) in &circles {
        let told = format!("circle of {} files\n  {}", files.len(), references.join("\n  "));
        if let Some((known, _)) = CIRCLES.iter().find(|(known, _)| known == files) {
            allowed.push(known);
        } else {
            wrong.push(told);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(allowed.len(), CIRCLES.len(), "a circle that is allowed is no longer there: {circles:?}");
}

#[test]
fn every_file_says_what_it_is_for() {
    let wrong: Vec<String> =
        sources().into_iter().filter(|source| !source.text.starts_with("//! ")).map(|source| source.file).collect();
    assert!(wrong.is_empty(), "no `//!` line in {}", wrong.join(", "));
}

/// One way to make a folder a module: its `mod.rs`, never a file of the folder's name beside it.
#[test]
fn every_folder_has_a_door() {
    let sources = sources();
    let folders = sources.iter().filter_map(|source| source.file.rsplit_once('/')).map(|(folder, _)| folder);
    let has = |file: String| sources.iter().any(|source| source.file == file);
    let wrong: std::collections::BTreeSet<&str> =
        folders.filter(|folder| !has(format!("{folder}/mod.rs")) || has(format!("{folder}.rs"))).collect();
    assert!(wrong.is_empty(), "no `mod.rs` alone in {wrong:?}");
}

/// A file may use its siblings and its children, but not its own door: `super::name` must be a sibling module.
#[test]
fn a_child_never_imports_its_parent() {
    let sources = sources();
    let mut wrong = Vec::new();
    for source in sources.iter().filter(|source| !source.is_door()) {
        let Some((folder, _)) = source.file.rsplit_once('/') else { continue };
        for used in source.uses.iter().filter(|used| used.path[0] == "super") {
            let name = &used.path[1];
            let sibling = [format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")];
            if name != "super" && !sources.iter().any(|source| sibling.contains(&source.file)) {
                wrong.push(format!("{}:{}: `super::{name}` is not a sibling", source.file, used.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
