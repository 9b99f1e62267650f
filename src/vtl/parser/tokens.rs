//! The parser at its place between the tokens: what comes next, how deep it is, and what to say when it cannot go on.

use std::sync::Arc;

use super::super::ast::{Block, Interpolated, Macro, Node};
use super::super::branch::{BranchKind, Branches, Hits};
use super::super::error::{Error, ErrorKind};
use super::super::lexer::{Lexer, Stuck};
use super::super::limits::Limits;
use super::super::macros::Macros;
use super::super::token::{Kind, Token};

/// Reads one text of a template: the source, or a string in it.
pub(super) struct Parser<'s, 'p> {
    pub(super) source: &'s str,
    pub(super) place: &'p Place<'p>,
    pub(super) lexer: Lexer<'s>,
    pub(super) tokens: Vec<Token>,
    /// The token that comes next.
    pub(super) at: usize,
    pub(super) scanned: usize,
    pub(super) depth: usize,
    pub(super) limits: &'p Limits,
    pub(super) macros: &'p mut Macros,
    pub(super) deferred: Vec<Deferred>,
}

impl<'s, 'p> Parser<'s, 'p> {
    /// A parser before the first token.
    pub(super) fn new(
        source: &'s str,
        place: &'p Place<'p>,
        macros: &'p mut Macros,
        limits: &'p Limits,
    ) -> Parser<'s, 'p> {
        Parser {
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
        }
    }

    /// Makes sure that the token is there. Later ones stay unread: the parser may still switch the lexer's state.
    pub(super) fn fetch(&mut self, index: usize) -> Parsed<Kind> {
        while self.tokens.len() <= index {
            let token = self.lexer.next().map_err(|stuck| self.stuck(stuck))?;
            self.tokens.push(token);
        }
        Ok(self.tokens[index].kind)
    }

    pub(super) fn peek(&mut self) -> Parsed<Kind> {
        self.fetch(self.at)
    }

    /// Takes the next token, which must be of that kind.
    pub(super) fn take(&mut self, kind: Kind) -> Parsed<usize> {
        if self.peek()? != kind {
            return Err(self.unexpected(kind.name()));
        }
        self.at += 1;
        Ok(self.at - 1)
    }

    /// Takes the next token if it is of that kind.
    pub(super) fn skip(&mut self, kind: Kind) -> Parsed<bool> {
        let found = self.peek()? == kind;
        if found {
            self.at += 1;
        }
        Ok(found)
    }

    pub(super) fn image(&self, index: usize) -> &str {
        let token = &self.tokens[index];
        token.image.as_deref().unwrap_or(&self.source[token.begin..token.end])
    }

    pub(super) fn offset(&self, index: usize) -> usize {
        self.tokens[index].begin
    }

    /// Goes one level down.
    pub(super) fn enter(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > self.limits.depth {
            let at = self.tokens.last().map_or(0, |t| t.begin);
            return Err(self.place.error(ErrorKind::Limit, at, too_deep(self.limits)));
        }
        Ok(())
    }

    pub(super) fn leave(&mut self) {
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
    pub(super) fn unexpected(&self, expected: &str) -> Box<Error> {
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

    pub(super) fn fail_later(&mut self, kind: ErrorKind, index: usize, message: String) {
        let error = self.place.error(kind, self.offset(index), message);
        self.deferred.push(Deferred::Fail(error));
    }

    /// The source text of a piece, as Velocity prints it when the piece has no value.
    pub(super) fn literal(&self, span: Span) -> String {
        let mut text = String::new();
        for index in span.first..=span.last {
            self.push_literal(index, &mut text);
        }
        text
    }
}

/// What reading a piece gives: an error is rare, and large.
pub(super) type Parsed<T> = Result<T, Box<Error>>;

/// The first and the last token of a piece.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) first: usize,
    pub(super) last: usize,
}

/// Where errors of a text point to.
pub(super) struct Place<'w> {
    pub(super) whole: &'w str,
    /// A text inside the template: everything in it is placed here.
    pub(super) fixed: Option<usize>,
    pub(super) depth: usize,
    /// Where branches are noted, when they are to be counted.
    pub(super) branches: Option<&'w Branches>,
}

impl Place<'_> {
    pub(super) fn of(&self, offset: usize) -> usize {
        self.fixed.unwrap_or(offset)
    }

    /// What counts a branch, when branches are counted.
    pub(super) fn branch(&self, kind: BranchKind, offset: usize) -> Option<Hits> {
        self.branches.map(|branches| branches.meet(kind, self.whole, self.of(offset)))
    }

    pub(super) fn error(&self, kind: ErrorKind, offset: usize, message: String) -> Box<Error> {
        Box::new(Error::at(kind, self.whole, self.of(offset), message))
    }
}

/// What Velocity does in a second walk over the finished tree, in the order of that walk.
pub(super) enum Deferred {
    /// Read a string that holds references.
    String { body: Arc<Interpolated>, text: String, at: usize },
    /// Make a macro callable.
    Macro(Arc<Macro>),
    /// The tree is grammatical, yet a directive refuses its arguments.
    Fail(Box<Error>),
}

/// The nodes of a block so far; neighbouring texts become one.
#[derive(Default)]
pub(super) struct Nodes {
    nodes: Block,
    text: String,
}

impl Nodes {
    pub(super) fn push_text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(super) fn push(&mut self, node: Node) {
        self.flush();
        self.nodes.push(node);
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.nodes.push(Node::Text(Arc::from(self.text.as_str())));
            self.text.clear();
        }
    }

    pub(super) fn finish(mut self) -> Block {
        self.flush();
        self.nodes.shrink_to_fit();
        self.nodes
    }
}

pub(super) fn too_deep(limits: &Limits) -> String {
    format!("nested more than {} levels deep", limits.depth)
}
