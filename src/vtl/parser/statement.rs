//! Statements: references, `#set`, `#if` and what else can stand in a block.

use std::sync::Arc;

use super::super::ast::{Block, Expr, If, Node, Set};
use super::super::branch::{BranchKind, Hits};
use super::super::token::Kind;
use super::tokens::{Nodes, Parsed, Parser};

impl Parser<'_, '_> {
    /// Statements, up to what none begins with.
    pub(super) fn block(&mut self) -> Parsed<Block> {
        let mut nodes = Nodes::default();
        while let Some(kind) = self.statement_kind()? {
            self.statement(kind, &mut nodes)?;
        }
        Ok(nodes.finish())
    }

    pub(super) fn statement_kind(&mut self) -> Parsed<Option<Kind>> {
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
    pub(super) fn take_end(&mut self, opened: usize) -> Parsed<()> {
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
        let mut branches = vec![self.branch(BranchKind::If)?];
        while self.skip(Kind::ElseIf)? {
            branches.push(self.branch(BranchKind::ElseIf)?);
        }
        let otherwise = if self.skip(Kind::Else)? {
            let hits = self.place.branch(BranchKind::Else, self.offset(self.at - 1));
            Some(counted(hits, self.block()?))
        } else {
            self.place.branch(BranchKind::NoArm, self.offset(opened)).map(|hits| vec![Node::Taken(hits)])
        };
        self.take_end(opened)?;
        Ok(Node::If(Box::new(If { branches, otherwise })))
    }

    /// After the token that begins it.
    fn branch(&mut self, kind: BranchKind) -> Parsed<(Expr, Block)> {
        let hits = self.place.branch(kind, self.offset(self.at - 1));
        self.skip(Kind::Whitespace)?;
        self.take(Kind::ParenOpen)?;
        let condition = self.expression()?.0;
        self.take(Kind::ParenClose)?;
        Ok((condition, counted(hits, self.block()?)))
    }

    fn set_statement(&mut self) -> Parsed<Node> {
        self.take(Kind::Set)?;
        self.skip(Kind::Whitespace)?;
        if !matches!(self.peek()?, Kind::Identifier | Kind::CurlyOpen) {
            return Err(self.unexpected("a reference to set"));
        }
        let (target, span) = self.reference()?;
        let name = Arc::from(self.image(span.first).get(1..).unwrap_or_default());
        let name = self.macros.names.meet(name).slot;
        self.skip(Kind::Whitespace)?;
        self.take(Kind::Assign)?;
        let value = self.expression()?.0;
        self.take(Kind::ParenClose)?;
        // As the grammar's own action does it: up to here the lexer took numbers and strings for parts of the `#set`.
        self.lexer.in_set = false;
        Ok(Node::Set(Box::new(Set { target, name, value })))
    }
}

/// A block that counts when it runs, if it is counted.
pub(super) fn counted(hits: Option<Hits>, mut block: Block) -> Block {
    if let Some(hits) = hits {
        block.insert(0, Node::Taken(hits));
    }
    block
}
