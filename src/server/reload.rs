//! Reload: all or nothing. What is served changes only when everything of the new configuration is good.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::runtime::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::process::{Generation, Process};
use crate::config::settings::Settings;
use crate::config::{Loaded, Problem, Severity, contents};
use crate::integration::Shared;
use crate::log::{self, Field, Level};
use crate::metrics::{FaultCause, Metrics};

/// Loads the configuration again, from where it came from.
pub(crate) type Load = Arc<dyn Fn() -> Result<Loaded, Vec<Problem>> + Send + Sync>;

/// A change is acted on when nothing else happened for that long: editors and Kubernetes change files in several steps.
const QUIET: Duration = Duration::from_millis(100);
/// But after that long at the latest.
const LONGEST_NOISE: Duration = Duration::from_secs(2);
/// How often files are looked at where the system does not tell of changes.
const POLL: Duration = Duration::from_secs(2);
/// How coarse a file system's clock is.
const TICK: Duration = Duration::from_millis(20);

/// Reloads on SIGHUP and when a file changes, for as long as it is polled.
pub(crate) async fn watch(process: Arc<Process>, load: Load, first: Read, mut hangup: Hangup) {
    let (send, mut changes) = mpsc::unbounded_channel();
    let mut watched = Watched::new(first, send);
    loop {
        let asked = tokio::select! {
            () = hangup.next() => true,
            Some(()) = changes.recv() => {
                settle(&mut changes).await;
                false
            }
        };
        if !watched.changed() && !asked {
            continue;
        }
        let (task_process, task_load) = (process.clone(), load.clone());
        let (files, started) = (watched.files.clone(), SystemTime::now());
        let task = tokio::task::spawn_blocking(move || reload(&task_process, &*task_load, &Handle::current(), files));
        if let Ok(read) = task.await {
            watched.follow(read, started);
        }
    }
}

/// Runs something whenever a file that it read last time has changed, or `moved` says so; it says what it read.
pub(crate) async fn again(first: Read, moved: impl Fn() -> bool, mut run: impl FnMut() -> Read) {
    let (send, mut changes) = mpsc::unbounded_channel();
    let mut watched = Watched::new(first, send);
    loop {
        let started = SystemTime::now();
        // Also what moved before it was watched.
        if watched.changed() || moved() {
            watched.follow(run(), started);
            continue;
        }
        if changes.recv().await.is_none() {
            return;
        }
        settle(&mut changes).await;
    }
}

/// What a load read.
pub(crate) struct Read {
    /// The files.
    pub files: Vec<PathBuf>,
    /// What they held; `None` when that is not known, as the load failed.
    pub contents: Option<u64>,
}

/// SIGHUP, caught from the start: unhandled it would end the process.
pub(crate) struct Hangup(Signal);

impl Hangup {
    /// Catches it from now on.
    pub(crate) fn new() -> std::io::Result<Hangup> {
        signal(SignalKind::hangup()).map(Hangup)
    }

    async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending().await
        }
    }
}

async fn settle(changes: &mut mpsc::UnboundedReceiver<()>) {
    let noise = async { while let Ok(Some(())) = tokio::time::timeout(QUIET, changes.recv()).await {} };
    // Whether it is quiet now or not: the files are read again.
    let _ = tokio::time::timeout(LONGEST_NOISE, noise).await;
}

/// Loads, checks and swaps. What is to be watched from now on: the files of the new definition, or, when it is not good, the
/// ones so far and those that are to be mended.
fn reload(
    process: &Process,
    load: &(dyn Fn() -> Result<Loaded, Vec<Problem>> + Send + Sync),
    handle: &Handle,
    mut files: Vec<PathBuf>,
) -> Read {
    let previous = process.current();
    let loaded = match load() {
        Ok(loaded) => loaded,
        Err(problems) => {
            report(&problems);
            let errors = problems.iter().filter(|p| p.severity == Severity::Error).count();
            let errors = if errors == 1 { "1 error".to_owned() } else { format!("{errors} errors") };
            refused(&process.metrics, &errors);
            for problem in problems.into_iter().filter(|p| p.file.is_file()) {
                if !files.contains(&problem.file) {
                    files.push(problem.file);
                }
            }
            return Read { files, contents: None };
        }
    };
    let (functions, limits) = (&loaded.settings.functions, &loaded.settings.limits);
    let account = &loaded.api.account_id;
    let shared = match Shared::open(functions, account, limits, &process.metrics, handle, Some(&previous.shared)) {
        Ok(shared) => shared,
        Err(e) => {
            refused(&process.metrics, &e.to_string());
            return Read { files, contents: None };
        }
    };
    for setting in fixed_changes(&previous.settings, &loaded.settings) {
        log::warn("a changed setting needs a restart", &[("setting", &setting)]);
    }
    report(loaded.warnings());
    let read = Read { files: loaded.files.clone(), contents: Some(loaded.contents) };
    let findings = Findings::of(&loaded);
    tell_faults(&loaded.settings);
    if loaded.settings.faults.is_empty() && !previous.settings.faults.is_empty() {
        log::info("nothing fails on purpose any more", &[]);
    }
    let next = Generation::new(loaded, shared, &process.metrics, Some(&previous));
    let number = next.number;
    process.replace(next);
    drop(previous);
    let current = process.current();
    let functions = current.settings.functions.iter().map(|function| function.name.as_str());
    current.gateway.keep_metrics(&process.metrics, functions);
    succeeded(&process.metrics, findings);
    // Told last: whoever reads it may count on it.
    log::info("configuration reloaded", &[("load", &number)]);
    read
}

/// Prints what a load found.
pub(crate) fn report<'a>(problems: impl IntoIterator<Item = &'a Problem>) {
    for problem in problems {
        let level = match problem.severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warn,
            Severity::Note => Level::Info,
        };
        let file = problem.file.display().to_string();
        let mut fields: Vec<(&str, &dyn Field)> = vec![("file", &file)];
        fields.extend(problem.line.iter().map(|line| ("line", line as &dyn Field)));
        fields.extend((!problem.place.is_empty()).then_some(("place", &problem.place as &dyn Field)));
        fields.push(("rule", &problem.rule));
        log::event(level, &problem.message, &fields);
    }
}

/// Says what fails on purpose from now on.
pub(crate) fn tell_faults(settings: &Settings) {
    for fault in &settings.faults {
        let cause = fault.cause.map_or("any", FaultCause::as_str);
        let header = fault.header.as_deref().unwrap_or("none");
        log::warn(
            "requests fail on purpose: `faults` is set",
            &[
                ("match", &fault.matches.to_string()),
                ("cause", &cause),
                ("percent", &fault.percent),
                ("header", &header),
            ],
        );
    }
}

fn refused(metrics: &Metrics, why: &str) {
    metrics.reload_successful.set(0);
    log::error("reload refused: the running configuration stays", &[("error", &why)]);
}

/// How many findings a load had, by severity.
pub(crate) struct Findings([(Severity, usize); 3]);

impl Findings {
    pub(crate) fn of(loaded: &Loaded) -> Findings {
        let count = |severity| loaded.problems.iter().filter(|problem| problem.severity == severity).count();
        Findings([Severity::Error, Severity::Warning, Severity::Note].map(|severity| (severity, count(severity))))
    }
}

/// Tells the metrics that a load went well.
pub(crate) fn succeeded(metrics: &Metrics, findings: Findings) {
    findings.0.into_iter().for_each(|(severity, count)| metrics.set_problems(&severity.to_string(), count));
    metrics.reload_successful.set(1);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    metrics.reload_timestamp.set(now.as_secs_f64());
}

/// Settings that differ but only take effect at start.
fn fixed_changes(old: &Settings, new: &Settings) -> Vec<&'static str> {
    let changes = [
        ("listen", old.listen != new.listen),
        ("threads", old.threads != new.threads),
        ("admin.listen", old.admin.listen != new.admin.listen),
        ("admin.inspector", old.admin.inspector != new.admin.inspector),
        ("admin.allow_remote", old.admin.allow_remote != new.admin.allow_remote),
        ("metrics.histograms", old.histograms != new.histograms),
        ("log.format", old.log.format != new.log.format),
        ("log.level", old.log.level != new.log.level),
        ("limits.runtime_queue", old.limits.runtime_queue != new.limits.runtime_queue),
        ("limits.emulator_queue", old.limits.emulator_queue != new.limits.emulator_queue),
        ("limits.inspector_exchanges", old.limits.inspector_exchanges != new.limits.inspector_exchanges),
    ];
    changes.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name).collect()
}

/// The files that were read, watched through their folders: editors and Kubernetes replace files instead of writing them.
struct Watched {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
    watcher: Option<Watch>,
    contents: u64,
    changes: Changes,
}

/// How changes are noticed.
enum Watch {
    /// The system tells.
    Told { _by: RecommendedWatcher },
    /// The files are looked at: all that the node's users may have of inotify is taken, or the file system has none.
    Polled(AbortHandle),
}

impl Watch {
    fn new(folders: &[PathBuf], changes: &Changes) -> Watch {
        told(folders, changes.clone()).map_or_else(|e| Watch::polling(&e, changes.clone()), |_by| Watch::Told { _by })
    }

    fn polling(why: &notify::Error, changes: Changes) -> Watch {
        let every = format!("{}s", POLL.as_secs());
        log::warn(
            "files are polled: the system tells of no changes",
            &[("every", &every), ("error", &why.to_string())],
        );
        let poll = async move {
            loop {
                tokio::time::sleep(POLL).await;
                tell(&changes);
            }
        };
        Watch::Polled(tokio::spawn(poll).abort_handle())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Watch::Polled(task) = self {
            task.abort();
        }
    }
}

fn told(folders: &[PathBuf], changes: Changes) -> notify::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !matches!(event.kind, EventKind::Access(_))) {
            tell(&changes);
        }
    })?;
    for folder in folders {
        watcher.watch(folder, RecursiveMode::NonRecursive)?;
    }
    Ok(watcher)
}

type Changes = Arc<Mutex<mpsc::UnboundedSender<()>>>;

fn tell(changes: &Changes) {
    // Nobody listens once the process ends.
    let _ = changes.lock().unwrap_or_else(PoisonError::into_inner).send(());
}

impl Watched {
    fn new(first: Read, changes: mpsc::UnboundedSender<()>) -> Watched {
        let mut watched = Watched {
            files: Vec::new(),
            folders: Vec::new(),
            watcher: None,
            contents: 0,
            changes: Arc::new(Mutex::new(changes)),
        };
        watched.follow(first, SystemTime::now());
        watched
    }

    /// Watches these files from now on. What changed before they were watched is told now: after a load that went well by what it
    /// read, after one that failed by the files' times, `started` being the load's.
    fn follow(&mut self, read: Read, started: SystemTime) {
        let Read { files, contents } = read;
        let are_known = files == self.files;
        if let Some(contents) = contents {
            self.contents = contents;
        }
        if are_known {
            return;
        }
        self.files = files;
        let folders = folders(&self.files);
        if folders != self.folders || !matches!(self.watcher, Some(Watch::Told { .. })) {
            self.folders = folders;
            self.watcher = Some(Watch::new(&self.folders, &self.changes));
        }
        let now = contents::now(self.files.iter().map(PathBuf::as_path));
        let is_new = |file: &PathBuf| file.metadata().and_then(|m| m.modified()).is_ok_and(|at| at + TICK >= started);
        let changed = match contents {
            Some(read) => read != now,
            None => self.files.iter().any(is_new),
        };
        self.contents = if changed { 0 } else { now };
        if changed {
            tell(&self.changes);
        }
    }

    /// Whether a file reads differently than when it was last looked at.
    fn changed(&mut self) -> bool {
        let now = contents::now(self.files.iter().map(PathBuf::as_path));
        std::mem::replace(&mut self.contents, now) != now
    }
}

/// The folders of the files, and of what they link to.
fn folders(files: &[PathBuf]) -> Vec<PathBuf> {
    let folder = |file: &Path| match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let linked = files.iter().filter_map(|file| file.canonicalize().ok());
    let mut folders: Vec<PathBuf> = files.iter().cloned().chain(linked).map(|file| folder(&file)).collect();
    folders.sort();
    folders.dedup();
    folders.retain(|folder| folder.is_dir());
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_the_system_does_not_watch_is_polled() {
        let (send, mut told) = mpsc::unbounded_channel();
        let changes: Changes = Arc::new(Mutex::new(send));
        let watch = Watch::new(&[PathBuf::from("a-folder-that-is-not-there")], &changes);
        assert!(matches!(watch, Watch::Polled(_)));
        assert_eq!(told.recv().await, Some(()));
        drop((watch, changes));
        // The task has let go of the channel.
        while told.recv().await.is_some() {}
    }
}
