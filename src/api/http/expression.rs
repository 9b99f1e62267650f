//! `Expression`: a text in which values of a request, or of an answer, are named: `$request.header.x`, `${request.path.id}/new`.

use std::fmt::{self, Display};

use crate::jsonpath::Path;

/// Literal text and values in turn.
#[derive(Debug, Clone)]
pub(crate) struct Expression {
    /// As written.
    pub written: Box<str>,
    /// What it is made of.
    pub pieces: Vec<Piece>,
}

/// A piece of an expression.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    /// Text.
    Literal(Box<str>),
    /// A value.
    Value(ValueSource),
}

/// Where a value stands.
#[derive(Debug, Clone)]
pub(crate) enum ValueSource {
    /// `$request.header.NAME`, the name in any case
    Header(String),
    /// `$request.querystring.NAME`
    QueryString(String),
    /// `$request.path.NAME`: a path variable
    PathVariable(String),
    /// `$request.path`
    Path,
    /// `$request.body`
    Body,
    /// `$request.body.JSONPATH`
    BodyPath(Path),
    /// `$response.header.NAME`
    ResponseHeader(String),
    /// `$response.body`
    ResponseBody,
    /// `$response.body.JSONPATH`
    ResponseBodyPath(Path),
    /// `$context.NAME`, the dotted rest
    Context(String),
    /// `$stageVariables.NAME`
    StageVariable(String),
}

/// What API Gateway takes for no expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ExpressionFault {
    /// `$…` names nothing.
    UnknownSource(String),
    /// `${` without its `}`.
    Unclosed,
    /// A JSON path that searches or filters (documented as not supported).
    PathNotSupported(String),
    /// It is no JSON path: why.
    Path(String, String),
}

const ROOTS: [&str; 4] = ["request", "response", "context", "stageVariables"];

impl Expression {
    /// Reads one: values stand in it as `$…`, or as `${…}` where text follows; anything else is text.
    pub(crate) fn parse(text: &str) -> Result<Expression, ExpressionFault> {
        let whole = text.strip_prefix('$').filter(|rest| is_value(rest)).map(ValueSource::parse);
        let pieces = match whole {
            Some(Ok(source)) => vec![Piece::Value(source)],
            Some(Err(fault)) if !text[1..].contains(['$', ' ', '/', ',', '"']) => return Err(fault),
            _ => pieces(text)?,
        };
        Ok(Expression { written: text.into(), pieces })
    }

    /// The text of one without values.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The values in it.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &ValueSource> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Value(source) => Some(source),
            Piece::Literal(_) => None,
        })
    }
}

/// Whether what stands behind a `$` begins a value.
fn is_value(rest: &str) -> bool {
    let behind = |root| rest.strip_prefix(root).map(|rest| rest.chars().next());
    ROOTS.iter().filter_map(behind).any(|next| next.is_none_or(|next| next == '.' || !is_of_name(next)))
}

/// What a name without braces is made of, with its path.
fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "$-_.[]*'".contains(letter)
}

fn pieces(text: &str) -> Result<Vec<Piece>, ExpressionFault> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('$') {
        literal.push_str(before);
        let (name, after) = if let Some(inside) = behind.strip_prefix('{') {
            inside.split_once('}').ok_or(ExpressionFault::Unclosed)?
        } else if is_value(behind) {
            let end = behind.find(|letter| letter == '$' || !is_of_name(letter)).unwrap_or(behind.len());
            // A full stop ends a sentence.
            let name = behind[..end].trim_end_matches('.');
            (name, &behind[name.len()..])
        } else {
            literal.push('$');
            rest = behind;
            continue;
        };
        if !literal.is_empty() {
            pieces.push(Piece::Literal(std::mem::take(&mut literal).into()));
        }
        pieces.push(Piece::Value(ValueSource::parse(name)?));
        rest = after;
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal.into()));
    }
    Ok(pieces)
}

impl ValueSource {
    /// Reads what stands behind the `$`.
    fn parse(text: &str) -> Result<ValueSource, ExpressionFault> {
        use ValueSource as S;
        type Form = fn(String) -> ValueSource;
        const NAMED: [(&str, Form); 6] = [
            ("request.header.", S::Header),
            ("request.querystring.", S::QueryString),
            ("request.path.", S::PathVariable),
            ("response.header.", S::ResponseHeader),
            ("context.", S::Context),
            ("stageVariables.", S::StageVariable),
        ];
        match text {
            "request.path" => return Ok(S::Path),
            "request.body" => return Ok(S::Body),
            "response.body" => return Ok(S::ResponseBody),
            _ => {}
        }
        for (prefix, form) in [("request.body", S::BodyPath as fn(Path) -> S), ("response.body", S::ResponseBodyPath)] {
            if let Some(rest) = text.strip_prefix(prefix).filter(|rest| rest.starts_with(['.', '['])) {
                return path(rest, text).map(form);
            }
        }
        let named = NAMED.iter().find_map(|(prefix, form)| Some((text.strip_prefix(prefix)?, form)));
        match named.filter(|(name, _)| {
            !name.is_empty() && name.chars().all(|letter| !letter.is_whitespace() && !"$/,{}\"".contains(letter))
        }) {
            Some((name, form)) => Ok(form(name.to_owned())),
            None => Err(ExpressionFault::UnknownSource(text.to_owned())),
        }
    }

    /// Whether it stands in the backend's answer.
    pub(crate) fn is_of_response(&self) -> bool {
        matches!(self, ValueSource::ResponseHeader(_) | ValueSource::ResponseBody | ValueSource::ResponseBodyPath(_))
    }
}

fn path(rest: &str, written: &str) -> Result<Path, ExpressionFault> {
    if rest.contains("..") || rest.contains("?(") {
        return Err(ExpressionFault::PathNotSupported(written.to_owned()));
    }
    Path::compile(&format!("${rest}")).map_err(|e| ExpressionFault::Path(written.to_owned(), e.detail.to_string()))
}

impl Display for ExpressionFault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            ExpressionFault::UnknownSource(written) => write!(
                f,
                "`${written}` names no value: expected `$request.{{header|querystring|path}}.NAME`, `$request.path`, \
                 `$request.body`, `$response.{{header.NAME|body}}`, `$context.NAME` or `$stageVariables.NAME`, inside of \
                 text `${{…}}`"
            ),
            ExpressionFault::Unclosed => f.write_str("`${` has no `}`"),
            ExpressionFault::PathNotSupported(written) => {
                write!(f, "`${written}`: paths with `..` or filters are not supported")
            }
            ExpressionFault::Path(written, why) => write!(f, "`${written}` has no JSON path: {why}"),
        }
    }
}

#[cfg(test)]
pub(super) fn show(expression: &Expression) -> String {
    use ValueSource as S;
    let value = |source: &ValueSource| match source {
        S::Header(name) | S::QueryString(name) | S::PathVariable(name) | S::ResponseHeader(name) => name.clone(),
        S::Context(name) | S::StageVariable(name) => name.clone(),
        S::BodyPath(_) | S::ResponseBodyPath(_) => "BodyPath".to_owned(),
        S::Path => "Path".to_owned(),
        S::Body | S::ResponseBody => "Body".to_owned(),
    };
    let pieces = expression.pieces.iter().map(|piece| match piece {
        Piece::Literal(text) => text.to_string(),
        Piece::Value(source) => value(source),
    });
    pieces.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        let rows = [
            ("", ""),
            ("text", "text"),
            ("$5", "$5"),
            ("$requests", "$requests"),
            ("$request.header.X-A", "X-A"),
            ("$request.querystring.a.b", "a.b"),
            ("$request.path.id", "id"),
            ("$request.path", "Path"),
            ("$request.body", "Body"),
            ("$request.body.a.b[0]", "BodyPath"),
            ("$request.body[1]", "BodyPath"),
            ("$context.authorizer.claims.sub", "authorizer.claims.sub"),
            ("$stageVariables.v", "v"),
            ("a${request.path.id}b${stageVariables.c}", "a id b c"),
            ("${request.body}", "Body"),
            ("com.mycompany.$request.path.source", "com.mycompany. source"),
            ("$request.header.a $request.header.b.", "a   b ."),
            ("$request.header.a/$context.b$stageVariables.c$$", "a / b c $$"),
            (
                "{\"a\": \"$request.body.b[0]\", \"c\": \"${request.header.d}\"}",
                "{\"a\": \" BodyPath \", \"c\": \" d \"}",
            ),
            ("$response.body.x", "BodyPath"),
        ];
        for (text, expected) in rows {
            let read = Expression::parse(text);
            assert_eq!(read.as_ref().map(show).map_err(Clone::clone), Ok(expected.to_owned()), "{text}");
            assert_eq!(read.map(|read| read.written.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn faults() {
        const UNKNOWN: &str = "names no value: expected `$request.{header|querystring|path}.NAME`, `$request.path`, `$request.body`, `$response.{header.NAME|body}`, `$context.NAME` or `$stageVariables.NAME`, inside of text `${…}`";
        let rows = [
            ("$request.headers.a", format!("`$request.headers.a` {UNKNOWN}")),
            ("$request.header.", format!("`$request.header.` {UNKNOWN}")),
            ("$request", format!("`$request` {UNKNOWN}")),
            ("a $request.headers.b", format!("`$request.headers.b` {UNKNOWN}")),
            ("a ${b}", format!("`$b` {UNKNOWN}")),
            ("a ${request.path", "`${` has no `}`".to_owned()),
            ("$request.body..a", "`$request.body..a`: paths with `..` or filters are not supported".to_owned()),
            (
                "$request.body.a[?(@.b)]",
                "`$request.body.a[?(@.b)]`: paths with `..` or filters are not supported".to_owned(),
            ),
            ("$request.body.a[?b]", "`$request.body.a[?b]` has no JSON path: ".to_owned()),
        ];
        for (text, expected) in rows {
            let said = Expression::parse(text).map(|read| show(&read)).unwrap_or_else(|fault| fault.to_string());
            assert!(said.starts_with(&expected), "{text}: {said}");
        }
    }
}
