//! Cases of `src/vtl` and of `$input`, `$util` and `$context`, recorded from Apache Velocity, and what must not happen
//! whatever the template.

use serde_json::{Value, json};
use stagegate::cli::eval::answer;

use crate::support::{data, json_lines};

/// `tests/differential/record_vtl.py` writes the expected answers.
#[test]
fn renders_as_velocity_does() {
    let mut wrong = Vec::new();
    let cases = json_lines(&data("vtl"));
    for (place, case) in &cases {
        let mut question = case.clone();
        question["op"] = json!("vtl");
        let ours: Value = serde_json::from_str(&answer(&question.to_string())).expect("an answer is JSON");
        if ["out", "error", "overrides"].iter().any(|key| case.get(key) != ours.get(key)) {
            wrong.push(format!("{place} {case}\n    ours: {ours}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
