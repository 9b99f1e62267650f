//! What the expressions of mappings and of first-class integrations yield: values of the request, and of the backend's answer.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::event::EventSource;
use crate::api::http::{Expression, Piece, ValueSource};
use crate::authorization::identity_source::CallerValues;
use crate::exchange::query::{self, Parameter};
use crate::http1::message::Headers;
use crate::jsonpath::Path;
use crate::mapping::document::{self, BodyDocument};
use crate::mapping::http_variables;

/// Where a JSON path is applied, bodies are cut here first (documented): what is longer is no JSON any more.
pub(crate) const LONGEST_SEARCHED: usize = 100 * 1_024;

/// What expressions read.
pub(crate) struct Values<'a> {
    source: EventSource<'a>,
    query: OnceCell<Vec<Parameter<'a>>>,
    body: OnceCell<BodyDocument<'a>>,
    reply: Option<Reply<'a>>,
}

/// The backend's answer.
struct Reply<'a> {
    headers: Headers,
    body: &'a [u8],
    document: OnceCell<BodyDocument<'a>>,
}

impl<'a> Values<'a> {
    /// Those of a request.
    pub(crate) fn new(source: EventSource<'a>) -> Values<'a> {
        Values { source, query: OnceCell::new(), body: OnceCell::new(), reply: None }
    }

    /// Those of a request and of what the backend answered.
    pub(crate) fn with_reply(source: EventSource<'a>, headers: Headers, body: &'a [u8]) -> Values<'a> {
        let reply = Reply { headers, body, document: OnceCell::new() };
        Values { reply: Some(reply), ..Values::new(source) }
    }

    /// The text of an expression. One that is a single value has none where that value is not there; inside of text nothing
    /// stands in its place.
    pub(crate) fn text<'e>(&'e self, expression: &'e Expression) -> Option<Cow<'e, str>> {
        match expression.pieces.as_slice() {
            [] => Some(Cow::Borrowed("")),
            [Piece::Literal(text)] => Some(Cow::Borrowed(text)),
            [Piece::Value(source)] => self.value(source),
            pieces => Some(Cow::Owned(pieces.iter().map(|piece| self.piece(piece)).collect())),
        }
    }

    fn piece<'e>(&'e self, piece: &'e Piece) -> Cow<'e, str> {
        match piece {
            Piece::Literal(text) => Cow::Borrowed(text),
            Piece::Value(source) => self.value(source).unwrap_or_default(),
        }
    }

    fn value(&self, source: &ValueSource) -> Option<Cow<'_, str>> {
        let EventSource { api, exchange, path_parameters, .. } = self.source;
        let request = &exchange.request;
        match source {
            ValueSource::Header(name) => self.header(name),
            ValueSource::QueryString(name) => self.query(name),
            ValueSource::PathVariable(name) => {
                path_parameters.iter().find(|(own, _)| own == name).map(|(_, value)| Cow::Borrowed(value.as_str()))
            }
            ValueSource::Path => {
                let path = request.path.strip_prefix(api.base_path.as_str()).unwrap_or(&request.path);
                Some(query::decode_path(path))
            }
            ValueSource::Body => whole(&request.body),
            ValueSource::BodyPath(path) => found(self.body.get_or_init(|| cut(&request.body)), path),
            ValueSource::ResponseHeader(name) => joined(&self.reply.as_ref()?.headers, name),
            ValueSource::ResponseBody => whole(self.reply.as_ref()?.body),
            ValueSource::ResponseBodyPath(path) => {
                let reply = self.reply.as_ref()?;
                found(reply.document.get_or_init(|| cut(reply.body)), path)
            }
            ValueSource::Context(name) => self.context(name),
            ValueSource::StageVariable(name) => self.stage_variable(name),
        }
    }

    /// Every value of a name, joined by commas (documented).
    fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        let sent = self.source.exchange.request.query.as_deref();
        let query = self.query.get_or_init(|| query::parse(sent.unwrap_or_default()));
        let found = query.iter().find(|parameter| parameter.name == name)?;
        Some(Cow::Owned(found.values.join(",")))
    }
}

/// Every line of a name, joined by commas (documented).
fn joined<'h>(headers: &'h Headers, name: &str) -> Option<Cow<'h, str>> {
    let is_named = |line: &&crate::http1::message::Header| line.name.eq_ignore_ascii_case(name.as_bytes());
    let mut lines = headers.0.iter().filter(is_named).map(|line| String::from_utf8_lossy(&line.value));
    let first = lines.next()?;
    Some(lines.fold(first, |all, next| Cow::Owned(format!("{all},{next}"))))
}

fn whole(body: &[u8]) -> Option<Cow<'_, str>> {
    (!body.is_empty()).then(|| String::from_utf8_lossy(body))
}

fn cut(body: &[u8]) -> BodyDocument<'_> {
    BodyDocument::new(&body[..body.len().min(LONGEST_SEARCHED)])
}

/// Text without quotes, anything else as JSON; nothing for null.
fn found(body: &BodyDocument, path: &Path) -> Option<Cow<'static, str>> {
    let value = path.read(body.value()?).ok()?;
    document::text(&value).map(Cow::Owned)
}

/// Identity sources read as mappings do.
impl CallerValues for Values<'_> {
    fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        joined(&self.source.exchange.request.headers, name)
    }

    fn query_string(&self, name: &str) -> Option<Cow<'_, str>> {
        self.query(name)
    }

    fn stage_variable(&self, name: &str) -> Option<Cow<'_, str>> {
        self.source.api.stage_variables.get(name).map(|value| Cow::Borrowed(value.as_str()))
    }

    fn context(&self, name: &str) -> Option<Cow<'_, str>> {
        http_variables::lookup(self.source.api, self.source.exchange, name)
    }
}
