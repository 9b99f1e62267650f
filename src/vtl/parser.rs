//! Tokens to tree, choice by choice as Velocity 1.7's generated parser makes them.

mod directive;
mod expression;
mod reference;
mod scan;
mod string;
mod text;

use std::sync::Arc;

use super::ast::{Block, Expr, If, Interpolated, Macro, Node, Set};
use super::error::{Error, ErrorKind};
use super::lexer::{Lexer, Stuck};
use super::limits::Limits;
use super::macros::Macros;
use super::token::{Kind, Token};

/// Reads a template. The macros that it defines join `macros`.
pub fn parse(source: &str, macros: &mut Macros, limits: &Limits) -> Result<Block, Error> {
    if source.len() > limits.template_size {
        let message =
            format!("the template has {} bytes, more than the limit of {}", source.len(), limits.template_size);
        return Err(Error::at(ErrorKind::Limit, source, 0, message));
    }
    parse_at(source, &Place { whole: source, fixed: None, depth: 0 }, macros, limits).map_err(|error| *error)
}

/// Reads the text that `#evaluate` was given; errors point at the directive.
pub fn parse_evaluated(
    source: &str,
    whole: &str,
    at: usize,
    depth: usize,
    macros: &mut Macros,
    limits: &Limits,
) -> Result<Block, Error> {
    parse_at(source, &Place { whole, fixed: Some(at), depth }, macros, limits).map_err(|error| *error)
}

/// What reading a piece gives: an error is rare, and large.
type Parsed<T> = Result<T, Box<Error>>;

/// Where errors of a text point to.
struct Place<'w> {
    whole: &'w str,
    /// A text inside the template: everything in it is placed here.
    fixed: Option<usize>,
    depth: usize,
}

impl Place<'_> {
    fn of(&self, offset: usize) -> usize {
        self.fixed.unwrap_or(offset)
    }

    fn error(&self, kind: ErrorKind, offset: usize, message: String) -> Box<Error> {
        Box::new(Error::at(kind, self.whole, self.of(offset), message))
    }
}

/// What Velocity does in a second walk over the finished tree, in the order of that walk.
enum Deferred {
    /// Read a string that holds references.
    String { body: Arc<Interpolated>, text: String, at: usize },
    /// Make a macro callable.
    Macro(Arc<Macro>),
    /// The tree is grammatical, yet a directive refuses its arguments.
    Fail(Box<Error>),
}

fn parse_at(source: &str, place: &Place<'_>, macros: &mut Macros, limits: &Limits) -> Parsed<Block> {
    let mut parser = Parser {
        source,
        place,
        lexer: Lexer::new(source),
        tokens: Vec::new(),
        at: 0,
        scanned: 0,
        depth: place.depth,
        limits,
        macros,
        deferred: Vec::new(),
    };
    let block = parser.block()?;
    match parser.peek()? {
        Kind::Eof => {}
        kind @ (Kind::End | Kind::Else | Kind::ElseIf) => {
            let message = format!("{} without an `#if` or another block that it belongs to", kind.name());
            return Err(place.error(ErrorKind::Parse, parser.offset(parser.at), message));
        }
        _ => return Err(parser.unexpected("text, a reference or a directive")),
    }
    let deferred = parser.deferred;
    for step in deferred {
        match step {
            Deferred::String { body, text, at } => {
                let inner = Place { whole: place.whole, fixed: Some(place.of(at)), depth: place.depth + 1 };
                if inner.depth > limits.depth {
                    return Err(place.error(ErrorKind::Limit, at, too_deep(limits)));
                }
                let read = parse_at(&text, &inner, macros, limits).map_err(in_string)?;
                // Each string is read once, by the parse that met it.
                let _ = body.body.set(read);
            }
            Deferred::Macro(definition) => macros.define(definition),
            Deferred::Fail(error) => return Err(error),
        }
    }
    Ok(block)
}

fn in_string(mut error: Box<Error>) -> Box<Error> {
    if !error.message.starts_with("in this string: ") {
        error.message.insert_str(0, "in this string: ");
    }
    error
}

fn too_deep(limits: &Limits) -> String {
    format!("nested more than {} levels deep", limits.depth)
}

/// How many tokens all look-aheads may visit: a range that nests others is looked at twice per level.
const SCANS: usize = 2_000_000;

/// The first and the last token of a piece.
#[derive(Debug, Clone, Copy)]
struct Span {
    first: usize,
    last: usize,
}

/// The nodes of a block so far; neighbouring texts become one.
#[derive(Default)]
struct Nodes {
    nodes: Block,
    text: String,
}

impl Nodes {
    fn push_text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn push(&mut self, node: Node) {
        self.flush();
        self.nodes.push(node);
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.nodes.push(Node::Text(Arc::from(self.text.as_str())));
            self.text.clear();
        }
    }

    fn finish(mut self) -> Block {
        self.flush();
        self.nodes.shrink_to_fit();
        self.nodes
    }
}

struct Parser<'s, 'p> {
    source: &'s str,
    place: &'p Place<'p>,
    lexer: Lexer<'s>,
    tokens: Vec<Token>,
    /// The token that comes next.
    at: usize,
    scanned: usize,
    depth: usize,
    limits: &'p Limits,
    macros: &'p mut Macros,
    deferred: Vec<Deferred>,
}

impl Parser<'_, '_> {
    /// Makes sure that the token is there. Later ones stay unread: the parser may still switch the lexer's state.
    fn fetch(&mut self, index: usize) -> Parsed<Kind> {
        while self.tokens.len() <= index {
            let token = self.lexer.next().map_err(|stuck| self.stuck(stuck))?;
            self.tokens.push(token);
        }
        Ok(self.tokens[index].kind)
    }

    fn peek(&mut self) -> Parsed<Kind> {
        self.fetch(self.at)
    }

    /// Takes the next token, which must be of that kind.
    fn take(&mut self, kind: Kind) -> Parsed<usize> {
        if self.peek()? != kind {
            return Err(self.unexpected(kind.name()));
        }
        self.at += 1;
        Ok(self.at - 1)
    }

    /// Takes the next token if it is of that kind.
    fn skip(&mut self, kind: Kind) -> Parsed<bool> {
        let found = self.peek()? == kind;
        if found {
            self.at += 1;
        }
        Ok(found)
    }

    fn image(&self, index: usize) -> &str {
        let token = &self.tokens[index];
        token.image.as_deref().unwrap_or(&self.source[token.begin..token.end])
    }

    fn offset(&self, index: usize) -> usize {
        self.tokens[index].begin
    }

    /// Goes one level down.
    fn enter(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > self.limits.depth {
            let at = self.tokens.last().map_or(0, |t| t.begin);
            return Err(self.place.error(ErrorKind::Limit, at, too_deep(self.limits)));
        }
        Ok(())
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    fn stuck(&self, stuck: Stuck) -> Box<Error> {
        let before = self.source[..stuck.at].trim_end().chars().next_back();
        let message = match self.source[stuck.at..].chars().next() {
            Some(c @ ('"' | '\'')) => format!("the string that begins with `{c}` here does not end"),
            Some('.') if matches!(before, Some('"' | '\'' | ']' | '}')) => {
                "`.` cannot stand here: a literal has no methods before it is set to a reference".to_owned()
            }
            Some('\\') => {
                "`\\` cannot stand here: it is no escape, a quote inside a string is written twice".to_owned()
            }
            Some(c) if c.is_control() => format!("`{}` cannot stand here", c.escape_debug()),
            Some(c) => format!("`{c}` cannot stand here"),
            None => "the template ends inside a reference, a directive or a comment".to_owned(),
        };
        self.place.error(ErrorKind::Parse, stuck.at, message)
    }

    /// The next token is not what must come.
    fn unexpected(&self, expected: &str) -> Box<Error> {
        let token = &self.tokens[self.at];
        let found = match token.kind {
            Kind::Eof => Kind::Eof.name().to_owned(),
            _ => {
                let line = self.image(self.at).trim_start_matches(['\r', '\n']).lines().next().unwrap_or_default();
                format!("`{}`", line.chars().take(40).collect::<String>())
            }
        };
        let hint = self.hint();
        self.place.error(ErrorKind::Parse, token.begin, format!("found {found}, expected {expected}{hint}"))
    }

    /// What authors who get here most often meant.
    fn hint(&self) -> &'static str {
        let is_string_with_backslash = |at: usize| {
            let image = self.image(at);
            self.tokens[at].kind == Kind::Quoted && (image.ends_with("\\\"") || image.ends_with("\\'"))
        };
        let image = self.image(self.at);
        if self.at.checked_sub(1).is_some_and(is_string_with_backslash) {
            " (a backslash does not escape a quote: write it twice)"
        } else if image == "null" {
            " (there is no `null`: a reference that was never set is empty)"
        } else if image.starts_with('-') && image.len() > 1 {
            " (a difference needs a space behind its `-`)"
        } else {
            ""
        }
    }

    fn fail_later(&mut self, kind: ErrorKind, index: usize, message: String) {
        let error = self.place.error(kind, self.offset(index), message);
        self.deferred.push(Deferred::Fail(error));
    }

    /// Statements, up to what none begins with.
    fn block(&mut self) -> Parsed<Block> {
        let mut nodes = Nodes::default();
        while let Some(kind) = self.statement_kind()? {
            self.statement(kind, &mut nodes)?;
        }
        Ok(nodes.finish())
    }

    fn statement_kind(&mut self) -> Parsed<Option<Kind>> {
        let kind = self.peek()?;
        let starts = matches!(
            kind,
            Kind::ParenOpen
                | Kind::ParenClose
                | Kind::EscapeDirective
                | Kind::Set
                | Kind::LineCommentStart
                | Kind::DoubleEscape
                | Kind::Escape
                | Kind::Text
                | Kind::FormalCommentEnd
                | Kind::CommentEnd
                | Kind::TextBlock
                | Kind::Quoted
                | Kind::If
                | Kind::Integer
                | Kind::Float
                | Kind::Word
                | Kind::BracedWord
                | Kind::Identifier
                | Kind::Dot
                | Kind::CurlyOpen
                | Kind::CurlyClose
                | Kind::EmptyIndex
        );
        Ok(starts.then_some(kind))
    }

    fn statement(&mut self, kind: Kind, nodes: &mut Nodes) -> Parsed<()> {
        match kind {
            Kind::If => {
                self.enter()?;
                let node = self.if_statement()?;
                self.leave();
                nodes.push(node);
            }
            Kind::Identifier => nodes.push(Node::Reference(Box::new(self.reference()?.0))),
            // `${` without a name is text.
            Kind::CurlyOpen if self.fetch(self.at + 1)? == Kind::Identifier => {
                nodes.push(Node::Reference(Box::new(self.reference()?.0)));
            }
            Kind::Set => nodes.push(self.set_statement()?),
            Kind::Word | Kind::BracedWord => {
                self.enter()?;
                self.directive(nodes)?;
                self.leave();
            }
            _ => self.text_statement(kind, nodes)?,
        }
        Ok(())
    }

    /// Takes the `#end` of the block that began at that token.
    fn take_end(&mut self, opened: usize) -> Parsed<()> {
        if self.skip(Kind::End)? {
            return Ok(());
        }
        let line = self.source[..self.offset(opened)].matches('\n').count() + 1;
        let image = self.image(opened);
        let name = image.trim_start_matches(|c| c != '#');
        Err(self.unexpected(&format!("`#end` for the `{name}` of line {line}")))
    }

    fn if_statement(&mut self) -> Parsed<Node> {
        let opened = self.take(Kind::If)?;
        let mut branches = vec![self.branch()?];
        while self.skip(Kind::ElseIf)? {
            branches.push(self.branch()?);
        }
        let otherwise = if self.skip(Kind::Else)? { Some(self.block()?) } else { None };
        self.take_end(opened)?;
        Ok(Node::If(Box::new(If { branches, otherwise })))
    }

    fn branch(&mut self) -> Parsed<(Expr, Block)> {
        self.skip(Kind::Whitespace)?;
        self.take(Kind::ParenOpen)?;
        let condition = self.expression()?.0;
        self.take(Kind::ParenClose)?;
        Ok((condition, self.block()?))
    }

    fn set_statement(&mut self) -> Parsed<Node> {
        self.take(Kind::Set)?;
        self.skip(Kind::Whitespace)?;
        if !matches!(self.peek()?, Kind::Identifier | Kind::CurlyOpen) {
            return Err(self.unexpected("a reference to set"));
        }
        let (target, span) = self.reference()?;
        let name = Arc::from(self.image(span.first).get(1..).unwrap_or_default());
        self.skip(Kind::Whitespace)?;
        self.take(Kind::Assign)?;
        let value = self.expression()?.0;
        self.take(Kind::ParenClose)?;
        self.lexer.in_set = false;
        Ok(Node::Set(Box::new(Set { target, name, value })))
    }

    /// The source text of a piece, as Velocity prints it when the piece has no value.
    fn literal(&self, span: Span) -> String {
        let mut text = String::new();
        for index in span.first..=span.last {
            self.push_literal(index, &mut text);
        }
        text
    }
}
