//! `stagegate init`: a configuration to begin with, which names every function of a definition.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::terminal::{complain, print};
use crate::config::{Outline, Problem, Severity, Sources, outline, parse};

/// The flags of `init`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    /// OpenAPI, Swagger, CloudFormation or SAM; without it, what lies in the working directory under a usual name
    pub definition: Option<PathBuf>,
    /// What is written; never over a file that is there
    #[arg(short, long, value_name = "FILE", default_value = "stagegate.yaml", env = "STAGEGATE_INIT_OUTPUT")]
    pub output: PathBuf,
}

/// Where tools leave a definition, the most telling first.
const USUAL: &[&str] = &[
    "template.yaml",
    "template.yml",
    "template.json",
    ".serverless/cloudformation-template-update-stack.json",
    "openapi.yaml",
    "openapi.yml",
    "openapi.json",
    "swagger.yaml",
    "swagger.yml",
    "swagger.json",
];

/// Writes the file; the exit code is 0, or 1 when there is one already or nothing to describe.
pub(crate) fn init(args: &Args) -> u8 {
    let Some(definition) = args.definition.clone().or_else(usual) else {
        complain(
            "no definition is given, and none lies here under a usual name, such as `template.yaml` or `openapi.yaml`",
        );
        return 1;
    };
    let (outline, problems) = describe(&definition);
    let shown = relative(&definition, &args.output);
    let text = configuration(&shown, outline.as_ref(), &problems);
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(&args.output);
    let output = args.output.display();
    match file.and_then(|mut file| file.write_all(text.as_bytes())) {
        Ok(()) => {
            let what = match outline.map_or(0, |outline| outline.functions.len()) {
                0 => "`stagegate check` says what it needs".to_owned(),
                1 => "say in it where the function is, then run `stagegate`".to_owned(),
                number => format!("say in it where the {number} functions are, then run `stagegate`"),
            };
            print(format_args!("`{output}` is written for `{shown}`: {what}\n"));
            0
        }
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            complain(format_args!("`{output}` is there already and stays as it is; `--output` names another file"));
            1
        }
        Err(e) => {
            complain(format_args!("`{output}` cannot be written: {e}"));
            1
        }
    }
}

fn usual() -> Option<PathBuf> {
    let named = USUAL.iter().map(PathBuf::from).find(|path| path.is_file());
    named.or_else(|| {
        let templates = std::fs::read_dir("cdk.out").ok()?;
        let mut found: Vec<PathBuf> = templates.filter_map(|entry| Some(entry.ok()?.path())).collect();
        found.retain(|path| path.to_string_lossy().ends_with(".template.json"));
        found.sort();
        found.into_iter().next()
    })
}

fn describe(definition: &Path) -> (Option<Outline>, Vec<Problem>) {
    let flags = vec![("api.definition".to_owned(), definition.display().to_string())];
    let found = parse(Path::new("nothing.yaml"), "{}")
        .and_then(|nothing| outline(&Sources { flags, embedded: Some(nothing), ..Sources::default() }));
    match found {
        Ok((outline, problems)) => (Some(outline), problems),
        Err(problems) => (None, problems),
    }
}

/// The definition's path as the file needs it: relative to its own folder.
fn relative(definition: &Path, output: &Path) -> String {
    let is_here = output.parent().is_none_or(|folder| folder.as_os_str().is_empty());
    let path =
        if is_here { definition.to_owned() } else { std::path::absolute(definition).unwrap_or(definition.to_owned()) };
    path.display().to_string()
}

fn configuration(definition: &str, outline: Option<&Outline>, problems: &[Problem]) -> String {
    let mut out =
        String::from("# Made by `stagegate init`. `stagegate check` says whether it is good; `stagegate` serves it.\n");
    for problem in problems.iter().filter(|problem| problem.severity == Severity::Error) {
        let message: String = problem.message.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let _ = writeln!(out, "# to mend: {message}");
    }
    let _ = write!(
        out,
        "\nlisten: 0.0.0.0:8080              # where clients come\nadmin:\n  listen: 127.0.0.1:9180            # metrics, probes, and a page with the last requests\n\napi:\n  definition: {definition:?}\n"
    );
    if outline.is_none() {
        out.push_str("  # resource: LogicalId           # which API of a template with several\n");
    }
    out.push_str("  # stage: prod                   # without it, the template's own\n");
    out.push_str("  # base_path: /prod              # a prefix that is stripped, to look like an execute-api URL\n");
    let Some(outline) = outline else { return out };
    if !outline.parameters.is_empty() {
        out.push_str("  # parameters:                   # values that the template does not have\n");
        for name in &outline.parameters {
            let _ = writeln!(out, "  #   {name:?}: \"\"");
        }
    }
    functions(outline, &mut out);
    authorizers(outline, &mut out);
    if !outline.services.is_empty() {
        out.push_str("\n# Where the AWS services are that methods call directly, such as LocalStack.\nservices:\n");
        for (name, callers) in &outline.services {
            let _ = writeln!(out, "  {name}: \"http://127.0.0.1:4566\" # {}", callers.join(", "));
        }
    }
    out
}

const WAYS: &str = "
# Where each function really is: one of four ways each.
#   invoke_api   a Lambda Invoke API: `sam local start-lambda` (port 3001), serverless-offline (3002), LocalStack (4566), AWS
#   emulator     the Runtime Interface Emulator that Lambda's base images have
#   http         any HTTP server that takes the event and returns the payload
#   runtime_api  an address on which the function's own runtime finds the Runtime API
";

fn functions(outline: &Outline, out: &mut String) {
    if outline.functions.is_empty() {
        return;
    }
    out.push_str(WAYS);
    out.push_str("functions:\n");
    for (n, (name, callee)) in outline.functions.iter().enumerate() {
        let _ = writeln!(out, "  {name:?}: # {}", callee.callers.join(", "));
        if !callee.others.is_empty() {
            let others: Vec<String> = callee.others.iter().map(|other| format!("`{other}`")).collect();
            let _ = writeln!(out, "    # may be called {} here, too", others.join(" or "));
        }
        let _ = writeln!(out, "    invoke_api: \"http://127.0.0.1:3001\"");
        let _ = writeln!(out, "    # emulator: \"http://127.0.0.1:{}\"", 8081 + n);
        let _ = writeln!(out, "    # http: \"http://127.0.0.1:3000/{}\"", path_of(name));
        let _ = writeln!(out, "    # runtime_api: \"127.0.0.1:{}\"", 9001 + n);
    }
}

const KEYS: &str = "
# Where the keys are that sign callers' tokens: `issuer`, an address with a discovery document (the real one, a local OpenID
# server), or `jwks`, a file or a url.
authorizers:
";

fn authorizers(outline: &Outline, out: &mut String) {
    if !outline.authorizers.is_empty() {
        out.push_str(KEYS);
    }
    for (name, check) in &outline.authorizers {
        let _ = writeln!(out, "  {name:?}: # {}", check.callers.join(", "));
        match &check.issuers[..] {
            [] => {
                let _ = writeln!(out, "    issuer: \"http://127.0.0.1:9229/pool\"");
            }
            [one] => {
                let _ = writeln!(out, "    issuer: {one:?}");
            }
            several => {
                out.push_str("    issuers:\n");
                for issuer in several {
                    let _ = writeln!(out, "      {issuer:?}: {{ issuer: {issuer:?} }}");
                }
            }
        }
    }
}

/// A name as a piece of a path.
fn path_of(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').collect()
}
