//! Any token, key set and signature: no panic, no hang, and nothing is taken, as nobody here signs anything.
//!
//! The first byte says what the rest is: a token, its header and claims alone (encoded here), a key set, an `Authorization`
//! header, or a query with a signature.

#![no_main]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use stagegate::authorization::Identity;
use stagegate::authorization::jwt::{
    Algorithm, HttpJwt, Jwks, RestIssuer, RestJwt, Token, TokenAuthorizer, UserPool, UserPools, bearer,
};
use stagegate::authorization::signature::{AccessKey, AccessKeys, Scope, Secret, SentRequest, malformed_header, verify};
use stagegate::Headers;

/// RFC 7517's example keys, as the issuer's: their private halves are not here.
const KEYS: &str = r#"{"keys":[
    {"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","kid":"e"},
    {"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","kid":"r"}]}"#;

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_769_860_800)
}

fn authorizers() -> [TokenAuthorizer; 3] {
    let issuer = "https://issuer.example".to_owned();
    let pool = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_A";
    [
        TokenAuthorizer::Http(HttpJwt { issuers: vec![issuer.clone()], audience: vec!["a".to_owned()] }),
        TokenAuthorizer::Rest(RestJwt {
            issuers: vec![RestIssuer { issuer, audiences: vec!["a".to_owned()], additional_claims: vec![] }],
            algorithms: Algorithm::ALL.to_vec(),
        }),
        TokenAuthorizer::Cognito(UserPools { pools: vec![UserPool::from_arn(pool).expect("an ARN")], expression: None }),
    ]
}

fn ask(token: &str, keys: &Jwks) {
    let Ok(token) = Token::parse(bearer(token)) else { return };
    for authorizer in authorizers() {
        let _ = authorizer.issuer(&token).map_err(|fault| fault.to_string());
        let refused = authorizer.admit(&token, keys, &["read".to_owned()], now()).expect_err("nobody signed it");
        assert!(!refused.to_string().is_empty() && !refused.error_description().is_empty());
    }
}

fn sign(headers: &Headers, query: Option<&str>) {
    let key = AccessKey {
        id: "AKIA".to_owned(),
        secret: Secret::new("a secret that is nowhere else"),
        identity: Identity::from_arn("arn:aws:iam::123456789012:user/ci").expect("an ARN"),
        policy: None,
        session_token: None,
        expires: None,
    };
    let keys: AccessKeys = [key].into_iter().collect();
    let path = query.unwrap_or("/a/./b//../%2f");
    let request = SentRequest { method: "GET", path, query, headers, body: b"x" };
    let scope = Scope { region: "eu-west-1", service: "execute-api" };
    let fault = verify(&request, &keys, scope, now()).map(|key| key.id.clone()).expect_err("nobody signed it");
    assert!(!fault.message().is_empty() && !fault.to_string().is_empty() && !fault.error_type().is_empty());
    let _ = malformed_header(headers);
}

fuzz_target!(|input: &[u8]| {
    let Some((how, rest)) = input.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    match how % 5 {
        0 => ask(&text, &Jwks::parse(KEYS.as_bytes()).expect("a set")),
        1 => {
            let keys = Jwks::parse(KEYS.as_bytes()).expect("a set");
            let (kid, claims) = text.split_once('\n').unwrap_or(("r", &text));
            for algorithm in ["RS256", "ES256"] {
                let header = format!("{{\"alg\":\"{algorithm}\",\"kid\":\"{kid}\"}}");
                let [header, claims] = [header.as_str(), claims].map(|part| URL_SAFE_NO_PAD.encode(part));
                ask(&format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(rest)), &keys);
            }
        }
        2 => {
            let Ok(keys) = Jwks::parse(rest) else { return };
            assert!(keys.key_ids().count() == 0 || !keys.is_empty());
            let header = URL_SAFE_NO_PAD.encode(format!("{{\"alg\":\"RS256\",\"kid\":\"{}\"}}", keys.key_ids().next().unwrap_or("r")));
            ask(&format!("{header}.e30.AAAA"), &keys);
        }
        3 => {
            let mut headers = Headers::default();
            headers.push("Host", "api.example");
            headers.push("X-Amz-Date", "20260131T120000Z");
            let scope = "AKIA/20260131/eu-west-1/execute-api/aws4_request";
            let written = text.replace('~', &format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature="));
            headers.push("Authorization", written);
            sign(&headers, None);
        }
        _ => {
            let scope = "AKIA%2F20260131%2Feu-west-1%2Fexecute-api%2Faws4_request";
            let form = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=";
            let query = text.replace('~', &format!("{form}{scope}&X-Amz-Date=20260131T120000Z&X-Amz-SignedHeaders=host&X-Amz-Signature="));
            let mut headers = Headers::default();
            headers.push("Host", "api.example");
            sign(&headers, Some(&query));
        }
    }
});
