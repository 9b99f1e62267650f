//! References: looking them up, printing them, setting what they point to.

use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use super::ast::{AccessStep, MethodName, Reference, ReferenceKind, Shape};
use super::blocks::BlockReference;
use super::error::ErrorKind;
use super::eval::map_entry;
use super::foreach;
use super::machine::{Flow, Machine, Outcome};
use super::methods;
use super::names::Slot;
use super::scope::{Found, Frame};
use crate::value::{Exception, List, ListKind, Member, Text, Value, work};

impl Machine {
    /// The value of a reference; an unresolved one is the empty string, or null in stock Velocity.
    #[inline]
    pub(super) fn resolve(self: &Rc<Self>, reference: &Reference, frame: &Rc<Frame>) -> Outcome<Value> {
        self.step(reference.at)?;
        match self.found_at_once(reference, frame) {
            Some(value) => Ok(value),
            None => self.resolve_step_by_step(reference, frame),
        }
    }

    /// What a variable of the template itself holds, or a member of the map that it holds: as nearly all references ask for.
    #[inline]
    fn found_at_once(&self, reference: &Reference, frame: &Frame) -> Option<Value> {
        let Frame::Base(values) = frame else { return None };
        if reference.kind != ReferenceKind::Normal {
            return None;
        }
        let values = values.borrow();
        let value = values.get(reference.root.slot as usize)?;
        let found = match (reference.shape, value) {
            (Shape::Bare, value) => value.clone(),
            (Shape::Members, Value::Map(map)) => {
                let (taken, found) = map.follow(members(reference));
                if taken < reference.steps.len() {
                    return None;
                }
                found
            }
            (Shape::HasNext, value) => Value::Bool(foreach::has_next(value)?),
            _ => return None,
        };
        if matches!(found, Value::Null) { None } else { Some(found) }
    }

    fn resolve_step_by_step(self: &Rc<Self>, reference: &Reference, frame: &Rc<Frame>) -> Outcome<Value> {
        if reference.kind == ReferenceKind::Runt {
            return Ok(Value::Null);
        }
        let (mut value, mut taken) = match self.member_at_once(reference, frame) {
            Some((taken, member)) => (member, taken),
            None => (self.variable(reference.root.slot, frame)?, 0),
        };
        let mut holder = Value::Null;
        for step in &reference.steps[taken..] {
            if matches!(value, Value::Null) {
                break;
            }
            let next = self.take_step(&value, step, reference.at, frame)?;
            if matches!(next, Value::Null) && self.notes_empties() {
                holder = value;
            }
            value = next;
            taken += 1;
        }
        if matches!(value, Value::Null) {
            self.came_out_empty(reference, taken, &holder);
            return Ok(self.unresolved());
        }
        Ok(value)
    }

    /// How many of the first members it goes, where a variable holds a map.
    fn member_at_once(&self, reference: &Reference, frame: &Frame) -> Option<(usize, Value)> {
        let (Frame::Base(values), Some(AccessStep::Property(_))) = (frame, reference.steps.first()) else {
            return None;
        };
        match values.borrow().get(reference.root.slot as usize) {
            Some(Value::Map(map)) if !self.notes_empties() => Some(map.follow(members(reference))),
            _ => None,
        }
    }

    fn unresolved(&self) -> Value {
        // A text like any other: `#set` sets it, and `#if` takes it for true.
        if self.plain { Value::Null } else { Value::Str(Text::fixed("")) }
    }

    /// The value of a name.
    pub(super) fn variable(self: &Rc<Self>, name: Slot, frame: &Rc<Frame>) -> Outcome<Value> {
        match frame.find(name) {
            Found::Value(value) => Ok(value),
            // Velocity passes arguments by name: each use looks them up anew, with the names of whoever called.
            Found::Argument { call, index, caller } => self.deeper(call.at, || {
                self.step(call.at)?;
                match &call.arguments[index].expr {
                    // A bare name is looked up as it is: nothing stands in for an unresolved one here.
                    super::ast::Expr::Reference(inner) if inner.steps.is_empty() => {
                        self.variable(inner.root.slot, caller)
                    }
                    super::ast::Expr::Reference(inner) => self.resolve(inner, caller),
                    expr => self.value(expr, caller),
                }
            }),
        }
    }

    fn take_step(self: &Rc<Self>, value: &Value, step: &AccessStep, at: usize, frame: &Rc<Frame>) -> Outcome<Value> {
        match step {
            AccessStep::Property(name) => self.property(value, name.as_str(), at),
            AccessStep::Method(name, arguments) => match &arguments[..] {
                [] => self.call_method(value, name, &[], at),
                [argument] => {
                    let argument = self.value(argument, frame)?.settled();
                    self.call_method(value, name, &[argument], at)
                }
                arguments => {
                    let values = arguments.iter().map(|argument| self.value(argument, frame).map(Value::settled));
                    self.call_method(value, name, &values.collect::<Outcome<Vec<Value>>>()?, at)
                }
            },
            AccessStep::Index(index) => {
                let index = self.value(index, frame)?;
                let index = self.counted_from_end(index, value, at)?;
                self.call_method(value, &GET, &[index], at)
            }
        }
    }

    fn property(&self, value: &Value, name: &str, at: usize) -> Outcome<Value> {
        match value {
            Value::Map(map) => Ok(map_entry(map, name)),
            _ => self.answer(methods::property(value, name), at),
        }
    }

    fn call_method(&self, value: &Value, name: &MethodName, arguments: &[Value], at: usize) -> Outcome<Value> {
        let at_one_place = match value {
            // A sub-list looks at its list.
            Value::List(list) => name.of_list && list.kind() != ListKind::Sub,
            Value::Map(_) => name.of_map,
            _ => false,
        };
        let mut size = if at_one_place { 0 } else { weight(value) / 64 };
        if let (true, [others]) = (name.of_each, arguments) {
            size += (weight(value) / 24).saturating_mul(weight(others) / 24) / 10;
        }
        self.charge(size, arguments, at)?;
        // Paths and regular expressions count their own work while the method runs.
        let left = work::left();
        let answer = methods::call(value, &name.text, arguments);
        self.work((left - work::left()) as usize, at)?;
        let result = self.answer(answer, at)?;
        // Texts and lists that a method only hands out count as well: telling them apart costs more.
        match &result {
            Value::Str(text) => self.build(text.len() / 4, at)?,
            Value::List(list) if list.kind() == ListKind::Array => self.build(list.len() * 48, at)?,
            Value::List(list) => self.build(list.len() * 8, at)?,
            _ => {}
        }
        Ok(result)
    }

    /// Counts what a method may look through or copy: what its object has of that size, and its arguments.
    fn charge(&self, mut size: usize, arguments: &[Value], at: usize) -> Outcome<()> {
        for argument in arguments {
            let weight = weight(argument);
            size += weight / 64;
            // Elements of a collection may be added to another one.
            if matches!(argument, Value::List(_) | Value::Map(_) | Value::Object(_)) {
                self.build(weight, at)?;
            }
        }
        self.work(size, at)?;
        self.build(16, at)
    }

    fn answer(&self, answer: Option<Result<Value, Exception>>, at: usize) -> Outcome<Value> {
        self.raise_pending().map_err(wrapped)?;
        match answer {
            None => Ok(Value::Null),
            Some(Ok(value)) => Ok(value),
            Some(Err(exception)) => Err(self.thrown(at, &exception)),
        }
    }

    /// `$list[-1]` counts from the end.
    fn counted_from_end(&self, index: Value, value: &Value, at: usize) -> Outcome<Value> {
        let Value::Int(n) = index else { return Ok(index) };
        if n >= 0 {
            return Ok(index);
        }
        match self.answer(methods::call(value, "size", &[]), at)? {
            Value::Int(size) => Ok(Value::Int(size.wrapping_add(n))),
            _ => {
                let message = format!("`[{n}]` counts from the end, but {} has no size", methods::class(value));
                Err(self.error(ErrorKind::Render, at, message))
            }
        }
    }

    /// Writes what a reference stands for.
    pub(super) fn print_reference(
        self: &Rc<Self>,
        reference: &Reference,
        frame: &Rc<Frame>,
        out: &mut String,
    ) -> Outcome<()> {
        if reference.kind == ReferenceKind::Runt {
            out.push_str(&reference.root.text);
            return Ok(());
        }
        let value = self.resolve(reference, frame)?;
        if reference.escaped {
            out.push_str(&reference.escape_prefix);
            if matches!(value, Value::Null) {
                out.push('\\');
            }
            out.push_str(&self.null_text(reference, frame));
            return self.check_output(out, reference.at);
        }
        let printed = match BlockReference::of(&value) {
            // A block writes straight into the output, without what stands before the reference.
            Some(block) => {
                if block.render_into(self, frame, reference.at, out)? {
                    return Ok(());
                }
                false
            }
            None => !matches!(value, Value::Null),
        };
        if printed && reference.escape_prefix.is_empty() && reference.more_prefix.is_empty() {
            return self.print(&value, reference.at, out);
        }
        out.push_str(&reference.escape_prefix);
        if printed {
            out.push_str(&reference.more_prefix);
            return self.print(&value, reference.at, out);
        }
        out.push_str(&reference.escape_prefix);
        out.push_str(&reference.more_prefix);
        out.push_str(&self.null_text(reference, frame));
        self.check_output(out, reference.at)
    }

    /// What a reference without a value prints: inside a macro, what the caller wrote for it.
    fn null_text(&self, reference: &Reference, frame: &Rc<Frame>) -> Arc<str> {
        let given = reference.null_text.strip_prefix('$').and_then(|name| frame.argument_literal(name));
        given.unwrap_or_else(|| reference.null_text.clone())
    }

    /// `#set($root.steps = value)`; what cannot be set stays as it is.
    pub(super) fn assign(self: &Rc<Self>, target: &Reference, value: Value, frame: &Rc<Frame>) -> Outcome<()> {
        let (at, value) = (target.at, value.settled());
        let mut holder = self.variable(target.root.slot, frame)?;
        let Some((last, steps)) = target.steps.split_last() else { return Ok(()) };
        for step in steps {
            if matches!(holder, Value::Null) {
                return Ok(());
            }
            holder = self.take_step(&holder, step, at, frame)?;
        }
        if matches!(holder, Value::Null) {
            return Ok(());
        }
        match last {
            AccessStep::Property(name) => self.set_property(&holder, name.as_str(), value, at),
            // As the original: the property is named like the method.
            AccessStep::Method(name, _) => self.set_property(&holder, &name.text, value, at),
            AccessStep::Index(index) => {
                let index = self.value(index, frame)?;
                let index = self.counted_from_end(index, &holder, at)?;
                self.set_index(&holder, index, value, at)
            }
        }
    }

    fn set_property(&self, holder: &Value, name: &str, value: Value, at: usize) -> Outcome<()> {
        match holder {
            Value::Map(map) => {
                self.build(64, at)?;
                if let Some(exception) = methods::refuses_change(holder) {
                    return Err(self.thrown(at, &exception));
                }
                let mut entries = map.entries().borrow_mut();
                if let Some(slot) = entries.get_mut(&crate::value::StrKey(name)) {
                    *slot = value;
                    return Ok(());
                }
                drop(entries);
                map.insert(Value::from(name), value);
            }
            Value::Object(object) => {
                object.set(name, &value);
            }
            _ => {}
        }
        Ok(())
    }

    fn set_index(&self, holder: &Value, index: Value, value: Value, at: usize) -> Outcome<()> {
        let arguments = [index, value];
        let is_list = matches!(holder, Value::List(list) if list.kind() != ListKind::Sub);
        self.charge(if is_list { 0 } else { weight(holder) / 64 }, &arguments, at)?;
        self.build(64, at)?;
        let name = match (holder, &arguments[0]) {
            (Value::List(List { .. }), _) => "set",
            _ => "put",
        };
        self.answer(methods::call(holder, name, &arguments), at)?;
        Ok(())
    }
}

/// What `$object[key]` calls.
static GET: LazyLock<MethodName> = LazyLock::new(|| MethodName::new("get", 1));

/// The members that a reference asks for first.
#[inline(always)]
fn members(reference: &Reference) -> impl Iterator<Item = &Member> {
    reference.steps.iter().map_while(|step| match step {
        AccessStep::Property(name) => Some(name),
        _ => None,
    })
}

/// About how many bytes a value holds, not looking into its elements.
pub(super) fn weight(value: &Value) -> usize {
    match value {
        Value::Str(text) => text.len(),
        Value::List(list) => list.len() * 24,
        Value::Map(map) => map.len() * 64,
        Value::Object(object) => object.weight(),
        _ => 0,
    }
}

/// What fails inside a method fails the template, even when it is about reading one.
pub(super) fn wrapped(flow: Flow) -> Flow {
    match flow {
        Flow::Error(mut error) if error.kind == ErrorKind::Parse => {
            error.kind = ErrorKind::Render;
            Flow::Error(error)
        }
        flow => flow,
    }
}
