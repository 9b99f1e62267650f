//! `Tracer`: decides which exchanges are told, and hands their spans to the thread that sends them. It never waits.

use std::io;

use opentelemetry_proto::tonic::trace::v1::Span;
use prometheus::IntCounter;
use tokio::sync::{mpsc, watch};

use super::exporter::Exporter;
use super::spans::{self, Answered};
use super::trace_context::{TraceContext, TraceId};
use crate::config::settings::Otlp;

/// Exchanges whose spans wait to be sent; those of one more are dropped, and counted.
const QUEUED: usize = 2_048;

/// Tells a collector of exchanges.
pub(crate) struct Tracer {
    otlp: Otlp,
    queue: mpsc::Sender<Vec<Span>>,
    dropped: IntCounter,
    /// Whether the process ends.
    ending: watch::Sender<bool>,
    /// Closed once everything is sent, or cannot be.
    sent: watch::Receiver<()>,
}

impl Tracer {
    /// Starts the thread that sends. `dropped` counts the spans that never arrive.
    pub(crate) fn start(otlp: Otlp, dropped: IntCounter) -> io::Result<Tracer> {
        let (queue, spans) = mpsc::channel(QUEUED);
        let (ending, is_ending) = watch::channel(false);
        let (running, sent) = watch::channel(());
        let (task_otlp, task_dropped) = (otlp.clone(), dropped.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("telemetry".to_owned()).spawn(move || {
            runtime.block_on(Exporter::new(task_otlp, task_dropped, is_ending).run(spans));
            drop(running);
        })?;
        Ok(Tracer { otlp, queue, dropped, ending, sent })
    }

    /// Whether this is how it was told to be.
    pub(crate) fn is_for(&self, otlp: &Otlp) -> bool {
        self.otlp == *otlp
    }

    /// Tells of an exchange, if its trace is sampled; which trace that is.
    pub(crate) fn tell(&self, answered: &Answered<'_>) -> Option<TraceId> {
        let context = TraceContext::of(answered.exchange);
        if !context.sampled.unwrap_or_else(|| self.samples(context.trace)) {
            return None;
        }
        // Room first: what nobody can take is not worth writing.
        match self.queue.try_reserve() {
            Ok(room) => room.send(spans::spans(answered, &context)),
            Err(_) => self.dropped.inc_by(spans::count(answered.exchange)),
        }
        Some(context.trace)
    }

    /// Sends what is left, once and in bounded time.
    pub(crate) async fn end(&self) {
        self.ending.send_replace(true);
        let mut sent = self.sent.clone();
        // An error says that the thread has ended, which is what is waited for.
        let _ = tokio::time::timeout(self.otlp.timeout, sent.changed()).await;
    }

    /// By the random end of the id, so that everybody who has the same share decides alike (`TraceIdRatioBased`).
    fn samples(&self, trace: TraceId) -> bool {
        let mut low = [0; 8];
        low.copy_from_slice(&trace[8..]);
        let chance = (u64::from_be_bytes(low) >> 1) as f64 / (1_u64 << 63) as f64;
        chance < self.otlp.sample
    }
}
