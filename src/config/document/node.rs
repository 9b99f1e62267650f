//! The tree of a document, whatever its format: every value knows its line and where it came from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use smol_str::{SmolStr, ToSmolStr};

use super::named::Named;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The file, variable or flag.
    pub origin: Arc<Origin>,
    /// The line, from 1: the key's for a value in a map; 0 when there is none.
    pub line: usize,
    /// The key, with a value that ends on the same line.
    pub mark: Mark,
    /// Where the text itself begins, for a literal block.
    pub block: Option<Block>,
    /// The value.
    pub data: Data,
}

/// The characters of a line that something takes. In little room: a document has many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Mark {
    column: u32,
    width: u32,
}

impl Mark {
    /// From a column on, so many characters.
    pub fn new(column: usize, width: usize) -> Mark {
        Mark { column: small(column), width: small(width) }
    }

    /// From one column to the one behind the last character.
    pub fn between(start: usize, end: usize) -> Mark {
        Mark::new(start, end.saturating_sub(start))
    }

    /// The first character, from 1; 0 when it is not known.
    pub fn column(self) -> usize {
        self.column as usize
    }

    /// How many characters.
    pub fn width(self) -> usize {
        self.width as usize
    }

    /// The column behind the last character.
    pub fn end(self) -> usize {
        self.column() + self.width()
    }
}

/// Where the text of a literal block begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    line: u32,
    column: u32,
}

impl Block {
    /// At a line and a column, both from 1.
    pub fn new(line: usize, column: usize) -> Block {
        Block { line: small(line), column: small(column) }
    }

    /// The line, from 1.
    pub fn line(self) -> usize {
        self.line as usize
    }

    /// The column, from 1.
    pub fn column(self) -> usize {
        self.column as usize
    }
}

/// No document that is read is as large.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
    /// A command-line flag.
    Flag(String),
    /// What counts when nobody says otherwise.
    Default,
    /// What is generated out of a place of a file, such as a method out of an event: it is found under that place.
    Made {
        /// The file.
        file: PathBuf,
        /// The path in the document.
        path: String,
    },
}

impl Origin {
    /// What a problem names as its file.
    pub fn name(&self) -> PathBuf {
        match self {
            Origin::File(path) | Origin::Made { file: path, .. } => path.clone(),
            Origin::Variable(name) | Origin::Flag(name) => PathBuf::from(name),
            Origin::Default => PathBuf::from("default"),
        }
    }

    /// A path in a file is relative to that file; one in a variable or a flag to the working directory.
    pub fn relative(&self, path: &Path) -> PathBuf {
        match self {
            Origin::File(file) | Origin::Made { file, .. } => {
                match file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                    Some(folder) => folder.join(path),
                    None => path.to_owned(),
                }
            }
            _ => path.to_owned(),
        }
    }

    /// Whether the value is text only, as variables and flags are: numbers and switches are read out of it.
    pub fn is_text_only(&self) -> bool {
        matches!(self, Origin::Variable(_) | Origin::Flag(_))
    }
}

/// What a document can hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// `null`, or nothing at all.
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number, and its spelling: an account id may begin with zeros.
    Number(serde_json::Number, SmolStr),
    /// Text.
    Text(SmolStr),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the document.
    Map(Entries),
}

/// The entries of a map.
pub(crate) type Entries = Named<Node>;

impl Data {
    /// What it is, with an article.
    pub fn kind(&self) -> &'static str {
        match self {
            Data::Null => "nothing",
            Data::Bool(_) => "a boolean",
            Data::Number(..) => "a number",
            Data::Text(_) => "a text",
            Data::List(_) => "a list",
            Data::Map(_) => "a map",
        }
    }
}

impl Node {
    /// A value whose columns are not known, and which is no block.
    pub fn new(origin: &Arc<Origin>, line: usize, data: Data) -> Node {
        Node { origin: origin.clone(), line, mark: Mark::default(), block: None, data }
    }

    /// Another value at the same place.
    pub fn with(&self, data: Data) -> Node {
        Node { origin: self.origin.clone(), line: self.line, mark: self.mark, block: self.block, data }
    }

    /// The entry of a map; `null` counts as absent.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.data {
            Data::Map(map) => map.get(key).filter(|node| node.data != Data::Null),
            _ => None,
        }
    }

    /// The entry of a map at a position; `null` counts as absent.
    pub(super) fn at(&self, at: usize) -> Option<(&SmolStr, &Node)> {
        match &self.data {
            Data::Map(map) => map.at(at).filter(|(_, node)| !matches!(node.data, Data::Null)),
            _ => None,
        }
    }

    /// Where a map has a key, be it with nothing.
    pub(super) fn position(&self, key: &str) -> Option<usize> {
        match &self.data {
            Data::Map(map) => map.position(key),
            _ => None,
        }
    }

    /// The entry of a map, be it nothing.
    pub fn entry(&self, key: &str) -> Option<&Node> {
        match &self.data {
            Data::Map(map) => map.get(key),
            _ => None,
        }
    }

    /// The same, to change it.
    pub fn entry_mut(&mut self, key: &str) -> Option<&mut Node> {
        match &mut self.data {
            Data::Map(map) => map.get_mut(key),
            _ => None,
        }
    }

    /// Whether it is a map.
    pub fn is_map(&self) -> bool {
        matches!(self.data, Data::Map(_))
    }

    /// Whether a map has that key, be it with nothing.
    pub fn has(&self, key: &str) -> bool {
        matches!(&self.data, Data::Map(map) if map.contains_key(key))
    }

    /// The entry of a map that is a text.
    pub fn text(&self, key: &str) -> Option<&str> {
        match &self.get(key)?.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Takes an entry out of a map.
    pub fn take(&mut self, key: &str) -> Option<Node> {
        match &mut self.data {
            Data::Map(map) => map.shift_remove(key),
            _ => None,
        }
    }

    /// The entry of a map, the key in any letter case: the exact spelling first.
    pub fn get_any_case(&self, key: &str) -> Option<(&SmolStr, &Node)> {
        let Data::Map(map) = &self.data else { return None };
        let found = map.get_key_value(key).or_else(|| map.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)));
        found.filter(|(_, node)| node.data != Data::Null)
    }

    /// The entries of a map.
    pub fn entries(&self) -> impl Iterator<Item = (&SmolStr, &Node)> {
        match &self.data {
            Data::Map(map) => Some(map.iter()),
            _ => None,
        }
        .into_iter()
        .flatten()
    }

    /// The items of a list.
    pub fn items(&self) -> &[Node] {
        match &self.data {
            Data::List(items) => items,
            _ => &[],
        }
    }

    /// The text of a scalar, numbers and booleans as they are spelt.
    pub fn scalar(&self) -> Option<String> {
        self.word().map(Into::into)
    }

    /// The same, shared with the document.
    pub(crate) fn word(&self) -> Option<SmolStr> {
        match &self.data {
            Data::Text(text) | Data::Number(_, text) => Some(text.clone()),
            Data::Bool(value) => Some(value.to_smolstr()),
            _ => None,
        }
    }

    /// The same as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value;
        match &self.data {
            Data::Null => Value::Null,
            Data::Bool(value) => Value::Bool(*value),
            Data::Number(number, _) => Value::Number(number.clone()),
            Data::Text(text) => Value::String(text.to_string()),
            Data::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Data::Map(map) => Value::Object(map.iter().map(|(key, node)| (key.to_string(), node.to_json())).collect()),
        }
    }
}
