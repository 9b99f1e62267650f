//! Variables: the host's and the template's at the bottom, one frame per macro call above them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use super::ast::{Call, Macro};
use super::macros::Macros;
use super::names::Slot;
use crate::value::{Text, Value};

/// The variables of one render: set what the template shall see, read what it has set.
pub struct Scope {
    /// What a render finds, but for what the last one has left.
    given: Vec<(Text, Value)>,
    left: Option<Left>,
    plain: bool,
}

/// What a render has left, and the names of it.
struct Left {
    macros: Arc<Macros>,
    values: Vec<Value>,
}

impl Scope {
    /// No variables yet; an unresolved reference is the empty string, as API Gateway has it.
    pub fn new() -> Scope {
        Scope { given: Vec::new(), left: None, plain: false }
    }

    /// As [`Scope::new`], with stock Velocity's unresolved references: null, and printed as they are written.
    pub fn plain() -> Scope {
        Scope { plain: true, ..Scope::new() }
    }

    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: Value) {
        self.set_named(Text::from(name), value);
    }

    /// Sets a variable whose name is at hand.
    pub(crate) fn set_named(&mut self, name: Text, value: Value) {
        self.give_back();
        match self.given.iter_mut().find(|(given, _)| **given == *name) {
            Some((_, slot)) => *slot = value,
            None => self.given.push((name, value)),
        }
    }

    /// The variable of that name.
    pub fn get(&self, name: &str) -> Option<Value> {
        if let Some(Left { macros, values }) = &self.left
            && let Some(value) = macros.names.find(name).and_then(|slot| values.get(slot as usize))
        {
            return Some(value.clone()).filter(|value| !matches!(value, Value::Null));
        }
        self.given.iter().find(|(given, _)| **given == *name).map(|(_, value)| value.clone())
    }

    /// What the last render has left is what the next one finds.
    fn give_back(&mut self) {
        let Some(Left { macros, mut values }) = self.left.take() else { return };
        for (name, slot) in macros.names.all() {
            if let Some(value) = values.get_mut(slot as usize).filter(|value| !matches!(value, Value::Null)) {
                self.given.push((Text::from(name.clone()), std::mem::take(value)));
            }
        }
    }

    /// The frame of a render of a template with these names. What has no number yet stays among what is given.
    pub(super) fn open(&mut self, macros: &Macros) -> Rc<Frame> {
        self.give_back();
        let frame = Frame::Base(RefCell::new(vec![Value::Null; macros.names.count()]));
        frame.give_all(&mut self.given, macros);
        Rc::new(frame)
    }

    /// What has no number yet: the render holds it, as `#evaluate` may ask for it.
    pub(super) fn take_given(&mut self) -> Vec<(Text, Value)> {
        std::mem::take(&mut self.given)
    }

    /// The render is over.
    pub(super) fn close(&mut self, frame: &Frame, macros: Arc<Macros>, given: Vec<(Text, Value)>) {
        self.given = given;
        if let Frame::Base(values) = frame {
            self.left = Some(Left { macros, values: values.take() });
        }
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
    /// The variables of the render, by their numbers.
    Base(RefCell<Vec<Value>>),
    /// One call of a macro.
    Macro(MacroFrame),
    /// A loop whose element is null: the loop's name is null whatever outer frames say.
    NullElement { inner: Rc<Frame>, name: Slot, active: Cell<bool> },
}

/// The names that one call of a macro adds.
pub(super) struct MacroFrame {
    pub inner: Rc<Frame>,
    pub definition: Arc<Macro>,
    pub call: Arc<Call>,
    local: RefCell<Vec<(Slot, Value)>>,
    /// Parameters that `remove` has taken away again.
    removed: RefCell<Vec<Slot>>,
}

/// What a name stands for.
pub(super) enum Found<'a> {
    Value(Value),
    /// An argument of a macro's call, to be evaluated in the frame of the caller.
    Argument {
        call: &'a Call,
        index: usize,
        caller: &'a Rc<Frame>,
    },
}

impl MacroFrame {
    pub(super) fn new(inner: Rc<Frame>, definition: Arc<Macro>, call: Arc<Call>) -> MacroFrame {
        MacroFrame { inner, definition, call, local: RefCell::default(), removed: RefCell::default() }
    }

    /// Sets a name in this frame only.
    pub(super) fn set_local(&self, name: Slot, value: Value) {
        let mut local = self.local.borrow_mut();
        match local.iter_mut().find(|(slot, _)| *slot == name) {
            Some((_, before)) => *before = value,
            None => local.push((name, value)),
        }
    }

    /// The argument that a parameter of that name takes by name.
    fn argument(&self, name: Slot) -> Option<usize> {
        let position = self.definition.parameters.iter().rposition(|p| p.slot == name)?;
        self.is_by_name(position).then_some(position)
    }

    fn is_by_name(&self, position: usize) -> bool {
        self.call.arguments.get(position).is_some_and(|argument| !argument.expr.is_constant())
    }
}

impl Frame {
    /// Looks a name up.
    pub(super) fn find(&self, name: Slot) -> Found<'_> {
        match self {
            Frame::Base(values) => Found::Value(values.borrow().get(name as usize).cloned().unwrap_or_default()),
            Frame::Macro(frame) => {
                if let Some((_, value)) = frame.local.borrow().iter().find(|(slot, _)| *slot == name)
                    && !matches!(value, Value::Null)
                {
                    return Found::Value(value.clone());
                }
                match frame.argument(name) {
                    Some(index) if !frame.removed.borrow().contains(&name) => {
                        Found::Argument { call: &frame.call, index, caller: &frame.inner }
                    }
                    _ => frame.inner.find(name),
                }
            }
            Frame::NullElement { inner, name: element, active } => {
                if active.get() && *element == name {
                    Found::Value(Value::Null)
                } else {
                    inner.find(name)
                }
            }
        }
    }

    /// Sets a name here and in every frame below.
    pub(super) fn set(&self, name: Slot, value: Value) {
        match self {
            Frame::Base(values) => {
                let mut values = values.borrow_mut();
                let at = name as usize;
                // Names that `#evaluate` brings come last.
                if at >= values.len() {
                    values.resize(at + 1, Value::Null);
                }
                let before = std::mem::replace(&mut values[at], value);
                // Letting go of what it held may take long, and needs no variables.
                drop(values);
                drop(before);
            }
            Frame::Macro(frame) => {
                frame.set_local(name, value.clone());
                frame.inner.set(name, value);
            }
            Frame::NullElement { inner, name: element, active } => {
                if *element == name && matches!(value, Value::Null) {
                    active.set(true);
                }
                inner.set(name, value);
            }
        }
    }

    /// Sets a name that nobody has set yet, at the bottom.
    fn give(&self, name: Slot, value: Value) {
        match self {
            Frame::Base(_) => self.set(name, value),
            Frame::Macro(MacroFrame { inner, .. }) | Frame::NullElement { inner, .. } => inner.give(name, value),
        }
    }

    /// Gives those a place whose names have a number by now.
    pub(super) fn give_all(&self, given: &mut Vec<(Text, Value)>, macros: &Macros) {
        given.retain_mut(|(name, value)| match macros.names.find(name) {
            Some(slot) => {
                self.give(slot, std::mem::take(value));
                false
            }
            None => true,
        });
    }

    /// Removes a name here and in every frame below.
    pub(super) fn remove(&self, name: Slot) {
        match self {
            Frame::Base(_) => self.set(name, Value::Null),
            Frame::Macro(frame) => {
                frame.local.borrow_mut().retain(|(slot, _)| *slot != name);
                frame.removed.borrow_mut().push(name);
                frame.inner.remove(name);
            }
            Frame::NullElement { inner, name: element, active } => {
                if *element == name {
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
            Frame::Macro(frame) => {
                let position = frame.definition.parameters.iter().rposition(|p| *p.text == *name);
                match position.filter(|position| frame.is_by_name(*position)) {
                    Some(index) => Some(frame.call.arguments[index].literal.clone()),
                    None => frame.inner.argument_literal(name),
                }
            }
            Frame::NullElement { inner, .. } => inner.argument_literal(name),
        }
    }
}
