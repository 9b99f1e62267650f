//! The inspector: the last exchanges with their traces, for the page on the admin port.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::exchange::exchange::Exchange;
use crate::exchange::masking::Masking;
use crate::gateway::Gateway;
use crate::http1::message::Response;
use crate::log;

/// Exchanges that a thread records in a second on the long run: under load the page shows a sample, and costs nothing.
const PER_SECOND: f64 = 50.0;

/// The last exchanges.
pub(crate) struct Inspector {
    last: Mutex<VecDeque<Arc<Record>>>,
    capacity: usize,
}

/// One exchange, as the page shows it.
#[derive(Debug)]
pub(crate) struct Record {
    id: String,
    summary: Value,
    trace: Vec<String>,
}

impl Record {
    /// What is kept of an exchange that was answered; `trace` is its execution log,
    /// `sent` the bytes of the body.
    pub(crate) fn new(
        gateway: &Gateway,
        exchange: &Exchange,
        response: &Response,
        latency: Duration,
        sent: u64,
        trace: Vec<String>,
    ) -> Record {
        let request = &exchange.request;
        let masking = Masking::new(gateway.api(exchange), exchange);
        let summary = json!({
            "id": exchange.ids.request_id,
            "time": log::timestamp(request.time),
            "method": request.method,
            "path": masking.text(&request.path),
            "query": request.query.as_deref().map(|query| masking.query(query)),
            "resource": gateway.template(exchange),
            "status": response.status,
            "cause": exchange.failure.as_ref().map(|f| f.cause().as_str()),
            "integration_status": exchange.integration_status,
            "latency_ms": latency.as_secs_f64() * 1e3,
            "integration_latency_ms": exchange.integration_latency.map(|d| d.as_secs_f64() * 1e3),
            "request_bytes": request.body.len(),
            "response_bytes": sent,
        });
        Record { id: exchange.ids.request_id.clone(), summary, trace }
    }
}

impl Inspector {
    /// Keeps that many exchanges; 0 turns it off.
    pub(crate) fn new(capacity: usize) -> Inspector {
        Inspector { last: Mutex::default(), capacity }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<Record>>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether exchanges are kept.
    pub(crate) fn is_on(&self) -> bool {
        self.capacity > 0
    }

    /// Keeps one.
    pub(crate) fn keep(&self, record: Record) {
        let mut last = self.lock();
        while last.len() >= self.capacity {
            last.pop_front();
        }
        last.push_back(Arc::new(record));
    }

    /// The last exchanges, the newest first, without their traces.
    pub(crate) fn list(&self) -> Value {
        let last: Vec<Arc<Record>> = self.lock().iter().rev().cloned().collect();
        Value::Array(last.iter().map(|record| record.summary.clone()).collect())
    }

    /// One exchange with its trace.
    pub(crate) fn get(&self, id: &str) -> Option<Value> {
        let record = self.lock().iter().rev().find(|record| record.id == id).cloned()?;
        let mut found = record.summary.clone();
        found["trace"] = Value::from(record.trace.clone());
        Some(found)
    }
}

/// How many exchanges a thread may still record.
pub(crate) struct Budget(Cell<(f64, Instant)>);

impl Budget {
    /// Enough for a few requests by hand at once.
    pub(crate) fn new() -> Budget {
        Budget(Cell::new((PER_SECOND, Instant::now())))
    }

    /// Whether the next exchange is recorded.
    pub(crate) fn take(&self) -> bool {
        let (mut left, mut since) = self.0.get();
        if left < 1.0 {
            let now = Instant::now();
            left = (left + now.duration_since(since).as_secs_f64() * PER_SECOND).min(PER_SECOND);
            since = now;
        }
        let granted = left >= 1.0;
        self.0.set((if granted { left - 1.0 } else { left }, since));
        granted
    }
}
