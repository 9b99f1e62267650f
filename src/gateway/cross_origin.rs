//! What a browser makes of an answer for a page of another origin: what is missing for the page to read it.

use crate::http1::message::{Headers, Request};

/// A sentence, when a page asked and its browser will keep the answer from it. Only browsers send an `Origin`.
pub(crate) fn kept_from_page(request: &Request, status: u16, headers: &Headers) -> Option<String> {
    let origin = request.headers.first("origin")?;
    let wanted = request.headers.first("access-control-request-method").filter(|_| request.method == "OPTIONS");
    let allowed = headers.all("access-control-allow-origin").map(|line| String::from_utf8_lossy(&line.value));
    let allowed: Vec<String> = allowed.map(|value| value.trim().to_owned()).collect();
    let why = match allowed.as_slice() {
        [] => "the answer has no `Access-Control-Allow-Origin`".to_owned(),
        [one] if one == "*" || one == origin => match wanted {
            Some(_) if !(200..300).contains(&status) => {
                format!("a preflight must be answered 200 or 204, not {status}")
            }
            _ => return None,
        },
        [one] => format!("`Access-Control-Allow-Origin` is `{one}`"),
        _ => "`Access-Control-Allow-Origin` stands there more than once".to_owned(),
    };
    Some(match wanted {
        Some(method) => {
            format!("This is a browser's preflight: the page of `{origin}` never gets to send its {method}, as {why}")
        }
        None => format!("A page of `{origin}` cannot read this answer: {why}"),
    })
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::{Instant, SystemTime};

    use super::*;

    /// Method and header lines of a request, status and `Access-Control-Allow-Origin` of its answer, and what is told.
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], u16, &'a [&'a str], Option<String>);

    #[test]
    fn what_a_browser_keeps_is_told() {
        const PAGE: &str = "https://a.example";
        let no_origin = "the answer has no `Access-Control-Allow-Origin`";
        let rows: [Row<'_>; 8] = [
            ("GET", &[], 200, &[], None),
            ("GET", &[("Origin", PAGE)], 200, &["*"], None),
            ("GET", &[("Origin", PAGE)], 502, &[PAGE], None),
            (
                "GET",
                &[("Origin", PAGE)],
                200,
                &[],
                Some(format!("A page of `{PAGE}` cannot read this answer: {no_origin}")),
            ),
            (
                "GET",
                &[("Origin", PAGE)],
                200,
                &["https://b.example"],
                Some(format!(
                    "A page of `{PAGE}` cannot read this answer: `Access-Control-Allow-Origin` is `https://b.example`"
                )),
            ),
            (
                "GET",
                &[("Origin", PAGE)],
                200,
                &["*", "*"],
                Some(format!(
                    "A page of `{PAGE}` cannot read this answer: `Access-Control-Allow-Origin` stands there more than once"
                )),
            ),
            (
                "OPTIONS",
                &[("Origin", PAGE), ("Access-Control-Request-Method", "PUT")],
                403,
                &[],
                Some(format!(
                    "This is a browser's preflight: the page of `{PAGE}` never gets to send its PUT, as {no_origin}"
                )),
            ),
            (
                "OPTIONS",
                &[("Origin", PAGE), ("Access-Control-Request-Method", "PUT")],
                500,
                &["*"],
                Some(format!(
                    "This is a browser's preflight: the page of `{PAGE}` never gets to send its PUT, as a preflight must be answered 200 or 204, not 500"
                )),
            ),
        ];
        for (method, sent, status, allowed, told) in rows {
            let headers_of = |lines: &[(&str, &str)]| {
                let mut headers = Headers::default();
                lines.iter().for_each(|(name, value)| headers.push((*name).to_owned(), (*value).to_owned()));
                headers
            };
            let request = Request {
                method: method.to_owned(),
                path: "/".to_owned(),
                query: None,
                headers: headers_of(sent),
                body: bytes::Bytes::new(),
                source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
                http2: false,
                time: SystemTime::now(),
                received: Instant::now(),
            };
            let allowed: Vec<(&str, &str)> = allowed.iter().map(|v| ("Access-Control-Allow-Origin", *v)).collect();
            assert_eq!(kept_from_page(&request, status, &headers_of(&allowed)), told, "{method} {sent:?} {allowed:?}");
        }
    }
}
