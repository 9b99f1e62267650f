//! What the playground is asked: a request, the backend's answer, and what is changed in the definition; each fault with its place.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::case::CannedAnswer;
use crate::http1::head::is_token;
use crate::http1::message::{Headers, Request};

/// One request to play.
pub(super) struct Asked {
    pub request: Request,
    pub answer: CannedAnswer,
    /// Whether those who may not call are refused; otherwise everybody may.
    pub guarded: bool,
    pub changes: Vec<Change>,
}

/// What takes the place of a template or of a selection pattern, for this one time.
pub(super) struct Change {
    /// Where it stands in what was asked.
    pub place: String,
    /// The resource's path.
    pub resource: String,
    /// The method's name.
    pub method: String,
    pub part: Part,
    pub text: String,
}

/// What is changed.
pub(super) enum Part {
    /// The request template for a media type.
    RequestTemplate(String),
    /// The pattern of the integration response of that number.
    Pattern(usize),
    /// Its template for a media type.
    ResponseTemplate(usize, String),
}

/// Why it cannot be played.
#[derive(Debug)]
pub(super) struct Wrong {
    /// The path of the member that is wrong; empty for all of it.
    pub place: String,
    pub message: String,
}

impl Wrong {
    pub(super) fn at(place: impl Into<String>, message: impl Into<String>) -> Wrong {
        Wrong { place: place.into(), message: message.into() }
    }

    pub(super) fn json(&self) -> Value {
        json!({ "error": self.message, "place": self.place })
    }
}

/// Reads it from JSON.
pub(super) fn read(body: &[u8]) -> Result<Asked, Wrong> {
    let whole = serde_json::from_slice(body).map_err(|e| Wrong::at("", format!("not JSON: {e}")))?;
    let whole = Members::of(&whole, "")?;
    whole.only(&["method", "path", "headers", "body", "answer", "guarded", "changes"])?;
    let answer = whole.inside("answer")?;
    answer.only(&["payload", "status", "function_error"])?;
    let status = match answer.get("status") {
        None => None,
        Some(status) => {
            let status = status.as_u64().and_then(|status| u16::try_from(status).ok());
            let status = status.filter(|status| (200..=599).contains(status));
            Some(status.ok_or_else(|| answer.wrong("status", "expected a number from 200 to 599"))?)
        }
    };
    Ok(Asked {
        request: request(&whole)?,
        answer: CannedAnswer {
            payload: Bytes::from(answer.text("payload")?.unwrap_or_default().to_owned()),
            status,
            function_error: answer.truth("function_error")?,
            authorizer: None,
        },
        guarded: whole.truth("guarded")?,
        changes: whole.list("changes")?.iter().enumerate().map(change).collect::<Result<_, _>>()?,
    })
}

fn request(whole: &Members<'_>) -> Result<Request, Wrong> {
    let method = whole.text("method")?.unwrap_or("GET").to_owned();
    if !is_token(method.as_bytes()) {
        return Err(whole.wrong("method", "expected a method, such as `POST`"));
    }
    let target = whole.text("path")?.unwrap_or("/");
    if !target.starts_with('/') || target.chars().any(|c| c <= ' ' || c == '\x7f' || c == '#') {
        return Err(whole.wrong("path", "expected a path that begins with `/`, blanks as `%20`"));
    }
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query.to_owned())));
    let mut headers = Headers::default();
    for (n, line) in whole.list("headers")?.iter().enumerate() {
        let place = format!("headers[{n}]");
        let (name, value) = header(line).ok_or_else(|| Wrong::at(&*place, "expected `[name, value]`, two texts"))?;
        if !is_token(name.as_bytes()) {
            return Err(Wrong::at(place, format!("`{name}` is no name of a header")));
        }
        if value.chars().any(|c| (c < ' ' && c != '\t') || c == '\x7f') {
            return Err(Wrong::at(place, format!("the value of `{name}` has a control character")));
        }
        headers.push(name.to_owned(), value.to_owned());
    }
    if !headers.contains("host") {
        headers.push("Host", "localhost");
    }
    Ok(Request {
        method,
        path: path.to_owned(),
        query,
        headers,
        body: Bytes::from(whole.text("body")?.unwrap_or_default().to_owned()),
        source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        http2: false,
        time: SystemTime::now(),
        received: Instant::now(),
    })
}

fn header(line: &Value) -> Option<(&str, &str)> {
    match line.as_array()?.as_slice() {
        [name, value] => Some((name.as_str()?, value.as_str()?)),
        _ => None,
    }
}

fn change((n, value): (usize, &Value)) -> Result<Change, Wrong> {
    let place = format!("changes[{n}]");
    let members = Members::of(value, &place)?;
    members.only(&["resource", "method", "part", "response", "media_type", "text"])?;
    let needed = |name: &str| members.text(name)?.ok_or_else(|| members.wrong(name, "it is missing"));
    let response = || {
        let number = members.get("response").and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
        number.ok_or_else(|| members.wrong("response", "expected the number of an integration response, from 0"))
    };
    let part = match needed("part")? {
        "request_template" => Part::RequestTemplate(needed("media_type")?.to_owned()),
        "pattern" => Part::Pattern(response()?),
        "response_template" => Part::ResponseTemplate(response()?, needed("media_type")?.to_owned()),
        _ => return Err(members.wrong("part", "expected `request_template`, `pattern` or `response_template`")),
    };
    Ok(Change {
        resource: needed("resource")?.to_owned(),
        method: needed("method")?.to_owned(),
        text: needed("text")?.to_owned(),
        part,
        place,
    })
}

/// An object and where it stands.
struct Members<'a> {
    members: Option<&'a Map<String, Value>>,
    place: String,
}

impl<'a> Members<'a> {
    fn of(value: &'a Value, place: &str) -> Result<Members<'a>, Wrong> {
        let members = value.as_object().ok_or_else(|| Wrong::at(place, "expected an object"))?;
        Ok(Members { members: Some(members), place: place.to_owned() })
    }

    /// A member; null is as good as none.
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.members?.get(name).filter(|value| !value.is_null())
    }

    fn wrong(&self, name: &str, message: &str) -> Wrong {
        Wrong::at(self.at(name), message)
    }

    fn at(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    fn only(&self, known: &[&str]) -> Result<(), Wrong> {
        let mut names = self.members.into_iter().flatten().map(|(name, _)| name.as_str());
        match names.find(|name| !known.contains(name)) {
            None => Ok(()),
            Some(name) => Err(self.wrong(name, &format!("unknown; expected {}", known.join(", ")))),
        }
    }

    fn inside(&self, name: &str) -> Result<Members<'a>, Wrong> {
        match self.get(name) {
            Some(value) => Members::of(value, &self.at(name)),
            None => Ok(Members { members: None, place: self.at(name) }),
        }
    }

    fn text(&self, name: &str) -> Result<Option<&'a str>, Wrong> {
        let read = |value: &'a Value| value.as_str().ok_or_else(|| self.wrong(name, "expected text"));
        self.get(name).map(read).transpose()
    }

    fn truth(&self, name: &str) -> Result<bool, Wrong> {
        let read = |value: &Value| value.as_bool().ok_or_else(|| self.wrong(name, "expected true or false"));
        self.get(name).map_or(Ok(false), read)
    }

    fn list(&self, name: &str) -> Result<&'a [Value], Wrong> {
        let read = |value: &'a Value| value.as_array().ok_or_else(|| self.wrong(name, "expected a list"));
        Ok(self.get(name).map(read).transpose()?.map(Vec::as_slice).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_its_place() {
        let rows = [
            ("{", "|not JSON: EOF while parsing an object at line 1 column 1"),
            ("[]", "|expected an object"),
            (r#"{"x":1}"#, "x|unknown; expected method, path, headers, body, answer, guarded, changes"),
            (r#"{"method":"A B"}"#, "method|expected a method, such as `POST`"),
            (r#"{"method":1}"#, "method|expected text"),
            (r#"{"path":"x"}"#, "path|expected a path that begins with `/`, blanks as `%20`"),
            (r#"{"path":"/a b"}"#, "path|expected a path that begins with `/`, blanks as `%20`"),
            (r#"{"headers":{}}"#, "headers|expected a list"),
            (r#"{"headers":[["a"]]}"#, "headers[0]|expected `[name, value]`, two texts"),
            (r#"{"headers":[["a","b"],["a b","c"]]}"#, "headers[1]|`a b` is no name of a header"),
            (r#"{"headers":[["a","b\nc"]]}"#, "headers[0]|the value of `a` has a control character"),
            (r#"{"guarded":1}"#, "guarded|expected true or false"),
            (r#"{"answer":1}"#, "answer|expected an object"),
            (r#"{"answer":{"status":99}}"#, "answer.status|expected a number from 200 to 599"),
            (r#"{"answer":{"x":1}}"#, "answer.x|unknown; expected payload, status, function_error"),
            (r#"{"changes":[1]}"#, "changes[0]|expected an object"),
            (r#"{"changes":[{}]}"#, "changes[0].part|it is missing"),
            (
                r#"{"changes":[{"part":"x"}]}"#,
                "changes[0].part|expected `request_template`, `pattern` or `response_template`",
            ),
            (
                r#"{"changes":[{"part":"pattern","response":-1}]}"#,
                "changes[0].response|expected the number of an integration response, from 0",
            ),
            (r#"{"changes":[{"part":"pattern","response":0}]}"#, "changes[0].resource|it is missing"),
        ];
        for (body, expected) in rows {
            let wrong = read(body.as_bytes()).err().map(|wrong| format!("{}|{}", wrong.place, wrong.message));
            assert_eq!(wrong.as_deref(), Some(expected), "{body}");
        }
        let read = read(br#"{"path":"/a?b=c","answer":null,"body":null}"#);
        let target = read.map(|asked| (asked.request.path, asked.request.query)).map_err(|wrong| wrong.message);
        assert_eq!(target, Ok(("/a".to_owned(), Some("b=c".to_owned()))));
    }
}
