//! The findings of a load as they come in, from wherever in the documents they are found.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexSet;
use rustc_hash::FxHashSet;

use super::asked::Asked;
use super::comment::{self, Comment};
use super::contents;
use super::node::{Mark, Node, Origin};
use super::problem::{Inner, Problem, Severity};
use super::trail::{Trail, join};
use crate::api::Secrets;

/// Where something stands.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The file, variable or flag.
    pub(crate) origin: Arc<Origin>,
    /// The line, from 1; 0 when there is none.
    pub(crate) line: usize,
    /// Its characters on that line.
    pub(crate) mark: Mark,
    /// The path in the document.
    pub(crate) trail: Trail,
    /// The line of the text there that is meant, when the text is no block and so has no line of its own in the file.
    pub(crate) inner: Option<Arc<Inner>>,
}

impl Place {
    /// A whole file, variable or flag, or a line of it.
    pub(crate) fn new(origin: Arc<Origin>, line: usize) -> Place {
        Place { origin, line, mark: Mark::default(), trail: Trail::default(), inner: None }
    }

    /// A line of a file, without a path in it.
    pub(crate) fn of_file(path: &Path, line: usize) -> Place {
        Place::new(Arc::new(Origin::File(PathBuf::from(path))), line)
    }

    /// A node at a path.
    pub(crate) fn of(node: &Node, path: impl Into<Trail>) -> Place {
        let trail = match &*node.origin {
            Origin::Made { path, .. } => path.into(),
            _ => path.into(),
        };
        Place { origin: node.origin.clone(), line: node.line, mark: node.mark, trail, inner: None }
    }

    /// The path in the document.
    pub(crate) fn path(&self) -> String {
        self.trail.path()
    }

    /// Whether what stands there is secret: an API key or an access key, or under the name of a secret (however it is spelt, `api.parameters.token`
    /// or `integration.request.header.Authorization`).
    pub(crate) fn is_secret(&self, secrets: &Secrets) -> bool {
        let path = self.path();
        let name = path.rsplit(['.', '"']).find(|piece| piece.starts_with(|c: char| c.is_ascii_alphanumeric()));
        ["api.api_keys", "iam.keys", "telemetry.otlp.headers"].iter().any(|keys| path.starts_with(keys))
            || (name.is_some_and(|name| secrets.is_secret(name)) && !names_an_authorizer(&path))
    }
}

/// Whether a whole authorizer stands at a path: many are called `token`.
fn names_an_authorizer(path: &str) -> bool {
    let holder = path.rsplit_once('.').and_then(|(above, _)| above.rsplit('.').next());
    holder.is_some_and(|holder| AUTHORIZERS.contains(&holder))
}

/// Under these stand authorizers, by their names.
const AUTHORIZERS: [&str; 3] = ["authorizers", "securitySchemes", "securityDefinitions"];

/// A key that a map may have.
#[derive(Debug)]
pub(super) struct Known {
    /// The key.
    pub(super) key: &'static str,
    /// Whether somebody reads it.
    pub(super) is_asked: bool,
}

/// A path, in which all items of a list are its first.
fn of_any_item(path: &str) -> String {
    let mut pieces = path.split('[');
    let mut key = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let rest = piece.trim_start_matches(|c: char| c.is_ascii_digit());
        key.push_str(if rest.len() < piece.len() && rest.starts_with(']') { "[0" } else { "[" });
        key.push_str(if rest.starts_with(']') { rest } else { piece });
    }
    key
}

/// Everything found so far.
///
/// Behind cells, as everybody who reads a document holds it at once: each `Spot` carries it along.
#[derive(Debug, Default)]
pub(crate) struct Report {
    problems: RefCell<IndexSet<Problem>>,
    keys: RefCell<BTreeSet<String>>,
    /// Hashes of what led to `keys`: thousands of routes ask for the same.
    known: RefCell<FxHashSet<u64>>,
    /// Lists for keys that are not in use.
    spare: RefCell<Vec<Vec<Known>>>,
    /// What was asked of the value at each path, when somebody wants to know.
    asked: Option<RefCell<HashMap<String, Vec<Asked>>>>,
    /// Each file, and what it held when it was read.
    files: RefCell<Vec<(PathBuf, Option<u64>)>>,
    /// Comments that silence findings, and their files.
    comments: RefCell<Vec<(PathBuf, Comment)>>,
    /// What findings do not tell.
    secrets: RefCell<Secrets>,
    /// Errors of the parts that are read at the moment, the innermost last; empty: what is read concerns everything.
    parts: RefCell<Vec<Vec<String>>>,
    fatal: Cell<bool>,
}

impl Report {
    /// One that remembers what is asked of each value.
    pub(crate) fn recording() -> Report {
        Report { asked: Some(RefCell::default()), ..Report::default() }
    }

    /// Remembers what is asked of the value at a path.
    #[inline]
    pub(crate) fn records(&self, trail: &Trail, asked: impl FnOnce() -> Asked) {
        let Some(all) = &self.asked else { return };
        let mut all = all.borrow_mut();
        let (known, asked) = (all.entry(trail.path()).or_default(), asked());
        if !known.contains(&asked) {
            known.push(asked);
        }
    }

    /// What was asked of the value at each path.
    pub(crate) fn recorded(self) -> HashMap<String, Vec<Asked>> {
        self.asked.map(RefCell::into_inner).unwrap_or_default()
    }

    /// From now on findings do not tell what stands under these names either.
    pub(crate) fn redact(&self, names: &[String]) {
        *self.secrets.borrow_mut() = Secrets::with(names.iter().cloned());
    }

    /// What findings do not tell.
    pub(crate) fn secrets(&self) -> Secrets {
        self.secrets.borrow().clone()
    }

    /// Whether findings may not tell what stands there.
    pub(crate) fn is_secret(&self, place: &Place) -> bool {
        place.is_secret(&self.secrets.borrow())
    }

    /// It does not load.
    pub(crate) fn error(&self, place: &Place, rule: &'static str, message: String) {
        self.add(Severity::Error, place, rule, message);
    }

    /// It loads, but will surprise.
    pub(crate) fn warning(&self, place: &Place, rule: &'static str, message: String) {
        self.add(Severity::Warning, place, rule, message);
    }

    /// Good to know.
    pub(crate) fn note(&self, place: &Place, rule: &'static str, message: String) {
        self.add(Severity::Note, place, rule, message);
    }

    /// A finding; the same one twice (the canary's copy of the API has it again) counts once.
    pub(crate) fn add(&self, severity: Severity, place: &Place, rule: &'static str, message: String) {
        let line = (place.line > 0).then_some(place.line);
        if severity == Severity::Error {
            match self.parts.borrow_mut().as_mut_slice() {
                [] => self.fatal.set(true),
                parts => parts.iter_mut().for_each(|errors| errors.push(message.clone())),
            }
        }
        let problem = Problem {
            severity,
            rule,
            file: place.origin.name(),
            line,
            mark: place.mark,
            place: place.path(),
            message,
            inner: place.inner.clone(),
        };
        self.problems.borrow_mut().insert(problem);
    }

    /// Reads a part: an error in it is one, but what stands beside it is served all the same. Gives the first error's sentence,
    /// also when it was found before.
    pub(crate) fn part<T>(&self, read: impl FnOnce() -> T) -> (T, Option<String>) {
        self.parts.borrow_mut().push(Vec::new());
        let result = read();
        let errors = self.parts.borrow_mut().pop().unwrap_or_default();
        (result, errors.into_iter().next())
    }

    /// Whether there was an error in what concerns everything.
    pub(crate) fn is_fatal(&self) -> bool {
        self.fatal.get()
    }

    /// How many findings there are.
    pub(crate) fn count(&self) -> usize {
        self.problems.borrow().len()
    }

    /// Whether anything does not load.
    pub(crate) fn has_errors(&self) -> bool {
        self.problems.borrow().iter().any(|p| p.severity == Severity::Error)
    }

    /// Whether there is a finding of this rule at this place already.
    pub(crate) fn is_told(&self, rule: &str, place: &Place) -> bool {
        let path = place.path();
        let is_it = |p: &Problem| p.rule == rule && p.place == path && p.line == Some(place.line);
        self.problems.borrow().iter().any(is_it)
    }

    /// An empty list of keys, to be given back by `asked`.
    pub(super) fn borrow_keys(&self) -> Vec<Known> {
        self.spare.borrow_mut().pop().unwrap_or_default()
    }

    /// Remembers that keys were asked for: what is known is what is read. All items of a list count as its first. Where the same
    /// keys were asked for, as their hash tells, there is nothing to remember.
    pub(super) fn asked(&self, trail: &Trail, hash: u64, mut keys: Vec<Known>) {
        if self.known.borrow_mut().insert(hash ^ trail.shape()) {
            let path = trail.path();
            let asked = keys.iter().filter(|known| known.is_asked);
            self.keys.borrow_mut().extend(asked.map(|known| of_any_item(&join(&path, known.key))));
        }
        keys.clear();
        self.spare.borrow_mut().push(keys);
    }

    /// Remembers a file that a reload has to watch.
    pub(crate) fn uses(&self, file: &Path) {
        let mut files = self.files.borrow_mut();
        if !files.iter().any(|(f, _)| f == file) {
            files.push((file.to_owned(), None));
        }
    }

    /// Remembers what a file held when it was read.
    pub(crate) fn reads(&self, file: &Path, text: &str) {
        if let Some((_, held)) = self.files.borrow_mut().iter_mut().find(|(f, _)| f == file) {
            *held = Some(contents::of(text.as_bytes()));
        }
    }

    /// The files that were read.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        self.files.borrow().iter().map(|(file, _)| file.clone()).collect()
    }

    /// What the files held when they were read.
    pub(crate) fn contents(&self) -> u64 {
        contents::together(self.files.borrow().iter().map(|(_, held)| *held))
    }

    /// Every key that was asked for, in the map that was there.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.keys.borrow().iter().cloned().collect()
    }

    /// Remembers the comments of a text that silence findings.
    pub(crate) fn annotated(&self, file: &Path, text: &str) {
        let found = comment::comments(text).into_iter().map(|comment| (file.to_owned(), comment));
        self.comments.borrow_mut().extend(found);
    }

    /// The comments that silence findings, and their files.
    pub(crate) fn comments(&self) -> Vec<(PathBuf, Comment)> {
        self.comments.borrow().clone()
    }

    /// Takes the findings out that are meant.
    pub(crate) fn take(&self, mut is_meant: impl FnMut(&Problem) -> bool) {
        self.problems.borrow_mut().retain(|problem| !is_meant(problem));
    }

    /// The findings: by file in the order of first mention, then by line.
    pub(crate) fn into_problems(self) -> Vec<Problem> {
        let mut problems: Vec<Problem> = self.problems.into_inner().into_iter().collect();
        let mut files: Vec<PathBuf> = Vec::new();
        for problem in &problems {
            if !files.contains(&problem.file) {
                files.push(problem.file.clone());
            }
        }
        problems.sort_by_cached_key(|p| (files.iter().position(|f| *f == p.file), p.line));
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::{Origin, Place, Secrets};
    use std::sync::Arc;

    #[test]
    fn what_is_called_like_a_secret_is_one_but_for_authorizers() {
        for (path, is_secret) in [
            ("api.parameters.token", true),
            ("api.routes[0].integration.requestParameters[\"integration.request.header.Authorization\"]", true),
            ("api.authorizers.token", false),
            ("api.authorizers.token.identitySource", false),
            ("api.authorizers.token.token", true),
            ("components.securitySchemes.api_key", false),
            ("securityDefinitions.Authorization", false),
            ("api.api_keys.partner.value", true),
        ] {
            let place = Place { trail: path.into(), ..Place::new(Arc::new(Origin::File("a.yaml".into())), 1) };
            assert_eq!(place.is_secret(&Secrets::default()), is_secret, "{path}");
        }
    }
}
