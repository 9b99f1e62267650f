//! Which route answers: the tree finds what a search through all routes finds that asks of each whether it matches, and takes the
//! first of those that do.

use std::collections::BTreeSet;

use serde_json::Value;
use stagegate::Gateway;

use super::{Numbers, decoded, event, gateway, request, send};

const APIS: u64 = 40;
const REQUESTS: usize = 150;

/// A route: the method, and what its path is made of.
type Route = (&'static str, Vec<Segment>);

/// What a segment of a path is, in the order in which one comes before another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Fixed(&'static str),
    Parameter(String),
    Greedy(String),
}

impl Segment {
    fn rank(&self) -> u8 {
        match self {
            Segment::Fixed(_) => 0,
            Segment::Parameter(_) => 1,
            Segment::Greedy(_) => 2,
        }
    }
}

fn routes(numbers: &mut Numbers) -> Vec<Route> {
    let routes: BTreeSet<(Vec<Segment>, &str)> = (0..2 + numbers.below(9))
        .map(|_| {
            let mut path = Vec::new();
            for depth in 0..numbers.below(4) {
                match numbers.below(8) {
                    0..=3 => path.push(Segment::Fixed(numbers.of(&["a", "b", "c"]))),
                    4..=6 => path.push(Segment::Parameter(format!("p{depth}"))),
                    _ => {
                        path.push(Segment::Greedy(format!("g{depth}")));
                        break;
                    }
                }
            }
            (path, numbers.of(&["GET", "POST", "ANY"]))
        })
        .collect();
    routes.into_iter().map(|(path, method)| (method, path)).collect()
}

fn template(path: &[Segment]) -> String {
    let segments = path.iter().map(|segment| match segment {
        Segment::Fixed(text) => format!("/{text}"),
        Segment::Parameter(name) => format!("/{{{name}}}"),
        Segment::Greedy(name) => format!("/{{{name}+}}"),
    });
    let template: String = segments.collect();
    if template.is_empty() { "/".to_owned() } else { template }
}

fn path(numbers: &mut Numbers) -> String {
    let mut path = "/".repeat(if numbers.below(20) == 0 { 2 } else { 1 });
    for _ in 0..numbers.below(5) {
        path.push_str(numbers.of(&["a", "b", "c", "d", "a", "b", "%61", "x%2Fy", "é", "", "A"]));
        path.push('/');
    }
    if numbers.below(4) > 0 && path.len() > 1 {
        path.pop();
    }
    path
}

/// Method and template of the route that is first, with the values of its path, if one matches.
type Found = Option<(String, String, Vec<(String, String)>)>;

fn is_for(route: &'static str, method: &str) -> bool {
    route == method || route == "ANY" && method != "BREW"
}

/// Of a REST API: static before a parameter before a greedy one, segment by segment; on one path the method before ANY.
fn first_of_rest(routes: &[Route], method: &str, path: &str) -> Found {
    let inside = path.trim_start_matches('/');
    let inside = inside.strip_suffix('/').unwrap_or(inside);
    let sent: Vec<&str> = if inside.is_empty() { vec![] } else { inside.split('/').collect() };
    let matches = routes.iter().filter_map(|(own, template)| {
        let mut values = Vec::new();
        for (at, segment) in template.iter().enumerate() {
            let here = *sent.get(at)?;
            match segment {
                Segment::Fixed(text) if here == *text => {}
                Segment::Parameter(_) if !here.is_empty() => values.push(here.to_owned()),
                Segment::Greedy(_) if sent[at..] != [""] => values.push(sent[at..].join("/")),
                _ => return None,
            }
        }
        let is_greedy = matches!(template.last(), Some(Segment::Greedy(_)));
        let ranks: Vec<u8> = template.iter().map(Segment::rank).collect();
        let fits = is_for(own, method) && (is_greedy || sent.len() == template.len());
        fits.then_some(((ranks, *own == "ANY"), (*own, template, values)))
    });
    let (_, (own, template, values)) = matches.min_by(|(one, _), (other, _)| one.cmp(other))?;
    Some(named(own, template, values))
}

/// Of an HTTP API: the whole path before a greedy variable, of those the longest; else as above. Segments are compared decoded.
fn first_of_http(routes: &[Route], method: &str, path: &str) -> Found {
    let inside = path.strip_prefix('/').unwrap_or(path);
    let sent: Vec<String> = if inside.is_empty() { vec![] } else { inside.split('/').map(decoded).collect() };
    let matches = routes.iter().filter_map(|(own, template)| {
        let (is_greedy, plain) = match template.split_last() {
            Some((Segment::Greedy(_), plain)) => (true, plain),
            _ => (false, template.as_slice()),
        };
        // Behind a slash a greedy variable may be empty, at the root without one.
        let is_long_enough = sent.len() > plain.len() || sent.is_empty() && plain.is_empty();
        if is_greedy && !is_long_enough || !is_greedy && sent.len() != plain.len() {
            return None;
        }
        let mut values = Vec::new();
        for (segment, sent) in plain.iter().zip(&sent) {
            match segment {
                Segment::Fixed(text) if sent == text => {}
                Segment::Parameter(_) if !sent.is_empty() => values.push(sent.clone()),
                _ => return None,
            }
        }
        if is_greedy {
            values.push(sent.get(plain.len()..).unwrap_or_default().join("/"));
        }
        let ranks: Vec<u8> = plain.iter().map(Segment::rank).collect();
        let order = (is_greedy, usize::MAX - plain.len(), ranks, *own == "ANY");
        is_for(own, method).then_some((order, (*own, template, values)))
    });
    let (_, (own, template, values)) = matches.min_by(|(one, _), (other, _)| one.cmp(other))?;
    Some(named(own, template, values))
}

fn named(method: &str, path: &[Segment], values: Vec<String>) -> (String, String, Vec<(String, String)>) {
    let names = path.iter().filter_map(|segment| match segment {
        Segment::Fixed(_) => None,
        Segment::Parameter(name) | Segment::Greedy(name) => Some(name.clone()),
    });
    (method.to_owned(), template(path), names.zip(values).collect())
}

/// What the gateway finds.
fn found(gateway: &Gateway, method: &str, path: &str) -> Found {
    let played = send(gateway, request(method, path, None));
    let (template, own) = gateway.matched(&played.exchange)?;
    let parameters = event(&played)["pathParameters"].as_object().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut values: Vec<_> = parameters.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    values.sort_by_key(|(name, _)| name[1..].to_owned());
    Some((own.to_owned(), template.to_owned(), values))
}

fn compare(api: impl Fn(&[Route]) -> String, first: impl Fn(&[Route], &str, &str) -> Found) {
    let (mut met, mut missed) = (0, 0);
    for seed in 0..APIS {
        let mut numbers = Numbers(seed);
        let routes = routes(&mut numbers);
        let gateway = gateway(&api(&routes));
        for _ in 0..REQUESTS {
            let (method, path) = (numbers.of(&["GET", "POST", "PUT", "BREW"]), path(&mut numbers));
            let expected = first(&routes, method, &path);
            *(if expected.is_some() { &mut met } else { &mut missed }) += 1;
            assert_eq!(found(&gateway, method, &path), expected, "{method} {path} among {routes:?}");
        }
    }
    assert!(met > 1_500 && missed > 1_500, "{met} met, {missed} missed");
}

#[test]
fn of_a_rest_api_the_route_answers_that_is_first_of_all_that_match() {
    let api = |routes: &[Route]| {
        let line = |(method, path): &Route| {
            format!(
                "    - {{ path: '{}', method: {method}, integration: {{ type: AWS_PROXY, function: f }} }}\n",
                template(path)
            )
        };
        format!("  routes:\n{}", routes.iter().map(line).collect::<String>())
    };
    compare(api, first_of_rest);
}

#[test]
fn of_an_http_api_the_route_answers_that_is_first_of_all_that_match() {
    let api = |routes: &[Route]| {
        let line = |(method, path): &Route| {
            format!(
                "    - {{ route: '{method} {}', integration: {{ type: AWS_PROXY, function: f }} }}\n",
                template(path)
            )
        };
        format!("  type: http\n  routes:\n{}", routes.iter().map(line).collect::<String>())
    };
    compare(api, first_of_http);
}
