//! `Worker`: one thread that serves: its runtime, its listener, its connections to backends.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::LocalSet;

use super::access_log::Lines;
use super::inspector::Budget;
use super::listener;
use super::process::{Generation, Process};
use super::shutdown::Stage;
use crate::exchange::sample::Sample;
use crate::integration::Backends;
use crate::log::{self, Level};

/// How often idle upstream connections are looked after.
const SWEEP: Duration = Duration::from_secs(5);
/// How long a line of the access log is held back.
const FLUSH: Duration = Duration::from_millis(200);
/// How often it is looked, at the end, whether calls in the background have ended.
const LOOK: Duration = Duration::from_millis(10);

/// One thread that serves.
pub struct Worker {
    /// What all threads share.
    pub process: Arc<Process>,
    /// Access log lines that are not written yet.
    pub lines: Lines,
    budget: Budget,
    local: RefCell<Rc<Local>>,
    open: Cell<usize>,
    closed: Notify,
}

/// The current generation with this thread's backends.
pub struct Local {
    /// The generation.
    pub generation: Arc<Generation>,
    /// Its backends, as this thread calls them.
    pub backends: Backends,
}

impl Local {
    fn new(process: &Process) -> Rc<Local> {
        let generation = process.current();
        let backends = Backends::new(&generation.shared);
        Rc::new(Local { generation, backends })
    }
}

/// Counts an open connection of a worker while it lives.
pub struct Open(Rc<Worker>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.set(self.0.open.get() - 1);
        self.0.closed.notify_one();
    }
}

impl Worker {
    /// Serves until the process ends. To be called on a thread of its own.
    pub fn run(
        process: Arc<Process>,
        listener: std::net::TcpListener,
        stage: watch::Receiver<Stage>,
    ) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        LocalSet::new().block_on(&runtime, async {
            let local = RefCell::new(Local::new(&process));
            let worker = Rc::new(Worker {
                process,
                lines: Lines::default(),
                budget: Budget::new(),
                local,
                open: Cell::new(0),
                closed: Notify::new(),
            });
            let timer = tokio::task::spawn_local(worker.clone().look_after());
            listener::serve(&worker, tokio::net::TcpListener::from_std(listener)?, stage).await;
            while worker.open.get() > 0 {
                worker.closed.notified().await;
            }
            // Calls that go on behind an answered request live on this thread.
            while worker.process.current().shared.background() > 0 {
                tokio::time::sleep(LOOK).await;
            }
            timer.abort();
            worker.lines.flush();
            Ok(())
        })
    }

    /// The generation for a request that begins.
    pub fn local(&self) -> Rc<Local> {
        let mut local = self.local.borrow_mut();
        if local.generation.number != self.process.number() {
            *local = Local::new(&self.process);
        }
        local.clone()
    }

    /// Counts a connection.
    pub fn open(self: &Rc<Worker>) -> Open {
        self.open.set(self.open.get() + 1);
        Open(self.clone())
    }

    /// A sample of the next exchange, if the log or the page wants to know.
    pub fn sample(&self) -> Option<Box<Sample>> {
        let wanted = log::enabled(Level::Debug) || (self.process.inspector.is_on() && self.budget.take());
        wanted.then(Sample::take)
    }

    async fn look_after(self: Rc<Worker>) {
        loop {
            let local = self.local();
            let pause = if local.generation.access_log.is_some() { FLUSH } else { SWEEP };
            local.backends.sweep();
            drop(local);
            self.lines.flush();
            tokio::time::sleep(pause).await;
        }
    }
}
