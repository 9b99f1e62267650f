//! Any text as a file of cases: no panic, no hang; what can be read runs.
//!
//! The first byte says how the rest is meant: as YAML, or byte by byte as lines of a case file.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use stagegate::Suite;

const HEAD: &str = "api:
  routes:
    - { path: '/p/{x+}', method: ANY, integration: { type: AWS_PROXY, function: f } }
    - { path: /m, method: GET, methodResponses: [200, 400], integration: { type: AWS, function: f, responses: [{ statusCode: 200 }, { statusCode: 400, selectionPattern: '.*bad.*' }] } }
    - { path: /s, method: GET, integration: { type: AWS_PROXY, function: f, responseTransferMode: STREAM } }
cases:
";

const LINES: &[&str] = &[
    "  - name: a", "  - name: b", "    request: { path: /p/x }", "    request: { method: POST, path: '/p/é?a=b', headers: { A: [b, c], X-É: d }, body: x }",
    "    request: { path: /m, json: { a: [1] } }", "    request: { path: /s, source_ip: 10.0.0.1, http2: true, time_epoch: 1700000000000 }", "    request: { path: /nowhere, base64: aGk= }",
    "    request: { path: /m, base64: '*' }", "    backend: { json: { statusCode: 201, headers: { a: b }, body: x } }", "    backend: { json: { errorMessage: bad }, function_error: true }",
    "    backend: { timeout: true }", "    backend: { rejected: 429 }", "    backend: { network_error: no }", "    backend: { chunks: [{ body: '{}' }] }",
    "    backend: { chunks: ['{\"statusCode\":200}', { null: 8 }, b] }", "    backend: { status: 500, body: '<' }", "    authorizer: { json: { principalId: a } }", "    call: none",
    "    call: { function: f, json: {} }", "    call: { event: { path: /p/x } }", "    response: { status: 200 }", "    response: { status: 400, headers: { A: { matches: '(' } } }",
    "    response: { json: { message: '$context.requestId' }, cause: none, masked: none }", "    response: { headers: [[A, b]], body: '' }", "    response: {}", "    trace: ['Method']",
    "    note: n", "    response: { status: 502, cause: malformed_response }", "  - {}", "  - null", "    request: null", "config: stagegate.yaml", "limits: { integration_timeout: 1s }",
    "    response: { status: '2xx' }", "    response: { json: [1, { a: null }], base64: aGk= }", "    backend: { headers: { X-Amz-Function-Error: Unhandled }, body: '{' }", "cases: []", "---", "&a", "*a",
];

fuzz_target!(|input: &[u8]| {
    let Some((how, rest)) = input.split_first() else { return };
    let text = match how % 4 {
        0 => String::from_utf8_lossy(rest).into_owned(),
        1 => format!("{HEAD}{}", String::from_utf8_lossy(rest)),
        _ => format!("{HEAD}{}", rest.iter().map(|byte| format!("{}\n", LINES[usize::from(*byte) % LINES.len()])).collect::<String>()),
    };
    match Suite::parse(Path::new("cases.yaml"), &text) {
        Ok(suite) => {
            for case in 0..suite.names().count() {
                let _ = suite.run(case).map_err(|unreadable| assert!(!unreadable.to_string().is_empty()));
            }
        }
        Err(unreadable) => assert!(!unreadable.to_string().is_empty()),
    }
});
