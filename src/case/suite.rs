//! A file of cases: an API, and what is expected of it.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::authorizer;
use super::aws_log::{self, Told};
use super::compare::{self, Miss};
use super::file::{self, Backend, Case};
use super::gateways::{Deployed, Gateways};
use super::play::{Played, play_at, refusal};
use super::recorded;
use super::stream::{self, Clock};
use super::unreadable::Unreadable;
use crate::config::{self, Node};
use crate::exchange::call::{IntegrationCall, IntegrationReply, InvocationType, Purpose, Target};
use crate::failure::Failure;
use crate::gateway::Gateway;
use crate::http1::message::{Headers, Request};
use crate::integration::split_prelude;

/// The cases of a file, ready to run.
pub struct Suite {
    /// The file.
    pub file: PathBuf,
    deployed: Rc<Deployed>,
    cases: Lined,
}

/// Cases, each with the line on which it begins.
type Lined = Vec<(usize, Case)>;

/// What came of a case.
pub(crate) struct Ran {
    /// The status that is expected, if any is.
    pub(crate) expected: Option<u16>,
    /// The status that the client gets.
    pub(crate) status: u16,
    /// All that is not as expected.
    pub(crate) misses: Vec<Miss>,
    /// Method and path of the route, as metrics name them, and the cause of the failure, if it failed.
    pub(crate) failed: Option<(&'static str, String, &'static str)>,
}

/// Every case file: files as named, and every YAML and JSON file below a folder that may hold cases, sorted.
pub fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Unreadable> {
    let mut files = Vec::new();
    for path in paths {
        match path.is_dir() {
            true => files.extend(below(path)?),
            false => files.push(path.clone()),
        }
    }
    Ok(files)
}

fn below(folder: &Path) -> Result<Vec<PathBuf>, Unreadable> {
    let unreadable = |error: std::io::Error| Unreadable(vec![format!("{}: {error}", folder.display())]);
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        entries.push(entry.map_err(unreadable)?.path());
    }
    entries.sort();
    let mut files = Vec::new();
    for path in entries {
        let is_case = path.extension().is_some_and(|ending| ["yaml", "yml", "json"].iter().any(|e| ending == *e));
        match path.is_dir() {
            true => files.extend(below(&path)?),
            false if is_case && may_hold_cases(&path) => files.push(path),
            false => {}
        }
    }
    Ok(files)
}

/// Configurations, definitions and payloads stand beside cases: what does not even speak of them is none. A misspelt key is.
fn may_hold_cases(file: &Path) -> bool {
    let Ok(text) = std::fs::read(file) else { return true };
    let text = text.to_ascii_lowercase();
    ["cases", "case:", "case\""].iter().any(|word| memchr::memmem::find(&text, word.as_bytes()).is_some())
}

impl Suite {
    /// Reads a file. Its `cases` are ours; `config` names a configuration file, else everything else in it is one.
    pub fn read(file: &Path) -> Result<Suite, Unreadable> {
        Suite::read_among(file, &mut Gateways::default())
    }

    /// Reads a text as the file that it could be.
    pub fn parse(file: &Path, text: &str) -> Result<Suite, Unreadable> {
        Suite::of(file, read_text(file, text)?, &mut Gateways::default())
    }

    /// The same as [`Suite::read`], with the gateways that other files have already.
    pub(crate) fn read_among(file: &Path, gateways: &mut Gateways) -> Result<Suite, Unreadable> {
        Suite::of(file, read(file)?, gateways)
    }

    fn of(file: &Path, read: (Node, Lined), gateways: &mut Gateways) -> Result<Suite, Unreadable> {
        let (document, cases) = read;
        if !gateways.takes_bare_cases
            && let Some((line, _)) = cases.iter().find(|(_, case)| case.response.is_none())
        {
            let message = "missing field `response`: `stagegate test --bless` writes it";
            return Err(Unreadable(vec![format!("{}:{line}: {message}", file.display())]));
        }
        let deployed = match document.text("config") {
            Some(path) => gateways.of_file(&beside(file, path))?,
            None => gateways.of_document(document)?,
        };
        Ok(Suite { file: file.to_owned(), deployed, cases })
    }

    /// Reads a file's cases for another gateway than its own.
    pub(crate) fn read_for(file: &Path, deployed: Rc<Deployed>) -> Result<Suite, Unreadable> {
        let (_, cases) = read(file)?;
        Ok(Suite { file: file.to_owned(), deployed, cases })
    }

    /// The exchanges of an execution log, as cases for a gateway; and why others are none.
    pub(crate) fn of_log(file: &Path, deployed: Rc<Deployed>) -> Result<(Suite, Vec<String>), Unreadable> {
        let log = std::fs::read(file).map_err(|error| Unreadable(vec![format!("{}: {error}", file.display())]))?;
        let base = deployed.gateway.rest().map_or("", |api| api.base_path.trim_end_matches('/'));
        let (cases, others) = cases_of_log(file, &String::from_utf8_lossy(&log), base)?;
        Ok((Suite { file: file.to_owned(), deployed, cases }, others))
    }

    /// The line on which a case begins; 0 when there is no such case.
    pub(crate) fn line(&self, case: usize) -> usize {
        self.cases.get(case).map_or(0, |(line, _)| *line)
    }

    /// The cases' names, in the file's order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.cases.iter().map(|(_, case)| case.name.as_str())
    }

    /// Runs a case, by its place in the file.
    pub fn run(&self, case: usize) -> Result<Vec<Miss>, Unreadable> {
        self.play(case).map(|ran| ran.misses)
    }

    /// The same, with the statuses.
    pub(crate) fn play(&self, case: usize) -> Result<Ran, Unreadable> {
        let Some((line, case)) = self.cases.get(case) else {
            return Err(Unreadable(vec![format!("{}: no case {case}", self.file.display())]));
        };
        let unreadable = |e| Unreadable(vec![format!("{}:{line}: case {:?}: {e}", self.file.display(), case.name)]);
        let request = request(&case.request).map_err(unreadable)?;
        let mut wrong = None;
        let clock = Clock::default();
        let Deployed { gateway, counters, .. } = &*self.deployed;
        let mut played = play_at(gateway, request, &clock, |call| {
            let answer = match call.purpose {
                Purpose::Authorizer(_) | Purpose::Keys(_) => authorizer::answer(case.authorizer.as_ref()),
                Purpose::Integration => self.answer(case.backend.as_ref(), call, &clock),
            };
            answer.unwrap_or_else(|error| {
                wrong = Some(error);
                Err(Failure::Timeout)
            })
        });
        if let Some(counters) = counters {
            counters.saw(gateway, &played.exchange);
        }
        if !case.trace.is_empty() {
            played.log = gateway.execution_log(&played.exchange, None);
        }
        match wrong {
            Some(error) => Err(unreadable(error)),
            None => Ok(Ran {
                expected: case.response.as_ref().and_then(|response| response.status),
                status: played.response.status,
                failed: failed(gateway, &played),
                misses: compare::misses(case, gateway, &played).map_err(unreadable)?,
            }),
        }
    }

    /// The canned answer. A function that is called as an event answers nothing.
    fn answer(
        &self,
        written: Option<&Backend>,
        call: &IntegrationCall,
        clock: &Clock,
    ) -> Result<Result<IntegrationReply, Failure>, String> {
        let is_function = matches!(call.target, Target::Function { .. });
        let reply = match written.and_then(|written| Some((written, written.chunks.as_ref()?))) {
            Some((written, chunks)) => {
                let headers = headers(&written.headers)?;
                return Ok(stream::reply(
                    chunks,
                    written.status.unwrap_or(200),
                    headers,
                    call,
                    self.deployed.stream_idle,
                    clock,
                ));
            }
            None => answer(written, call)?,
        };
        Ok(if call.streamed && is_function { reply.and_then(split_prelude) } else { reply })
    }
}

/// What an execution log tells, as cases: their names, and why other exchanges are none.
pub fn read_execution_log(log: &str) -> Result<(Vec<String>, Vec<String>), Unreadable> {
    let (cases, others) = cases_of_log(Path::new("log"), log, "")?;
    Ok((cases.into_iter().map(|(_, case)| case.name).collect(), others))
}

/// The cases of an execution log, each with its line; and why other exchanges are none. `base` is the API's base path.
fn cases_of_log(file: &Path, log: &str, base: &str) -> Result<(Lined, Vec<String>), Unreadable> {
    let (mut cases, mut others) = (Vec::new(), Vec::new());
    for Told { id, exchange } in aws_log::exchanges(log) {
        match exchange {
            Err(why) => others.push(format!("{}: {id}: {why}", file.display())),
            Ok(mut exchange) => {
                let path = format!("{base}{}", exchange["path"].as_str().unwrap_or_default());
                exchange["path"] = path.into();
                cases.push(format!("  # {id}\n{}", recorded::case(&exchange)));
            }
        }
    }
    let text = format!("cases:\n{}", cases.concat());
    // Whatever the log is, what was made of it is YAML.
    Ok((if cases.is_empty() { Vec::new() } else { read_text(&file.with_extension("log"), &text)?.1 }, others))
}

/// The cases of a file, by line and name; its configuration is not looked at.
pub(crate) fn names(file: &Path) -> Result<Vec<(usize, String)>, Unreadable> {
    Ok(read(file)?.1.into_iter().map(|(line, case)| (line, case.name)).collect())
}

fn failed(gateway: &Gateway, played: &Played) -> Option<(&'static str, String, &'static str)> {
    let cause = played.exchange.failed_with()?;
    let (path, method) = gateway.matched(&played.exchange).unwrap_or_default();
    Some((method, path.to_owned(), cause))
}

/// What else is in a file, and its cases, each with its line.
fn read(file: &Path) -> Result<(Node, Lined), Unreadable> {
    let text =
        std::fs::read_to_string(file).map_err(|error| Unreadable(vec![format!("{}: {error}", file.display())]))?;
    read_text(file, &text)
}

fn read_text(file: &Path, text: &str) -> Result<(Node, Lined), Unreadable> {
    let unreadable = |message: String| Unreadable(vec![format!("{}: {message}", file.display())]);
    let mut document =
        config::parse(file, text).map_err(|problems| Unreadable(problems.iter().map(ToString::to_string).collect()))?;
    if !document.is_map() {
        return Err(unreadable("expected a map with `cases`".into()));
    }
    let cases = document.take("cases");
    let cases = cases.as_ref().map(Node::items).filter(|cases| !cases.is_empty());
    let cases = cases.ok_or_else(|| unreadable("expected `cases`, a list with at least one case".into()))?;
    let read = |case: &Node| match serde_json::from_value(case.to_json()) {
        Ok(read) => Ok((case.line, read)),
        Err(error) => Err(Unreadable(vec![format!("{}:{}: {error}", file.display(), case.line)])),
    };
    let cases = cases.iter().map(read).collect::<Result<_, _>>()?;
    Ok((document, cases))
}

fn beside(file: &Path, path: &str) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).join(path)
}

fn request(written: &file::Request) -> Result<Request, String> {
    let mut headers = headers(&written.headers)?;
    if !written.headers.mentions("host") {
        headers.push("Host", "localhost");
    }
    let body = file::body(written.body.as_deref(), written.json.as_ref(), written.base64.as_deref())?;
    let (path, query) = match written.path.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (written.path.as_str(), None),
    };
    Ok(Request {
        method: written.method.clone(),
        path: path.to_owned(),
        query,
        headers,
        body: body.unwrap_or_default(),
        source_ip: written.source_ip.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        http2: written.http2,
        time: written.time_epoch.map_or_else(SystemTime::now, |ms| UNIX_EPOCH + Duration::from_millis(ms)),
        received: Instant::now(),
    })
}

/// One that comes as a whole.
fn answer(written: Option<&Backend>, call: &IntegrationCall) -> Result<Result<IntegrationReply, Failure>, String> {
    let asynchronous =
        matches!(call.target, Target::Function { invocation: InvocationType::Event | InvocationType::DryRun, .. });
    let nothing = Backend::default();
    let written = match written {
        Some(written) => written,
        None if asynchronous => &nothing,
        None => return Err("the backend is called, but the case has no `backend`".into()),
    };
    if written.timeout {
        return Ok(Err(Failure::Timeout));
    }
    if let Some(status) = written.rejected {
        return Ok(Err(refusal(status)));
    }
    if let Some(detail) = &written.network_error {
        return Ok(Err(Failure::NetworkError(detail.clone())));
    }
    let headers = headers(&written.headers)?;
    let body = file::body(written.body.as_deref(), written.json.as_ref(), written.base64.as_deref())?;
    Ok(Ok(IntegrationReply {
        status: written.status.unwrap_or(if asynchronous { 202 } else { 200 }),
        headers,
        body: body.unwrap_or_default().into(),
        function_error: written.function_error,
        ..IntegrationReply::default()
    }))
}

fn headers(written: &file::Lines) -> Result<Headers, String> {
    let mut headers = Headers::default();
    for (name, value) in file::lines(written)? {
        headers.push(name, value);
    }
    Ok(headers)
}
