//! A compiled path and what it finds, or why not.

use std::fmt;
use std::sync::Arc;

use super::budget::{Budget, MAX_STEPS};
use super::eval::{self, Scope};
use super::fault::Fault;
use super::query::{Query, Token};
use super::{functions, parser};
use crate::json_text::Step;
use crate::value::Value;
use crate::value::work::Allowance;

/// A compiled path. Cheap to clone, and to be shared between threads.
#[derive(Debug, Clone)]
pub struct Path(Arc<Query>);

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidPath {
    /// The path.
    pub path: String,
    /// What was expected.
    pub detail: String,
}

/// Why a path gives nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// It leads nowhere in this document.
    PathNotFound,
    /// It turns out not to be a sensible path for this document, such as a filter on a number.
    InvalidPath(String),
    /// Any other Java exception that json-path throws, which fails the template.
    Other(String),
}

impl Path {
    /// Compiles a path. What does not start with `$` or `@` starts with `$.` in thought.
    pub fn compile(text: &str) -> Result<Path, InvalidPath> {
        match parser::parse(text, 0) {
            Ok(query) => Ok(Path(Arc::new(query))),
            Err(refusal) => Err(InvalidPath { path: text.to_owned(), detail: refusal.detail() }),
        }
    }

    /// Whether it gives one value, and not a list of all that it finds.
    pub fn is_definite(&self) -> bool {
        self.0.definite
    }

    /// Whether it has no steps, and so finds the document itself.
    pub(crate) fn is_whole(&self) -> bool {
        self.0.steps.is_empty()
    }

    /// The steps of a path that is a chain of names and indexes, as nearly all are.
    pub(crate) fn plain_steps(&self) -> Option<impl Iterator<Item = Step<'_>>> {
        let steps = &self.0.steps;
        steps
            .iter()
            .all(|step| plain_step(&step.token).is_some())
            .then(|| steps.iter().filter_map(|step| plain_step(&step.token)))
    }

    /// What the path finds. Lists and maps of the document are the document's own, not copies.
    pub fn read(&self, document: &Value) -> Result<Value, ReadError> {
        if !matches!(document, Value::Null)
            && let Some(steps) = self.plain_steps()
        {
            return read_plain(steps, document);
        }
        // What is found goes into a list, and so may the list into the document.
        let document = &document.clone().settled();
        let scope = Scope { root: document, strict: false };
        let _allowance = Allowance::of(MAX_STEPS as u64);
        let mut budget = Budget::new();
        let found = eval::read(&self.0, document, scope, &mut budget);
        budget.settle()?;
        let found = found?;
        // `keys()` gives Java's key set: to json-path itself neither list nor map, to a template a collection like any other.
        if self.0.definite {
            return Ok(functions::keys_as_list(found));
        }
        if let Value::List(results) = &found {
            for result in results.items().borrow_mut().iter_mut() {
                *result = functions::keys_as_list(std::mem::replace(result, Value::Null));
            }
        }
        Ok(found)
    }
}

fn plain_step(token: &Token) -> Option<Step<'_>> {
    match token {
        Token::Property(names) if names.len() == 1 => Some(Step::Name(&names[0])),
        Token::Index(indexes) if indexes.len() == 1 => usize::try_from(indexes[0]).ok().map(Step::Index),
        _ => None,
    }
}

/// A chain of names and indexes needs no list of results.
fn read_plain<'p>(steps: impl Iterator<Item = Step<'p>>, document: &Value) -> Result<Value, ReadError> {
    let mut value = document.clone();
    for step in steps {
        let next = match (step, &value) {
            (Step::Name(name), Value::Map(map)) => map.get(name),
            (Step::Index(index), Value::List(list)) => list.item(index),
            _ => None,
        };
        match next {
            Some(next) => value = next,
            None => return Err(ReadError::PathNotFound),
        }
    }
    Ok(value)
}

impl From<Fault> for ReadError {
    fn from(fault: Fault) -> ReadError {
        match fault {
            Fault::PathNotFound => ReadError::PathNotFound,
            Fault::InvalidPath(detail) => ReadError::InvalidPath(detail),
            Fault::IndexOutOfBounds => ReadError::Other("IndexOutOfBoundsException".to_owned()),
            Fault::Other(detail) => ReadError::Other(detail),
        }
    }
}

impl fmt::Display for InvalidPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid path `{}`: {}", self.path, self.detail)
    }
}

impl std::error::Error for InvalidPath {}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::PathNotFound => f.write_str("the path leads nowhere"),
            ReadError::InvalidPath(detail) => write!(f, "invalid path: {detail}"),
            ReadError::Other(detail) => f.write_str(detail),
        }
    }
}

impl std::error::Error for ReadError {}
