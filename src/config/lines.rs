//! Where methods and their integration responses stand, for who is shown them: file and line, nothing else of the definition.

use std::collections::HashMap;
use std::sync::Arc;

use super::definition::written::WrittenApi;
use super::document::{Origin, Place};

/// The lines of an API's parts, by the template of the path.
#[derive(Debug, Default)]
pub(crate) struct Lines(HashMap<String, Vec<MethodPlace>>);

/// One method's.
#[derive(Debug)]
struct MethodPlace {
    /// The method, such as `GET`.
    method: String,
    line: Line,
    /// By pattern and status.
    responses: Vec<(Option<String>, u16, Line)>,
}

#[derive(Debug)]
struct Line {
    origin: Arc<Origin>,
    number: usize,
}

impl Lines {
    pub(super) fn of(written: &WrittenApi) -> Lines {
        let mut lines = Lines::default();
        for route in &written.routes {
            let responses = route.integration.iter().flat_map(|integration| &integration.responses);
            let method = MethodPlace {
                method: route.method.as_str().to_owned(),
                line: Line::of(&route.place),
                responses: responses
                    .map(|r| (r.pattern.as_ref().map(|p| p.value.clone()), r.status, Line::of(&r.place)))
                    .collect(),
            };
            lines.0.entry(route.path.clone()).or_default().push(method);
        }
        for route in written.http.iter().flat_map(|http| &http.routes) {
            let (method, path) = route.key.split_once(' ').unwrap_or(("$default", &route.key));
            let method = MethodPlace { method: method.to_owned(), line: Line::of(&route.place), responses: Vec::new() };
            lines.0.entry(path.to_owned()).or_default().push(method);
        }
        lines
    }

    /// Where a method stands: `openapi.yaml:12`.
    pub(crate) fn method(&self, path: &str, method: &str) -> Option<String> {
        self.find(path, method)?.line.told()
    }

    /// Where an integration response of it stands; without a pattern the default.
    pub(crate) fn response(&self, path: &str, method: &str, pattern: Option<&str>, status: u16) -> Option<String> {
        let responses = &self.find(path, method)?.responses;
        let is_it = |own: &Option<String>| own.as_deref().filter(|own| !is_default(own)) == pattern;
        responses.iter().find(|(own, of, _)| *of == status && is_it(own)).and_then(|(_, _, line)| line.told())
    }

    fn find(&self, path: &str, method: &str) -> Option<&MethodPlace> {
        self.0.get(path)?.iter().find(|place| place.method == method)
    }
}

fn is_default(pattern: &str) -> bool {
    pattern.is_empty() || pattern == "default"
}

impl Line {
    fn of(place: &Place) -> Line {
        Line { origin: place.origin.clone(), number: place.line }
    }

    fn told(&self) -> Option<String> {
        (self.number > 0).then(|| format!("{}:{}", self.origin.name().display(), self.number))
    }
}
