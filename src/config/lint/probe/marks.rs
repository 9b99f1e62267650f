//! The texts that stand for what comes from outside, and the marks around them.

use std::cell::RefCell;
use std::rc::Rc;

/// Most marks of one template.
const MOST: usize = 500;

/// The longest name of a mark.
const NAME: usize = 120;

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A text of the client's or the backend's, with all that has to be escaped.
    Text,
    /// A path parameter: it stays percent-encoded, but for an apostrophe (fact `event-path-parameters`).
    PathParameter,
    /// What `$input.json` gives: JSON, with quotes of its own.
    Json,
}

/// One text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    /// What it is.
    pub kind: Kind,
    /// How a template writes it, such as `$input.params('q')`; behind a variable, what that was set to.
    pub name: String,
}

/// The texts of one rendering.
#[derive(Clone)]
pub(super) struct Marks {
    made: Rc<RefCell<Vec<Mark>>>,
    path_parameters: Rc<[String]>,
}

impl Marks {
    pub(super) fn new(path_parameters: &[&str]) -> Marks {
        let path_parameters = path_parameters.iter().map(|name| (*name).to_owned()).collect();
        Marks { made: Rc::default(), path_parameters }
    }

    /// A text for what is written so.
    pub(super) fn text(&self, kind: Kind, name: &str) -> String {
        let mut made = self.made.borrow_mut();
        let name: String = name.chars().take(NAME).collect();
        let mark = Mark { kind, name };
        let number = made.iter().position(|m| *m == mark).unwrap_or_else(|| {
            if made.len() < MOST {
                made.push(mark);
            }
            made.len() - 1
        });
        let inside = match kind {
            Kind::Text => "it's \"x\"\n",
            Kind::PathParameter => "it's",
            Kind::Json => "\"x\"",
        };
        format!("{}{inside}{}", begin(number), end(number))
    }

    /// A parameter of the request.
    pub(super) fn parameter(&self, name: &str) -> String {
        let is_path = self.path_parameters.iter().any(|known| known == name);
        let kind = if is_path { Kind::PathParameter } else { Kind::Text };
        self.text(kind, &format!("$input.params('{name}')"))
    }

    /// The mark that a text begins with: its end and what stands between.
    pub(super) fn find<'a>(&self, text: &'a str) -> Option<(Mark, &'a str, usize)> {
        let digits = text.strip_prefix("zqp")?;
        let length = digits.find(|c: char| !c.is_ascii_digit())?;
        let number: usize = digits.get(..length)?.parse().ok()?;
        let mark = self.made.borrow().get(number)?.clone();
        let inside = text.strip_prefix(&begin(number))?;
        let end = end(number);
        let length = inside.find(&end)?;
        let whole = text.len() - inside.len() + length + end.len();
        Some((mark, &inside[..length], whole))
    }
}

fn begin(number: usize) -> String {
    format!("zqp{number}b")
}

fn end(number: usize) -> String {
    format!("zqp{number}e")
}
