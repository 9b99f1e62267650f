//! Templates of any text over any body: they render, or they fail with an error; they never panic, hang or eat the memory.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stagegate::cli::eval::answer;

fuzz_target!(|text: (&str, &str)| {
    let (template, body) = text;
    let question = serde_json::json!({
        "op": "vtl",
        "template": template,
        "input": { "body": body, "params": { "path": { "id": "1" }, "querystring": { "q": body }, "header": {} } },
        "context": { "stage": "prod", "identity": { "sourceIp": "192.0.2.1" } },
        "stageVariables": { "table": "orders" },
    });
    answer(&question.to_string());
});
