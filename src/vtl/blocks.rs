//! `#define` and calls of macros.

use std::any::Any;
use std::cell::Cell;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use super::ast::{Block, Call, Define};
use super::error::ErrorKind;
use super::machine::{Flow, Machine, Outcome};
use super::names::BODY;
use super::scope::{Frame, MacroFrame};
use crate::value::{Object, Value};

/// Velocity's `velocimacro.max.depth`.
const MACRO_DEPTH: usize = 20;
/// Velocity's `directive.define.max.depth`.
const DEFINE_DEPTH: u32 = 2;

impl Machine {
    /// `#define`: the block renders when the name is used.
    pub(super) fn define(self: &Rc<Self>, define: &Define, frame: &Rc<Frame>) {
        let block = BlockReference::new(self, define.body.clone(), frame, DEFINE_DEPTH);
        frame.set(define.name, Value::Object(Rc::new(block)));
    }

    /// A call; one of an unknown macro prints itself.
    pub(super) fn call(self: &Rc<Self>, call: &Arc<Call>, frame: &Rc<Frame>, out: &mut String) -> Outcome<()> {
        self.step(call.at)?;
        let definition = self.macro_named(&call.name);
        let Some(definition) = definition else {
            out.push_str(&call.literal);
            return self.check_output(out, call.at);
        };
        if let Some(word) = &call.bad_word {
            let message = format!("`{word}` is no argument for the macro `#{}`", call.name);
            return Err(self.error(ErrorKind::Parse, call.at, message));
        }
        self.build(256, call.at)?;
        let inner = MacroFrame::new(frame.clone(), definition.clone(), call.clone());
        for (parameter, argument) in definition.parameters.iter().zip(&call.arguments) {
            if argument.expr.is_constant() {
                inner.set_local(parameter.slot, self.value(&argument.expr, frame)?);
            }
        }
        if let Some(body) = &call.body {
            let block = BlockReference::new(self, body.clone(), frame, MACRO_DEPTH as u32);
            inner.set_local(BODY, Value::Object(Rc::new(block)));
        }
        if self.macro_depth.get() == MACRO_DEPTH {
            self.macro_depth.set(0);
            let message = format!("more than {MACRO_DEPTH} calls of macros inside each other, at `#{}`", call.name);
            return Err(self.error(ErrorKind::Render, call.at, message));
        }
        self.macro_depth.set(self.macro_depth.get() + 1);
        match self.render(&definition.body, &Rc::new(Frame::Macro(inner)), out) {
            // Velocity forgets to count the call down here, so twenty of these are one too many.
            Err(Flow::Break) => Ok(()),
            Ok(()) => {
                self.macro_depth.set(self.macro_depth.get().saturating_sub(1));
                Ok(())
            }
            stopped => stopped,
        }
    }
}

/// What `$name` holds after `#define($name)`.
pub(super) struct BlockReference {
    machine: Weak<Machine>,
    block: Arc<Block>,
    /// The frame of the definition: `toString()` renders there, a reference where it stands.
    frame: Weak<Frame>,
    depth: Cell<u32>,
    most: u32,
}

impl BlockReference {
    fn new(machine: &Rc<Machine>, block: Arc<Block>, frame: &Rc<Frame>, most: u32) -> BlockReference {
        machine.capture(frame);
        BlockReference {
            machine: Rc::downgrade(machine),
            block,
            frame: Rc::downgrade(frame),
            depth: Cell::new(0),
            most,
        }
    }

    /// The block, if the value is one.
    pub(super) fn of(value: &Value) -> Option<&BlockReference> {
        match value {
            Value::Object(object) => object.as_any()?.downcast_ref(),
            _ => None,
        }
    }

    /// Renders the block; gives false when it is inside itself too often.
    pub(super) fn render_into(
        &self,
        machine: &Rc<Machine>,
        frame: &Rc<Frame>,
        at: usize,
        out: &mut String,
    ) -> Outcome<bool> {
        if self.depth.get() >= self.most {
            return Ok(false);
        }
        self.depth.set(self.depth.get() + 1);
        match machine.inner_block(&self.block, at, frame, out) {
            Ok(()) | Err(Flow::Break) => {}
            // As in Velocity, a block that something else stopped stays counted.
            Err(flow) => return Err(flow),
        }
        self.depth.set(self.depth.get() - 1);
        Ok(true)
    }

    /// Whether `toString()` gives a text: it renders the block to find out.
    pub(super) fn prints(&self, at: usize) -> Outcome<bool> {
        match (self.machine.upgrade(), self.frame.upgrade()) {
            (Some(machine), Some(frame)) => self.render_into(&machine, &frame, at, &mut String::new()),
            _ => Ok(false),
        }
    }
}

impl Object for BlockReference {
    fn class(&self) -> &'static str {
        "Block$Reference"
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, crate::value::Exception>> {
        match (name, arguments) {
            ("toString", []) => {
                let mut text = String::new();
                self.print(&mut text);
                Some(Ok(Value::from(text)))
            }
            _ => None,
        }
    }

    fn print(&self, out: &mut String) {
        let (Some(machine), Some(frame)) = (self.machine.upgrade(), self.frame.upgrade()) else { return };
        match self.render_into(&machine, &frame, 0, out) {
            Ok(true) => {}
            Ok(false) => out.push_str("null"),
            Err(flow) => machine.set_pending(flow),
        }
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}
