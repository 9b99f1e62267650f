//! Which tokens can begin at a place: the rules of Velocity 1.7's grammar, state by state.

use memchr::{memchr, memchr3};

use super::super::token::Kind;

pub(super) fn is_prefix(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Dollar
            | Kind::DollarBang
            | Kind::TextBlockStart
            | Kind::FormalCommentStart
            | Kind::CommentStart
            | Kind::Hash
            | Kind::TextBlockChar
    )
}

/// The best match so far.
pub(super) struct Best(pub(super) Option<(Kind, usize)>);

impl Best {
    pub(super) fn add(&mut self, kind: Kind, length: usize) {
        if length == 0 {
            return;
        }
        if self.0.is_none_or(|(k, l)| length > l || (length == l && kind < k)) {
            self.0 = Some((kind, length));
        }
    }

    pub(super) fn literal(&mut self, kind: Kind, rest: &[u8], text: &[u8]) {
        if rest.starts_with(text) {
            self.add(kind, text.len());
        }
    }
}

pub(super) fn count(rest: &[u8], test: impl Fn(u8) -> bool) -> usize {
    rest.iter().take_while(|b| test(**b)).count()
}

pub(super) fn newline(rest: &[u8]) -> usize {
    match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\n' | b'\r', ..] => 1,
        _ => 0,
    }
}

/// `( [ \t]* newline )?`: what `)`, `#end` and `#else` swallow.
fn line_rest(rest: &[u8]) -> usize {
    let blank = count(rest, |b| matches!(b, b' ' | b'\t'));
    match newline(&rest[blank..]) {
        0 => 0,
        n => blank + n,
    }
}

/// The pieces that every state knows and that more must follow.
pub(super) fn prefixes(rest: &[u8], slashes: usize, best: &mut Best) {
    match rest[0] {
        b'\\' | b'$' => {
            if rest.get(slashes) != Some(&b'$') {
                return;
            }
            best.add(Kind::Dollar, slashes + 1);
            let more = count(&rest[slashes + 1..], |b| b == b'\\');
            if rest.get(slashes + 1 + more) == Some(&b'!') {
                best.add(Kind::DollarBang, slashes + more + 2);
            }
        }
        b'#' => {
            best.add(Kind::Hash, 1);
            best.literal(Kind::TextBlockStart, rest, b"#[[");
            best.literal(Kind::CommentStart, rest, b"#*");
            if rest.starts_with(b"#**") && rest.get(3).is_some_and(|b| *b != b'#') {
                best.add(Kind::FormalCommentStart, 3 + char_width(rest[3]));
            }
        }
        _ => {}
    }
}

fn char_width(first: u8) -> usize {
    match first {
        0xF0.. => 4,
        0xE0.. => 3,
        0xC0.. => 2,
        _ => 1,
    }
}

pub(super) fn in_text(rest: &[u8], slashes: usize, best: &mut Best) {
    match rest[0] {
        b'\\' => {
            if slashes % 2 == 1 && rest.get(slashes) == Some(&b'#') {
                let word = word(&rest[slashes + 1..]).max(braced_word(&rest[slashes + 1..]));
                if word > 0 {
                    best.add(Kind::EscapeDirective, slashes + 1 + word);
                }
            }
            best.literal(Kind::DoubleEscape, rest, b"\\\\");
            best.add(Kind::Escape, 1);
        }
        b'$' => empty_index(rest, best),
        b'#' => {
            set_directive(rest, best);
            best.literal(Kind::LineCommentStart, rest, b"##");
        }
        _ => {
            best.add(Kind::Text, memchr3(b'$', b'#', b'\\', rest).unwrap_or(rest.len()));
            set_directive(rest, best);
        }
    }
}

/// `$[`, `$![`, `$\![` and `$.` are text.
fn empty_index(rest: &[u8], best: &mut Best) {
    for text in [&b"$["[..], b"$![", b"$\\![", b"$."] {
        best.literal(Kind::EmptyIndex, rest, text);
    }
}

/// `#set(` with the blanks before it.
fn set_directive(rest: &[u8], best: &mut Best) {
    let blank = count(rest, |b| matches!(b, b' ' | b'\t'));
    let tail = &rest[blank..];
    let name = if tail.starts_with(b"#set") {
        4
    } else if tail.starts_with(b"#{set}") {
        6
    } else {
        return;
    };
    let spaces = count(&tail[name..], |b| b == b' ');
    if tail.get(name + spaces) == Some(&b'(') {
        best.add(Kind::Set, blank + name + spaces + 1);
    }
}

pub(super) fn in_reference(rest: &[u8], at_start: bool, best: &mut Best) {
    best.literal(Kind::IndexOpen, rest, b"[");
    best.literal(Kind::CurlyOpen, rest, b"{");
    best.literal(Kind::CurlyClose, rest, b"}");
    if at_start {
        best.literal(Kind::LineCommentStart, rest, b"##");
        empty_index(rest, best);
    } else {
        best.literal(Kind::ParenOpen, rest, b"(");
    }
    set_directive(rest, best);
    boolean(rest, best);
    identifier(rest, best);
}

fn identifier(rest: &[u8], best: &mut Best) {
    if rest[0].is_ascii_alphabetic() || rest[0] == b'_' {
        best.add(Kind::Identifier, count(rest, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')));
    }
    if rest[0] == b'.' && rest.get(1).is_some_and(u8::is_ascii_alphabetic) {
        best.add(Kind::Dot, 2);
    }
}

fn boolean(rest: &[u8], best: &mut Best) {
    best.literal(Kind::True, rest, b"true");
    best.literal(Kind::False, rest, b"false");
}

pub(super) fn in_index(rest: &[u8], best: &mut Best) {
    best.literal(Kind::IndexClose, rest, b"]");
    boolean(rest, best);
    argument(rest, best);
}

/// White space, strings and numbers: what every kind of argument list holds.
fn argument(rest: &[u8], best: &mut Best) {
    best.add(Kind::Whitespace, count(rest, |b| matches!(b, b' ' | b'\t' | b'\n' | b'\r')));
    best.add(Kind::Quoted, quoted(rest));
    number(rest, best);
}

/// A string: a doubled quote does not end it, a backslash means nothing.
fn quoted(rest: &[u8]) -> usize {
    let quote = rest[0];
    if !matches!(quote, b'"' | b'\'') {
        return 0;
    }
    let mut at = 1;
    while let Some(found) = memchr(quote, &rest[at..]) {
        at += found + 1;
        if rest.get(at) != Some(&quote) {
            return at;
        }
        // A doubled quote goes on only if the string is closed later on.
        if memchr(quote, &rest[at + 1..]).is_none() {
            return at;
        }
        at += 1;
    }
    0
}

fn number(rest: &[u8], best: &mut Best) {
    let sign = usize::from(rest[0] == b'-');
    let whole = count(&rest[sign..], |b| b.is_ascii_digit());
    let at = sign + whole;
    if whole > 0 {
        let dots = if rest[at..].starts_with(b"..") { 2 } else { 0 };
        best.add(Kind::Integer, at + dots);
        best.add(Kind::Float, at_exponent(rest, at));
    }
    if rest.get(at) == Some(&b'.') {
        let part = count(&rest[at + 1..], |b| b.is_ascii_digit());
        if whole + part > 0 {
            let end = at + 1 + part;
            best.add(Kind::Float, at_exponent(rest, end).max(end));
        }
    }
}

/// The end of an exponent that begins here, or 0.
fn at_exponent(rest: &[u8], at: usize) -> usize {
    if !matches!(rest.get(at), Some(b'e' | b'E')) {
        return 0;
    }
    let sign = usize::from(matches!(rest.get(at + 1), Some(b'+' | b'-')));
    let digits = count(&rest[at + 1 + sign..], |b| b.is_ascii_digit());
    if digits > 0 { at + 1 + sign + digits } else { 0 }
}

pub(super) fn in_arguments(rest: &[u8], best: &mut Best) {
    brackets(rest, best);
    best.literal(Kind::MethodClose, rest, b")");
    set_directive(rest, best);
    boolean(rest, best);
    argument(rest, best);
    identifier(rest, best);
}

fn brackets(rest: &[u8], best: &mut Best) {
    let kind = match rest[0] {
        b'[' => Kind::ListOpen,
        b']' => Kind::ListClose,
        b',' => Kind::Comma,
        b':' => Kind::Colon,
        b'{' => Kind::MapOpen,
        b'}' => Kind::MapClose,
        _ => return best.literal(Kind::DoubleDot, rest, b".."),
    };
    best.add(kind, 1);
}

pub(super) fn in_directive(rest: &[u8], best: &mut Best) {
    brackets(rest, best);
    best.literal(Kind::LineCommentStart, rest, b"##");
    boolean(rest, best);
    argument(rest, best);
    if rest[0] == b')' {
        best.add(Kind::ParenClose, 1 + line_rest(&rest[1..]));
    }
    for (kind, text) in OPERATORS {
        best.literal(*kind, rest, text.as_bytes());
    }
    best.add(Kind::Word, word(rest));
    best.add(Kind::BracedWord, braced_word(rest));
}

const OPERATORS: &[(Kind, &str)] = &[
    (Kind::ParenOpen, "("),
    (Kind::Minus, "-"),
    (Kind::Plus, "+"),
    (Kind::Times, "*"),
    (Kind::Divide, "/"),
    (Kind::Modulus, "%"),
    (Kind::And, "&&"),
    (Kind::And, "and"),
    (Kind::Or, "||"),
    (Kind::Or, "or"),
    (Kind::Less, "<"),
    (Kind::Less, "lt"),
    (Kind::LessEqual, "<="),
    (Kind::LessEqual, "le"),
    (Kind::Greater, ">"),
    (Kind::Greater, "gt"),
    (Kind::GreaterEqual, ">="),
    (Kind::GreaterEqual, "ge"),
    (Kind::Equal, "=="),
    (Kind::Equal, "eq"),
    (Kind::NotEqual, "!="),
    (Kind::NotEqual, "ne"),
    (Kind::Not, "!"),
    (Kind::Not, "not"),
    (Kind::Assign, "="),
];

pub(super) fn in_pre_directive(rest: &[u8], best: &mut Best) {
    best.literal(Kind::LineCommentStart, rest, b"##");
    for (kind, plain, braced) in [(Kind::If, "if", "{if}"), (Kind::ElseIf, "elseif", "{elseif}")] {
        best.literal(kind, rest, plain.as_bytes());
        best.literal(kind, rest, braced.as_bytes());
    }
    for (kind, plain, braced) in [(Kind::End, "end", "{end}"), (Kind::Else, "else", "{else}")] {
        for text in [plain, braced] {
            if rest.starts_with(text.as_bytes()) {
                best.add(kind, text.len() + line_rest(&rest[text.len()..]));
            }
        }
    }
    number(rest, best);
    best.add(Kind::Word, word(rest));
    best.add(Kind::BracedWord, braced_word(rest));
}

fn is_word_char(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'@')
}

fn word(rest: &[u8]) -> usize {
    match rest.first() {
        Some(b) if b.is_ascii_alphabetic() || matches!(b, b'_' | b'@') => count(rest, is_word_char),
        _ => 0,
    }
}

fn braced_word(rest: &[u8]) -> usize {
    if rest.first() != Some(&b'{') || !rest.get(1).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_') {
        return 0;
    }
    let length = count(&rest[1..], is_word_char);
    if rest.get(1 + length) == Some(&b'}') { length + 2 } else { 0 }
}
