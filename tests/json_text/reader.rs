//! Strings of documents as json-smart reads them, against a reader that goes unit by unit.

use stagegate::engine::value::Value;
use stagegate::engine::value::json::{parse, parse_document, print};

use super::{Numbers, inside};

/// What json-smart makes of the text behind an opening quote, and where the closing one stands.
fn unit_by_unit(text: &str) -> Option<(String, usize)> {
    if !text[..text.find('"')?].contains('\\') {
        let end = text.find('"')?;
        return Some((text[..end].to_owned(), end));
    }
    let (mut units, mut chars) = (Vec::new(), text.char_indices());
    loop {
        let (at, c) = chars.next()?;
        match c {
            '"' => return Some((from_units(&units), at)),
            '\u{1a}' => return None,
            // It drops these, and the backslash before a letter that it does not know together with that.
            '\0'..' ' | '\u{7f}' => {}
            '\\' => match chars.next()?.1 {
                't' => units.push(u16::from(b'\t')),
                'n' => units.push(u16::from(b'\n')),
                'r' => units.push(u16::from(b'\r')),
                'f' => units.push(0xc),
                'b' => units.push(8),
                c @ ('\\' | '/' | '\'' | '"') => units.push(c as u16),
                'u' => units.push(hex(&mut chars, 4)?),
                'x' => units.push(hex(&mut chars, 2)?),
                c => units.extend(c.encode_utf16(&mut [0; 2]).iter().skip(1)),
            },
            c => units.extend_from_slice(c.encode_utf16(&mut [0; 2])),
        }
    }
}

fn hex(chars: &mut impl Iterator<Item = (usize, char)>, digits: usize) -> Option<u16> {
    (0..digits).try_fold(0, |value, _| Some(value << 4 | u16::try_from(chars.next()?.1.to_digit(16)?).ok()?))
}

/// Half a pair is what Java writes as `?`.
fn from_units(units: &[u16]) -> String {
    char::decode_utf16(units.iter().copied()).map(|c| c.unwrap_or('?')).collect()
}

#[test]
fn strings_are_read_as_unit_by_unit() {
    let mut numbers = Numbers(13);
    let (mut read, mut canonical) = (0, 0);
    for n in 0..20_000 {
        let mut text = inside(&mut numbers, if n % 10 == 0 { 600 } else { 60 });
        if numbers.below(8) == 0 {
            text.push_str(
                ["\\x41", "\\'", "\\é", "\\𝄞", "\u{1}", "\\ud834\\x41", "\\ud834\u{1}\\udd1e", "\u{2028}"]
                    [numbers.below(8)],
            );
            text.push_str(&inside(&mut numbers, 30));
        }
        let document = format!("[\"{text}\"]");
        let expected = unit_by_unit(&document[2..]).filter(|(_, end)| end + 4 == document.len());
        let Some((expected, _)) = expected else { continue };
        let found = parse_document(&document).expect("a document");
        let Value::List(list) = &found.value else { panic!("no list: {document}") };
        let Some(Value::Str(found_text)) = list.item(0) else { panic!("no text: {document}") };
        assert_eq!(*found_text, *expected, "{document}");
        read += 1;
        let mut printed = String::new();
        assert!(print(&found.value, &mut printed));
        canonical += usize::from(found.canonical);
        assert_eq!(found.canonical, printed == document, "{document} prints {printed}");
        assert_eq!(parse(&printed).ok().as_ref(), Some(&found.value), "{document}");
    }
    assert!(read > 5_000 && canonical > 500, "{read} {canonical}");
}
