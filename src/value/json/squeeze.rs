//! JSON without the blanks between its values: most of what is printed was read so, and needs no more.

use memchr::memchr2;

use super::reader::is_blank;
use crate::json_text::plain_length;

/// The text, strictly JSON, without blanks outside of its strings.
pub(super) fn squeezed(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(bytes.len());
    let (mut begin, mut at) = (0, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at + 1),
            byte if is_blank(*byte) => {
                out.push_str(&text[begin..at]);
                at += 1;
                while bytes.get(at).is_some_and(|byte| is_blank(*byte)) {
                    at += 1;
                }
                begin = at;
            }
            _ => at += 1,
        }
    }
    out.push_str(&text[begin..]);
    out
}

/// Behind the closing quote of the string whose content begins there.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    if let Some(length) = bytes.get(at..).and_then(plain_length) {
        return at + length + 1;
    }
    while let Some(length) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += length + 1;
        if bytes[at - 1] == b'"' {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::super::{parse_document, print};

    /// Texts, and whether they are squeezed rather than printed.
    const TEXTS: &[(&str, bool)] = &[
        ("{}", true),
        (" [ ]\n", true),
        ("{\"a\": 1, \"b\" : [true , null,\tfalse\r\n], \"c\":{\"d e\": \"f  g\"}}\n", true),
        ("{\"long\": \"a text that is longer than thirty-two bytes, with \\\" and  \\\\\", \"n\": -12 }", true),
        ("[1.5 , 12345678901, \"\u{e4} \\u2028\"] and more", true),
        ("[1,2 3]", false),
        ("{\"a\": 1, \"a\": 2}", false),
        ("{a: 1}", false),
        ("['a', 1]", false),
        ("[1, 01]", false),
        ("[1, 1.50]", false),
        ("[1, -0 ]", false),
        ("[true\u{1}, 1]", false),
        ("[\u{1}1, 2]", false),
        ("{\"a\"\u{1}: 1}", false),
        ("[\"\\/ \"]", false),
        ("[1, ]", false),
        ("[\"\u{2028} \"]", false),
    ];

    #[test]
    fn what_is_squeezed_is_what_would_be_printed() {
        for (text, is_squeezed) in TEXTS {
            let document = parse_document(text).expect("JSON");
            let mut printed = String::new();
            assert!(print(&document.value, &mut printed));
            assert_eq!(document.squeezed(text), is_squeezed.then_some(printed), "{text}");
        }
    }
}
