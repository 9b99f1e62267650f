//! What cases can reach, item by item: its kind, its place, and how often it was reached.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::config::Line;
use crate::vtl::Hits;

/// All items: in the order of the definitions, those of a method together.
#[derive(Default)]
pub(super) struct Items {
    all: Vec<Item>,
    /// The places of the items, by what makes them one.
    known: HashMap<Key, usize>,
}

/// What makes an item one: kind, route, name, file and line.
pub(super) type Key = (ItemKind, String, String, PathBuf, usize);

/// Something that a case can reach.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// What kind of thing.
    pub(crate) kind: ItemKind,
    /// Of which method, such as `GET /orders/{id}`; `gateway responses` for those of the whole API.
    pub(crate) route: String,
    /// What it is called.
    pub(crate) name: String,
    /// Where it stands.
    pub(crate) file: PathBuf,
    /// The line there; 0 when there is none.
    pub(crate) line: usize,
    /// How often it was reached.
    pub(crate) hits: Hits,
}

/// What kind of thing can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ItemKind {
    Method,
    Response,
    Branch,
    GatewayResponse,
    /// What an authorizer of an HTTP API decides.
    Decision,
    /// What pages of other origins are told.
    Cors,
    /// An answer of an HTTP API itself.
    OwnAnswer,
}

impl ItemKind {
    /// Each, in the order in which they are told.
    pub(crate) const ALL: [ItemKind; 7] = [
        ItemKind::Method,
        ItemKind::Response,
        ItemKind::Branch,
        ItemKind::GatewayResponse,
        ItemKind::Decision,
        ItemKind::Cors,
        ItemKind::OwnAnswer,
    ];

    /// One of them.
    pub(crate) fn singular(self) -> &'static str {
        match self {
            ItemKind::Method => "method",
            ItemKind::Response => "integration_response",
            ItemKind::Branch => "template_branch",
            ItemKind::GatewayResponse => "gateway_response",
            ItemKind::Decision => "authorizer_outcome",
            ItemKind::Cors => "cors_answer",
            ItemKind::OwnAnswer => "own_answer",
        }
    }

    /// Several of them.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            ItemKind::Method => "methods",
            ItemKind::Response => "integration responses",
            ItemKind::Branch => "template branches",
            ItemKind::GatewayResponse => "gateway responses",
            ItemKind::Decision => "authorizer outcomes",
            ItemKind::Cors => "CORS answers",
            ItemKind::OwnAnswer => "own answers",
        }
    }
}

impl Items {
    /// Each of them.
    pub(super) fn all(&self) -> &[Item] {
        &self.all
    }

    /// What counts one of them.
    pub(super) fn item(&mut self, kind: ItemKind, route: &str, name: &str, place: Option<&Line>) -> Hits {
        self.add(kind, route, name, place, Hits::default())
    }

    /// What counts it from now on: what has counted it so far, if it is known.
    pub(super) fn add(&mut self, kind: ItemKind, route: &str, name: &str, place: Option<&Line>, hits: Hits) -> Hits {
        let key = key(kind, route, name, place);
        if let Some(known) = self.known.get(&key) {
            return self.all[*known].hits.clone();
        }
        let (.., file, line) = key.clone();
        self.known.insert(key, self.all.len());
        self.all.push(Item { kind, route: route.to_owned(), name: name.to_owned(), file, line, hits: hits.clone() });
        hits
    }
}

/// The key of an item.
pub(super) fn key(kind: ItemKind, route: &str, name: &str, place: Option<&Line>) -> Key {
    let (file, line) = place.map_or_else(Default::default, |line| (line.file(), line.number));
    (kind, route.to_owned(), name.to_owned(), file, line)
}
