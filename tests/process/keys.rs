//! Issuers whose keys cannot be had, in whatever way, or not any more: nobody is let in by that, and those whose keys are known go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::support::http::{Answer, send};
use crate::support::lambda::{Backend, Nobody, Reply};
use crate::support::sidecar::{Sidecar, until};
use crate::support::tokens::mint;

const PIECE: &[u8] = &[b' '; 64 * 1024];

/// A name, and what is answered.
type Fault = (&'static str, fn(&str) -> Reply);

/// What is no set of keys; the good one comes behind it where there is one.
const FAULTS: &[Fault] = &[
    ("status-404", |_| Reply::With(404, &[], Vec::new())),
    ("status-500-with-keys", |keys| Reply::With(500, &[], keys.into())),
    ("moved", |keys| Reply::With(302, &[("Location", "/good")], keys.into())),
    ("empty", |_| Reply::payload("")),
    ("json-null", |_| Reply::payload("null")),
    ("no-keys", |_| Reply::payload(r#"{"keys":[]}"#)),
    ("keys-of-another-kind", |_| Reply::payload(r#"{"keys":[{"kty":"oct","kid":"rsa","k":"AAAA"}]}"#)),
    ("half", |keys| Reply::payload(&keys[..keys.len() / 2])),
    ("html", |_| Reply::payload("<html>please log in</html>")),
    ("garbage", |_| Reply::ThenClose(Box::new(Reply::Raw(b"SMTP ready\r\n\r\n".to_vec())))),
    ("reset", |_| Reply::Reset(b"HTTP/1.1 200 OK\r\nContent-")),
    ("reset-in-body", |_| Reply::Reset(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{\"keys\":[")),
    ("cut", |keys| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", keys.len() + 1);
        Reply::ThenClose(Box::new(Reply::Raw((head + keys).into())))
    }),
    ("silent", |_| Reply::Close),
    ("200-megabytes", |_| Reply::Many("HTTP/1.1 200 OK\r\n\r\n", PIECE, 3200)),
    ("too-slow", |keys| Reply::After(Duration::from_secs(60), Box::new(Reply::payload(keys)))),
    ("a-byte-too-seldom", |_| {
        Reply::Trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", Duration::from_millis(200))
    }),
];

/// A token of the issuer's for each of these keys, and the keys that the issuer publishes.
fn tokens(kids: &[&str]) -> (String, Vec<String>) {
    let until = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() + 600;
    let claims = json!({ "iss": "https://partner.example", "sub": "me", "aud": "shop", "exp": until });
    let wish = |kid: &&str| json!({ "alg": "RS256", "key": "rsa", "kid": kid, "claims": claims });
    let (keys, tokens) = mint(&Value::Array(kids.iter().map(wish).collect()));
    (keys.to_string(), tokens)
}

/// A route for each name, guarded by an authorizer of that name, whose keys are at that address.
fn config(keys: &[(&str, String)], function: &Backend) -> String {
    let of = |line: &dyn Fn(&str, &str) -> String| keys.iter().map(|(name, url)| line(name, url)).collect::<String>();
    let sources = of(&|name, url| format!("  {name}: {{ jwks: '{url}' }}\n"));
    let authorizers = of(&|name, _| {
        format!(
            "    {name}: {{ type: JWT, identitySource: method.request.header.Authorization, jwtConfiguration: {{ issuers: \
             [{{ issuer: 'https://partner.example', audiences: [shop] }}], defaultAlgorithms: [RS256] }} }}\n"
        )
    });
    let routes = of(&|name, _| {
        format!(
            "    - {{ path: /{name}, method: GET, authorizationType: JWT, authorizerId: {name}, integration: {{ type: AWS_PROXY, function: f }} }}\n"
        )
    });
    format!(
        "authorizers:\n{sources}api:\n  authorizers:\n{authorizers}  routes:\n{routes}functions:\n  f: {{ invoke_api: 'http://{}' }}\n",
        function.address
    )
}

fn ask(sidecar: &Sidecar, name: &str, token: &str) -> Answer {
    let head = format!("GET /{name} HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n");
    send(sidecar.data, head)
}

fn results(sidecar: &Sidecar, name: &str, result: &str) -> usize {
    sidecar.metric(&format!("authorizer_results_total{{authorizer=\"{name}\",cache=\"miss\",result=\"{result}\"}}"))
        as usize
}

#[test]
fn what_is_no_set_of_keys_lets_nobody_in_and_is_fetched_once() {
    let (keys, tokens) = tokens(&["rsa"]);
    let published = keys.clone();
    let issuer = Backend::start(move |seen| {
        let name = seen.target.trim_start_matches('/');
        let fault = FAULTS.iter().find(|(known, _)| *known == name);
        fault.map_or_else(|| Reply::payload(published.clone()), |(_, reply)| reply(&published))
    });
    let nobody = Nobody::start();
    let function = Backend::start(|_| Reply::payload(r#"{"statusCode":200}"#));
    let mut sources: Vec<(&str, String)> =
        FAULTS.iter().map(|(name, _)| (*name, format!("http://{}/{name}", issuer.address))).collect();
    sources.push(("good", format!("http://{}/good", issuer.address)));
    sources.push(("refused", format!("http://{}/refused", nobody.address)));
    let sidecar = Sidecar::start_with(&config(&sources, &function), &[("STAGEGATE_ADMIN__INSPECTOR", "false")]);
    let before = sidecar.memory("VmRSS");
    let mut wrong = Vec::new();
    for (name, _) in sources.iter().filter(|(name, _)| *name != "good") {
        // Twice within the pause between two fetches.
        let told = [0; 2].map(|_| ask(&sidecar, name, &tokens[0]).status);
        let counted = results(&sidecar, name, "error");
        if told != [500; 2] || counted != 2 {
            wrong.push((*name, told, counted));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(function.seen().len(), 0);
    assert_eq!(ask(&sidecar, "good", &tokens[0]).status, 200);
    let mut fetched: Vec<String> = issuer.seen().into_iter().map(|seen| seen.target).collect();
    fetched.sort();
    let mut expected: Vec<String> = FAULTS.iter().map(|(name, _)| format!("/{name}")).chain(["/good".into()]).collect();
    expected.sort();
    assert_eq!(fetched, expected, "each is fetched once, and no other place is asked");
    let most = sidecar.memory("VmHWM");
    assert!(most < before + 48 * 1024 * 1024, "{most} bytes, {before} before");
}

/// They count for two hours: whoever has a token of a known key notices nothing, and a new key is none until it can be fetched.
#[test]
fn keys_that_disappear_are_known_on_and_come_back() {
    let (keys, tokens) = tokens(&["rsa", "rsa-256-only"]);
    let old: Value = serde_json::from_str(&keys).expect("keys");
    let only = |kid: &str| {
        let of = |key: &&Value| key["kid"] == kid;
        json!({ "keys": old["keys"].as_array().into_iter().flatten().filter(of).collect::<Vec<_>>() }).to_string()
    };
    let (first, all) = (only("rsa"), keys.clone());
    let (is_there, is_rolled) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(false)));
    let (there, rolled) = (is_there.clone(), is_rolled.clone());
    let issuer = Backend::start(move |_| match (there.load(Ordering::SeqCst), rolled.load(Ordering::SeqCst)) {
        (false, _) => Reply::Close,
        (true, false) => Reply::payload(first.clone()),
        (true, true) => Reply::payload(all.clone()),
    });
    let function = Backend::start(|_| Reply::payload(r#"{"statusCode":200}"#));
    let config = config(&[("partner", format!("http://{}/keys", issuer.address))], &function);
    let mut sidecar = Sidecar::start(&config);
    assert_eq!(ask(&sidecar, "partner", &tokens[0]).status, 200);
    is_there.store(false, Ordering::SeqCst);
    is_rolled.store(true, Ordering::SeqCst);
    for _ in 0..20 {
        assert_eq!(ask(&sidecar, "partner", &tokens[0]).status, 200);
        assert_eq!(ask(&sidecar, "partner", &tokens[1]).status, 401);
    }
    assert!(issuer.seen().len() <= 2, "{} fetches", issuer.seen().len());
    // Nor does a reload forget them.
    sidecar.signal("HUP");
    sidecar.wait_for_log("configuration reloaded");
    assert_eq!(ask(&sidecar, "partner", &tokens[0]).status, 200);
    is_there.store(true, Ordering::SeqCst);
    until("the new key known", || ask(&sidecar, "partner", &tokens[1]).status == 200);
    assert_eq!(ask(&sidecar, "partner", &tokens[0]).status, 200);
    assert_eq!(results(&sidecar, "partner", "allow"), function.seen().len());
    assert_eq!(results(&sidecar, "partner", "error"), 0);
}
