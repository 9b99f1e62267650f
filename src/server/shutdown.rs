//! The end of the process, in stages: not ready (for `drain_delay`), no new connections, what is in flight ends, idle connections close.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::process::Process;
use crate::log;

/// How far the end has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProcessStage {
    /// Not at all.
    Run,
    /// No new connections; answers say `Connection: close`.
    Drain,
    /// Idle connections are closed.
    Close,
    /// Time is up: what is still in flight is cut.
    Cut,
}

/// How long an idle connection is kept for a request that is already on its way.
pub(super) const LINGER: Duration = Duration::from_millis(500);

/// Signals within this time are one: GNU timeout signals its child and then the child's group, and a terminal's interrupt may
/// meet a supervisor's.
const TOGETHER: Duration = Duration::from_millis(50);

/// How long what is cut may take to be counted and logged.
const SETTLE: Duration = Duration::from_millis(500);

/// SIGTERM and SIGINT.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    last: Option<Instant>,
}

impl Signals {
    /// Catches them from now on.
    pub(crate) fn new() -> std::io::Result<Signals> {
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(Signals { terminate, interrupt, last: None })
    }

    /// The next one that does not belong to the last.
    pub(crate) async fn next(&mut self) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => {}
                _ = self.interrupt.recv() => {}
            }
            if self.last.is_none_or(|last| last.elapsed() >= TOGETHER) {
                self.last = Some(Instant::now());
                return;
            }
        }
    }
}

/// How the end went.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Everything was answered.
    Clean,
    /// Time was up.
    Late,
    /// A second signal came.
    Forced,
}

/// Ends the process: `ended` gives one message for each of `threads`.
pub(crate) async fn drain(
    process: &Process,
    stage: &watch::Sender<ProcessStage>,
    ended: &mut mpsc::UnboundedReceiver<()>,
    threads: usize,
    signals: &mut Signals,
) -> End {
    process.ready.store(false, Ordering::Relaxed);
    let (delay, drain) = {
        let settings = &process.current().settings;
        (settings.drain_delay, settings.drain)
    };
    if !delay.is_zero() {
        log::info("not ready: serving on for `drain_delay`", &[("delay", &format!("{}s", delay.as_secs_f64()))]);
        if timeout(delay, signals.next()).await.is_ok() {
            return End::Forced;
        }
    }
    log::info(
        "shutting down",
        &[("in_flight", &process.in_flight.load(Ordering::Relaxed)), ("drain", &format!("{}s", drain.as_secs_f64()))],
    );
    let deadline = Instant::now() + drain;
    let finish = async {
        stage.send_replace(ProcessStage::Drain);
        let mut left = threads;
        let linger = sleep_until((Instant::now() + LINGER).min(deadline));
        tokio::pin!(linger);
        while left > 0 {
            tokio::select! {
                one = ended.recv() => match one {
                    Some(()) => left -= 1,
                    None => break,
                },
                () = &mut linger, if *stage.borrow() == ProcessStage::Drain => {
                    stage.send_replace(ProcessStage::Close);
                }
            }
        }
    };
    let end = tokio::select! {
        done = timeout_at(deadline, finish) => match done {
            Ok(()) => End::Clean,
            Err(_) => End::Late,
        },
        () = signals.next() => End::Forced,
    };
    if end == End::Late {
        stage.send_replace(ProcessStage::Cut);
        // `None` comes with the last thread's end.
        let all = async { while ended.recv().await.is_some() {} };
        let _ = timeout(SETTLE, all).await;
    }
    end
}
