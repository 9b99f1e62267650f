//! Lambda authorizers' answers, and the ARN of a called method.

use serde_json::{Value, json};
use stagegate::authorization::lambda_answer::{read_http, read_rest, read_simple};
use stagegate::authorization::policy::RequestFacts;
use stagegate::authorization::{ApiArn, METHOD_ARN_LIMIT, masked};

use super::request::{NOON, api, at};
use crate::support::{data, json_lines};

fn outcome(policy: &stagegate::authorization::policy::Policy) -> String {
    let arn = format!("{}/prod/GET/pets", api());
    format!("{:?}", policy.decide(&arn, &RequestFacts::at(at(NOON))).outcome)
}

/// A case: the form of the answer, the payload (text, or `json` to print), and all that was read, or why it is no answer.
#[test]
fn answers_are_read_or_refused() {
    let mut wrong = Vec::new();
    for (place, case) in json_lines(&data("authorization/answers")) {
        let payload = case["payload"].as_str().map_or_else(|| case["json"].to_string(), str::to_owned);
        let read = match case["form"].as_str() {
            Some("rest") => read_rest(payload.as_bytes()).map(|answer| {
                json!({
                    "principal": answer.principal_id,
                    "policy": outcome(&answer.policy),
                    "context": answer.context,
                    "key": answer.usage_identifier_key,
                })
            }),
            Some("http") => read_http(payload.as_bytes()).map(|answer| {
                json!({
                    "principal": answer.principal_id,
                    "policy": outcome(&answer.policy),
                    "context": answer.context,
                    "key": answer.usage_identifier_key,
                })
            }),
            _ => read_simple(payload.as_bytes())
                .map(|answer| json!({"authorized": answer.is_authorized, "context": answer.context})),
        };
        let (name, ours) = match read {
            Ok(read) => ("read", read),
            Err(fault) => ("fault", Value::String(fault.to_string())),
        };
        if case.get(name) != Some(&ours) {
            wrong.push(format!("{place} {}\n    {name}: {ours}", case["name"]));
        }
    }
    assert!(wrong.is_empty(), "{} cases\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_method_arn_has_the_path_as_called() {
    let api = api();
    for (method, path, expected) in [
        ("GET", "/pets/7", "arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/GET/pets/7"),
        ("POST", "/", "arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/POST/"),
        ("GET", "/a%20b//c", "arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/GET/a%20b//c"),
        ("GET", "//x", "arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/GET//x"),
    ] {
        assert_eq!(api.method("prod", method, path).as_deref(), Ok(expected));
    }
    let china = ApiArn::new("cn-north-1", "123456789012", "a").to_string();
    assert_eq!(china, "arn:aws-cn:execute-api:cn-north-1:123456789012:a");
    let government = ApiArn::new("us-gov-west-1", "123456789012", "a").to_string();
    assert_eq!(government, "arn:aws-us-gov:execute-api:us-gov-west-1:123456789012:a");
}

#[test]
fn a_method_arn_has_1600_bytes_at_most() {
    let api = api();
    let start = api.method("prod", "GET", "").expect("a short one").len();
    let path = |length: usize| format!("/{}", "x".repeat(length - start));
    assert_eq!(api.method("prod", "GET", &path(METHOD_ARN_LIMIT)).map(|arn| arn.len()), Ok(1600));
    let refused = api.method("prod", "GET", &path(METHOD_ARN_LIMIT + 1)).expect_err("it is too long");
    assert_eq!(refused.to_string(), "the method ARN has 1601 bytes, more than 1600");
}

#[test]
fn refusals_mask_the_account() {
    for (arn, expected) in [
        (
            "arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/GET/a:b",
            "arn:aws:execute-api:eu-west-1:********9012:abc123/prod/GET/a:b",
        ),
        ("arn:aws:execute-api:eu-west-1:12:abc123/x", "arn:aws:execute-api:eu-west-1:********12:abc123/x"),
        ("nothing", "nothing"),
    ] {
        assert_eq!(masked(arn), expected);
    }
}
