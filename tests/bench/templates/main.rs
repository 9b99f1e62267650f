//! Renders per second of stagegate's templates: `templates FOLDER SECONDS` prints a line for each template, its name,
//! renders per second and its output's hash.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use stagegate::add_overrides;
use stagegate::engine::value::{Entries, Map, MapKind, Text, Value};
use stagegate::engine::vtl::{Limits, Template};
use stagegate::{Parameters, Variables, render};

/// The gateway has the names, and makes the values anew.
fn map(kind: MapKind, pairs: &[(&'static str, &str)]) -> Map {
    Map::new(kind, pairs.iter().map(|(name, value)| (Value::from(Text::fixed(name)), Value::from(*value))).collect())
}

const CONTEXT: [(&str, &str); 6] = [
    ("requestId", "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"),
    ("stage", "prod"),
    ("apiId", "a1b2c3"),
    ("httpMethod", "POST"),
    ("resourceId", "r1"),
    ("resourcePath", "/orders/{id}"),
];

/// What the gateway knows of a template before it renders it.
struct LooksAt {
    context: Option<Box<[Arc<str>]>>,
    parameters: Option<Box<[Arc<str>]>>,
}

fn identity() -> Value {
    Value::Map(map(MapKind::Context, &[("sourceIp", "203.0.113.1"), ("userAgent", "curl/8.0"), ("accountId", "")]))
}

fn member(name: &str) -> Option<(Value, Value)> {
    match name {
        "identity" => return Some((Value::from(Text::fixed("identity")), identity())),
        "responseOverride" => {
            let overrides = Map::new(MapKind::Context, Entries::default());
            let header = Map::new(MapKind::Context, Entries::default());
            overrides.put("header", Value::Map(header));
            return Some((Value::from(Text::fixed("responseOverride")), Value::Map(overrides)));
        }
        _ => {}
    }
    let (name, value) = CONTEXT.into_iter().find(|(known, _)| *known == name)?;
    Some((Value::from(Text::fixed(name)), Value::from(value)))
}

fn context(looks_at: &LooksAt) -> Map {
    // As the gateway does it: a template that looks at some members alone sees these.
    if let Some(members) = &looks_at.context
        && let Some(entries) = members.iter().map(|name| member(name)).collect()
    {
        return Map::new(MapKind::Context, entries);
    }
    let context = map(MapKind::Context, &CONTEXT);
    context.put("identity", identity());
    add_overrides(&context);
    context
}

const PATH: [(&str, &str); 1] = [("id", "17")];
const QUERY: [(&str, &str); 2] = [("page", "2"), ("q", "a b")];
const HEADER: [(&str, &str); 3] = [("Accept", "*/*"), ("User-Agent", "curl/8.0"), ("X-Trace", "it's \"1\"")];

fn parameters(looks_at: &LooksAt) -> Parameters {
    match &looks_at.parameters {
        Some(names) => {
            let value = |name: &str| PATH.iter().chain(&QUERY).chain(&HEADER).find(|(known, _)| *known == name);
            let named = names.iter().filter_map(|name| Some((name.clone(), value(name)?.1.into())));
            Parameters::Named(named.collect())
        }
        None => Parameters::All(Map::linked([
            ("path", Map::linked(PATH)),
            ("querystring", Map::linked(QUERY)),
            ("header", Map::linked(HEADER)),
        ])),
    }
}

/// As the gateway does it: what the template does not mention is not made.
fn run(template: &Template, looks_at: &LooksAt, body: &str) -> String {
    let uses = |name| template.mentions(name);
    let stage_variables = || Map::linked([("table", "users"), ("env", "prod")]);
    let variables = Variables {
        body: body.into(),
        parameters: if uses("params") { parameters(looks_at) } else { Parameters::Named(Vec::new()) },
        context: if uses("context") { Value::Map(context(looks_at)) } else { Value::Null },
        stage_variables: if uses("stageVariables") { stage_variables() } else { Map::default() },
    };
    render(template, variables, &Limits::default()).unwrap_or_else(|error| error.to_string())
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let folder = Path::new(&args[1]);
    let span = Duration::from_secs_f64(args[2].parse().expect("seconds"));
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok()?.strip_suffix(".vm").map(str::to_owned))
        .collect();
    names.sort();
    for name in names {
        let read = |ending: &str| std::fs::read_to_string(folder.join(format!("{name}.{ending}"))).expect("a file");
        let template = Template::parse(&read("vm")).expect("a template");
        let looks_at = LooksAt { context: template.members_of("context"), parameters: template.arguments_of("params") };
        let body = read("json");
        let begin = Instant::now();
        let mut count = 0u32;
        let mut out = String::new();
        while begin.elapsed() < span {
            out = run(&template, &looks_at, &body);
            count += 1;
        }
        let per_second = f64::from(count) / begin.elapsed().as_secs_f64();
        let hash =
            out.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
        println!("{name} {per_second:.0} {hash:016x}");
    }
}
