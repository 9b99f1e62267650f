//! Identity sources: their two ways to be written, what they read, and the key of the cache.

use std::borrow::Cow;

use stagegate::authorization::identity_source::{CacheKey, CallerValues, IdentitySource, identify, token};
use stagegate::engine::pattern::Pattern;

/// A request with one of each.
struct Fixed;

impl CallerValues for Fixed {
    fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        match name.to_ascii_lowercase().as_str() {
            "authorization" => Some("Bearer abc".into()),
            "empty" => Some("".into()),
            _ => None,
        }
    }
    fn query_string(&self, name: &str) -> Option<Cow<'_, str>> {
        (name == "q").then(|| "a b".into())
    }
    fn stage_variable(&self, name: &str) -> Option<Cow<'_, str>> {
        (name == "v").then(|| "blue".into())
    }
    fn context(&self, name: &str) -> Option<Cow<'_, str>> {
        (name == "identity.sourceIp").then(|| "192.0.2.1".into())
    }
}

/// A REST API's form, an HTTP API's, the words for people, the value.
const SOURCES: [(&str, &str, &str, Option<&str>); 7] = [
    (
        "method.request.header.AUTHORIZATION",
        "$request.header.AUTHORIZATION",
        "header `AUTHORIZATION`",
        Some("Bearer abc"),
    ),
    ("method.request.header.Empty", "$request.header.Empty", "header `Empty`", None),
    ("method.request.header.x.y", "$request.header.x.y", "header `x.y`", None),
    ("method.request.querystring.q", "$request.querystring.q", "query string parameter `q`", Some("a b")),
    ("method.request.querystring.Q", "$request.querystring.Q", "query string parameter `Q`", None),
    ("stageVariables.v", "$stageVariables.v", "stage variable `v`", Some("blue")),
    ("context.identity.sourceIp", "$context.identity.sourceIp", "`$context.identity.sourceIp`", Some("192.0.2.1")),
];

#[test]
fn both_forms_name_the_same_value() {
    for (rest, http, words, value) in SOURCES {
        let source = IdentitySource::parse_rest(rest).expect(rest);
        assert_eq!(IdentitySource::parse_http(http).as_ref(), Ok(&source));
        assert_eq!(source.to_string(), words);
        assert_eq!(source.read(&Fixed).as_deref(), value, "{rest}");
    }
}

#[test]
fn what_is_no_source_is_refused() {
    for wrong in [
        "",
        "Authorization",
        "method.request.header.",
        "method.request.path.id",
        "method.request.body.x",
        "$request.header.A",
    ] {
        let refused = IdentitySource::parse_rest(wrong).expect_err(wrong);
        let expected =
            "`method.request.header.NAME`, `method.request.querystring.NAME`, `stageVariables.NAME` or `context.NAME`";
        assert_eq!(refused.to_string(), format!("`{wrong}` is no identity source: expected {expected}"));
    }
    for wrong in ["", "$request.path.id", "$request.header.", "method.request.header.A", "request.header.A"] {
        let refused = IdentitySource::parse_http(wrong).expect_err(wrong);
        let expected = "`$request.header.NAME`, `$request.querystring.NAME`, `$stageVariables.NAME` or `$context.NAME`";
        assert_eq!(refused.to_string(), format!("`{wrong}` is no identity source: expected {expected}"));
    }
}

#[test]
fn a_list_is_read_in_order_and_the_first_missing_is_told() {
    let list = |text: &str| IdentitySource::parse_rest_list(text).expect(text);
    let all = list("method.request.header.authorization, stageVariables.v ,context.identity.sourceIp");
    assert_eq!(identify(&all, &Fixed), Ok(vec!["Bearer abc".to_owned(), "blue".to_owned(), "192.0.2.1".to_owned()]));
    assert_eq!(identify(&list(""), &Fixed), Ok(Vec::new()));
    let gap = list("method.request.header.authorization,method.request.querystring.none,method.request.header.empty");
    let missing = identify(&gap, &Fixed).expect_err("one is missing");
    assert_eq!(missing.to_string(), "the identity source query string parameter `none` is missing or empty");
    assert!(IdentitySource::parse_rest_list("stageVariables.v,x").is_err());
}

#[test]
fn a_token_must_be_there_and_match_as_a_whole() {
    let source = |name: &str| IdentitySource::Header(name.to_owned());
    let read = |name: &str, expression: Option<&str>| {
        let expression = expression.map(|expression| Pattern::compile(expression).expect(expression));
        token(&source(name), expression.as_ref(), &Fixed).map_err(|e| e.to_string())
    };
    assert_eq!(read("Authorization", None).as_deref(), Ok("Bearer abc"));
    assert_eq!(read("Authorization", Some("Bearer [a-c]+")).as_deref(), Ok("Bearer abc"));
    let refused =
        |expression: &str| Err(format!("the identity source header `Authorization` does not match `{expression}`"));
    for expression in ["Bearer", "abc", "^Bearer$", "(?!Bearer).*"] {
        assert_eq!(read("Authorization", Some(expression)), refused(expression));
    }
    let missing = |name: &str| Err(format!("the identity source header `{name}` is missing or empty"));
    assert_eq!(read("Other", None), missing("Other"));
    assert_eq!(read("Empty", Some(".*")), missing("Empty"));
}

/// What differs in any part is kept apart, also when the parts put together read alike.
#[test]
fn cache_keys_tell_apart_what_differs() {
    let key = |authorizer: &str, stage: &str, values: &[&str]| {
        CacheKey::new(authorizer, stage, &values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>())
    };
    let keys = [
        key("a", "prod", &["x", "y"]),
        key("a", "prod", &["xy"]),
        key("a", "prod", &["x", "y", ""]),
        key("a", "prod", &["y", "x"]),
        key("a", "prodx", &["y"]),
        key("ap", "rod", &["x", "y"]),
        key("a", "prod", &["x1:y"]),
        key("a", "prod", &["x:y"]),
        key("a", "prod", &[]),
    ];
    for (n, one) in keys.iter().enumerate() {
        assert_eq!(keys.iter().filter(|other| *other == one).count(), 1, "key {n}");
    }
    assert_eq!(keys[0], key("a", "prod", &["x", "y"]));
    assert_eq!(format!("{:?}", keys[0]), "CacheKey(…)");
}
