//! What was found out of texts of templates: an API has few, in many methods.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

/// The answers to one question about texts.
#[derive(Default)]
struct Answers(RefCell<FxHashMap<String, bool>>);

impl Answers {
    /// What `ask` says of the text, which is asked once.
    fn get(&self, text: &str, ask: impl FnOnce() -> bool) -> bool {
        let known = self.0.borrow().get(text).copied();
        known.unwrap_or_else(|| {
            let answer = ask();
            self.0.borrow_mut().insert(text.to_owned(), answer);
            answer
        })
    }

    fn is_known_to_be(&self, text: &str) -> bool {
        self.0.borrow().get(text) == Some(&true)
    }
}

/// What is known of the templates of one copy of the API.
#[derive(Default)]
pub(crate) struct Quiet {
    plain: Answers,
    json: Answers,
    picks_fields: Answers,
}

impl Quiet {
    fn of(&self, is_json: bool) -> &Answers {
        if is_json { &self.json } else { &self.plain }
    }

    /// Whether there was nothing to say of that text in another method.
    pub(super) fn is_quiet(&self, text: &str, is_json: bool) -> bool {
        self.of(is_json).is_known_to_be(text)
    }

    /// Remembers whether there was anything to say of that text. `${Name}` may have been told where it stands.
    pub(super) fn remember(&self, text: &str, is_json: bool, is_quiet: bool) {
        self.of(is_json).get(text, || is_quiet && !text.contains("${"));
    }

    /// What `ask` says of whether a template picks fields.
    pub(super) fn picks_fields(&self, text: &str, ask: impl FnOnce() -> bool) -> bool {
        self.picks_fields.get(text, ask)
    }
}
