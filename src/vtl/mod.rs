//! The Velocity 1.7 template language: [`Template::parse`] and [`Template::render`] are the only door.
//!
//! ```text
//! lexer → parser → ast ─► machine (eval, reference, expression, foreach, blocks) ─► output
//!                              └ methods: the Java methods that templates call
//! ```
//!
//! Two things differ from Apache Velocity on purpose: an unresolved reference is the empty string, as API Gateway has it
//! ([`Scope::plain`] gives the stock behaviour), and `getClass` with everything behind it is refused.

mod arithmetic;
mod ast;
mod blocks;
mod decimal;
mod error;
mod eval;
mod expression;
mod foreach;
mod lexer;
mod limits;
mod machine;
mod macros;
mod mentioned;
mod methods;
mod parser;
mod reference;
mod scope;
mod token;

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use error::{Error, ErrorKind};
pub use limits::Limits;
use machine::{Flow, Machine};
use macros::Macros;
use mentioned::Mentioned;
pub use scope::Scope;

use crate::value::work::Allowance;

/// A template, read once and rendered as often as need be, on any thread.
#[derive(Debug)]
pub struct Template {
    source: Arc<str>,
    block: ast::Block,
    macros: Arc<Macros>,
    mentioned: Mentioned,
    /// How long the last output was: the next is about as long.
    last_length: AtomicUsize,
}

impl Template {
    /// Reads a template, within the default limits.
    pub fn parse(source: &str) -> Result<Template, Error> {
        let mut macros = Macros::default();
        let block = parser::parse(source, &mut macros, &Limits::default())?;
        let mentioned = Mentioned::of(source);
        Ok(Template {
            source: Arc::from(source),
            block,
            macros: Arc::new(macros),
            mentioned,
            last_length: AtomicUsize::default(),
        })
    }

    /// Renders the template: reads and sets the variables of the scope.
    pub fn render(&self, scope: &mut Scope, limits: &Limits) -> Result<String, Error> {
        let mut machine = Machine::new(self.source.clone(), self.macros.clone(), scope.is_plain(), limits);
        machine.sets_loop_names = self.mentions("velocityCount") || self.mentions("velocityHasNext");
        let machine = Rc::new(machine);
        let _allowance = Allowance::of(limits.steps as u64);
        let mut out = String::with_capacity(self.last_length.load(Ordering::Relaxed).max(self.source.len()) + 64);
        let outcome = machine.render(&self.block, scope.base(), &mut out);
        self.last_length.store(out.len(), Ordering::Relaxed);
        match outcome {
            // `#stop`, and a `#break` outside of everything, end the template.
            Ok(()) | Err(Flow::Stop | Flow::Break) => Ok(out),
            Err(Flow::Error(error)) => Err(*error),
            Err(Flow::BreakFrom(_)) => {
                let message = "`#break` names a loop that has ended".to_owned();
                Err(Error::at(ErrorKind::Render, &self.source, 0, message))
            }
        }
    }

    /// Whether the template may look at a variable of that name, or call such a method: if not, nothing need stand behind it.
    pub fn mentions(&self, name: &str) -> bool {
        self.mentioned.contains(name)
    }

    /// The text that was read.
    pub fn source(&self) -> &str {
        &self.source
    }
}
