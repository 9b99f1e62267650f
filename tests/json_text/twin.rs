//! JSON strings a byte at a time, as plainly as can be: what the wide loops are compared with.

use stagegate::engine::json_text::simd::Stops;

/// The inside of a JSON string, with Jackson's escapes.
pub fn escape(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend(b"\\\""),
            b'\\' => out.extend(b"\\\\"),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            b'\t' => out.extend(b"\\t"),
            0x08 => out.extend(b"\\b"),
            0x0c => out.extend(b"\\f"),
            0..0x20 => out.extend(format!("\\u{byte:04X}").bytes()),
            _ => out.push(byte),
        }
    }
    out
}

/// The text of the JSON string behind the quote at `start - 1`, and where its closing quote is.
pub fn read(input: &[u8], start: usize) -> Option<(Vec<u8>, usize)> {
    let mut out = Vec::new();
    let mut at = start;
    loop {
        match *input.get(at)? {
            b'"' => return Some((out, at)),
            0..0x20 => return None,
            b'\\' => {
                at += 1;
                let plain = match *input.get(at)? {
                    letter @ (b'"' | b'\\' | b'/') => letter,
                    b'b' => 0x08,
                    b'f' => 0x0c,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'u' => {
                        let (c, length) = unicode(&input[at + 1..])?;
                        out.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
                        at += 1 + length;
                        continue;
                    }
                    _ => return None,
                };
                out.push(plain);
                at += 1;
            }
            byte => {
                out.push(byte);
                at += 1;
            }
        }
    }
}

/// How much of a JSON string's inside is text or escapes of a single letter, and whether a backslash stands before the rest.
pub fn skip(input: &[u8], stops: Stops, mut escaped: bool) -> (usize, bool) {
    for (at, byte) in input.iter().enumerate() {
        let stop = match (escaped, byte) {
            (true, b'/') => stops == Stops::JsonSmart,
            (true, byte) => !b"\"\\bfnrt".contains(byte),
            (false, b'"' | 0..0x20) => true,
            (false, 0x80..) if stops == Stops::JsonAndNonAscii => true,
            (false, 0x7f | 0xc2 | 0xe2) => stops == Stops::JsonSmart,
            _ => false,
        };
        if stop {
            return (at, escaped);
        }
        escaped = !escaped && *byte == b'\\';
    }
    (input.len(), escaped)
}

/// The character of the digits behind `\u`, and how many bytes it took.
fn unicode(input: &[u8]) -> Option<(char, usize)> {
    let high = hex4(input)?;
    if (0xd800..0xdc00).contains(&high)
        && input.get(4..6) == Some(b"\\u")
        && let Some(low) = hex4(&input[6..])
        && let Some(Ok(c)) = char::decode_utf16([high, low]).next()
    {
        return Some((c, 10));
    }
    Some((char::from_u32(high.into()).unwrap_or('?'), 4))
}

fn hex4(input: &[u8]) -> Option<u16> {
    let digits = input.get(..4).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
