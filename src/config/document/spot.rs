//! Typed reading: a value and its place, which says what is wrong there and what was expected.

use std::net::SocketAddr;
use std::time::Duration;

use super::asked::Asked;
use super::nearest::nearest;
use super::node::{Data, Node};
use super::problem::Severity;
use super::report::{Place, Report, Shape, join};
use super::unit;
use super::url::Url;

/// A value of a document, with its place and the report.
#[derive(Clone)]
pub(crate) struct Spot<'a> {
    /// The value.
    pub node: &'a Node,
    /// The path in the document.
    pub path: String,
    /// Where findings go.
    pub report: &'a Report,
}

impl<'a> Spot<'a> {
    /// The place.
    pub(crate) fn place(&self) -> Place {
        Place::of(self.node, &self.path)
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
    pub(crate) fn inside(&self, key: &str, node: &'a Node) -> Spot<'a> {
        Spot { node, path: join(&self.path, key), report: self.report }
    }

    /// The entry of a map, without remembering that it was asked for.
    pub(crate) fn get(&self, key: &str) -> Option<Spot<'a>> {
        self.node.get(key).map(|node| self.inside(key, node))
    }

    /// Remembers what is asked, when somebody wants to know.
    pub(crate) fn records(&self, asked: impl FnOnce() -> Asked) {
        self.report.records(&self.path, asked);
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

    /// A text; numbers and booleans count as they are spelt.
    pub(crate) fn text(&self) -> Option<String> {
        self.records(|| Asked::Text);
        self.node.scalar().or_else(|| self.wrong("a text"))
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
        let text = self.node.scalar();
        let found = text.as_deref().and_then(|t| choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(t)));
        found.map(|(_, value)| *value).or_else(|| {
            let words: Vec<String> = choices.iter().map(|(word, _)| format!("`{word}`")).collect();
            self.wrong(&format!("one of {}", words.join(", ")))
        })
    }

    /// The items of a list.
    pub(crate) fn items(&self) -> Vec<Spot<'a>> {
        self.records(|| Asked::Items);
        let Data::List(items) = &self.node.data else {
            return self.wrong("a list").unwrap_or_default();
        };
        let spot = |(n, node)| Spot { node, path: format!("{}[{n}]", self.path), report: self.report };
        items.iter().enumerate().map(spot).collect()
    }

    /// A list of texts.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.records(|| Asked::Texts);
        self.items().iter().filter_map(Spot::text).collect()
    }

    /// The entries of a map, whatever their names.
    pub(crate) fn entries(&self) -> Vec<(&'a str, Spot<'a>)> {
        self.records(|| Asked::Entries);
        match &self.node.data {
            Data::Map(map) => map.iter().map(|(key, node)| (key.as_str(), self.inside(key, node))).collect(),
            _ => self.wrong("a map").unwrap_or_default(),
        }
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
        Fields { spot: self.clone(), known: Vec::new(), any_case: false, shape: None }
    }

    /// The same, the names in any letter case.
    pub(crate) fn fields_any_case(&self) -> Fields<'a> {
        Fields { any_case: true, ..self.fields() }
    }
}

/// A map with known keys: those that are asked for. `done` says which others are there.
pub(crate) struct Fields<'a> {
    /// The map.
    pub spot: Spot<'a>,
    known: Vec<&'static str>,
    any_case: bool,
    /// That of the map's path.
    shape: Option<Shape>,
}

impl<'a> Fields<'a> {
    /// The value of a key; `null` counts as absent.
    pub(crate) fn get(&mut self, key: &'static str) -> Option<Spot<'a>> {
        self.known.push(key);
        self.spot.records(|| Asked::Field(key));
        if self.any_case {
            let (name, node) = self.spot.node.get_any_case(key)?;
            return Some(self.spot.inside(name, node));
        }
        let shape = *self.shape.get_or_insert_with(|| Shape::of(&self.spot.path));
        self.spot.report.asked(&self.spot.path, shape, key);
        self.spot.get(key)
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
        self.known.extend_from_slice(keys);
        keys.iter().for_each(|key| self.spot.records(|| Asked::Field(key)));
    }

    /// Reports every key that nobody asked for; `x-` extensions of others are left alone in a definition.
    pub(crate) fn done(self, severity: Severity) {
        if severity == Severity::Error {
            self.spot.records(|| Asked::Closed);
        }
        for (key, node) in self.spot.node.entries() {
            let known = |k: &&'static str| if self.any_case { k.eq_ignore_ascii_case(key) } else { *k == key };
            if self.known.iter().any(known) || (severity < Severity::Error && key.starts_with("x-")) {
                continue;
            }
            let hint = match nearest(key, &self.known) {
                Some(name) => format!("; the nearest known key is `{name}`"),
                None => {
                    let names: Vec<String> = self.known.iter().map(|k| format!("`{k}`")).collect();
                    format!("; known keys are {}", names.join(", "))
                }
            };
            let spot = self.spot.inside(key, node);
            self.spot.report.add(severity, &spot.place(), "unknown-key", format!("unknown key `{key}`{hint}"));
        }
    }
}
