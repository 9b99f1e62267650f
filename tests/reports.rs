//! What people report of their integrations in public, played: the story of each must name the cause. `reports/reports.txt` is what they read.

use clap::Parser;
use stagegate::explain;

use crate::support::{self, sidecar};

#[derive(Parser)]
struct Explain {
    #[command(flatten)]
    args: explain::Args,
}

const JSON: &str = "Content-Type: application/json";
const FAILED: &str = "--function-error";

/// What is reported, what is asked, and what the backend answers.
const REPORTS: &[(&str, &[&str], &str)] = &[
    ("my function answers 400, the client gets 200", &["/plain"], r#"{"statusCode":400,"body":"no"}"#),
    ("my function throws, the client gets 200", &["/plain", FAILED], r#"{"errorMessage":"no such order"}"#),
    (
        "my pattern matches a plain message, but not a JSON one",
        &["/json", FAILED],
        r#"{"errorMessage":"{\r\n  \"code\": 404\r\n}"}"#,
    ),
    ("[BadRequest] never matches", &["/class", FAILED], r#"{"errorMessage":"[BadRequest] one\ntwo"}"#),
    ("a pattern for the body of an HTTP backend never matches", &["/http", "--status", "400"], r#"{"httpStatus":400}"#),
    (
        "the pattern matches on regexr.com, but not here",
        &["/quoted", FAILED],
        r#"{"errorMessage":"A name is required."}"#,
    ),
    (
        "the text of the exception never matches",
        &["/part", FAILED],
        r#"{"errorMessage":"java.util.NoSuchElementException: No value present"}"#,
    ),
    ("500 as soon as the pattern matches", &["/undeclared", FAILED], r#"{"errorMessage":"nope"}"#),
    ("502, malformed Lambda proxy response", &["/proxy"], r#"{"statusCode":200,"body":{"hey":"dude"}}"#),
    ("502, although the test event works in the console", &["/proxy"], r#"{"message":"hi"}"#),
    ("502, but the function returned 400 with an error", &["/proxy", FAILED], r#"{"errorMessage":"bad request"}"#),
    ("Missing Authentication Token at the root of {proxy+}", &["/all"], ""),
    ("Missing Authentication Token with the stage in the path", &["/dev/day/2018-03-01"], ""),
    ("Missing Authentication Token with a letter in the wrong case", &["/Day/2018-03-01"], ""),
    ("Missing Authentication Token without any token in sight", &["/signed"], ""),
    (
        "a CORS failure in the browser, not in Postman",
        &[
            "/day/1",
            "--method",
            "OPTIONS",
            "--header",
            "Origin: https://app",
            "--header",
            "Access-Control-Request-Method: GET",
        ],
        "",
    ),
    ("a CORS failure only when the function fails", &["/proxy", FAILED, "--header", "Origin: https://app"], "{}"),
    (
        "could not parse request body into json",
        &[
            "/template",
            "--method",
            "POST",
            "--header",
            JSON,
            "--body",
            r#"{"person":{"name":"Max"},"order":{"id":"6"}}"#,
        ],
        "{}",
    ),
    ("415 for JSON", &["/form", "--method", "POST", "--header", JSON, "--body", "{}"], "{}"),
    ("the message of the error is empty", &["/error", FAILED], r#"{"errorMessage":"{\"message\":\"no\"}"}"#),
    ("Forbidden without a key", &["/key"], ""),
    ("Forbidden with a key", &["/key", "--header", "x-api-key: bbbbbbbbbbbbbbbbbbbbbbbb"], ""),
    ("Forbidden with a key that was switched off", &["/key", "--header", "x-api-key: dddddddddddddddddddddddd"], ""),
    ("Forbidden with a key of another stage", &["/key", "--header", "x-api-key: cccccccccccccccccccccccc"], ""),
    ("Unauthorized, and my authorizer is never called", &["/guarded"], ""),
    ("no Location header", &["/moved"], r#"{"Location":"https://x"}"#),
];

#[test]
fn what_is_reported_is_explained() {
    let data = support::data("reports");
    let config = data.join("reports.yaml").display().to_string();
    let payload = sidecar::folder().join("payload.json");
    let mut told = String::new();
    for (report, asked, answer) in REPORTS {
        std::fs::write(&payload, answer).expect("a file");
        let payload = payload.display().to_string();
        let arguments = ["explain", "--config", &config, "--payload", &payload, "--path"].into_iter();
        let story = explain::report(&Explain::parse_from(arguments.chain(asked.iter().copied())).args);
        let story = anstream::adapter::strip_str(&story.expect("a configuration that loads")).to_string();
        // What the request was, events and headers that every answer has are not what is told here.
        let (_, decisions) = story.split_once("\nDecisions\n").expect("a story");
        // An authorizer's line names the request.
        let lines = decisions.lines().map(|line| line.split(" for request: ").next().unwrap_or(line)).filter(|line| {
            let line = line.trim_start();
            !line.is_empty()
                && !line.starts_with("x-am")
                && !line.starts_with("X-Am")
                && !line.starts_with("| …")
                && !line.starts_with("| {\"resource\"")
        });
        told.push_str(&format!("# {report}\n{}\n\n", lines.collect::<Vec<_>>().join("\n")));
    }
    if let Some(wrong) = support::golden(&data.join("reports.txt"), &told) {
        panic!("{wrong}");
    }
}
