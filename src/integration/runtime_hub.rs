//! The meeting point of calls and runtimes behind one Runtime API address: who waits, who works on what.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use prometheus::IntGauge;
use tokio::sync::{Notify, oneshot};

use super::background::Task;
use super::body_channel::BodyReceiver;
use super::extensions::Extensions;
use super::outcome;
use super::runtime_life::{ConnectionId, Connections, Suspicion, Verdict};
use crate::exchange::ids::{Id, uuid};
use crate::memory::Full;

/// How long an invocation that nobody answers is remembered: Lambda's longest function timeout.
const LONGEST_CALL: Duration = Duration::from_secs(900);
/// How many answered invocations are remembered, to tell a second answer from an unknown id; as many failed ones, whose runtime may
/// answer after all.
const FINISHED: usize = 256;

/// An invocation as it is called.
pub(crate) struct Event {
    /// The payload.
    pub payload: Bytes,
    /// `Lambda-Runtime-Trace-Id`
    pub trace_id: Id,
    /// `Lambda-Runtime-Invoked-Function-Arn`
    pub arn: Arc<str>,
    /// `Lambda-Runtime-Client-Context`
    pub client_context: Option<Vec<u8>>,
    /// `Lambda-Runtime-Aws-Tenant-Id`
    pub tenant_id: Option<Vec<u8>>,
    /// When the caller gives up; for an asynchronous call so long after it was taken.
    pub deadline: Deadline,
    /// The function's own time, from when a runtime takes it.
    pub own: Option<Duration>,
}

/// An invocation as a runtime gets it.
pub(crate) struct Delivery {
    /// Its id: `Lambda-Runtime-Aws-Request-Id`.
    pub id: Arc<str>,
    /// `Lambda-Runtime-Invocation-Id`, of this attempt: an answer that names one must name this.
    pub attempt: Arc<str>,
    /// What it is.
    pub event: Event,
    answer: Option<oneshot::Sender<Answered>>,
    /// Tells the caller that a runtime has it.
    taken: Option<oneshot::Sender<()>>,
    task: Option<Task>,
}

impl Delivery {
    /// `Lambda-Runtime-Deadline-Ms`, if it is taken now: the caller's patience or the function's time, whichever ends first.
    pub(crate) fn deadline(&self) -> SystemTime {
        let now = SystemTime::now();
        let patience = match self.event.deadline {
            Deadline::At(time) => time,
            Deadline::After(duration) => now + duration,
        };
        self.event.own.map_or(patience, |own| patience.min(now + own))
    }
}

/// When the caller gives up.
#[derive(Clone, Copy)]
pub(crate) enum Deadline {
    /// At that time.
    At(SystemTime),
    /// So long after a runtime took it.
    After(Duration),
}

/// What a runtime sent, unless there was no memory left for it.
pub(crate) type Answered = Result<RuntimeAnswer, Full>;

/// What a function answered.
#[derive(Debug)]
pub(crate) enum RuntimeAnswer {
    /// A payload.
    Whole(Bytes),
    /// It failed, with that payload.
    Error(Bytes),
    /// A payload that is still to come.
    Streamed(BodyReceiver),
}

/// How an answer from a runtime was taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It was waited for, or came too late and was dropped.
    Accepted,
    /// It had been answered before.
    Again,
    /// No such invocation, or another attempt at it.
    Unknown,
}

/// Calls and runtimes of one address.
pub(crate) struct Hub {
    /// The function's extensions.
    pub extensions: Extensions,
    state: Mutex<State>,
    longest: usize,
    depth: IntGauge,
    suspicion: Notify,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Delivery>,
    polling: VecDeque<oneshot::Sender<Delivery>>,
    active: HashMap<Arc<str>, Active>,
    finished: VecDeque<Arc<str>>,
    /// Failed because their runtimes seemed dead.
    failed: VecDeque<(Arc<str>, Suspicion)>,
    /// Why the last runtime could not start, until one does.
    init_error: Option<Bytes>,
    connections: Connections,
}

/// An invocation that a runtime took.
struct Active {
    attempt: Arc<str>,
    answer: Option<oneshot::Sender<Answered>>,
    connection: ConnectionId,
    /// The runtime said that it would close the connection.
    closes: bool,
    since: Instant,
    suspicion: Option<Suspicion>,
    task: Option<Task>,
}

/// A call in the hub; dropping it leaves the queue.
pub(crate) struct Call {
    hub: Arc<Hub>,
    id: Arc<str>,
    answer: oneshot::Receiver<Answered>,
    taken: oneshot::Receiver<()>,
}

/// A runtime that waits for an invocation.
pub(crate) struct Poll {
    hub: Arc<Hub>,
    connection: ConnectionId,
    closes: bool,
    next: oneshot::Receiver<Delivery>,
}

impl Hub {
    /// An empty hub whose queue holds at most `longest` calls; `depth` follows its length.
    pub(crate) fn new(longest: usize, depth: IntGauge, extensions: Extensions) -> Hub {
        Hub { extensions, state: Mutex::default(), longest, depth, suspicion: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a call to a runtime, or queues it; `None` when the queue is full. With a `task` nobody waits for its answer.
    pub(crate) fn call(self: &Arc<Hub>, event: Event, task: Option<Task>) -> Option<Call> {
        let (send, receive) = oneshot::channel();
        let (take, taken) = oneshot::channel();
        let id: Arc<str> = uuid().into();
        let call = Call { hub: self.clone(), id: id.clone(), answer: receive, taken };
        let mut state = self.lock();
        if let Some(payload) = &state.init_error {
            // We hold the receiving end.
            let _ = send.send(Ok(RuntimeAnswer::Error(payload.clone())));
            drop(state);
            return Some(call);
        }
        let answer = task.is_none().then_some(send);
        let delivery = Delivery { id, attempt: uuid().into(), event, answer, taken: Some(take), task };
        if let Some(delivery) = state.offer(delivery) {
            if state.waiting.len() >= self.longest {
                drop(state);
                return None;
            }
            state.waiting.push_back(delivery);
            self.depth.inc();
        }
        drop(state);
        Some(call)
    }

    /// A connection was accepted.
    pub(crate) fn opened(&self, connection: ConnectionId, peer: IpAddr) {
        self.lock().connections.opened(connection, peer);
    }

    /// A request begins on a connection.
    pub(crate) fn requested(&self, connection: ConnectionId) {
        self.lock().connections.requested(connection);
    }

    /// A runtime asks for its next invocation, over a connection that it `closes` afterwards or keeps.
    pub(crate) fn poll(self: &Arc<Hub>, connection: ConnectionId, closes: bool) -> Poll {
        let (send, next) = oneshot::channel();
        let mut state = self.lock();
        state.init_error = None;
        state.suspect(connection, |connections, active| connections.asked_again(connection, active.since.elapsed()));
        state.connections.polling(connection, true);
        state.polling.retain(|poll| !poll.is_closed());
        match state.waiting.pop_front() {
            Some(delivery) => {
                self.depth.dec();
                // We hold the receiving end.
                let _ = send.send(delivery);
            }
            None => state.polling.push_back(send),
        }
        self.look(&state);
        drop(state);
        Poll { hub: self.clone(), connection, closes, next }
    }

    /// An invocation that its runtime has not seen: the next one gets it.
    fn give_back(&self, delivery: Delivery) {
        let mut state = self.lock();
        if let Some(delivery) = state.offer(delivery) {
            state.waiting.push_front(delivery);
            self.depth.inc();
        }
    }

    /// A runtime's answer to an invocation, perhaps with the id of the attempt.
    pub(crate) fn answer(&self, id: &str, attempt: Option<&[u8]>, answer: Answered) -> Taken {
        let mut state = self.lock();
        let is_other = |active: &Active| attempt.is_some_and(|attempt| attempt != active.attempt.as_bytes());
        if state.active.get(id).is_some_and(is_other) {
            return Taken::Unknown;
        }
        let (id, suspicion, waiting) = if let Some((id, active)) = state.active.remove_entry(id) {
            (id, active.suspicion, active.answer)
        } else if let Some(at) = state.failed.iter().position(|(failed, _)| **failed == *id)
            && let Some((id, suspicion)) = state.failed.remove(at)
        {
            (id, Some(suspicion), None)
        } else {
            return if state.finished.iter().any(|f| **f == *id) { Taken::Again } else { Taken::Unknown };
        };
        if let Some(suspicion) = suspicion {
            state.connections.answered(suspicion);
        }
        remember(&mut state.finished, id);
        if let Some(waiting) = waiting {
            // The caller may have given up; its answer is dropped then, as Lambda's would be.
            let _ = waiting.send(answer);
        }
        Taken::Accepted
    }

    /// A runtime could not start. When there is no other one, calls get its error until one does.
    pub(crate) fn init_error(&self, payload: &Bytes) {
        let mut state = self.lock();
        state.polling.retain(|poll| !poll.is_closed());
        if !state.polling.is_empty() || state.active.values().any(Active::is_awaited) {
            return;
        }
        state.init_error = Some(payload.clone());
        for delivery in state.waiting.drain(..) {
            self.depth.dec();
            if let Some(waiting) = delivery.answer {
                let _ = waiting.send(Ok(RuntimeAnswer::Error(payload.clone())));
            }
        }
    }

    /// An extension has ended in an error: what runs fails with it.
    pub(crate) fn exit_error(&self, payload: &Bytes) {
        for active in self.lock().active.values_mut() {
            if let Some(waiting) = active.answer.take() {
                let _ = waiting.send(Ok(RuntimeAnswer::Error(payload.clone())));
            }
        }
    }

    /// Whether a connection waits for something: it cannot be the spare one of a runtime.
    pub(crate) fn polling(&self, connection: ConnectionId, polling: bool) {
        self.lock().connections.polling(connection, polling);
    }

    /// A connection ended.
    pub(crate) fn closed(&self, connection: ConnectionId) {
        let mut state = self.lock();
        state.suspect(connection, |connections, active| {
            if active.closes { None } else { connections.lost(connection, active.since.elapsed()) }
        });
        state.connections.closed(connection);
        self.look(&state);
    }

    /// Asks for a look at the suspicions, if there are any.
    fn look(&self, state: &State) {
        if state.active.values().any(|active| active.suspicion.is_some()) {
            self.suspicion.notify_one();
        }
    }

    /// Waits until [`Hub::bury`] should be called: soon, once every connection that was opened before is known.
    pub(crate) async fn suspicion(&self) {
        self.suspicion.notified().await;
    }

    /// Fails the calls whose runtimes are dead; tells when to look again.
    pub(crate) fn bury(&self) -> Option<Instant> {
        let mut state = self.lock();
        let now = Instant::now();
        let State { active, connections, failed, .. } = &mut *state;
        let busy: HashSet<ConnectionId> = active.values().map(|active| active.connection).collect();
        let mut again = None;
        let dead = active.extract_if(|_, active| {
            let Some(suspicion) = &mut active.suspicion else { return false };
            match connections.judge(suspicion, &busy, now) {
                Verdict::Open => false,
                Verdict::Until(time) => {
                    again = Some(again.map_or(time, |sooner| time.min(sooner)));
                    false
                }
                Verdict::Dead => true,
            }
        });
        for (id, Active { answer, suspicion, .. }) in dead {
            if let Some(answer) = answer {
                let message = format!("RequestId: {id} Error: Runtime exited without providing a reason");
                let payload = outcome::error(&message, Some("Runtime.ExitError"));
                let _ = answer.send(Ok(RuntimeAnswer::Error(payload)));
            }
            failed.extend(suspicion.map(|suspicion| (id, suspicion)));
        }
        let too_many = failed.len().saturating_sub(FINISHED);
        failed.drain(..too_many);
        again
    }
}

fn remember(finished: &mut VecDeque<Arc<str>>, id: Arc<str>) {
    if finished.len() == FINISHED {
        finished.pop_front();
    }
    finished.push_back(id);
}

impl Active {
    /// Whether its answer matters to anyone.
    fn is_awaited(&self) -> bool {
        self.task.is_some() || self.answer.as_ref().is_some_and(|answer| !answer.is_closed())
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

    /// A runtime works on it from now on. What nobody answers is forgotten, once there is much of it.
    fn start(&mut self, id: Arc<str>, active: Active) {
        if self.active.len() > FINISHED {
            let now = active.since;
            self.active.retain(|_, other| now.duration_since(other.since) < LONGEST_CALL);
        }
        self.active.insert(id, active);
    }

    /// Suspects the runtime of what was taken over a connection.
    fn suspect(&mut self, connection: ConnectionId, why: impl Fn(&Connections, &Active) -> Option<Suspicion>) {
        for active in self.active.values_mut().filter(|active| active.connection == connection) {
            active.suspicion = why(&self.connections, active).or(active.suspicion);
        }
    }
}

impl Call {
    /// Waits until a runtime has it, or nobody ever will.
    pub(crate) async fn taken(&mut self) {
        // Without a runtime its answer is there already.
        let _ = (&mut self.taken).await;
    }

    /// Its id, as the runtime gets it.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The function's answer.
    pub(crate) async fn answer(mut self) -> Option<Answered> {
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
    pub(crate) async fn next(mut self, is_there: impl Fn() -> bool) -> Option<Delivery> {
        let mut delivery = (&mut self.next).await.ok()?;
        if !is_there() {
            self.hub.give_back(delivery);
            return None;
        }
        let active = Active {
            attempt: delivery.attempt.clone(),
            answer: delivery.answer.take(),
            connection: self.connection,
            closes: self.closes,
            since: Instant::now(),
            suspicion: None,
            task: delivery.task.take(),
        };
        let mut state = self.hub.lock();
        state.start(delivery.id.clone(), active);
        drop(state);
        if let Some(taken) = delivery.taken.take() {
            // The caller may have given up.
            let _ = taken.send(());
        }
        let Event { arn, trace_id, .. } = &delivery.event;
        self.hub.extensions.invoked(&delivery.id, arn, trace_id, delivery.deadline());
        Some(delivery)
    }
}

impl Drop for Poll {
    /// A runtime that hung up while an invocation was on its way has not seen it.
    fn drop(&mut self) {
        self.next.close();
        self.hub.lock().connections.polling(self.connection, false);
        if let Ok(delivery) = self.next.try_recv() {
            self.hub.give_back(delivery);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn active(since: Instant) -> Active {
        Active { attempt: "a".into(), answer: None, connection: 1, closes: false, since, suspicion: None, task: None }
    }

    #[test]
    fn what_nobody_answers_is_forgotten_after_fifteen_minutes() {
        let start = Instant::now();
        let mut state = State::default();
        for n in 0..=FINISHED {
            state.start(n.to_string().into(), active(start));
        }
        state.start("899 s".into(), active(start + Duration::from_secs(899)));
        assert_eq!(state.active.len(), FINISHED + 2);
        state.start("900 s".into(), active(start + Duration::from_secs(900)));
        let mut left: Vec<&str> = state.active.keys().map(|id| &**id).collect();
        left.sort_unstable();
        assert_eq!(left, ["899 s", "900 s"]);
    }
}
