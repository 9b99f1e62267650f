//! Directives with a name: Velocity's own, calls of macros, and text that only looks like one.

use std::sync::Arc;

use super::super::ast::{
    Argument, Block, Call, CountedForeach, Define, Evaluate, Expr, Foreach, Include, Macro, Node, Part,
};
use super::super::branch::{BranchKind, Branches};
use super::super::error::{Error, ErrorKind};
use super::super::macros::is_directive;
use super::super::names::Slot;
use super::super::token::Kind;
use super::statement::counted;
use super::tokens::{Deferred, Nodes, Parsed, Parser, Span};

/// A directive as read: its name, its arguments and its block.
struct Directive {
    name: String,
    token: usize,
    arguments: Vec<(Expr, Span, Kind)>,
    /// The block with its tokens; for a block without any, `last` stands before `first`.
    block: Option<(Block, Span)>,
}

impl Parser<'_, '_> {
    pub(super) fn directive(&mut self, nodes: &mut Nodes) -> Parsed<()> {
        let token = self.at;
        self.at += 1;
        let name = self.directive_name(token);
        self.lexer.enter_directive();
        let mut directive = Directive { name, token, arguments: Vec::new(), block: None };
        if !self.lexer.parenthesis_follows() {
            if directive.name == "macro" {
                return Err(self.refuse(token, "`#macro` needs a name in parentheses"));
            }
            self.lexer.pop();
            return self.finish_directive(directive, nodes);
        }
        self.arguments(&mut directive)?;
        let has_block = matches!(directive.name.as_str(), "foreach" | "macro" | "literal" | "define")
            || directive.name.starts_with('@');
        if has_block {
            // Reading the block begins with a look at its first token.
            self.peek()?;
            let first = self.at;
            let met = self.place.branches.map(Branches::count);
            let block = self.block()?;
            if let (Some(branches), Some(met), "literal") = (self.place.branches, met, directive.name.as_str()) {
                // It prints itself, and never runs.
                branches.forget(met);
            }
            directive.block = Some((block, Span { first, last: self.at - 1 }));
            self.take_end(token)?;
        }
        self.finish_directive(directive, nodes)
    }

    /// The token without its first character, or without `#{` and `}`.
    fn directive_name(&self, token: usize) -> String {
        let image = self.image(token);
        let cut = if self.tokens[token].kind == Kind::BracedWord { (2, 1) } else { (1, 0) };
        image.get(cut.0..image.len() - cut.1).unwrap_or_default().to_owned()
    }

    fn refuse(&self, token: usize, message: &str) -> Box<Error> {
        self.place.error(ErrorKind::Parse, self.offset(token), message.to_owned())
    }

    fn arguments(&mut self, directive: &mut Directive) -> Parsed<()> {
        self.skip(Kind::Whitespace)?;
        self.take(Kind::ParenOpen)?;
        while self.directive_argument_follows()? {
            self.skip(Kind::Whitespace)?;
            if self.skip(Kind::Comma)? {
                self.skip(Kind::Whitespace)?;
            }
            let kind = self.peek()?;
            let (expr, span) = match kind {
                Kind::ListOpen if self.range_follows()? => self.range()?,
                Kind::ListOpen => self.list()?,
                Kind::MapOpen => self.map()?,
                Kind::Identifier | Kind::CurlyOpen | Kind::Word | Kind::Quoted => self.simple(kind)?,
                Kind::Integer | Kind::Float | Kind::True | Kind::False => self.simple(kind)?,
                _ => return Err(self.unexpected("an argument")),
            };
            self.check_argument(directive, kind, span)?;
            directive.arguments.push((expr, span, kind));
        }
        self.skip(Kind::Whitespace)?;
        self.take(Kind::ParenClose)?;
        Ok(())
    }

    /// Bare words name a macro or stand between the parts of `#foreach`, nothing else.
    fn check_argument(&self, directive: &Directive, kind: Kind, span: Span) -> Parsed<()> {
        let position = directive.arguments.len();
        let names_macro = directive.name == "macro" && position == 0;
        if kind != Kind::Word {
            if names_macro {
                return Err(self.refuse(span.first, "the first argument of `#macro` must be a name without quotes"));
            }
            return Ok(());
        }
        let name = directive.name.as_str();
        let refused = if is_directive(name) {
            name != "foreach" || position != 1
        } else {
            !name.starts_with('@') && self.macros.is_defined(name)
        };
        if refused && !names_macro {
            let word = self.image(span.first);
            return Err(self.refuse(span.first, &format!("`{word}` is no argument for `#{}`", directive.name)));
        }
        Ok(())
    }

    fn finish_directive(&mut self, directive: Directive, nodes: &mut Nodes) -> Parsed<()> {
        match directive.name.as_str() {
            "foreach" => self.foreach(directive, nodes),
            "macro" => self.define_macro(directive)?,
            "literal" => self.literal_block(&directive, nodes),
            "evaluate" => self.evaluate(directive, nodes)?,
            "break" | "stop" => self.jump(directive, nodes),
            "define" => self.define(directive, nodes),
            "include" | "parse" => {
                let at = self.place.of(self.offset(directive.token));
                let name = if directive.name == "parse" { "parse" } else { "include" };
                let arguments = directive.arguments.into_iter().map(|(expr, ..)| expr).collect();
                nodes.push(Node::Include(Box::new(Include { name, arguments, at })));
            }
            _ => self.call(directive, nodes),
        }
        Ok(())
    }

    fn foreach(&mut self, directive: Directive, nodes: &mut Nodes) {
        let Some((block, span)) = directive.block else {
            let message = "`#foreach` needs `($element in $list)`".to_owned();
            return self.fail_later(ErrorKind::Render, directive.token, message);
        };
        let element = match directive.arguments.first() {
            Some((Expr::Reference(reference), ..)) => reference.root.slot,
            Some((_, span, _)) => self.without_first(span.first),
            None => self.without_first(span.first),
        };
        let offset = self.offset(directive.token);
        let at = self.place.of(offset);
        let ran = self.place.branch(BranchKind::Foreach, offset);
        let block = counted(ran.clone(), block);
        let parts = directive.arguments.into_iter().map(|(expr, ..)| Part::Expr(expr));
        let mut parts = parts.chain([Part::Block(block)]).skip(2);
        let (source, body) = (parts.next(), parts.next());
        let foreach = Arc::new(Foreach { element, source, body, at });
        nodes.push(match (ran, self.place.branch(BranchKind::EmptyForeach, offset)) {
            (Some(ran), Some(empty)) => Node::Counted(Box::new(CountedForeach { foreach, ran, empty })),
            _ => Node::Foreach(foreach),
        });
    }

    /// A name: the token without its first character.
    fn without_first(&mut self, index: usize) -> Slot {
        let mut chars = self.image(index).chars();
        chars.next();
        let name = Arc::from(chars.as_str());
        self.macros.names.meet(name).slot
    }

    fn define_macro(&mut self, directive: Directive) -> Parsed<()> {
        if directive.arguments.is_empty() {
            return Err(self.refuse(directive.token, "`#macro` needs a name as its first argument"));
        }
        let names = directive.arguments.iter().enumerate().map(|(position, (_, span, _))| {
            let image = self.image(span.first);
            let name = if position > 0 { image.strip_prefix('$').unwrap_or(image) } else { image };
            Arc::<str>::from(name)
        });
        let mut names: Vec<Arc<str>> = names.collect();
        let name = names.remove(0);
        self.macros.see(&name);
        let parameters = names.into_iter().map(|name| self.macros.names.meet(name)).collect();
        let body = directive.block.map(|(block, _)| block).unwrap_or_default();
        self.deferred.push(Deferred::Macro(Arc::new(Macro { name, parameters, body })));
        Ok(())
    }

    /// `#literal()`: what its first child looks like in the source.
    fn literal_block(&mut self, directive: &Directive, nodes: &mut Nodes) {
        let span = match (&directive.block, directive.arguments.first()) {
            (Some(_), Some((_, span, _))) => Some(*span),
            (Some((_, span)), None) if span.last >= span.first => Some(*span),
            _ => None,
        };
        match span {
            Some(span) => nodes.push_text(&self.literal(span)),
            None => self.fail_later(ErrorKind::Render, directive.token, "`#literal` needs a block".to_owned()),
        }
    }

    fn evaluate(&mut self, mut directive: Directive, nodes: &mut Nodes) -> Parsed<()> {
        let at = self.place.of(self.offset(directive.token));
        let source = match directive.arguments.pop() {
            Some((expr, ..)) if directive.arguments.is_empty() => expr,
            _ => {
                let message = "`#evaluate` needs exactly one argument".to_owned();
                self.fail_later(ErrorKind::Parse, directive.token, message);
                return Ok(());
            }
        };
        if !matches!(source, Expr::Text(_) | Expr::Interpolated(_) | Expr::Reference(_)) {
            let message = "`#evaluate` needs a string or a reference".to_owned();
            self.fail_later(ErrorKind::Parse, directive.token, message);
            return Ok(());
        }
        nodes.push(Node::Evaluate(Box::new(Evaluate { source, at })));
        Ok(())
    }

    fn jump(&mut self, mut directive: Directive, nodes: &mut Nodes) {
        if directive.arguments.len() > 1 {
            let message = format!("`#{}` takes one argument at most", directive.name);
            return self.fail_later(ErrorKind::Render, directive.token, message);
        }
        let at = self.place.of(self.offset(directive.token));
        let argument = directive.arguments.pop().map(|(expr, ..)| Box::new(expr));
        nodes.push(if directive.name == "break" { Node::Break(argument, at) } else { Node::Stop(argument) });
    }

    fn define(&mut self, directive: Directive, nodes: &mut Nodes) {
        let body = match directive.block {
            Some((block, _)) if directive.arguments.len() == 1 => block,
            _ => {
                let message = "`#define` needs one reference to define".to_owned();
                return self.fail_later(ErrorKind::Render, directive.token, message);
            }
        };
        let name = self.without_first(directive.arguments[0].1.first);
        nodes.push(Node::Define(Box::new(Define { name, body: Arc::new(body) })));
    }

    /// A call, of a macro that may be defined later on, or of none: then it prints itself.
    fn call(&mut self, directive: Directive, nodes: &mut Nodes) {
        let span = Span { first: directive.token, last: self.at - 1 };
        let literal: String = (span.first..=span.last).map(|index| self.image(index)).collect();
        let block_call = directive.name.starts_with('@');
        if block_call && directive.block.is_none() {
            return nodes.push_text(&format!("#{}", directive.name));
        }
        let bad_word = directive.arguments.iter().find(|(_, _, kind)| *kind == Kind::Word);
        let bad_word = bad_word.map(|(_, span, _)| Arc::from(self.image(span.first)));
        let name = if block_call { &directive.name[1..] } else { directive.name.as_str() };
        let at = self.place.of(self.offset(directive.token));
        let arguments = directive.arguments.into_iter();
        let arguments =
            arguments.map(|(expr, span, _)| Argument { expr, literal: Arc::from(self.literal(span)) }).collect();
        nodes.push(Node::Call(Arc::new(Call {
            name: Arc::from(name),
            arguments,
            body: directive.block.map(|(block, _)| Arc::new(block)),
            literal: Arc::from(literal),
            bad_word,
            at,
        })));
    }
}
