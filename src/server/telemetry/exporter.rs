//! `Exporter`: gathers spans into batches and sends them as OTLP asks for: again after what passes, never after what does not.

use std::rc::Rc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prometheus::IntCounter;
use prost::Message;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, timeout_at};

use super::attributes::Attributes;
use crate::config::settings::Otlp;
use crate::exchange::call::IntegrationReply;
use crate::exchange::ids;
use crate::failure::Failure;
use crate::http1::message::Headers;
use crate::integration::{Endpoints, Resolver};
use crate::log;

/// Spans of one request to the collector.
const BATCH: usize = 512;
/// How long the first of them waits for others.
const DELAY: Duration = Duration::from_secs(1);
/// How long a collector is waited for before it is asked again, at first and at most.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// After that time a batch is given up.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is said that none arrive.
const TOLD_EVERY: Duration = Duration::from_secs(60);
/// Bytes of a collector's answer.
const ANSWER: usize = 64 * 1024;

/// Sends spans to a collector.
pub(super) struct Exporter {
    url: String,
    headers: Headers,
    resource: Resource,
    timeout: Duration,
    endpoints: Endpoints,
    dropped: IntCounter,
    ending: watch::Receiver<bool>,
    /// When it was last said that none arrive, and how many were lost since.
    told: Option<Instant>,
    lost: u64,
}

/// Why a batch was not taken.
struct Refused {
    why: String,
    /// Whether it may be sent again, and how long the collector wants to be left alone.
    again: Option<Option<Duration>>,
}

impl Exporter {
    pub(super) fn new(otlp: Otlp, dropped: IntCounter, ending: watch::Receiver<bool>) -> Exporter {
        let mut headers = Headers::default();
        headers.push("Content-Type", "application/x-protobuf");
        headers.push("User-Agent", concat!("stagegate/", env!("CARGO_PKG_VERSION")));
        for (name, value) in &otlp.headers {
            headers.set(name.clone(), value.clone());
        }
        let mut resource = Attributes::default();
        resource.text("service.name", otlp.service_name);
        resource.text("service.version", env!("CARGO_PKG_VERSION"));
        otlp.resource.into_iter().for_each(|(name, value)| resource.text(&name, value));
        let scheme = if otlp.endpoint.origin.tls { "https" } else { "http" };
        Exporter {
            url: format!("{scheme}://{}{}/v1/traces", otlp.endpoint.authority, otlp.endpoint.base_path()),
            headers,
            resource: Resource { attributes: resource.list(), ..Resource::default() },
            timeout: otlp.timeout,
            endpoints: Endpoints::new(Rc::new(Resolver::default()), 1, ANSWER),
            dropped,
            ending,
            told: None,
            lost: 0,
        }
    }

    /// Until nobody has more to tell, or the process ends.
    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Vec<Span>>) {
        loop {
            let batch = self.gather(&mut queue).await;
            if batch.is_empty() {
                return;
            }
            self.deliver(batch).await;
        }
    }

    /// The next batch; none: there will be no more.
    async fn gather(&mut self, queue: &mut mpsc::Receiver<Vec<Span>>) -> Vec<Span> {
        let mut batch = Vec::new();
        let mut until = None;
        while batch.len() < BATCH {
            // What is there is taken before it is looked whether the process ends.
            if let Ok(spans) = queue.try_recv() {
                batch.extend(spans);
                until.get_or_insert_with(|| Instant::now() + DELAY);
                continue;
            }
            let more = async {
                tokio::select! {
                    spans = queue.recv() => spans,
                    () = ends(&mut self.ending) => None,
                }
            };
            let next = match until {
                Some(until) => timeout_at(until, more).await.unwrap_or_default(),
                None => more.await,
            };
            match next {
                Some(spans) => batch.extend(spans),
                None => break,
            }
            until.get_or_insert_with(|| Instant::now() + DELAY);
        }
        batch
    }

    /// Sends a batch, again and again if need be.
    async fn deliver(&mut self, spans: Vec<Span>) {
        let count = spans.len() as u64;
        let body = Bytes::from(self.request(spans).encode_to_vec());
        let (began, mut pause) = (Instant::now(), PAUSE);
        loop {
            let refused = match self.send(body.clone()).await {
                Ok(rejected) => return self.lose(rejected.0, &rejected.1),
                Err(refused) => refused,
            };
            let wait = refused.again.map(|asked| asked.unwrap_or_else(|| pause.mul_f64(0.5 + ids::fraction())));
            let is_last = |wait: &Duration| began.elapsed() + *wait > PATIENCE || *self.ending.borrow();
            let Some(wait) = wait.filter(|wait| !is_last(wait)) else { return self.lose(count, &refused.why) };
            self.tell(&refused.why);
            tokio::select! {
                () = sleep(wait) => {}
                // One more time, at once: it is the last.
                () = ends(&mut self.ending) => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn request(&self, spans: Vec<Span>) -> ExportTraceServiceRequest {
        let scope = InstrumentationScope {
            name: "stagegate".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..InstrumentationScope::default()
        };
        let scope_spans = ScopeSpans { scope: Some(scope), spans, ..ScopeSpans::default() };
        let resource = Some(self.resource.clone());
        ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans {
                resource,
                scope_spans: vec![scope_spans],
                ..ResourceSpans::default()
            }],
        }
    }

    /// One request; how many of its spans the collector did not want, and why.
    async fn send(&self, body: Bytes) -> Result<(u64, String), Refused> {
        let deadline = Instant::now() + self.timeout;
        let call = self.endpoints.call("POST", &self.url, &self.headers, body, deadline, false);
        let reply = match timeout_at(deadline, call).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(failure)) => return Err(Refused { why: said(failure), again: Some(None) }),
            Err(_) => return Err(Refused { why: "it does not answer in time".to_owned(), again: Some(None) }),
        };
        match reply.status {
            200..=299 => Ok(rejected(&reply)),
            status => {
                let again = matches!(status, 429 | 502 | 503 | 504).then(|| retry_after(&reply.headers));
                Err(Refused { why: format!("it answers {status}"), again })
            }
        }
    }

    /// These spans will not arrive.
    fn lose(&mut self, count: u64, why: &str) {
        if count > 0 {
            self.dropped.inc_by(count);
            self.lost += count;
            self.tell(why);
        }
    }

    fn tell(&mut self, why: &str) {
        if self.told.is_some_and(|told| told.elapsed() < TOLD_EVERY) {
            return;
        }
        self.told = Some(Instant::now());
        let lost = std::mem::take(&mut self.lost);
        log::warn("the collector does not take spans", &[("url", &self.url), ("reason", &why), ("lost", &lost)]);
    }
}

fn said(failure: Failure) -> String {
    match failure {
        Failure::NetworkError(detail) | Failure::Configuration(detail) => detail,
        other => other.cause().as_str().to_owned(),
    }
}

/// Once the process ends; a tracer that is let go of earlier has time.
async fn ends(ending: &mut watch::Receiver<bool>) {
    if ending.wait_for(|ending| *ending).await.is_err() {
        std::future::pending().await
    }
}

/// What a collector that took a batch did not take of it.
fn rejected(reply: &IntegrationReply) -> (u64, String) {
    // An answer that cannot be read says nothing: the status has.
    let answer = ExportTraceServiceResponse::decode(reply.body.whole().clone()).unwrap_or_default();
    let partial = answer.partial_success.unwrap_or_default();
    (u64::try_from(partial.rejected_spans).unwrap_or_default(), partial.error_message)
}

/// Seconds, or a date.
fn retry_after(headers: &Headers) -> Option<Duration> {
    let text = headers.last("retry-after")?.trim();
    let seconds = text.parse().ok().map(Duration::from_secs);
    seconds.or_else(|| httpdate::parse_http_date(text).ok()?.duration_since(SystemTime::now()).ok())
}
