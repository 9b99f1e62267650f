//! What `stagegate test` and `stagegate explain` print, word for word.

use clap::Parser;
use stagegate::cli::{explain, test};

use crate::support;

#[derive(Parser)]
struct Test {
    #[command(flatten)]
    args: test::Args,
}

#[derive(Parser)]
struct Explain {
    #[command(flatten)]
    args: explain::Args,
}

/// The report of `stagegate test`, paths below the suite's folder shortened.
fn test_report(arguments: &[&str]) -> (String, u8) {
    let folder = support::data("offline");
    let paths = arguments.iter().map(|argument| match argument.ends_with(".yaml") || *argument == "." {
        true => folder.join(argument).display().to_string(),
        false => (*argument).to_owned(),
    });
    let parsed = Test::parse_from(std::iter::once("test".to_owned()).chain(paths));
    let (text, code) = test::report(&parsed.args);
    (text.replace(&format!("{}/", folder.display()), ""), code)
}

/// The report of `stagegate explain`, what differs from run to run made the same.
fn explain_report(arguments: &[&str]) -> String {
    let config = support::data("offline").join("article.yaml").display().to_string();
    let arguments =
        ["explain", "--config", &config, "--header", "x-amzn-RequestId: 6f9619ff-8b86-4011-b42d-00c04fc964ff"]
            .into_iter()
            .chain(arguments.iter().copied());
    let report = explain::report(&Explain::parse_from(arguments).args).expect("a configuration that loads");
    let same = |report: String, pattern: &str, by: &str| {
        regex::Regex::new(pattern).expect("a pattern").replace_all(&report, by).into_owned()
    };
    let report = same(report, "(Extended Request Id: |x-amz-apigw-id[:=] ?)[A-Za-z0-9_-]{15}=", "${1}EXTENDED-ID");
    same(report, "Root=1-[^\n,}]*", "TRACE-ID")
}

fn golden(name: &str, actual: &str) {
    let path = support::data("offline").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, actual).expect("a writable golden");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(actual, expected, "{name}; BLESS=1 records it");
}

#[test]
fn misses_are_told_in_full() {
    let (text, code) = test_report(&["misses.yaml"]);
    golden("misses.txt", &text);
    assert_eq!(code, 1);
}

#[test]
fn misses_are_told_as_junit() {
    let (text, code) = test_report(&["--format", "junit", "misses.yaml", "passes.yaml"]);
    golden("misses.xml", &text);
    assert_eq!(code, 1);
}

#[test]
fn good_cases_are_counted() {
    let (text, code) = test_report(&["passes.yaml"]);
    assert_eq!((text.as_str(), code), ("2 cases: 2 passed, 0 failed\n", 0));
}

#[test]
fn unreadable_cases_say_where() {
    for name in ["misspelt.yaml", "no-cases.yaml", "bad-api.yaml", "nothing-answers.yaml", "not-yaml.yaml"] {
        let (text, code) = test_report(&[&format!("unreadable/{name}")]);
        golden(&format!("unreadable/{}", name.replace(".yaml", ".txt")), &text);
        assert_eq!(code, 78, "{name}");
    }
}

#[test]
fn no_case_is_a_failure() {
    let empty = tempfile();
    let parsed = Test::parse_from(["test".to_owned(), empty.display().to_string()]);
    let (text, code) = test::report(&parsed.args);
    assert_eq!((text.as_str(), code), ("no case found\n", 1));
}

/// A folder without a file.
fn tempfile() -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("stagegate-no-cases-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    folder
}

#[test]
fn an_error_that_a_pattern_matches_is_explained() {
    let payload = support::data("offline").join("error.json").display().to_string();
    let report = explain_report(&[
        "--method",
        "POST",
        "--path",
        "/orders/7?verbose=true",
        "--header",
        "Content-Type: application/json",
        "--body",
        r#"{"id": 7}"#,
        "--payload",
        &payload,
        "--function-error",
    ]);
    golden("error.txt", &report);
}

#[test]
fn a_success_is_explained() {
    let payload = support::data("offline").join("success.json").display().to_string();
    golden("success.txt", &explain_report(&["--method", "POST", "--path", "/orders/7", "--payload", &payload]));
}

#[test]
fn a_refused_request_is_explained() {
    golden("refused.txt", &explain_report(&["--path", "/nowhere"]));
}

#[test]
fn a_rejected_invocation_is_explained() {
    golden("rejected.txt", &explain_report(&["--method", "POST", "--path", "/orders/7", "--status", "429"]));
}
