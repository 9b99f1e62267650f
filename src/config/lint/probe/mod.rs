//! What a template prints for texts that have to be escaped: quotes, apostrophes, line breaks.
//!
//! A mapping template is text, not JSON: what a client sends stands in it as it is. So each is rendered once, with such a text
//! for whatever comes from outside, and the outcome is read as JSON. Each text is between marks of its own, by which it is found
//! again, whatever functions it went through.

mod marks;
mod objects;
mod verdict;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use self::marks::Marks;
use self::verdict::{Verdict, judge};
use super::quiet::Quiet;
use crate::vtl::{Scope, Template};

pub(crate) use self::marks::{Kind, Mark};
pub(crate) use self::verdict::Fault;

/// What was found of each template on paths with these parameters: an API has few of both, in many methods. The template is
/// known by its address, and so is kept.
#[derive(Default)]
pub(crate) struct Probes {
    known: RefCell<Known>,
    /// What else is known of templates.
    pub(crate) quiet: Quiet,
}

type Known = HashMap<(usize, String), (Arc<Template>, Found)>;
type Found = Option<Rc<Verdict>>;

impl Probes {
    /// The verdict on a template of a method with these path parameters.
    pub(crate) fn of(&self, template: &Arc<Template>, path_parameters: &[&str]) -> Found {
        let key = (Arc::as_ptr(template) as usize, path_parameters.join("/"));
        if let Some((_, found)) = self.known.borrow().get(&key) {
            return found.clone();
        }
        let found = probe(template, path_parameters).map(Rc::new);
        self.known.borrow_mut().insert(key, (template.clone(), found.clone()));
        found
    }
}

/// Renders a template of a method with these path parameters, and judges it. `None` when it fails or does not end: that is not
/// what the probe is about.
fn probe(template: &Template, path_parameters: &[&str]) -> Option<Verdict> {
    let marks = Marks::new(path_parameters);
    let mut scope = Scope::new();
    for (name, value) in objects::all(&marks) {
        scope.set(name, value);
    }
    let printed = template.render(&mut scope, &objects::LIMITS).ok()?;
    Some(judge(&printed, &marks))
}
