//! Parameter mappings: what they change on the way to an HTTP backend, and on the way back.
//!
//! A mapping whose value is not there changes nothing.

use std::borrow::Cow;

use super::percent;
use super::spelling::canonical;
use super::values::Values;
use crate::api::http::{Action, Mapping, Target, status_code};
use crate::exchange::query;
use crate::http1::message::{Headers, Response};
use crate::mapping::parameter::header_value;

/// What mappings make of a request, besides its headers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    /// The path to call in the place of the integration's own, percent-encoded.
    pub path: Option<String>,
    /// The query string in the place of the client's, percent-encoded.
    pub query: Option<String>,
}

/// Changes a request: its headers in place.
pub(crate) fn change_request(mappings: &[Mapping], values: &Values, sent: &str, headers: &mut Headers) -> Changed {
    let mut changed = Changed::default();
    let mut pairs: Option<Vec<(String, String)>> = None;
    for mapping in mappings {
        let value = mapping.value.as_ref().and_then(|value| values.text(value));
        match (&mapping.target, value) {
            (_, None) if mapping.action != Action::Remove => {}
            (Target::Header(name), value) => change_header(headers, mapping.action, name, value),
            (Target::QueryString(name), value) => {
                let pairs = pairs.get_or_insert_with(|| decoded(sent));
                if mapping.action != Action::Append {
                    pairs.retain(|(own, _)| own != name);
                }
                pairs.extend(value.map(|value| (name.clone(), value.into_owned())));
            }
            (Target::Path, value) => changed.path = value.map(|value| percent::encode_path(&value)),
            (Target::StatusCode, _) => {}
        }
    }
    changed.query = pairs.map(|pairs| encoded(&pairs));
    changed
}

/// Changes an answer by the mappings of its status.
pub(crate) fn change_response(by_status: &[(u16, Vec<Mapping>)], values: &Values, response: &mut Response) {
    let Some((_, mappings)) = by_status.iter().find(|(status, _)| *status == response.status) else { return };
    for mapping in mappings {
        let value = mapping.value.as_ref().and_then(|value| values.text(value));
        match (&mapping.target, value) {
            (_, None) if mapping.action != Action::Remove => {}
            (Target::Header(name), value) => {
                let name = String::from_utf8_lossy(&canonical(name.as_bytes())).into_owned();
                change_header(&mut response.headers, mapping.action, &name, value);
            }
            (Target::StatusCode, Some(value)) => response.status = status_code(&value).unwrap_or(response.status),
            (Target::StatusCode | Target::QueryString(_) | Target::Path, _) => {}
        }
    }
}

fn change_header(headers: &mut Headers, action: Action, name: &str, value: Option<Cow<str>>) {
    if action != Action::Append {
        headers.remove(name);
    }
    if let Some(value) = value {
        headers.push(name.to_owned(), header_value(&value));
    }
}

fn decoded(sent: &str) -> Vec<(String, String)> {
    query::pairs(sent)
        .map(|(name, value)| (query::decode(name).into_owned(), query::decode(value).into_owned()))
        .collect()
}

fn encoded(pairs: &[(String, String)]) -> String {
    let pair = |(name, value): &(String, String)| format!("{}={}", percent::encode(name), percent::encode(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::super::sample::Sample;
    use super::*;
    use crate::api::http::MappingFault;

    type Mappings = &'static [(&'static str, &'static str)];

    fn sample() -> Sample {
        let request = "POST /dev/pets/a%2Fb?q=1&q=2%203&r=x HTTP/1.1\nHost: h\nX-A: 1\nx-a: 2\nX-B: b\n\n{\"name\": \"ada\", \"age\": 3, \"tags\": [\"x\", \"y\"], \"none\": null}";
        let mut sample = Sample::new("dev", "POST /pets/{id}", request).with_path(&[("id", "a/b")]);
        sample.api.common.base_path = "/dev".to_owned();
        sample.with_variables(&[("backend", "blue")])
    }

    /// Key and value of a mapping, and the whole of what comes of it: header lines, path, query.
    const REQUEST: &[(&str, &str, &str)] = &[
        ("append:header.X-A", "3", "X-A: 1 | x-a: 2 | X-B: b | X-A: 3"),
        ("append:header.n", "$request.header.X-A", "X-A: 1 | x-a: 2 | X-B: b | n: 1,2"),
        ("overwrite:header.x-A", "$context.requestId", "X-B: b | x-A: JCJgriq-vHcEPMg="),
        ("overwrite:header.x-a", "$request.header.none", "X-A: 1 | x-a: 2 | X-B: b"),
        ("remove:header.X-a", "''", "X-B: b"),
        ("append:header.n", "$request.querystring.q", "X-A: 1 | x-a: 2 | X-B: b | n: 1,2 3"),
        ("append:header.n", "$request.querystring.Q", "X-A: 1 | x-a: 2 | X-B: b"),
        ("append:header.n", "$request.body.name", "X-A: 1 | x-a: 2 | X-B: b | n: ada"),
        ("append:header.n", "$request.body.age", "X-A: 1 | x-a: 2 | X-B: b | n: 3"),
        ("append:header.n", "$request.body.tags", "X-A: 1 | x-a: 2 | X-B: b | n: [\"x\",\"y\"]"),
        ("append:header.n", "$request.body.none", "X-A: 1 | x-a: 2 | X-B: b"),
        ("append:header.n", "$request.path", "X-A: 1 | x-a: 2 | X-B: b | n: /pets/a/b"),
        ("append:header.n", "$request.path.id", "X-A: 1 | x-a: 2 | X-B: b | n: a/b"),
        ("append:header.n", "$stageVariables.backend", "X-A: 1 | x-a: 2 | X-B: b | n: blue"),
        ("append:header.n", "${request.path.id}-${request.header.none}!", "X-A: 1 | x-a: 2 | X-B: b | n: a/b-!"),
        ("append:header.n", "a\r\nb: c", "X-A: 1 | x-a: 2 | X-B: b | n: a  b: c"),
        ("append:querystring.q", "4&5", "X-A: 1 | x-a: 2 | X-B: b ? q=1&q=2%203&r=x&q=4%265"),
        ("overwrite:querystring.q", "$request.path.id", "X-A: 1 | x-a: 2 | X-B: b ? r=x&q=a%2Fb"),
        ("remove:querystring.q", "", "X-A: 1 | x-a: 2 | X-B: b ? r=x"),
        ("overwrite:path", "/v2${request.path}/é%", "X-A: 1 | x-a: 2 | X-B: b / /v2/pets/a/b/%C3%A9%25"),
    ];

    #[test]
    fn requests() -> Result<(), MappingFault> {
        let sample = sample();
        for (key, value, expected) in REQUEST {
            let mut headers = sample.exchange.request.headers.clone();
            headers.remove("host");
            let values = Values::new(sample.source(None));
            let sent = sample.exchange.request.query.as_deref().unwrap_or_default();
            let changed = change_request(&[Mapping::of_request(key, value)?], &values, sent, &mut headers);
            let path = changed.path.map_or_else(String::new, |path| format!(" / {path}"));
            let query = changed.query.map_or_else(String::new, |query| format!(" ? {query}"));
            assert_eq!(format!("{}{path}{query}", show(&headers)), *expected, "{key} {value}");
        }
        Ok(())
    }

    #[test]
    fn a_long_body_is_searched_in_vain_and_passed_whole() -> Result<(), MappingFault> {
        let long = format!("POST /x HTTP/1.1\nHost: h\n\n{{\"a\": \"1\", \"b\": \"{}\"}}", "x".repeat(LONG));
        let sample = Sample::new("$default", "POST /x", &long);
        let values = Values::new(sample.source(None));
        for (value, expected) in [("$request.body.a", None), ("$request.body", Some(LONG + 19))] {
            let mapping = Mapping::of_request("append:header.x", value)?;
            let found = mapping.value.as_ref().and_then(|value| values.text(value).map(|text| text.len()));
            assert_eq!(found, expected);
        }
        Ok(())
    }
    const LONG: usize = 102_400;

    /// The mappings of a status, the backend's status, and what the client gets.
    const RESPONSE: &[(u16, Mappings, u16, &str)] = &[
        (
            500,
            &[("overwrite:statuscode", "403"), ("append:header.header1", "$context.requestId")],
            500,
            "403 X-A: 1 | X-A: 2 | Header1: JCJgriq-vHcEPMg=",
        ),
        (500, &[("overwrite:statuscode", "403")], 200, "200 X-A: 1 | X-A: 2"),
        (200, &[("overwrite:header.x-a", "$response.header.X-A")], 200, "200 X-A: 1,2"),
        (200, &[("remove:header.x-a", "")], 200, "200 "),
        (200, &[("append:header.a", "${response.body.e.code}/$")], 200, "200 X-A: 1 | X-A: 2 | A: 7/$"),
        (200, &[("append:header.a", "$response.body")], 200, "200 X-A: 1 | X-A: 2 | A: {\"e\":{\"code\":7}}"),
        (200, &[("overwrite:statuscode", "$response.body.e.code")], 200, "200 X-A: 1 | X-A: 2"),
        (200, &[("append:header.a", "$request.header.X-B")], 200, "200 X-A: 1 | X-A: 2 | A: b"),
    ];

    #[test]
    fn responses() -> Result<(), MappingFault> {
        let sample = sample();
        for (status, mappings, answered, expected) in RESPONSE {
            let mut response = Response { status: *answered, ..Response::default() };
            response.headers.push("X-A", "1");
            response.headers.push("X-A", "2");
            let values = Values::with_reply(sample.source(None), response.headers.clone(), br#"{"e":{"code":7}}"#);
            let mappings = mappings.iter().map(|(key, value)| Mapping::of_response(key, value));
            change_response(&[(*status, mappings.collect::<Result<_, _>>()?)], &values, &mut response);
            assert_eq!(format!("{} {}", response.status, show(&response.headers)), *expected);
        }
        Ok(())
    }

    fn show(headers: &Headers) -> String {
        let lines = headers.0.iter().map(|line| format!("{}: {}", line.name(), String::from_utf8_lossy(&line.value)));
        lines.collect::<Vec<_>>().join(" | ")
    }
}
