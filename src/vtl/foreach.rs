//! `#foreach`, and what `$foreach` shows.

use std::any::Any;
use std::cell::Cell;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use super::ast::{Foreach, Part};
use super::error::ErrorKind;
use super::machine::{Flow, Machine, Outcome};
use super::methods::{self, Walk};
use super::scope::{Found, Frame};
use crate::value::{Entries, Exception, Map, MapKind, Object, Value, let_go};

/// The names that a loop sets besides its element.
struct Names {
    count: Arc<str>,
    has_next: Arc<str>,
    scope: Arc<str>,
}

thread_local! {
    static NAMES: Rc<Names> = Rc::new(Names {
        count: Arc::from("velocityCount"),
        has_next: Arc::from("velocityHasNext"),
        scope: Arc::from("foreach"),
    });
}

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
        let names = NAMES.with(Rc::clone);
        let set = if self.sets_loop_names { 3 } else { 1 };
        let set = &[&foreach.element, &names.count, &names.has_next][..set];
        // After the loop its names hold what they held before, so that loops of one name may nest.
        let saved = set.iter().map(|name| self.variable(name, frame)).collect::<Outcome<Vec<Value>>>()?;
        let scope = ForeachScope::new(Arc::as_ptr(foreach) as usize, self.variable(&names.scope, frame)?);
        frame.set(&names.scope, &Value::Object(scope.clone()));
        let outcome = self.rounds(foreach, body, walk, &scope, frame, out);
        match outcome {
            Ok(()) | Err(Flow::Break | Flow::BreakFrom(_) | Flow::Stop) => {}
            Err(error) => return Err(error),
        }
        for (name, value) in set.iter().zip(saved) {
            restore(name, value, frame);
        }
        self.leave_scope(&names.scope, foreach.at, frame)?;
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
        let names = NAMES.with(Rc::clone);
        // Stock Velocity has no such limit.
        let most = if self.plain { usize::MAX } else { self.limits.loop_rounds };
        let mut without_element: Option<Rc<Frame>> = None;
        let mut round = 0;
        while round < most && walk.has_next() {
            self.step(foreach.at)?;
            round += 1;
            if self.sets_loop_names {
                frame.set(&names.count, &Value::Int(round as i32));
            }
            let value = walk.next().map_err(|exception| self.thrown(foreach.at, &exception))?;
            let more = walk.has_next();
            if self.sets_loop_names {
                frame.set(&names.has_next, &Value::Bool(more));
            }
            frame.set(&foreach.element, &value);
            scope.index.set(scope.index.get() + 1);
            scope.has_next.set(more);
            if matches!(value, Value::Null) {
                let inner = without_element.get_or_insert_with(|| {
                    Rc::new(Frame::NullElement {
                        inner: frame.clone(),
                        name: foreach.element.clone(),
                        active: Cell::new(true),
                    })
                });
                self.part(body, foreach.at, &inner.clone(), out)?;
            } else {
                self.part(body, foreach.at, frame, out)?;
            }
        }
        Ok(())
    }

    /// Gives `$foreach` back to the loop around this one, or to whatever it was.
    fn leave_scope(self: &Rc<Self>, name: &Arc<str>, at: usize, frame: &Rc<Frame>) -> Outcome<()> {
        match frame.find(name) {
            // As in Velocity: a loop whose element took the name has left nothing there.
            Found::Value(Value::Null) => Err(self.error(ErrorKind::Render, at, "`$foreach` is gone")),
            Found::Value(current) => {
                if let Some(scope) = ForeachScope::of(&current) {
                    restore(name, scope.previous.clone(), frame);
                }
                Ok(())
            }
            Found::Argument { .. } => Ok(()),
        }
    }
}

fn restore(name: &Arc<str>, value: Value, frame: &Rc<Frame>) {
    match value {
        Value::Null => frame.remove(name),
        value => frame.set(name, &value),
    }
}

/// Which loop `$foreach` belongs to: what `#break($foreach)` ends.
pub(super) fn foreach_id(value: &Value) -> Option<usize> {
    ForeachScope::of(value).map(|scope| scope.id)
}

/// `$foreach`: where the loop is, and a map for the template's own use.
struct ForeachScope {
    id: usize,
    index: Cell<i32>,
    has_next: Cell<bool>,
    /// What `$foreach` was before: the loop around this one, or anything.
    previous: Value,
    storage: Map,
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
        let storage = Map::new(MapKind::Hash, Entries::default());
        Rc::new_cyclic(|this| ForeachScope {
            id,
            index: Cell::new(-1),
            has_next: Cell::new(false),
            previous,
            storage,
            this: this.clone(),
        })
    }

    fn of(value: &Value) -> Option<&ForeachScope> {
        match value {
            Value::Object(object) => object.as_any()?.downcast_ref(),
            _ => None,
        }
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

    fn getter(&self, name: &str) -> Option<Value> {
        Some(match name {
            "getIndex" => Value::Int(self.index.get()),
            "getCount" => Value::Int(self.index.get() + 1),
            "hasNext" | "getHasNext" => Value::Bool(self.has_next.get()),
            "isFirst" | "getFirst" => Value::Bool(self.index.get() < 1),
            "isLast" | "getLast" => Value::Bool(!self.has_next.get()),
            "getParent" => {
                if self.parent().is_some() {
                    self.previous.clone()
                } else {
                    Value::Null
                }
            }
            "getReplaced" => {
                let mut scope = self;
                while let Some(parent) = scope.parent() {
                    scope = parent;
                }
                scope.previous.clone()
            }
            _ => return None,
        })
    }

    /// What the template has put into this loop's map or one around it.
    fn stored(&self, key: &Value) -> Value {
        let mut scope = Some(self);
        while let Some(here) = scope {
            if let Some(value) = here.storage.entries().borrow().get(key) {
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
        let getter = match name {
            "topmost" | "Topmost" => return self.topmost(),
            "index" | "Index" => "getIndex",
            "count" | "Count" => "getCount",
            "hasNext" | "HasNext" => "getHasNext",
            "first" | "First" => "getFirst",
            "last" | "Last" => "getLast",
            "parent" | "Parent" => "getParent",
            "replaced" | "Replaced" => "getReplaced",
            _ => "",
        };
        self.getter(getter).or_else(|| Some(self.stored(&Value::from(name))))
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, Exception>> {
        match (name, arguments) {
            ("getTopmost", []) => self.topmost().map(Ok),
            ("get", [key]) => Some(Ok(self.stored(key))),
            (_, []) => match self.getter(name) {
                Some(value) => Some(Ok(value)),
                None => methods::call(&Value::Map(self.storage.clone()), name, arguments),
            },
            _ => methods::call(&Value::Map(self.storage.clone()), name, arguments),
        }
    }

    fn has_method_without_parameters(&self, name: &str) -> bool {
        name == "getTopmost"
            || self.getter(name).is_some()
            || matches!(name, "clear" | "entrySet" | "isEmpty" | "keySet" | "size" | "values")
    }

    fn set(&self, name: &str, value: &Value) -> bool {
        self.storage.put(name, value.clone());
        true
    }

    fn print(&self, out: &mut String) {
        // A map that the template filled so that it cannot be printed prints nothing.
        let _ = crate::value::print::print(&Value::Map(self.storage.clone()), out);
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}
