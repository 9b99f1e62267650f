//! Names that stand in many methods, such as that of a function: each is kept once.

use std::cell::RefCell;
use std::sync::Arc;

use rustc_hash::FxHashSet;

/// The names of one copy of the API.
#[derive(Default)]
pub(crate) struct Texts(RefCell<FxHashSet<Arc<str>>>);

impl Texts {
    /// The one copy of a text.
    pub(super) fn get(&self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.borrow().get(text) {
            return known.clone();
        }
        let new: Arc<str> = text.into();
        self.0.borrow_mut().insert(new.clone());
        new
    }
}
