//! Typed reading: a value and its place, which says what is wrong there and what was expected.

use std::cell::OnceCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use smol_str::SmolStr;

use super::asked::Asked;
use super::nearest::nearest;
use super::node::{Data, Node};
use super::problem::Severity;
use super::report::{Known, Place, Report};
use super::trail::{Above, Trail};
use super::unit;
use super::url::Url;

/// A value of a document, with its place and the report.
#[derive(Clone)]
pub(crate) struct Spot<'a> {
    /// The value.
    pub node: &'a Node,
    /// Where findings go.
    pub report: &'a Report,
    trail: Trail,
    /// The same, for what is inside, when somebody has asked for it.
    shared: OnceCell<Rc<Above>>,
}

impl<'a> Spot<'a> {
    /// A value at a path.
    pub(crate) fn new(node: &'a Node, path: impl Into<Trail>, report: &'a Report) -> Spot<'a> {
        Spot { node, report, trail: path.into(), shared: OnceCell::new() }
    }

    /// The path in the document.
    pub(crate) fn trail(&self) -> &Trail {
        &self.trail
    }

    /// The same, written out.
    pub(crate) fn path(&self) -> String {
        self.trail.path()
    }

    /// The place.
    pub(crate) fn place(&self) -> Place {
        Place::of(self.node, &self.trail)
    }

    /// It does not load because of this.
    pub(crate) fn error(&self, rule: &'static str, message: String) {
        self.report.error(&self.place(), rule, message);
    }

    /// It will surprise.
    pub(crate) fn warning(&self, rule: &'static str, message: String) {
        self.report.warning(&self.place(), rule, message);
    }

    /// Good to know.
    pub(crate) fn note(&self, rule: &'static str, message: String) {
        self.report.note(&self.place(), rule, message);
    }

    /// A value inside.
    pub(crate) fn inside(&self, key: &SmolStr, node: &'a Node) -> Spot<'a> {
        Spot::new(node, Trail::key(self.shared(), key.clone()), self.report)
    }

    /// The entry of a map at a position.
    fn at(&self, at: usize) -> Option<Spot<'a>> {
        self.node.at(at).map(|(key, node)| self.inside(key, node))
    }

    fn shared(&self) -> &Rc<Above> {
        self.shared.get_or_init(|| Rc::new(Above::from(&self.trail)))
    }

    /// The entry of a map, without remembering that it was asked for.
    pub(crate) fn get(&self, key: &str) -> Option<Spot<'a>> {
        self.at(self.node.position(key)?)
    }

    /// Remembers what is asked, when somebody wants to know.
    pub(crate) fn records(&self, asked: impl FnOnce() -> Asked) {
        self.report.records(&self.trail, asked);
    }

    fn wrong<T>(&self, expected: &str) -> Option<T> {
        let found = match &self.node.data {
            data if self.report.is_secret(&self.place()) => data.kind().to_owned(),
            // A url may have a password in it.
            Data::Text(text) if text.contains("://") && text.contains('@') => "a text".to_owned(),
            Data::Text(text) if text.chars().count() <= 60 => format!("{text:?}"),
            Data::Number(_, text) => format!("`{text}`"),
            Data::Bool(value) => format!("`{value}`"),
            data => data.kind().to_owned(),
        };
        self.error("wrong-type", format!("expected {expected}, found {found}"));
        None
    }

    /// The same as `text`, shared with the document.
    pub(crate) fn word(&self) -> Option<SmolStr> {
        self.records(|| Asked::Text);
        self.node.word().or_else(|| self.wrong("a text"))
    }

    /// A text; numbers and booleans count as they are spelt.
    pub(crate) fn text(&self) -> Option<String> {
        self.word().map(Into::into)
    }

    /// `true` or `false`.
    pub(crate) fn bool(&self) -> Option<bool> {
        self.records(|| Asked::Bool);
        match &self.node.data {
            Data::Bool(value) => Some(*value),
            Data::Text(text) if self.node.origin.is_text_only() && text == "true" => Some(true),
            Data::Text(text) if self.node.origin.is_text_only() && text == "false" => Some(false),
            _ => self.wrong("`true` or `false`"),
        }
    }

    /// A whole number within bounds.
    pub(crate) fn integer(&self, least: u64, most: u64) -> Option<u64> {
        self.records(|| Asked::Integer(least, most));
        let value = match &self.node.data {
            Data::Number(number, _) => number.as_u64(),
            Data::Text(text) if self.node.origin.is_text_only() => text.trim().parse().ok(),
            _ => None,
        };
        value.filter(|v| (least..=most).contains(v)).or_else(|| {
            if most == u64::MAX {
                self.wrong(&format!("a whole number, at least {least}"))
            } else {
                self.wrong(&format!("a whole number from {least} to {most}"))
            }
        })
    }

    /// A whole number for a `usize`.
    pub(crate) fn size(&self, least: usize) -> Option<usize> {
        self.integer(least as u64, u64::MAX).and_then(|v| usize::try_from(v).ok())
    }

    /// A number within bounds.
    pub(crate) fn number(&self, least: f64, most: f64) -> Option<f64> {
        self.records(|| Asked::Number(least, most));
        let value = match &self.node.data {
            Data::Number(number, _) => number.as_f64(),
            Data::Text(text) if self.node.origin.is_text_only() => text.trim().parse().ok(),
            _ => None,
        };
        let value = value.filter(|v| v.is_finite() && (least..=most).contains(v));
        value.or_else(|| {
            if most == f64::MAX {
                self.wrong(&format!("a number, at least {least}"))
            } else {
                self.wrong(&format!("a number from {least} to {most}"))
            }
        })
    }

    /// A length of time such as `29s`.
    pub(crate) fn duration(&self) -> Option<Duration> {
        self.records(|| Asked::Duration);
        let parsed = match &self.node.data {
            Data::Text(text) => unit::duration(text),
            _ => None,
        };
        parsed.or_else(|| self.wrong("a length of time such as `500ms`, `29s` or `1m`"))
    }

    /// Bytes: a whole number, or with a unit such as `10MiB`.
    pub(crate) fn bytes(&self, least: usize) -> Option<usize> {
        self.records(|| Asked::Bytes(least));
        let parsed = match &self.node.data {
            Data::Number(number, _) => number.as_u64().and_then(|v| usize::try_from(v).ok()),
            Data::Text(text) => unit::bytes(text),
            _ => None,
        };
        let parsed = parsed.filter(|v| *v >= least);
        parsed.or_else(|| self.wrong(&format!("a number of bytes such as `10485760` or `10MiB`, at least {least}")))
    }

    /// An address such as `127.0.0.1:8080`.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.records(|| Asked::Address);
        let parsed = match &self.node.data {
            Data::Text(text) => match text.strip_prefix("localhost:") {
                Some(port) => format!("127.0.0.1:{port}").parse().ok(),
                None => text.parse().ok(),
            },
            _ => None,
        };
        parsed.or_else(|| self.wrong("an IP address and a port, such as `127.0.0.1:8080` or `[::1]:8080`"))
    }

    /// An `http://` or `https://` url.
    pub(crate) fn url(&self) -> Option<Url> {
        self.records(|| Asked::Url);
        const EXPECTED: &str = "a url such as `http://127.0.0.1:3001`";
        let Data::Text(text) = &self.node.data else { return self.wrong(EXPECTED) };
        Url::parse(text).map_err(|why| self.wrong::<()>(&format!("{EXPECTED} ({why})"))).ok()
    }

    /// One of a few words, in any letter case.
    pub(crate) fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Option<T> {
        self.records(|| Asked::Choice(choices.iter().map(|(word, _)| (*word).to_owned()).collect()));
        let text = self.node.word();
        let found = text.as_deref().and_then(|t| choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(t)));
        found.map(|(_, value)| *value).or_else(|| {
            let words: Vec<String> = choices.iter().map(|(word, _)| format!("`{word}`")).collect();
            self.wrong(&format!("one of {}", words.join(", ")))
        })
    }

    /// The items of a list.
    pub(crate) fn items(&self) -> Vec<Spot<'a>> {
        self.each_item().collect()
    }

    /// The same, one by one.
    pub(crate) fn each_item(&self) -> impl Iterator<Item = Spot<'a>> {
        self.records(|| Asked::Items);
        let items = match &self.node.data {
            Data::List(items) => items.as_slice(),
            _ => self.wrong("a list").unwrap_or_default(),
        };
        let (above, report) = (self.shared().clone(), self.report);
        items.iter().enumerate().map(move |(n, node)| Spot::new(node, Trail::item(&above, n), report))
    }

    /// A list of texts.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.records(|| Asked::Texts);
        self.items().iter().filter_map(Spot::text).collect()
    }

    /// The entries of a map, whatever their names.
    pub(crate) fn entries(&self) -> Vec<(&'a str, Spot<'a>)> {
        self.each_entry().map(|(key, spot)| (key.as_str(), spot)).collect()
    }

    /// The same, one by one.
    pub(crate) fn each_entry(&self) -> impl Iterator<Item = (&'a SmolStr, Spot<'a>)> {
        self.records(|| Asked::Entries);
        if !self.node.is_map() {
            self.wrong::<()>("a map");
        }
        let (above, report) = (self.shared().clone(), self.report);
        self.node.entries().map(move |(key, node)| (key, Spot::new(node, Trail::key(&above, key.clone()), report)))
    }

    /// What is read of each entry or item: in a list of their number, as an iterator that leaves some out takes room for more.
    pub(crate) fn collect<T>(&self, read: impl Iterator<Item = T>) -> Vec<T> {
        let mut all = Vec::with_capacity(match &self.node.data {
            Data::Map(map) => map.len(),
            Data::List(items) => items.len(),
            _ => 0,
        });
        all.extend(read);
        all
    }

    /// A map of texts.
    pub(crate) fn text_map(&self) -> Vec<(String, String)> {
        self.entries().iter().filter_map(|(key, spot)| Some(((*key).to_owned(), spot.text()?))).collect()
    }

    /// The map as fields with known names.
    pub(crate) fn fields(&self) -> Fields<'a> {
        if !self.node.is_map() {
            self.wrong::<()>("a map");
        }
        Fields { spot: self.clone(), known: self.report.borrow_keys(), any_case: false, asked: 0, found: 0 }
    }

    /// The same, the names in any letter case.
    pub(crate) fn fields_any_case(&self) -> Fields<'a> {
        let mut fields = self.fields();
        fields.any_case = true;
        fields
    }
}

/// A map with known keys: those that are asked for. `done` says which others are there.
pub(crate) struct Fields<'a> {
    /// The map.
    pub spot: Spot<'a>,
    known: Vec<Known>,
    any_case: bool,
    /// A hash of what was asked for, in its order.
    asked: u64,
    /// A bit for each of the first entries that was asked for.
    found: u64,
}

impl<'a> Fields<'a> {
    /// The value of a key; `null` counts as absent.
    pub(crate) fn get(&mut self, key: &'static str) -> Option<Spot<'a>> {
        self.known.push(Known { key, is_asked: !self.any_case });
        self.spot.records(|| Asked::Field(key));
        if self.any_case {
            let (name, node) = self.spot.node.get_any_case(key)?;
            return Some(self.spot.inside(name, node));
        }
        // Where a key of the code stands is as good as what it says: who meets it elsewhere looks again.
        let address = key.as_ptr() as u64 ^ (key.len() as u64) << 48;
        self.asked = (self.asked.rotate_left(5) ^ address).wrapping_mul(0x517c_c1b7_2722_0a95);
        let at = self.spot.node.position(key)?;
        self.found |= 1_u64.checked_shl(at as u32).unwrap_or(0);
        self.spot.at(at)
    }

    /// The value of a key that must be there.
    pub(crate) fn need(&mut self, key: &'static str) -> Option<Spot<'a>> {
        self.spot.records(|| Asked::Needed(key));
        let found = self.get(key);
        if found.is_none() && self.spot.node.is_map() {
            self.spot.error("missing-key", format!("`{key}` is missing"));
        }
        found
    }

    /// Keys that may stand there and mean nothing.
    pub(crate) fn allow(&mut self, keys: &[&'static str]) {
        self.known.extend(keys.iter().map(|key| Known { key, is_asked: false }));
        keys.iter().for_each(|key| self.spot.records(|| Asked::Field(key)));
    }

    /// Reports every key that nobody asked for; `x-` extensions of others are left alone in a definition.
    pub(crate) fn done(self, severity: Severity) {
        if severity == Severity::Error {
            self.spot.records(|| Asked::Closed);
        }
        for (n, (key, node)) in self.spot.node.entries().enumerate() {
            if n < 64 && self.found >> n & 1 == 1 {
                continue;
            }
            let is_it = |known: &Known| match self.any_case {
                true => known.key.eq_ignore_ascii_case(key),
                false => known.key == key,
            };
            if self.known.iter().any(is_it) || (severity < Severity::Error && key.starts_with("x-")) {
                continue;
            }
            let known: Vec<&str> = self.known.iter().map(|known| known.key).collect();
            let hint = match nearest(key, &known) {
                Some(name) => format!("; the nearest known key is `{name}`"),
                None => {
                    let names: Vec<String> = known.iter().map(|k| format!("`{k}`")).collect();
                    format!("; known keys are {}", names.join(", "))
                }
            };
            let spot = self.spot.inside(key, node);
            self.spot.report.add(severity, &spot.place(), "unknown-key", format!("unknown key `{key}`{hint}"));
        }
    }
}

/// What was asked for is told at the end: thousands of maps are asked for the same.
impl Drop for Fields<'_> {
    fn drop(&mut self) {
        let known = std::mem::take(&mut self.known);
        self.spot.report.asked(&self.spot.trail, self.asked, known);
    }
}
