//! Every rule that a finding can name: what it is about, why it matters, and what to do.
//!
//! One table in six parts, by the room in which the mistake is made. `tests/rules.rs` holds it and the code together: no
//! finding names a rule that is not here, and no row is left behind by a rule that is gone.

mod definition;
mod http_api;
mod method;
mod protection;
mod reading;
mod rule;
mod template;

pub use rule::Rule;

const PARTS: [&[Rule]; 6] =
    [reading::ROWS, definition::ROWS, method::ROWS, template::ROWS, protection::ROWS, http_api::ROWS];

/// Every rule, part by part.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    PARTS.into_iter().flatten()
}

/// The rule of that name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.name == name)
}
