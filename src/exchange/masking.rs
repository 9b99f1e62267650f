//! Messages as people may see them: cut where they are long, secrets hidden but for their end.
//!
//! A secret is hidden under its name, and wherever else its value turns up: a template may put it into a body, a mapping into a
//! uri, an error into a sentence.

use std::borrow::Cow;

use super::caller::{AuthorizerContext, Caller, LambdaContext};
use super::exchange::Exchange;
use super::http_caller::HttpCaller;
use super::query;
use crate::api::{ApiStage, Secrets, masked};
use crate::http1::message::Headers;

/// Nothing that is shown is longer than this (as in API Gateway's log).
const LONGEST: usize = 1_024;
/// So much of a body is searched for secrets: what is cut away need not be read, but one must not be cut in two.
const SEARCHED: usize = 65_536;
/// A shorter value is hidden under its name only: it could be any word.
const SHORTEST: usize = 8;

/// What is hidden of one exchange.
pub(crate) struct Masking<'a> {
    secrets: &'a Secrets,
    /// Secret values, the longest first.
    values: Vec<String>,
}

impl<'a> Masking<'a> {
    /// The secrets that the exchange has seen so far.
    pub(crate) fn new(api: &'a ApiStage, exchange: &Exchange) -> Masking<'a> {
        let mut masking = Masking { secrets: &api.secrets, values: Vec::new() };
        masking.learn(&exchange.request.headers);
        for (name, value) in query::pairs(exchange.request.query.as_deref().unwrap_or_default()) {
            if masking.secrets.is_secret(&query::decode(name)) {
                masking.add(value);
                masking.add(&query::decode(value));
            }
        }
        masking.learn_caller(&exchange.caller);
        if let Some(sample) = &exchange.sample {
            sample.call.iter().for_each(|call| masking.learn(call.target.headers()));
            sample.reply.iter().for_each(|reply| masking.learn(&reply.headers));
            sample.response.iter().for_each(|response| masking.learn(&response.headers));
        }
        masking.values.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        masking.values.dedup();
        masking
    }

    fn learn(&mut self, headers: &Headers) {
        for line in headers.0.iter().filter(|line| self.secrets.is_secret(line.name())) {
            let value = String::from_utf8_lossy(&line.value);
            // The token alone, without `Bearer`.
            if let Some((_, token)) = value.split_once(' ') {
                self.add(token);
            }
            self.add(&value);
        }
    }

    /// What an authorizer gave: the API key, and what else has a secret's name.
    fn learn_caller(&mut self, caller: &Caller) {
        caller.usage_identifier_key.iter().for_each(|key| self.add(key));
        if let Some(AuthorizerContext::Lambda(LambdaContext { answer, .. })) = &caller.authorizer {
            for (_, value) in answer.context.iter().filter(|(name, _)| self.secrets.is_secret(name)) {
                self.add(value);
            }
        }
        if let Some(HttpCaller::Lambda { context, .. }) = caller.http.as_deref() {
            for (name, value) in context {
                if let Some(value) = value.as_str().filter(|_| self.secrets.is_secret(name)) {
                    self.add(value);
                }
            }
        }
    }

    fn add(&mut self, value: &str) {
        if !value.is_empty() {
            self.values.push(value.to_owned());
        }
    }

    /// A text without the secrets in it.
    pub(crate) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        for value in self.values.iter().filter(|value| value.len() >= SHORTEST) {
            replace(&mut text, value, || masked(value));
            let quoted = quoted(value);
            replace(&mut text, &quoted[1..quoted.len() - 1], || masked(value));
        }
        text
    }

    /// The value under a name.
    pub(crate) fn value(&self, name: &str, value: &str) -> String {
        if self.secrets.is_secret(name) { masked(value) } else { cut(self.text(value).into_owned()) }
    }

    /// A query string, or a uri with one, of this exchange.
    pub(crate) fn uri(&self, uri: &str) -> String {
        let (path, query) = uri.split_once('?').map_or((uri, None), |(path, query)| (path, Some(query)));
        query.map_or_else(|| self.text(path).into_owned(), |query| format!("{}?{}", self.text(path), self.query(query)))
    }

    /// A query string.
    pub(crate) fn query(&self, query: &str) -> String {
        self.text(&masked_query(self.secrets, query)).into_owned()
    }

    /// Header lines: several of one name joined.
    pub(crate) fn headers(&self, headers: &Headers) -> Vec<(String, String)> {
        let mut shown: Vec<(String, String)> = Vec::new();
        for line in &headers.0 {
            let value = self.value(line.name(), &String::from_utf8_lossy(&line.value));
            match shown.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(line.name())) {
                Some((_, values)) => {
                    values.push(',');
                    values.push_str(&value);
                }
                None => shown.push((line.name().to_owned(), value)),
            }
        }
        shown
    }

    /// A body: cut at 1,024 bytes, and not at all when it is binary.
    pub(crate) fn body(&self, bytes: &[u8], binary: bool) -> String {
        if binary {
            return "[Binary Data]".to_owned();
        }
        cut(self.text(&searched(bytes)).into_owned())
    }

    /// A body in which the request stands as JSON: short secrets are hidden there, too.
    pub(crate) fn event(&self, bytes: &[u8]) -> String {
        cut(self.whole(bytes))
    }

    /// The first 64 KiB of a body, in which the request may stand as JSON.
    pub(crate) fn whole(&self, bytes: &[u8]) -> String {
        let text = searched(bytes);
        let mut text = Cow::Borrowed(&*text);
        for value in &self.values {
            replace(&mut text, &quoted(value), || quoted(&masked(value)));
        }
        self.text(&text).into_owned()
    }
}

/// A uri as it stands in a definition, without the secrets of its query.
pub(crate) fn masked_uri(secrets: &Secrets, uri: &str) -> String {
    let (path, query) = uri.split_once('?').map_or((uri, None), |(path, query)| (path, Some(query)));
    query.map_or_else(|| uri.to_owned(), |query| format!("{path}?{}", masked_query(secrets, query)))
}

fn masked_query(secrets: &Secrets, query: &str) -> String {
    let mut shown = query.to_owned();
    for (name, value) in query::pairs(query) {
        if !value.is_empty() && secrets.is_secret(&query::decode(name)) {
            shown = shown.replace(&format!("{name}={value}"), &format!("{name}={}", masked(value)));
        }
    }
    shown
}

fn searched(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(&bytes[..bytes.len().min(SEARCHED)])
}

fn replace(text: &mut Cow<'_, str>, from: &str, to: impl FnOnce() -> String) {
    if text.contains(from) {
        *text = Cow::Owned(text.replace(from, &to()));
    }
}

fn quoted(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

/// A text as a line of the log shows it: no longer than API Gateway has it.
pub(crate) fn cut(mut text: String) -> String {
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push_str(" [TRUNCATED]");
    }
    text
}
