//! The named character families of `\p{…}`: POSIX, `java…`, `Is…`, `In…`, general categories, scripts and blocks.

use super::charset::{CharSet, MAX};
use super::unicode::{block, categories, category, property, script, unicode_word};

/// `\p{name=value}`; the name is in lower case.
pub(super) fn by_key(name: &str, value: &str, ignore_case: bool) -> Option<CharSet> {
    match name {
        "sc" | "script" => script(value),
        "blk" | "block" => block(value),
        "gc" | "general_category" => plain(value, ignore_case),
        _ => None,
    }
}

/// `\p{name}`; with the `U` flag the POSIX names mean Unicode's properties, in any letter case.
pub(super) fn by_name(name: &str, unicode: bool, ignore_case: bool) -> Option<CharSet> {
    if let Some(name) = name.strip_prefix("In") {
        return block(name);
    }
    if let Some(name) = name.strip_prefix("Is") {
        let upper = name.to_uppercase();
        // Java's order: where one name means two things, the first to know it wins.
        return binary(&upper, ignore_case)
            .or_else(|| posix_unicode(&upper, ignore_case))
            .or_else(|| plain(name, ignore_case))
            .or_else(|| script(name));
    }
    let posix = if unicode { posix_unicode(&name.to_uppercase(), ignore_case) } else { None };
    posix.or_else(|| plain(name, ignore_case))
}

/// The POSIX families as the `U` flag has them; the name is in upper case.
fn posix_unicode(name: &str, ignore_case: bool) -> Option<CharSet> {
    let name = match name {
        "ALPHA" => "ALPHABETIC",
        "LOWER" => "LOWERCASE",
        "UPPER" => "UPPERCASE",
        "SPACE" => "WHITE_SPACE",
        "PUNCT" => "PUNCTUATION",
        "XDIGIT" => "HEX_DIGIT",
        "CNTRL" => "CONTROL",
        "ALNUM" | "DIGIT" | "BLANK" | "GRAPH" | "PRINT" => name,
        _ => return None,
    };
    binary(name, ignore_case)
}

/// Unicode's binary properties, by their name in upper case.
pub(super) fn binary(name: &str, ignore_case: bool) -> Option<CharSet> {
    Some(match name {
        "LOWERCASE" | "UPPERCASE" | "TITLECASE" if ignore_case => any_case(),
        "ALPHABETIC" => property("Alphabetic"),
        "LETTER" => letters(),
        "IDEOGRAPHIC" => property("Ideographic"),
        "LOWERCASE" => property("Lowercase"),
        "UPPERCASE" => property("Uppercase"),
        "TITLECASE" => categories(&["Lt"]),
        "WHITE_SPACE" | "WHITESPACE" => white_space(),
        "CONTROL" => categories(&["Cc"]),
        "PUNCTUATION" => punctuation(),
        "HEX_DIGIT" | "HEXDIGIT" => categories(&["Nd"]).union(&hex_digits()),
        "ASSIGNED" => categories(&["Cn"]).negate(),
        "NONCHARACTER_CODE_POINT" | "NONCHARACTERCODEPOINT" => noncharacters(),
        "DIGIT" => categories(&["Nd"]),
        "ALNUM" => property("Alphabetic").union(&categories(&["Nd"])),
        "BLANK" => blank(),
        "GRAPH" => graph(),
        "PRINT" => graph().union(&blank()).minus(&categories(&["Cc"])),
        "WORD" => unicode_word(),
        "JOIN_CONTROL" | "JOINCONTROL" => CharSet::range(0x200C, 0x200D),
        _ => return None,
    })
}

fn any_case() -> CharSet {
    property("Lowercase").union(&property("Uppercase")).union(&categories(&["Lt"]))
}

fn letters() -> CharSet {
    categories(&["Lu", "Ll", "Lt", "Lm", "Lo"])
}

fn white_space() -> CharSet {
    categories(&["Zs", "Zl", "Zp"]).union(&CharSet::new(vec![(9, 13), (0x85, 0x85)]))
}

fn punctuation() -> CharSet {
    categories(&["Pc", "Pd", "Ps", "Pe", "Po", "Pi", "Pf"])
}

fn hex_digits() -> CharSet {
    let ascii = [(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)];
    CharSet::new(ascii.iter().flat_map(|&(a, b)| [(a, b), (a + 0xFEE0, b + 0xFEE0)]).collect())
}

fn noncharacters() -> CharSet {
    let ends = (0..=16).map(|plane| (plane << 16 | 0xFFFE, plane << 16 | 0xFFFF));
    CharSet::new(ends.chain([(0xFDD0, 0xFDEF)]).collect())
}

fn blank() -> CharSet {
    categories(&["Zs"]).union(&CharSet::of(&[9]))
}

fn graph() -> CharSet {
    categories(&["Zs", "Zl", "Zp", "Cc", "Cs", "Cn"]).negate()
}

/// `\p{name}` without a prefix: general categories, ASCII's POSIX families, and the `java…` methods.
fn plain(name: &str, ignore_case: bool) -> Option<CharSet> {
    posix(name, ignore_case)
        .or_else(|| general(name, ignore_case))
        .or_else(|| java(name.strip_prefix("java")?, ignore_case))
}

fn posix(name: &str, ignore_case: bool) -> Option<CharSet> {
    let ranges: &[(char, char)] = match name {
        "Lower" | "Upper" if ignore_case => &[('A', 'Z'), ('a', 'z')],
        "ASCII" => &[('\0', '\x7F')],
        "Alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
        "Alpha" => &[('A', 'Z'), ('a', 'z')],
        "Blank" => &[(' ', ' '), ('\t', '\t')],
        "Cntrl" => &[('\0', '\x1F'), ('\x7F', '\x7F')],
        "Digit" => &[('0', '9')],
        "Graph" => &[('!', '~')],
        "Lower" => &[('a', 'z')],
        "Print" => &[(' ', '~')],
        "Punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "Space" => &[('\t', '\r'), (' ', ' ')],
        "Upper" => &[('A', 'Z')],
        "XDigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
        _ => return None,
    };
    Some(CharSet::new(ranges.iter().map(|&(a, b)| (a as u32, b as u32)).collect()))
}

fn general(name: &str, ignore_case: bool) -> Option<CharSet> {
    Some(match name {
        "Lu" | "Ll" | "Lt" if ignore_case => categories(&["Lu", "Ll", "Lt"]),
        "L" => letters(),
        "M" => categories(&["Mn", "Me", "Mc"]),
        "N" => categories(&["Nd", "Nl", "No"]),
        "Z" => categories(&["Zs", "Zl", "Zp"]),
        "C" => categories(&["Cc", "Cf", "Co", "Cs", "Cn"]),
        "P" => punctuation(),
        "S" => categories(&["Sm", "Sc", "Sk", "So"]),
        "LC" => categories(&["Lu", "Ll", "Lt"]),
        "LD" => letters().union(&categories(&["Nd"])),
        "L1" => CharSet::range(0, 0xFF),
        "all" => CharSet::range(0, MAX),
        code => return category(code),
    })
}

/// The methods of `java.lang.Character`, without `is`.
fn java(name: &str, ignore_case: bool) -> Option<CharSet> {
    Some(match name {
        "LowerCase" | "UpperCase" | "TitleCase" if ignore_case => any_case(),
        "LowerCase" => property("Lowercase"),
        "UpperCase" => property("Uppercase"),
        "Alphabetic" => property("Alphabetic"),
        "Ideographic" => property("Ideographic"),
        "TitleCase" => categories(&["Lt"]),
        "Digit" => categories(&["Nd"]),
        "Defined" => categories(&["Cn"]).negate(),
        "Letter" => letters(),
        "LetterOrDigit" => letters().union(&categories(&["Nd"])),
        "JavaIdentifierStart" => letters().union(&categories(&["Nl", "Sc", "Pc"])),
        "JavaIdentifierPart" => {
            letters().union(&categories(&["Nl", "Sc", "Pc", "Nd", "Mn", "Mc"])).union(&identifier_ignorable())
        }
        "UnicodeIdentifierStart" => property("IdentifierStart"),
        "UnicodeIdentifierPart" => property("IdentifierPart"),
        "IdentifierIgnorable" => identifier_ignorable(),
        "SpaceChar" => categories(&["Zs", "Zl", "Zp"]),
        "Whitespace" => {
            let breaking = categories(&["Zs", "Zl", "Zp"]).minus(&CharSet::of(&[0xA0, 0x2007, 0x202F]));
            breaking.union(&CharSet::new(vec![(9, 13), (0x1C, 0x1F)]))
        }
        "ISOControl" => CharSet::new(vec![(0, 0x1F), (0x7F, 0x9F)]),
        "Mirrored" => property("Mirrored"),
        _ => return None,
    })
}

fn identifier_ignorable() -> CharSet {
    categories(&["Cf"]).union(&CharSet::new(vec![(0, 8), (0x0E, 0x1B), (0x7F, 0x9F)]))
}
