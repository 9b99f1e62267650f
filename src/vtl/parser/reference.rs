//! References: `$name`, `${name}`, their steps, and what their first token carries besides the name.

use std::sync::Arc;

use super::super::ast::{AccessStep, MethodName, Reference, ReferenceKind, Shape};
use super::super::token::Kind;
use super::tokens::{Parsed, Parser, Span};
use crate::value::Member;

/// What the first token of a reference says.
struct Root {
    kind: ReferenceKind,
    name: Arc<str>,
    escaped: bool,
    escape_prefix: Arc<str>,
    more_prefix: Arc<str>,
    null_text: Arc<str>,
}

impl Parser<'_, '_> {
    pub(super) fn reference(&mut self) -> Parsed<(Reference, Span)> {
        self.enter()?;
        let first = self.at;
        let formal = self.skip(Kind::CurlyOpen)?;
        self.take(Kind::Identifier)?;
        let steps = self.steps()?;
        if formal {
            self.take(Kind::CurlyClose)?;
        }
        let span = Span { first, last: self.at - 1 };
        let root = self.root(span);
        self.leave();
        let name = self.macros.names.meet(root.name);
        let reference = Reference {
            kind: root.kind,
            shape: Shape::of(&name, &steps),
            root: name,
            steps,
            escaped: root.escaped,
            escape_prefix: root.escape_prefix,
            more_prefix: root.more_prefix,
            null_text: root.null_text,
            at: self.place.of(self.offset(first)),
        };
        Ok((reference, span))
    }

    fn steps(&mut self) -> Parsed<Vec<AccessStep>> {
        let mut steps = Vec::new();
        self.indexes(&mut steps)?;
        while self.step_follows()? {
            self.take(Kind::Dot)?;
            if self.method_follows()? {
                steps.push(self.method()?);
            } else {
                let name = self.take(Kind::Identifier)?;
                steps.push(AccessStep::Property(Member::from(self.image(name))));
            }
            self.indexes(&mut steps)?;
        }
        Ok(steps)
    }

    fn method(&mut self) -> Parsed<AccessStep> {
        let name = self.take(Kind::Identifier)?;
        self.take(Kind::ParenOpen)?;
        let mut arguments = Vec::new();
        if self.parameter_starts()? {
            arguments.push(self.parameter()?);
            while self.skip(Kind::Comma)? {
                arguments.push(self.parameter()?);
            }
        }
        self.take(Kind::MethodClose)?;
        Ok(AccessStep::Method(MethodName::new(self.image(name), arguments.len()), arguments))
    }

    fn indexes(&mut self, steps: &mut Vec<AccessStep>) -> Parsed<()> {
        while self.skip(Kind::IndexOpen)? {
            self.skip(Kind::Whitespace)?;
            let kind = self.peek()?;
            if !matches!(
                kind,
                Kind::Quoted | Kind::Integer | Kind::True | Kind::False | Kind::Identifier | Kind::CurlyOpen
            ) {
                return Err(self.unexpected("a string, a whole number or a reference"));
            }
            steps.push(AccessStep::Index(self.simple(kind)?.0));
            self.skip(Kind::Whitespace)?;
            self.take(Kind::IndexClose)?;
        }
        Ok(())
    }

    /// Takes the first token apart: backslashes, `$!`, and text that stuck to it. The token loses them.
    fn root(&mut self, span: Span) -> Root {
        let image = self.image(span.first).to_owned();
        let none: Arc<str> = Arc::from("");
        // Velocity prints `$\!x` as text and never looks it up.
        if image.contains("\\!") {
            let text = slash_bang(&image);
            let text: Arc<str> = Arc::from(text);
            return Root {
                kind: ReferenceKind::Uncomputable,
                name: text.clone(),
                escaped: false,
                escape_prefix: none.clone(),
                more_prefix: none,
                null_text: text,
            };
        }
        let slashes = image.bytes().take_while(|b| *b == b'\\').count();
        let rest = &image[slashes..];
        let dollar = rest.rfind('$').unwrap_or_default();
        let (more, rest) = rest.split_at(dollar);
        self.tokens[span.first].image = Some(rest.to_owned());
        // Two backslashes stand for one; one that is left over escapes the reference.
        let escaped = slashes % 2 == 1;
        let quiet = rest.starts_with("$!");
        let null_text = if quiet && !escaped { String::new() } else { self.literal(span) };
        let kind = if rest.starts_with('$') { ReferenceKind::Normal } else { ReferenceKind::Runt };
        let name = match rest {
            "$!{" | "${" => self.image(span.first + 1),
            _ if quiet => &rest[2..],
            _ => rest.strip_prefix('$').unwrap_or(rest),
        };
        Root {
            kind,
            name: Arc::from(name),
            escaped,
            escape_prefix: Arc::from(&image[..slashes / 2]),
            more_prefix: Arc::from(more),
            null_text: Arc::from(null_text),
        }
    }
}

/// `$\!x` is text that loses one backslash.
fn slash_bang(image: &str) -> String {
    let Some(dollar) = image.find('$') else { return image.to_owned() };
    let start = image[dollar..].find('\\').map_or(image.len(), |n| dollar + n);
    let slashes = image[start..].bytes().take_while(|b| *b == b'\\').count();
    let mut text = image.to_owned();
    if slashes > 0 {
        text.remove(start);
    }
    text
}
