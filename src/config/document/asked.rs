//! `Asked`: what the readers ask of a value, which is what a configuration may hold there.

/// One question to a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Asked {
    /// A text, or a number or boolean as it is spelt.
    Text,
    /// A text, or one of CloudFormation's functions that makes one.
    Made,
    /// `true` or `false`.
    Bool,
    /// A whole number within bounds.
    Integer(u64, u64),
    /// A number within bounds.
    Number(f64, f64),
    /// A length of time.
    Duration,
    /// Bytes, at least so many.
    Bytes(usize),
    /// An IP address and a port.
    Address,
    /// An `http://` or `https://` url.
    Url,
    /// One of some words.
    Choice(Vec<String>),
    /// A list.
    Items,
    /// A list of texts.
    Texts,
    /// A map that has readers of its own.
    Map,
    /// A map with any names.
    Entries,
    /// A map with this key.
    Field(&'static str),
    /// A map that must have this key.
    Needed(&'static str),
    /// A map without any other key.
    Closed,
}
