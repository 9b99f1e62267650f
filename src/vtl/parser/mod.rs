//! Tokens to tree, choice by choice as Velocity 1.7's generated parser makes them.

mod directive;
mod expression;
mod reference;
mod scan;
mod statement;
mod string;
mod text;
mod tokens;

use super::ast::Block;
use super::branch::Branches;
use super::error::{Error, ErrorKind};
use super::limits::Limits;
use super::macros::Macros;
use super::token::Kind;
use tokens::{Deferred, Parsed, Parser, Place, too_deep};

/// Reads a template. The macros that it defines join `macros`.
pub(super) fn parse(
    source: &str,
    macros: &mut Macros,
    limits: &Limits,
    branches: Option<&Branches>,
) -> Result<Block, Error> {
    if source.len() > limits.template_size {
        let message =
            format!("the template has {} bytes, more than the limit of {}", source.len(), limits.template_size);
        return Err(Error::at(ErrorKind::Limit, source, 0, message));
    }
    parse_at(source, &Place { whole: source, fixed: None, depth: 0, branches }, macros, limits).map_err(|error| *error)
}

/// Reads the text that `#evaluate` was given; errors point at the directive.
pub(super) fn parse_evaluated(
    source: &str,
    whole: &str,
    at: usize,
    depth: usize,
    macros: &mut Macros,
    limits: &Limits,
) -> Result<Block, Error> {
    parse_at(source, &Place { whole, fixed: Some(at), depth, branches: None }, macros, limits).map_err(|error| *error)
}

fn parse_at(source: &str, place: &Place<'_>, macros: &mut Macros, limits: &Limits) -> Parsed<Block> {
    let mut parser = Parser::new(source, place, macros, limits);
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
                let inner = Place {
                    whole: place.whole,
                    fixed: Some(place.of(at)),
                    depth: place.depth + 1,
                    branches: place.branches,
                };
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
