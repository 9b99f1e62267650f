//! `check --errors`: from the definition alone, what a client and a page of another origin see of each cause on each route.
//!
//! Each cell is an exchange, played through the gateway that serves: there is no second table of what answers what.

mod browser;
mod found;
mod gates;
mod history;
mod json;
mod map;
mod route;
mod text;

use std::path::PathBuf;

use clap::Args as Arguments;
use clap::builder::BoolishValueParser;

use self::found::Found;
use self::gates::Gates;
use crate::config::Sources;

/// The flags of the error map.
#[derive(Debug, Clone, Default, Arguments)]
#[command(next_help_heading = "Error map, with `--errors`")]
pub struct ErrorArgs {
    /// Print the error map: each cause of each route, with the status and body that a client sees; as `text` or `json`
    #[arg(long, env = "STAGEGATE_CHECK_ERRORS", value_parser = BoolishValueParser::new())]
    pub errors: bool,
    /// A page's origin, such as `https://app.example`: tell which answers a browser shows it as a CORS failure; may be given several times
    #[arg(long = "origin", value_name = "ORIGIN", env = "STAGEGATE_CHECK_ORIGIN", value_delimiter = ',')]
    pub origins: Vec<String>,
    /// The admin port of a running sidecar, such as `http://127.0.0.1:9180`: tell how often each cause happened
    #[arg(long, value_name = "ADMIN", env = "STAGEGATE_CHECK_FROM")]
    pub from: Option<String>,
    /// Case files or folders: tell which causes no case exercises
    #[arg(long, value_name = "DIR", env = "STAGEGATE_CHECK_CASES", value_delimiter = ',')]
    pub cases: Vec<PathBuf>,
}

/// The map, or why there is none; and the exit code.
pub(super) fn errors(sources: &Sources, args: &ErrorArgs, is_json: bool) -> (Result<String, String>, u8) {
    match found(sources, args) {
        Ok(found) if is_json => (Ok(format!("{:#}\n", json::json(&found))), 0),
        Ok(found) => (Ok(text::text(&found)), 0),
        Err(why) => (Err(why), 78),
    }
}

fn found(sources: &Sources, args: &ErrorArgs) -> Result<Found, String> {
    let sources = Sources { offline: true, ..sources.clone() };
    let gates = Gates::load(&sources)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let history = |error: anyhow::Error| format!("{error:#}");
    Ok(Found {
        happened: args.from.as_deref().map(history::happened).transpose().map_err(history)?,
        covered: Some(&args.cases)
            .filter(|c| !c.is_empty())
            .map(|c| history::covered(c))
            .transpose()
            .map_err(history)?,
        rows: map::map(&gates, &args.origins),
        unrouted: map::unrouted(&gates, &args.origins),
        name: gates.name,
        origins: args.origins.clone(),
    })
}
