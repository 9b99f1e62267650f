//! Files, environment and flags, in that order → settings, API, problems.

use std::path::PathBuf;

use indexmap::IndexMap;

use super::compile::{Surroundings, compile};
use super::document::{Problem, Report, Severity, Spot};
use super::settings::{Backend, Function, Settings, Sources};
use super::{definition, lint, settings};
use crate::api::RestApi;

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
    let report = Report::default();
    let loaded = read(sources, &report);
    let (files, contents, keys) = (report.files(), report.contents(), report.keys());
    let problems = report.into_problems();
    match loaded {
        Some((settings, api, canary)) if problems.iter().all(|p| p.severity < Severity::Error) => {
            Ok(Loaded { settings, api, canary, problems, files, contents, keys })
        }
        _ => Err(problems),
    }
}

type Read = (Settings, RestApi, Option<(f64, RestApi)>);

fn read(sources: &Sources, report: &Report) -> Option<Read> {
    let root = settings::root(sources, report)?;
    let root = Spot { node: &root, path: String::new(), report };
    let mut fields = root.fields();
    let api_spot = fields.get("api");
    let mut settings = settings::read(&mut fields);
    report.redact(&settings.log.redact);
    if sources.offline {
        let anywhere = Function { name: "*".to_owned(), backend: Backend::InvokeApi(String::new()), sign: None };
        settings.functions.push(anywhere);
    }
    fields.done(Severity::Error);
    settings::check_addresses(&settings, &root, report);

    let (stage, written) = definition::read(api_spot.as_ref(), &root, &sources.environment);
    let compile = |variables: &IndexMap<String, String>, canary| {
        let surroundings = Surroundings {
            stage: &stage,
            variables,
            canary,
            functions: &settings.functions,
            services: &settings.services,
            offline: sources.offline,
            timeout: settings.limits.integration_timeout,
            redact: &settings.log.redact,
            report,
            missing: Default::default(),
        };
        compile(&written, &surroundings)
    };
    let compiled = compile(&stage.variables, stage.canary.as_ref().map(|_| false));
    let canary = stage.canary.as_ref().map(|(percent, own)| {
        let mut variables = stage.variables.clone();
        variables.extend(own.clone());
        (*percent, compile(&variables, Some(true)))
    });
    if !report.has_errors() {
        let api_spot = api_spot.unwrap_or_else(|| root.clone());
        definition::check_keys(&stage, &api_spot);
        lint::api(&compiled, &stage, root.get("functions"), &api_spot);
    }
    Some((settings, compiled, canary))
}
