//! The playground: one request played against the running definition, with what was changed for this one time. Nothing is
//! called, nothing is counted, nothing is kept.

use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::Value;

use super::answer::{AdminResponse, json_of};
use super::asked::{self, Asked, Change, Part, Wrong};
use crate::api::{Api, ApiStage, IntegrationResponse, MappingTemplate, Method, RestApi, Skipped, Templates};
use crate::case::play;
use crate::config::mapping_template;
use crate::config::settings::Settings;
use crate::gateway::Gateway;
use crate::metrics::Metrics;
use crate::pattern::{Pattern, PatternSet};
use crate::server::process::Process;
use crate::server::record::{Record, Told};

/// Longest that it may be asked, in bytes.
const MOST: usize = 4 << 20;
/// Longest time until all that is asked has come.
const COMING: Duration = Duration::from_secs(10);
/// Longest time to play, and to wait for a turn.
const PLAYING: Duration = Duration::from_secs(10);

/// Plays what is asked, on a thread of its own, one at a time: no request and no probe waits for it.
pub(super) async fn answer(request: Request<Incoming>, process: Arc<Process>) -> AdminResponse {
    let refused = |status, message: &str| json_of(status, &Wrong::at("", message).json());
    if !is_json(&request) {
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "expected `Content-Type: application/json`");
    }
    let body = match tokio::time::timeout(COMING, Limited::new(request.into_body(), MOST).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => return refused(StatusCode::PAYLOAD_TOO_LARGE, "longer than 4 MiB, or broken off"),
        Err(_) => return refused(StatusCode::REQUEST_TIMEOUT, "it did not come in time"),
    };
    let played = async {
        // It goes on when nobody waits any more: its turn ends with it.
        let turn = process.plays.clone().acquire_owned().await.ok()?;
        let generation = process.current();
        let playing = tokio::task::spawn_blocking(move || {
            let played = played(&generation.gateway, &generation.settings, &body);
            drop(turn);
            played
        });
        playing.await.ok()
    };
    match tokio::time::timeout(PLAYING, played).await {
        Ok(Some(Ok(exchange))) => json_of(StatusCode::OK, &exchange),
        Ok(Some(Err(wrong))) => json_of(StatusCode::BAD_REQUEST, &wrong.json()),
        Ok(None) => refused(StatusCode::INTERNAL_SERVER_ERROR, "it could not be played"),
        Err(_) => refused(StatusCode::SERVICE_UNAVAILABLE, "it takes too long to play"),
    }
}

/// No form of another page can send this type unasked.
fn is_json(request: &Request<Incoming>) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("application/json"))
}

/// What the playground answers when it is asked that of what is served; `Err` is why it cannot be played.
pub fn playground(served: &Gateway, settings: &Settings, asked: &[u8]) -> Result<Value, Value> {
    played(served, settings, asked).map_err(|wrong| wrong.json())
}

/// The exchange as `/requests/ID` tells one.
fn played(served: &Gateway, settings: &Settings, asked: &[u8]) -> Result<Value, Wrong> {
    let Asked { request, answer, guarded, changes } = asked::read(asked)?;
    let api = changed(served, guarded, &changes)?;
    // What is counted here is let go.
    let metrics = Metrics::new("playground", "").map_err(|e| Wrong::at("", e.to_string()))?;
    let gateway = Gateway::new(api, None, settings.limits.clone(), &metrics);
    let played = play(&gateway, request, |call| answer.to(call));
    let told = Told {
        gateway: &gateway,
        functions: &settings.functions,
        latency: Duration::ZERO,
        sent: played.response.body.whole().len() as u64,
        trace: played.log,
    };
    Ok(Record::new(told, &played.exchange, &played.response).whole())
}

/// A copy of the API that is served, changed.
fn changed(served: &Gateway, guarded: bool, changes: &[Change]) -> Result<Api, Wrong> {
    let open = |stage: &mut ApiStage| {
        if !guarded {
            stage.skipped = Skipped::ALL;
        }
    };
    if let Some(api) = served.rest() {
        let mut api = api.clone();
        open(&mut api.common);
        if !guarded {
            api.resources.iter_mut().flat_map(|r| &mut r.methods).for_each(|method| method.api_key_required = false);
        }
        changes.iter().try_for_each(|change| change.apply(&mut api))?;
        return Ok(Api::Rest(api));
    }
    let Some(api) = served.http() else { return Err(Wrong::at("", "there is no API")) };
    if let Some(change) = changes.first() {
        return Err(Wrong::at(&*change.place, "an HTTP API has neither templates nor patterns"));
    }
    let mut api = api.clone();
    open(&mut api.common);
    Ok(Api::Http(api))
}

impl Change {
    fn apply(&self, api: &mut RestApi) -> Result<(), Wrong> {
        let method = self.method(api)?;
        match &self.part {
            Part::RequestTemplate(media_type) => {
                let template = self.template()?;
                set(&mut method.integration.request_templates, media_type, template);
            }
            Part::ResponseTemplate(number, media_type) => {
                let template = self.template()?;
                set(&mut self.response(method, *number)?.response_templates, media_type, template);
            }
            Part::Pattern(number) => {
                let pattern = Pattern::compile(&self.text).map_err(|e| self.wrong("text", &e.to_string()))?;
                let response = self.response(method, *number)?;
                if response.selection_pattern.is_none() {
                    return Err(self.wrong("response", "the default has no pattern"));
                }
                response.selection_pattern = Some(pattern);
                let responses = method.integration.responses.iter();
                let patterns: Vec<Pattern> = responses.filter_map(|r| r.selection_pattern.clone()).collect();
                method.integration.patterns = PatternSet::new(&patterns);
            }
        }
        Ok(())
    }

    fn method<'a>(&self, api: &'a mut RestApi) -> Result<&'a mut Method, Wrong> {
        let resource = api.resources.iter_mut().find(|resource| resource.path == self.resource);
        let resource = resource.ok_or_else(|| self.wrong("resource", "there is no such resource"))?;
        let method = resource.methods.iter_mut().find(|method| method.http_method.as_str() == self.method);
        method.ok_or_else(|| self.wrong("method", "the resource has no such method"))
    }

    fn response<'a>(&self, method: &'a mut Method, number: usize) -> Result<&'a mut IntegrationResponse, Wrong> {
        let response = method.integration.responses.get_mut(number);
        response.ok_or_else(|| self.wrong("response", "there is no such integration response"))
    }

    fn template(&self) -> Result<MappingTemplate, Wrong> {
        mapping_template(&self.text).map_err(|message| self.wrong("text", &message))
    }

    fn wrong(&self, member: &str, message: &str) -> Wrong {
        Wrong::at(format!("{}.{member}", self.place), message)
    }
}

fn set(templates: &mut Templates, media_type: &str, template: MappingTemplate) {
    match templates.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(media_type)) {
        Some((_, known)) => *known = template,
        None => templates.push((media_type.into(), template)),
    }
}
