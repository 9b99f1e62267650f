//! What is a token at all, and which names stand around one: nothing here is signed.

use stagegate::authorization::jwt::{Token, UserPool, bearer};

/// A text, and why it is no token.
#[test]
fn what_is_no_token() {
    // Parts: {"alg":"RS256"}, {}, {"alg":1}, {"alg":"RS256","crit":["b64"]}, [].
    let (rs256, empty, number, critical, list) =
        ("eyJhbGciOiJSUzI1NiJ9", "e30", "eyJhbGciOjF9", "eyJhbGciOiJSUzI1NiIsImNyaXQiOlsiYjY0Il19", "W10");
    for (text, why) in [
        (String::new(), "the token has 1 parts, expected 3"),
        (format!("{rs256}.{empty}"), "the token has 2 parts, expected 3"),
        (format!("{rs256}.{empty}.AA.AA.AA"), "the token has 5 parts, expected 3"),
        (format!("{rs256}=.{empty}.AA"), "the token's header is no base64url"),
        (format!("{rs256}.{empty}.A"), "the token's signature is no base64url"),
        (format!("{rs256}.{empty}.A+"), "the token's signature is no base64url"),
        (format!("{rs256}.{list}.AA"), "the token's claims is no JSON object"),
        (format!("{list}.{empty}.AA"), "the token's header is no JSON object"),
        (format!("{empty}.{empty}.AA"), "the token's header has no `alg`"),
        (format!("{number}.{empty}.AA"), "the token's header has no `alg`"),
        (format!("{critical}.{empty}.AA"), "the token's header has `crit`: it asks for extensions"),
    ] {
        assert_eq!(Token::parse(&text).map(|_| ()).map_err(|e| e.to_string()), Err(why.to_owned()), "{text}");
    }
}

#[test]
fn the_word_bearer_may_stand_before_a_token() {
    for (value, token) in [
        ("Bearer a.b.c", "a.b.c"),
        ("bearer  a", "a"),
        (" BEARER a ", "a"),
        ("a.b.c", "a.b.c"),
        ("Basic a", "Basic a"),
        ("Bearer", "Bearer"),
    ] {
        assert_eq!(bearer(value), token, "{value}");
    }
}

#[test]
fn a_user_pool_is_named_by_its_arn() {
    let issuer = |arn: &str| UserPool::from_arn(arn).map(|pool| pool.issuer).map_err(|e| e.to_string());
    assert_eq!(
        issuer("arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbC").as_deref(),
        Ok("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC")
    );
    assert_eq!(
        issuer("arn:aws-cn:cognito-idp:cn-north-1:123456789012:userpool/cn-north-1_A").as_deref(),
        Ok("https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_A")
    );
    let expected = "expected one like `arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEf123`";
    for wrong in
        ["", "eu-west-1_AbC", "arn:aws:cognito-idp:eu-west-1:1:pool/x", "arn:aws:cognito-idp:eu-west-1:1:userpool/"]
    {
        assert_eq!(issuer(wrong), Err(format!("`{wrong}` is no ARN of a user pool: {expected}")));
    }
}
