//! Tokens minted by PyJWT, for the three kinds of authorizers that take them.

use serde_json::{Value, json};
use stagegate::authorization::jwt::{
    AdditionalClaim, Algorithm, HttpJwt, Jwks, JwtFault, RestIssuer, RestJwt, Token, TokenAuthorizer, UserPool,
    UserPools, bearer,
};
use stagegate::engine::pattern::Pattern;

use super::request::{NOON, at};
use crate::support::{data, json_lines, tokens};

/// The JWKS of the test's keys, and the tokens wished for.
fn mint(wishes: &Value) -> (Jwks, Vec<String>) {
    let (jwks, tokens) = tokens::mint(wishes);
    (Jwks::parse(jwks.to_string().as_bytes()).expect("a JWKS"), tokens)
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|text| text.as_str().expect("a text").to_owned()).collect()
}

/// The authorizers that the cases are about.
fn authorizer(name: &str) -> TokenAuthorizer {
    let audience = || vec!["shop".to_owned(), "desk".to_owned()];
    let claim = |name: &str, required, values: &[&str]| AdditionalClaim {
        name: name.to_owned(),
        required,
        expected_values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    let issuer = |issuer: &str, additional_claims| RestIssuer {
        issuer: issuer.to_owned(),
        audiences: audience(),
        additional_claims,
    };
    let pool = |arn: &str| UserPool::from_arn(arn).expect("an ARN");
    let pools = || {
        let account = "123456789012:userpool";
        vec![
            pool(&format!("arn:aws:cognito-idp:eu-west-1:{account}/eu-west-1_A")),
            pool(&format!("arn:aws:cognito-idp:us-east-1:{account}/us-east-1_B")),
        ]
    };
    match name {
        "http" => TokenAuthorizer::Http(HttpJwt { issuer: "https://issuer.example".to_owned(), audience: audience() }),
        "rest" => TokenAuthorizer::Rest(RestJwt {
            issuers: vec![
                issuer("https://issuer.example", vec![]),
                issuer(
                    "https://other.example/",
                    vec![
                        claim("tenant", true, &["red", "blue"]),
                        claim("level", false, &["1"]),
                        claim("mail", true, &[]),
                    ],
                ),
            ],
            algorithms: Algorithm::ALL.to_vec(),
        }),
        "rest, RS256 only" => TokenAuthorizer::Rest(RestJwt {
            issuers: vec![issuer("https://issuer.example", vec![])],
            algorithms: vec![Algorithm::Rs256],
        }),
        "cognito" => TokenAuthorizer::Cognito(UserPools { pools: pools(), expression: None }),
        "cognito, one client" => TokenAuthorizer::Cognito(UserPools {
            pools: pools(),
            expression: Some(Pattern::compile("client-[0-9]").expect("a pattern")),
        }),
        other => panic!("no authorizer `{other}`"),
    }
}

/// A case: an authorizer, a token as wished for, the method's scopes; then what is admitted, or why nothing is and what
/// `www-authenticate` says. A token has an issuer, an expiry and a subject, over which its `claims` are put; `-` takes one away.
#[test]
fn tokens_are_admitted_or_refused() {
    let cases = json_lines(&data("authorization/claims"));
    let mut wishes = Vec::new();
    for (place, case) in &cases {
        let mut wish = case["token"].as_object().cloned().unwrap_or_default();
        for (name, default) in [("alg", "RS256"), ("kid", "rsa"), ("key", "rsa")] {
            wish.entry(name).or_insert(json!(default));
        }
        let issuer = if case["authorizer"].as_str().is_some_and(|a| a.starts_with("cognito")) {
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A"
        } else {
            "https://issuer.example"
        };
        let mut claims = json!({"iss": issuer, "exp": NOON + 60, "sub": "ann"});
        for (name, value) in wish.get("claims").and_then(Value::as_object).cloned().unwrap_or_default() {
            claims[name.as_str()] = value;
        }
        let fields = claims.as_object_mut().expect("an object");
        fields.retain(|_, value| value != "-");
        wish.insert("claims".to_owned(), claims);
        assert!(case["authorizer"].is_string(), "{place}");
        wishes.push(Value::Object(wish));
    }
    let (jwks, tokens) = mint(&Value::Array(wishes));
    let mut wrong = Vec::new();
    for ((place, case), token) in cases.iter().zip(&tokens) {
        let authorizer = authorizer(case["authorizer"].as_str().expect("a name"));
        let ours = match admit(&authorizer, token, &jwks, &texts(&case["scopes"])) {
            Ok(admitted) => json!({"admitted": admitted}),
            Err(fault) => json!({
                "refused": fault.to_string(),
                "description": format!("{}: {}", fault.error_code(), fault.error_description()),
            }),
        };
        let expected = |name: &str| case.get(name) == ours.get(name);
        if !["admitted", "refused", "description"].into_iter().all(expected) {
            wrong.push(format!("{place} {}\n    ours: {ours}", case["name"]));
        }
    }
    assert!(wrong.is_empty(), "{} cases\n{}", wrong.len(), wrong.join("\n"));
}

/// As the gateway does it: taken apart, whose keys, good or not.
fn admit(authorizer: &TokenAuthorizer, token: &str, jwks: &Jwks, scopes: &[String]) -> Result<Value, JwtFault> {
    let token = Token::parse(bearer(token))?;
    authorizer.issuer(&token)?;
    let admitted = authorizer.admit(&token, jwks, scopes, at(NOON))?;
    let claims: serde_json::Map<String, Value> =
        admitted.claims.into_iter().map(|(name, value)| (name, json!(value))).collect();
    Ok(json!({"claims": claims, "scopes": admitted.scopes}))
}

#[test]
fn no_bit_of_a_token_may_change() {
    let claims = json!({"iss": "https://issuer.example", "exp": NOON + 60, "aud": "shop"});
    let wishes = json!([
        {"alg": "RS256", "kid": "rsa", "key": "rsa", "claims": claims},
        {"alg": "ES256", "kid": "p256", "key": "p256", "claims": claims},
        {"alg": "ES384", "kid": "p384", "key": "p384", "claims": claims},
    ]);
    let (jwks, tokens) = mint(&wishes);
    let authorizer = authorizer("rest");
    for token in tokens {
        assert!(admit(&authorizer, &token, &jwks, &[]).is_ok());
        let mut changes = 0;
        for bit in 0..token.len() * 8 {
            let mut bytes = token.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            assert!(admit(&authorizer, &changed, &jwks, &[]).is_err(), "bit {bit}: {changed}");
            changes += 1;
        }
        assert!(changes > 1_000, "{changes} changes only");
    }
}

#[test]
fn a_jwks_keeps_what_can_verify_and_tells_the_rest() {
    let (jwks, _) = mint(&json!([]));
    assert_eq!(jwks.key_ids().collect::<Vec<_>>(), ["rsa", "rsa-256-only", "p256", "p384"]);
    assert_eq!(
        jwks.skipped(),
        [
            "`keys[4]` is on a curve that is not taken (`crv` is `P-521`)",
            "`keys[5]` has 1024 bits, expected 2048 to 8192",
            "`keys[6]` is not for signatures (`use`)",
            "`keys[7]` is of a type that is never taken (`kty` is `oct`)",
            "`keys[8]` has no `kid`",
            "`keys[9]` has a wrong `x`",
            "`keys[10]` is no object",
        ]
    );
    for (text, error) in [
        ("", "no JSON Web Key Set: EOF while parsing a value at line 1 column 0"),
        ("[]", "no JSON Web Key Set: expected an object with a list `keys`"),
        ("{\"keys\": {}}", "no JSON Web Key Set: expected an object with a list `keys`"),
    ] {
        assert_eq!(Jwks::parse(text.as_bytes()).expect_err(text).to_string(), error);
    }
    assert!(Jwks::parse(b"{\"keys\": []}").expect("a set").is_empty());
}
