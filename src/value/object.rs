//! `Value`, its lists and maps, and the `Object` by which a host shows anything else.
//!
//! A list or map is one of its own, or one that stands in a document as it was read ([`Tape`]). The latter becomes one of its own as
//! soon as somebody asks for its [`List::items`] or [`Map::entries`]; who only looks has `len`, `item`, `get` and `entry`.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;

use bigdecimal::BigDecimal;
use num_bigint::BigInt;

use rustc_hash::FxBuildHasher;

use super::buckets;
use super::entries;
use super::exception::Exception;
use super::member::Member;
use super::tape::{self, Mark, Node, Span};
use super::text::Text;

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
    Str(Text),
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

/// A document as it was read.
pub(super) type Tape = tape::Tape<Value>;

/// The most names of a map that are looked through where they stand.
const LOOKED_THROUGH: u32 = 64;

/// A shared, mutable list.
#[derive(Clone)]
pub struct List(ListPlace);

#[derive(Clone)]
enum ListPlace {
    Cells(Rc<ListCells>),
    Tape(Rc<Tape>, u32),
}

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
        List::of_cells(ListCells { kind, items: RefCell::new(items), changes: Cell::new(0), parent: None })
    }
    pub(super) fn of_cells(cells: ListCells) -> List {
        List(ListPlace::Cells(Rc::new(cells)))
    }
    pub(super) fn cells(&self) -> &Rc<ListCells> {
        match &self.0 {
            ListPlace::Cells(cells) => cells,
            ListPlace::Tape(tape, at) => match built(tape).get(at) {
                Some(Value::List(List(ListPlace::Cells(cells)))) => cells,
                _ => unreachable!("each list of a tape is built"),
            },
        }
    }
    /// Where it stands while nobody has changed its document.
    fn untouched(&self) -> Option<(&Rc<Tape>, Span)> {
        match &self.0 {
            ListPlace::Tape(tape, at) if tape.built.get().is_none() => Some((tape, tape.span(*at))),
            _ => None,
        }
    }
    /// The same list, as one that no longer needs its document.
    pub fn settled(&self) -> List {
        List(ListPlace::Cells(self.cells().clone()))
    }
    /// Which Java list it is.
    pub fn kind(&self) -> ListKind {
        match &self.0 {
            ListPlace::Cells(cells) => cells.kind,
            ListPlace::Tape(..) => ListKind::Json,
        }
    }
    /// The items; borrow it for as short as can be.
    pub fn items(&self) -> &RefCell<Vec<Value>> {
        &self.cells().items
    }
    /// How many items there are.
    pub fn len(&self) -> usize {
        match self.untouched() {
            Some((_, span)) => span.count as usize,
            None => self.cells().items.borrow().len(),
        }
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The item at an index, without keeping the list borrowed.
    pub fn item(&self, index: usize) -> Option<Value> {
        match self.untouched() {
            Some((tape, span)) => (index < span.count as usize).then(|| value_of(tape, span.first + index as u32)),
            None => self.cells().items.borrow().get(index).cloned(),
        }
    }
    /// Whether both are the one same list.
    pub fn same(&self, other: &List) -> bool {
        match (&self.0, &other.0) {
            (ListPlace::Tape(a, m), ListPlace::Tape(b, n)) if a.built.get().is_none() => Rc::ptr_eq(a, b) && m == n,
            (ListPlace::Tape(tape, _), _) | (_, ListPlace::Tape(tape, _)) if tape.built.get().is_none() => false,
            _ => Rc::ptr_eq(self.cells(), other.cells()),
        }
    }
    /// How often items came or went: an iterator that sees it change fails, as Java's do.
    pub fn changes(&self) -> u32 {
        if self.untouched().is_some() { 0 } else { self.cells().changes.get() }
    }
    /// Items came or went.
    pub fn note_change(&self) {
        let changes = &self.cells().changes;
        changes.set(changes.get().wrapping_add(1));
    }
}

/// The entries of a map, in insertion order.
pub type Entries = entries::Entries<Value>;

/// A shared, mutable map.
#[derive(Clone)]
pub struct Map(MapPlace);

#[derive(Clone)]
enum MapPlace {
    Cells(Rc<MapCells>),
    Tape(Rc<Tape>, u32),
}

pub(super) struct MapCells {
    pub(super) kind: MapKind,
    pub(super) entries: RefCell<Entries>,
    changes: Cell<u32>,
    /// How many buckets a `HashMap` would have by now: it never shrinks, and its size decides its order.
    pub(super) buckets: Cell<usize>,
}

impl Map {
    /// A map of the kind.
    pub fn new(kind: MapKind, entries: Entries) -> Map {
        let buckets = Cell::new(if entries.is_empty() { 0 } else { buckets::capacity(entries.len()) });
        let cells = MapCells { kind, entries: RefCell::new(entries), changes: Cell::new(0), buckets };
        Map(MapPlace::Cells(Rc::new(cells)))
    }
    pub(super) fn cells(&self) -> &Rc<MapCells> {
        match &self.0 {
            MapPlace::Cells(cells) => cells,
            MapPlace::Tape(tape, at) => match built(tape).get(at) {
                Some(Value::Map(Map(MapPlace::Cells(cells)))) => cells,
                _ => unreachable!("each map of a tape is built"),
            },
        }
    }
    /// Where it stands while nobody has changed its document.
    fn untouched(&self) -> Option<(&Rc<Tape>, u32, Span)> {
        match &self.0 {
            MapPlace::Tape(tape, at) if tape.built.get().is_none() => Some((tape, *at, tape.span(*at))),
            _ => None,
        }
    }
    /// Whether it stands in a document that nobody has changed.
    pub(super) fn is_untouched(&self) -> bool {
        self.untouched().is_some()
    }
    /// The same map, as one that no longer needs its document.
    pub fn settled(&self) -> Map {
        Map(MapPlace::Cells(self.cells().clone()))
    }
    /// A `LinkedHashMap` with these keys.
    pub fn linked<N: AsRef<str>, V: Into<Value>>(entries: impl IntoIterator<Item = (N, V)>) -> Map {
        let entries = entries.into_iter().map(|(name, value)| (Value::from(name.as_ref()), value.into()));
        Map::new(MapKind::Linked, entries.collect())
    }
    /// `clone()`: a HashMap's copy has as few buckets as will do.
    pub fn copy(&self) -> Map {
        let copy = Map::new(self.kind(), self.cells().entries.borrow().clone());
        copy.cells().buckets.set(buckets::tight_capacity(copy.cells().entries.borrow().len()));
        copy
    }
    /// Which Java map it is.
    pub fn kind(&self) -> MapKind {
        match &self.0 {
            MapPlace::Cells(cells) => cells.kind,
            MapPlace::Tape(..) => MapKind::Linked,
        }
    }
    /// The entries in insertion order; borrow it for as short as can be.
    pub fn entries(&self) -> &RefCell<Entries> {
        &self.cells().entries
    }
    /// The value at a string key.
    pub fn get(&self, key: &str) -> Option<Value> {
        match self.untouched() {
            Some((tape, _, span)) if span.count <= LOOKED_THROUGH * 2 => {
                tape.member(span, key, Mark::of(key.as_bytes())).map(|at| value_of(tape, at))
            }
            _ => self.cells().entries.borrow().get(&StrKey(key)).cloned(),
        }
    }
    /// The value at any key.
    pub fn value_of(&self, key: &Value) -> Option<Value> {
        match key {
            Value::Str(key) => self.get(key),
            key => self.cells().entries.borrow().get(key).cloned(),
        }
    }
    /// Where names lead, and how many of them were needed: at least the first, and more while they lead through one document.
    pub(crate) fn follow<'n>(&self, mut names: impl Iterator<Item = &'n Member>) -> (usize, Value) {
        let Some((tape, mut at, _)) = self.untouched() else {
            return (1, names.next().and_then(|name| self.get(&name.text)).unwrap_or_default());
        };
        let mut taken = 0;
        for name in names {
            let map = match tape.node(at) {
                Node::Map(span) => span,
                _ => break,
            };
            taken += 1;
            if map.count > LOOKED_THROUGH * 2 {
                return (taken, value_of(tape, at).member(&name.text).unwrap_or_default());
            }
            match tape.member(map, &name.text, name.mark) {
                Some(next) => at = next,
                None => return (taken, Value::Null),
            }
        }
        (taken, value_of(tape, at))
    }
    /// How many entries there are.
    pub fn len(&self) -> usize {
        match self.untouched() {
            Some((_, _, span)) => span.count as usize / 2,
            None => self.cells().entries.borrow().len(),
        }
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The entry that stands there, in insertion order, without keeping the map borrowed.
    pub fn entry(&self, index: usize) -> Option<(Value, Value)> {
        match self.untouched() {
            Some((tape, _, Span { first, count })) => (index < count as usize / 2).then(|| {
                let at = first + index as u32 * 2;
                (value_of(tape, at), value_of(tape, at + 1))
            }),
            None => self.cells().entries.borrow().get_index(index).map(|(key, value)| (key.clone(), value.clone())),
        }
    }
    /// Sets a string key.
    pub fn put(&self, key: &str, value: Value) -> Option<Value> {
        if let Some(slot) = self.cells().entries.borrow_mut().get_mut(&StrKey(key)) {
            return Some(std::mem::replace(slot, value));
        }
        self.insert(Value::from(key), value)
    }
    /// Sets any key.
    pub fn insert(&self, key: Value, value: Value) -> Option<Value> {
        // Keys are compared before the map is borrowed for good: a key may look into this very map.
        let found = self.cells().entries.borrow().get_index_of(&key);
        if let Some(index) = found {
            let mut entries = self.cells().entries.borrow_mut();
            return entries.value_at_mut(index).map(|slot| std::mem::replace(slot, value));
        }
        let length = {
            let mut entries = self.cells().entries.borrow_mut();
            entries.append(key, value);
            entries.len()
        };
        self.note_change();
        let mut buckets = match self.cells().buckets.get() {
            0 => 16,
            buckets => buckets,
        };
        while length * 4 > buckets * 3 {
            buckets *= 2;
        }
        self.cells().buckets.set(buckets);
        None
    }
    /// Sets all the keys of another map.
    pub fn insert_all(&self, other: &Map) {
        let pairs = other.in_order();
        if self.cells().buckets.get() == 0 && !pairs.is_empty() {
            self.cells().buckets.set(buckets::tight_capacity(pairs.len()));
        }
        while self.cells().buckets.get() > 0 && pairs.len() * 4 > self.cells().buckets.get() * 3 {
            self.cells().buckets.set(self.cells().buckets.get() * 2);
        }
        for (key, value) in pairs {
            self.insert(key, value);
        }
    }
    /// Removes a key.
    pub fn remove(&self, key: &Value) -> Option<Value> {
        let found = self.cells().entries.borrow().get_index_of(key)?;
        let before = self.cells().entries.borrow_mut().remove(found);
        self.note_change();
        before
    }
    /// Whether both are the one same map.
    pub fn same(&self, other: &Map) -> bool {
        match (&self.0, &other.0) {
            (MapPlace::Tape(a, m), MapPlace::Tape(b, n)) if a.built.get().is_none() => Rc::ptr_eq(a, b) && m == n,
            (MapPlace::Tape(tape, _), _) | (_, MapPlace::Tape(tape, _)) if tape.built.get().is_none() => false,
            _ => Rc::ptr_eq(self.cells(), other.cells()),
        }
    }
    /// How often keys came or went: an iterator that sees it change fails, as Java's do.
    pub fn changes(&self) -> u32 {
        if self.untouched().is_some() { 0 } else { self.cells().changes.get() }
    }
    /// Keys came or went.
    pub fn note_change(&self) {
        let changes = &self.cells().changes;
        changes.set(changes.get().wrapping_add(1));
    }
}

/// The value of a tape that stands there; a text for a name.
fn value_of(tape: &Rc<Tape>, at: u32) -> Value {
    match tape.node(at) {
        Node::List(_) => Value::List(List(ListPlace::Tape(tape.clone(), at))),
        Node::Map(_) => Value::Map(Map(MapPlace::Tape(tape.clone(), at))),
        node => plain_value(tape, node),
    }
}

/// A value that is neither list nor map.
pub(super) fn plain_value(tape: &Tape, node: Node) -> Value {
    match node {
        Node::Text(part) | Node::Name(part, _) => Value::Str(Text::part(&tape.source, part)),
        Node::Int(n) => Value::Int(n),
        Node::Long(n) => Value::Long(n),
        Node::Float(n) => Value::Float(n),
        Node::Double(n) => Value::Double(n),
        Node::Bool(b) => Value::Bool(b),
        Node::Number(n) => tape.numbers.get(n as usize).cloned().unwrap_or_default(),
        Node::Null | Node::List(_) | Node::Map(_) => Value::Null,
    }
}

/// The lists and maps of a tape as such of their own. These know nothing of the tape, so that nothing goes round in a circle.
fn built(tape: &Tape) -> &HashMap<u32, Value, FxBuildHasher> {
    tape.built.get_or_init(|| {
        let mut built: HashMap<u32, Value, FxBuildHasher> = HashMap::default();
        for (at, node) in tape.nodes.iter().enumerate() {
            // What one holds stands before it.
            let value = |n: u32| match built.get(&n) {
                Some(value) => value.clone(),
                None => plain_value(tape, tape.node(n)),
            };
            let value = match *node {
                Node::List(Span { first, count }) => {
                    Value::List(List::new(ListKind::Json, (first..first + count).map(value).collect()))
                }
                Node::Map(Span { first, count }) => {
                    let entries = (first..first + count).step_by(2).map(|n| (value(n), value(n + 1)));
                    Value::Map(Map::new(MapKind::Linked, Entries::of_distinct(entries, count as usize / 2)))
                }
                _ => continue,
            };
            built.insert(at as u32, value);
        }
        built
    })
}

impl Value {
    /// The value of a document.
    pub(super) fn of_tape(tape: Tape) -> Value {
        let Some(last) = tape.nodes.len().checked_sub(1) else { return Value::Null };
        value_of(&Rc::new(tape), last as u32)
    }

    /// Where it stands in a document that nobody has changed, if it is a list or a map of such a one.
    pub(super) fn place_in_tape(&self) -> Option<(&Rc<Tape>, u32)> {
        match self {
            Value::List(List(ListPlace::Tape(tape, at))) | Value::Map(Map(MapPlace::Tape(tape, at)))
                if tape.built.get().is_none() =>
            {
                Some((tape, *at))
            }
            _ => None,
        }
    }

    fn member(&self, name: &str) -> Option<Value> {
        if let Value::Map(map) = self { map.get(name) } else { None }
    }

    /// The value as it can be put into a list or a map: a list or map that stands in a document as one of its own, else a document
    /// that was put into itself would never be let go.
    pub fn settled(self) -> Value {
        match self {
            Value::List(list) => Value::List(list.settled()),
            Value::Map(map) => Value::Map(map.settled()),
            value => value,
        }
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
        Value::Str(Text::from(s))
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Value {
        Value::Map(map)
    }
}

impl From<String> for Value {
    fn from(s: String) -> Value {
        Value::Str(Text::from(s))
    }
}

impl From<Arc<str>> for Value {
    fn from(s: Arc<str>) -> Value {
        Value::Str(Text::from(s))
    }
}

impl From<Text> for Value {
    fn from(s: Text) -> Value {
        Value::Str(s)
    }
}
