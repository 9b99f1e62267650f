//! A path and a JSON text: whatever they are, reading ends without a panic, prints back what it says it does, and finds the same in
//! the document as it was read and in its lists and maps as they are once a template changes one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stagegate::engine::jsonpath::Path;
use stagegate::engine::value::{Value, json};

fn printed(value: &Value) -> String {
    let mut printed = String::new();
    json::print(value, &mut printed);
    printed
}

fuzz_target!(|data: (&str, &str)| {
    let (path, text) = data;
    let path = Path::compile(path);
    let _ = json::parse_rfc4627(text);
    let Ok(document) = json::parse_document(text) else { return };
    let mut again = String::new();
    assert!(json::print(&document.value, &mut again));
    assert_eq!(document.canonical, again == text);
    let settled = json::parse_document(text).expect("it was read before").value.settled();
    assert_eq!(printed(&settled), again);
    let Ok(path) = path else { return };
    let found = |document: &Value| path.read(document).map(|found| printed(&found)).map_err(|e| format!("{e:?}"));
    assert_eq!(found(&document.value), found(&settled));
    // Looking changes nothing.
    assert_eq!(printed(&document.value), again);
});
