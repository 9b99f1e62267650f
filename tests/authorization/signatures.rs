//! Signature Version 4: requests signed by botocore are taken, changed ones are not, and every refusal has AWS's words.

use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use stagegate::Headers;
use stagegate::authorization::Identity;
use stagegate::authorization::signature::{
    AccessKey, AccessKeys, Scope, Secret, SentRequest, SignatureFault, malformed_header, verify,
};

use super::random::Random;
use super::request::{NOON, at};
use crate::support::data;

const SCOPE: Scope = Scope { region: "eu-west-1", service: "execute-api" };

fn key(id: &str, secret: &str, token: Option<&str>) -> AccessKey {
    AccessKey {
        id: id.to_owned(),
        secret: Secret::new(secret),
        identity: Identity::from_arn("arn:aws:iam::123456789012:user/ci").expect("an ARN"),
        policy: None,
        session_token: token.map(Secret::new),
        expires: None,
    }
}

fn keys() -> AccessKeys {
    let lasting = key("AKIALASTING", "secret/of+the key", None);
    let temporary = key("ASIATEMPORARY", "another secret", Some("token/with+signs=="));
    let over = AccessKey { expires: Some(at(NOON)), ..key("ASIAOVER", "x", Some("t")) };
    [lasting, temporary, over].into_iter().collect()
}

/// A request that owns its parts.
#[derive(Clone)]
struct Signed {
    method: String,
    path: String,
    query: Option<String>,
    headers: Headers,
    body: Vec<u8>,
}

impl Signed {
    fn read(line: &str) -> (Signed, String) {
        let value: Value = serde_json::from_str(line).expect("a line of JSON");
        let text = |name: &str| value[name].as_str().expect("a text").to_owned();
        let mut headers = Headers::default();
        for header in value["headers"].as_array().expect("a list") {
            headers
                .push(header[0].as_str().expect("a name").to_owned(), header[1].as_str().expect("a value").to_owned());
        }
        let body = STANDARD.decode(text("body")).expect("base64");
        let query = Some(text("query")).filter(|query| !query.is_empty());
        (Signed { method: text("method"), path: text("path"), query, headers, body }, text("key"))
    }

    fn sent(&self) -> SentRequest<'_> {
        let query = self.query.as_deref();
        SentRequest { method: &self.method, path: &self.path, query, headers: &self.headers, body: &self.body }
    }

    fn verify(&self, keys: &AccessKeys, now: u64) -> Result<String, SignatureFault> {
        verify(&self.sent(), keys, SCOPE, at(now)).map(|key| key.id.clone())
    }

    /// The names of the signed headers, and where the signature itself stands.
    fn signed_headers(&self) -> Vec<String> {
        let written = self.headers.first("authorization").or(self.query.as_deref()).expect("a signature");
        let list = written.split("SignedHeaders=").nth(1).expect("a list").split([',', '&']).next().expect("a list");
        list.replace("%3B", ";").split(';').map(str::to_owned).chain(["authorization".to_owned()]).collect()
    }

    /// Bits that can be changed: of method, path, query, each signed header's value, body.
    fn bits(&self) -> Vec<(usize, usize)> {
        let signed = self.signed_headers();
        let lines = self.headers.0.iter().map(|line| {
            let counts = signed.iter().any(|name| name.eq_ignore_ascii_case(line.name()));
            if counts { line.value.len() } else { 0 }
        });
        let fixed = [self.method.len(), self.path.len(), self.query.as_ref().map_or(0, String::len), self.body.len()];
        fixed
            .into_iter()
            .chain(lines)
            .enumerate()
            .flat_map(|(part, bytes)| (0..bytes * 8).map(move |bit| (part, bit)))
            .collect()
    }

    /// The request with that bit changed; `None` when it would be no text, or is the same request to a signature.
    fn changed(&self, (part, bit): (usize, usize)) -> Option<Signed> {
        let mut other = self.clone();
        let flip = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes
        };
        let text = |text: &str| String::from_utf8(flip(text.as_bytes())).ok();
        match part {
            0 => other.method = text(&self.method)?,
            1 => other.path = text(&self.path).filter(|path| normal(path) != normal(&self.path))?,
            2 => {
                let query = self.query.as_deref().unwrap_or_default();
                other.query = Some(text(query).filter(|other| parameters(other) != parameters(query))?);
            }
            3 => other.body = flip(&self.body),
            line => {
                let line = &mut other.headers.0[line - 4];
                line.value = flip(&line.value).into();
            }
        }
        Some(other)
    }
}

/// Empty and dot segments do not count (`//` is one bit from `/.`).
fn normal(path: &str) -> Vec<&str> {
    let mut segments = vec!["/"];
    for segment in path.split('/').filter(|segment| !["", "."].contains(segment)) {
        if segment != ".." {
            segments.push(segment);
        } else if segments.len() > 1 {
            segments.pop();
        }
    }
    if path.ends_with('/') && segments.len() > 1 {
        segments.push("");
    }
    segments
}

/// What a query says: `%2f` says what `%2F` does.
fn parameters(query: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let decode = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let [first, after @ ..] = rest {
            let hex = after.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
            let code =
                hex.filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit())).map(|hex| u8::from_str_radix(hex, 16));
            match code {
                Some(code) => {
                    bytes.push(code.expect("two digits"));
                    rest = &after[2..];
                }
                None => {
                    bytes.push(if *first == b'+' { b' ' } else { *first });
                    rest = after;
                }
            }
        }
        bytes
    };
    let mut pairs: Vec<_> = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect();
    pairs.sort();
    pairs
}

fn botocore(count: usize) -> Vec<(Signed, String)> {
    let python = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin/python");
    let mut command = Command::new(python);
    command.arg(data("authorization").join("sign.py")).args([count.to_string(), "7".to_owned(), NOON.to_string()]);
    let output =
        command.output().unwrap_or_else(|e| panic!("{command:?}: {e}; `tests/run` installs what the tests need"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("UTF-8");
    let signed: Vec<_> = lines.lines().map(Signed::read).collect();
    assert_eq!(signed.len(), count);
    signed
}

#[test]
fn what_botocore_signs_is_taken_and_no_bit_of_it_may_change() {
    let (keys, mut random, mut changes) = (keys(), Random::new(3), 0);
    for (n, (signed, key)) in botocore(1_000).into_iter().enumerate() {
        let verified = signed.verify(&keys, NOON);
        assert_eq!(verified, Ok(key), "request {n}: {} {} {:?}", signed.method, signed.path, signed.query);
        // All bits of some, some bits of all.
        let bits = signed.bits();
        let chosen: Vec<_> = if n % 50 == 0 { bits } else { (0..40).map(|_| random.pick(&bits)).collect() };
        for bit in chosen {
            let Some(changed) = signed.changed(bit) else { continue };
            assert!(
                changed.verify(&keys, NOON).is_err(),
                "request {n}, {bit:?}: {:?} {:?}",
                changed.path,
                changed.query
            );
            changes += 1;
        }
    }
    assert!(changes > 60_000, "{changes} changes only");
}

/// AWS's own test vectors: a plain one, and one with a query to be put in order.
#[test]
fn known_signatures() {
    let example = key("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None);
    let keys: AccessKeys = [example].into_iter().collect();
    for (query, signature) in [
        (None, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        (Some("Param2=value2&Param1=value1"), "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    ] {
        let mut headers = Headers::default();
        headers.push("Host", "example.amazonaws.com");
        headers.push("X-Amz-Date", "20150830T123600Z");
        let scope = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request";
        headers.push(
            "Authorization",
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={signature}"),
        );
        let request = SentRequest { method: "GET", path: "/", query, headers: &headers, body: b"" };
        let scope = Scope { region: "us-east-1", service: "service" };
        let verified = verify(&request, &keys, scope, at(1_440_938_160));
        assert_eq!(verified.map(|key| key.id.as_str()), Ok("AKIDEXAMPLE"), "{query:?}");
    }
}

/// What is documented is signed decoded and encoded again, so what a client leaves bare in a query may be signed either way.
#[test]
fn a_bare_query_may_be_signed_encoded() {
    let signed = |query: &str, signature: &str| {
        let mut request =
            request(&[("Authorization", &authorization("AKIALASTING", "20260131", "eu-west-1", signature))]);
        request.query = Some(query.to_owned());
        request.verify(&keys(), NOON)
    };
    let Err(SignatureFault::Mismatch { canonical_request, .. }) = signed("t=a:b", "00") else { panic!("it is wrong") };
    assert!(canonical_request.contains("\nt=a:b\n"), "{canonical_request}");
    let (as_sent, encoded) = (
        "9cf9617916e7c16dad4dfe2dd59b9b8b5043bae64b9c835b7c34ee6396bc3584",
        "cb5a71c1e5cdb65f78f06dd72a745cc30198cc8c76a8b46fb838307d1ed0edfa",
    );
    for signature in [as_sent, encoded] {
        assert_eq!(signed("t=a:b", signature).as_deref(), Ok("AKIALASTING"), "{signature}");
    }
    assert!(signed("t=a;b", encoded).is_err());
}

fn authorization(key: &str, day: &str, region: &str, signature: &str) -> String {
    let scope = format!("{key}/{day}/{region}/execute-api/aws4_request");
    format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={signature}")
}

/// `GET /prod/pets` of noon, with these headers too.
fn request(more: &[(&str, &str)]) -> Signed {
    let mut headers = Headers::default();
    headers.push("Host", "api.example");
    if !more.iter().any(|(name, _)| *name == "X-Amz-Date") {
        headers.push("X-Amz-Date", "20260131T120000Z");
    }
    for (name, value) in more {
        headers.push((*name).to_owned(), (*value).to_owned());
    }
    headers.0.retain(|line| !line.value.is_empty());
    Signed { method: "GET".to_owned(), path: "/prod/pets".to_owned(), query: None, headers, body: Vec::new() }
}

/// Headers of the request (an empty one takes it away), the error type, the message.
type Refusal = (Vec<(&'static str, String)>, &'static str, &'static str);

fn refusals() -> Vec<Refusal> {
    let auth = |text: &str| vec![("Authorization", text.to_owned())];
    let dated = |date: &str, day: &str| {
        vec![("X-Amz-Date", date.to_owned()), ("Authorization", authorization("AKIALASTING", day, "eu-west-1", "00"))]
    };
    let token = |key: &str, token: &str| {
        vec![
            ("Authorization", authorization(key, "20260131", "eu-west-1", "00")),
            ("X-Amz-Security-Token", token.to_owned()),
        ]
    };
    vec![
        (vec![], "MissingAuthenticationTokenException", "Missing Authentication Token"),
        (auth("  "), "MissingAuthenticationTokenException", "Missing Authentication Token"),
        (
            auth("Bearer x"),
            "IncompleteSignatureException",
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): 'uTem/WB082UJMN2ajD6lH6UChGpTAddMJSx2iu923No='.",
        ),
        (
            auth("secret"),
            "IncompleteSignatureException",
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. (Hashed with SHA-256 and encoded with Base64) Authorization=K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=",
        ),
        (
            vec![("Authorization", "secret".to_owned()), ("X-Amz-Date", String::new())],
            "IncompleteSignatureException",
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded with Base64) Authorization=K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=",
        ),
        (
            auth("AWS4-HMAC-SHA512 Credential=a, SignedHeaders=host, Signature=00"),
            "IncompleteSignatureException",
            "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512'.",
        ),
        (
            auth("AWS4-HMAC-SHA256 Credential=a/20260131/eu-west-1/execute-api, SignedHeaders=host, Signature=00"),
            "IncompleteSignatureException",
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/20260131/eu-west-1/execute-api'",
        ),
        (
            auth("AWS4-HMAC-SHA256 Credential=a, SignedHeaders=x-amz-date, Signature=00"),
            "InvalidSignatureException",
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        ),
        (
            dated("2026-01-31T12:00:00Z", "20260131"),
            "IncompleteSignatureException",
            "Date must be in ISO-8601 'basic format'. Got '2026-01-31T12:00:00Z'. See http://en.wikipedia.org/wiki/ISO_8601",
        ),
        (
            dated("20260131T115459Z", "20260131"),
            "InvalidSignatureException",
            "Signature expired: 20260131T115459Z is now earlier than 20260131T115500Z (20260131T120000Z - 5 min.)",
        ),
        (
            dated("20260131T120501Z", "20260131"),
            "InvalidSignatureException",
            "Signature not yet current: 20260131T120501Z is still later than 20260131T120500Z (20260131T120000Z + 5 min.)",
        ),
        (
            dated("20260131T115500Z", "20260130"),
            "InvalidSignatureException",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260130' != '20260131', from '20260131T115500Z'.",
        ),
        (
            auth("AWS4-HMAC-SHA256 Credential=a/20260131/us-east-1/s3/aws5, SignedHeaders=host, Signature=00"),
            "InvalidSignatureException",
            "Credential should be scoped to a valid region, not 'us-east-1'. Credential should be scoped to correct service: 'execute-api'. Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'.",
        ),
        (
            auth(&authorization("AKIANOBODY", "20260131", "eu-west-1", "00")),
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        (
            token("AKIALASTING", "x"),
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        (
            token("ASIATEMPORARY", ""),
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        (
            token("ASIATEMPORARY", "x"),
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        (token("ASIAOVER", "t"), "ExpiredTokenException", "The security token included in the request is expired"),
        (
            auth(&authorization("AKIALASTING", "20260131", "eu-west-1", "00")),
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'GET\n/prod/pets\n\nhost:api.example\nx-amz-date:20260131T120000Z\n\nhost;x-amz-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20260131T120000Z\n20260131/eu-west-1/execute-api/aws4_request\n2f358a8ad6b77be60cfe0df69dcddbb5585831f090232c18b16d6c5a398f184b'\n",
        ),
    ]
}

#[test]
fn refusals_have_the_words_of_aws() {
    for (headers, error_type, message) in refusals() {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let fault = request(&headers).verify(&keys(), NOON).expect_err("it is refused");
        assert_eq!((fault.error_type(), fault.message().as_str()), (error_type, message), "{headers:?}");
    }
}

/// A query, the message.
const QUERIES: [(&str, &str); 8] = [
    ("X-Amz-Algorithm=AWS4-HMAC-SHA1", "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1'."),
    (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.",
    ),
    (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-SignedHeaders=host&X-Amz-Date=20260131T120000Z",
        "AWS query-string parameters must include 'X-Amz-Signature'. Re-examine the query-string parameters.",
    ),
    (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-SignedHeaders=host&X-Amz-Date=20260131T110000Z&X-Amz-Signature=00&X-Amz-Expires=3599",
        "Signature expired: 20260131T110000Z is now earlier than 20260131T110001Z (20260131T120000Z - 3599 sec.)",
    ),
    (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-SignedHeaders=host&X-Amz-Date=20260131T115459Z&X-Amz-Signature=00",
        "Signature expired: 20260131T115459Z is now earlier than 20260131T115500Z (20260131T120000Z - 5 min.)",
    ),
    (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-SignedHeaders=host&X-Amz-Date=20260131T110000Z&X-Amz-Signature=00&X-Amz-Expires=3600",
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a'",
    ),
    (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-SignedHeaders=host&X-Amz-Date=20260131T120000Z&X-Amz-Signature=00&X-Amz-Expires=604801",
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
    ),
    (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-SignedHeaders=host&X-Amz-Date=20260131T120000Z&X-Amz-Signature=00&X-Amz-Expires=soon",
        "X-Amz-Expires should be a number",
    ),
];

#[test]
fn refusals_of_the_query_form() {
    for (query, message) in QUERIES {
        let signed = Signed { query: Some(query.to_owned()), ..request(&[]) };
        let fault = signed.verify(&keys(), NOON).expect_err("it is refused");
        assert_eq!(fault.message(), message, "{query}");
    }
    let both = Signed { query: Some(QUERIES[0].0.to_owned()), ..request(&[("Authorization", "AWS4-HMAC-SHA256 x=y")]) };
    assert_eq!(both.verify(&keys(), NOON).map_err(|fault| fault.error_type()), Err("IncompleteSignatureException"));
}

/// The header alone, where no method is there to ask.
#[test]
fn a_header_is_malformed_or_not() {
    let problem = |text: &str| malformed_header(&request(&[("Authorization", text)]).headers);
    assert_eq!(problem(""), None);
    assert_eq!(problem("x Credential=a, Signature=b, SignedHeaders=c"), None);
    assert!(problem("Bearer a").is_some_and(|why| why.starts_with("Invalid key=value pair")));
    assert!(problem("x Credential=a").is_some_and(|why| why.starts_with("Authorization header requires 'Signature'")));
}

#[test]
fn secrets_are_not_printed() {
    let printed = format!("{:?}", keys());
    assert!(!printed.contains("secret/of") && !printed.contains("token/with"), "{printed}");
}
