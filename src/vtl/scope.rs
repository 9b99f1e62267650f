//! Variables: the host's and the template's at the bottom, one frame per macro call above them.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use super::ast::{Call, Macro};
use crate::value::Value;

type Variables = HashMap<Arc<str>, Value, FxBuildHasher>;

/// How many variables most templates have.
const USUAL: usize = 6;

/// The variables of one render: set what the template shall see, read what it has set.
pub struct Scope {
    base: Rc<Frame>,
    plain: bool,
}

impl Scope {
    /// No variables yet; an unresolved reference is the empty string, as API Gateway has it.
    pub fn new() -> Scope {
        let variables = Variables::with_capacity_and_hasher(USUAL, FxBuildHasher);
        Scope { base: Rc::new(Frame::Base(RefCell::new(variables))), plain: false }
    }

    /// As [`Scope::new`], with stock Velocity's unresolved references: null, and printed as they are written.
    pub fn plain() -> Scope {
        Scope { plain: true, ..Scope::new() }
    }

    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: Value) {
        self.set_named(Arc::from(name), value);
    }

    /// Sets a variable whose name is at hand.
    pub(crate) fn set_named(&mut self, name: Arc<str>, value: Value) {
        self.base.set_here(name, value);
    }

    /// The variable of that name.
    pub fn get(&self, name: &str) -> Option<Value> {
        match &*self.base {
            Frame::Base(variables) => variables.borrow().get(name).cloned(),
            _ => None,
        }
    }

    pub(super) fn base(&self) -> &Rc<Frame> {
        &self.base
    }

    pub(super) fn is_plain(&self) -> bool {
        self.plain
    }
}

impl Default for Scope {
    fn default() -> Scope {
        Scope::new()
    }
}

/// Where names are looked up: Velocity's chain of contexts.
pub(super) enum Frame {
    /// The variables of the render.
    Base(RefCell<Variables>),
    /// One call of a macro.
    Macro(MacroFrame),
    /// A loop whose element is null: the loop's name is null whatever outer frames say.
    NullElement { inner: Rc<Frame>, name: Arc<str>, active: Cell<bool> },
}

/// The names that one call of a macro adds.
pub(super) struct MacroFrame {
    pub inner: Rc<Frame>,
    pub definition: Arc<Macro>,
    pub call: Arc<Call>,
    local: RefCell<Variables>,
    /// Parameters that `remove` has taken away again.
    removed: RefCell<Vec<Arc<str>>>,
}

/// What a name stands for.
pub(super) enum Found {
    Value(Value),
    /// An argument of a macro's call, to be evaluated in the frame of the caller.
    Argument {
        call: Arc<Call>,
        index: usize,
        caller: Rc<Frame>,
    },
}

impl MacroFrame {
    pub(super) fn new(inner: Rc<Frame>, definition: Arc<Macro>, call: Arc<Call>) -> MacroFrame {
        MacroFrame { inner, definition, call, local: RefCell::default(), removed: RefCell::default() }
    }

    /// Sets a name in this frame only.
    pub(super) fn set_local(&self, name: Arc<str>, value: Value) {
        self.local.borrow_mut().insert(name, value);
    }

    /// The argument that a parameter of that name takes by name.
    fn argument(&self, name: &str) -> Option<usize> {
        let position = self.definition.parameters.iter().rposition(|p| **p == *name)?;
        self.call.arguments.get(position).filter(|a| !a.expr.is_constant())?;
        Some(position)
    }
}

impl Frame {
    /// Looks a name up.
    pub(super) fn find(&self, name: &str) -> Found {
        match self {
            Frame::Base(variables) => Found::Value(variables.borrow().get(name).cloned().unwrap_or(Value::Null)),
            Frame::Macro(frame) => {
                if let Some(value) = frame.local.borrow().get(name)
                    && !matches!(value, Value::Null)
                {
                    return Found::Value(value.clone());
                }
                match frame.argument(name) {
                    Some(index) if !frame.removed.borrow().iter().any(|r| **r == *name) => {
                        Found::Argument { call: frame.call.clone(), index, caller: frame.inner.clone() }
                    }
                    _ => frame.inner.find(name),
                }
            }
            Frame::NullElement { inner, name: element, active } => {
                if active.get() && **element == *name {
                    Found::Value(Value::Null)
                } else {
                    inner.find(name)
                }
            }
        }
    }

    /// Sets a name here and in every frame below.
    pub(super) fn set(&self, name: &Arc<str>, value: &Value) {
        match self {
            Frame::Base(_) => self.set_here(name.clone(), value.clone()),
            Frame::Macro(frame) => {
                frame.set_local(name.clone(), value.clone());
                frame.inner.set(name, value);
            }
            Frame::NullElement { inner, name: element, active } => {
                if element == name && matches!(value, Value::Null) {
                    active.set(true);
                }
                inner.set(name, value);
            }
        }
    }

    fn set_here(&self, name: Arc<str>, value: Value) {
        if let Frame::Base(variables) = self {
            variables.borrow_mut().insert(name, value);
        }
    }

    /// Removes a name here and in every frame below.
    pub(super) fn remove(&self, name: &Arc<str>) {
        match self {
            Frame::Base(variables) => {
                variables.borrow_mut().remove(name);
            }
            Frame::Macro(frame) => {
                frame.local.borrow_mut().remove(name);
                frame.removed.borrow_mut().push(name.clone());
                frame.inner.remove(name);
            }
            Frame::NullElement { inner, name: element, active } => {
                if element == name {
                    active.set(false);
                }
                inner.remove(name);
            }
        }
    }

    /// How the caller wrote the argument that `$name` stands for.
    pub(super) fn argument_literal(&self, name: &str) -> Option<Arc<str>> {
        match self {
            Frame::Base(_) => None,
            Frame::Macro(frame) => match frame.argument(name) {
                Some(index) => Some(frame.call.arguments[index].literal.clone()),
                None => frame.inner.argument_literal(name),
            },
            Frame::NullElement { inner, .. } => inner.argument_literal(name),
        }
    }
}
