//! The error map of `check --errors`, word for word: a proxy API with gaps, a custom API with rules, an HTTP API with CORS.

use stagegate::Sources;
use stagegate::check::{ErrorArgs, Format, errors};

use crate::support;

/// The map of a folder's configuration, to pages of these origins.
fn told(folder: &str, origins: &[&str], cases: bool, format: Format) -> String {
    let folder = support::data("errors").join(folder);
    let sources = Sources { config: Some(folder.join("stagegate.yaml")), ..Sources::default() };
    let args = ErrorArgs {
        errors: true,
        origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
        from: None,
        cases: if cases { vec![folder.join("cases.yaml")] } else { Vec::new() },
    };
    let (text, code) = errors(&sources, &args, format);
    assert_eq!(code, 0);
    anstream::adapter::strip_str(&text.expect("a map")).to_string()
}

#[test]
fn the_map_is_word_for_word() {
    const PAGE: &[&str] = &["https://app.example"];
    const PAGES: &[&str] = &["https://app.example", "https://other.example"];
    let table = [
        ("proxy", PAGES, false, Format::Text, "map.txt"),
        ("proxy", &[][..], false, Format::Text, "map-without-pages.txt"),
        ("custom", PAGE, true, Format::Text, "map.txt"),
        ("custom", PAGE, true, Format::Json, "map.json"),
        ("http-api", PAGES, false, Format::Text, "map.txt"),
    ];
    let mut wrong = Vec::new();
    for (folder, origins, cases, format, golden) in table {
        let actual = told(folder, origins, cases, format);
        wrong.extend(support::golden(&support::data("errors").join(folder).join(golden), &actual));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_does_not_load_has_no_map() {
    let config = support::data("check").join("unknown-keys/stagegate.yaml");
    let sources = Sources { config: Some(config), ..Sources::default() };
    let (text, code) = errors(&sources, &ErrorArgs { errors: true, ..ErrorArgs::default() }, Format::Text);
    assert_eq!(code, 78);
    assert!(text.expect_err("errors").contains("[unknown-key]"));
}

#[test]
fn what_cannot_be_read_has_no_map() {
    let folder = support::data("errors").join("custom");
    let sources = Sources { config: Some(folder.join("stagegate.yaml")), ..Sources::default() };
    let args = ErrorArgs { errors: true, cases: vec![folder.join("none.yaml")], ..ErrorArgs::default() };
    let (text, code) = errors(&sources, &args, Format::Text);
    assert_eq!(code, 78);
    assert!(text.expect_err("a file").contains("none.yaml"));
}
