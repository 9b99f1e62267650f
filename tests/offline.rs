//! Without a port: what `stagegate test` and `stagegate explain` print, word for word; and random exchanges.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Instant, SystemTime};

use clap::Parser;
use stagegate::{
    Failure, Gateway, Headers, IntegrationReply, Metrics, Request, Severity, Sources, explain, load, play, test,
};

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
    let paths = arguments.iter().map(|argument| match argument.starts_with('-') || *argument == "junit" {
        true => (*argument).to_owned(),
        false => folder.join(argument).display().to_string(),
    });
    let parsed = Test::parse_from(std::iter::once("test".to_owned()).chain(paths));
    let (text, code) = test::report(&parsed.args);
    (same_ids(text.replace(&format!("{}/", folder.display()), "")), code)
}

/// What differs from run to run, made the same.
fn same_ids(report: String) -> String {
    let same = |report: String, pattern: &str, by: &str| {
        regex::Regex::new(pattern).expect("a pattern").replace_all(&report, by).into_owned()
    };
    let report = same(report, "(Extended Request Id: |x-amz-apigw-id[:=] ?)[A-Za-z0-9_-]{15}=", "${1}EXTENDED-ID");
    same(report, "Root=1-[^\n,}]*", "TRACE-ID")
}

/// The report of `stagegate explain` in the words of the execution log.
fn explain_report(arguments: &[&str]) -> String {
    explain_as("aws", arguments)
}

fn explain_as(format: &str, arguments: &[&str]) -> String {
    let config = support::data("offline").join("article.yaml").display().to_string();
    let arguments =
        ["explain", "--config", &config, "--header", "x-amzn-RequestId: 6f9619ff-8b86-4011-b42d-00c04fc964ff"]
            .into_iter()
            .chain(["--format", format])
            .chain(arguments.iter().copied());
    same_ids(explain::report(&Explain::parse_from(arguments).args).expect("a configuration that loads"))
}

fn golden(name: &str, actual: &str) {
    if let Some(wrong) = support::golden(&support::data("offline").join(name), actual) {
        panic!("{wrong}");
    }
}

#[test]
fn misses_are_told_in_full() {
    let (text, code) = test_report(&["misses.yaml"]);
    golden("misses.txt", &text);
    assert_eq!(code, 1);
}

/// Colours as they are seen; `report` has the same text without them.
#[test]
fn misses_are_told_in_colours() {
    let file = support::data("offline").join("coloured.yaml").display().to_string();
    let (text, code) = test::styled(&Test::parse_from(["test", &file]).args);
    let seen = text.replace(&file, "coloured.yaml").replace('\u{1b}', "ESC");
    golden("coloured.txt", &seen);
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
    assert_eq!((text.as_str(), code), ("3 cases: 3 passed, 0 failed\n", 0));
}

#[test]
fn offline_no_function_and_no_service_needs_an_address() {
    let (text, code) = test_report(&["no-addresses/cases.yaml"]);
    assert_eq!((text.as_str(), code), ("3 cases: 3 passed, 0 failed\n", 0));
    let config = support::data("offline").join("no-addresses/stagegate.yaml").display().to_string();
    let arguments = ["explain", "--format", "aws", "--config", &config, "--method", "POST", "--path", "/queue"];
    let report = explain::report(&Explain::parse_from(arguments).args).expect("a configuration that loads");
    assert!(report.contains("Sending request to https://sqs.eu-west-1.amazonaws.com/123456789012/orders"), "{report}");
    let sources = Sources { config: Some(config.into()), ..Sources::default() };
    let problems = load(&sources).expect("each method fails alone").problems;
    let rules: Vec<&str> = problems.iter().filter(|p| p.severity == Severity::Error).map(|p| p.rule).collect();
    assert_eq!(rules, ["unknown-function", "unknown-service"]);
}

/// What the backend answers is not what the authorizer answers.
#[test]
fn an_authorizer_has_an_answer_of_its_own() {
    let file = |name: &str| support::data("offline/guarded").join(name).display().to_string();
    let (config, reply, deny) = (file("stagegate.yaml"), file("reply.json"), file("deny.json"));
    let explained = |more: &[&str]| {
        let asked = [
            "explain",
            "--format",
            "aws",
            "--config",
            &config,
            "--path",
            "/orders",
            "--header",
            "X-Token: t",
            "--payload",
            &reply,
        ];
        let arguments = asked.into_iter().chain(more.iter().copied());
        explain::report(&Explain::parse_from(arguments).args).expect("a configuration that loads")
    };
    let (allowed, denied) = (explained(&[]), explained(&["--authorizer", &deny]));
    assert!(allowed.contains("HTTP/1.1 201 Created") && allowed.contains("made"), "{allowed}");
    assert!(denied.contains("HTTP/1.1 403 Forbidden") && denied.contains("explicit deny"), "{denied}");
}

/// `cases` is found by the document's tree, however its text spells it.
#[test]
fn cases_are_found_in_every_spelling() {
    let (text, code) = test_report(&["spellings", "spellings/plain.toml"]);
    assert_eq!((text.as_str(), code), ("11 cases: 11 passed, 0 failed\n", 0));
}

#[test]
fn unreadable_cases_say_where() {
    for name in [
        "misspelt.yaml",
        "no-cases.yaml",
        "bad-api.yaml",
        "bad-api-json.json",
        "misspelt-key.json",
        "nothing-answers.yaml",
        "not-yaml.yaml",
    ] {
        let (text, code) = test_report(&[&format!("unreadable/{name}")]);
        let (stem, _) = name.split_once('.').expect("an ending");
        golden(&format!("unreadable/{stem}.txt"), &text);
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

/// The story of an exchange, with what the function answered and which pattern took it; a long body is cut.
#[test]
fn a_story_is_told() {
    let payload = support::data("offline").join("error.json").display().to_string();
    let body = "long ".repeat(400);
    let asked = ["--method", "POST", "--path", "/orders/7?verbose=true", "--payload", &payload, "--function-error"];
    let plain = |text: &str| anstream::adapter::strip_str(text).to_string();
    golden("story.txt", &plain(&explain_as("text", &asked)));
    let refused = ["--path", "/nowhere", "--body", &body];
    golden("story-refused.txt", &plain(&explain_as("text", &refused)));
    let good = support::data("offline").join("success.json").display().to_string();
    let good = ["--method", "POST", "--path", "/orders/7", "--payload", &good];
    golden("story-success.txt", &plain(&explain_as("text", &good)));
    let whole = explain_as("text", &[&refused[..], &["--full"]].concat());
    assert!(whole.contains(body.trim_end()), "{whole}");
    let json = explain_as("json", &asked);
    assert!(json.starts_with("{\n") && json.contains("\"function_error\": true"), "{json}");
}

#[test]
fn a_story_tells_what_fails_on_purpose() {
    let asked = [
        "--method",
        "POST",
        "--path",
        "/orders/7",
        "--header",
        "X-Stagegate-Fault: function_error",
        "--set",
        "faults=[{match: 'POST /orders/{id}', cause: function_error, message: '[404] no such order'}]",
    ];
    let story = anstream::adapter::strip_str(&explain_as("text", &asked)).to_string();
    golden("story-on-purpose.txt", &story);
}

#[test]
fn a_refused_request_is_explained() {
    golden("refused.txt", &explain_report(&["--path", "/nowhere"]));
}

#[test]
fn a_path_begins_with_a_slash() {
    let config = support::data("offline").join("article.yaml");
    let output = support::sidecar::command()
        .args(["explain", "--path", "orders/7", "--config"])
        .arg(&config)
        .output()
        .expect("the binary");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "error: `orders/7`: expected a path, which begins with `/`\n");
    assert_eq!(output.status.code(), Some(78));
}

#[test]
fn a_rejected_invocation_is_explained() {
    golden("rejected.txt", &explain_report(&["--method", "POST", "--path", "/orders/7", "--status", "429"]));
}

#[test]
fn an_input_that_cannot_be_read_is_an_error_with_its_name() {
    let config = support::data("offline").join("article.yaml");
    for (flag, value, expected) in [
        ("--payload", "none.json", "error: `none.json`: No such file or directory (os error 2)\n"),
        ("--body", "@none.txt", "error: `none.txt`: No such file or directory (os error 2)\n"),
        ("--header", "X", "error: `X`: expected `Name: value`\n"),
    ] {
        let mut command = support::sidecar::command();
        command.args(["explain", "--path", "/", flag, value, "--config"]).arg(&config);
        let output = command.output().expect("the binary");
        assert_eq!((output.status.code(), &*String::from_utf8_lossy(&output.stderr)), (Some(78), expected));
    }
}

/// A generator of numbers that gives the same ones each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// A few pieces one after the other, and now and then a byte that is no UTF-8.
    fn bytes(&mut self, pieces: &[&str], most: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..self.below(most + 1) {
            match self.below(12) {
                0 => bytes.push(0xc3),
                _ => bytes.extend_from_slice(self.pick(pieces).as_bytes()),
            }
        }
        bytes
    }
}

const BODIES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"a\"",
    ":",
    ",",
    "null",
    "1",
    "-1.5e9",
    "\"b\"",
    "{\"a\":{\"b\":1}}",
    "statusCode",
    "\"statusCode\":200",
    "\"errorMessage\":\"bad\\n\"",
    "\"status\":404",
    "\"headers\":{\"x\":[1]}",
    "\"body\"",
    "é",
    "$",
    "#",
    "\\",
    "\u{0}",
    "aGk=",
    " ",
];
const TEXTS: &[&str] =
    &["a", "%2F", "%", "%zz", "+", "&", "=", ";", "q=", "q=1&q=2", "//", "..", "é", "{a}", "?", "'", "\"", " "];
const PATHS: &[&str] = &["/custom/", "/valid", "/proxy/", "/mock", "/http/", "/http-proxy/", "/service", "/", ""];
const TYPES: &[&str] =
    &["application/json", "text/plain", "image/png", "audio/ogg; x=y", "*/*", "", ";", "image/png,*/*"];
const NAMES: &[&str] = &[
    "X",
    "Content-Type",
    "Accept",
    "Accept-Encoding",
    "Content-Encoding",
    "X-Amzn-Trace-Id",
    "x-amzn-RequestId",
    "Host",
    "TE",
];

fn random_headers(numbers: &mut Numbers) -> Headers {
    let mut headers = Headers::default();
    for _ in 0..numbers.below(6) {
        let name = numbers.pick(NAMES);
        let value = match name {
            "Content-Type" | "Accept" => numbers.pick(TYPES).as_bytes().to_vec(),
            "Accept-Encoding" | "Content-Encoding" => numbers.pick(&["gzip", "deflate", "identity", "br;q=0"]).into(),
            "X-Amzn-Trace-Id" => {
                numbers.bytes(&["Root=", "1-3152b799-8954dae64eda91bc9a23a7e8", ";", "Parent=", "x"], 4)
            }
            _ => numbers.bytes(TEXTS, 3),
        };
        headers.push(name, value);
    }
    headers
}

fn random_request(numbers: &mut Numbers) -> Request {
    let path = [numbers.pick(PATHS).as_bytes(), &numbers.bytes(TEXTS, 3)].concat();
    let query = String::from_utf8_lossy(&numbers.bytes(TEXTS, 5)).into_owned();
    Request {
        method: numbers.pick(&["GET", "POST", "PUT", "HEAD", "FETCH"]).to_owned(),
        path: String::from_utf8_lossy(&path).replace('?', ""),
        query: Some(query).filter(|query| !query.is_empty()),
        headers: random_headers(numbers),
        body: numbers.bytes(BODIES, 9).into(),
        source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        http2: numbers.below(2) == 0,
        time: SystemTime::now(),
        received: Instant::now(),
    }
}

fn random_answer(numbers: &mut Numbers) -> Result<IntegrationReply, Failure> {
    match numbers.below(12) {
        0 => Err(Failure::Timeout),
        1 => Err(Failure::rejected(429)),
        _ => Ok(IntegrationReply {
            status: [200, 202, 404, 500][numbers.below(4)],
            headers: random_headers(numbers),
            body: numbers.bytes(BODIES, 9).into(),
            function_error: numbers.below(3) == 0,
            ..IntegrationReply::default()
        }),
    }
}

#[test]
fn whatever_comes_in_there_is_an_answer() {
    let config = support::data("offline").join("every-kind.yaml");
    let loaded = load(&Sources { config: Some(config), ..Sources::default() }).expect("a configuration that loads");
    let metrics = Metrics::new("test", "").expect("fresh metrics");
    let gateway = Gateway::new(loaded.api, loaded.canary, loaded.settings.limits, &metrics);
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut statuses = std::collections::BTreeMap::new();
    for _ in 0..20_000 {
        let request = random_request(&mut numbers);
        let answer = random_answer(&mut numbers);
        let played = play(&gateway, request, |_| answer.as_ref().map(IntegrationReply::seen).map_err(Failure::clone));
        assert!((100..=599).contains(&played.response.status));
        *statuses.entry(played.response.status).or_insert(0) += 1;
        assert!(played.response.headers.0.iter().all(|line| !line.value.contains(&b'\n')));
    }
    assert!([200, 400, 403, 404, 500, 502, 504].iter().all(|status| statuses.contains_key(status)), "{statuses:?}");
}
