//! Cases of `src/jsonpath` and `src/value/json`, recorded from json-path and json-smart.

use serde_json::Value as Json;
use stagegate::engine::jsonpath::{MAX_NESTING, Path, ReadError};
use stagegate::engine::value::{Value, json};

use crate::support;

/// What the reader, the path and the printer make of a case: `out` or `error`, and the text.
fn answer(text: &str, path: &str) -> (&'static str, String) {
    let error = |kind: &str| ("error", kind.to_owned());
    let Ok(document) = json::parse_document(text) else { return error("InvalidJson") };
    let mut printed = String::new();
    assert!(json::print(&document.value, &mut printed), "{text} does not print");
    assert_eq!(document.canonical, printed == text, "{text} prints {printed}");
    let Ok(path) = Path::compile(path) else { return error("InvalidPath") };
    match path.read(&document.value) {
        Ok(found) => {
            let mut out = String::new();
            if json::print(&found, &mut out) { ("out", out) } else { error("Other") }
        }
        Err(ReadError::PathNotFound) => error("PathNotFound"),
        Err(ReadError::InvalidPath(_)) => error("InvalidPath"),
        Err(ReadError::Other(_)) => error("Other"),
    }
}

#[test]
fn answers_as_recorded() {
    let mut document = String::new();
    let mut failures = Vec::new();
    for (place, case) in support::json_lines(&support::data("jsonpath")) {
        if let Some(text) = case.get("json").and_then(Json::as_str) {
            document = text.to_owned();
        }
        let path = case["path"].as_str().expect("a path");
        let (kind, text) = answer(&document, path);
        let expected = case.get(kind).and_then(Json::as_str);
        if expected != Some(&*text) {
            failures.push(format!("{place}: {document} {path}\n  expected {case}\n  got {kind} {text}"));
        }
    }
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures[..failures.len().min(20)].join("\n"));
}

fn read(document: &Value, path: &str) -> Result<Value, ReadError> {
    Path::compile(path).expect("a path").read(document)
}

fn printed(value: &Value) -> String {
    let mut out = String::new();
    assert!(json::print(value, &mut out));
    out
}

#[test]
fn what_is_found_is_the_documents_own() {
    let document = json::parse(r#"{"a":[{"b":{}}]}"#).expect("JSON");
    for path in ["$.a[0].b", "$..b", "$.a[?(@.b)].b"] {
        let found = match read(&document, path).expect("a value") {
            Value::List(list) => list.items().borrow()[0].clone(),
            found => found,
        };
        let Value::Map(map) = found else { panic!("{path} finds no map") };
        map.put(path, Value::Int(1));
    }
    assert_eq!(printed(&document), r#"{"a":[{"b":{"$.a[0].b":1,"$..b":1,"$.a[?(@.b)].b":1}}]}"#);
}

#[test]
fn append_changes_the_document() {
    let document = json::parse(r#"{"a":[1]}"#).expect("JSON");
    assert_eq!(printed(&read(&document, "$.a.append(2)").expect("a value")), "[1,2]");
    assert_eq!(printed(&document), r#"{"a":[1,2]}"#);
}

#[test]
fn a_list_prints_with_escaped_slashes() {
    let document = json::parse(r#"["a/b",{"k":"</x>","n":1.0},null]"#).expect("JSON");
    let Value::List(list) = &document else { panic!("no list") };
    let mut out = String::new();
    assert!(json::print_list(list, &mut out));
    assert_eq!(out, r#"["a\/b",{"k":"<\/x>","n":1.0},null]"#);
}

#[test]
fn strict_json_has_no_leniences() {
    for text in ["{}", "[]", " {\"a\" : [1, 2.5, \"x\", null, true] } ", "1", "\"a\\u0041\"", "-0", "{\"a\":1,\"a\":2}"]
    {
        assert!(json::parse_rfc4627(text).is_ok(), "{text}");
    }
    let refused = [
        "",
        "{a:1}",
        "{'a':1}",
        "[1,]",
        "{\"a\":1,}",
        "01",
        "-01",
        "00",
        "00.5",
        "NaN",
        "a",
        "[1]x",
        "[1] 2",
        "\"a\tb\"",
        "1e",
    ];
    for text in refused {
        assert!(json::parse_rfc4627(text).is_err(), "{text}");
    }
}

#[test]
fn nesting_is_limited() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let deepest = json::parse(&nested(json::MAX_DEPTH)).expect("JSON");
    assert_eq!(printed(&deepest).len(), 2 * json::MAX_DEPTH);
    assert!(
        matches!(read(&deepest, "$..*"), Ok(Value::List(found)) if found.items().borrow().len() == json::MAX_DEPTH - 1)
    );
    assert!(json::parse(&nested(json::MAX_DEPTH + 1)).is_err());
    let objects = "{\"a\":".repeat(100_000);
    assert!(json::parse(&objects).is_err());
    let parentheses = |depth: usize| format!("$[?({}@.a{})]", "(".repeat(depth), ")".repeat(depth));
    assert!(Path::compile(&parentheses(MAX_NESTING / 2)).is_ok());
    assert!(Path::compile(&parentheses(100_000)).is_err());
    let filters = "[?(@".repeat(10_000) + &")]".repeat(10_000);
    assert!(Path::compile(&format!("${filters}")).is_err());
    assert!(Path::compile(&format!("$.a{}", ".length(".repeat(10_000))).is_err());
    let long = Path::compile(&format!("${}", ".a".repeat(100_000))).expect("a path");
    assert_eq!(long.read(&json::parse("{}").expect("JSON")).err(), Some(ReadError::PathNotFound));
}

/// A document as a template can make it: `again` leads back to its start.
fn endless() -> Value {
    let document = json::parse(r#"{"a":[1,2],"b":{"c":1}}"#).expect("JSON");
    let Value::Map(map) = &document else { panic!("no map") };
    map.put("again", document.clone());
    map.put("twice", document.clone());
    document
}

#[test]
fn a_document_within_itself_ends() {
    let document = endless();
    assert!(!json::print(&document, &mut String::new()));
    assert_eq!(printed(&read(&document, "$.again.twice.again.b").expect("a value")), r#"{"c":1}"#);
    for path in ["$..c", "$..*", "$..[?(@.c)]", "$[?(@..c)]", "$..again..twice", "$..a.sum()"] {
        assert!(matches!(read(&document, path), Err(ReadError::Other(_))), "{path}");
    }
    let other = endless();
    let both = json::parse("{}").expect("JSON");
    let Value::Map(map) = &both else { panic!("no map") };
    map.put("x", document.clone());
    map.put("y", other.clone());
    assert!(matches!(read(&both, "$[?(@.x == @.y)]"), Err(ReadError::Other(_))));
    for document in [document, other] {
        let Value::Map(map) = &document else { panic!("no map") };
        map.entries().borrow_mut().clear();
    }
}

#[test]
fn a_costly_path_ends() {
    let deep = json::parse(&format!("{}{}", "[".repeat(120), "]".repeat(120))).expect("JSON");
    assert!(matches!(read(&deep, "$..*..*..*..*..*"), Err(ReadError::Other(_))));
    let list = json::parse("[1]").expect("JSON");
    let huge = read(&list, "$[?(1E999999999 > 1E-999999999)]").expect("a value");
    assert_eq!(printed(&huge), "[1]");
}

#[test]
fn definite_paths_give_one_value() {
    for path in ["$", "$.a", "$.a[0]", "$['a','b']", "$.a.length()", "$..a.sum()", "a.b"] {
        assert!(Path::compile(path).expect("a path").is_definite(), "{path}");
    }
    for path in ["$..a", "$.*", "$[*]", "$[0,1]", "$[1:]", "$[?(@.a)]", "$['a','b'].c", "$.a[*].length()"] {
        assert!(!Path::compile(path).expect("a path").is_definite(), "{path}");
    }
}

#[test]
fn an_invalid_path_says_what_was_expected() {
    let mut report = String::new();
    for path in [
        "",
        "$.",
        "$x",
        "$.a b",
        "$[",
        "$['a'",
        "$[a]",
        "$[?]",
        "$[?(@.a]",
        "$[?(@.a ==)]",
        "$[?(@.a = 1)]",
        "$[?(@.a == 'x)]",
        "$[?(@.a =~ /(/)]",
        "$.f(",
        "$[1:x]",
    ] {
        let error = Path::compile(path).expect_err("an invalid path");
        report += &format!("{error}\n");
    }
    assert_eq!(report, include_str!("jsonpath/messages.txt"));
}
