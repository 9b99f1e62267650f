//! The error map: each cause of each route, played through the gateway itself, and what came of it.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant, UNIX_EPOCH};

use super::browser::{Verdict, asks_first, lets_go, reads, unsafe_headers};
use super::gates::Gates;
use super::route::{Route, routes};
use crate::case::play;
use crate::exchange::call::{IntegrationCall, IntegrationReply, Purpose, Target};
use crate::exchange::exchange::Exchange;
use crate::exchange::sample::Sample;
use crate::failure::Failure;
use crate::gateway::Gateway;
use crate::http1::message::{Headers, Request, Response};
use crate::integration::split_prelude;
use crate::metrics::FaultCause;

const ID: &str = "00000000-0000-4000-8000-000000000000";

/// What a client sees of a cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub status: u16,
    pub content_type: Option<String>,
    pub body: String,
    /// Whether the client cannot know that something failed.
    pub is_masked: bool,
    /// What a page of each origin sees.
    pub verdicts: Vec<Verdict>,
}

/// A cause, and what a client sees of it.
pub(super) type Cell = (&'static str, Answer);

/// A route with its causes.
pub(super) struct Row {
    pub route: Route,
    /// Of each origin; nothing where the browser does not ask.
    pub preflight: Vec<Option<Verdict>>,
    /// Of an answer that is none of the gateway's: what pages of each origin see.
    pub good: Vec<Verdict>,
    pub cells: Vec<Cell>,
}

/// Who is asked whether a caller may.
#[derive(Clone, Copy)]
enum Says {
    Allow,
    Deny,
    Fails,
}

/// One try to make a route fail.
struct Attempt<'a> {
    gateway: &'a Gateway,
    headers: Vec<(&'a str, &'a str)>,
    body: &'static str,
    /// Whether required parameters are there.
    is_complete: bool,
    says: Says,
    /// The causes that it is made for; none: whatever comes of it.
    meant: &'static [&'static str],
}

/// Every route's row.
pub(super) fn map(gates: &Gates, origins: &[String]) -> Vec<Row> {
    routes(&gates.guarded).into_iter().map(|route| row(gates, route, origins)).collect()
}

/// What no route answers.
pub(super) fn unrouted(gates: &Gates, origins: &[String]) -> Vec<Cell> {
    let rest = gates.guarded.rest().map(|api| &api.base_path);
    let base = rest.or(gates.guarded.http().map(|api| &api.base_path)).map_or("", |base| base.trim_end_matches('/'));
    let nowhere = || request("GET", format!("{base}/stagegate/no/such/path"), None, Vec::new(), "");
    let mut cells = Vec::new();
    let answers = seen(origins, |origin| {
        let played = play(&gates.guarded, with_origin(nowhere(), origin), |call| backend(call, Says::Allow));
        Some((played.exchange, played.response))
    });
    cells.extend(answers);
    for failure in [Failure::RequestTooLarge, Failure::Overloaded] {
        cells.extend(seen(origins, |origin| Some(refused(&gates.guarded, with_origin(nowhere(), origin), &failure))));
    }
    cells
}

fn row(gates: &Gates, route: Route, origins: &[String]) -> Row {
    let mut cells: Vec<Cell> = Vec::new();
    let mut add = |cell: Option<Cell>| {
        let cell = cell.filter(|(cause, _)| cells.iter().all(|(known, _)| known != cause));
        cells.extend(cell);
    };
    attempts(gates, &route).iter().for_each(|attempt| add(attempt.cell(&route, origins)));
    let mut refusals = Vec::new();
    if route.is_asked {
        let denied = "User is not authorized to access this resource with an explicit deny";
        refusals.push(Failure::AccessDenied(denied.to_owned()));
        refusals.push(Failure::AuthorizerFunction(String::new()));
    }
    if route.needs_key && gates.has_quota {
        refusals.push(Failure::Quota);
    }
    for failure in &refusals {
        let bare =
            |origin: Option<&str>| with_origin(request(route.sent, route.target.clone(), None, Vec::new(), ""), origin);
        add(seen(origins, |origin| Some(refused(&gates.guarded, bare(origin), failure))));
    }
    let preflight: Vec<Option<Verdict>> = origins.iter().map(|origin| preflight(gates, &route, origin)).collect();
    // What is not sent is not read, whatever it would have been.
    for (n, _) in preflight.iter().enumerate().filter(|(_, verdict)| matches!(verdict, Some(Verdict::Hidden(_)))) {
        let verdicts = cells.iter_mut().filter_map(|(_, answer)| answer.verdicts.get_mut(n));
        verdicts.for_each(|verdict| *verdict = Verdict::Hidden("the preflight fails".to_owned()));
    }
    let good = origins.iter().map(|origin| good(gates, &route, origin)).collect();
    Row { route, preflight, good, cells }
}

/// From the outside in.
fn attempts<'a>(gates: &'a Gates, route: &'a Route) -> Vec<Attempt<'a>> {
    let credentials =
        || vec![("Authorization", "Bearer stagegate"), (route.token.as_deref().unwrap_or("X-Token"), "stagegate")];
    let content_type = || vec![("Content-Type", route.content_type.as_str())];
    const GUARD: &[&str] = &["unauthorized", "access_denied", "authorizer"];
    // A page cannot send a body with a GET.
    let has_body = !matches!(route.sent, "GET" | "HEAD");
    let bad_body: &[&str] = if has_body { &["invalid_body", "invalid_event"] } else { &["invalid_body"] };
    let at = |gateway, headers, body, says, meant| Attempt { gateway, headers, body, is_complete: true, says, meant };
    let mut attempts = vec![
        at(&gates.guarded, Vec::new(), "", Says::Deny, GUARD),
        at(&gates.guarded, credentials(), "", Says::Deny, GUARD),
        at(&gates.guarded, credentials(), "", Says::Fails, GUARD),
        at(&gates.keyed, content_type(), "{}", Says::Allow, &["api_key"]),
        Attempt { is_complete: false, ..at(&gates.checked, content_type(), "", Says::Allow, &["missing_parameters"]) },
        at(&gates.checked, content_type(), "[", Says::Allow, bad_body),
        at(
            &gates.open,
            vec![("Content-Type", "application/x-stagegate")],
            "x",
            Says::Allow,
            &["unsupported_media_type"],
        ),
        at(&gates.open, content_type(), "{}", Says::Allow, &[]),
    ];
    for cause in FaultCause::ALL {
        let headers = [content_type(), vec![("X-Stagegate-Fault", cause.as_str())]].concat();
        attempts.push(at(&gates.open, headers, "{}", Says::Allow, &[]));
    }
    attempts
}

impl Attempt<'_> {
    /// What came of it, if it failed.
    fn cell(&self, route: &Route, origins: &[String]) -> Option<Cell> {
        let cell = self.played(route, origins)?;
        (self.meant.is_empty() || self.meant.contains(&cell.0)).then_some(cell)
    }

    fn played(&self, route: &Route, origins: &[String]) -> Option<Cell> {
        seen(origins, |origin| {
            let mut headers: Vec<(String, String)> = Vec::new();
            if self.is_complete {
                headers.extend(route.headers.iter().map(|name| (name.clone(), "x".to_owned())));
            }
            headers.extend(self.headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
            let query = route.query.iter().map(|name| format!("{name}=x")).collect::<Vec<_>>().join("&");
            let query = Some(query).filter(|query| self.is_complete && !query.is_empty());
            let request = request(route.sent, route.target.clone(), query, headers, self.body);
            let played = play(self.gateway, with_origin(request, origin), |call| backend(call, self.says));
            // Another route takes the request.
            let matched = self.gateway.matched(&played.exchange);
            (matched == Some((&route.path, route.method))).then_some((played.exchange, played.response))
        })
    }
}

/// What pages of each origin see, or, without one, what any client does.
fn seen(origins: &[String], play: impl Fn(Option<&str>) -> Option<(Box<Exchange>, Response)>) -> Option<Cell> {
    let first = origins.first().map(String::as_str);
    let (exchange, response) = play(first)?;
    let cause = exchange.failed_with()?;
    let mut verdicts: Vec<Verdict> = first.map(|origin| reads(&response.headers, origin)).into_iter().collect();
    for origin in origins.iter().skip(1) {
        let (_, response) = play(Some(origin))?;
        verdicts.push(reads(&response.headers, origin));
    }
    let ids = &exchange.ids;
    let body = String::from_utf8_lossy(response.body.whole())
        .replace(&*ids.request_id, "$context.requestId")
        .replace(&*ids.extended_request_id, "$context.extendedRequestId");
    Some((
        cause,
        Answer {
            status: response.status,
            content_type: response.headers.last("Content-Type").map(str::to_owned),
            body,
            is_masked: exchange.decisions.masked.is_some(),
            verdicts,
        },
    ))
}

fn refused(gateway: &Gateway, request: Request, failure: &Failure) -> (Box<Exchange>, Response) {
    let (exchange, answer) = gateway.refuse(request, Some(Sample::take()), failure.clone());
    (exchange, answer.response)
}

fn preflight(gates: &Gates, route: &Route, origin: &str) -> Option<Verdict> {
    if !asks_first(route) {
        return None;
    }
    let mut headers = vec![("Access-Control-Request-Method".to_owned(), route.sent.to_owned())];
    let asked = unsafe_headers(route);
    if !asked.is_empty() {
        headers.push(("Access-Control-Request-Headers".to_owned(), asked.join(",")));
    }
    let request = request("OPTIONS", route.target.clone(), None, headers, "");
    let played = play(&gates.guarded, with_origin(request, Some(origin)), |call| backend(call, Says::Allow));
    // A backend that answers preflights may say anything, unless the API itself says it.
    let asked_backend = played.call().is_some() && route.passes_headers && played.exchange.failure.is_none();
    Some(if asked_backend { Verdict::Backend } else { lets_go(&played.response, route, origin) })
}

/// What is seen of a good answer.
fn good(gates: &Gates, route: &Route, origin: &str) -> Verdict {
    let headers = vec![("Content-Type".to_owned(), route.content_type.clone())];
    let request = request(route.sent, route.target.clone(), None, headers, "{}");
    let played = play(&gates.open, with_origin(request, Some(origin)), |call| backend(call, Says::Allow));
    match played.call() {
        Some(_) if route.passes_headers => Verdict::Backend,
        _ => reads(&played.response.headers, origin),
    }
}

/// A backend that is well, and an authorizer that says what is wanted.
fn backend(call: &IntegrationCall, says: Says) -> Result<IntegrationReply, Failure> {
    let (body, function_error) = match (&call.purpose, says) {
        (Purpose::Keys(_), _) => return Err(Failure::NetworkError("nothing is called here".to_owned())),
        (Purpose::Authorizer(_), Says::Fails) => {
            (r#"{"errorMessage":"it failed","errorType":"Error"}"#.to_owned(), true)
        }
        (Purpose::Authorizer(_), says) => (policy(says), false),
        (Purpose::Integration, _) => (r#"{"statusCode":200}"#.to_owned(), false),
    };
    let mut headers = Headers::default();
    if matches!(call.target, Target::Http { .. }) {
        headers.push("Content-Type", "application/json");
    }
    let reply =
        IntegrationReply { status: 200, headers, body: body.into(), function_error, ..IntegrationReply::default() };
    match call.streamed && matches!(call.target, Target::Function { .. }) {
        true => split_prelude(IntegrationReply { body: STREAMED.into(), ..reply }),
        false => Ok(reply),
    }
}

/// The answer of a function that streams.
const STREAMED: &str = "{\"statusCode\":200}\0\0\0\0\0\0\0\0";

fn policy(says: Says) -> String {
    let effect = if matches!(says, Says::Allow) { "Allow" } else { "Deny" };
    let is_allowed = effect == "Allow";
    format!(
        r#"{{"isAuthorized":{is_allowed},"principalId":"check","policyDocument":{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":"execute-api:Invoke","Resource":"*"}}]}}}}"#
    )
}

fn request(
    method: &str,
    path: String,
    query: Option<String>,
    lines: Vec<(String, String)>,
    body: &'static str,
) -> Request {
    let mut headers = Headers::default();
    headers.push("Host", "localhost");
    headers.push("x-amzn-RequestId", ID);
    lines.into_iter().for_each(|(name, value)| headers.push(name, value));
    Request {
        method: method.to_owned(),
        path,
        query,
        headers,
        body: body.into(),
        source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        http2: false,
        time: UNIX_EPOCH + Duration::from_secs(1_700_000_000),
        received: Instant::now(),
    }
}

fn with_origin(mut request: Request, origin: Option<&str>) -> Request {
    if let Some(origin) = origin {
        request.headers.push("Origin", origin.to_owned());
    }
    request
}
