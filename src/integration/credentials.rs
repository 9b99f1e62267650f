//! AWS credentials: the standard chain, and what it needs of the world (files, HTTP, variables, commands).

use std::rc::Rc;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqsign_aws_v4::{Credential, DefaultCredentialProvider};
use reqsign_core::{
    CommandExecute, CommandOutput, Context, Error, FileRead, HttpSend, OsEnv, ProvideCredential, Result,
};

use super::pool::{Pool, PoolError};
use super::resolve::Resolver;
use crate::config::url::Url;
use crate::http1::client::Outgoing;
use crate::http1::head::Head;

/// How long the metadata endpoints of instance and container may take: away from AWS nobody answers there.
const LINK_LOCAL: Duration = Duration::from_secs(1);
/// How long any other source may take.
const SOURCE: Duration = Duration::from_secs(10);
/// How long a failure is believed, so that calls do not queue up to ask again.
const FAILURE: Duration = Duration::from_secs(5);
/// Bytes of an answer with credentials.
const ANSWER: usize = 256 * 1024;

/// What the chain works with.
pub(crate) fn context() -> Context {
    Context::new().with_file_read(Files).with_http_send(Client).with_env(OsEnv).with_command_execute(Commands)
}

/// The standard chain, which does not ask again right after it found nothing.
#[derive(Debug, Default)]
pub(crate) struct Chain {
    sources: DefaultCredentialProvider,
    failed: Mutex<Option<(Instant, String)>>,
}

impl Chain {
    fn failed(&self) -> std::sync::MutexGuard<'_, Option<(Instant, String)>> {
        self.failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl ProvideCredential for Chain {
    type Credential = Credential;

    async fn provide_credential(&self, ctx: &Context) -> Result<Option<Credential>> {
        if let Some((at, why)) = &*self.failed()
            && at.elapsed() < FAILURE
        {
            return Err(Error::credential_invalid(why));
        }
        let why = match self.sources.provide_credential(ctx).await {
            Ok(Some(credential)) => return Ok(Some(credential)),
            Ok(None) => "no source has AWS credentials".to_owned(),
            Err(e) => e.to_string(),
        };
        *self.failed() = Some((Instant::now(), why.clone()));
        Err(Error::credential_invalid(why))
    }
}

#[derive(Debug)]
struct Files;

impl FileRead for Files {
    async fn file_read(&self, path: &str) -> Result<Vec<u8>> {
        tokio::fs::read(path).await.map_err(|e| Error::unexpected(format!("`{path}`")).with_source(e))
    }
}

#[derive(Debug)]
struct Commands;

impl CommandExecute for Commands {
    async fn command_execute<'a>(&'a self, program: &'a str, args: &'a [&'a str]) -> Result<CommandOutput> {
        let mut command = std::process::Command::new(program);
        command.args(args);
        let failed = |e: String| Error::unexpected(format!("`{program}`: {e}"));
        let done = tokio::task::spawn_blocking(move || command.output()).await.map_err(|e| failed(e.to_string()))?;
        let done = done.map_err(|e| failed(e.to_string()))?;
        Ok(CommandOutput { status: done.status.code().unwrap_or(-1), stdout: done.stdout, stderr: done.stderr })
    }
}

#[derive(Debug)]
struct Client;

impl HttpSend for Client {
    async fn http_send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        // The chain wants a future that can move between threads; our connections stay on theirs.
        let answer = tokio::task::spawn_local(fetch(request)).await;
        answer.map_err(|e| Error::unexpected(e.to_string()))?.map_err(Error::unexpected)
    }
}

/// One request over a connection of its own.
async fn fetch(request: http::Request<Bytes>) -> std::result::Result<http::Response<Bytes>, String> {
    let (parts, body) = request.into_parts();
    let url = Url::parse(&parts.uri.to_string())?;
    let mut head = Head::request(parts.method.as_str(), &url.target, &url.authority, body.len());
    for (name, value) in parts.headers.iter().filter(|(name, _)| !matches!(name.as_str(), "host" | "content-length")) {
        head.line(name.as_str().as_bytes(), value.as_bytes());
    }
    head.line(b"Connection", b"close");
    head.length(body.len());
    let outgoing = Outgoing::new(head, body, parts.method == http::Method::HEAD);
    let pool = Pool::new(url.origin.clone(), Rc::new(Resolver::default()), 0);
    let patience = if url.origin.host.starts_with("169.254.") { LINK_LOCAL } else { SOURCE };
    let host = &url.origin.host;
    let deadline = tokio::time::Instant::now() + patience;
    let answer = match tokio::time::timeout_at(deadline, pool.request(outgoing, deadline, ANSWER)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(PoolError::UnknownHost(e) | PoolError::Network(e))) => return Err(e),
        Ok(Err(PoolError::TooLarge(_))) => return Err(format!("`{host}` answers more than {ANSWER} bytes")),
        Ok(Err(PoolError::NoMemory)) => return Err("no memory is left".to_owned()),
        Err(_) => return Err(format!("`{host}` does not answer")),
    };
    let mut response = http::Response::builder().status(answer.status);
    for header in &answer.headers.0 {
        response = response.header(&header.name[..], &header.value[..]);
    }
    response.body(answer.body).map_err(|e| e.to_string())
}
