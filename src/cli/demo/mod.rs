//! `stagegate demo`: `run` with a built-in definition and a built-in backend, and what to try.

mod backend;
mod events;

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::builder::BoolishValueParser;

use super::run::serve;
use super::sources::SourceArgs;
use super::terminal::{complain, print};
use crate::config::parse;
use crate::server::Addresses;

/// Where the definition says that the backend is.
const BACKEND: &str = "127.0.0.1:3001";

/// What is printed of each request.
const ANSWERED: &str =
    "$context.status $context.httpMethod $context.path  $context.stagegate.cause: $context.stagegate.why";

const PREFLIGHT: &str = "-X OPTIONS -H 'Origin: https://app.example.com' -H 'Access-Control-Request-Method: GET' ";

/// An API to show.
struct Show {
    /// Of which kind it is, before `API`.
    kind: &'static str,
    definition: &'static str,
    /// What to try: curl's arguments before the path, the path, and what happens.
    tries: &'static [(&'static str, &'static str, &'static str)],
}

const REST: Show = Show {
    kind: "",
    definition: include_str!("rest.yaml"),
    tries: &[
        ("", "/proxy/success", "200, the function's own answer"),
        ("", "/proxy/raise", "502, the function raised an error"),
        ("", "/proxy/malformed", "502, the function answered in the wrong format"),
        ("", "/proxy/rejected", "500, Lambda refused the invocation (throttled)"),
        ("", "/proxy/slow", "504, no answer in time"),
        ("-N ", "/proxy/stream", "200, five events, one a second; a browser shows them as they come"),
        ("", "/custom/hidden", "200 that hides an error: no selection pattern takes it"),
        ("", "/custom/mapped", "400, by a selection pattern; the body by a template"),
        ("", "/custom/internal", "500, by another selection pattern"),
        ("-X OPTIONS ", "/custom/mapped", "200, a CORS preflight from a MOCK integration"),
        ("", "/nowhere", "403, no such route"),
    ],
};

const HTTP: Show = Show {
    kind: "HTTP ",
    definition: include_str!("http.yaml"),
    tries: &[
        ("", "/success", "200, the function's own answer, by its statusCode"),
        ("", "/inferred", "200, no statusCode: all of the payload is the body"),
        ("", "/hidden", "200 that hides an error: the handler returned it, without a statusCode"),
        ("", "/raise", "500, the function raised an error"),
        ("", "/malformed", "500, the function answered in the wrong format"),
        ("", "/rejected", "500, Lambda refused the invocation (throttled)"),
        ("", "/slow", "503, no answer in time"),
        ("-X POST ", "/any/where", "200, from $default, which takes whatever no route does"),
        (PREFLIGHT, "/success", "200, from $default, too: the API answers only preflights that no route takes"),
    ],
};

/// The flags of `demo`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    /// Settings that win over the built-in ones.
    #[command(flatten)]
    pub sources: SourceArgs,
    /// Serve an HTTP API (v2) in place of a REST API
    #[arg(long, env = "STAGEGATE_DEMO_HTTP", value_parser = BoolishValueParser::new())]
    pub http: bool,
}

/// Serves the demo until a signal; exit codes as `run`.
pub(crate) fn demo(args: &Args) -> ExitCode {
    let address = match backend::start() {
        Ok(address) => address,
        Err(e) => {
            complain(format_args!("the demo's backend cannot start: {e}"));
            return ExitCode::from(69);
        }
    };
    let show = if args.http { &HTTP } else { &REST };
    let mut sources = args.sources.sources();
    let definition = show.definition.replace(BACKEND, &address.to_string());
    sources.embedded = Some(parse(Path::new("demo.yaml"), &definition).expect("the demo's own definition is YAML"));
    for (setting, value) in [("log.level", "error"), ("log.access", ANSWERED)] {
        if sources.flags.iter().all(|(key, _)| key != setting) {
            sources.flags.push((setting.into(), value.into()));
        }
    }
    serve(sources, |addresses| print(welcome(show, addresses)))
}

fn welcome(show: &Show, addresses: &Addresses) -> String {
    let Addresses { data, admin } = addresses;
    let Show { kind, tries, .. } = show;
    let mut out = format!("stagegate demo: the {kind}API is on http://{data}, the inspector on http://{admin}/\n\n");
    let commands: Vec<String> =
        tries.iter().map(|(arguments, path, _)| format!("curl -i {arguments}http://{data}{path}")).collect();
    let width = commands.iter().map(String::len).max().unwrap_or_default();
    for (command, (_, _, what)) in commands.iter().zip(*tries) {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{command:width$}   # {what}");
    }
    out.push_str(&format!(
        "\ncurl -s http://{admin}/metrics | grep -E 'failures_total|masked' | grep -v ' 0$'   # counted, by cause\n\n\
         Each request as it comes: status, cause, why.\n\n"
    ));
    out
}
