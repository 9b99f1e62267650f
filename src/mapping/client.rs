//! The client's request as parameter mappings, validators and `$input.params` see it.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use super::header;
use super::input::Parameters;
use crate::exchange::exchange::Exchange;
use crate::exchange::query;
use crate::http1::message::Header;
use crate::value::Map;

/// Path, query string and header parameters of a request. Where a name has several values, one means the last.
pub(crate) struct ClientParameters<'a> {
    exchange: &'a Exchange,
    query: OnceCell<Vec<query::Parameter<'a>>>,
}

impl<'a> ClientParameters<'a> {
    /// Those of the exchange's request.
    pub(crate) fn new(exchange: &'a Exchange) -> ClientParameters<'a> {
        ClientParameters { exchange, query: OnceCell::new() }
    }

    /// Path parameters in template order, not decoded.
    pub(crate) fn path_pairs(&self) -> &'a [(String, String)] {
        self.exchange.matched.as_ref().map_or(&[], |matched| &matched.path_parameters)
    }

    /// Query string parameters as sent, decoded.
    pub(crate) fn query_parameters(&self) -> &[query::Parameter<'a>] {
        self.query.get_or_init(|| query::parse(self.exchange.request.query.as_deref().unwrap_or_default()))
    }

    /// Header lines without those that API Gateway hides.
    pub(crate) fn header_lines(&self) -> impl DoubleEndedIterator<Item = &'a Header> {
        self.exchange.request.headers.0.iter().filter(|line| !header::is_hidden(&line.name))
    }

    /// A path parameter.
    pub(crate) fn path(&self, name: &str) -> Option<&'a str> {
        self.path_pairs().iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The last value of a query string parameter.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query_parameter(name).map(query::Parameter::last)
    }

    /// Every value of a query string parameter.
    pub(crate) fn query_all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.query_parameter(name).into_iter().flat_map(|parameter| parameter.values.iter().map(AsRef::as_ref))
    }

    fn query_parameter(&self, name: &str) -> Option<&query::Parameter<'a>> {
        self.query_parameters().iter().find(|parameter| parameter.name == name)
    }

    /// What `$input.params()` shows: of each name the last value, headers sorted by name. Of some names alone, what
    /// `$input.params('name')` gives.
    pub(crate) fn shown(&self, names: Option<&[Arc<str>]>) -> Parameters {
        match names {
            Some(names) => Parameters::Named(
                names.iter().filter_map(|name| Some((name.clone(), Arc::from(&*self.shown_of(name)?)))).collect(),
            ),
            None => Parameters::All(self.all_shown()),
        }
    }

    fn shown_of(&self, name: &str) -> Option<Cow<'_, str>> {
        if let Some((_, value)) = self.path_pairs().iter().rfind(|(n, _)| n == name) {
            return Some(Cow::Borrowed(value));
        }
        if let Some(value) = self.query(name) {
            return Some(Cow::Borrowed(value));
        }
        self.header_lines().rfind(|line| shown_name(line) == name).map(value)
    }

    fn all_shown(&self) -> Map {
        let mut header: Vec<(&str, Cow<'_, str>)> = Vec::new();
        for line in self.header_lines() {
            let (name, value) = (shown_name(line), value(line));
            match header.iter_mut().find(|(n, _)| *n == name) {
                Some((_, last)) => *last = value,
                None => header.push((name, value)),
            }
        }
        header.sort_by_cached_key(|(name, _)| name.to_ascii_lowercase());
        Map::linked([
            ("path", Map::linked(self.path_pairs().iter().map(|(name, value)| (name, value.as_str())))),
            ("querystring", Map::linked(self.query_parameters().iter().map(|p| (&p.name, p.last())))),
            ("header", Map::linked(header.iter().map(|(name, value)| (name, value.as_ref())))),
        ])
    }

    /// The last value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<Cow<'a, str>> {
        self.header_lines().rev().find(|line| self.is_named(line, name)).map(value)
    }

    /// Every value of a header.
    pub(crate) fn header_all(&self, name: &str) -> impl Iterator<Item = Cow<'a, str>> {
        self.header_lines().filter(move |line| self.is_named(line, name)).map(value)
    }

    /// Whether a header line goes by this name. Names are compared with their case, as the developer guide says; over HTTP/2,
    /// where a client has no choice but lower case, without.
    fn is_named(&self, line: &Header, name: &str) -> bool {
        shown_name(line) == name || (self.exchange.request.http2 && line.name.eq_ignore_ascii_case(name.as_bytes()))
    }
}

/// The name of a header line behind the method request: as sent, but for the two that API Gateway spells its own way
/// (recorded on AWS).
pub(crate) fn shown_name(line: &Header) -> &str {
    ["Authorization", "User-Agent"]
        .into_iter()
        .find(|n| line.name.eq_ignore_ascii_case(n.as_bytes()))
        .unwrap_or(line.name())
}

fn value(line: &Header) -> Cow<'_, str> {
    String::from_utf8_lossy(&line.value)
}
