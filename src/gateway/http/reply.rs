//! What a function's payload means as an answer, in both payload formats, or which member of it is wrong.
//!
//! Without a `statusCode` a payload of format 2.0 is the body of a 200, whatever it is: an error that a handler returned, too.
//! Members have one type each; API Gateway's own sentence names the first that has another (fact `http-reply-types`).

use bytes::Bytes;

use super::spelling::canonical;
use crate::api::http::PayloadFormat;
use crate::failure::Failure;
use crate::gateway::base64;
use crate::gateway::json_scanner::{Malformed, Scalar, Scanner, Text};
use crate::http1::head::{is_of_the_connection, is_token};
use crate::http1::message::{Headers, Response};
use crate::integration::Payload;
use crate::json_text::ReadAhead;
use crate::metrics::MaskedKind;

/// So many headers no client takes; a bound as for REST APIs.
const MOST_HEADERS: usize = 1_000;

/// An answer, and how it came about.
#[derive(Debug)]
pub(crate) struct FunctionAnswer {
    /// The answer, without the gateway's own headers.
    pub response: Response,
    /// Whether the payload had no `statusCode`, so that it is the body of a 200.
    pub inferred: bool,
    /// The function's failure that the client does not see.
    pub masked: Option<MaskedKind>,
    /// Members that mean nothing in this format.
    pub ignored: Vec<String>,
}

/// A payload as read. A member that is absent or null has its default.
#[derive(Debug, Default)]
struct Members {
    is_object: bool,
    status: Option<Result<u16, String>>,
    headers: Vec<(Text, Text)>,
    multi_value_headers: Vec<(Text, Text)>,
    cookies: Vec<Text>,
    body: Option<Text>,
    base64: bool,
    ignored: Vec<String>,
    /// The first member of another type than its own: its name, and what is wrong there.
    wrong: Option<(&'static str, String)>,
}

/// The answer that a payload stands for.
pub(crate) fn read(format: PayloadFormat, payload: &Bytes, ahead: &ReadAhead) -> Result<FunctionAnswer, Failure> {
    let mut members = Members::default();
    let mut text = None;
    let parsed = Scanner::read(payload, ahead, |scanner| match scanner.peek() {
        Some(b'{') => read_members(scanner, format, &mut members),
        Some(b'"') => scanner.scalar("the payload").map(|scalar| text = scalar.into_text()),
        _ => scanner.skip(),
    });
    let malformed = |why: String| Err(Failure::MalformedResponse(why));
    match (format, parsed, &members.status) {
        (PayloadFormat::V1, Err(Malformed(why)), _) => malformed(why),
        (PayloadFormat::V1, Ok(()), _) if !members.is_object => malformed("the payload is not an object".to_owned()),
        (PayloadFormat::V1, Ok(()), None) => malformed("the payload has no `statusCode`".to_owned()),
        (PayloadFormat::V2, Ok(()), None) => Ok(inferred(payload, ahead, text)),
        // Observed by AWS's own test tool: what is no JSON is taken as it is.
        (PayloadFormat::V2, Err(_), _) => Ok(inferred(payload, ahead, None)),
        (_, Ok(()), Some(_)) => answer(members),
    }
}

/// The body of a 200: a string without its quotes (recorded on AWS), anything else as it is.
fn inferred(payload: &Bytes, ahead: &ReadAhead, text: Option<Text>) -> FunctionAnswer {
    let is_text = text.is_some();
    let body = text.map_or_else(|| ahead.restored(payload), Text::into_bytes);
    let is_error = !is_text && Payload::read_error(&body).is_error();
    let mut headers = Headers::default();
    headers.push("Content-Type", "application/json");
    FunctionAnswer {
        response: Response { status: 200, headers, body: body.into() },
        inferred: true,
        masked: is_error.then_some(MaskedKind::FunctionError),
        ignored: Vec::new(),
    }
}

fn answer(members: Members) -> Result<FunctionAnswer, Failure> {
    if let Some((member, why)) = members.wrong {
        let sentence = format!("Lambda body contains the wrong type for field \"{member}\" ({why})");
        return Err(Failure::MalformedResponse(sentence));
    }
    let status = members.status.unwrap_or(Ok(200)).map_err(Failure::MalformedResponse)?;
    let mut headers = Headers::default();
    let has_cookies = !members.cookies.is_empty();
    // Format 1.0 sends single values first, then lists, each value in a line of its own (recorded on AWS).
    for (name, value) in members.headers.into_iter().chain(members.multi_value_headers) {
        if !(has_cookies && name.as_bytes().eq_ignore_ascii_case(b"set-cookie")) {
            push(&mut headers, name.as_bytes(), value)?;
        }
    }
    if !headers.contains("content-type") {
        headers.push("Content-Type", "text/plain; charset=utf-8");
    }
    for cookie in members.cookies {
        push(&mut headers, b"Set-Cookie", cookie)?;
    }
    let body = match members.body {
        Some(text) if members.base64 => match base64::decode(text.as_bytes()) {
            Some(bytes) => bytes.into(),
            None => return Err(Failure::MalformedResponse("`body` is not base64".to_owned())),
        },
        Some(text) => text.into_bytes(),
        None => Bytes::new(),
    };
    let response = Response { status, headers, body: body.into() };
    Ok(FunctionAnswer { response, inferred: false, masked: None, ignored: members.ignored })
}

fn push(headers: &mut Headers, name: &[u8], value: Text) -> Result<(), Failure> {
    let is_valid_value = value.as_bytes().iter().all(|b| *b >= 0x20 && *b != 0x7f || *b == b'\t');
    if !is_token(name) || !is_valid_value {
        let name = String::from_utf8_lossy(name);
        return Err(Failure::MalformedResponse(format!("`{name}` is no valid header")));
    }
    if !is_of_the_connection(name) && !name.eq_ignore_ascii_case(b"apigw-requestid") {
        headers.push(canonical(name), value.into_bytes());
    }
    Ok(())
}

fn read_members(scanner: &mut Scanner, format: PayloadFormat, members: &mut Members) -> Result<(), Malformed> {
    members.is_object = true;
    scanner.object("the payload", |scanner, key| {
        let is_v1 = format == PayloadFormat::V1;
        match key.as_bytes() {
            b"statusCode" => members.status = Some(members.status(scanner)?),
            b"headers" => members.headers = members.single(scanner)?,
            b"multiValueHeaders" if is_v1 => members.multi_value_headers = members.lists(scanner)?,
            b"cookies" if !is_v1 => members.cookies = members.list(scanner, "cookies", "`cookies`")?,
            b"body" => members.body = members.string(scanner, "body", "`body`")?,
            b"isBase64Encoded" => members.base64 = members.truth(scanner)?,
            other => {
                members.ignored.push(String::from_utf8_lossy(other).into_owned());
                scanner.skip()?;
            }
        }
        Ok(())
    })
}

/// Each reads a value of its member, notes one of another type, and passes it.
impl Members {
    fn wrong(
        &mut self,
        scanner: &mut Scanner,
        member: &'static str,
        place: &str,
        expected: &str,
    ) -> Result<(), Malformed> {
        let found = match scanner.peek() {
            Some(b'{') => "an object",
            Some(b'[') => "a list",
            Some(b'"') => "a string",
            Some(b't' | b'f') => "a boolean",
            Some(b'n') => "null",
            _ => "a number",
        };
        scanner.skip()?;
        self.wrong.get_or_insert_with(|| (member, format!("{place} is {found}, expected {expected}")));
        Ok(())
    }

    /// A status without a fraction from 100 to 599.
    fn status(&mut self, scanner: &mut Scanner) -> Result<Result<u16, String>, Malformed> {
        match scanner.peek() {
            Some(b'-' | b'0'..=b'9') => {}
            // Go reads null as 0, which was recorded to be refused.
            Some(b'n') => return scanner.skip().map(|()| Err("`statusCode` is null, expected a number".to_owned())),
            _ => {
                self.wrong(scanner, "statusCode", "`statusCode`", "a number")?;
                return Ok(Ok(0));
            }
        }
        let scalar = scanner.scalar("`statusCode`")?;
        let Scalar::Number(text) = &scalar else { return Ok(Ok(0)) };
        match text.as_str().parse::<i64>() {
            Ok(status @ 100..600) => Ok(Ok(status as u16)),
            Ok(_) => Ok(Err(format!("`statusCode` is {}, expected 100 to 599", text.as_str()))),
            Err(_) => {
                let why = format!("`statusCode` is {}, expected a number without a fraction", text.as_str());
                self.wrong.get_or_insert(("statusCode", why));
                Ok(Ok(0))
            }
        }
    }

    fn string(&mut self, scanner: &mut Scanner, member: &'static str, place: &str) -> Result<Option<Text>, Malformed> {
        match scanner.peek() {
            Some(b'"') => scanner.scalar(place).map(Scalar::into_text),
            Some(b'n') => scanner.skip().map(|()| None),
            _ => self.wrong(scanner, member, place, "a string").map(|()| None),
        }
    }

    fn truth(&mut self, scanner: &mut Scanner) -> Result<bool, Malformed> {
        match scanner.peek() {
            Some(b't' | b'f' | b'n') => Ok(matches!(scanner.scalar("`isBase64Encoded`")?, Scalar::Bool(true, _))),
            _ => self.wrong(scanner, "isBase64Encoded", "`isBase64Encoded`", "a boolean").map(|()| false),
        }
    }

    fn list(&mut self, scanner: &mut Scanner, member: &'static str, place: &str) -> Result<Vec<Text>, Malformed> {
        let mut found = Vec::new();
        match scanner.peek() {
            Some(b'[') => scanner.array(place, |scanner| {
                found.extend(self.string(scanner, member, &format!("an item of {place}"))?);
                few(found.len())
            })?,
            Some(b'n') => scanner.skip()?,
            _ => self.wrong(scanner, member, place, "a list of strings")?,
        }
        Ok(found)
    }

    fn single(&mut self, scanner: &mut Scanner) -> Result<Vec<(Text, Text)>, Malformed> {
        let mut found: Vec<(Text, Text)> = Vec::new();
        match scanner.peek() {
            Some(b'{') => scanner.object("`headers`", |scanner, name| {
                let value = self.string(scanner, "headers", &format!("`headers.{}`", name.as_str()))?;
                found.retain(|(known, _)| known.as_bytes() != name.as_bytes());
                found.extend(value.map(|value| (name, value)));
                few(found.len())
            })?,
            Some(b'n') => scanner.skip()?,
            _ => self.wrong(scanner, "headers", "`headers`", "an object of strings")?,
        }
        Ok(found)
    }

    fn lists(&mut self, scanner: &mut Scanner) -> Result<Vec<(Text, Text)>, Malformed> {
        const NAME: &str = "multiValueHeaders";
        let mut found: Vec<(Text, Text)> = Vec::new();
        match scanner.peek() {
            Some(b'{') => scanner.object("`multiValueHeaders`", |scanner, name| {
                let values = self.list(scanner, NAME, &format!("`{NAME}.{}`", name.as_str()))?;
                found.retain(|(known, _)| known.as_bytes() != name.as_bytes());
                found.extend(values.into_iter().map(|value| (name.clone(), value)));
                few(found.len())
            })?,
            Some(b'n') => scanner.skip()?,
            _ => self.wrong(scanner, NAME, "`multiValueHeaders`", "an object of lists of strings")?,
        }
        Ok(found)
    }
}

fn few(count: usize) -> Result<(), Malformed> {
    if count <= MOST_HEADERS { Ok(()) } else { Err(Malformed(format!("more than {MOST_HEADERS} headers"))) }
}

#[cfg(test)]
mod tests {
    use super::super::malformed::faults;
    use super::*;
    use crate::json_text::Ahead;
    use PayloadFormat::{V1, V2};

    /// A format and a payload, and what becomes of it: status, header lines, body, whether it was inferred, what was ignored.
    #[rustfmt::skip]
    const ROWS: &[(PayloadFormat, &str, &str)] = &[
        // Recorded on AWS.
        (V2, r#"{"statusCode":200,"headers":{"content-type":"application/json","myHeader":"test,other","anotherheader":"x"},"body":"{}"}"#, "200 Content-Type: application/json | Myheader: test,other | Anotherheader: x\n{}"),
        (V2, r#"{"statusCode":200,"body":"Test body"}"#, "200 Content-Type: text/plain; charset=utf-8\nTest body"),
        (V1, r#"{"statusCode":200,"body":"Test body"}"#, "200 Content-Type: text/plain; charset=utf-8\nTest body"),
        (V2, r#"{"statusCode":0,"body":"x"}"#, "`statusCode` is 0, expected 100 to 599"),
        (V1, r#"{"statusCode":0,"body":"x"}"#, "`statusCode` is 0, expected 100 to 599"),
        (V1, r#"{"statusCode":200,"multiValueHeaders":{"Combined-Header":["m1","m2"],"X-Multi":["m3"]},"headers":{"Content-Type":"application/json","combined-header":"s"},"body":"{}"}"#, "200 Content-Type: application/json | Combined-Header: s | Combined-Header: m1 | Combined-Header: m2 | X-Multi: m3\n{}"),
        (V1, r#"{"statusCode":200,"multiValueHeaders":null,"headers":null,"body":null,"isBase64Encoded":null}"#, "200 Content-Type: text/plain; charset=utf-8\n"),
        (V1, "Not a valid proxy response object", "the payload is not JSON (byte 0)"),
        (V2, r#""Hello, World!""#, "200 inferred Content-Type: application/json\nHello, World!"),
        (V2, r#""Special \"quoted\" text""#, "200 inferred Content-Type: application/json\nSpecial \"quoted\" text"),
        (V2, r#""""#, "200 inferred Content-Type: application/json\n"),
        (V2, "[1, 2, 3, 4, 5]", "200 inferred Content-Type: application/json\n[1, 2, 3, 4, 5]"),
        (V2, "true", "200 inferred Content-Type: application/json\ntrue"),
        (V2, r#"{"name": "John Doe", "age":"#, "200 inferred Content-Type: application/json\n{\"name\": \"John Doe\", \"age\":"),
        (V2, r#"{"statusCode": 200.5, "body": "Hello"}"#, "Lambda body contains the wrong type for field \"statusCode\" (`statusCode` is 200.5, expected a number without a fraction)"),
        // Documented.
        (V2, r#" { "message": "Hello from Lambda!" } "#, "200 inferred Content-Type: application/json\n { \"message\": \"Hello from Lambda!\" } "),
        (V2, r#"{"statusCode":201,"cookies":["a=1; Secure","b=2"],"headers":{"set-cookie":"c=3","Location":"/x"}}"#, "201 Location: /x | Content-Type: text/plain; charset=utf-8 | Set-Cookie: a=1; Secure | Set-Cookie: b=2\n"),
        (V2, r#"{"statusCode":200,"isBase64Encoded":true,"body":"AQID"}"#, "200 Content-Type: text/plain; charset=utf-8\n\u{1}\u{2}\u{3}"),
        (V1, r#"{"statusCode":200,"headers":{"a":"\u00e9\t"},"body":"{\"a\":\"b\"}"}"#, "200 A: \\xc3\\xa9\\t | Content-Type: text/plain; charset=utf-8\n{\"a\":\"b\"}"),
        (V2, r#"{"message":"a \"word\""}"#, "200 inferred Content-Type: application/json\n{\"message\":\"a \\\"word\\\"\"}"),
        (V1, r#"{"message":"x"}"#, "the payload has no `statusCode`"),
        (V1, r#""x""#, "the payload is not an object"),
        // A failure that nobody sees.
        (V2, r#"{"errorMessage":"boom","errorType":"E"}"#, "200 inferred masked Content-Type: application/json\n{\"errorMessage\":\"boom\",\"errorType\":\"E\"}"),
        (V2, "null", "200 inferred Content-Type: application/json\nnull"),
        (V2, "", "200 inferred Content-Type: application/json\n"),
        (V2, r#"{"body":{"a":[{}]},"headers":5,"statuscode":1}"#, "200 inferred Content-Type: application/json\n{\"body\":{\"a\":[{}]},\"headers\":5,\"statuscode\":1}"),
        // Of another type.
        (V2, r#"{"body":{"a":[{},"]"]},"statusCode":200}"#, "Lambda body contains the wrong type for field \"body\" (`body` is an object, expected a string)"),
        (V2, r#"{"statusCode":"200","body":5}"#, "Lambda body contains the wrong type for field \"statusCode\" (`statusCode` is a string, expected a number)"),
        (V2, r#"{"statusCode":null}"#, "`statusCode` is null, expected a number"),
        (V2, r#"{"statusCode":600}"#, "`statusCode` is 600, expected 100 to 599"),
        (V2, r#"{"statusCode":200,"headers":{"Access-Control-Allow-Credentials":true}}"#, "Lambda body contains the wrong type for field \"headers\" (`headers.Access-Control-Allow-Credentials` is a boolean, expected a string)"),
        (V2, r#"{"statusCode":200,"headers":[]}"#, "Lambda body contains the wrong type for field \"headers\" (`headers` is a list, expected an object of strings)"),
        (V2, r#"{"statusCode":200,"cookies":"a=1"}"#, "Lambda body contains the wrong type for field \"cookies\" (`cookies` is a string, expected a list of strings)"),
        (V1, r#"{"statusCode":200,"multiValueHeaders":{"a":"b"}}"#, "Lambda body contains the wrong type for field \"multiValueHeaders\" (`multiValueHeaders.a` is a string, expected a list of strings)"),
        (V1, r#"{"statusCode":200,"multiValueHeaders":{"a":["b",1]}}"#, "Lambda body contains the wrong type for field \"multiValueHeaders\" (an item of `multiValueHeaders.a` is a number, expected a string)"),
        (V2, r#"{"statusCode":200,"isBase64Encoded":"true"}"#, "Lambda body contains the wrong type for field \"isBase64Encoded\" (`isBase64Encoded` is a string, expected a boolean)"),
        (V2, r#"{"statusCode":200,"isBase64Encoded":true,"body":"%"}"#, "`body` is not base64"),
        (V2, r#"{"statusCode":200,"headers":{"a b":"c"}}"#, "`a b` is no valid header"),
        // Members of the other format, and what is the gateway's own.
        (V2, r#"{"statusCode":200,"multiValueHeaders":{"a":["b"]},"x":[[],{}],"headers":{"a":"1","a":"2"}}"#, "200 ignored multiValueHeaders, x A: 2 | Content-Type: text/plain; charset=utf-8\n"),
        (V1, r#"{"statusCode":200,"cookies":["a=1"]}"#, "200 ignored cookies Content-Type: text/plain; charset=utf-8\n"),
        (V2, r#"{"statusCode":204,"headers":{"Connection":"close","content-length":"7","apigw-requestid":"x","x-amzn-trace-id":"y","Date":"z","set-cookie":"c=3"}}"#, "204 X-Amzn-Trace-Id: y | Date: z | Set-Cookie: c=3 | Content-Type: text/plain; charset=utf-8\n"),
    ];

    #[test]
    fn payloads() {
        for (format, payload, expected) in ROWS {
            let payload = Bytes::from_static(payload.as_bytes());
            let answer = read(*format, &payload, &ReadAhead::default());
            assert_eq!(faults(*format, &payload).is_empty(), answer.is_ok(), "{}", payload.escape_ascii());
            assert_eq!(show(answer), *expected, "{}", payload.escape_ascii());
            let ahead = if *format == V1 { Ahead::Strings } else { Ahead::Restorable };
            for step in 1..=payload.len() {
                let (mut received, mut ahead) = (payload.to_vec(), ReadAhead::new(ahead).expect("one that reads"));
                (step..payload.len()).step_by(step).for_each(|end| ahead.advance(&mut received[..end]));
                ahead.advance(&mut received);
                let read_ahead = show(read(*format, &Bytes::from(received), &ahead));
                assert_eq!(read_ahead, *expected, "{} read ahead by {step}", payload.escape_ascii());
            }
        }
    }

    fn show(answer: Result<FunctionAnswer, Failure>) -> String {
        match answer {
            Err(Failure::MalformedResponse(why)) => why,
            Err(other) => format!("{other:?}"),
            Ok(FunctionAnswer { response, inferred, masked, ignored }) => {
                let lines = response.headers.0.iter();
                let lines: Vec<_> = lines.map(|h| format!("{}: {}", h.name(), h.value.escape_ascii())).collect();
                let body = String::from_utf8_lossy(response.body.whole()).into_owned();
                let inferred = if inferred { "inferred " } else { "" };
                let masked = if masked.is_some() { "masked " } else { "" };
                let ignored =
                    if ignored.is_empty() { String::new() } else { format!("ignored {} ", ignored.join(", ")) };
                format!("{} {inferred}{masked}{ignored}{}\n{body}", response.status, lines.join(" | "))
            }
        }
    }

    #[test]
    fn a_deep_payload_is_the_body_of_a_200() {
        let deep = Bytes::from([vec![b'['; 100_000], vec![b']'; 100_000]].concat());
        let answer = read(V2, &deep, &ReadAhead::default()).map(|answer| answer.response.body.whole().len());
        assert_eq!(answer, Ok(200_000));
    }
}
