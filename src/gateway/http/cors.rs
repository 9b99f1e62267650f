//! Cross-origin requests: what a preflight is answered, and what is put on every other answer.
//!
//! With CORS configured the backends' own `Access-Control-…` lines are ignored (documented), and the configured ones stand on
//! every answer to a page of an allowed origin, on refusals by an authorizer too (fact `http-cors-refusals`).

use bytes::Bytes;

use crate::api::http::Cors;
use crate::http1::message::{Headers, Request, Response};

/// Whether a browser asks what it may do.
pub(crate) fn is_preflight(request: &Request) -> bool {
    let has = |name| request.headers.first(name).is_some_and(|value| !value.is_empty());
    request.method == "OPTIONS" && has("origin") && has("access-control-request-method")
}

/// The answer to a preflight: without any CORS line for an origin that is not allowed.
pub(crate) fn preflight(cors: &Cors, request: &Request) -> Response {
    let mut headers = Headers::default();
    if put_origin(cors, request, &mut headers) {
        put_list(&mut headers, "Access-Control-Allow-Methods", &cors.allow_methods);
        put_list(&mut headers, "Access-Control-Allow-Headers", &cors.allow_headers);
        put_list(&mut headers, "Access-Control-Expose-Headers", &cors.expose_headers);
        if let Some(seconds) = cors.max_age {
            headers.push("Access-Control-Max-Age", seconds.to_string());
        }
    }
    Response { status: 204, headers, body: Bytes::new().into() }
}

/// Puts the configured lines on an answer, in the place of the backend's own.
pub(crate) fn apply(cors: &Cors, request: &Request, response: &mut Response) {
    const PREFIX: &[u8] = b"access-control-";
    let is_own = |name: &[u8]| name.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX));
    response.headers.0.retain(|line| !is_own(&line.name));
    if put_origin(cors, request, &mut response.headers) {
        put_list(&mut response.headers, "Access-Control-Expose-Headers", &cors.expose_headers);
    }
}

/// Whether the request comes from a page of an allowed origin, which is then told so.
fn put_origin(cors: &Cors, request: &Request, headers: &mut Headers) -> bool {
    let Some(origin) = request.headers.first("origin").filter(|origin| !origin.is_empty()) else { return false };
    let Some(allowed) = cors.allow_origin(origin) else { return false };
    headers.push("Access-Control-Allow-Origin", allowed.to_owned());
    if cors.allow_credentials {
        headers.push("Access-Control-Allow-Credentials", "true");
    }
    true
}

fn put_list(headers: &mut Headers, name: &'static str, values: &[String]) {
    if !values.is_empty() {
        headers.push(name, values.join(","));
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::request;
    use super::*;

    const ONE: &str = "https://app.example.com";

    fn cors(origins: &[&str], credentials: bool) -> Cors {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        Cors {
            allow_origins: texts(origins),
            allow_methods: texts(&["GET", "POST"]),
            allow_headers: texts(&["content-type", "x-a"]),
            expose_headers: texts(&["x-b"]),
            max_age: Some(300),
            allow_credentials: credentials,
        }
    }

    fn show(response: &Response) -> String {
        let lines = response.headers.0.iter().map(|line| format!("{}: {}", line.name(), line.value.escape_ascii()));
        format!("{} {}", response.status, lines.collect::<Vec<_>>().join(" | "))
    }

    #[test]
    fn answers() {
        const ALL: &str = " | Access-Control-Allow-Methods: GET,POST | Access-Control-Allow-Headers: content-type,x-a | Access-Control-Expose-Headers: x-b | Access-Control-Max-Age: 300";
        let origin = format!("Access-Control-Allow-Origin: {ONE}");
        let credentials = format!("{origin} | Access-Control-Allow-Credentials: true");
        let star = "Access-Control-Allow-Origin: *".to_owned();
        // Allowed origins, credentials, the page's origin, and what it is told before the rest.
        let rows = [
            (&[ONE][..], false, ONE, Some(&origin)),
            (&["https://other.example.com", ONE], true, ONE, Some(&credentials)),
            (&["*"], false, ONE, Some(&star)),
            (&["https://*"], false, ONE, Some(&origin)),
            (&["http://*"], false, ONE, None),
            (&[ONE], false, "https://app.example.com.evil.example", None),
            (&[ONE], false, "null", None),
            (&[], false, ONE, None),
        ];
        for (origins, credentials, page, told) in rows {
            let cors = cors(origins, credentials);
            let ask = request(&format!("OPTIONS /x HTTP/1.1\nOrigin: {page}\nAccess-Control-Request-Method: PUT"));
            let expected = told.map_or_else(|| "204 ".to_owned(), |told| format!("204 {told}{ALL}"));
            assert_eq!(show(&preflight(&cors, &ask)), expected, "{origins:?} {page}");
            let mut response = Response { status: 401, ..Response::default() };
            response.headers.push("access-control-allow-origin", "https://backend.example.com");
            response.headers.push("X-C", "1");
            response.headers.push("Access-Control-Anything", "2");
            apply(&cors, &ask, &mut response);
            let told = told.map_or_else(String::new, |told| format!(" | {told} | Access-Control-Expose-Headers: x-b"));
            assert_eq!(show(&response), format!("401 X-C: 1{told}"), "{origins:?} {page}");
        }
    }

    #[test]
    fn without_an_origin_only_the_backends_own_lines_go() {
        let mut response = Response { status: 200, ..Response::default() };
        response.headers.push("Access-Control-Allow-Origin", "*");
        apply(&cors(&["*"], false), &request("GET /x HTTP/1.1\nHost: h"), &mut response);
        assert_eq!(show(&response), "200 ");
    }

    #[test]
    fn preflights() {
        let rows = [
            ("OPTIONS /x HTTP/1.1\nOrigin: o\nAccess-Control-Request-Method: GET", true),
            ("OPTIONS /x HTTP/1.1\nOrigin: o", false),
            ("OPTIONS /x HTTP/1.1\nAccess-Control-Request-Method: GET", false),
            ("GET /x HTTP/1.1\nOrigin: o\nAccess-Control-Request-Method: GET", false),
        ];
        for (text, expected) in rows {
            assert_eq!(is_preflight(&request(text)), expected, "{text}");
        }
    }
}
