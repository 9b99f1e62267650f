//! A function's extensions: who registered for what, and the events that wait for them.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use serde_json::json;
use tokio::sync::oneshot;

use super::runtime_answer::millis;
use crate::exchange::ids::uuid;

/// Extensions at once: those of a few containers. Lambda has ten in each.
const MOST: usize = 100;
/// Events that wait for one: it is dead that lets more lie, or will not miss the oldest.
const LONGEST: usize = 1_000;
/// What an extension has after `SHUTDOWN`, as it is told.
const LAST: Duration = Duration::from_secs(2);
/// How often it is looked whether each has taken it.
const LOOK: Duration = Duration::from_millis(10);

/// What an extension is told of its function.
pub(crate) struct About {
    /// Its name in the configuration, without an alias.
    pub name: String,
    /// Its account.
    pub account: String,
}

/// The extensions behind one Runtime API address.
pub(crate) struct Extensions {
    about: About,
    known: Mutex<HashMap<Arc<str>, Extension>>,
}

/// What an extension registers for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Subscriptions {
    /// `INVOKE`
    pub invoke: bool,
    /// `SHUTDOWN`
    pub shutdown: bool,
}

struct Extension {
    subscriptions: Subscriptions,
    waiting: VecDeque<String>,
    poll: Option<oneshot::Sender<String>>,
    seen: Instant,
}

impl Extension {
    fn tell(&mut self, event: String) {
        if self.waiting.len() >= LONGEST {
            self.waiting.pop_front();
        }
        self.waiting.push_back(event);
        self.deliver();
    }

    /// Gives what waits longest to who asks for it.
    fn deliver(&mut self) {
        if self.waiting.is_empty() || !self.is_polling() {
            return;
        }
        if let (Some(poll), Some(event)) = (self.poll.take(), self.waiting.pop_front())
            && let Err(event) = poll.send(event)
        {
            self.waiting.push_front(event);
        }
    }

    fn is_polling(&self) -> bool {
        self.poll.as_ref().is_some_and(|poll| !poll.is_closed())
    }
}

impl Extensions {
    /// None is there yet.
    pub(crate) fn new(about: About) -> Extensions {
        Extensions { about, known: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Extension>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What each is told of its function.
    pub(crate) fn about(&self) -> &About {
        &self.about
    }

    /// A new one: its identifier; `None` when there are too many. Names may repeat: each container of a function has its own, and
    /// one that starts again registers again.
    pub(crate) fn register(&self, subscriptions: Subscriptions) -> Option<Arc<str>> {
        let mut known = self.lock();
        if known.len() >= MOST {
            let oldest = known.iter().filter(|(_, e)| !e.is_polling()).min_by_key(|(_, e)| e.seen);
            let oldest = oldest.map(|(id, _)| id.clone())?;
            known.remove(&oldest);
        }
        let id: Arc<str> = uuid().into();
        let extension = Extension { subscriptions, waiting: VecDeque::new(), poll: None, seen: Instant::now() };
        known.insert(id.clone(), extension);
        Some(id)
    }

    /// Whether that one has registered.
    pub(crate) fn knows(&self, id: &str) -> bool {
        self.lock().contains_key(id)
    }

    /// Waits for the next event of one that has registered, as JSON.
    pub(crate) async fn next(&self, id: &str) -> Option<String> {
        let (send, receive) = oneshot::channel();
        {
            let mut known = self.lock();
            let extension = known.get_mut(id)?;
            (extension.seen, extension.poll) = (Instant::now(), Some(send));
            extension.deliver();
        }
        let mut asked = Asked { extensions: self, id, receive };
        (&mut asked.receive).await.ok()
    }

    /// A runtime takes an invocation, to be answered by `deadline`.
    pub(crate) fn invoked(&self, id: &str, arn: &str, trace_id: &str, deadline: SystemTime) {
        let mut known = self.lock();
        let mut subscribed = known.values_mut().filter(|extension| extension.subscriptions.invoke).peekable();
        if subscribed.peek().is_none() {
            return;
        }
        let event = json!({
            "eventType": "INVOKE",
            "deadlineMs": millis(deadline),
            "requestId": id,
            "invokedFunctionArn": arn,
            "tracing": { "type": "X-Amzn-Trace-Id", "value": trace_id },
        });
        let event = event.to_string();
        subscribed.for_each(|extension| extension.tell(event.clone()));
    }

    /// The end: tells who wants to know, and waits at most so long until each has taken it.
    pub(crate) async fn shut_down(&self, patience: Duration) {
        let end = Instant::now() + patience;
        let deadline = millis(SystemTime::now() + LAST);
        let event =
            json!({ "eventType": "SHUTDOWN", "shutdownReason": "spindown", "deadlineMs": deadline }).to_string();
        let told = {
            let mut known = self.lock();
            let subscribed = known.values_mut().filter(|extension| extension.subscriptions.shutdown);
            subscribed.map(|extension| extension.tell(event.clone())).count()
        };
        if told == 0 {
            return;
        }
        let is_taken = |e: &Extension| !e.subscriptions.shutdown || e.waiting.is_empty();
        while Instant::now() < end && !self.lock().values().all(is_taken) {
            tokio::time::sleep(LOOK).await;
        }
        // What was taken is still to be written.
        tokio::time::sleep(LOOK * 5).await;
    }
}

/// An extension that asks; when it hangs up with an event on its way, the event waits for it.
struct Asked<'a> {
    extensions: &'a Extensions,
    id: &'a str,
    receive: oneshot::Receiver<String>,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.receive.close();
        if let Ok(event) = self.receive.try_recv()
            && let Some(extension) = self.extensions.lock().get_mut(self.id)
        {
            extension.waiting.push_front(event);
        }
    }
}
