//! The life of the process: bind, serve, reload, drain.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;

use tokio::runtime::LocalOptions;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};

use super::inspector::Inspector;
use super::process::{Generation, Process};
use super::reload::{self, Hangup, Load};
use super::shutdown::{self, End, ProcessStage, Signals};
use super::worker::Worker;
use super::{admin, descriptors, listener, trim};
use crate::api::Skipped;
use crate::config::settings::{LogFormat, Settings};
use crate::config::{Loaded, Sources, load};
use crate::integration::{OpenError, Shared};
use crate::log;
use crate::metrics::Metrics;

/// Where the process can be reached.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    /// The data port.
    pub data: SocketAddr,
    /// The admin port.
    pub admin: SocketAddr,
}

/// Why the process ended otherwise than by a signal.
#[derive(Debug)]
pub(crate) enum Failed {
    /// An address cannot be listened on.
    Bind(String),
    /// Anything else.
    Run(String),
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Failed::Bind(why) | Failed::Run(why)) = self;
        f.write_str(why)
    }
}

impl std::error::Error for Failed {}

impl From<io::Error> for Failed {
    fn from(e: io::Error) -> Failed {
        Failed::Run(e.to_string())
    }
}

impl From<OpenError> for Failed {
    fn from(e: OpenError) -> Failed {
        Failed::Bind(e.to_string())
    }
}

/// Serves until a signal ends it. `started` is called once all ports are open.
pub(crate) fn run(first: Loaded, sources: Sources, started: impl FnOnce(&Addresses)) -> Result<(), Failed> {
    set_up_log(&first.settings);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (signals, hangup) = {
        let _inside = runtime.enter();
        (Signals::new()?, Hangup::new()?)
    };
    reload::report(first.warnings());
    let room = descriptors::raise().map_or(usize::MAX, descriptors::room);
    if room < first.settings.limits.connections {
        log::warn(
            "fewer connections than `limits.connections` are taken: open files are limited (`ulimit -n`)",
            &[("connections", &room), ("limit", &first.settings.limits.connections)],
        );
    }
    let bound = Bound::new(&first, room, &runtime)?;
    runtime.block_on(bound.serve(first, sources, signals, hangup, started))
}

fn set_up_log(settings: &Settings) {
    log::init(settings.log.level, settings.log.format.map(|format| format == LogFormat::Json));
}

/// Everything that had to be opened.
struct Bound {
    metrics: Metrics,
    /// How many client connections there are descriptors for.
    room: usize,
    shared: Shared,
    data: Vec<TcpListener>,
    admin: TcpListener,
}

impl Bound {
    fn new(first: &Loaded, room: usize, runtime: &Runtime) -> Result<Bound, Failed> {
        let settings = &first.settings;
        let revision = option_env!("STAGEGATE_REVISION").unwrap_or_default();
        let metrics = Metrics::new(env!("CARGO_PKG_VERSION"), revision);
        let metrics = metrics.map_err(|e| Failed::Run(e.to_string()))?.keeping(settings.histograms);
        let (functions, account) = (&settings.functions, &first.api.account_id);
        let shared = Shared::open(functions, account, &settings.limits, &metrics, runtime.handle(), None)?;
        let refused = |what: &str, address, e| Failed::Bind(format!("{what}: cannot listen on `{address}`: {e}"));
        let data =
            listener::bind(settings.listen, settings.threads).map_err(|e| refused("data port", settings.listen, e))?;
        let admin =
            TcpListener::bind(settings.admin.listen).map_err(|e| refused("admin port", settings.admin.listen, e))?;
        admin.set_nonblocking(true)?;
        Ok(Bound { metrics, room, shared, data, admin })
    }

    async fn serve(
        self,
        first: Loaded,
        sources: Sources,
        mut signals: Signals,
        hangup: Hangup,
        started: impl FnOnce(&Addresses),
    ) -> Result<(), Failed> {
        let Bound { metrics, room, shared, data, admin } = self;
        let addresses = Addresses { data: local(data.first())?, admin: local(Some(&admin))? };
        announce(&first, &shared, &addresses);
        let kept = if first.settings.admin.inspector { first.settings.limits.inspector_exchanges } else { 0 };
        let allow_remote = first.settings.admin.allow_remote;
        let read = reload::Read { files: first.files.clone(), contents: Some(first.contents) };
        let findings = reload::Findings::of(&first);
        let generation = Generation::new(first, shared, &metrics, None);
        reload::succeeded(&metrics, findings);
        let again = sources.clone();
        let load: Load = Arc::new(move || load(&again));
        let process = Arc::new(Process::new(metrics, sources, Inspector::new(kept), room, generation));
        let (stage, stages) = watch::channel(ProcessStage::Run);
        let (ended, mut ends) = mpsc::unbounded_channel();
        let threads = data.len();
        for (number, listener) in data.into_iter().enumerate() {
            start(number, process.clone(), listener, stages.clone(), ended.clone())?;
        }
        drop((ended, stages));
        tokio::spawn(admin::serve(tokio::net::TcpListener::from_std(admin)?, process.clone(), allow_remote));
        tokio::spawn(trim::watch());
        tokio::spawn(reload::watch(process.clone(), load, read, hangup));
        started(&addresses);
        tokio::select! {
            () = signals.next() => {}
            _ = ends.recv() => return Err(Failed::Run("a worker thread ended".into())),
        }
        let end = shutdown::drain(&process, &stage, &mut ends, threads, &mut signals).await;
        if end != End::Forced {
            let last = process.current();
            if let Some(tracer) = &last.tracer {
                tracer.end().await;
            }
            last.shared.shut_down().await;
        }
        match end {
            End::Clean => log::info("stopped", &[]),
            End::Late => log::warn("stopped: requests were still in flight after `drain`", &[]),
            End::Forced => return Err(Failed::Run("stopped at once by a second signal".into())),
        }
        Ok(())
    }
}

fn local(listener: Option<&TcpListener>) -> Result<SocketAddr, Failed> {
    let listener = listener.ok_or_else(|| Failed::Run("no listener".into()))?;
    Ok(listener.local_addr()?)
}

/// Starts a thread that serves; it says so when it ends.
fn start(
    number: usize,
    process: Arc<Process>,
    listener: TcpListener,
    stages: watch::Receiver<ProcessStage>,
    ended: mpsc::UnboundedSender<()>,
) -> io::Result<()> {
    let work = move || {
        if let Err(e) = serve(process, listener, stages) {
            log::error("a worker thread cannot run", &[("error", &e)]);
        }
        // Nobody listens when the process ends anyway.
        let _ = ended.send(());
    };
    std::thread::Builder::new().name(format!("worker-{number}")).spawn(work).map(drop)
}

/// Serves until the process ends, with all that this thread needs: nothing of it is shared, so no thread waits for another.
fn serve(process: Arc<Process>, listener: TcpListener, stage: watch::Receiver<ProcessStage>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build_local(LocalOptions::default())?;
    let worker = Rc::new(Worker::new(process));
    let mut last = stage.clone();
    runtime.block_on(async {
        let timer = tokio::task::spawn_local(worker.clone().look_after());
        let serving = async {
            listener::serve(&worker, tokio::net::TcpListener::from_std(listener)?, stage).await;
            worker.ended().await;
            Ok::<(), io::Error>(())
        };
        let served = tokio::select! {
            served = serving => served,
            // Whoever tells it may be gone, and the process with it.
            _ = last.wait_for(|stage| *stage == ProcessStage::Cut) => Ok(()),
        };
        timer.abort();
        served
    })?;
    // What is still under way ends here: it counts, and has its line.
    drop(runtime);
    worker.lines.flush();
    Ok(())
}

fn announce(first: &Loaded, shared: &Shared, addresses: &Addresses) {
    log::info(
        "listening",
        &[
            ("data", &addresses.data),
            ("admin", &addresses.admin),
            ("threads", &first.settings.threads),
            ("resources", &first.api.paths()),
        ],
    );
    for (index, address) in shared.runtime_addresses() {
        if let Some(function) = first.settings.functions.get(index) {
            log::info("runtime api", &[("function", &function.name), ("address", &address)]);
        }
    }
    reload::tell_faults(&first.settings);
    if first.api.skipped != Skipped::default() {
        log::warn("protections are skipped: `api.skip_authorization` is set", &[]);
    }
}
