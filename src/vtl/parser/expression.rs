//! Expressions and the literals in them.

use std::sync::Arc;

use num_bigint::BigInt;

use super::super::ast::{Comparison, Expr, Operands, Operation};
use super::super::error::ErrorKind;
use super::super::token::Kind;
use super::tokens::{Parsed, Parser, Span};

/// The level of the operators that bind tightest.
const TIGHTEST: u8 = 6;

impl Parser<'_, '_> {
    pub(super) fn expression(&mut self) -> Parsed<(Expr, Span)> {
        let first = self.at;
        let (expr, _) = self.binary(1)?;
        Ok((expr, Span { first, last: self.at - 1 }))
    }

    /// Operators of at least that level, grouped from the left.
    fn binary(&mut self, level: u8) -> Parsed<(Expr, Span)> {
        self.enter()?;
        let mut left = self.unary()?;
        let mut chained = 0;
        loop {
            let kind = self.peek()?;
            let found = binding(kind);
            if found < level || found == 0 {
                break;
            }
            // A chain of operators is a tree that leans to the left.
            self.enter()?;
            chained += 1;
            let operator = self.at;
            self.at += 1;
            let first = self.at;
            let right = if found == TIGHTEST { self.unary()? } else { self.binary(found + 1)? };
            let span = Span { first, last: self.at - 1 };
            left = (self.join(kind, operator, left, right), span);
        }
        for _ in 0..=chained {
            self.leave();
        }
        Ok(left)
    }

    fn join(&mut self, kind: Kind, operator: usize, left: (Expr, Span), right: (Expr, Span)) -> Expr {
        let operation = match kind {
            Kind::Or => return Expr::Or(Box::new((left.0, right.0))),
            Kind::And => return Expr::And(Box::new((left.0, right.0))),
            Kind::Plus => Operation::Add,
            Kind::Minus => Operation::Subtract,
            Kind::Times => Operation::Multiply,
            Kind::Divide => Operation::Divide,
            Kind::Modulus => Operation::Modulo,
            _ => return Expr::Compare(comparison(kind), Box::new((left.0, right.0))),
        };
        let (left_literal, right_literal) = match operation {
            Operation::Add => (Arc::from(self.literal(left.1)), Arc::from(self.literal(right.1))),
            _ => (Arc::from(""), Arc::from("")),
        };
        let at = self.place.of(self.offset(operator));
        let operands = Operands { left: left.0, right: right.0, left_literal, right_literal, at };
        Expr::Arithmetic(operation, Box::new(operands))
    }

    fn unary(&mut self) -> Parsed<(Expr, Span)> {
        let first = self.at;
        self.skip(Kind::Whitespace)?;
        if self.skip(Kind::Not)? {
            self.enter()?;
            let (inner, _) = self.unary()?;
            self.leave();
            return Ok((Expr::Not(Box::new(inner)), Span { first, last: self.at - 1 }));
        }
        let primary = self.primary()?;
        self.skip(Kind::Whitespace)?;
        Ok(primary)
    }

    fn primary(&mut self) -> Parsed<(Expr, Span)> {
        if self.skip(Kind::ParenOpen)? {
            let inner = self.expression()?;
            self.take(Kind::ParenClose)?;
            return Ok(inner);
        }
        self.value("a value")
    }

    /// Whether a method's argument or a list's element begins here.
    pub(super) fn parameter_starts(&mut self) -> Parsed<bool> {
        Ok(matches!(
            self.peek()?,
            Kind::ListOpen
                | Kind::MapOpen
                | Kind::Whitespace
                | Kind::Quoted
                | Kind::True
                | Kind::False
                | Kind::Integer
                | Kind::Float
                | Kind::Identifier
                | Kind::CurlyOpen
        ))
    }

    /// A method's argument or a list's element.
    pub(super) fn parameter(&mut self) -> Parsed<Expr> {
        self.skip(Kind::Whitespace)?;
        let value = self.value("a string, a number, a list, a map or a reference")?;
        self.skip(Kind::Whitespace)?;
        Ok(value.0)
    }

    fn value(&mut self, expected: &str) -> Parsed<(Expr, Span)> {
        let kind = self.peek()?;
        match kind {
            Kind::ListOpen => self.list_or_range(),
            Kind::MapOpen => self.map(),
            Kind::Quoted
            | Kind::Integer
            | Kind::Float
            | Kind::True
            | Kind::False
            | Kind::Identifier
            | Kind::CurlyOpen => self.simple(kind),
            _ => Err(self.unexpected(expected)),
        }
    }

    /// A value without parts, or a reference.
    pub(super) fn simple(&mut self, kind: Kind) -> Parsed<(Expr, Span)> {
        if matches!(kind, Kind::Identifier | Kind::CurlyOpen) {
            let (reference, span) = self.reference()?;
            return Ok((Expr::Reference(Box::new(reference)), span));
        }
        let index = self.take(kind)?;
        if matches!(kind, Kind::Integer | Kind::Float) && self.image(index).starts_with('#') {
            let message = format!("`{}` is no number", self.image(index));
            self.fail_later(ErrorKind::Render, index, message);
        }
        let expr = match kind {
            Kind::Quoted => self.string(index),
            Kind::Integer => integer(self.image(index)),
            Kind::Float => Expr::Double(self.image(index).parse().unwrap_or(f64::NAN)),
            Kind::True => Expr::True,
            Kind::False => Expr::False,
            _ => Expr::Word,
        };
        Ok((expr, Span { first: index, last: index }))
    }

    fn list_or_range(&mut self) -> Parsed<(Expr, Span)> {
        if self.range_follows()? { self.range() } else { self.list() }
    }

    pub(super) fn list(&mut self) -> Parsed<(Expr, Span)> {
        self.enter()?;
        let first = self.take(Kind::ListOpen)?;
        let mut items = Vec::new();
        if self.parameter_starts()? {
            items.push(self.parameter()?);
            while self.skip(Kind::Comma)? {
                items.push(self.parameter()?);
            }
        }
        let last = self.take(Kind::ListClose)?;
        self.leave();
        Ok((Expr::List(items), Span { first, last }))
    }

    pub(super) fn range(&mut self) -> Parsed<(Expr, Span)> {
        let first = self.take(Kind::ListOpen)?;
        self.skip(Kind::Whitespace)?;
        let from = self.bound()?;
        self.skip(Kind::Whitespace)?;
        self.take(Kind::DoubleDot)?;
        self.skip(Kind::Whitespace)?;
        let to = self.bound()?;
        self.skip(Kind::Whitespace)?;
        let last = self.take(Kind::ListClose)?;
        Ok((Expr::Range(Box::new((from, to))), Span { first, last }))
    }

    fn bound(&mut self) -> Parsed<Expr> {
        let kind = self.peek()?;
        match kind {
            Kind::Identifier | Kind::CurlyOpen | Kind::Integer => Ok(self.simple(kind)?.0),
            _ => Err(self.unexpected("a whole number or a reference")),
        }
    }

    pub(super) fn map(&mut self) -> Parsed<(Expr, Span)> {
        self.enter()?;
        let first = self.take(Kind::MapOpen)?;
        let mut entries = Vec::new();
        if self.map_entry_follows()? {
            entries.push(self.entry()?);
            while self.skip(Kind::Comma)? {
                entries.push(self.entry()?);
            }
        } else {
            self.skip(Kind::Whitespace)?;
        }
        if !matches!(self.peek()?, Kind::MapClose | Kind::CurlyClose) {
            return Err(self.unexpected("`}`"));
        }
        self.at += 1;
        self.leave();
        Ok((Expr::Map(entries), Span { first, last: self.at - 1 }))
    }

    fn entry(&mut self) -> Parsed<(Expr, Expr)> {
        let key = self.parameter()?;
        self.take(Kind::Colon)?;
        Ok((key, self.parameter()?))
    }

    /// A string; what is in it is read later, as Velocity does.
    fn string(&mut self, index: usize) -> Expr {
        match self.read_string(index) {
            Ok(expr) => expr,
            Err(message) => {
                self.fail_later(ErrorKind::Render, index, message.to_owned());
                Expr::Text(Arc::from(""))
            }
        }
    }
}

fn binding(kind: Kind) -> u8 {
    match kind {
        Kind::Or => 1,
        Kind::And => 2,
        Kind::Equal | Kind::NotEqual => 3,
        Kind::Less | Kind::LessEqual | Kind::Greater | Kind::GreaterEqual => 4,
        Kind::Plus | Kind::Minus => 5,
        Kind::Times | Kind::Divide | Kind::Modulus => TIGHTEST,
        _ => 0,
    }
}

fn comparison(kind: Kind) -> Comparison {
    match kind {
        Kind::NotEqual => Comparison::NotEqual,
        Kind::Less => Comparison::Less,
        Kind::LessEqual => Comparison::LessEqual,
        Kind::Greater => Comparison::Greater,
        Kind::GreaterEqual => Comparison::GreaterEqual,
        _ => Comparison::Equal,
    }
}

/// An Integer, else a Long, else a BigInteger.
fn integer(image: &str) -> Expr {
    if let Ok(n) = image.parse() {
        return Expr::Integer(n);
    }
    match image.parse() {
        Ok(n) => Expr::Long(n),
        Err(_) => Expr::BigInteger(Box::new(image.parse().unwrap_or_else(|_| BigInt::default()))),
    }
}
