//! Which resource and method answer a request: a tree of path segments, built at load.

use rustc_hash::FxHashMap;

use crate::api::{HttpMethod, RestApi};
use crate::exchange::exchange::Matched;

/// The tree. A lookup costs as many steps as the path has segments, however many routes there are.
#[derive(Debug)]
pub(crate) struct Router {
    base_path: String,
    nodes: Vec<Node>,
    /// The segments of each resource's template.
    templates: Vec<Box<[Segment]>>,
}

type Methods = [Option<(u32, u32)>; 8];

#[derive(Debug, Default)]
struct Node {
    fixed: FxHashMap<Box<str>, u32>,
    parameter: Option<u32>,
    greedy: Option<u32>,
    /// Resource and method by the client's method; `ANY` last. Most nodes are on the way only.
    methods: Option<Box<Methods>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Fixed,
    Parameter(Box<str>),
    Greedy(Box<str>),
}

/// Why no method answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Miss {
    /// The path is outside the stage.
    Stage,
    /// No resource has the path, or not with the method.
    Route,
}

/// The children of a node in the order in which they are tried.
#[derive(Debug, Clone, Copy)]
enum Branch {
    Fixed,
    Parameter,
    Greedy,
}

impl Router {
    /// The tree of an API's resources.
    pub(crate) fn new(api: &RestApi) -> Router {
        let mut router =
            Router { base_path: api.base_path.clone(), nodes: vec![Node::default()], templates: Vec::new() };
        for (r, resource) in api.resources.iter().enumerate() {
            let mut leaf = 0;
            let parts = resource.path.split('/').filter(|part| !part.is_empty());
            let template = parts.map(|part| {
                let segment = segment(part);
                leaf = router.child(leaf, part, &segment);
                segment
            });
            let template = template.collect();
            for (m, method) in resource.methods.iter().enumerate() {
                let slot =
                    &mut router.nodes[leaf as usize].methods.get_or_insert_default()[method.http_method as usize];
                // Two templates that differ only in a parameter's name share a node: the first one keeps it.
                slot.get_or_insert((r as u32, m as u32));
            }
            router.templates.push(template);
        }
        router.nodes.shrink_to_fit();
        router
    }

    fn child(&mut self, node: u32, text: &str, segment: &Segment) -> u32 {
        let next = self.nodes.len() as u32;
        let parent = &mut self.nodes[node as usize];
        let child = match segment {
            Segment::Fixed => *parent.fixed.entry(text.into()).or_insert(next),
            Segment::Parameter(_) => *parent.parameter.get_or_insert(next),
            Segment::Greedy(_) => *parent.greedy.get_or_insert(next),
        };
        if child == next {
            self.nodes.push(Node::default());
        }
        child
    }

    /// What answers a request for that path (as sent, without the query).
    pub(crate) fn find(&self, method: &str, path: &str) -> Result<Matched, Miss> {
        let path = self.below_stage(path).ok_or(Miss::Stage)?;
        let method = HttpMethod::parse(method).filter(|m| *m != HttpMethod::Any).ok_or(Miss::Route)?;
        let inside = &path[1..];
        let inside = inside.strip_suffix('/').unwrap_or(inside);
        let (resource, method) = self.search(method, (!inside.is_empty()).then_some(inside)).ok_or(Miss::Route)?;
        let path_parameters = self.parameters(resource, inside);
        Ok(Matched { resource: resource as usize, method: method as usize, path_parameters, path: path.to_owned() })
    }

    /// The path without the stage's prefix. Slashes that are doubled before and behind it are collapsed (recorded on AWS);
    /// it begins with exactly one.
    fn below_stage<'a>(&self, path: &'a str) -> Option<&'a str> {
        let path = collapse(path)?;
        match path.strip_prefix(self.base_path.as_str())? {
            "" => Some("/"),
            rest if rest.starts_with('/') => collapse(rest),
            _ => None,
        }
    }

    /// Depth first, in the order static, parameter, greedy; a branch that ends without the method is left again.
    fn search(&self, method: HttpMethod, inside: Option<&str>) -> Option<(u32, u32)> {
        let mut left: Vec<(u32, &str, Branch)> = Vec::new();
        let (mut node, mut rest, mut branch) = (0, inside, Branch::Fixed);
        loop {
            let here = &self.nodes[node as usize];
            let step = match rest {
                None => {
                    if let Some(found) = here.answer(method) {
                        return Some(found);
                    }
                    None
                }
                Some(text) => here.step(text, branch).inspect(|(_, _, taken)| {
                    if let Some(other) = here.other(*taken) {
                        left.push((node, text, other));
                    }
                }),
            };
            match step {
                Some((child, further, _)) => (node, rest, branch) = (child, further, Branch::Fixed),
                None => {
                    let (back, text, other) = left.pop()?;
                    (node, rest, branch) = (back, Some(text), other);
                }
            }
        }
    }

    /// The path parameters of a resource that matched, in the order of its template, not decoded.
    fn parameters(&self, resource: u32, inside: &str) -> Vec<(String, String)> {
        let template = &self.templates[resource as usize];
        let is_named = |segment: &&Segment| **segment != Segment::Fixed;
        let mut found = Vec::with_capacity(template.iter().filter(is_named).count());
        let mut rest = inside;
        for segment in template {
            let (first, further) = rest.split_once('/').unwrap_or((rest, ""));
            match segment {
                Segment::Fixed => {}
                Segment::Parameter(name) => found.push((name.to_string(), first.to_owned())),
                Segment::Greedy(name) => found.push((name.to_string(), rest.to_owned())),
            }
            rest = further;
        }
        found
    }
}

impl Node {
    fn answer(&self, method: HttpMethod) -> Option<(u32, u32)> {
        let methods = self.methods.as_ref()?;
        methods[method as usize].or(methods[HttpMethod::Any as usize])
    }

    /// The first child from this branch on that can take the text: the child, what it leaves, and which branch it was.
    fn step<'a>(&self, text: &'a str, from: Branch) -> Option<(u32, Option<&'a str>, Branch)> {
        let (first, rest) = match text.split_once('/') {
            Some((first, rest)) => (first, Some(rest)),
            None => (text, None),
        };
        let fixed = || self.fixed.get(first).map(|child| (*child, rest, Branch::Fixed));
        // A parameter is never empty: between doubled slashes only a greedy one matches.
        let parameter = || self.parameter.filter(|_| !first.is_empty()).map(|child| (child, rest, Branch::Parameter));
        let greedy = || self.greedy.filter(|_| !text.is_empty()).map(|child| (child, None, Branch::Greedy));
        match from {
            Branch::Fixed => fixed().or_else(parameter).or_else(greedy),
            Branch::Parameter => parameter().or_else(greedy),
            Branch::Greedy => greedy(),
        }
    }

    /// Where to go on when the branch that was taken leads nowhere.
    fn other(&self, taken: Branch) -> Option<Branch> {
        match taken {
            Branch::Fixed if self.parameter.is_some() => Some(Branch::Parameter),
            Branch::Fixed | Branch::Parameter if self.greedy.is_some() => Some(Branch::Greedy),
            _ => None,
        }
    }
}

fn segment(text: &str) -> Segment {
    match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        Some(name) => match name.strip_suffix('+') {
            Some(name) => Segment::Greedy(name.into()),
            None => Segment::Parameter(name.into()),
        },
        None => Segment::Fixed,
    }
}

/// The path with one leading slash; `None` when it has none.
fn collapse(path: &str) -> Option<&str> {
    let doubled = path.bytes().take_while(|b| *b == b'/').count();
    path.get(doubled.checked_sub(1)?..)
}
