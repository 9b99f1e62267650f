//! Files, environment and flags, in that order → settings, API, problems.

use std::collections::HashMap;
use std::path::PathBuf;

use indexmap::IndexMap;

use super::compile::{Surroundings, compile, faults};
use super::definition::written::{WrittenApi, WrittenStage};
use super::document::url::Url;
use super::document::{Asked, Node, Problem, Report, Severity, Spot};
use super::export::{self, Format};
use super::outline::{self, Outline};
use super::places::Places;
use super::settings::{Backend, Function, Settings, Sources};
use super::silence::{Silenced, silence};
use super::{definition, lint, settings};
use crate::api::{Api, RestApi, Secrets};

/// What is served, and how.
#[derive(Debug)]
pub struct Loaded {
    /// The process's settings.
    pub settings: Settings,
    /// The API.
    pub api: Api,
    /// The canary: the percentage of requests, and its copy of the API.
    pub canary: Option<(f64, RestApi)>,
    /// Warnings and notes, and errors of methods that are not served.
    pub problems: Vec<Problem>,
    /// Those that are silenced.
    pub silenced: Vec<Silenced>,
    /// Where its parts stand.
    pub(crate) places: Places,
    /// The files that it was read from: what a reload watches.
    pub files: Vec<PathBuf>,
    /// What they held when they were read.
    pub contents: u64,
    /// Every key that was asked for, the items of a list as its first: what the reference must document.
    pub keys: Vec<String>,
}

impl Loaded {
    /// What the operator should know: the notes left out.
    pub fn warnings(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|problem| problem.severity > Severity::Note)
    }
}

/// Loads everything. With an error there is nothing to serve: every finding comes back.
pub fn load(sources: &Sources) -> Result<Loaded, Vec<Problem>> {
    examine(sources).loaded
}

/// A configuration, and what must not be shown of it.
pub(crate) struct Examined {
    /// What would be served, or the findings.
    pub loaded: Result<Loaded, Vec<Problem>>,
    /// The names of secrets.
    pub secrets: Secrets,
}

/// Loads everything, to be told to people.
pub(crate) fn examine(sources: &Sources) -> Examined {
    let report = Report::default();
    let loaded = read(sources, &report);
    let (files, contents, keys) = (report.files(), report.contents(), report.keys());
    let is_refused = is_refused(&report, loaded.as_ref());
    let secrets = report.secrets();
    let problems = report.into_problems();
    let loaded = match loaded {
        Some(Read { settings, api, canary, silenced, written, .. }) if !is_refused => {
            let places = Places::of(&written, &api);
            Ok(Loaded { settings, api, canary, problems, silenced, places, files, contents, keys })
        }
        _ => Err(problems),
    };
    Examined { loaded, secrets }
}

/// What is asked of each value while that configuration is read.
pub(super) fn recorded(tree: &Node) -> HashMap<String, Vec<Asked>> {
    let report = Report::recording();
    read(&Sources { embedded: Some(tree.clone()), offline: true, ..Sources::default() }, &report);
    report.recorded()
}

/// File, variables and flags as one tree, when they can be read.
pub(super) fn merged(sources: &Sources) -> Option<Node> {
    settings::root(sources, &Report::default())
}

/// Whether there is nothing to serve: an error in what concerns everything; with `api.strict` any error.
fn is_refused(report: &Report, loaded: Option<&Read>) -> bool {
    report.is_fatal() || loaded.is_some_and(|read| read.stage.strict && report.has_errors())
}

/// A definition without a method is a mistake, whatever the reason.
fn nothing_to_serve(api: &Api, section: &Spot<'_>) {
    if api.routes() == 0 {
        let spot = section.get("definition").unwrap_or_else(|| section.clone());
        spot.error("no-methods", "there is no method: nothing would be served".to_owned());
    }
}

/// The API as loaded, told again.
pub fn export(sources: &Sources, format: Format) -> Result<(String, Vec<Problem>), Vec<Problem>> {
    read_only(sources, |read| export::text(format, &read.written, &read.stage))
}

/// What the definition calls.
pub(crate) fn outline(sources: &Sources) -> Result<(Outline, Vec<Problem>), Vec<Problem>> {
    read_only(sources, |read| outline::outline(&read.written, &read.api))
}

/// Reads what is not going to be served: where functions and services are does not matter.
fn read_only<T>(sources: &Sources, tell: impl FnOnce(&Read) -> T) -> Result<(T, Vec<Problem>), Vec<Problem>> {
    let report = Report::default();
    let loaded = read(&Sources { offline: true, ..sources.clone() }, &report);
    let is_refused = is_refused(&report, loaded.as_ref());
    let problems = report.into_problems();
    match loaded {
        Some(read) if !is_refused => Ok((tell(&read), problems)),
        _ => Err(problems),
    }
}

struct Read {
    settings: Settings,
    api: Api,
    canary: Option<(f64, RestApi)>,
    written: WrittenApi,
    stage: WrittenStage,
    silenced: Vec<Silenced>,
}

fn read(sources: &Sources, report: &Report) -> Option<Read> {
    let mut tree = settings::root(sources, report)?;
    let (settings, mut stage, written) = as_written(&Spot::new(&tree, "", report), sources);
    definition::forget(&mut tree);
    let root = Spot::new(&tree, "", report);
    let api_spot = root.get("api");
    stage.access_keys =
        root.get("iam").map(|spot| definition::access_keys(&spot, &sources.environment)).unwrap_or_default();
    stage.keys = root.get("authorizers").map(|spot| definition::keys(&spot)).unwrap_or_default();
    let compile = |variables: &IndexMap<String, String>, canary| {
        let surroundings = Surroundings {
            stage: &stage,
            variables,
            canary,
            functions: &settings.functions,
            names: &written.functions,
            unknown: &written.unknown,
            services: &settings.services,
            offline: sources.offline,
            timeout: settings.limits.integration_timeout,
            redact: &settings.log.redact,
            report,
            missing: Default::default(),
            patterns: Default::default(),
            templates: Default::default(),
            probes: Default::default(),
            texts: Default::default(),
        };
        report.part(|| compile(&written, &surroundings)).0
    };
    let compiled = compile(&stage.variables, stage.canary.as_ref().map(|_| false));
    let canary = stage.canary.as_ref().and_then(|(percent, own)| {
        let mut variables = stage.variables.clone();
        variables.extend(own.clone());
        match compile(&variables, Some(true)) {
            Api::Rest(api) => Some((*percent, api)),
            Api::Http(_) => None,
        }
    });
    if !report.is_fatal() {
        nothing_to_serve(&compiled, api_spot.as_ref().unwrap_or(&root));
        if let Some(section) = root.get("faults") {
            faults(&settings.faults, &section, &compiled);
        }
    }
    if !report.has_errors() {
        let api_spot = api_spot.unwrap_or_else(|| root.clone());
        definition::check_keys(&stage, &api_spot);
        match &compiled {
            Api::Rest(api) => lint::api(api, &stage, root.get("functions"), &api_spot),
            Api::Http(api) => lint::http_api(api, &outline::outline(&written, &compiled), root.get("functions")),
        }
    }
    if let Some(format) = &settings.log.access
        && let Some(spot) = root.get("log").and_then(|log| log.get("access"))
    {
        lint::access_log(&spot, format, matches!(compiled, Api::Http(_)));
    }
    let silenced = silence(root.get("lint"), report);
    Some(Read { settings, api: compiled, canary, written, stage, silenced })
}

/// The settings, and the definition as it is written.
fn as_written(root: &Spot<'_>, sources: &Sources) -> (Settings, WrittenStage, WrittenApi) {
    let mut fields = root.fields();
    let api = fields.get("api");
    for later in ["iam", "authorizers", "lint"] {
        fields.get(later);
    }
    let mut settings = settings::read(&mut fields, &sources.environment);
    root.report.redact(&settings.log.redact);
    if sources.offline {
        settings.functions.push(Function::at("*", Backend::InvokeApi(Url::local())));
    }
    fields.done(Severity::Error);
    settings::check_addresses(&settings, root, root.report);
    let (stage, written) = definition::read(api.as_ref(), root, &sources.environment);
    (settings, stage, written)
}
