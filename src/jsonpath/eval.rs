//! Walks a document along a path.

use std::sync::Arc;

use super::budget::Budget;
use super::fault::{Fault, other};
use super::functions;
use super::query::{Function, Parameter, Query, Slice, Token};
use crate::value::{List, ListKind, Map, MapKind, Value};

/// The document a path starts from, and how strict it is.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub root: &'a Value,
    /// A missing property is an error everywhere: it is asked whether the path leads somewhere.
    pub strict: bool,
}

/// What the path gives: one value, or a list when it is indefinite.
pub(super) fn read(query: &Query, document: &Value, scope: Scope, budget: &mut Budget) -> Result<Value, Fault> {
    if matches!(scope.root, Value::Null) {
        return other("IllegalArgumentException: the JSON is `null`, so there is no `$` to read");
    }
    let mut walk = Walk { query, scope, budget, results: Vec::new(), roots: Vec::new() };
    walk.step(0, document.clone())?;
    let mut results = walk.results;
    match query.definite {
        true => results.pop().ok_or(Fault::PathNotFound),
        false => Ok(Value::List(List::new(ListKind::Json, results))),
    }
}

/// One path on its way through a document.
pub(super) struct Walk<'q, 'b> {
    pub query: &'q Query,
    pub scope: Scope<'b>,
    pub budget: &'b mut Budget,
    results: Vec<Value>,
    /// What the paths from the root in filters gave.
    pub roots: Vec<(*const Query, Value)>,
}

impl Walk<'_, '_> {
    /// Takes step `n` and all that follow from the value.
    fn step(&mut self, n: usize, value: Value) -> Result<(), Fault> {
        self.budget.enter()?;
        let result = self.take(n, value);
        self.budget.leave();
        result
    }

    fn take(&mut self, mut n: usize, mut value: Value) -> Result<(), Fault> {
        let mut in_array = false;
        let result = loop {
            let Some(step) = self.query.steps.get(n) else {
                self.results.push(value);
                break Ok(());
            };
            // What leads to one value goes on here; the rest calls `step` for each.
            let next = match &step.token {
                Token::Property(names) if names.len() == 1 => self.property(n, &names[0], &value),
                Token::Index(indexes) if indexes.len() == 1 => {
                    in_array = true;
                    self.array(n, &value).map(|list| list.and_then(|list| element(&list, indexes[0])))
                }
                _ => break self.spread(n, value),
            };
            match next {
                Err(fault) => break Err(fault),
                Ok(None) => break Ok(()),
                Ok(Some(next)) => value = next,
            }
            if self.query.is_last(n) && matches!(step.token, Token::Property(_)) {
                if self.budget.keeps(self.query) {
                    self.results.push(value);
                }
                break Ok(());
            }
            n += 1;
        };
        match result {
            Err(Fault::IndexOutOfBounds) if in_array => Ok(()),
            result => result,
        }
    }

    /// A step that can lead to any number of values.
    fn spread(&mut self, n: usize, value: Value) -> Result<(), Fault> {
        match &self.query.steps[n].token {
            Token::Property(names) => self.properties(n, names, &value),
            Token::Index(indexes) => match self.array(n, &value)? {
                Some(list) => indexes.iter().try_for_each(|index| self.enter_element(n, &list, *index)),
                None => Ok(()),
            },
            Token::Slice(slice) => match self.array(n, &value)? {
                Some(list) => self.slice(n, &list, *slice),
                None => Ok(()),
            },
            Token::Wildcard => self.wildcard(n, &value),
            Token::Scan if self.query.is_last(n) => other("IllegalStateException: Current path token is a leaf"),
            Token::Scan => self.scan(n + 1, &value),
            Token::Filter(_) => self.filter(n, value),
            Token::Function(function) => self.function(n, function, value),
        }
    }

    fn as_map<'v>(&self, n: usize, value: &'v Value) -> Result<Option<&'v Map>, Fault> {
        match value {
            Value::Map(map) => Ok(Some(map)),
            _ if self.query.steps[n].upstream_definite => Err(Fault::PathNotFound),
            _ => Ok(None),
        }
    }

    fn array(&self, n: usize, value: &Value) -> Result<Option<List>, Fault> {
        match value {
            Value::List(list) => Ok(Some(list.clone())),
            _ if self.query.steps[n].upstream_definite => Err(Fault::PathNotFound),
            _ => Ok(None),
        }
    }

    fn property(&self, n: usize, name: &str, value: &Value) -> Result<Option<Value>, Fault> {
        let Some(map) = self.as_map(n, value)? else { return Ok(None) };
        let found = map.get(name);
        let step = &self.query.steps[n];
        let definite = step.upstream_definite && self.query.is_step_definite(n);
        if found.is_none() && (self.scope.strict || definite && !self.query.is_last(n)) {
            return Err(Fault::PathNotFound);
        }
        Ok(found)
    }

    /// `['a','b']`: one map of them at the end of a path, each on its own elsewhere.
    fn properties(&mut self, n: usize, names: &[Arc<str>], value: &Value) -> Result<(), Fault> {
        if !self.query.is_last(n) {
            for name in names {
                if let Some(found) = self.property(n, name, value)? {
                    self.step(n + 1, found)?;
                }
            }
            return Ok(());
        }
        let Some(map) = self.as_map(n, value)? else { return Ok(()) };
        let merged = Map::new(MapKind::Linked, Default::default());
        for name in names {
            match map.get(name) {
                Some(found) => drop(merged.put(name, found)),
                None if self.scope.strict => return Err(Fault::PathNotFound),
                None => {}
            }
        }
        self.results.push(Value::Map(merged));
        Ok(())
    }

    /// Goes on with an element, if there is one.
    fn enter_element(&mut self, n: usize, list: &List, index: i32) -> Result<(), Fault> {
        match element(list, index) {
            None => Ok(()),
            Some(value) => match self.step(n + 1, value) {
                Err(Fault::IndexOutOfBounds) => Ok(()),
                result => result,
            },
        }
    }

    fn slice(&mut self, n: usize, list: &List, slice: Slice) -> Result<(), Fault> {
        let length = list.len() as i32;
        let from_end = |index: i32| if index < 0 { length.saturating_add(index) } else { index };
        let range = match slice {
            Slice::From(from) => from_end(from).max(0)..length,
            Slice::To(to) => 0..from_end(to).min(length),
            // Here json-path lets a negative index be one, and counts from there.
            Slice::Between(from, to) if length > 0 => from.max(-length)..to.min(length),
            Slice::Between(..) => 0..0,
        };
        for index in range {
            self.enter_element(n, list, index)?;
        }
        Ok(())
    }

    fn wildcard(&mut self, n: usize, value: &Value) -> Result<(), Fault> {
        match value {
            Value::Map(map) => {
                let mut at = 0;
                while let Some(value) = entry(map, at) {
                    if !self.query.is_last(n) {
                        self.step(n + 1, value)?;
                    } else if self.budget.keeps(self.query) {
                        self.budget.step()?;
                        self.results.push(value);
                    }
                    at += 1;
                }
            }
            Value::List(list) => {
                let mut at = 0;
                while at < list.len() {
                    match self.enter_element(n, list, at as i32) {
                        Err(Fault::PathNotFound) if !self.scope.strict => {}
                        result => result?,
                    }
                    at += 1;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// `..`: step `n`, the one after it, is tried on every map and every list.
    fn scan(&mut self, n: usize, value: &Value) -> Result<(), Fault> {
        self.budget.enter()?;
        let result = self.scan_here(n, value);
        self.budget.leave();
        result
    }

    fn scan_here(&mut self, n: usize, value: &Value) -> Result<(), Fault> {
        match value {
            Value::Map(map) => {
                if self.scan_stops_at(n, value)? {
                    self.step(n, value.clone())?;
                }
                let mut at = 0;
                while let Some(value) = entry(map, at) {
                    self.scan(n, &value)?;
                    at += 1;
                }
            }
            Value::List(list) => {
                if self.scan_stops_at(n, value)? {
                    self.scan_list(n, list, value)?;
                }
                let mut at = 0;
                while let Some(value) = element(list, at) {
                    self.scan(n, &value)?;
                    at += 1;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A list that the scan stops at: whatever step `n` asks, all its elements go on to the next step.
    fn scan_list(&mut self, n: usize, list: &List, value: &Value) -> Result<(), Fault> {
        if self.query.is_last(n) {
            return self.step(n, value.clone());
        }
        let mut at = 0;
        while let Some(value) = element(list, at) {
            if self.query.is_last(n + 1) {
                self.budget.note_scanned(self.query, at as usize);
            }
            self.step(n + 1, value)?;
            at += 1;
        }
        Ok(())
    }

    fn scan_stops_at(&mut self, n: usize, value: &Value) -> Result<bool, Fault> {
        match (&self.query.steps[n].token, value) {
            (Token::Property(names), Value::Map(map)) => {
                Ok(!self.query.is_step_definite(n) || names.iter().all(|name| map.get(name).is_some()))
            }
            (Token::Property(_), _) => Ok(false),
            (Token::Index(_) | Token::Slice(_), value) => Ok(matches!(value, Value::List(_))),
            (Token::Wildcard, _) => Ok(true),
            (Token::Filter(filter), value) => self.accepts(filter, value),
            (Token::Scan | Token::Function(_), _) => Ok(false),
        }
    }

    fn filter(&mut self, n: usize, value: Value) -> Result<(), Fault> {
        let Token::Filter(filter) = &self.query.steps[n].token else { return Ok(()) };
        match &value {
            Value::Map(_) => match self.accepts(filter, &value)? {
                true => self.step(n + 1, value),
                false => Ok(()),
            },
            Value::List(list) => {
                let mut at = 0;
                while let Some(value) = element(list, at) {
                    if self.accepts(filter, &value)? {
                        self.enter_element(n, list, at)?;
                    }
                    at += 1;
                }
                Ok(())
            }
            _ if self.query.steps[n].upstream_definite => {
                Err(Fault::InvalidPath("a filter cannot be applied to a plain value".to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn function(&mut self, n: usize, function: &Function, value: Value) -> Result<(), Fault> {
        let Some(name) = function.name else {
            return Err(Fault::InvalidPath(format!("there is no function `{}`", function.called)));
        };
        let mut arguments = Vec::with_capacity(function.parameters.len());
        for parameter in &function.parameters {
            arguments.push(match parameter {
                Parameter::Path(path) => Some(read(path, self.scope.root, self.scope, self.budget)?),
                Parameter::Json(_) => None,
            });
        }
        let counted = match &function.counted {
            Some(path) => Some(read(path, &value, Scope { root: &value, ..self.scope }, self.budget)?),
            None => None,
        };
        let result = functions::Call { function, arguments, counted, value: &value }.invoke(name)?;
        self.results.push(result.clone());
        if self.query.is_last(n) { Ok(()) } else { self.step(n + 1, result) }
    }
}

/// The element at an index; a negative one counts from the end.
fn element(list: &List, index: i32) -> Option<Value> {
    let index = if index < 0 { list.len().checked_sub(index.unsigned_abs() as usize)? } else { index as usize };
    list.item(index)
}

fn entry(map: &Map, at: usize) -> Option<Value> {
    map.entry(at).map(|(_, value)| value)
}
