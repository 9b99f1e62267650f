//! Walks the tree and writes the output.

use std::rc::Rc;

use super::ast::{Block, CountedForeach, Evaluate, Expr, If, Include, Node, Part, Set};
use super::error::ErrorKind;
use super::foreach::foreach_id;
use super::machine::{Flow, Machine, Outcome};
use super::parser;
use super::scope::Frame;
use crate::value::{Text, Value};

impl Machine {
    /// Renders nodes one after the other.
    pub(super) fn render(self: &Rc<Self>, block: &Block, frame: &Rc<Frame>, out: &mut String) -> Outcome<()> {
        for node in block {
            self.node(node, frame, out)?;
        }
        Ok(())
    }

    fn node(self: &Rc<Self>, node: &Node, frame: &Rc<Frame>, out: &mut String) -> Outcome<()> {
        match node {
            Node::Text(text) => {
                self.step(0)?;
                out.push_str(text);
                self.check_output(out, 0)
            }
            Node::Reference(reference) => self.print_reference(reference, frame, out),
            Node::Set(set) => self.set(set, frame),
            Node::If(branches) => self.choose(branches, frame, out),
            Node::Foreach(foreach) => self.deeper(foreach.at, || self.foreach(foreach, frame, out)),
            Node::Define(define) => {
                self.define(define, frame);
                Ok(())
            }
            Node::Evaluate(evaluate) => self.deeper(evaluate.at, || self.evaluate(evaluate, frame, out)),
            Node::Call(call) => self.deeper(call.at, || self.call(call, frame, out)),
            Node::Break(None, _) => Err(Flow::Break),
            Node::Break(Some(target), at) => self.break_from(target, *at, frame),
            Node::Stop(message) => {
                if let Some(message) = message {
                    self.value(message, frame)?;
                }
                Err(Flow::Stop)
            }
            Node::Include(include) => self.include(include, frame),
            Node::Taken(hits) => {
                hits.add();
                Ok(())
            }
            Node::Counted(counted) => self.counted(counted, frame, out),
        }
    }

    /// A loop whose body counts its rounds.
    fn counted(self: &Rc<Self>, counted: &CountedForeach, frame: &Rc<Frame>, out: &mut String) -> Outcome<()> {
        let CountedForeach { foreach, ran, empty } = counted;
        let before = ran.get();
        self.deeper(foreach.at, || self.foreach(foreach, frame, out))?;
        if ran.get() == before {
            empty.add();
        }
        Ok(())
    }

    /// Renders a block one level deeper.
    pub(super) fn inner_block(
        self: &Rc<Self>,
        block: &Block,
        at: usize,
        frame: &Rc<Frame>,
        out: &mut String,
    ) -> Outcome<()> {
        self.deeper(at, || self.render(block, frame, out))
    }

    /// Renders what stands where a block should.
    pub(super) fn part(self: &Rc<Self>, part: &Part, at: usize, frame: &Rc<Frame>, out: &mut String) -> Outcome<()> {
        match part {
            Part::Block(block) => self.inner_block(block, at, frame, out),
            Part::Expr(Expr::Reference(reference)) => self.print_reference(reference, frame, out),
            Part::Expr(_) => Ok(()),
        }
    }

    fn set(self: &Rc<Self>, set: &Set, frame: &Rc<Frame>) -> Outcome<()> {
        self.step(set.target.at)?;
        let value = self.value(&set.value, frame)?;
        // Velocity leaves the target as it is when there is no value.
        if matches!(value, Value::Null) {
            return Ok(());
        }
        if set.target.steps.is_empty() {
            frame.set(set.name, value);
            return Ok(());
        }
        self.assign(&set.target, value, frame)
    }

    fn choose(self: &Rc<Self>, branches: &If, frame: &Rc<Frame>, out: &mut String) -> Outcome<()> {
        self.step(0)?;
        for (condition, block) in &branches.branches {
            if self.truth(condition, frame)? {
                return self.inner_block(block, 0, frame, out);
            }
        }
        match &branches.otherwise {
            Some(block) => self.inner_block(block, 0, frame, out),
            None => Ok(()),
        }
    }

    fn evaluate(self: &Rc<Self>, evaluate: &Evaluate, frame: &Rc<Frame>, out: &mut String) -> Outcome<()> {
        let at = evaluate.at;
        let text = match self.value(&evaluate.source, frame)? {
            Value::Null => Text::from(""),
            value => self.text(&value, at)?,
        };
        // Reading costs about as much as so many steps.
        self.work(text.len(), at)?;
        self.build(text.len() * 4, at)?;
        let parsed = self.read_with_macros(frame, |macros| {
            parser::parse_evaluated(&text, self.source(), at, self.depth(), macros, &self.limits)
        });
        let block = parsed.map_err(|error| Flow::Error(Box::new(error)))?;
        match self.render(&block, frame, out) {
            // The text is a template of its own: what ends a template ends no more than it.
            Err(Flow::Break | Flow::Stop) => Ok(()),
            outcome => outcome,
        }
    }

    fn break_from(self: &Rc<Self>, target: &Expr, at: usize, frame: &Rc<Frame>) -> Outcome<()> {
        let target = self.value(target, frame)?;
        match foreach_id(&target) {
            Some(id) => Err(Flow::BreakFrom(id)),
            None => Err(self.error(ErrorKind::Render, at, "`#break` takes a scope such as `$foreach`")),
        }
    }

    fn include(self: &Rc<Self>, include: &Include, frame: &Rc<Frame>) -> Outcome<()> {
        let Include { name, arguments, at } = include;
        let (name, at) = (*name, *at);
        let Some(first) = arguments.first() else {
            return match name {
                "parse" => Err(self.error(ErrorKind::Render, at, "`#parse` needs an argument")),
                _ => Ok(()),
            };
        };
        let value = self.value(first, frame)?;
        if name == "parse" && matches!(value, Value::Null) {
            return Ok(());
        }
        let what = self.text(&value, at)?;
        Err(self.error(ErrorKind::Render, at, format!("`#{name}` has no resource `{what}` to read")))
    }
}

/// The property of a map that a name reads.
pub(super) fn map_entry(map: &crate::value::Map, name: &str) -> Value {
    map.get(name).unwrap_or(Value::Null)
}
