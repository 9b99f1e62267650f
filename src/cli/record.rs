//! `stagegate record`: live exchanges of a running sidecar as case files. `stagegate tap`: the same as a list on the terminal.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::Value;

use super::admin_client::AdminClient;
use super::filter::Filter;
use super::terminal::{complain, count, print};
use crate::case::recorded;
use crate::config;

/// Where the sidecar is, and which of its exchanges are meant.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Live {
    /// The admin port of the sidecar
    #[arg(long, value_name = "ADMIN", default_value = "http://127.0.0.1:9180", env = "STAGEGATE_ADMIN_URL")]
    pub url: String,
    /// Words that all must fit: `5xx`, `404`, `masked`, `POST`, `cause=timeout`, `route=/orders/{id}`, or any text
    #[arg(long, value_name = "WORDS", default_value = "", env = "STAGEGATE_FILTER")]
    pub filter: Filter,
    /// How long; without it until it is stopped
    #[arg(long = "for", value_name = "TIME", value_parser = time, env = "STAGEGATE_FOR")]
    pub time: Option<Duration>,
}

/// The flags of `record`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    live: Live,
    /// The folder for the case files; it is made if it is not there
    #[arg(long, value_name = "DIR", env = "STAGEGATE_OUT")]
    out: PathBuf,
    /// The configuration that the cases name, as seen from their folder; without it `stagegate.yaml` there, or else that of the working
    /// directory
    #[arg(long, value_name = "FILE", env = "STAGEGATE_CASE_CONFIG")]
    case_config: Option<String>,
}

fn time(text: &str) -> Result<Duration, String> {
    config::duration(text).ok_or_else(|| "expected a time such as `30s` or `5m`".to_owned())
}

/// Writes a file for each exchange; the exit code is 0, or 1 when the sidecar cannot be asked.
pub(crate) fn record(args: &Args) -> anyhow::Result<u8> {
    let admin = AdminClient::at(&args.live.url)?;
    let out = args.out.display();
    std::fs::create_dir_all(&args.out).with_context(|| out.to_string())?;
    let config = args.case_config.clone().unwrap_or_else(|| config_of(&args.out));
    let mut written = 0;
    each(&args.live, &admin, |exchange| {
        // What failed on purpose says nothing of the API.
        if exchange["fault"].is_string() {
            return Ok(());
        }
        let id = exchange["id"].as_str().unwrap_or_default();
        // It may be gone again: then it is not recorded.
        let Ok(whole) = admin.get(&format!("/requests/{id}")) else { return Ok(()) };
        let whole: Value = serde_json::from_str(&whole).context("an exchange")?;
        let file = args.out.join(name(&whole));
        std::fs::write(&file, recorded::file(&whole, &config)).with_context(|| file.display().to_string())?;
        written += 1;
        Ok(())
    })?;
    print(format_args!("{} written to `{out}`\n", count(written, "case")));
    if written > 0 && !args.out.join(&config).is_file() {
        complain(format_args!(
            "the cases are played with `{}`, which is not there: put the configuration there, or name it with `--case-config`",
            args.out.join(&config).display()
        ));
    }
    Ok(0)
}

const CONFIG: &str = "stagegate.yaml";

/// The configuration for cases in that folder, as seen from there.
fn config_of(out: &Path) -> String {
    let here = Path::new(CONFIG);
    let is_below = out.is_relative() && out.components().all(|part| matches!(part, Component::Normal(_)));
    match here.is_file() && !out.join(CONFIG).is_file() {
        false => CONFIG.to_owned(),
        true if is_below => "../".repeat(out.components().count()) + CONFIG,
        true => std::path::absolute(here).map_or_else(|_| CONFIG.to_owned(), |path| path.display().to_string()),
    }
}

/// Prints a line for each exchange; the exit code is 0, or 1 when the sidecar cannot be asked.
pub(crate) fn tap(args: &Live) -> anyhow::Result<u8> {
    let admin = AdminClient::at(&args.url)?;
    each(args, &admin, |exchange| {
        print(line(exchange));
        Ok(())
    })?;
    Ok(0)
}

fn each(live: &Live, admin: &AdminClient, mut take: impl FnMut(&Value) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let until = live.time.map(|time| Instant::now() + time);
    for exchanges in admin.events(until)? {
        for exchange in exchanges?.iter().filter(|exchange| live.filter.fits(exchange)) {
            take(exchange)?;
        }
    }
    if until.is_none_or(|until| Instant::now() < until) {
        complain("the sidecar has ended");
    }
    Ok(())
}

/// Sorted by time, told apart by the id.
fn name(exchange: &Value) -> String {
    let text = |name: &str| exchange[name].as_str().unwrap_or_default().to_owned();
    let time: String = text("time").chars().filter(char::is_ascii_digit).collect();
    let route = text("resource");
    let legal = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let route: String = route.trim_matches('/').chars().map(legal).take(40).collect();
    let id: String = text("id").chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    format!("{time}-{}-{}-{route}-{id}.yaml", exchange["status"], text("method").to_lowercase())
}

fn line(exchange: &Value) -> String {
    let text = |name: &str| exchange[name].as_str().unwrap_or_default();
    let mut line = String::new();
    let target = match exchange["query"].as_str() {
        Some(query) => format!("{}?{query}", text("path")),
        None => text("path").to_owned(),
    };
    let latency = exchange["latency_ms"].as_f64().unwrap_or_default();
    // Writing to a text cannot fail.
    let _ = write!(
        line,
        "{} {} {} {target}",
        text("time").get(11..23).unwrap_or_default(),
        exchange["status"],
        text("method")
    );
    let _ = write!(line, "  {}  {latency:.1} ms", if text("resource").is_empty() { "-" } else { text("resource") });
    for (word, value) in [("", text("cause")), ("hidden ", text("masked"))] {
        if !value.is_empty() {
            let _ = write!(line, "  {word}{value}");
        }
    }
    if !text("why").is_empty() {
        let _ = write!(line, "  {}", text("why"));
    }
    line + "\n"
}
