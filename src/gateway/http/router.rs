//! Which route answers a request: a tree of path segments, built at load.
//!
//! Documented: a route that matches the whole path comes before one with a greedy variable, that one before `$default`. On one
//! path the method itself comes before `ANY`, and a route without the method leaves the request to a less specific one. A
//! trailing slash matters.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::api::{HttpApi, HttpMethod};
use crate::exchange::exchange::Matched;
use crate::exchange::query::decode_path;
use crate::failure::Failure;

/// The tree.
pub(crate) struct HttpRouter {
    base_path: String,
    nodes: Vec<Node>,
    /// The variables of each route.
    variables: Vec<Vec<Variable>>,
    /// The route `$default`.
    default: Option<u32>,
}

#[derive(Default)]
struct Node {
    fixed: FxHashMap<Box<str>, u32>,
    variable: Option<u32>,
    /// Routes that end here, by the client's method; `ANY` last.
    here: [Option<u32>; 8],
    /// Routes that take all the rest.
    greedy: [Option<u32>; 8],
}

/// A variable of a route's path.
struct Variable {
    name: String,
    /// Which segment it takes.
    segment: usize,
    /// Whether it takes all behind that, too.
    greedy: bool,
}

/// What a segment of a template is.
enum Segment<'a> {
    Fixed(&'a str),
    Variable(&'a str),
    Greedy(&'a str),
}

impl HttpRouter {
    /// The tree of an API's routes.
    pub(crate) fn new(api: &HttpApi) -> HttpRouter {
        let mut router = HttpRouter {
            base_path: api.base_path.clone(),
            nodes: vec![Node::default()],
            variables: Vec::new(),
            default: None,
        };
        for (n, route) in api.routes.iter().enumerate() {
            let variables = match route.method {
                Some(method) => router.add(n as u32, method, &route.path),
                None => {
                    router.default.get_or_insert(n as u32);
                    Vec::new()
                }
            };
            router.variables.push(variables);
        }
        router
    }

    /// Adds a route; two that differ only in a variable's name share a place, and the first keeps it.
    fn add(&mut self, route: u32, method: HttpMethod, path: &str) -> Vec<Variable> {
        let (mut node, mut greedy, mut variables) = (0, false, Vec::new());
        for (n, text) in segments(path).enumerate() {
            match segment(text) {
                Segment::Fixed(text) => node = self.child(node, Some(text)),
                Segment::Variable(name) => {
                    node = self.child(node, None);
                    variables.push(Variable { name: name.to_owned(), segment: n, greedy: false });
                }
                Segment::Greedy(name) => {
                    greedy = true;
                    variables.push(Variable { name: name.to_owned(), segment: n, greedy: true });
                    break;
                }
            }
        }
        let node = &mut self.nodes[node as usize];
        let routes = if greedy { &mut node.greedy } else { &mut node.here };
        routes[method as usize].get_or_insert(route);
        variables
    }

    fn child(&mut self, node: u32, text: Option<&str>) -> u32 {
        let next = self.nodes.len() as u32;
        let parent = &mut self.nodes[node as usize];
        let child = match text {
            Some(text) => *parent.fixed.entry(text.into()).or_insert(next),
            None => *parent.variable.get_or_insert(next),
        };
        if child == next {
            self.nodes.push(Node::default());
        }
        child
    }

    /// What answers a request for that path (as sent, without the query).
    pub(crate) fn find(&self, method: &str, path: &str) -> Result<Matched, Failure> {
        let path = self.below_stage(path).ok_or(Failure::UnknownStage)?;
        let sent: Vec<Cow<'_, str>> = segments(path).map(decode_path).collect();
        let route = HttpMethod::parse(method)
            .filter(|method| *method != HttpMethod::Any)
            .and_then(|method| self.whole(0, &sent, method).or_else(|| self.greedy(&sent, method)))
            .or(self.default)
            .ok_or(Failure::NoRoute { signature: None })?;
        let variables = self.variables[route as usize].iter();
        let path_parameters = variables.map(|variable| (variable.name.clone(), variable.value(&sent))).collect();
        Ok(Matched { resource: route as usize, method: 0, path_parameters, path: path.to_owned() })
    }

    /// The path without the stage's prefix: it begins with a slash.
    fn below_stage<'a>(&self, path: &'a str) -> Option<&'a str> {
        match path.strip_prefix(self.base_path.as_str())? {
            "" => Some("/"),
            rest => rest.starts_with('/').then_some(rest),
        }
    }

    /// The route that matches every segment, literal text before variables.
    fn whole(&self, node: u32, sent: &[Cow<'_, str>], method: HttpMethod) -> Option<u32> {
        let node = &self.nodes[node as usize];
        let Some((first, rest)) = sent.split_first() else { return answer(&node.here, method) };
        let fixed = node.fixed.get(first.as_ref()).and_then(|child| self.whole(*child, rest, method));
        // A variable is never empty.
        let variable = || node.variable.filter(|_| !first.is_empty());
        fixed.or_else(|| variable().and_then(|child| self.whole(child, rest, method)))
    }

    /// The greedy route with the most segments before its variable; of two as long, literal text before variables.
    fn greedy(&self, sent: &[Cow<'_, str>], method: HttpMethod) -> Option<u32> {
        let mut nodes = vec![0];
        // Behind a slash a greedy variable may be empty, that of `/` too, which has no segment (fact `http-greedy-empty`).
        let mut found = if sent.is_empty() { answer(&self.nodes[0].greedy, method) } else { None };
        for first in sent {
            found = nodes.iter().find_map(|node| answer(&self.nodes[*node as usize].greedy, method)).or(found);
            let below = |node: &u32| {
                let node = &self.nodes[*node as usize];
                let variable = node.variable.filter(|_| !first.is_empty());
                [node.fixed.get(first.as_ref()).copied(), variable].into_iter().flatten()
            };
            nodes = nodes.iter().flat_map(below).collect();
        }
        found
    }
}

impl Variable {
    /// What it took, decoded (recorded on AWS).
    fn value(&self, sent: &[Cow<'_, str>]) -> String {
        let taken = sent.get(self.segment..).unwrap_or_default();
        if self.greedy { taken.join("/") } else { taken.first().map(|one| one.to_string()).unwrap_or_default() }
    }
}

fn answer(routes: &[Option<u32>; 8], method: HttpMethod) -> Option<u32> {
    routes[method as usize].or(routes[HttpMethod::Any as usize])
}

/// The segments of a path, an empty last one for a trailing slash; `/` has none.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    let inside = path.strip_prefix('/').unwrap_or(path);
    (!inside.is_empty()).then(|| inside.split('/')).into_iter().flatten()
}

fn segment(text: &str) -> Segment<'_> {
    match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        Some(name) => match name.strip_suffix('+') {
            Some(name) => Segment::Greedy(name),
            None => Segment::Variable(name),
        },
        None => Segment::Fixed(text),
    }
}
