//! What log and inspector are told of an answered request: at once, or of an answer that streams at its end.

use std::rc::Rc;
use std::time::Instant;

use bytes::{Bytes, BytesMut};

use super::failure_log;
use super::process::Generation;
use super::record::{Record, Told};
use super::telemetry::{Answered, TraceId};
use super::worker::{Local, Worker};
use crate::exchange::exchange::{Exchange, StreamTimes};
use crate::gateway::Tally;
use crate::http1::body_stream::Cut;
use crate::http1::clock;
use crate::http1::message::Response;
use crate::log::{self, Level};

/// Bytes of a stream that are kept for who looks.
const SHOWN: usize = 64 * 1024;
/// Of all streams of a thread together, while they last: of more at once, less is kept of each.
const SHOWN_TOGETHER: usize = 2 * 1024 * 1024;

/// Log, inspector and collector, as far as they want to know; `sent`: bytes of the body. The trace that it is in, if it is sampled.
pub(crate) fn tell(
    worker: &Worker,
    local: &Local,
    exchange: &Exchange,
    response: &Response,
    sent: u64,
) -> Option<TraceId> {
    let Generation { tracer, gateway, settings, .. } = &*local.generation;
    let traced = tracer.as_ref().and_then(|tracer| {
        let latency = exchange.request.received.elapsed();
        tracer.tell(&Answered { gateway, settings, exchange, response, latency, sent })
    });
    show(worker, &local.generation, exchange, response, sent);
    traced
}

fn show(worker: &Worker, generation: &Generation, exchange: &Exchange, response: &Response, sent: u64) {
    let gateway = &generation.gateway;
    let failed = exchange.failure.is_some() || exchange.decisions.masked.is_some() || exchange.fault.is_some();
    if generation.access_log.is_none() && !failed && exchange.sample.is_none() {
        return;
    }
    let latency = exchange.request.received.elapsed();
    if let Some(format) = &generation.access_log {
        worker.lines.push(&format.line(gateway, exchange, response, latency, sent));
    }
    if failed {
        failure_log::tell(generation, exchange, response, latency);
    }
    if exchange.sample.is_none() && !(failed && worker.keeps_failure()) {
        return;
    }
    let trace = gateway.execution_log(exchange, Some(response));
    if log::enabled(Level::Debug) {
        for line in &trace {
            log::event(Level::Debug, line, &[("request_id", &&*exchange.ids.request_id)]);
        }
    }
    if worker.process.inspector.is_on() {
        let told = Told { gateway, functions: &generation.settings.functions, latency, sent, trace };
        worker.process.inspector.keep(Record::new(told, exchange, response));
    }
}

/// What is known of an answer while it streams.
pub(crate) struct Account {
    worker: Rc<Worker>,
    local: Rc<Local>,
    exchange: Box<Exchange>,
    /// Without its body.
    response: Response,
    /// When the backend's head was there.
    opened: Instant,
    /// When the first of its body was.
    first: Option<Instant>,
    sent: u64,
    /// The first bytes, if somebody looks.
    shown: BytesMut,
}

impl Account {
    /// The account of an answer that begins to stream.
    pub(crate) fn open(
        worker: Rc<Worker>,
        local: Rc<Local>,
        exchange: Box<Exchange>,
        response: &Response,
    ) -> Box<Account> {
        Box::new(Account {
            worker,
            local,
            exchange,
            response: response.seen(),
            opened: clock::now(),
            first: None,
            sent: 0,
            shown: BytesMut::new(),
        })
    }

    /// What came next of the stream.
    pub(crate) fn note(&mut self, next: &Option<Result<Bytes, Cut>>) {
        match next {
            Some(Ok(piece)) => {
                self.first.get_or_insert_with(Instant::now);
                self.sent += piece.len() as u64;
                if self.exchange.sample.is_some() {
                    let together = &self.worker.shown;
                    let room = (SHOWN - self.shown.len()).min(SHOWN_TOGETHER - together.get());
                    let piece = &piece[..piece.len().min(room)];
                    self.shown.extend_from_slice(piece);
                    together.set(together.get() + piece.len());
                }
            }
            Some(Err(cut)) => {
                log::warn(
                    "a streamed answer was cut",
                    &[("request_id", &&*self.exchange.ids.request_id), ("reason", &cut.to_string())],
                );
                self.exchange.was_cut(cut.clone(), self.response.status);
            }
            None => {}
        }
    }

    /// The stream has ended, or could not: its times are known. The integration's goes on to the end of the stream, as
    /// `$context.integrationLatency` does (documented).
    pub(crate) fn settle(mut self, tally: &mut Tally) {
        let headers = self.exchange.integration_latency.unwrap_or_default();
        let integration = headers + (clock::now() - self.opened);
        let after = |first: Instant, since: Instant| first.saturating_duration_since(since);
        let content = self.first.map(|first| headers + after(first, self.opened));
        self.exchange.integration_latency = Some(integration);
        self.exchange.stream_times = Some(StreamTimes { headers, content });
        tally.streamed(&self.exchange, self.first.map(|first| after(first, self.exchange.request.received)));
        self.worker.shown.set(self.worker.shown.get() - self.shown.len());
        let shown = self.shown.split().freeze();
        self.exchange.show_body(&shown);
        tally.trace(tell(&self.worker, &self.local, &self.exchange, &self.response, self.sent));
    }
}
