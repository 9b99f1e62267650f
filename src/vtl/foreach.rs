//! `#foreach`, and what `$foreach` shows.

use std::any::Any;
use std::cell::{Cell, OnceCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;

use super::ast::{Foreach, Part};
use super::error::ErrorKind;
use super::machine::{Flow, Machine, Outcome};
use super::methods::{self, Walk};
use super::names::{FOREACH, LOOP_COUNT, LOOP_HAS_NEXT, Slot};
use super::scope::{Found, Frame};
use crate::value::{Entries, Exception, Map, MapKind, Object, Value, let_go};

impl Machine {
    pub(super) fn foreach(self: &Rc<Self>, foreach: &Arc<Foreach>, frame: &Rc<Frame>, out: &mut String) -> Outcome<()> {
        self.step(foreach.at)?;
        let source = match &foreach.source {
            Some(Part::Expr(expr)) => self.value(expr, frame)?,
            Some(Part::Block(_)) => Value::Null,
            None => return Err(self.error(ErrorKind::Render, foreach.at, "`#foreach` needs `($element in $list)`")),
        };
        let Some(walk) = methods::walk(&source) else { return Ok(()) };
        let Some(body) = &foreach.body else {
            return Err(self.error(ErrorKind::Render, foreach.at, "`#foreach` needs `($element in $list)`"));
        };
        let set = if self.sets_loop_names { 3 } else { 1 };
        let set = &[foreach.element, LOOP_COUNT, LOOP_HAS_NEXT][..set];
        // After the loop its names hold what they held before, so that loops of one name may nest.
        let mut saved = [Value::Null, Value::Null, Value::Null];
        for (name, saved) in set.iter().zip(&mut saved) {
            *saved = self.variable(*name, frame)?;
        }
        let scope = ForeachScope::new(Arc::as_ptr(foreach) as usize, self.variable(FOREACH, frame)?);
        frame.set(FOREACH, Value::Object(scope.clone()));
        let outcome = self.rounds(foreach, body, walk, &scope, frame, out);
        match outcome {
            Ok(()) | Err(Flow::Break | Flow::BreakFrom(_) | Flow::Stop) => {}
            Err(error) => return Err(error),
        }
        for (name, value) in set.iter().zip(saved) {
            restore(*name, value, frame);
        }
        self.leave_scope(foreach.at, frame)?;
        match outcome {
            Err(Flow::Break) => Ok(()),
            Err(Flow::BreakFrom(id)) if id == scope.id => Ok(()),
            outcome => outcome,
        }
    }

    fn rounds(
        self: &Rc<Self>,
        foreach: &Foreach,
        body: &Part,
        mut walk: Walk,
        scope: &ForeachScope,
        frame: &Rc<Frame>,
        out: &mut String,
    ) -> Outcome<()> {
        // Stock Velocity has no such limit.
        let most = if self.plain { usize::MAX } else { self.limits.loop_rounds };
        let mut without_element: Option<Rc<Frame>> = None;
        let mut round = 0;
        while round < most && walk.has_next() {
            self.step(foreach.at)?;
            round += 1;
            if self.sets_loop_names {
                frame.set(LOOP_COUNT, Value::Int(round as i32));
            }
            let value = walk.next().map_err(|exception| self.thrown(foreach.at, &exception))?;
            let more = walk.has_next();
            if self.sets_loop_names {
                frame.set(LOOP_HAS_NEXT, Value::Bool(more));
            }
            let is_null = matches!(value, Value::Null);
            frame.set(foreach.element, value);
            scope.index.set(scope.index.get() + 1);
            scope.has_next.set(more);
            if is_null {
                let inner = without_element.get_or_insert_with(|| {
                    Rc::new(Frame::NullElement { inner: frame.clone(), name: foreach.element, active: Cell::new(true) })
                });
                self.part(body, foreach.at, &inner.clone(), out)?;
            } else {
                self.part(body, foreach.at, frame, out)?;
            }
        }
        Ok(())
    }

    /// Gives `$foreach` back to the loop around this one, or to whatever it was.
    fn leave_scope(self: &Rc<Self>, at: usize, frame: &Rc<Frame>) -> Outcome<()> {
        match frame.find(FOREACH) {
            // As in Velocity: a loop whose element took the name has left nothing there.
            Found::Value(Value::Null) => Err(self.error(ErrorKind::Render, at, "`$foreach` is gone")),
            Found::Value(current) => {
                if let Some(scope) = ForeachScope::of(&current) {
                    restore(FOREACH, scope.previous.clone(), frame);
                }
                Ok(())
            }
            Found::Argument { .. } => Ok(()),
        }
    }
}

fn restore(name: Slot, value: Value, frame: &Rc<Frame>) {
    match value {
        Value::Null => frame.remove(name),
        value => frame.set(name, value),
    }
}

/// Which loop `$foreach` belongs to: what `#break($foreach)` ends.
pub(super) fn foreach_id(value: &Value) -> Option<usize> {
    ForeachScope::of(value).map(|scope| scope.id)
}

/// `$foreach.hasNext`, if the value is a loop's.
#[inline]
pub(super) fn has_next(value: &Value) -> Option<bool> {
    ForeachScope::of(value).map(|scope| scope.has_next.get())
}

/// `$foreach`: where the loop is, and a map for the template's own use.
struct ForeachScope {
    id: usize,
    index: Cell<i32>,
    has_next: Cell<bool>,
    /// What `$foreach` was before: the loop around this one, or anything.
    previous: Value,
    storage: OnceCell<Map>,
    /// Itself, for `$foreach.topmost`.
    this: Weak<ForeachScope>,
}

impl Drop for ForeachScope {
    fn drop(&mut self) {
        let_go([std::mem::take(&mut self.previous)]);
    }
}

impl ForeachScope {
    fn new(id: usize, previous: Value) -> Rc<ForeachScope> {
        Rc::new_cyclic(|this| ForeachScope {
            id,
            index: Cell::new(-1),
            has_next: Cell::new(false),
            previous,
            storage: OnceCell::new(),
            this: this.clone(),
        })
    }

    fn of(value: &Value) -> Option<&ForeachScope> {
        match value {
            Value::Object(object) => object.as_any()?.downcast_ref(),
            _ => None,
        }
    }

    fn storage(&self) -> &Map {
        self.storage.get_or_init(|| Map::new(MapKind::Hash, Entries::default()))
    }

    fn parent(&self) -> Option<&ForeachScope> {
        ForeachScope::of(&self.previous)
    }

    fn topmost(&self) -> Option<Value> {
        let mut scope = self;
        while let Some(parent) = scope.parent() {
            scope = parent;
        }
        let top = scope.this.upgrade()?;
        Some(Value::Object(top))
    }

    /// What a getter gives, which is named as a property here.
    fn member(&self, name: &str) -> Option<Value> {
        Some(match name {
            "hasNext" => Value::Bool(self.has_next.get()),
            "index" => Value::Int(self.index.get()),
            "count" => Value::Int(self.index.get() + 1),
            "first" => Value::Bool(self.index.get() < 1),
            "last" => Value::Bool(!self.has_next.get()),
            "parent" if self.parent().is_some() => self.previous.clone(),
            "parent" => Value::Null,
            "replaced" => {
                let mut scope = self;
                while let Some(parent) = scope.parent() {
                    scope = parent;
                }
                scope.previous.clone()
            }
            _ => return None,
        })
    }

    fn getter(&self, name: &str) -> Option<Value> {
        self.member(match name {
            "getIndex" => "index",
            "getCount" => "count",
            "hasNext" | "getHasNext" => "hasNext",
            "isFirst" | "getFirst" => "first",
            "isLast" | "getLast" => "last",
            "getParent" => "parent",
            "getReplaced" => "replaced",
            _ => return None,
        })
    }

    /// What the template has put into this loop's map or one around it.
    fn stored(&self, key: &Value) -> Value {
        let mut scope = Some(self);
        while let Some(here) = scope {
            if let Some(storage) = here.storage.get()
                && let Some(value) = storage.entries().borrow().get(key)
            {
                return value.clone();
            }
            scope = here.parent();
        }
        Value::Null
    }
}

impl Object for ForeachScope {
    fn class(&self) -> &'static str {
        "ForeachScope"
    }

    fn property(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.member(name) {
            return Some(value);
        }
        let member = match name {
            "topmost" | "Topmost" => return self.topmost(),
            "Index" => "index",
            "Count" => "count",
            "HasNext" => "hasNext",
            "First" => "first",
            "Last" => "last",
            "Parent" => "parent",
            "Replaced" => "replaced",
            _ => return Some(self.stored(&Value::from(name))),
        };
        self.member(member)
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, Exception>> {
        match (name, arguments) {
            ("getTopmost", []) => self.topmost().map(Ok),
            ("get", [key]) => Some(Ok(self.stored(key))),
            (_, []) => match self.getter(name) {
                Some(value) => Some(Ok(value)),
                None => methods::call(&Value::Map(self.storage().clone()), name, arguments),
            },
            _ => methods::call(&Value::Map(self.storage().clone()), name, arguments),
        }
    }

    fn has_method_without_parameters(&self, name: &str) -> bool {
        name == "getTopmost"
            || self.getter(name).is_some()
            || matches!(name, "clear" | "entrySet" | "isEmpty" | "keySet" | "size" | "values")
    }

    fn set(&self, name: &str, value: &Value) -> bool {
        self.storage().put(name, value.clone());
        true
    }

    fn print(&self, out: &mut String) {
        // A map that the template filled so that it cannot be printed prints nothing.
        let _ = crate::value::print::print(&Value::Map(self.storage().clone()), out);
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}
