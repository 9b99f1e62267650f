//! One render: what is left of its limits, and how it stops early.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use super::ast::{Macro, Reference};
use super::empty::{self, Empty};
use super::error::{Error, ErrorKind};
use super::limits::Limits;
use super::macros::Macros;
use super::scope::Frame;
use crate::value::{Exception, Text, Value, print};

/// Why rendering does not simply go on.
#[derive(Debug)]
pub(super) enum Flow {
    /// The template failed.
    Error(Box<Error>),
    /// `#break`: ends the nearest loop, macro, block or text.
    Break,
    /// `#break($foreach)`: ends that very loop.
    BreakFrom(usize),
    /// `#stop`: ends the template.
    Stop,
}

/// What evaluating gives.
pub(super) type Outcome<T> = Result<T, Flow>;

/// The state of one render.
pub(super) struct Machine {
    pub limits: Limits,
    /// Unresolved references are null rather than the empty string.
    pub plain: bool,
    /// Loops set `$velocityCount` and `$velocityHasNext`.
    pub sets_loop_names: bool,
    macros: Arc<Macros>,
    /// All macros, once `#evaluate` may have added some.
    added: RefCell<Option<Macros>>,
    /// Variables of the host that no text has named yet.
    given: RefCell<Vec<(Text, Value)>>,
    /// Calls of macros that are under way; `#break` out of a macro leaves it one too high, as in Velocity.
    pub macro_depth: Cell<usize>,
    /// Frames that blocks of `#define` look into later on.
    captured: RefCell<Vec<Rc<Frame>>>,
    /// What stopped a block that was rendered where nothing can stop, inside a value's `toString()`.
    pending: RefCell<Option<Flow>>,
    steps: Cell<usize>,
    depth: Cell<usize>,
    built: Cell<usize>,
    /// What came out empty, when somebody wants to know.
    empties: Option<RefCell<Vec<Empty>>>,
}

impl Machine {
    pub(super) fn new(macros: Arc<Macros>, plain: bool, limits: &Limits) -> Machine {
        Machine {
            limits: *limits,
            plain,
            sets_loop_names: true,
            macros,
            added: RefCell::default(),
            given: RefCell::default(),
            macro_depth: Cell::new(0),
            captured: RefCell::default(),
            pending: RefCell::default(),
            steps: Cell::new(0),
            depth: Cell::new(0),
            built: Cell::new(0),
            empties: None,
        }
    }

    /// The template's text.
    pub(super) fn source(&self) -> &str {
        &self.macros.source
    }

    /// Notes what comes out empty from now on.
    pub(super) fn note_empties(&mut self) {
        self.empties = Some(RefCell::default());
    }

    /// What came out empty.
    pub(super) fn take_empties(&self) -> Vec<Empty> {
        self.empties.as_ref().map(RefCell::take).unwrap_or_default()
    }

    /// Notes that a reference's step gave nothing on that value.
    pub(super) fn came_out_empty(&self, reference: &Reference, step: usize, on: &Value) {
        let Some(empties) = &self.empties else { return };
        let mut empties = empties.borrow_mut();
        if empties.len() < empty::MOST {
            let empty = Empty::at(self.source(), reference, step, on);
            if !empties.contains(&empty) {
                empties.push(empty);
            }
        }
    }

    /// Whether empty references are noted.
    pub(super) fn notes_empties(&self) -> bool {
        self.empties.is_some()
    }

    /// The macro of that name.
    pub(super) fn macro_named(&self, name: &str) -> Option<Arc<Macro>> {
        match &*self.added.borrow() {
            Some(macros) => macros.get(name).cloned(),
            None => self.macros.get(name).cloned(),
        }
    }

    /// Reads a text that may define macros, and name what was not named so far.
    pub(super) fn read_with_macros<T>(&self, frame: &Frame, read: impl FnOnce(&mut Macros) -> T) -> T {
        // Copied only when `#evaluate` is met, which is rare: the template's own macros are shared between threads.
        let mut added = self.added.borrow_mut();
        let macros = added.get_or_insert_with(|| (*self.macros).clone());
        let found = read(macros);
        frame.give_all(&mut self.given.borrow_mut(), macros);
        found
    }

    /// Variables of the host that no text has named yet: `#evaluate` may.
    pub(super) fn give(&self, given: Vec<(Text, Value)>) {
        self.given.replace(given);
    }

    /// What of them is left.
    pub(super) fn take_given(&self) -> Vec<(Text, Value)> {
        self.given.take()
    }

    /// All macros and names that are known in the end.
    pub(super) fn macros(&self) -> Arc<Macros> {
        self.added.take().map_or_else(|| self.macros.clone(), Arc::new)
    }

    /// Keeps a frame for as long as the render goes on.
    pub(super) fn capture(&self, frame: &Rc<Frame>) {
        let mut captured = self.captured.borrow_mut();
        if !captured.last().is_some_and(|last| Rc::ptr_eq(last, frame)) {
            captured.push(frame.clone());
        }
    }

    pub(super) fn error(&self, kind: ErrorKind, at: usize, message: impl Into<String>) -> Flow {
        Flow::Error(Box::new(Error::at(kind, self.source(), at, message.into())))
    }

    /// A Java exception at that place.
    pub(super) fn thrown(&self, at: usize, exception: &Exception) -> Flow {
        let message = format!("`{}`: {}", exception.class, exception.message);
        self.error(ErrorKind::Render, at, message)
    }

    /// Counts one step.
    pub(super) fn step(&self, at: usize) -> Outcome<()> {
        self.work(1, at)
    }

    /// Counts so many steps.
    pub(super) fn work(&self, steps: usize, at: usize) -> Outcome<()> {
        let steps = self.steps.get().saturating_add(steps);
        self.steps.set(steps);
        if steps > self.limits.steps {
            return Err(self.error(ErrorKind::Limit, at, format!("more than {} steps", self.limits.steps)));
        }
        Ok(())
    }

    /// Counts what is built, in bytes.
    pub(super) fn build(&self, bytes: usize, at: usize) -> Outcome<()> {
        let built = self.built.get().saturating_add(bytes);
        self.built.set(built);
        if built > self.limits.built_size {
            let message = format!("built more than {} bytes of text, lists and maps", self.limits.built_size);
            return Err(self.error(ErrorKind::Limit, at, message));
        }
        Ok(())
    }

    /// Runs something one level deeper.
    pub(super) fn deeper<T>(&self, at: usize, run: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        let depth = self.depth.get();
        if depth >= self.limits.depth {
            return Err(self.error(
                ErrorKind::Limit,
                at,
                format!("nested more than {} levels deep", self.limits.depth),
            ));
        }
        self.depth.set(depth + 1);
        let outcome = run();
        self.depth.set(depth);
        outcome
    }

    /// How deep the render is.
    pub(super) fn depth(&self) -> usize {
        self.depth.get()
    }

    /// Appends what the value prints.
    pub(super) fn print(&self, value: &Value, at: usize, out: &mut String) -> Outcome<()> {
        print::print(value, out).map_err(|exception| self.thrown(at, &exception))?;
        if let Value::Object(_) | Value::List(_) | Value::Map(_) = value {
            self.raise_pending()?;
        }
        self.check_output(out, at)
    }

    /// The text of the value.
    pub(super) fn text(&self, value: &Value, at: usize) -> Outcome<Text> {
        if let Value::Str(text) = value {
            return Ok(text.clone());
        }
        let mut text = String::new();
        self.print(value, at, &mut text)?;
        self.build(text.len(), at)?;
        Ok(Text::from(text))
    }

    /// Refuses output that is too long.
    pub(super) fn check_output(&self, out: &str, at: usize) -> Outcome<()> {
        if out.len() > self.limits.output_size {
            let message = format!("the output is longer than {} bytes", self.limits.output_size);
            return Err(self.error(ErrorKind::Limit, at, message));
        }
        Ok(())
    }

    /// Keeps what stopped a block inside `toString()` until there is someone to stop.
    pub(super) fn set_pending(&self, flow: Flow) {
        self.pending.borrow_mut().get_or_insert(flow);
    }

    pub(super) fn raise_pending(&self) -> Outcome<()> {
        match self.pending.borrow_mut().take() {
            Some(flow) => Err(flow),
            None => Ok(()),
        }
    }
}
