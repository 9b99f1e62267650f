//! Any policy document and any authorizer's answer, asked about a call: no panic, no hang, and what is decided is explained.
//!
//! The first byte says how the rest is meant: as JSON text, or byte by byte as pieces of the policy language, which gets deeper.

#![no_main]

use std::time::{Duration, UNIX_EPOCH};

use libfuzzer_sys::fuzz_target;
use stagegate::authorization::lambda_answer::{read_http, read_rest, read_simple};
use stagegate::authorization::policy::{Outcome, Policy, PolicyKind, Reason, RequestFacts};
use stagegate::authorization::{ApiArn, Identity};

const PIECES: &[&str] = &[
    "{", "}", "[", "]", ",", ":", "\"", "null", "true", "1", "-1.5", "\"*\"", "\"Allow\"", "\"Deny\"", "\"Effect\":", "\"Action\":",
    "\"NotAction\":", "\"Resource\":", "\"NotResource\":", "\"Principal\":", "\"NotPrincipal\":", "\"Sid\":\"s\",", "\"AWS\":",
    "\"Condition\":{", "\"StringLike\":{", "\"StringNotEqualsIfExists\":{", "\"StringEqualsIgnoreCase\":{", "\"NumericLessThan\":{",
    "\"DateGreaterThan\":{", "\"ForAllValues:ArnLike\":{", "\"ForAnyValue:StringNotLike\":{", "\"IpAddress\":{", "\"NotIpAddress\":{",
    "\"Null\":{", "\"Bool\":{", "\"BinaryEquals\":{", "\"aws:SourceIp\":", "\"aws:UserAgent\":", "\"aws:CurrentTime\":",
    "\"aws:PrincipalArn\":", "\"tags\":", "\"10.0.0.0/8\"", "\"2001:db8::/129\"", "\"2026-01-31T12:00:00.5+01:00\"", "\"9999999999999\"",
    "\"${aws:UserAgent}\"", "\"${aws:username, 'x'}*\"", "\"${*}?${$}${\"", "\"a*b*?*é\"", "\"execute-api:/*\"",
    "\"arn:aws:execute-api:eu-west-1:123456789012:a/*/GET/*\"", "\"arn:aws:iam::123456789012:role/x/ci\"", "\"123456789012\"",
    "{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\",", "{\"Effect\":\"Deny\",\"Action\":\"*\",\"NotResource\":\"*\"},",
];

fuzz_target!(|input: &[u8]| {
    let Some((how, rest)) = input.split_first() else { return };
    let text = if how % 4 == 0 {
        String::from_utf8_lossy(rest).into_owned()
    } else {
        let pieces: String = rest.iter().map(|byte| PIECES[usize::from(*byte) % PIECES.len()]).collect();
        format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{pieces}]}}")
    };
    for answer in [text.clone(), format!("{{\"policyDocument\":{text}}}")] {
        let _ = (read_rest(answer.as_bytes()).is_ok(), read_http(answer.as_bytes()).is_ok(), read_simple(answer.as_bytes()).is_ok());
    }
    let Ok(document) = serde_json::from_str(&text) else { return };
    let api = ApiArn::new("eu-west-1", "123456789012", "a");
    let caller = Identity::from_arn("arn:aws:sts::123456789012:assumed-role/ci/run").expect("an ARN");
    let more = [("tags".to_owned(), vec!["a".to_owned(), "é*?".to_owned()])];
    let facts = RequestFacts {
        caller: Some(&caller),
        source_ip: Some([10, 1, 2, 3].into()),
        user_agent: Some("a*é?b"),
        more: &more,
        ..RequestFacts::at(UNIX_EPOCH + Duration::from_secs(1_769_860_800))
    };
    for kind in [PolicyKind::Authorizer, PolicyKind::Resource(&api), PolicyKind::Identity] {
        let policy = match Policy::read(&document, kind) {
            Ok(policy) => policy,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                continue;
            }
        };
        for path in ["/pets", "/a/é?*"] {
            let arn = api.method("prod", "GET", path).expect("a short one");
            let decision = policy.decide(&arn, &facts);
            let explanation = policy.explain(&arn, &facts);
            assert_eq!(explanation.decision, decision);
            let matching = |denies| explanation.judgements.iter().any(|j| j.denies == denies && j.reason == Reason::Matches);
            let expected = if matching(true) {
                Outcome::Deny
            } else if matching(false) {
                Outcome::Allow
            } else {
                Outcome::Neither
            };
            assert_eq!(decision.outcome, expected);
            assert!(!explanation.to_string().is_empty());
        }
    }
});
