//! `stagegate explain`: one request and one backend answer, offline, with every decision on the way.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::{Instant, SystemTime};

use anyhow::{Context, anyhow};
use bytes::Bytes;
use clap::Args as Arguments;
use clap::builder::BoolishValueParser;
use http::StatusCode;

use super::sources::SourceArgs;
use crate::case::{Played, play, refusal};
use crate::config;
use crate::exchange::call::{IntegrationCall, IntegrationReply, InvocationType, Purpose, Target};
use crate::exchange::masking::Masking;
use crate::failure::Failure;
use crate::gateway::Gateway;
use crate::http1::message::{Headers, Request, Response};
use crate::metrics::Metrics;

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
    #[arg(long, value_name = "PATH", env = "STAGEGATE_PATH")]
    pub path: String,
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
}

/// Prints the exchange; the exit code is 0, or 78 when the configuration cannot be loaded or an input cannot be read.
pub fn explain(args: &Args) -> u8 {
    match report(args) {
        Ok(report) => {
            // Nobody is left to tell when the output is closed.
            let _ = std::io::stdout().write_all(report.as_bytes());
            0
        }
        Err(error) => {
            eprintln!("{error:#}");
            78
        }
    }
}

/// The trace, then the response.
pub fn report(args: &Args) -> anyhow::Result<String> {
    let (gateway, played) = args.played()?;
    let masking = Masking::new(gateway.api(&played.exchange), &played.exchange);
    Ok(format!("{}\n\n{}", played.log.join("\n"), message(&played.response, &masking)))
}

impl Args {
    fn played(&self) -> anyhow::Result<(Gateway, Played)> {
        let loaded = config::load(&self.sources.offline())
            .map_err(|problems| anyhow!(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))?;
        let metrics = Metrics::new(env!("CARGO_PKG_VERSION"), "")?;
        let gateway = Gateway::new(loaded.api, loaded.canary, loaded.settings.limits, &metrics);
        // Problems of the configuration name their severity themselves.
        let unreadable = |error: anyhow::Error| anyhow!("error: {error:#}");
        let request = self.request().map_err(unreadable)?;
        let payload = self.payload().map_err(unreadable)?;
        let authorizer = self.authorizer().map_err(unreadable)?;
        let played = play(&gateway, request, |call| match call.purpose {
            Purpose::Authorizer(_) => {
                Ok(IntegrationReply { status: 200, body: authorizer.clone().into(), ..IntegrationReply::default() })
            }
            Purpose::Keys(_) => self.keys(authorizer.clone()),
            Purpose::Integration => self.answer(call, payload.clone()),
        });
        Ok((gateway, played))
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
        let (path, query) = match self.path.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (self.path.as_str(), None),
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

    /// An authorizer's answer that was not given must not stand in the way of what is asked about.
    fn authorizer(&self) -> anyhow::Result<Bytes> {
        const ALLOW: &str = r#"{"principalId":"explain","policyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]}}"#;
        match &self.authorizer {
            None => Ok(Bytes::from_static(ALLOW.as_bytes())),
            Some(path) => Ok(std::fs::read(path).with_context(|| format!("`{}`", path.display()))?.into()),
        }
    }

    /// Keys are not fetched here: whose token is to be explained gives them.
    fn keys(&self, authorizer: Bytes) -> Result<IntegrationReply, Failure> {
        match &self.authorizer {
            Some(_) => Ok(IntegrationReply { status: 200, body: authorizer.into(), ..IntegrationReply::default() }),
            None => Err(Failure::NetworkError("nothing is called here; `--authorizer` takes the keys".to_owned())),
        }
    }

    fn answer(&self, call: &IntegrationCall, payload: Bytes) -> Result<IntegrationReply, Failure> {
        let mut headers = Headers::default();
        let (status, body) = match &call.target {
            Target::Function { invocation: InvocationType::RequestResponse, .. } => (200, payload),
            Target::Function { .. } => (202, Bytes::new()),
            Target::Http { .. } => {
                headers.push("Content-Type", "application/json");
                (200, payload)
            }
        };
        match self.status {
            Some(status) if matches!(call.target, Target::Function { .. }) && status >= 400 => Err(refusal(status)),
            given => Ok(IntegrationReply {
                status: given.unwrap_or(status),
                headers,
                body: body.into(),
                function_error: self.function_error,
                ..IntegrationReply::default()
            }),
        }
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
