//! Which runtimes are alive, as far as their connections tell.
//!
//! Nothing names a runtime's process. Its client may hold several connections, ask over one, close it and answer over another; what
//! counts is the invocation's id. So a closed connection is a suspicion. It is a death when no connection is left that could be the
//! same process's: one from the same address that neither waits for an invocation nor took one that is under way. A client with a
//! pool closes a connection only while more lie idle than it has invocations in work (fact `runtime-connections`), so a living one
//! always has such a spare. A spare of another runtime at that address hides a death until that one asks again.
//!
//! A client that keeps none (a shell script with curl) looks like a crash. It is told by when it closes, and by what it did before.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Clients drop a connection that was idle for so long (60 s and more in AWS's): its end tells nothing. Less, when an answer showed so.
const IDLE: Duration = Duration::from_secs(55);
/// No client that keeps connections drops an idle one sooner.
const IDLE_LEAST: Duration = Duration::from_secs(1);
/// Who makes a connection for each request closes it within this time of its answer.
const PROMPT: Duration = Duration::from_millis(100);
/// How long such a one has to answer its first invocation, as long as nothing tells whether it crashed.
const GRACE: Duration = Duration::from_secs(2);

/// One TCP connection of a runtime.
pub(super) type ConnectionId = u64;

/// The open connections of one Runtime API address, and what was learned about its clients.
pub(super) struct Connections {
    open: HashMap<ConnectionId, Connection>,
    /// Some client sent a second request over a connection.
    reused: bool,
    /// Some client answered though it had no connection left since it asked.
    reconnects: bool,
    idle: Duration,
}

struct Connection {
    peer: IpAddr,
    requests: u64,
    polling: bool,
}

/// Why the runtime that took an invocation may be dead.
#[derive(Clone, Copy)]
pub(super) struct Suspicion {
    sign: Sign,
    peer: IpAddr,
    since: Instant,
    /// From when it took the invocation.
    after: Duration,
    /// No connection was left that could be its own.
    alone: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// It asked for the next over the connection it had this one from.
    AskedAgain,
    /// It closed a connection that had carried nothing else, at once.
    ClosedAtOnce,
    /// It closed the connection.
    Closed,
}

/// What a suspicion comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing to be known yet.
    Open,
    /// To be looked at again by then.
    Until(Instant),
    /// The runtime is dead.
    Dead,
}

impl Default for Connections {
    fn default() -> Connections {
        Connections { open: HashMap::new(), reused: false, reconnects: false, idle: IDLE }
    }
}

impl Connections {
    pub(super) fn opened(&mut self, id: ConnectionId, peer: IpAddr) {
        self.open.insert(id, Connection { peer: peer.to_canonical(), requests: 0, polling: false });
    }

    /// A request begins.
    pub(super) fn requested(&mut self, id: ConnectionId) {
        if let Some(connection) = self.open.get_mut(&id) {
            connection.requests += 1;
            self.reused |= connection.requests > 1;
        }
    }

    /// Whether it waits for an invocation.
    pub(super) fn polling(&mut self, id: ConnectionId, polling: bool) {
        if let Some(connection) = self.open.get_mut(&id) {
            connection.polling = polling;
        }
    }

    /// It asks again, though it took an invocation so long ago and did not answer.
    pub(super) fn asked_again(&self, id: ConnectionId, after: Duration) -> Option<Suspicion> {
        Some(suspicion(Sign::AskedAgain, self.open.get(&id)?, after))
    }

    /// What its end says about an invocation that it took so long ago.
    pub(super) fn lost(&self, id: ConnectionId, after: Duration) -> Option<Suspicion> {
        let connection = self.open.get(&id)?;
        let at_once = connection.requests <= 1 && after < PROMPT;
        let sign = if at_once { Sign::ClosedAtOnce } else { Sign::Closed };
        (after < self.idle).then(|| suspicion(sign, connection, after))
    }

    pub(super) fn closed(&mut self, id: ConnectionId) {
        self.open.remove(&id);
    }

    /// Judges; `busy` are the connections that took an invocation which is under way.
    pub(super) fn judge(&self, suspicion: &mut Suspicion, busy: &HashSet<ConnectionId>, now: Instant) -> Verdict {
        let is_spare =
            |(id, c): (&ConnectionId, &Connection)| c.peer == suspicion.peer && !c.polling && !busy.contains(id);
        if self.open.iter().any(is_spare) {
            return Verdict::Open;
        }
        suspicion.alone = true;
        match suspicion.sign {
            Sign::ClosedAtOnce if self.reconnects => Verdict::Open,
            Sign::ClosedAtOnce if !self.reused && now < suspicion.since + GRACE => {
                Verdict::Until(suspicion.since + GRACE)
            }
            _ => Verdict::Dead,
        }
    }

    /// The runtime of a suspicion answered: learns from it.
    pub(super) fn answered(&mut self, suspicion: Suspicion) {
        match suspicion.sign {
            _ if !suspicion.alone => {}
            Sign::ClosedAtOnce => self.reconnects = true,
            Sign::Closed if suspicion.after >= IDLE_LEAST => self.idle = self.idle.min(suspicion.after),
            Sign::Closed | Sign::AskedAgain => {}
        }
    }
}

fn suspicion(sign: Sign, connection: &Connection, after: Duration) -> Suspicion {
    Suspicion { sign, peer: connection.peer, since: Instant::now(), after, alone: false }
}
