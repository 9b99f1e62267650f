//! `stagegate eval`: one template, JSON path or pattern, or one on each line of standard input.

mod overrides;
mod path;
mod questions;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args as Arguments;

use crate::jsonpath;
use crate::mapping::Variables;
use crate::mapping::context::add_overrides;
use crate::mapping::template::fill;
use crate::pattern::{Outcome, Pattern};
use crate::value::{Entries, Map, MapKind, Value, json};
use crate::vtl::{Limits, Scope, Template};
use overrides::Overrides;
use path::{json_text, told};

/// The flags of `eval`. Without any, it answers JSON lines.
#[derive(Debug, Clone, Default, Arguments)]
pub(crate) struct Args {
    /// Render this mapping template (`-` for standard input) and print the overrides that it sets to standard error
    #[arg(long, value_name = "FILE", env = "STAGEGATE_EVAL_TEMPLATE", conflicts_with_all = ["json_path", "pattern"])]
    pub template: Option<PathBuf>,
    /// Read this JSON path
    #[arg(long, value_name = "PATH", env = "STAGEGATE_EVAL_JSON_PATH", conflicts_with = "pattern")]
    pub json_path: Option<String>,
    /// Match this selection pattern against the whole of `--text`
    #[arg(long, value_name = "PATTERN", env = "STAGEGATE_EVAL_PATTERN", requires = "text")]
    pub pattern: Option<String>,
    /// The text for `--pattern`
    #[arg(long, value_name = "TEXT", env = "STAGEGATE_EVAL_TEXT", requires = "pattern")]
    pub text: Option<String>,
    /// The payload for `--template` and `--json-path`; standard input when left out, `-` too
    #[arg(long, value_name = "FILE", env = "STAGEGATE_EVAL_BODY")]
    pub body: Option<PathBuf>,
}

/// Runs the command: the exit code is 1 when what was asked for could not be evaluated.
pub(crate) fn eval(args: &Args) -> anyhow::Result<u8> {
    let result = if let Some(template) = &args.template {
        render_file(template, args)?
    } else if let Some(path) = &args.json_path {
        read_path(path, &body(args)?)
    } else if let (Some(pattern), Some(text)) = (&args.pattern, &args.text) {
        match_pattern(pattern, text)
    } else {
        questions::answer_lines(&mut std::io::stdin().lock(), &mut std::io::stdout().lock())?;
        return Ok(0);
    };
    match result {
        Ok(text) => {
            println!("{text}");
            Ok(0)
        }
        Err(message) => {
            eprintln!("{message}");
            Ok(1)
        }
    }
}

/// What the template prints; the overrides that it sets go to standard error.
fn render_file(template: &Path, args: &Args) -> anyhow::Result<Result<String, String>> {
    if template.as_os_str() == "-" && args.body.as_ref().is_none_or(|body| body.as_os_str() == "-") {
        bail!("standard input cannot be both `--template` and `--body`");
    }
    let source = read(Some(template))?;
    let template = match Template::parse(&source) {
        Ok(template) => template,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let parameters = Map::linked(["path", "querystring", "header"].map(|kind| (kind, Map::default())));
    let context = Map::new(MapKind::Context, Entries::default());
    add_overrides(&context);
    let overrides = Overrides::of(&context);
    let mut scope = Scope::new();
    let body = Arc::from(body(args)?);
    fill(
        &mut scope,
        Variables {
            body,
            parameters: parameters.into(),
            context: Value::Map(context),
            stage_variables: Map::default(),
        },
    );
    let rendered = template.render(&mut scope, &Limits::default());
    for (name, value) in overrides.flat().unwrap_or_default() {
        eprintln!("override {name}: {value}");
    }
    Ok(rendered.map_err(|error| error.to_string()))
}

fn read_path(path: &str, body: &str) -> Result<String, String> {
    let document = json::parse(body).map_err(|error| error.to_string())?;
    let path = jsonpath::Path::compile(path).map_err(|error| error.to_string())?;
    let found = path.read(&document).map_err(|error| told(&error).1.to_owned())?;
    json_text(&found).ok_or_else(|| "the value nests too deep".to_owned())
}

fn match_pattern(pattern: &str, text: &str) -> Result<String, String> {
    let pattern = Pattern::compile(pattern).map_err(|error| format!("invalid pattern `{pattern}`: {error}"))?;
    match pattern.matches(text) {
        Outcome::Match => Ok("true".to_owned()),
        Outcome::NoMatch => Ok("false".to_owned()),
        Outcome::StepLimit => Err("the pattern took too many steps".to_owned()),
    }
}

fn body(args: &Args) -> anyhow::Result<String> {
    read(args.body.as_deref())
}

/// The file's text; standard input's without a file, and for `-`.
fn read(file: Option<&Path>) -> anyhow::Result<String> {
    match file {
        Some(file) if file.as_os_str() != "-" => {
            if file.is_dir() {
                bail!("`{}` is a folder", file.display());
            }
            std::fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))
        }
        _ => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
            Ok(text)
        }
    }
}
