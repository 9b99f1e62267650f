//! `$input`: the body, what JSONPath finds in it, and the request's parameters.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use ahash::RandomState;

use crate::jsonpath::{Path, ReadError};
use crate::value::json::{self, Document};
use crate::value::{Exception, Map, Object, Value, print};

/// How many compiled paths a thread keeps: a template names a path each time that it runs.
const KEPT_PATHS: usize = 1024;

thread_local! {
    static PATHS: RefCell<HashMap<Box<str>, Path, RandomState>> = RefCell::default();
}

/// What `$input` is in one run of a template.
pub(crate) struct Input {
    body: Arc<str>,
    parameters: Map,
    document: OnceCell<Result<Document, Exception>>,
    /// Whether the template has got hold of a list or map of the document, and may have changed it.
    shared: Cell<bool>,
}

impl Input {
    /// The body and the parameters (with `path`, `querystring` and `header` in them). An empty body is `{}`.
    pub(crate) fn new(body: Arc<str>, parameters: Map) -> Input {
        let body = if body.is_empty() { Arc::from("{}") } else { body };
        Input { body, parameters, document: OnceCell::new(), shared: Cell::new(false) }
    }

    /// The reference that a template sees.
    pub(crate) fn into_value(self) -> Value {
        Value::Object(Rc::new(self))
    }

    fn document(&self) -> Result<&Document, Exception> {
        let document = self.document.get_or_init(|| {
            json::parse_document(&self.body)
                .map_err(|error| Exception::new("InvalidJsonException", format!("the body is no JSON: {error}")))
        });
        document.as_ref().map_err(Clone::clone)
    }

    /// What the path finds; null when it leads nowhere.
    fn read(&self, path: &str) -> Result<Value, Exception> {
        let document = self.document()?;
        match compiled(path)?.read(&document.value) {
            Ok(found) => Ok(found),
            Err(ReadError::PathNotFound) => Ok(Value::Null),
            Err(ReadError::InvalidPath(message)) => Err(Exception::new("InvalidPathException", message)),
            Err(ReadError::Other(message)) => Err(Exception::new("RuntimeException", message)),
        }
    }

    fn path(&self, path: &str) -> Result<Value, Exception> {
        let found = self.read(path)?;
        if matches!(found, Value::List(_) | Value::Map(_)) {
            self.shared.set(true);
        }
        Ok(found)
    }

    fn json(&self, path: &str) -> Result<Value, Exception> {
        if path == "$" && !self.shared.get() {
            let document = self.document()?;
            if document.canonical && !matches!(document.value, Value::Null) {
                return Ok(Value::Str(self.body.clone()));
            }
        }
        let found = self.read(path)?;
        if matches!(found, Value::Null) {
            return Ok(Value::from("\"\""));
        }
        let mut text = String::new();
        if json::print(&found, &mut text) {
            Ok(Value::from(text))
        } else {
            Err(Exception::new("StackOverflowError", "the value nests too deep or is too long"))
        }
    }

    /// A parameter: of the path, else of the query string, else a header.
    fn parameter(&self, name: &Value) -> Result<Value, Exception> {
        for kind in ["path", "querystring", "header"] {
            let Some(Value::Map(map)) = self.parameters.get(kind) else { continue };
            let found = map.entries().borrow().get(name).cloned();
            match found {
                None | Some(Value::Null) => {}
                Some(value) => return print::text(&value).map(Value::from),
            }
        }
        Ok(Value::from(""))
    }
}

fn compiled(path: &str) -> Result<Path, Exception> {
    PATHS.with_borrow_mut(|paths| {
        if let Some(path) = paths.get(path) {
            return Ok(path.clone());
        }
        let compiled = Path::compile(path).map_err(|invalid| {
            Exception::new("InvalidPathException", format!("`{}`: {}", invalid.path, invalid.detail))
        })?;
        if paths.len() >= KEPT_PATHS {
            paths.clear();
        }
        paths.insert(Box::from(path), compiled.clone());
        Ok(compiled)
    })
}

impl Object for Input {
    fn class(&self) -> &'static str {
        "Input"
    }

    fn property(&self, name: &str) -> Option<Value> {
        matches!(name, "body" | "Body").then(|| Value::Str(self.body.clone()))
    }

    fn has_method_without_parameters(&self, name: &str) -> bool {
        matches!(name, "getBody" | "params")
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, Exception>> {
        match (name, arguments) {
            ("path", [Value::Str(path)]) => Some(self.path(path)),
            ("json", [Value::Str(path)]) => Some(self.json(path)),
            ("path" | "json", [Value::Null]) => {
                Some(Err(Exception::new("IllegalArgumentException", "json can not be null or empty")))
            }
            ("params", []) => Some(Ok(Value::Map(self.parameters.clone()))),
            ("params", [name @ (Value::Str(_) | Value::Null)]) => Some(self.parameter(name)),
            ("getBody", []) => Some(Ok(Value::Str(self.body.clone()))),
            _ => None,
        }
    }

    /// Nothing: recorded on AWS.
    fn print(&self, _: &mut String) {}
}
