//! What a template's reference, a JSON document and a JSONPath result hold: Java's values, as the gateway's Java sees them.

pub mod json;
pub mod number;

use std::cell::RefCell;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;

use bigdecimal::BigDecimal;
use indexmap::IndexMap;
use num_bigint::BigInt;
use rustc_hash::FxHasher;

/// A Java object, as far as a template can reach one. Cheap to clone; lists and maps are shared, as in Java.
#[derive(Clone)]
pub enum Value {
    /// Java `null`.
    Null,
    /// `java.lang.Boolean`
    Bool(bool),
    /// `java.lang.Integer`
    Int(i32),
    /// `java.lang.Long`
    Long(i64),
    /// `java.math.BigInteger`
    BigInt(Rc<BigInt>),
    /// `java.lang.Float` (only as the result of `floatValue()`)
    Float(f32),
    /// `java.lang.Double`
    Double(f64),
    /// `java.math.BigDecimal`; its scale is kept, because it shows when printed
    BigDecimal(Rc<BigDecimal>),
    /// `java.lang.Character`: one UTF-16 unit
    Char(u16),
    /// `java.lang.String`
    Str(Arc<str>),
    /// A `java.util.List`
    List(List),
    /// A `java.util.Map`
    Map(Map),
    /// Anything else: a map entry, an iterator, `$input`, `$util` …
    Object(Rc<dyn Object>),
}

/// What a host shows to templates, and every Java object that is not a plain value.
pub trait Object {
    /// The Java class's simple name, for error messages.
    fn class(&self) -> &'static str;
    /// `$object.name` and `$object["name"]`: `None` when there is no such property.
    fn property(&self, name: &str) -> Option<Value> {
        let _ = name;
        None
    }
    /// `$object.name(args)`: `None` when there is no such method for these arguments; `Some(Err(…))` when it throws.
    fn call(&self, name: &str, args: &[Value]) -> Option<Result<Value, Exception>> {
        let _ = (name, args);
        None
    }
    /// `toString()`
    fn print(&self, out: &mut String);
    /// The values that `#foreach` walks over, when this can be walked over.
    fn iterate(&self) -> Option<Vec<Value>> {
        None
    }
    /// `hasNext()`/`next()` without taking the rest, for the objects that are iterators.
    fn as_any(&self) -> Option<&dyn std::any::Any> {
        None
    }
}

/// A Java exception that a method threw: it fails the whole template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The class, such as `IndexOutOfBoundsException`.
    pub class: &'static str,
    /// What it says.
    pub message: String,
}

/// Which Java list it is: it decides how it prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// json-smart's `JSONArray`: prints as JSON.
    Json,
    /// `java.util.ArrayList` and its like: prints `[a, {k=v}]`.
    Plain,
}

/// Which Java map it is: it decides the order of iteration and how it prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapKind {
    /// `LinkedHashMap`: insertion order, prints `{k=v}`.
    Linked,
    /// A map below `$context`: iterates in `java.util.HashMap` order and prints as the empty string (recorded on AWS).
    Context,
}

/// The entries of a map, in insertion order.
pub type Entries = IndexMap<Value, Value, BuildHasherDefault<FxHasher>>;

/// A shared, mutable list.
#[derive(Clone)]
pub struct List(Rc<(ListKind, RefCell<Vec<Value>>)>);

impl List {
    /// A list of the kind.
    pub fn new(kind: ListKind, items: Vec<Value>) -> List {
        List(Rc::new((kind, RefCell::new(items))))
    }
    /// Which Java list it is.
    pub fn kind(&self) -> ListKind {
        self.0.0
    }
    /// The items; borrow it for as short as can be.
    pub fn items(&self) -> &RefCell<Vec<Value>> {
        &self.0.1
    }
    /// Whether both are the one same list.
    pub fn same(&self, other: &List) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// A shared, mutable map.
#[derive(Clone)]
pub struct Map(Rc<(MapKind, RefCell<Entries>)>);

impl Map {
    /// A map of the kind.
    pub fn new(kind: MapKind, entries: Entries) -> Map {
        Map(Rc::new((kind, RefCell::new(entries))))
    }
    /// Which Java map it is.
    pub fn kind(&self) -> MapKind {
        self.0.0
    }
    /// The entries in insertion order; borrow it for as short as can be.
    pub fn entries(&self) -> &RefCell<Entries> {
        &self.0.1
    }
    /// The value at a string key.
    pub fn get(&self, key: &str) -> Option<Value> {
        self.0.1.borrow().get(&StrKey(key)).cloned()
    }
    /// Sets a string key.
    pub fn put(&self, key: &str, value: Value) -> Option<Value> {
        self.0.1.borrow_mut().insert(Value::from(key), value)
    }
    /// Whether both are the one same map.
    pub fn same(&self, other: &Map) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Looks a string key up without building a [`Value`].
pub struct StrKey<'a>(pub &'a str);

impl Hash for StrKey<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl indexmap::Equivalent<Value> for StrKey<'_> {
    fn equivalent(&self, key: &Value) -> bool {
        matches!(key, Value::Str(s) if **s == *self.0)
    }
}

impl From<&str> for Value {
    fn from(s: &str) -> Value {
        Value::Str(Arc::from(s))
    }
}

impl From<String> for Value {
    fn from(s: String) -> Value {
        Value::Str(Arc::from(s))
    }
}

/// Java's `equals`: the classes must agree, so the Integer 1 is not the Long 1.
impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Long(a), Value::Long(b)) => a == b,
            (Value::BigInt(a), Value::BigInt(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::Double(a), Value::Double(b)) => a.to_bits() == b.to_bits(),
            (Value::BigDecimal(a), Value::BigDecimal(b)) => a.as_bigint_and_scale() == b.as_bigint_and_scale(),
            (Value::Char(a), Value::Char(b)) => a == b,
            (Value::Str(a), Value::Str(b)) => a == b,
            (Value::List(a), Value::List(b)) => a.same(b) || *a.items().borrow() == *b.items().borrow(),
            (Value::Map(a), Value::Map(b)) => a.same(b) || *a.entries().borrow() == *b.entries().borrow(),
            (Value::Object(a), Value::Object(b)) => std::ptr::addr_eq(Rc::as_ptr(a), Rc::as_ptr(b)),
            _ => false,
        }
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Value::Str(s) => s.hash(state),
            Value::Int(n) => n.hash(state),
            Value::Long(n) => n.hash(state),
            Value::Char(c) => c.hash(state),
            Value::Bool(b) => b.hash(state),
            // Rare as keys: the equality above tells them apart.
            _ => {}
        }
    }
}
