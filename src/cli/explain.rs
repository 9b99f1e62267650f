//! `stagegate explain`: one request and one backend answer, offline, with every decision on the way.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, anyhow, bail};
use bytes::Bytes;
use clap::builder::BoolishValueParser;
use clap::{Args as Arguments, ValueEnum};
use http::StatusCode;
use serde_json::Value;

use super::admin_client::AdminClient;
use super::sources::SourceArgs;
use super::story::story;
use super::terminal::{print, print_styled};
use crate::case::{CannedAnswer, Played, play};
use crate::config;
use crate::config::settings::Function;
use crate::exchange::masking::Masking;
use crate::gateway::Gateway;
use crate::http1::message::{Headers, Request, Response};
use crate::metrics::Metrics;
use crate::server::{Record, Told};

/// The flags of `explain`.
#[derive(Debug, Clone, Arguments)]
pub struct Args {
    /// Where the configuration is.
    #[command(flatten)]
    pub sources: SourceArgs,
    /// The request's method
    #[arg(long, value_name = "METHOD", default_value = "GET", env = "STAGEGATE_METHOD")]
    pub method: String,
    /// The request's path, with its query string
    #[arg(long, value_name = "PATH", env = "STAGEGATE_PATH", required_unless_present = "id")]
    pub path: Option<String>,
    /// A header line, `Name: value`; may be given several times
    #[arg(long = "header", value_name = "LINE", env = "STAGEGATE_HEADER", value_delimiter = '\n')]
    pub headers: Vec<String>,
    /// The request's body; `@FILE` reads it from a file
    #[arg(long, value_name = "BODY", default_value = "", env = "STAGEGATE_EXPLAIN_BODY")]
    pub body: String,
    /// What the backend answers: a file, or `-` for standard input
    #[arg(long, value_name = "FILE", env = "STAGEGATE_PAYLOAD")]
    pub payload: Option<PathBuf>,
    /// What the method's Lambda authorizer answers, or the JWKS of a user pool or JWT authorizer: a file. Without it, a Lambda
    /// authorizer allows everything
    #[arg(long, value_name = "FILE", env = "STAGEGATE_AUTHORIZER")]
    pub authorizer: Option<PathBuf>,
    /// The backend's status: an HTTP backend's own, or with 400 and more a refusal by Lambda
    #[arg(long, value_name = "STATUS", env = "STAGEGATE_STATUS")]
    pub status: Option<u16>,
    /// The function failed
    #[arg(long, env = "STAGEGATE_FUNCTION_ERROR", value_parser = BoolishValueParser::new())]
    pub function_error: bool,
    /// An exchange of a running sidecar, by its request id, instead of one that is played
    #[arg(long, value_name = "ID", env = "STAGEGATE_ID")]
    pub id: Option<String>,
    /// The admin port of the sidecar
    #[arg(long, value_name = "ADMIN", default_value = "http://127.0.0.1:9180", env = "STAGEGATE_ADMIN_URL")]
    pub url: String,
    /// How it is told: `aws` in the words of API Gateway's execution log
    #[arg(long, value_enum, default_value_t, env = "STAGEGATE_EXPLAIN_FORMAT")]
    pub format: Format,
    /// Shows long bodies whole
    #[arg(long, env = "STAGEGATE_FULL", value_parser = BoolishValueParser::new())]
    pub full: bool,
}

/// How an exchange is told.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
#[allow(missing_docs)]
pub enum Format {
    #[default]
    Text,
    Json,
    Aws,
}

/// Prints the exchange; the exit code is 0, or 78 when the configuration cannot be loaded or an input cannot be read.
pub fn explain(args: &Args) -> u8 {
    match report(args) {
        Ok(report) => {
            match args.format {
                Format::Text => print_styled(report),
                Format::Json | Format::Aws => print(report),
            }
            0
        }
        Err(error) => {
            eprintln!("{error:#}");
            78
        }
    }
}

/// The exchange in the words that are asked for.
pub fn report(args: &Args) -> anyhow::Result<String> {
    let exchange = match &args.id {
        Some(id) => args.kept(id)?,
        None => {
            let (gateway, functions, played) = args.played()?;
            if matches!(args.format, Format::Aws) {
                let masking = Masking::new(gateway.api(&played.exchange), &played.exchange);
                return Ok(format!("{}\n\n{}", played.log.join("\n"), message(&played.response, &masking)));
            }
            let Played { response, exchange, log, .. } = played;
            let (latency, sent) = (Duration::ZERO, response.body.whole().len() as u64);
            let told = Told { gateway: &gateway, functions: &functions, latency, sent, trace: log };
            Record::new(told, &exchange, &response).whole()
        }
    };
    Ok(match args.format {
        Format::Text => story(&exchange, args.full),
        Format::Json => format!("{exchange:#}\n"),
        Format::Aws => {
            let lines = exchange["trace"].as_array().into_iter().flatten().filter_map(Value::as_str);
            lines.map(|line| format!("{line}\n")).collect()
        }
    })
}

impl Args {
    /// An exchange that a running sidecar keeps.
    fn kept(&self, id: &str) -> anyhow::Result<Value> {
        let kept = AdminClient::at(&self.url)?.get(&format!("/requests/{id}"))?;
        serde_json::from_str(&kept).context("the admin port does not speak this version's words")
    }

    fn played(&self) -> anyhow::Result<(Gateway, Vec<Function>, Played)> {
        let loaded = config::load(&self.sources.offline())
            .map_err(|problems| anyhow!(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))?;
        let metrics = Metrics::new(env!("CARGO_PKG_VERSION"), "")?;
        let mut functions = loaded.settings.functions;
        // What stands for every function that has no address.
        functions.pop();
        let gateway = Gateway::new(loaded.api, loaded.canary, loaded.settings.limits, &metrics);
        let gateway = gateway.failing(&loaded.settings.faults, false, &metrics);
        // Problems of the configuration name their severity themselves.
        let unreadable = |error: anyhow::Error| anyhow!("error: {error:#}");
        let request = self.request().map_err(unreadable)?;
        let answer = CannedAnswer {
            payload: self.payload().map_err(unreadable)?,
            status: self.status,
            function_error: self.function_error,
            authorizer: self.authorizer().map_err(unreadable)?,
        };
        let played = play(&gateway, request, |call| answer.to(call));
        Ok((gateway, functions, played))
    }

    fn request(&self) -> anyhow::Result<Request> {
        let mut headers = Headers::default();
        for line in &self.headers {
            let (name, value) = line.split_once(':').with_context(|| format!("`{line}`: expected `Name: value`"))?;
            headers.push(name.trim().to_owned(), value.trim().to_owned());
        }
        if !headers.contains("host") {
            headers.push("Host", "localhost");
        }
        let body = match self.body.strip_prefix('@') {
            Some(file) => std::fs::read(file).with_context(|| format!("`{file}`"))?.into(),
            None => Bytes::from(self.body.clone()),
        };
        let path = self.path.as_deref().unwrap_or("/");
        if !path.starts_with('/') {
            bail!("`{path}`: expected a path, which begins with `/`");
        }
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (path, None),
        };
        Ok(Request {
            method: self.method.to_uppercase(),
            path: path.to_owned(),
            query,
            headers,
            body,
            source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            http2: false,
            time: SystemTime::now(),
            received: Instant::now(),
        })
    }

    fn payload(&self) -> anyhow::Result<Bytes> {
        Ok(match &self.payload {
            None => Bytes::new(),
            Some(path) if path.as_os_str() == "-" => {
                let mut payload = Vec::new();
                std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut payload)?;
                payload.into()
            }
            Some(path) => std::fs::read(path).with_context(|| format!("`{}`", path.display()))?.into(),
        })
    }

    fn authorizer(&self) -> anyhow::Result<Option<Bytes>> {
        let Some(path) = &self.authorizer else { return Ok(None) };
        Ok(Some(std::fs::read(path).with_context(|| format!("`{}`", path.display()))?.into()))
    }
}

fn message(response: &Response, masking: &Masking<'_>) -> String {
    // The reason phrases are those that the data port sends.
    let reason = StatusCode::from_u16(response.status).ok().and_then(|status| status.canonical_reason());
    let mut out = format!("HTTP/1.1 {} {}\n", response.status, reason.unwrap_or_default());
    for line in &response.headers.0 {
        out.push_str(&format!(
            "{}: {}\n",
            line.name(),
            masking.value(line.name(), &String::from_utf8_lossy(&line.value))
        ));
    }
    out.push('\n');
    match std::str::from_utf8(response.body.whole()) {
        Ok(body) => out.push_str(&masking.text(body)),
        Err(_) => out.push_str(&format!("({} bytes, not text)", response.body.whole().len())),
    }
    out.push('\n');
    out
}
