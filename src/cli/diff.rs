//! `stagegate diff`: two configurations or definitions, and what differs for a client, by method and rule.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::{Value, json};

use super::terminal::{complain, count, print};
use crate::config::{self, Node, Problem, Sources};
use crate::metrics::Metrics;
use crate::server;

/// The flags of `diff`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    /// A configuration or a definition (OpenAPI, Swagger, CloudFormation, SAM)
    #[arg(value_name = "A")]
    from: PathBuf,
    /// The other one
    #[arg(value_name = "B")]
    to: PathBuf,
    /// How the differences are printed
    #[arg(long, value_enum, default_value_t, env = "STAGEGATE_DIFF_FORMAT")]
    format: Format,
}

/// How the differences are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// A JSON document.
    Json,
}

/// Before the selection pattern of an integration response.
const ANSWER: &str = "answer by ";

/// One thing that differs.
#[derive(Debug, PartialEq, Eq)]
struct Difference {
    /// The method and its path, or `API`.
    of: String,
    /// What, such as `answer 400 by .*bad.*: templates.application/json`; empty for the whole method.
    what: String,
    from: Option<Value>,
    to: Option<Value>,
}

/// Prints what differs; the exit code is 0 when nothing does, 1 when something does, 78 when one cannot be loaded.
pub(crate) fn diff(args: &Args) -> u8 {
    let (from, to) = match (describe(&args.from), describe(&args.to)) {
        (Ok(from), Ok(to)) => (from, to),
        (from, to) => {
            [from.err(), to.err()].into_iter().flatten().flatten().for_each(complain);
            return 78;
        }
    };
    let differences = differences(&from, &to);
    match args.format {
        Format::Text => print(text(&differences)),
        Format::Json => print(format_args!("{:#}\n", document(&differences))),
    }
    u8::from(!differences.is_empty())
}

/// The API of a file: of a configuration when it has an `api`, else of a definition.
fn describe(file: &Path) -> Result<Value, Vec<Problem>> {
    let is_configuration = std::fs::read_to_string(file)
        .ok()
        .and_then(|text| config::parse(file, &text).ok())
        .is_some_and(|document| document.to_json().get("api").is_some());
    let sources = match is_configuration {
        true => Sources { config: Some(file.to_owned()), ..Sources::default() },
        false => {
            let flags = vec![("api.definition".to_owned(), file.display().to_string())];
            Sources { flags, embedded: Some(nothing()?), ..Sources::default() }
        }
    };
    let loaded = config::load(&Sources { offline: true, ..sources })?;
    // Nothing of it is counted: no name can be wrong.
    let Ok(metrics) = Metrics::new("diff", "") else { return Ok(Value::Null) };
    Ok(server::describe_either(&loaded.api, &metrics))
}

fn nothing() -> Result<Node, Vec<Problem>> {
    config::parse(Path::new("nothing.yaml"), "{}")
}

/// Everything that differs: of the API, then by path and method.
fn differences(from: &Value, to: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    let api = |shown: &Value| {
        let mut api = shown.clone();
        // Ids and names are no client's business.
        ["resources", "id", "name"].iter().for_each(|key| drop(api.as_object_mut().map(|api| api.remove(*key))));
        leaves(&api)
    };
    compare("API", &api(from), &api(to), &mut found);
    let (before, after) = (methods(from), methods(to));
    for name in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        match (before.get(name), after.get(name)) {
            (Some(from), Some(to)) => compare(&shown(name), from, to, &mut found),
            (from, to) => found.push(Difference {
                of: shown(name),
                what: String::new(),
                from: from.map(|_| json!("served")),
                to: to.map(|_| json!("served")),
            }),
        }
    }
    found
}

fn shown((path, method): &(String, String)) -> String {
    format!("{method} {path}")
}

type Leaves = BTreeMap<String, Value>;

/// By path and method: everything that is set.
fn methods(api: &Value) -> BTreeMap<(String, String), Leaves> {
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let mut methods = BTreeMap::new();
    for resource in api["resources"].as_array().into_iter().flatten() {
        for method in resource["methods"].as_array().into_iter().flatten() {
            methods.insert((text(resource, "path"), text(method, "method")), leaves_of_method(method));
        }
    }
    methods
}

fn leaves_of_method(method: &Value) -> Leaves {
    let mut plain = method.clone();
    let rules = plain.as_object_mut().and_then(|plain| plain.remove("responses"));
    let mut all = leaves(&plain);
    for (place, mut rule) in rules.as_ref().and_then(Value::as_array).cloned().into_iter().flatten().enumerate() {
        rule.as_object_mut().map(|rule| rule.remove("hits"));
        let name = format!("{ANSWER}{}", rule["pattern"].as_str().unwrap_or_default());
        // Of several that match the first answers.
        all.insert(format!("{name}: order"), (place + 1).into());
        all.extend(leaves(&rule).into_iter().map(|(what, value)| (format!("{name}: {what}"), value)));
    }
    all
}

/// Members of members under their joined names; lists and texts are values.
fn leaves(value: &Value) -> Leaves {
    fn walk(name: &str, value: &Value, leaves: &mut Leaves) {
        match value {
            Value::Object(members) => {
                for (member, value) in members {
                    let name = if name.is_empty() { member.clone() } else { format!("{name}.{member}") };
                    walk(&name, value, leaves);
                }
            }
            value => drop(leaves.insert(name.to_owned(), value.clone())),
        }
    }
    let mut leaves = Leaves::new();
    walk("", value, &mut leaves);
    leaves
}

fn compare(of: &str, from: &Leaves, to: &Leaves, found: &mut Vec<Difference>) {
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for what in from.keys().chain(to.keys()).collect::<BTreeSet<_>>() {
        // An answer that only one has is one difference, not one a member.
        if let Some((answer, _)) = what.strip_prefix(ANSWER).and(what.rsplit_once(": ")) {
            let order = format!("{answer}: order");
            match (from.get(&order), to.get(&order)) {
                (Some(_), Some(_)) => {}
                (before, after) => {
                    if told.insert(answer) {
                        let shown = |leaves: &Leaves| json!(summary(leaves, answer));
                        let (from, to) = (before.map(|_| shown(from)), after.map(|_| shown(to)));
                        found.push(Difference { of: of.to_owned(), what: answer.to_owned(), from, to });
                    }
                    continue;
                }
            }
        }
        let (from, to) = (from.get(what).cloned(), to.get(what).cloned());
        // A function's account and region differ between stages, and no client sees them.
        if from != to && what != "call.arn" {
            found.push(Difference { of: of.to_owned(), what: what.clone(), from, to });
        }
    }
}

/// An answer in short: its status, and what it sets besides.
fn summary(leaves: &Leaves, answer: &str) -> String {
    let lead = format!("{answer}: ");
    let members = leaves.iter().filter_map(|(what, value)| Some((what.strip_prefix(&lead)?, value)));
    let members = members.filter(|(what, _)| !["order", "pattern", "declared"].contains(what));
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    members.map(|(what, value)| format!("{what} {}", text(value))).collect::<Vec<_>>().join(", ")
}

fn text(differences: &[Difference]) -> String {
    let mut out = String::new();
    let mut last = "";
    for difference in differences {
        // Writing to a text cannot fail.
        if difference.what.is_empty() {
            let sign = if difference.from.is_none() { '+' } else { '-' };
            let _ = writeln!(out, "{sign} {}", difference.of);
            continue;
        }
        if difference.of != last {
            let _ = writeln!(out, "{}", difference.of);
            last = &difference.of;
        }
        let _ = writeln!(out, "    {}", difference.what);
        for (sign, value) in [('-', &difference.from), ('+', &difference.to)] {
            let Some(value) = value else { continue };
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            for line in value.lines() {
                let _ = writeln!(out, "      {sign} {line}");
            }
        }
    }
    let _ = match differences.len() {
        0 => writeln!(out, "no difference for a client"),
        number => writeln!(out, "{}", count(number, "difference")),
    };
    out
}

fn document(differences: &[Difference]) -> Value {
    let shown = |d: &Difference| json!({ "of": d.of, "what": d.what, "from": d.from, "to": d.to });
    json!({ "differences": differences.iter().map(shown).collect::<Vec<_>>() })
}
