//! The meeting point of calls and runtimes behind one Runtime API address: who waits, who works on what.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use prometheus::IntGauge;
use tokio::sync::oneshot;

use super::background::Task;
use super::outcome;

/// A runtime client that loses its connection within this time has died; later it may just have dropped an idle one.
const DEATH: Duration = Duration::from_secs(60);
/// How long an invocation that nobody answers is remembered: Lambda's longest function timeout.
const LONGEST_CALL: Duration = Duration::from_secs(900);
/// How many answered invocations are remembered, to tell a second answer from an unknown id.
const FINISHED: usize = 256;

/// An invocation as a runtime gets it.
pub(crate) struct Delivery {
    /// Its id: `Lambda-Runtime-Aws-Request-Id`.
    pub id: Arc<str>,
    /// The event.
    pub event: Bytes,
    /// `Lambda-Runtime-Trace-Id`
    pub trace_id: String,
    /// `Lambda-Runtime-Invoked-Function-Arn`
    pub arn: Arc<str>,
    /// `Lambda-Runtime-Client-Context`
    pub client_context: Option<Vec<u8>>,
    /// When the caller gives up; for an asynchronous call so long after it was taken.
    pub deadline: Deadline,
    answer: Option<oneshot::Sender<Answer>>,
    task: Option<Task>,
}

/// When the caller gives up.
#[derive(Clone, Copy)]
pub(crate) enum Deadline {
    /// At that time.
    At(SystemTime),
    /// So long after a runtime took it.
    After(Duration),
}

/// What a function answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The payload.
    pub payload: Bytes,
    /// Whether it failed.
    pub function_error: bool,
}

/// How an answer from a runtime was taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It was waited for, or came too late and was dropped.
    Accepted,
    /// It had been answered before.
    Again,
    /// No such invocation.
    Unknown,
}

/// One TCP connection of a runtime.
pub(crate) type ConnectionId = u64;

/// Calls and runtimes of one address.
pub(crate) struct Hub {
    state: Mutex<State>,
    longest: usize,
    depth: IntGauge,
    ids: RandomState,
}

#[derive(Default)]
struct State {
    counter: u64,
    waiting: VecDeque<Delivery>,
    polling: VecDeque<oneshot::Sender<Delivery>>,
    active: HashMap<Arc<str>, Active>,
    finished: VecDeque<Arc<str>>,
    /// Set once an answer came over another connection than its invocation went: a closed one then tells nothing.
    separate: bool,
}

struct Active {
    answer: Option<oneshot::Sender<Answer>>,
    connection: ConnectionId,
    since: Instant,
    _task: Option<Task>,
}

/// A call in the hub; dropping it leaves the queue.
pub(crate) struct Call {
    hub: Arc<Hub>,
    id: Arc<str>,
    answer: oneshot::Receiver<Answer>,
}

/// A runtime that waits for an invocation.
pub(crate) struct Poll {
    hub: Arc<Hub>,
    next: oneshot::Receiver<Delivery>,
}

impl Hub {
    /// An empty hub whose queue holds at most `longest` calls; `depth` follows its length.
    pub(crate) fn new(longest: usize, depth: IntGauge) -> Hub {
        Hub { state: Mutex::default(), longest, depth, ids: RandomState::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a call to a runtime, or queues it; `None` when the queue is full. With a `task` nobody waits for its answer.
    pub(crate) fn call(
        self: &Arc<Hub>,
        event: Bytes,
        trace_id: String,
        arn: Arc<str>,
        client_context: Option<Vec<u8>>,
        deadline: Deadline,
        task: Option<Task>,
    ) -> Option<Call> {
        let (send, receive) = oneshot::channel();
        let mut state = self.lock();
        state.counter += 1;
        let id: Arc<str> = self.uuid(state.counter).into();
        let answer = task.is_none().then_some(send);
        let delivery = Delivery { id: id.clone(), event, trace_id, arn, client_context, deadline, answer, task };
        let delivery = state.offer(delivery);
        if let Some(delivery) = delivery {
            if state.waiting.len() >= self.longest {
                return None;
            }
            state.waiting.push_back(delivery);
            self.depth.inc();
        }
        Some(Call { hub: self.clone(), id, answer: receive })
    }

    /// A runtime asks for its next invocation. One that it took before over the same connection and did not answer has failed.
    pub(crate) fn poll(self: &Arc<Hub>, connection: ConnectionId) -> Poll {
        let (send, next) = oneshot::channel();
        let mut state = self.lock();
        state.fail_active(|active| active.connection == connection);
        state.polling.retain(|poll| !poll.is_closed());
        match state.waiting.pop_front() {
            Some(delivery) => {
                self.depth.dec();
                // We hold the receiving end.
                let _ = send.send(delivery);
            }
            None => state.polling.push_back(send),
        }
        drop(state);
        Poll { hub: self.clone(), next }
    }

    /// An invocation that its runtime has not seen: the next one gets it.
    fn give_back(&self, delivery: Delivery) {
        let mut state = self.lock();
        if let Some(delivery) = state.offer(delivery) {
            state.waiting.push_front(delivery);
            self.depth.inc();
        }
    }

    /// A runtime's answer to an invocation.
    pub(crate) fn answer(&self, id: &str, connection: ConnectionId, answer: Answer) -> Taken {
        let mut state = self.lock();
        let Some((id, active)) = state.active.remove_entry(id) else {
            return if state.finished.iter().any(|f| **f == *id) { Taken::Again } else { Taken::Unknown };
        };
        state.separate |= active.connection != connection;
        if state.finished.len() == FINISHED {
            state.finished.pop_front();
        }
        state.finished.push_back(id);
        if let Some(waiting) = active.answer {
            // The caller may have given up; its answer is dropped then, as Lambda's would be.
            let _ = waiting.send(answer);
        }
        Taken::Accepted
    }

    /// A runtime could not start. When there is no other one, the calls that wait get its error.
    pub(crate) fn init_error(&self, payload: &Bytes) {
        let mut state = self.lock();
        state.polling.retain(|poll| !poll.is_closed());
        if !state.polling.is_empty() || !state.active.is_empty() {
            return;
        }
        for delivery in state.waiting.drain(..) {
            self.depth.dec();
            if let Some(waiting) = delivery.answer {
                let _ = waiting.send(Answer { payload: payload.clone(), function_error: true });
            }
        }
    }

    /// A connection ended. If its client keeps connections open, the runtime died with what it worked on.
    pub(crate) fn closed(&self, connection: ConnectionId, keeps_connections: bool) {
        let mut state = self.lock();
        if keeps_connections && !state.separate {
            state.fail_active(|active| active.connection == connection && active.since.elapsed() < DEATH);
        }
    }

    /// A version 4 UUID from a keyed hash.
    fn uuid(&self, counter: u64) -> String {
        let (a, b) = (self.ids.hash_one((counter, 0)), self.ids.hash_one((counter, 1)));
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0xfff,
            0x8000 | ((b >> 48) & 0x3fff),
            b & 0xffff_ffff_ffff
        )
    }
}

impl State {
    /// Gives a call to the runtime that waits longest; hands it back when none does.
    fn offer(&mut self, mut delivery: Delivery) -> Option<Delivery> {
        while let Some(poll) = self.polling.pop_front() {
            match poll.send(delivery) {
                Ok(()) => return None,
                Err(back) => delivery = back,
            }
        }
        Some(delivery)
    }

    fn fail_active(&mut self, which: impl Fn(&Active) -> bool) {
        let failed: Vec<Arc<str>> = self.active.iter().filter(|(_, a)| which(a)).map(|(id, _)| id.clone()).collect();
        for id in failed {
            if let Some(answer) = self.active.remove(&id).and_then(|active| active.answer) {
                let message = format!("RequestId: {id} Error: Runtime exited without providing a reason");
                let payload = outcome::error(&message, Some("Runtime.ExitError"));
                let _ = answer.send(Answer { payload, function_error: true });
            }
        }
    }
}

impl Call {
    /// The function's answer.
    pub(crate) async fn answer(mut self) -> Option<Answer> {
        (&mut self.answer).await.ok()
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let mut state = self.hub.lock();
        // An asynchronous call has no one who waits and stays.
        if let Some(at) = state.waiting.iter().position(|d| d.id == self.id && d.answer.is_some()) {
            state.waiting.remove(at);
            self.hub.depth.dec();
        }
    }
}

impl Poll {
    /// The next invocation, which from now on is the runtime's; `None` when the runtime is not there any more.
    pub(crate) async fn next(mut self, connection: ConnectionId, is_there: impl Fn() -> bool) -> Option<Delivery> {
        let mut delivery = (&mut self.next).await.ok()?;
        if !is_there() {
            self.hub.give_back(delivery);
            return None;
        }
        let active =
            Active { answer: delivery.answer.take(), connection, since: Instant::now(), _task: delivery.task.take() };
        let mut state = self.hub.lock();
        if state.active.len() > FINISHED {
            state.active.retain(|_, active| active.since.elapsed() < LONGEST_CALL);
        }
        state.active.insert(delivery.id.clone(), active);
        drop(state);
        Some(delivery)
    }
}

impl Drop for Poll {
    /// A runtime that hung up while an invocation was on its way has not seen it.
    fn drop(&mut self) {
        self.next.close();
        if let Ok(delivery) = self.next.try_recv() {
            self.hub.give_back(delivery);
        }
    }
}
