//! A path and a JSON text: whatever they are, reading ends without a panic, and prints back what it says it does.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stagegate::engine::jsonpath::Path;
use stagegate::engine::value::json;

fuzz_target!(|data: (&str, &str)| {
    let (path, text) = data;
    let path = Path::compile(path);
    let _ = json::parse_rfc4627(text);
    let Ok(document) = json::parse_document(text) else { return };
    let mut printed = String::new();
    assert!(json::print(&document.value, &mut printed));
    assert_eq!(document.canonical, printed == text);
    if let Ok(found) = path.map_err(drop).and_then(|path| path.read(&document.value).map_err(drop)) {
        json::print(&found, &mut printed);
    }
});
