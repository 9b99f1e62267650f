//! A proxy function's JSON reply, or why it is malformed: read in one pass, as Jackson in its strict mode would.

use bytes::Bytes;

use crate::api::{RestApi, media_type};
use crate::failure::Failure;
use crate::gateway::base64;
use crate::gateway::json_scanner::{Malformed, Scalar, Scanner, Text};
use crate::http1::head::is_token;
use crate::http1::message::{Header, Headers, Request, Response};
use crate::json_text::ReadAhead;
use crate::mapping::header::fate_from_function;

/// So many headers no client takes; a bound, because they are compared with each other.
const MOST_HEADERS: usize = 1_000;

/// A reply as the function wrote it; what it left out or set to null has its default.
#[derive(Debug, Default)]
struct Reply {
    status: Option<u16>,
    headers: Vec<(Text, Text)>,
    multi_value_headers: Vec<(Text, Text)>,
    body: Option<Text>,
    base64: bool,
}

/// The answer to the client that a function's payload stands for, without the gateway's own headers. `ahead` tells which of the
/// payload's strings were read while it came.
pub(crate) fn render(
    api: &RestApi,
    request: &Request,
    payload: &Bytes,
    ahead: &ReadAhead,
) -> Result<Response, Failure> {
    let reply = parse(payload, ahead).map_err(|Malformed(reason)| Failure::MalformedResponse(reason))?;
    let mut headers = merge(reply.multi_value_headers, reply.headers)?;
    if !headers.contains("content-type") {
        headers.push("Content-Type", "application/json");
    }
    let body = match reply.body {
        Some(text) if reply.base64 && accepts_binary(api, request) => Bytes::from(
            base64::decode(text.as_bytes()).ok_or(Failure::ContentHandling("Unable to base64 decode the body."))?,
        ),
        Some(text) => text.into_bytes(),
        None => Bytes::new(),
    };
    Ok(Response { status: reply.status.unwrap_or(200), headers, body: body.into() })
}

/// The header lines that both maps stand for.
pub(crate) fn merge(multi_value_headers: Vec<(Text, Text)>, headers: Vec<(Text, Text)>) -> Result<Headers, Failure> {
    let mut merged = Headers(Vec::with_capacity(headers.len() + multi_value_headers.len() + 5));
    for (name, value) in multi_value_headers {
        push(&mut merged, name, value)?;
    }
    let multi = merged.0.len();
    for (name, value) in headers {
        // Both maps count, the lists first; a pair that stands in both is sent once, and a name that does has the lists'
        // spelling (recorded on AWS).
        let name_bytes = name.as_bytes();
        let known = merged.0[..multi].iter().find(|h| h.name.eq_ignore_ascii_case(name_bytes)).map(|h| h.name.clone());
        let twice = known.is_some()
            && merged.0[..multi].iter().any(|h| h.name.eq_ignore_ascii_case(name_bytes) && h.value == value.as_bytes());
        if !twice {
            push(&mut merged, known.map_or(name, Text::from), value)?;
        }
    }
    Ok(merged)
}

/// Whether the answer may be binary: only the client's first media type counts (recorded on AWS).
fn accepts_binary(api: &RestApi, request: &Request) -> bool {
    let accept = request.headers.first("accept").unwrap_or("application/json");
    api.binary_media_types.contains(media_type(accept))
}

fn push(headers: &mut Headers, name: Text, value: Text) -> Result<(), Failure> {
    let valid_value = value.as_bytes().iter().all(|b| *b >= 0x20 && *b != 0x7f || *b == b'\t');
    if !is_token(name.as_bytes()) || !valid_value {
        let name = String::from_utf8_lossy(name.as_bytes()).into_owned();
        return Err(Failure::MalformedResponse(format!("`{name}` is no valid header")));
    }
    let fate = fate_from_function(name.as_bytes());
    headers.0.extend(fate.apply(Header { name: name.into_bytes(), value: value.into_bytes() }));
    Ok(())
}

fn parse(payload: &Bytes, ahead: &ReadAhead) -> Result<Reply, Malformed> {
    let mut reply = Reply::default();
    Scanner::read(payload, ahead, |scanner| {
        scanner.object("the payload", |scanner, key| {
            match key.as_bytes() {
                b"statusCode" => reply.status = status(scanner)?,
                b"headers" => reply.headers = headers(scanner)?,
                b"multiValueHeaders" => reply.multi_value_headers = multi_value_headers(scanner)?,
                b"body" => reply.body = scanner.scalar("`body`")?.into_text(),
                b"isBase64Encoded" => reply.base64 = truth(&scanner.scalar("`isBase64Encoded`")?)?,
                other => return Err(Malformed(format!("unknown key `{}`", String::from_utf8_lossy(other)))),
            }
            Ok(())
        })
    })?;
    Ok(reply)
}

/// `statusCode`: a number (cut to its integer part) or its digits in a string.
fn status(scanner: &mut Scanner) -> Result<Option<u16>, Malformed> {
    let scalar = scanner.scalar("`statusCode`")?;
    let status = match &scalar {
        Scalar::Null => return Ok(None),
        Scalar::Number(text) => text.as_str().parse::<f64>().ok().map(f64::trunc),
        Scalar::String(text) if text.as_str().trim().is_empty() => return Ok(None),
        Scalar::String(text) => text.as_str().trim().parse::<i32>().ok().map(f64::from),
        Scalar::Bool(..) => None,
    };
    match status {
        Some(status) if (100.0..600.0).contains(&status) => Ok(Some(status as u16)),
        _ => Err(Malformed(format!("`statusCode` is {}, expected a number from 100 to 599", scalar.show()))),
    }
}

fn headers(scanner: &mut Scanner) -> Result<Vec<(Text, Text)>, Malformed> {
    let mut found: Vec<(Text, Text)> = Vec::new();
    if scanner.null() {
        return Ok(found);
    }
    scanner.object("`headers`", |scanner, name| {
        let value = scanner.scalar("a value of `headers`")?.into_text();
        found.retain(|(known, _)| known.as_bytes() != name.as_bytes());
        found.extend(value.map(|value| (name, value)));
        few(&found)
    })?;
    Ok(found)
}

fn multi_value_headers(scanner: &mut Scanner) -> Result<Vec<(Text, Text)>, Malformed> {
    let mut found: Vec<(Text, Text)> = Vec::new();
    if scanner.null() {
        return Ok(found);
    }
    scanner.object("`multiValueHeaders`", |scanner, name| {
        found.retain(|(known, _)| known.as_bytes() != name.as_bytes());
        if scanner.null() {
            return Ok(());
        }
        scanner.array("a value of `multiValueHeaders`", |scanner| {
            let value = scanner.scalar("an item of `multiValueHeaders`")?.into_text();
            found.extend(value.map(|value| (name.clone(), value)));
            few(&found)
        })
    })?;
    Ok(found)
}

fn few(headers: &[(Text, Text)]) -> Result<(), Malformed> {
    if headers.len() <= MOST_HEADERS { Ok(()) } else { Err(Malformed(format!("more than {MOST_HEADERS} headers"))) }
}

/// `isBase64Encoded`: a boolean, or what Jackson takes for one.
fn truth(scalar: &Scalar) -> Result<bool, Malformed> {
    let text = match scalar {
        Scalar::Null => return Ok(false),
        Scalar::Bool(truth, _) => return Ok(*truth),
        Scalar::Number(text) if !text.as_str().contains(['.', 'e', 'E']) => return Ok(text.as_str() != "0"),
        Scalar::Number(_) => None,
        Scalar::String(text) => Some(text.as_str().trim()),
    };
    match text {
        Some("true" | "True" | "TRUE") => Ok(true),
        Some("false" | "False" | "FALSE" | "") => Ok(false),
        _ => Err(Malformed(format!("`isBase64Encoded` is {}, expected a boolean", scalar.show()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMBERS: &[&str] = &[
        "\"statusCode\" : 200",
        "\"statusCode\":\"404\"",
        "\"statusCode\":01",
        "\"headers\":{\"x-a\":\"~\", \"x-\\u0062\":1.5, \"x-a\":null}",
        "\"headers\":null",
        "\"headers\":{\"a\" \"b\"}",
        "\"multiValueHeaders\":{\"Set-Cookie\":[\"a=1\",\"b=\\\"2\\\"\" ], \"x-a\":[]}",
        "\n\"body\":\"~\"",
        "\"bo\\u0064y\":\"~\"",
        "\"body\":nul",
        "\"isBase64Encoded\":true",
        "\"isBase64Encoded\":\"no\"",
        "\"~\":\"~\"",
    ];
    const TEXT: &[&str] = &[
        "plain",
        "é€𝄞",
        "\\n",
        "\\\"",
        "\\\\",
        "\\u00e9",
        "\\uD834\\uDD1E",
        "\\ud834",
        "longer than one block of the widest loop. ",
        "\\x",
        "\t",
    ];

    fn parsed(document: &[u8], ahead: &ReadAhead) -> String {
        format!("{:?}", parse(&Bytes::copy_from_slice(document), ahead))
    }

    #[test]
    fn a_reply_read_while_it_came_is_the_same_reply() {
        let mut seed = 1_u64;
        let mut below = |limit: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % limit
        };
        let (mut good, mut not_utf8) = (0, 0);
        for _ in 0..600 {
            let members: Vec<String> = (0..below(5))
                .map(|_| {
                    let broken = usize::from(below(8) == 0) * 2;
                    let text: String = (0..below(9)).map(|_| TEXT[below(TEXT.len() - 2 + broken)]).collect();
                    MEMBERS[below(MEMBERS.len())].replace('~', &text)
                })
                .collect();
            let mut document = format!("{{{}}}{}", members.join(","), ["", "\n", "x"][below(5) / 2]).into_bytes();
            if below(6) == 0 {
                document.insert(below(document.len()), [0x80, 0xc3, 0xe2, b'"', b'\\', b'{'][below(6)]);
            }
            let expected = parsed(&document, &ReadAhead::default());
            good += usize::from(expected.starts_with("Ok"));
            not_utf8 += usize::from(expected.contains("UTF-8"));
            assert_eq!(expected.contains("UTF-8"), std::str::from_utf8(&document).is_err());
            for step in 1..=document.len() {
                // Once cut in two at each place, and once into parts of each length.
                let mut twice = [document.clone(), document.clone()];
                let mut ahead = [ReadAhead::default(), ReadAhead::default()];
                ahead[0].advance(&mut twice[0][..step]);
                ahead[0].advance(&mut twice[0]);
                for end in (step..document.len()).step_by(step).chain([document.len()]) {
                    ahead[1].advance(&mut twice[1][..end]);
                }
                for (received, ahead) in twice.iter().zip(&ahead) {
                    assert_eq!(parsed(received, ahead), expected, "{step} {}", String::from_utf8_lossy(&document));
                }
            }
        }
        assert!(good > 100 && not_utf8 > 20, "{good} good, {not_utf8} not UTF-8");
    }
}
