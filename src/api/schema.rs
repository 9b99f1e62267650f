//! A body model: a JSON schema of draft 4, compiled for a walk over a body's text that counts its steps.
//!
//! Why not the jsonschema crate as it is: it needs the whole body as values (72 bytes for each `1` of a list), finds all errors
//! before the first is told, and goes through `oneOf` and `$ref` as often as they are written, with no bound to set. It still
//! compiles and checks what is said of a single number or string.

use std::collections::BTreeSet;
use std::hash::Hash;

use ahash::RandomState;
use jsonschema::Validator;
use serde_json::Value;

/// Where a node stands in its schema.
pub(crate) type NodeId = u32;

/// A schema with all that it refers to.
#[derive(Debug, Default)]
pub struct JsonSchema {
    /// The first is the root.
    pub(crate) nodes: Vec<Node>,
    /// Hashes names and values, here and in bodies.
    pub(crate) keys: Keys,
}

impl JsonSchema {
    /// How many schemas look at one value at most, where each reference is followed as often as it is written.
    pub(crate) fn fan(&self) -> u64 {
        let mut known = vec![None; self.nodes.len()];
        (0..self.nodes.len()).map(|id| self.fan_of(id, &mut known)).max().unwrap_or_default()
    }

    fn fan_of(&self, id: usize, known: &mut [Option<u64>]) -> u64 {
        if let Some(fan) = known[id] {
            return fan;
        }
        // One that comes back to itself asks for nothing new.
        known[id] = Some(0);
        let beside: Vec<NodeId> = self.nodes[id].beside().collect();
        let fan = beside.into_iter().fold(1u64, |fan, node| fan.saturating_add(self.fan_of(node as usize, known)));
        known[id] = Some(fan);
        fan
    }
}

/// A keyed hash: what is equal hashes alike, and nobody outside can tell what else does.
#[derive(Debug, Default, Clone)]
pub(crate) struct Keys(RandomState);

impl Keys {
    /// The hash of a name, or of what stands for a value.
    pub(crate) fn hash(&self, what: impl Hash) -> u64 {
        self.0.hash_one(what)
    }

    /// A number by its text: `1` and `1.0` are one number.
    pub(crate) fn number(&self, text: &str) -> u64 {
        const WHOLE: f64 = 9e15;
        let whole = text.parse::<i128>().ok();
        let float = whole.is_none().then(|| text.parse::<f64>().unwrap_or_default());
        match (whole, float) {
            (Some(whole), _) => self.hash((1, whole)),
            (_, Some(float)) if float.fract() == 0.0 && float.abs() < WHOLE => self.hash((1, float as i128)),
            (_, float) => self.hash((2, float.map(f64::to_bits))),
        }
    }

    /// A string.
    pub(crate) fn text(&self, text: &[u8]) -> u64 {
        self.hash((3, text))
    }

    /// `null`, `true` or `false`.
    pub(crate) fn word(&self, word: &[u8]) -> u64 {
        self.hash((4, word))
    }

    /// An array after one more item; the empty one is 0.
    pub(crate) fn item(&self, before: u64, item: u64) -> u64 {
        self.hash((5, before, item))
    }

    /// An object after one more member, in whatever order; the empty one is 1.
    pub(crate) fn member(&self, before: u64, name: u64, value: u64) -> u64 {
        before.wrapping_add(self.hash((6, name, value)))
    }

    /// A whole value.
    pub(crate) fn value(&self, value: &Value) -> u64 {
        match value {
            Value::Null => self.word(b"null"),
            Value::Bool(true) => self.word(b"true"),
            Value::Bool(false) => self.word(b"false"),
            Value::Number(number) => self.number(&number.to_string()),
            Value::String(text) => self.text(text.as_bytes()),
            Value::Array(items) => items.iter().fold(0, |before, item| self.item(before, self.value(item))),
            Value::Object(members) => members
                .iter()
                .fold(1, |before, (name, value)| self.member(before, self.hash(name.as_bytes()), self.value(value))),
        }
    }
}

/// One schema: what it asks of a value, by the value's kind.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// `$ref`: nothing else counts then.
    pub reference: Option<NodeId>,
    /// `type`: the names, as written.
    pub types: Option<BTreeSet<String>>,
    /// `enum`
    pub options: Option<Options>,
    /// What is asked of a number.
    pub number: Option<Box<Validator>>,
    /// What is asked of a string.
    pub string: Option<Box<Validator>>,
    /// What is asked of an array.
    pub array: Option<Box<ArrayRules>>,
    /// What is asked of an object.
    pub object: Option<Box<ObjectRules>>,
    /// What is asked of any value, in schemas of its own.
    pub combined: Option<Box<Combined>>,
}

impl Node {
    /// Whether every value fits.
    pub(crate) fn is_empty(&self) -> bool {
        self.reference.is_none()
            && self.types.is_none()
            && self.options.is_none()
            && self.number.is_none()
            && self.string.is_none()
            && self.array.is_none()
            && self.object.is_none()
            && self.combined.is_none()
    }

    /// The schemas that look at the same value.
    pub(crate) fn beside(&self) -> impl Iterator<Item = NodeId> {
        let dependencies = self.object.iter().flat_map(|object| &object.dependencies);
        let dependencies = dependencies.filter_map(|(_, dependency)| match dependency {
            Dependency::Schema(node) => Some(*node),
            Dependency::Names(_) => None,
        });
        let combined = self.combined.iter().flat_map(|combined| {
            let Combined { all_of, any_of, one_of, not } = &**combined;
            all_of.iter().chain(any_of).chain(one_of).chain(not).copied()
        });
        self.reference.into_iter().chain(dependencies).chain(combined)
    }
}

/// `enum`
#[derive(Debug)]
pub(crate) struct Options {
    /// As written.
    pub written: Value,
    /// The values' hashes.
    pub hashes: Vec<u64>,
}

/// What is asked of an array.
#[derive(Debug, Default)]
pub(crate) struct ArrayRules {
    /// `minItems`
    pub min: Option<u64>,
    /// `maxItems`
    pub max: Option<u64>,
    /// `uniqueItems`
    pub unique: bool,
    /// `items` as a list: each for its place.
    pub items: Vec<NodeId>,
    /// `items`, or `additionalItems` for those behind the list.
    pub rest: Rest,
}

/// What is asked of those members or items that nothing else speaks of.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Nothing.
    #[default]
    Any,
    /// That there is none.
    None,
    /// That they fit.
    Schema(NodeId),
}

/// What is asked of an object.
#[derive(Debug, Default)]
pub(crate) struct ObjectRules {
    /// `minProperties`
    pub min: Option<u64>,
    /// `maxProperties`
    pub max: Option<u64>,
    /// `required`
    pub required: Vec<Name>,
    /// `properties`, sorted by the names' hashes.
    pub properties: Vec<(u64, NodeId)>,
    /// `patternProperties`
    pub patterns: Vec<(Validator, NodeId)>,
    /// `additionalProperties`
    pub rest: Rest,
    /// `dependencies`
    pub dependencies: Vec<(Name, Dependency)>,
}

/// A member's name with its hash.
#[derive(Debug)]
pub(crate) struct Name {
    /// The name.
    pub text: String,
    /// Its hash.
    pub hash: u64,
}

/// What a member brings along.
#[derive(Debug)]
pub(crate) enum Dependency {
    /// These members.
    Names(Vec<Name>),
    /// That the object fits.
    Schema(NodeId),
}

/// Schemas about the same value.
#[derive(Debug, Default)]
pub(crate) struct Combined {
    /// `allOf`
    pub all_of: Vec<NodeId>,
    /// `anyOf`
    pub any_of: Vec<NodeId>,
    /// `oneOf`
    pub one_of: Vec<NodeId>,
    /// `not`
    pub not: Option<NodeId>,
}
