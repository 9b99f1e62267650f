//! The String methods that take a regular expression.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::answer::Returned;
use super::arguments::{give_bool, give_list, give_text, throw};
use crate::pattern::Regex;
use crate::value::{Exception, ListKind, Value, print::LONGEST};

/// How many compiled expressions a thread keeps.
const KEPT: usize = 128;

thread_local! {
    static COMPILED: RefCell<HashMap<String, Rc<Regex>>> = RefCell::default();
}

fn compiled(pattern: &str) -> Result<Rc<Regex>, Exception> {
    COMPILED.with_borrow_mut(|compiled| {
        if let Some(regex) = compiled.get(pattern) {
            return Ok(regex.clone());
        }
        let regex =
            Regex::compile(pattern).map_err(|error| Exception::new("PatternSyntaxException", error.to_string()))?;
        let regex = Rc::new(regex);
        if compiled.len() >= KEPT {
            compiled.clear();
        }
        compiled.insert(pattern.to_owned(), regex.clone());
        Ok(regex)
    })
}

pub(super) fn matches(text: &str, pattern: &str) -> Returned {
    match compiled(pattern) {
        Ok(regex) => give_bool(regex.is_match_whole(text)),
        Err(exception) => Some(Err(exception)),
    }
}

/// `replaceAll` and `replaceFirst`
pub(super) fn replace(text: &str, pattern: &str, by: &str, all: bool) -> Returned {
    let regex = match compiled(pattern) {
        Ok(regex) => regex,
        Err(exception) => return Some(Err(exception)),
    };
    if text.len().saturating_mul(by.len()) > LONGEST * 16 {
        return throw("OutOfMemoryError", "the text is too long");
    }
    let replaced = if all { regex.replace_all(text, by) } else { regex.replace_first(text, by) };
    match replaced {
        Ok(text) => give_text(text),
        Err(error) => throw(error.class, error.message),
    }
}

pub(super) fn split(text: &str, pattern: &str, limit: i32) -> Returned {
    match compiled(pattern) {
        Ok(regex) => {
            let parts = regex.split(text, limit).into_iter().map(Value::from).collect();
            give_list(ListKind::Array, parts)
        }
        Err(exception) => Some(Err(exception)),
    }
}
