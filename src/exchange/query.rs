//! The query string: decoded and grouped by name, as events, `$input.params` and parameter mappings see it.

use std::borrow::Cow;

use ahash::AHashMap;

/// One name of a query string with all its values, in the order in which they were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parameter<'a> {
    /// The name, decoded.
    pub name: Cow<'a, str>,
    /// The values, decoded; at least one.
    pub values: Vec<Cow<'a, str>>,
}

impl Parameter<'_> {
    /// The value that counts where only one can: the last.
    pub(crate) fn last(&self) -> &str {
        self.values.last().map(AsRef::as_ref).unwrap_or_default()
    }
}

/// Up to so many names a scan is quicker than a map; with more, a scan would let a client choose quadratic work.
const SCANNED: usize = 16;

/// Every parameter of a query string (without its `?`), in the order in which the names first stand there. A `;` separates
/// as `&` does: API Gateway splits there too.
pub(crate) fn parse(query: &str) -> Vec<Parameter<'_>> {
    let mut parameters: Vec<Parameter<'_>> = Vec::new();
    let mut places: AHashMap<Cow<'_, str>, usize> = AHashMap::default();
    for (name, value) in pairs(query) {
        let (name, value) = (decode(name), decode(value));
        let place = if parameters.len() <= SCANNED {
            parameters.iter().position(|p| p.name == name)
        } else {
            if places.is_empty() {
                places.extend(parameters.iter().enumerate().map(|(i, p)| (p.name.clone(), i)));
            }
            places.get(&name).copied()
        };
        match place {
            Some(i) => parameters[i].values.push(value),
            None => {
                if !places.is_empty() {
                    places.insert(name.clone(), parameters.len());
                }
                parameters.push(Parameter { name, values: vec![value] });
            }
        }
    }
    parameters
}

/// Each name with its value, as they are written.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let pieces = query.split(['&', ';']).filter(|piece| !piece.is_empty());
    pieces.map(|piece| piece.split_once('=').unwrap_or((piece, "")))
}

/// Percent-decodes a name or value; `+` is a space, what is no escape stays as it is, what is not UTF-8 becomes U+FFFD.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    unescape(text, true)
}

/// The same of a path, where `+` is no space.
pub(crate) fn decode_path(text: &str) -> Cow<'_, str> {
    unescape(text, false)
}

fn unescape(text: &str, plus_is_space: bool) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let is_special = |b: &u8| *b == b'%' || (plus_is_space && *b == b'+');
    let Some(first) = bytes.iter().position(is_special) else { return Cow::Borrowed(text) };
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(&bytes[..first]);
    let mut at = first;
    while let Some(&byte) = bytes.get(at) {
        match (byte, escape(bytes.get(at + 1..at + 3))) {
            (b'+', _) if plus_is_space => out.push(b' '),
            (b'%', Some(decoded)) => {
                out.push(decoded);
                at += 2;
            }
            _ => out.push(byte),
        }
        at += 1;
    }
    Cow::Owned(String::from_utf8(out).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}

fn escape(digits: Option<&[u8]>) -> Option<u8> {
    let [high, low] = digits? else { return None };
    let digit = |b: u8| char::from(b).to_digit(16);
    u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
}
