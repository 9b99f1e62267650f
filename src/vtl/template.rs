//! A template from its text to its output.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::ast::Block;
use super::branch::{Branch, Branches};
use super::empty::Empty;
use super::error::{Error, ErrorKind};
use super::limits::Limits;
use super::machine::{Flow, Machine};
use super::macros::Macros;
use super::mentioned::{Mentioned, arguments_of, members_of};
use super::parser;
use super::scope::Scope;
use crate::value::work::Allowance;

/// A template, read once and rendered as often as need be, on any thread.
#[derive(Debug)]
pub struct Template {
    block: Block,
    macros: Arc<Macros>,
    mentioned: Mentioned,
    sets_loop_names: bool,
    /// How long the last output was: the next is about as long.
    last_length: AtomicUsize,
}

impl Template {
    /// Reads a template, within the default limits.
    pub fn parse(source: &str) -> Result<Template, Error> {
        Template::read(source, None)
    }

    /// Reads a template of which every render counts the branches that it takes.
    pub(crate) fn parse_counted(source: &str) -> Result<(Template, Vec<Branch>), Error> {
        let branches = Branches::default();
        let template = Template::read(source, Some(&branches))?;
        Ok((template, branches.all()))
    }

    fn read(source: &str, branches: Option<&Branches>) -> Result<Template, Error> {
        let mut macros = Macros::default();
        let block = parser::parse(source, &mut macros, &Limits::default(), branches)?;
        macros.names.shrink();
        macros.source = Arc::from(source);
        let mentioned = Mentioned::of(source);
        Ok(Template {
            block,
            macros: Arc::new(macros),
            sets_loop_names: mentioned.contains("velocityCount") || mentioned.contains("velocityHasNext"),
            mentioned,
            last_length: AtomicUsize::default(),
        })
    }

    /// Renders the template: reads and sets the variables of the scope.
    pub fn render(&self, scope: &mut Scope, limits: &Limits) -> Result<String, Error> {
        self.run(&Rc::new(self.machine(scope, limits)), scope, limits)
    }

    /// The same, and which references came out empty.
    pub(crate) fn render_noted(&self, scope: &mut Scope, limits: &Limits) -> (Result<String, Error>, Vec<Empty>) {
        let mut machine = self.machine(scope, limits);
        machine.note_empties();
        let machine = Rc::new(machine);
        let rendered = self.run(&machine, scope, limits);
        (rendered, machine.take_empties())
    }

    fn machine(&self, scope: &Scope, limits: &Limits) -> Machine {
        let mut machine = Machine::new(self.macros.clone(), scope.is_plain(), limits);
        machine.sets_loop_names = self.sets_loop_names;
        machine
    }

    fn run(&self, machine: &Rc<Machine>, scope: &mut Scope, limits: &Limits) -> Result<String, Error> {
        let _allowance = Allowance::of(limits.steps as u64);
        let mut out = String::with_capacity(self.last_length.load(Ordering::Relaxed).max(self.source().len()) + 64);
        let frame = scope.open(&self.macros);
        machine.give(scope.take_given());
        let outcome = machine.render(&self.block, &frame, &mut out);
        scope.close(&frame, machine.macros(), machine.take_given());
        self.last_length.store(out.len(), Ordering::Relaxed);
        match outcome {
            // `#stop`, and a `#break` outside of everything, end the template.
            Ok(()) | Err(Flow::Stop | Flow::Break) => Ok(out),
            Err(Flow::Error(error)) => Err(*error),
            Err(Flow::BreakFrom(_)) => {
                let message = "`#break` names a loop that has ended".to_owned();
                Err(Error::at(ErrorKind::Render, self.source(), 0, message))
            }
        }
    }

    /// Whether the template may look at a variable of that name, or call such a method: if not, nothing need stand behind it.
    pub fn mentions(&self, name: &str) -> bool {
        self.mentioned.contains(name)
    }

    /// The members of a variable that the template can look at; `None` if it may do more with it than that.
    pub fn members_of(&self, name: &str) -> Option<Box<[Arc<str>]>> {
        (!self.mentioned.any()).then(|| members_of(self.source(), name))?
    }

    /// The texts that the template can give to a method; `None` if it may give it anything else.
    pub fn arguments_of(&self, name: &str) -> Option<Box<[Arc<str>]>> {
        (!self.mentioned.any()).then(|| arguments_of(self.source(), name))?
    }

    /// The text that was read.
    pub fn source(&self) -> &str {
        &self.macros.source
    }
}
