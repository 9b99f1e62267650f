//! What a template prints for texts that have to be escaped: quotes, apostrophes, line breaks.
//!
//! A mapping template is text, not JSON: what a client sends stands in it as it is. So each is rendered once, with such a text
//! for whatever comes from outside, and the outcome is read as JSON. Each text is between marks of its own, by which it is found
//! again, whatever functions it went through.

mod marks;
mod objects;
mod verdict;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use self::marks::Marks;
use self::verdict::{Verdict, judge};
use super::quiet::Quiet;
use crate::vtl::{Scope, Template};

pub(crate) use self::marks::{Kind, Mark};
pub(crate) use self::verdict::Fault;

/// The parameters of a path.
pub(crate) struct PathParameters<'a> {
    names: Vec<&'a str>,
    /// With slashes between.
    together: String,
}

impl PathParameters<'_> {
    /// Those of a path's template.
    pub(crate) fn of(path: &str) -> PathParameters<'_> {
        let segments = path.split('/');
        let names: Vec<&str> =
            segments.filter_map(|s| Some(s.strip_prefix('{')?.strip_suffix('}')?.trim_end_matches('+'))).collect();
        let together = names.join("/");
        PathParameters { names, together }
    }
}

/// What was found of each template on paths with these parameters: an API has few of both, in many methods. The template is
/// known by its address, and so is kept.
#[derive(Default)]
pub(crate) struct Probes {
    known: RefCell<Known>,
    /// What else is known of templates.
    pub(crate) quiet: Quiet,
}

type Known = FxHashMap<String, FxHashMap<usize, (Arc<Template>, Found)>>;
type Found = Option<Rc<Verdict>>;

impl Probes {
    /// The verdict on a template of a method with these path parameters.
    pub(crate) fn of(&self, template: &Arc<Template>, parameters: &PathParameters<'_>) -> Found {
        let address = Arc::as_ptr(template) as usize;
        let of_path = self.known.borrow();
        if let Some((_, found)) = of_path.get(&parameters.together).and_then(|of_path| of_path.get(&address)) {
            return found.clone();
        }
        drop(of_path);
        let found = probe(template, &parameters.names).map(Rc::new);
        let mut known = self.known.borrow_mut();
        known.entry(parameters.together.clone()).or_default().insert(address, (template.clone(), found.clone()));
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
