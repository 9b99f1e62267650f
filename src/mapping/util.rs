//! `$util`: escaping, encoding and JSON. Its functions take any object and use the text that it prints.

use std::fmt::Write;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::value::{Exception, Object, Value, json, print};

/// What `$util` is.
pub(crate) struct Util;

impl Util {
    /// The reference that a template sees.
    pub(crate) fn into_value(self) -> Value {
        Value::Object(Rc::new(self))
    }
}

impl Object for Util {
    fn class(&self) -> &'static str {
        "Util"
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, Exception>> {
        let [argument] = arguments else { return None };
        if name == "parseJson" {
            return match argument {
                Value::Str(text) => Some(Ok(json::parse_rfc4627(text).unwrap_or(Value::Null))),
                Value::Null => Some(Ok(Value::Null)),
                _ => None,
            };
        }
        if let ("escapeJavaScript", Value::Str(text)) = (name, argument)
            && all_plain_java_script(text.as_bytes())
        {
            return Some(Ok(argument.clone()));
        }
        let function = match name {
            "escapeJavaScript" => |text: &str| Ok(escape_java_script(text)),
            "urlEncode" => url_encode,
            "urlDecode" => url_decode,
            "base64Encode" => base64_encode,
            "base64Decode" => base64_decode,
            _ => return None,
        };
        if matches!(argument, Value::Null) {
            return Some(Ok(Value::Null));
        }
        Some(match argument {
            Value::Str(text) => function(text).map(Value::from),
            other => print::text(other).and_then(|text| function(&text)).map(Value::from),
        })
    }

    /// Nothing: recorded on AWS.
    fn print(&self, _: &mut String) {}
}

type Converted = Result<String, Exception>;

/// commons-lang's `StringEscapeUtils.escapeJavaScript`
pub(crate) fn escape_java_script(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text;
    loop {
        let (plain, special) = rest.split_at(rest.bytes().take_while(|byte| is_plain_java_script(*byte)).count());
        out.push_str(plain);
        let mut chars = special.chars();
        let Some(c) = chars.next() else { break };
        rest = chars.as_str();
        match c {
            '\'' | '"' | '\\' | '/' => out.extend(['\\', c]),
            '\u{8}' => out.push_str("\\b"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\u{C}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04X}");
                }
            }
        }
    }
    out
}

/// Whether it stands for itself in a string of JavaScript.
fn is_plain_java_script(byte: u8) -> bool {
    matches!(byte, b' '..=0x7F) && !matches!(byte, b'\'' | b'"' | b'\\' | b'/')
}

/// Whether all bytes are such, eight at a time.
fn all_plain_java_script(bytes: &[u8]) -> bool {
    const EACH: u64 = u64::MAX / 255;
    let (words, rest) = bytes.as_chunks::<8>();
    let plain = |word: u64| {
        let is = |byte: u8| (word ^ (EACH * u64::from(byte))).wrapping_sub(EACH);
        let low = word.wrapping_sub(EACH * 0x20);
        // Only a special byte borrows from the one above it.
        (low | is(b'\'') | is(b'"') | is(b'\\') | is(b'/') | word) & (EACH << 7) == 0
    };
    words.iter().all(|word| plain(u64::from_le_bytes(*word))) && rest.iter().all(|byte| is_plain_java_script(*byte))
}

/// `java.net.URLEncoder`: as forms are encoded.
fn url_encode(text: &str) -> Converted {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => {
                const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
                let digit = |half: u8| char::from(DIGITS[usize::from(half & 15)]);
                out.extend(['%', digit(byte >> 4), digit(byte)]);
            }
        }
    }
    Ok(out)
}

/// `java.net.URLDecoder`
fn url_decode(text: &str) -> Converted {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['%', '+']) {
        out.push_str(&rest[..at]);
        if rest[at..].starts_with('+') {
            out.push(' ');
            rest = &rest[at + 1..];
            continue;
        }
        let mut bytes = Vec::new();
        rest = &rest[at..];
        while let Some(after) = rest.strip_prefix('%') {
            let digits = after.get(..2).ok_or_else(|| bad_escape("incomplete trailing escape (%) pattern"))?;
            let byte = u8::from_str_radix(digits, 16)
                .map_err(|_| bad_escape("illegal hex characters in escape (%) pattern"))?;
            bytes.push(byte);
            rest = &after[2..];
        }
        out.push_str(&String::from_utf8_lossy(&bytes));
    }
    out.push_str(rest);
    Ok(out)
}

fn bad_escape(message: &str) -> Exception {
    Exception::new("IllegalArgumentException", format!("URLDecoder: {message}"))
}

fn base64_encode(text: &str) -> Converted {
    Ok(STANDARD.encode(text))
}

/// `java.util.Base64`'s basic decoder: the padding may be left out, what follows it may not.
fn base64_decode(text: &str) -> Converted {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    let mut chars = text.bytes();
    let mut padding = None;
    for byte in chars.by_ref() {
        let Some(value) = sextet(byte) else {
            padding = Some(byte);
            break;
        };
        bits = bits << 6 | value;
        count += 1;
        if count == 4 {
            bytes.extend([(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]);
            (bits, count) = (0, 0);
        }
    }
    if let Some(byte) = padding {
        let complete = match (byte, count) {
            (b'=', 2) => chars.next() == Some(b'='),
            (b'=', 3) => true,
            _ => return Err(bad_base64("illegal character")),
        };
        if !complete || chars.next().is_some() {
            return Err(bad_base64("wrong end"));
        }
    }
    match count {
        0 => {}
        2 => bytes.push((bits >> 4) as u8),
        3 => bytes.extend([(bits >> 10) as u8, (bits >> 2) as u8]),
        _ => return Err(bad_base64("the last unit does not have enough valid bits")),
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn sextet(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

fn bad_base64(message: &str) -> Exception {
    Exception::new("IllegalArgumentException", format!("not base64: {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_bytes_are_told_eight_at_a_time() {
        for around in [b' ', b'a', 0x7f] {
            for byte in 0..=u8::MAX {
                for at in 0..11 {
                    let mut bytes = [around; 11];
                    bytes[at] = byte;
                    assert_eq!(all_plain_java_script(&bytes), is_plain_java_script(byte), "{bytes:?}");
                }
            }
        }
    }
}
