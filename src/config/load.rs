//! Files, environment and flags, in that order → settings, API, problems.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;

use super::compile::{Surroundings, compile};
use super::document::{self, Language};
use super::file::ApiFile;
use super::layers::{Layer, merge};
use super::limit::DEFINITION_BYTES;
use super::node::{Data, Node, Origin};
use super::problem::{Problem, Severity};
use super::report::{Place, Report};
use super::settings::{Backend, Function, Settings};
use super::spot::{Fields, Spot};
use super::stage::{self, Stage};
use super::{intrinsic, lint, native, openapi, process};
use crate::api::RestApi;

/// Where a configuration without a name is looked for.
pub const DEFAULT_FILES: &[&str] = &["stagegate.yaml", "/etc/stagegate/stagegate.yaml"];

/// Where settings come from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The configuration file; `None`: the first of `DEFAULT_FILES` that is there.
    pub config: Option<PathBuf>,
    /// Flags: a key's path with dots, and its value.
    pub flags: Vec<(String, String)>,
    /// The environment.
    pub environment: Vec<(String, String)>,
    /// A configuration that is built in: its name and text. No file is read then.
    pub embedded: Option<(String, String)>,
    /// Nothing will be called: functions and services need no address.
    pub offline: bool,
}

/// What is served, and how.
#[derive(Debug)]
pub struct Loaded {
    /// The process's settings.
    pub settings: Settings,
    /// The API.
    pub api: RestApi,
    /// The canary: the percentage of requests, and its copy of the API.
    pub canary: Option<(f64, RestApi)>,
    /// Warnings and notes.
    pub problems: Vec<Problem>,
    /// The files that it was read from: what a reload watches.
    pub files: Vec<PathBuf>,
    /// Every key that was asked for, the items of a list as its first: what the reference must document.
    pub keys: Vec<String>,
}

/// Loads everything. With an error there is nothing to serve: every finding comes back.
pub fn load(sources: &Sources) -> Result<Loaded, Vec<Problem>> {
    let report = Report::default();
    let loaded = read(sources, &report);
    let (files, keys) = (report.files(), report.keys());
    let problems = report.into_problems();
    match loaded {
        Some((settings, api, canary)) if problems.iter().all(|p| p.severity < Severity::Error) => {
            Ok(Loaded { settings, api, canary, problems, files, keys })
        }
        _ => Err(problems),
    }
}

/// Where the admin port is, by the same file, variables and flags; the API is not read. A file that cannot be read says
/// nothing: a running process went on without it, too.
pub fn admin_address(sources: &Sources) -> SocketAddr {
    let report = Report::default();
    let without_file = || {
        let layers =
            [Layer::environment(&sources.environment, None, &report), Layer::flags(&sources.flags, None, &report)];
        merge(&layers).ok()
    };
    let root = root(sources, &report).or_else(without_file);
    let spot = root.as_ref().map(|node| Spot { node, path: String::new(), report: &report });
    process::admin(spot.and_then(|spot| spot.get("admin"))).listen
}

type Read = (Settings, RestApi, Option<(f64, RestApi)>);

fn read(sources: &Sources, report: &Report) -> Option<Read> {
    let root = root(sources, report)?;
    let root = Spot { node: &root, path: String::new(), report };
    let mut fields = root.fields();
    let api_spot = fields.get("api");
    let mut process = process::read(&mut fields);
    if sources.offline {
        let anywhere = Function { name: "*".to_owned(), backend: Backend::InvokeApi(String::new()), sign: None };
        process.settings.functions.push(anywhere);
    }
    fields.done(Severity::Error);
    process::check_addresses(&process.settings, &root, report);

    let (stage, file) = api(api_spot.as_ref(), &root, sources, report);
    let compile = |variables: &IndexMap<String, String>, canary| {
        let surroundings = Surroundings {
            stage: &stage,
            variables,
            canary,
            functions: &process.settings.functions,
            services: &process.services,
            offline: sources.offline,
            timeout: process.settings.limits.integration_timeout,
            report,
            missing: Default::default(),
        };
        compile(&file, &surroundings)
    };
    let compiled = compile(&stage.variables, stage.canary.as_ref().map(|_| false));
    let canary = stage.canary.as_ref().map(|(percent, own)| {
        let mut variables = stage.variables.clone();
        variables.extend(own.clone());
        (*percent, compile(&variables, Some(true)))
    });
    if !report.has_errors() {
        let api_spot = api_spot.unwrap_or_else(|| root.clone());
        stage::check_keys(&stage, &api_spot);
        lint::api(&compiled, &stage, root.get("functions"), &api_spot);
    }
    Some((process.settings, compiled, canary))
}

/// The merged document.
fn root(sources: &Sources, report: &Report) -> Option<Node> {
    let mut layers = Vec::new();
    if let Some((path, text)) = configuration(sources, report)? {
        let language = Language::of(&path, &text);
        let tree = document::tree(&path, &text, false, report)?;
        let tree = match tree.data {
            Data::Null => Node { data: Data::Map(Default::default()), ..tree },
            Data::Map(_) => tree,
            other => {
                let message = format!("expected a map, found {}", other.kind());
                report.error(&Place::of_file(&path, tree.line), "wrong-type", message);
                return None;
            }
        };
        layers.push(Layer::file(tree, language, text));
    }
    let environment = Layer::environment(&sources.environment, layers.first().map(Layer::tree), report);
    let flags = Layer::flags(&sources.flags, layers.first().map(Layer::tree), report);
    layers.push(environment);
    layers.push(flags);
    match merge(&layers) {
        Ok(root) => Some(root),
        Err(message) => {
            let place = Place { origin: Arc::new(Origin::Flag("settings".to_owned())), line: 0, path: String::new() };
            report.error(&place, "syntax", message);
            None
        }
    }
}

/// The configuration file and its text; the inner `None`: there is none, and what flags and variables say must do.
fn configuration(sources: &Sources, report: &Report) -> Option<Option<(PathBuf, String)>> {
    if let Some((name, text)) = &sources.embedded {
        return Some(Some((PathBuf::from(name), text.clone())));
    }
    let path = match &sources.config {
        Some(path) => path.clone(),
        None => match DEFAULT_FILES.iter().map(PathBuf::from).find(|path| path.exists()) {
            Some(path) => path,
            None => return Some(None),
        },
    };
    report.uses(&path);
    let text = document::read(&path, &Place::of_file(&path, 0), report)?;
    Some(Some((path, text)))
}

/// The `api` section: the stage, and the API as written in the definition and in the section itself.
fn api(spot: Option<&Spot<'_>>, root: &Spot<'_>, sources: &Sources, report: &Report) -> (Stage, ApiFile) {
    let mut file = ApiFile::default();
    let empty = Node { data: Data::Map(Default::default()), ..root.node.clone() };
    let here = spot.cloned().unwrap_or(Spot { node: &empty, path: "api".to_owned(), report });
    let mut fields = here.fields();
    let stage = stage::read(&mut fields, &sources.environment);
    let definition = fields.get("definition");
    if let Some(definition) = &definition {
        read_definition(definition, &stage, &mut file);
    }
    native::read(&mut fields, &mut file);
    nothing_to_serve(&mut fields, definition.is_some(), root, report);
    fields.done(Severity::Error);
    (stage, file)
}

fn nothing_to_serve(fields: &mut Fields<'_>, defined: bool, root: &Spot<'_>, report: &Report) {
    let routes = fields.get("routes");
    if defined || routes.as_ref().is_some_and(|s| !s.node.items().is_empty() || !matches!(s.node.data, Data::List(_))) {
        return;
    }
    let (place, message) = match &*root.node.origin {
        Origin::File(path) => {
            (Place::of_file(path, 0), "nothing to serve: set `api.definition` or `api.routes`".to_owned())
        }
        _ => {
            let looked = DEFAULT_FILES.join("` nor `");
            let message = format!("neither `{looked}` is there, and `api.definition` is not set otherwise");
            (Place::of_file(Path::new(DEFAULT_FILES[0]), 0), message)
        }
    };
    report.error(&place, "no-api", message);
}

/// A definition is a file's path, or the document itself.
fn read_definition(spot: &Spot<'_>, stage: &Stage, file: &mut ApiFile) {
    let report = spot.report;
    if matches!(spot.node.data, Data::Map(_)) {
        let mut tree = spot.node.clone();
        intrinsic::put_in(&mut tree, &spot.path, stage, report);
        openapi::read(&Spot { node: &tree, path: spot.path.clone(), report }, stage.base_path_mode, file);
        return;
    }
    let Some(name) = spot.text() else { return };
    let path = stage::relative(spot, Path::new(&name));
    report.uses(&path);
    let Some(text) = document::read(&path, &spot.place(), report) else { return };
    if text.len() > DEFINITION_BYTES {
        let message = format!("the definition has {} bytes: API Gateway imports {DEFINITION_BYTES}", text.len());
        report.warning(&Place::of_file(&path, 0), "definition-size", message);
    }
    let Some(mut tree) = document::tree(&path, &text, true, report) else { return };
    intrinsic::put_in(&mut tree, "", stage, report);
    openapi::read(&Spot { node: &tree, path: String::new(), report }, stage.base_path_mode, file);
}
