//! `Value`, its lists and maps, and the `Object` by which a host shows anything else.

use std::cell::{Cell, RefCell};
use std::hash::{Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;

use bigdecimal::BigDecimal;
use num_bigint::BigInt;

use super::buckets;
use super::entries;
use super::exception::Exception;

/// A Java object, as far as a template can reach one. Cheap to clone; lists and maps are shared, as in Java.
#[derive(Clone, Default)]
pub enum Value {
    /// Java `null`.
    #[default]
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
    /// Whether there is a method of that name without parameters. Velocity takes it for a call with arguments, which then
    /// fails.
    fn has_method_without_parameters(&self, name: &str) -> bool {
        let _ = name;
        false
    }
    /// `#set($object.name = value)`: whether there is such a property to set.
    fn set(&self, name: &str, value: &Value) -> bool {
        let _ = (name, value);
        false
    }
    /// `toString()`
    fn print(&self, out: &mut String);
    /// The elements, when this is a `java.util.Collection`.
    fn iterate(&self) -> Option<Vec<Value>> {
        None
    }
    /// About how many bytes its elements take, to bound what walking over it costs.
    fn weight(&self) -> usize {
        0
    }
    /// `hashCode()`
    fn hash_code(&self) -> i32 {
        1
    }
    /// `equals(other)`, where that is not identity.
    fn equals(&self, other: &Value) -> Option<bool> {
        let _ = other;
        None
    }
    /// The object itself, for the code that knows its type.
    fn as_any(&self) -> Option<&dyn std::any::Any> {
        None
    }
}

/// Which Java list it is: it decides how it prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// json-smart's `JSONArray`: prints as JSON.
    Json,
    /// `java.util.ArrayList` and its like: prints `[a, {k=v}]`.
    Plain,
    /// `java.util.ArrayList$SubList`: as an ArrayList, but of another class.
    Sub,
    /// A list that refuses changes, as `List.of` and `toList` give.
    Fixed,
    /// A Java array: prints as a class name and an address.
    Array,
}

/// Which Java map it is: it decides the order of iteration and how it prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapKind {
    /// `LinkedHashMap`: insertion order, prints `{k=v}`.
    Linked,
    /// A map below `$context`: iterates in `java.util.HashMap` order and prints as the empty string (recorded on AWS).
    Context,
    /// `HashMap`: iterates in its own order, prints `{k=v}`.
    Hash,
    /// A map that refuses changes, as `Map.of` gives. In Java its order is random; here it is that of the arguments.
    Fixed,
}

/// A shared, mutable list.
#[derive(Clone)]
pub struct List(pub(super) Rc<ListCells>);

pub(super) struct ListCells {
    pub(super) kind: ListKind,
    pub(super) items: RefCell<Vec<Value>>,
    pub(super) changes: Cell<u32>,
    /// The list that a sub-list shows a part of.
    pub(super) parent: Option<Parent>,
}

/// Which part of which list a sub-list shows.
pub(super) struct Parent {
    pub(super) list: List,
    pub(super) from: usize,
    /// The parent's changes when the sub-list was made: after others it is of no use.
    pub(super) changes: Cell<u32>,
    /// How many sub-lists are around each other here.
    pub(super) depth: u32,
}

impl List {
    /// A list of the kind.
    pub fn new(kind: ListKind, items: Vec<Value>) -> List {
        List(Rc::new(ListCells { kind, items: RefCell::new(items), changes: Cell::new(0), parent: None }))
    }
    /// Which Java list it is.
    pub fn kind(&self) -> ListKind {
        self.0.kind
    }
    /// The items; borrow it for as short as can be.
    pub fn items(&self) -> &RefCell<Vec<Value>> {
        &self.0.items
    }
    /// The item at an index, without keeping the list borrowed.
    pub fn item(&self, index: usize) -> Option<Value> {
        self.0.items.borrow().get(index).cloned()
    }
    /// Whether both are the one same list.
    pub fn same(&self, other: &List) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
    /// How often items came or went: an iterator that sees it change fails, as Java's do.
    pub fn changes(&self) -> u32 {
        self.0.changes.get()
    }
    /// Items came or went.
    pub fn note_change(&self) {
        self.0.changes.set(self.0.changes.get().wrapping_add(1));
    }
}

/// The entries of a map, in insertion order.
pub type Entries = entries::Entries<Value>;

/// A shared, mutable map.
#[derive(Clone)]
pub struct Map(pub(super) Rc<MapCells>);

pub(super) struct MapCells {
    kind: MapKind,
    pub(super) entries: RefCell<Entries>,
    changes: Cell<u32>,
    /// How many buckets a `HashMap` would have by now: it never shrinks, and its size decides its order.
    pub(super) buckets: Cell<usize>,
}

impl Map {
    /// A map of the kind.
    pub fn new(kind: MapKind, entries: Entries) -> Map {
        let buckets = Cell::new(if entries.is_empty() { 0 } else { buckets::capacity(entries.len()) });
        Map(Rc::new(MapCells { kind, entries: RefCell::new(entries), changes: Cell::new(0), buckets }))
    }
    /// A `LinkedHashMap` with these keys.
    pub fn linked<N: AsRef<str>, V: Into<Value>>(entries: impl IntoIterator<Item = (N, V)>) -> Map {
        let entries = entries.into_iter().map(|(name, value)| (Value::from(name.as_ref()), value.into()));
        Map::new(MapKind::Linked, entries.collect())
    }
    /// `clone()`: a HashMap's copy has as few buckets as will do.
    pub fn copy(&self) -> Map {
        let copy = Map::new(self.kind(), self.0.entries.borrow().clone());
        copy.0.buckets.set(buckets::tight_capacity(copy.0.entries.borrow().len()));
        copy
    }
    /// Which Java map it is.
    pub fn kind(&self) -> MapKind {
        self.0.kind
    }
    /// The entries in insertion order; borrow it for as short as can be.
    pub fn entries(&self) -> &RefCell<Entries> {
        &self.0.entries
    }
    /// The value at a string key.
    pub fn get(&self, key: &str) -> Option<Value> {
        self.0.entries.borrow().get(&StrKey(key)).cloned()
    }
    /// Sets a string key.
    pub fn put(&self, key: &str, value: Value) -> Option<Value> {
        if let Some(slot) = self.0.entries.borrow_mut().get_mut(&StrKey(key)) {
            return Some(std::mem::replace(slot, value));
        }
        self.insert(Value::from(key), value)
    }
    /// Sets any key.
    pub fn insert(&self, key: Value, value: Value) -> Option<Value> {
        // Keys are compared before the map is borrowed for good: a key may look into this very map.
        let found = self.0.entries.borrow().get_index_of(&key);
        if let Some(index) = found {
            let mut entries = self.0.entries.borrow_mut();
            return entries.value_at_mut(index).map(|slot| std::mem::replace(slot, value));
        }
        let length = {
            let mut entries = self.0.entries.borrow_mut();
            entries.append(key, value);
            entries.len()
        };
        self.note_change();
        let mut buckets = match self.0.buckets.get() {
            0 => 16,
            buckets => buckets,
        };
        while length * 4 > buckets * 3 {
            buckets *= 2;
        }
        self.0.buckets.set(buckets);
        None
    }
    /// Sets all the keys of another map.
    pub fn insert_all(&self, other: &Map) {
        let pairs = other.in_order();
        if self.0.buckets.get() == 0 && !pairs.is_empty() {
            self.0.buckets.set(buckets::tight_capacity(pairs.len()));
        }
        while self.0.buckets.get() > 0 && pairs.len() * 4 > self.0.buckets.get() * 3 {
            self.0.buckets.set(self.0.buckets.get() * 2);
        }
        for (key, value) in pairs {
            self.insert(key, value);
        }
    }
    /// Removes a key.
    pub fn remove(&self, key: &Value) -> Option<Value> {
        let found = self.0.entries.borrow().get_index_of(key)?;
        let before = self.0.entries.borrow_mut().remove(found);
        self.note_change();
        before
    }
    /// Whether both are the one same map.
    pub fn same(&self, other: &Map) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
    /// How often keys came or went: an iterator that sees it change fails, as Java's do.
    pub fn changes(&self) -> u32 {
        self.0.changes.get()
    }
    /// Keys came or went.
    pub fn note_change(&self) {
        self.0.changes.set(self.0.changes.get().wrapping_add(1));
    }
}

/// An empty `LinkedHashMap`.
impl Default for Map {
    fn default() -> Map {
        Map::new(MapKind::Linked, Entries::default())
    }
}

/// Looks a string key up without building a [`Value`].
pub(crate) struct StrKey<'a>(pub &'a str);

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

impl From<Map> for Value {
    fn from(map: Map) -> Value {
        Value::Map(map)
    }
}

impl From<String> for Value {
    fn from(s: String) -> Value {
        Value::Str(Arc::from(s))
    }
}
