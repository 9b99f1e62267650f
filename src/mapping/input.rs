//! `$input`: the body, what JSONPath finds in it, and the request's parameters.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use ahash::RandomState;

use crate::json_text::{Kind, Outline, Place};
use crate::jsonpath::{Path, ReadError};
use crate::value::json::{self, Document};
use crate::value::{Exception, Map, Object, Value, print};

/// How many compiled paths a thread keeps: a template names a path each time that it runs.
const KEPT_PATHS: usize = 1024;

/// For so much text there may be room before a value is printed.
const LONGEST_GUESS: usize = 4096;

thread_local! {
    static PATHS: RefCell<HashMap<Box<str>, Rc<Path>, RandomState>> = RefCell::default();
}

/// The client's parameters, as `$input.params` shows them.
pub enum Parameters {
    /// All, in maps for `path`, `querystring` and `header`.
    All(Map),
    /// What a template that asks for these alone gets.
    Named(Vec<(Arc<str>, Arc<str>)>),
}

impl Parameters {
    fn all(&self) -> Map {
        match self {
            Parameters::All(all) => all.clone(),
            Parameters::Named(_) => Map::default(),
        }
    }
}

impl From<Map> for Parameters {
    fn from(all: Map) -> Parameters {
        Parameters::All(all)
    }
}

/// What `$input` is in one run of a template.
pub(crate) struct Input {
    body: Arc<str>,
    parameters: Parameters,
    /// Where the body's values stand, to find one without building any; `None` where the text is not so strict.
    outline: OnceCell<Option<Outline>>,
    document: OnceCell<Result<Document, Exception>>,
    /// Whether the template has got hold of a list or map of the document, and may have changed it.
    shared: Cell<bool>,
}

impl Input {
    /// The body and the parameters (with `path`, `querystring` and `header` in them). An empty body is `{}`.
    pub(crate) fn new(body: Arc<str>, parameters: Parameters) -> Input {
        let body = if body.is_empty() { Arc::from("{}") } else { body };
        Input { body, parameters, outline: OnceCell::new(), document: OnceCell::new(), shared: Cell::new(false) }
    }

    /// The reference that a template sees.
    pub(crate) fn into_value(self) -> Value {
        Value::Object(Rc::new(self))
    }

    fn document(&self) -> Result<&Document, Exception> {
        let document = self.document.get_or_init(|| json::parse_kept(&self.body).map_err(no_json));
        document.as_ref().map_err(Clone::clone)
    }

    /// The path; that it is none shows only once the body is read.
    fn compiled(&self, path: &str) -> Result<Rc<Path>, Exception> {
        compiled(path).or_else(|invalid| self.document().and(Err(invalid)))
    }

    /// What the path finds; null when it leads nowhere.
    fn read(&self, path: &Path) -> Result<Value, Exception> {
        match path.read(&self.document()?.value) {
            Ok(found) => Ok(found),
            Err(ReadError::PathNotFound) => Ok(Value::Null),
            Err(ReadError::InvalidPath(message)) => Err(Exception::new("InvalidPathException", message)),
            Err(ReadError::Other(message)) => Err(Exception::new("RuntimeException", message)),
        }
    }

    /// What the path finds in the text as it came, while no template may have changed what it says; `None` where that cannot be told.
    fn find<'a>(&'a self, path: &'a Path) -> Option<Option<Place<'a>>> {
        if self.shared.get() {
            return None;
        }
        let steps = path.plain_steps()?;
        let outline = self.outline.get_or_init(|| Outline::of(&self.body)).as_ref()?;
        outline.root(&self.body).find(steps).ok()
    }

    fn path(&self, path: &str) -> Result<Value, Exception> {
        let path = self.compiled(path)?;
        let found = self.read(&path)?;
        if matches!(found, Value::List(_) | Value::Map(_)) {
            self.shared.set(true);
        }
        Ok(found)
    }

    fn json(&self, path: &str) -> Result<Value, Exception> {
        let path = self.compiled(path)?;
        if path.is_whole() {
            let document = self.document()?;
            return match document.value {
                Value::List(_) | Value::Map(_) if self.shared.get() => self.printed(&document.value),
                Value::List(_) | Value::Map(_) if document.canonical => Ok(Value::from(self.body.clone())),
                Value::List(_) | Value::Map(_) => self.printed_document(document, &self.body),
                _ => self.printed(&self.read(&path)?),
            };
        }
        let found = match self.find(&path) {
            Some(None) => Value::Null,
            Some(Some(place)) if place.kind() == Kind::Null => Value::Null,
            Some(Some(place)) if place.is_canonical() => return Ok(Value::from(place.text())),
            Some(Some(place)) => {
                let document = json::parse_document(place.text()).map_err(no_json)?;
                return self.printed_document(&document, place.text());
            }
            None => self.read(&path)?,
        };
        self.printed(&found)
    }

    /// What a document prints that nobody has changed, and that was read from this text.
    fn printed_document(&self, document: &Document, text: &str) -> Result<Value, Exception> {
        let squeezed = match document.value {
            Value::List(_) | Value::Map(_) => document.squeezed(text),
            _ => None,
        };
        squeezed.map_or_else(|| self.printed(&document.value), |text| Ok(Value::from(text)))
    }

    fn printed(&self, found: &Value) -> Result<Value, Exception> {
        if matches!(found, Value::Null) {
            return Ok(Value::from("\"\""));
        }
        let about = if matches!(found, Value::List(_) | Value::Map(_)) { self.body.len() } else { 0 };
        let mut text = String::with_capacity(about.min(LONGEST_GUESS));
        if json::print(found, &mut text) {
            Ok(Value::from(text))
        } else {
            Err(Exception::new("StackOverflowError", "the value nests too deep or is too long"))
        }
    }

    /// A parameter: of the path, else of the query string, else a header.
    fn parameter(&self, name: &Value) -> Result<Value, Exception> {
        let all = match (&self.parameters, name) {
            (Parameters::Named(named), Value::Str(name)) => {
                let found = named.iter().find(|(known, _)| **known == **name);
                return Ok(found.map_or_else(|| Value::from(""), |(_, value)| Value::from(value.clone())));
            }
            (Parameters::Named(_), _) => return Ok(Value::from("")),
            (Parameters::All(all), _) => all,
        };
        for kind in ["path", "querystring", "header"] {
            let Some(Value::Map(map)) = all.get(kind) else { continue };
            let found = map.entries().borrow().get(name).cloned();
            match found {
                None | Some(Value::Null) => {}
                Some(value) => return print::text(&value).map(Value::from),
            }
        }
        Ok(Value::from(""))
    }
}

fn no_json(error: json::InvalidJson) -> Exception {
    Exception::new("InvalidJsonException", format!("the body is no JSON: {error}"))
}

fn compiled(path: &str) -> Result<Rc<Path>, Exception> {
    PATHS.with_borrow_mut(|paths| {
        if let Some(path) = paths.get(path) {
            return Ok(path.clone());
        }
        let compiled = Path::compile(path).map(Rc::new).map_err(|invalid| {
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
        matches!(name, "body" | "Body").then(|| Value::from(self.body.clone()))
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
            ("params", []) => Some(Ok(Value::Map(self.parameters.all()))),
            ("params", [name @ (Value::Str(_) | Value::Null)]) => Some(self.parameter(name)),
            ("getBody", []) => Some(Ok(Value::from(self.body.clone()))),
            _ => None,
        }
    }

    /// Nothing: recorded on AWS.
    fn print(&self, _: &mut String) {}
}
