//! Any text as an execution log: no panic, no hang, and the cases that are made of it can be read.
//!
//! The first byte says how the rest is meant: as text, or byte by byte as pieces of a log.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stagegate::read_execution_log;

const PIECES: &[&str] = &[
    "\n", "2024-05-01T10:00:00.123Z ", "Mon Jul 01 10:00:00 UTC 2024 : ", "1714557600123\t", "(11111111-aaaa) ", "(22222222-bbbb) ", "(", ") ",
    "Extended Request Id: x=\n", "Starting execution for request: r1\n", "HTTP Method: GET, Resource Path: /a\n", "HTTP Method: POST, Resource Path: /b?c d\n",
    "HTTP Method: ", ", Resource Path: ", "Method request path: {id=7}\n", "Method request query string: {x=1, y=a, b, z=}\n", "Method request query string: ",
    "Method request headers: {Accept=text/html, */*;q=0.8, Host=h}\n", "Method request headers: ", "Method request body before transformations: {\n  \"a\": 1\n}\n",
    "Method request body before transformations: ", "Endpoint request URI: https://lambda/functions/arn/invocations\n", "Endpoint request URI: http://b/\n",
    "Received response. Status: 200, Integration latency: 2 ms\n", "Received response. Status: ", "Endpoint response headers: {x-amz-function-error=Unhandled}\n",
    "Endpoint response headers: ", "Endpoint response body before transformations: {\"errorMessage\":\"no\"}\n", "Endpoint response body before transformations: ",
    "Method response body after transformations: ", "Method response headers: {A=b}\n", "Method completed with status: 404\n", "Method completed with status: ",
    "Lambda execution failed with status 200 due to customer function error: no\n", "Lambda invocation failed with status: 429\n",
    "Execution failed due to a timeout error\n", "Execution failed due to a network error\n", "Verifying Usage Plan\n", "[TRUNCATED]", "{", "}", "=", ", ", "a", "é", "\"",
    "\\", "\t", "\r\n", "\u{85}", "\u{feff}", "#", ": ", "- ", "%", "500", "-1", "99999", "'",
];

fuzz_target!(|input: &[u8]| {
    let Some((how, rest)) = input.split_first() else { return };
    let text: String = match how % 4 {
        0 => String::from_utf8_lossy(rest).into_owned(),
        _ => rest.iter().map(|byte| PIECES[usize::from(*byte) % PIECES.len()]).collect(),
    };
    let (names, others) = read_execution_log(&text).expect("what is written is read");
    assert!(names.len() + others.len() <= text.lines().count());
});
