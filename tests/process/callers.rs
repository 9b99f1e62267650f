//! Who may call, over sockets: an issuer of tokens that publishes its keys, and authorizers that many ask at once.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::support::http::{Answer, send};
use crate::support::lambda::{Backend, Gate, Reply};
use crate::support::sidecar::{Sidecar, until};
use crate::support::tokens::mint;

/// The function behind the methods: it answers with what it is told of the caller.
fn function() -> Backend {
    Backend::start(|seen| {
        let event: Value = serde_json::from_slice(&seen.body).unwrap_or_default();
        let body = event["requestContext"]["authorizer"].to_string();
        Reply::payload(json!({ "statusCode": 200, "body": body }).to_string())
    })
}

/// An OpenID server as Cognito is one: a discovery document, and the keys that it names.
fn issuer(jwks: Value, works: Arc<AtomicBool>) -> Backend {
    Backend::start(move |seen| {
        if !works.load(Ordering::Relaxed) {
            return Reply::With(503, &[], Vec::new());
        }
        let host = seen.header("host").expect("a host");
        match seen.target.as_str() {
            "/pool/.well-known/openid-configuration" => {
                let issuer = format!("http://{host}/pool");
                let keys = format!("http://{host}/pool/.well-known/jwks.json");
                Reply::payload(json!({ "issuer": issuer, "jwks_uri": keys }).to_string())
            }
            "/pool/.well-known/jwks.json" => Reply::payload(jwks.to_string()),
            _ => Reply::With(404, &[], Vec::new()),
        }
    })
}

fn config(keys: &str, function: SocketAddr) -> String {
    format!(
        "authorizers:\n  pool: {keys}\n  partners: {keys}\n\
         api:\n  authorizers:\n    pool: {{ type: COGNITO_USER_POOLS, providerARNs: ['arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_Pool'] }}\n    \
         partners: {{ type: JWT, identitySource: method.request.header.Authorization, jwtConfiguration: {{ issuers: [{{ issuer: 'https://partner.example', audiences: [shop] }}], defaultAlgorithms: [RS256, ES256, ES384] }} }}\n  \
         routes:\n    - {{ path: /pool, method: GET, authorizationType: COGNITO_USER_POOLS, authorizerId: pool, integration: &f {{ type: AWS_PROXY, function: f }} }}\n    \
         - {{ path: /partners, method: GET, authorizationType: JWT, authorizerId: partners, authorizationScopes: [read], integration: *f }}\n\
         functions:\n  f: {{ invoke_api: 'http://{function}' }}\n"
    )
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

fn with_token(address: SocketAddr, path: &str, token: &str) -> Answer {
    let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n");
    send(address, head)
}

fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[name] = value;
    claims
}

const UNAUTHORIZED: &str = r#"{"message":"Unauthorized"}"#;

#[test]
fn tokens_are_checked_with_the_keys_that_their_issuer_publishes() {
    let pool = json!({ "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool", "sub": "me", "aud": "app", "token_use": "id", "iat": now(), "exp": now() + 600, "cognito:groups": ["a", "b"] });
    let partner =
        json!({ "iss": "https://partner.example", "sub": "me", "aud": "shop", "scope": "read", "exp": now() + 600 });
    let wish = |alg: &str, key: &str, kid: &str, claims: &Value| json!({ "alg": alg, "key": key, "kid": kid, "claims": claims });
    let good = |claims: &Value| wish("RS256", "rsa", "rsa", claims);
    let wishes = [
        ("/pool", 200, good(&pool)),
        ("/partners", 200, good(&partner)),
        ("/partners", 200, wish("ES256", "p256", "p256", &partner)),
        ("/partners", 200, wish("ES384", "p384", "p384", &partner)),
        ("/pool", 401, wish("none", "rsa", "rsa", &pool)),
        ("/pool", 401, wish("HS256", "rsa", "rsa", &pool)),
        ("/pool", 401, wish("RS256", "other-rsa", "rsa", &pool)),
        ("/pool", 401, wish("RS256", "rsa", "nobody", &pool)),
        ("/pool", 401, wish("ES256", "p256", "p256", &pool)),
        ("/pool", 401, good(&with(&pool, "iss", json!("https://partner.example")))),
        ("/pool", 401, good(&with(&pool, "exp", json!(now() - 1)))),
        ("/pool", 401, good(&with(&pool, "nbf", json!(now() + 60)))),
        ("/pool", 401, good(&with(&pool, "token_use", json!("access")))),
        ("/partners", 401, wish("RS512", "rsa", "rsa", &partner)),
        ("/partners", 401, good(&with(&partner, "aud", json!("desk")))),
        ("/partners", 401, good(&with(&partner, "iat", json!(now() + 60)))),
        ("/partners", 403, good(&with(&partner, "scope", json!("write")))),
    ];
    let (jwks, tokens) = mint(&wishes.iter().map(|(_, _, wish)| wish.clone()).collect());
    let issuer = issuer(jwks, Arc::new(AtomicBool::new(true)));
    let function = function();
    let keys = format!("{{ issuer: 'http://{}/pool' }}", issuer.address);
    let sidecar = Sidecar::start(&config(&keys, function.address));

    let asked: Vec<_> = (0..32)
        .map(|_| {
            let (address, token) = (sidecar.data, tokens[0].clone());
            std::thread::spawn(move || with_token(address, "/pool", &token))
        })
        .collect();
    for thread in asked {
        let answer = thread.join().expect("an answer");
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json()["claims"]["cognito:groups"], "a,b");
    }
    let fetched: Vec<String> = issuer.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(fetched, ["/pool/.well-known/openid-configuration", "/pool/.well-known/jwks.json"]);

    for ((path, status, wish), token) in wishes.iter().zip(&tokens) {
        let answer = with_token(sidecar.data, path, token);
        assert_eq!(answer.status, *status, "{wish}: {answer:?}");
        match answer.status {
            401 if wish["claims"]["exp"].as_u64() < Some(now()) => {
                assert_eq!(answer.text(), r#"{"message":"The incoming token has expired"}"#);
            }
            401 => assert_eq!(answer.text(), UNAUTHORIZED, "{wish}"),
            _ => {}
        }
    }
    assert_eq!(sidecar.get("/pool").text(), UNAUTHORIZED);
    // A `kid` that nobody knows asks again, but not so soon; the second authorizer's issuer is a source of its own.
    assert_eq!(issuer.seen().len(), 4);
    for (series, count) in [
        (r#"authorizer_results_total{authorizer="pool",cache="miss",result="allow"}"#, 33.0),
        (r#"authorizer_results_total{authorizer="pool",cache="miss",result="unauthorized"}"#, 10.0),
        (r#"authorizer_results_total{authorizer="pool",cache="miss",result="error"}"#, 0.0),
        (r#"authorizer_results_total{authorizer="partners",cache="miss",result="allow"}"#, 3.0),
        (r#"authorizer_results_total{authorizer="partners",cache="miss",result="deny"}"#, 1.0),
        (r#"authorizer_results_total{authorizer="partners",cache="miss",result="unauthorized"}"#, 3.0),
        (r#"failures_total{cause="unauthorized",method="GET",resource="/pool",status="401"}"#, 10.0),
        (r#"failures_total{cause="access_denied",method="GET",resource="/partners",status="403"}"#, 1.0),
    ] {
        assert_eq!(sidecar.metric(series), count, "{series}");
    }
}

#[test]
fn keys_that_cannot_be_fetched_refuse_and_those_that_are_known_survive_a_reload() {
    let partner = json!({ "iss": "https://partner.example", "aud": "shop", "scope": "read", "exp": now() + 600 });
    let wish = json!([{ "alg": "RS256", "key": "rsa", "kid": "rsa", "claims": partner }]);
    let (jwks, tokens) = mint(&wish);
    let works = Arc::new(AtomicBool::new(false));
    let issuer = issuer(jwks.clone(), works.clone());
    let function = function();
    let mut sidecar =
        Sidecar::start(&config(&format!("{{ issuer: 'http://{}/pool' }}", issuer.address), function.address));
    let refused = with_token(sidecar.data, "/partners", &tokens[0]);
    assert_eq!((refused.status, refused.text()), (500, r#"{"message": "Internal server error"}"#));
    assert_eq!(refused.header("x-amzn-ErrorType"), Some("AuthorizerConfigurationException"));
    // It is not asked again at once, although it would answer now.
    works.store(true, Ordering::Relaxed);
    assert_eq!(with_token(sidecar.data, "/partners", &tokens[0]).status, 500);
    assert_eq!(issuer.seen().len(), 1);

    // Another place of the keys is asked at once.
    let url = format!("{{ jwks: 'http://{}/pool/.well-known/jwks.json' }}", issuer.address);
    sidecar.rewrite(&config(&url, function.address));
    sidecar.wait_for_log("configuration reloaded");
    assert_eq!(with_token(sidecar.data, "/partners", &tokens[0]).status, 200);
    // The same place is not, whatever becomes of it.
    works.store(false, Ordering::Relaxed);
    sidecar.rewrite(&config(&url, function.address).replace("[RS256, ES256, ES384]", "[RS256]"));
    sidecar.wait_for_log("\"load\":3");
    assert_eq!(with_token(sidecar.data, "/partners", &tokens[0]).status, 200);
    assert_eq!(issuer.seen().len(), 2);

    // Keys of a file need nobody.
    std::fs::write(sidecar.folder.join("keys.jwks"), jwks.to_string()).expect("a file");
    sidecar.rewrite(&config("{ jwks: keys.jwks }", function.address));
    sidecar.wait_for_log("\"load\":4");
    assert_eq!(with_token(sidecar.data, "/partners", &tokens[0]).status, 200);
    std::fs::write(sidecar.folder.join("keys.jwks"), r#"{"keys":[]}"#).expect("a file");
    sidecar.wait_for_log("\"load\":5");
    assert_eq!(with_token(sidecar.data, "/partners", &tokens[0]).status, 401);
    assert_eq!(issuer.seen().len(), 2);
}

#[test]
fn each_issuer_of_an_authorizer_is_asked_for_its_own_keys() {
    let claims = |issuer: &str| json!({ "iss": issuer, "sub": issuer, "aud": "shop", "exp": now() + 600 });
    let (a, b) = (claims("https://a.example"), claims("https://b.example"));
    let wish = |alg: &str, key: &str, claims: &Value| json!({ "alg": alg, "key": key, "kid": key, "claims": claims });
    let (mut jwks, tokens) =
        mint(&json!([wish("RS256", "rsa", &a), wish("ES256", "p256", &b), wish("RS256", "rsa", &b)]));
    let keys = jwks["keys"].as_array_mut().map(std::mem::take).unwrap_or_default();
    let of = |kid: &str| json!({ "keys": keys.iter().filter(|key| key["kid"] == kid).collect::<Vec<_>>() });
    let works = Arc::new(AtomicBool::new(true));
    let (one, two) = (issuer(of("rsa"), works.clone()), issuer(of("p256"), works));
    let function = function();
    let sidecar = Sidecar::start(&format!(
        "authorizers:\n  partners: {{ issuers: {{ 'https://a.example': {{ jwks: 'http://{}/pool/.well-known/jwks.json' }}, 'https://b.example': {{ issuer: 'http://{}/pool' }} }} }}\n\
         api:\n  authorizers:\n    partners: {{ type: JWT, identitySource: method.request.header.Authorization, jwtConfiguration: {{ issuers: [{{ issuer: 'https://a.example', audiences: [shop] }}, {{ issuer: 'https://b.example', audiences: [shop] }}], defaultAlgorithms: [RS256, ES256] }} }}\n  \
         routes:\n    - {{ path: /x, method: GET, authorizationType: JWT, authorizerId: partners, integration: {{ type: AWS_PROXY, function: f }} }}\n\
         functions:\n  f: {{ invoke_api: 'http://{}' }}\n",
        one.address, two.address, function.address
    ));
    for (token, status, sub) in
        [(0, 200, "https://a.example"), (1, 200, "https://b.example"), (0, 200, "https://a.example")]
    {
        let answer = with_token(sidecar.data, "/x", &tokens[token]);
        assert_eq!((answer.status, &answer.json()["claims"]["sub"]), (status, &json!(sub)), "{answer:?}");
    }
    // The key of the one issuer is none of the other.
    assert_eq!(with_token(sidecar.data, "/x", &tokens[2]).text(), UNAUTHORIZED);
    let fetched = |issuer: &Backend| issuer.seen().into_iter().map(|seen| seen.target).collect::<Vec<_>>();
    assert_eq!(fetched(&one), ["/pool/.well-known/jwks.json"]);
    assert_eq!(fetched(&two), ["/pool/.well-known/openid-configuration", "/pool/.well-known/jwks.json"]);
}

#[test]
fn requests_that_ask_an_authorizer_at_once_share_one_call() {
    const CLIENTS: usize = 40;
    let door = Gate::default();
    let behind = door.clone();
    let guard = Backend::start(move |_| {
        behind.wait();
        let statement = json!({ "Action": "execute-api:Invoke", "Effect": "Allow", "Resource": "*" });
        let policy = json!({ "Version": "2012-10-17", "Statement": [statement] });
        Reply::payload(json!({ "principalId": "me", "policyDocument": policy }).to_string())
    });
    let function = function();
    let sidecar = Sidecar::start(&format!(
        "api:\n  authorizers:\n    guard: {{ type: TOKEN, authorizerUri: 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/guard/invocations', identitySource: method.request.header.Authorization }}\n  \
         routes:\n    - {{ path: /x, method: GET, authorizationType: CUSTOM, authorizerId: guard, integration: {{ type: AWS_PROXY, function: f }} }}\n\
         functions:\n  f: {{ invoke_api: 'http://{}' }}\n  guard: {{ invoke_api: 'http://{}' }}\n",
        function.address, guard.address
    ));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let address = sidecar.data;
            std::thread::spawn(move || with_token(address, "/x", "one").status)
        })
        .collect();
    until("all of them waiting", || sidecar.metric("in_flight_requests") == CLIENTS as f64);
    door.open();
    for client in clients {
        assert_eq!(client.join().expect("an answer"), 200);
    }
    assert_eq!(with_token(sidecar.data, "/x", "one").status, 200);
    assert_eq!(guard.seen().len(), 1);
    assert_eq!(with_token(sidecar.data, "/x", "two").status, 200);
    assert_eq!(guard.seen().len(), 2);
    for (series, count) in [
        (r#"authorizer_results_total{authorizer="guard",cache="miss",result="allow"}"#, 2.0),
        (r#"authorizer_results_total{authorizer="guard",cache="hit",result="allow"}"#, CLIENTS as f64),
        (r#"invocations_total{function="guard",outcome="success"}"#, 2.0),
        (r#"invocations_total{function="f",outcome="success"}"#, CLIENTS as f64 + 2.0),
    ] {
        assert_eq!(sidecar.metric(series), count, "{series}");
    }
}

#[test]
fn a_jwt_authorizer_of_an_http_api_asks_its_issuer_once() {
    let claims =
        json!({ "iss": "https://pool.example", "sub": "me", "aud": "shop", "scope": "read", "exp": now() + 600 });
    let wish = |alg: &str, key: &str, claims: &Value| json!({ "alg": alg, "key": key, "kid": key, "claims": claims });
    let wishes = json!([
        wish("RS256", "rsa", &claims),
        wish("ES256", "p256", &claims),
        wish("RS256", "rsa", &with(&claims, "aud", json!("desk"))),
        wish("RS256", "rsa", &with(&claims, "scope", json!("write"))),
    ]);
    let (jwks, tokens) = mint(&wishes);
    let issuer = issuer(jwks, Arc::new(AtomicBool::new(true)));
    let function = function();
    let sidecar = Sidecar::start(&format!(
        "authorizers:\n  people: {{ issuer: 'http://{}/pool' }}\n\
         api:\n  type: http\n  authorizers:\n    people: {{ type: jwt, identitySource: $request.header.Authorization, jwtConfiguration: {{ issuer: 'https://pool.example', audience: [shop] }} }}\n  \
         routes:\n    - {{ route: GET /read, authorizationType: JWT, authorizerId: people, authorizationScopes: [read], integration: {{ type: AWS_PROXY, function: f }} }}\n\
         functions:\n  f: {{ invoke_api: 'http://{}' }}\n",
        issuer.address, function.address
    ));
    let challenge = |why: &str| format!("Bearer scope=\"read\" error=\"invalid_token\" error_description=\"{why}\"");
    let rows = [
        (200, None),
        (401, Some(challenge("signing method ES256 is invalid"))),
        (401, Some(challenge("the token does not have a valid audience"))),
        (403, None),
    ];
    for ((status, expected), token) in rows.iter().zip(&tokens) {
        let answer = with_token(sidecar.data, "/read", token);
        assert_eq!((answer.status, answer.header("www-authenticate")), (*status, expected.as_deref()), "{answer:?}");
        if answer.status == 200 {
            assert_eq!(answer.json()["jwt"]["scopes"], json!(["read"]));
        }
    }
    let fetched: Vec<String> = issuer.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(fetched, ["/pool/.well-known/openid-configuration", "/pool/.well-known/jwks.json"]);
    for (result, count) in [("allow", 1.0), ("deny", 1.0), ("unauthorized", 2.0)] {
        let series = format!(r#"authorizer_results_total{{authorizer="people",cache="miss",result="{result}"}}"#);
        assert_eq!(sidecar.metric(&series), count, "{result}");
    }
}
