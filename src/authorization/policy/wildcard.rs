//! `Wildcard`: a text of a policy with `*`, `?` and `${variables}`, and how it matches.

use std::borrow::Cow;

use super::facts::RequestFacts;

/// A text of a policy, ready to match.
#[derive(Debug, Clone)]
pub(super) struct Wildcard {
    source: Box<str>,
    pieces: Vec<Piece>,
}

/// A text is UTF-8, so these two bytes are free.
const ANY_TEXT: u8 = 0xFF;
const ANY_CHARACTER: u8 = 0xFE;

#[derive(Debug, Clone)]
enum Piece {
    /// A text in which `ANY_TEXT` and `ANY_CHARACTER` stand for wildcards.
    Glob(Vec<u8>),
    /// `${key}`, `${key, 'default'}`
    Variable { key: Box<str>, default: Option<Box<str>> },
}

/// What stands for something else in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Syntax {
    /// Whether `*` and `?` are wildcards.
    pub(super) wildcards: bool,
    /// Whether `${…}` is a variable: since version 2012-10-17 of the language.
    pub(super) variables: bool,
}

/// What comparing with a policy's texts comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    Yes,
    No,
    /// No text matches, and one has a variable without a value.
    Unresolved,
}

impl Match {
    /// The best of several.
    pub(super) fn any(matches: impl IntoIterator<Item = Match>) -> Match {
        let mut best = Match::No;
        for found in matches {
            match found {
                Match::Yes => return Match::Yes,
                Match::Unresolved => best = Match::Unresolved,
                Match::No => {}
            }
        }
        best
    }

    /// Whether an element holds, perhaps one that begins with `Not`. AWS says that a variable without a value may make the
    /// whole statement invalid, and no more: we let it neither allow nor keep from denying.
    pub(super) fn holds(self, negated: bool, denies: bool) -> bool {
        match self {
            Match::Yes => !negated,
            Match::No => negated,
            Match::Unresolved => negated && denies,
        }
    }
}

impl From<bool> for Match {
    fn from(matched: bool) -> Match {
        if matched { Match::Yes } else { Match::No }
    }
}

impl Wildcard {
    pub(super) fn new(source: &str, syntax: Syntax) -> Wildcard {
        let (mut pieces, mut glob, mut rest) = (Vec::new(), Vec::with_capacity(source.len()), source);
        while let Some(c) = rest.chars().next() {
            let variable =
                if syntax.variables { rest.strip_prefix("${").and_then(|r| r.split_once('}')) } else { None };
            if let Some((inside, after)) = variable {
                rest = after;
                match inside {
                    "*" | "?" | "$" => glob.extend_from_slice(inside.as_bytes()),
                    _ => {
                        pieces.push(Piece::Glob(std::mem::take(&mut glob)));
                        pieces.push(variable_of(inside));
                    }
                }
                continue;
            }
            let (this, after) = rest.split_at(c.len_utf8());
            rest = after;
            match c {
                '*' if syntax.wildcards => glob.push(ANY_TEXT),
                '?' if syntax.wildcards => glob.push(ANY_CHARACTER),
                _ => glob.extend_from_slice(this.as_bytes()),
            }
        }
        pieces.push(Piece::Glob(glob));
        Wildcard { source: source.into(), pieces }
    }

    /// A text with wildcards and without variables.
    pub(super) fn glob(source: &str) -> Wildcard {
        Wildcard::new(source, Syntax { wildcards: true, variables: false })
    }

    /// Whether it matches that whole text, without variables.
    pub(super) fn is(&self, text: &str) -> bool {
        matches!(&self.pieces[..], [Piece::Glob(glob)] if matches(glob, text))
    }

    /// As it was written.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Whether it matches the whole text.
    pub(super) fn matches(&self, text: &str, facts: &RequestFacts) -> Match {
        match self.expand(facts) {
            Some(glob) => matches(&glob, text).into(),
            None => Match::Unresolved,
        }
    }

    /// Whether it is that text, whatever the case; for a text without wildcards.
    pub(super) fn equals_ignoring_case(&self, text: &str, facts: &RequestFacts) -> Match {
        match self.expand(facts) {
            Some(own) => (String::from_utf8_lossy(&own).to_lowercase() == text.to_lowercase()).into(),
            None => Match::Unresolved,
        }
    }

    /// The same, component by component, as IAM compares ARNs: a wildcard does not reach over the first five colons.
    pub(super) fn matches_arn(&self, arn: &str, facts: &RequestFacts) -> Match {
        let Some(glob) = self.expand(facts) else { return Match::Unresolved };
        let mut patterns = glob.splitn(6, |b| *b == b':');
        let mut parts = arn.splitn(6, ':');
        for _ in 0..6 {
            match (patterns.next(), parts.next()) {
                (Some(pattern), Some(part)) if matches(pattern, part) => {}
                _ => return Match::No,
            }
        }
        Match::Yes
    }

    /// With the values of its variables in place.
    fn expand(&self, facts: &RequestFacts) -> Option<Cow<'_, [u8]>> {
        if let [Piece::Glob(glob)] = &self.pieces[..] {
            return Some(Cow::Borrowed(glob));
        }
        let mut glob = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Glob(text) => glob.extend_from_slice(text),
                Piece::Variable { key, default } => match (facts.single(key), default) {
                    (Some(value), _) => glob.extend_from_slice(value.as_bytes()),
                    (None, Some(default)) => glob.extend_from_slice(default.as_bytes()),
                    (None, None) => return None,
                },
            }
        }
        Some(Cow::Owned(glob))
    }
}

/// `key`, or `key, 'default'`
fn variable_of(inside: &str) -> Piece {
    let (key, default) = inside.split_once(',').map_or((inside, None), |(key, default)| (key, Some(default.trim())));
    let default = default.and_then(|default| default.strip_prefix('\'')?.strip_suffix('\''));
    Piece::Variable { key: key.trim().to_ascii_lowercase().into(), default: default.map(Into::into) }
}

/// The usual walk with one place to come back to: the last `*` may always take one character more.
fn matches(glob: &[u8], text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut p, mut t, mut retry) = (0, 0, None);
    while t < bytes.len() {
        match glob.get(p) {
            Some(&ANY_TEXT) => {
                p += 1;
                retry = Some((p, t));
            }
            Some(&ANY_CHARACTER) => {
                p += 1;
                t += width(bytes[t]);
            }
            Some(b) if *b == bytes[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((after, from)) = retry else { return false };
                p = after;
                t = from + width(bytes[from]);
                retry = Some((after, t));
            }
        }
    }
    glob[p..].iter().all(|b| *b == ANY_TEXT)
}

/// Bytes of the character that begins with this one.
fn width(first: u8) -> usize {
    match first {
        0xF0.. => 4,
        0xE0.. => 3,
        0xC0.. => 2,
        _ => 1,
    }
}
