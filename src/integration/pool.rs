//! Idle connections to one origin, kept by the thread that opened them.
//!
//! Some backends close a connection after each answer, or after so many, and do not say so: a request that is on its way then
//! is lost. So nothing is believed: a connection is looked at before each use (but one that was in use a moment ago, where it shows
//! whether a request is lost), an origin's first ones rest before they are used again, and one that never keeps them is not expected to.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tokio::time::Instant;

use super::resolve::Resolver;
use super::stream::{ConnectError, Stream};
use crate::config::url::Origin;
use crate::failure::Failure;
use crate::http1::client::{Begun, Connection, Error, Outgoing, UpstreamResponse};
use crate::http1::message::Headers;
use crate::json_text::ReadAhead;

/// How long an idle connection is kept, unless the backend says less.
const LONGEST_IDLE: Duration = Duration::from_secs(55);
/// How long a connection rests before it is used again while nothing is known of the origin: who closes after each answer has
/// done it by then.
const REST: Duration = Duration::from_millis(20);
/// A connection that was in use a moment ago is not looked at again, if the origin keeps them.
const MOMENT: Duration = Duration::from_millis(10);
/// So many connections closed after their first answer, and none that was used twice, show that the origin keeps none.
const OFTEN: u32 = 3;
/// After that time it is tried again.
const AGAIN: Duration = Duration::from_secs(60);

/// Connections to one origin.
pub(crate) struct Pool {
    origin: Origin,
    resolver: Rc<Resolver>,
    capacity: usize,
    idle: RefCell<Vec<Connection<Stream>>>,
    habit: Cell<Habit>,
    scouting: Cell<bool>,
}

/// What an origin does with connections.
#[derive(Debug, Clone, Copy)]
enum Habit {
    /// Not known; so many were closed after one answer.
    Unknown { closed: u32 },
    /// It keeps them.
    Keeps,
    /// It closes each after one answer: none are pooled.
    Closes { since: Instant },
}

/// The one request that finds out what an origin does; the others take fresh connections meanwhile.
struct Scout<'a>(&'a Cell<bool>);

impl Scout<'_> {
    fn new(scouting: &Cell<bool>) -> Option<Scout<'_>> {
        (!scouting.replace(true)).then_some(Scout(scouting))
    }
}

impl Drop for Scout<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// Why a request has no answer.
#[derive(Debug)]
pub enum PoolError {
    /// The name has no address.
    UnknownHost(String),
    /// No connection, or it broke.
    Network(String),
    /// The answer's body is over the limit; with the length that was announced.
    TooLarge(Option<u64>),
    /// There is no memory left for the answer.
    NoMemory,
}

impl From<PoolError> for Failure {
    fn from(e: PoolError) -> Failure {
        match e {
            PoolError::UnknownHost(detail) | PoolError::Network(detail) => Failure::NetworkError(detail),
            PoolError::TooLarge(_) => Failure::NetworkError("the answer is too long".into()),
            PoolError::NoMemory => Failure::Overloaded,
        }
    }
}

impl From<ConnectError> for PoolError {
    fn from(e: ConnectError) -> PoolError {
        match e {
            ConnectError::UnknownHost(detail) => PoolError::UnknownHost(detail),
            ConnectError::Network(detail) => PoolError::Network(detail),
        }
    }
}

impl From<Error> for PoolError {
    fn from(e: Error) -> PoolError {
        match e {
            Error::Network(detail) => PoolError::Network(detail),
            Error::Closed => PoolError::Network("Connection is closed".into()),
            Error::TooLarge(length) => PoolError::TooLarge(length),
            Error::NoMemory => PoolError::NoMemory,
        }
    }
}

impl Pool {
    /// An empty pool that keeps at most `capacity` idle connections.
    pub(crate) fn new(origin: Origin, resolver: Rc<Resolver>, capacity: usize) -> Pool {
        Pool {
            origin,
            resolver,
            capacity,
            idle: RefCell::default(),
            habit: Cell::new(Habit::Unknown { closed: 0 }),
            scouting: Cell::new(false),
        }
    }

    /// Sends a request and gets its whole answer, of at most `limit` bytes of body; the caller gives up at its deadline.
    pub(crate) async fn request(
        &self,
        request: Outgoing,
        deadline: Instant,
        limit: usize,
    ) -> Result<UpstreamResponse, PoolError> {
        self.request_ahead(request, deadline, limit, |_, _| None).await
    }

    /// The same; `ahead` says, given status and headers, whether the strings of the answer's body are read while it comes.
    pub(crate) async fn request_ahead(
        &self,
        request: Outgoing,
        deadline: Instant,
        limit: usize,
        ahead: impl FnOnce(u16, &Headers) -> Option<ReadAhead>,
    ) -> Result<UpstreamResponse, PoolError> {
        let (mut connection, begun) = self.begin(request, deadline).await?;
        let ahead = ahead(begun.status, &begun.headers);
        let answer = connection.finish(begun, limit, ahead).await?;
        self.put(connection);
        Ok(answer)
    }

    /// Sends a request over an idle or a fresh connection, up to its answer's head. It is sent again only if provably nobody
    /// read it, and only once. The caller's deadline bounds how long that is looked into.
    pub(crate) async fn begin(
        &self,
        request: Outgoing,
        deadline: Instant,
    ) -> Result<(Connection<Stream>, Begun), PoolError> {
        if let Some(mut connection) = self.take(request.length()).await {
            let e = match connection.begin(&request).await {
                Ok(begun) => return Ok((connection, begun)),
                Err(e) => e,
            };
            let unread = match (connection.unanswered_writes(), &e) {
                (Some(0), _) => true,
                (Some(1), Error::Closed) => Box::pin(connection.stream().threw_away(request.length(), deadline)).await,
                _ => false,
            };
            if connection.unanswered_writes().is_some() {
                self.found_closed(&connection);
            }
            if !unread {
                return Err(e.into());
            }
        }
        let mut connection = Connection::new(Box::pin(Stream::connect(&self.origin, &self.resolver)).await?);
        let begun = connection.begin(&request).await?;
        Ok((connection, begun))
    }

    /// Closes connections that were idle too long; for a timer.
    pub(crate) fn sweep(&self) {
        self.idle.borrow_mut().retain(|connection| connection.idle() < LONGEST_IDLE);
    }

    /// Whether no idle connection is kept.
    pub(crate) fn is_empty(&self) -> bool {
        self.idle.borrow().is_empty()
    }

    /// An idle connection that is still open, for a request of that length.
    async fn take(&self, length: usize) -> Option<Connection<Stream>> {
        loop {
            let keeps = matches!(self.habit.get(), Habit::Keeps);
            let scout = if keeps { None } else { Some(Scout::new(&self.scouting)?) };
            // The one that was used last, as the others may come to be idle too long; a scout takes the one that rested most.
            let mut connection = if keeps { self.idle.borrow_mut().pop() } else { self.take_first() }?;
            if !connection.is_fresh(LONGEST_IDLE) {
                continue;
            }
            if scout.is_some()
                && let Some(left) = REST.checked_sub(connection.idle())
            {
                Box::pin(connection.stream().rest(left)).await;
            }
            let is_open = match keeps && connection.is_fresh(MOMENT) {
                true => connection.stream().seems_open(length),
                false => connection.stream().is_open(),
            };
            if is_open {
                self.habit.set(Habit::Keeps);
                return Some(connection);
            }
            self.found_closed(&connection);
        }
    }

    fn take_first(&self) -> Option<Connection<Stream>> {
        let mut idle = self.idle.borrow_mut();
        (!idle.is_empty()).then(|| idle.remove(0))
    }

    /// The origin closed a connection and did not say so: others of it are most likely at their end too.
    fn found_closed(&self, connection: &Connection<Stream>) {
        self.idle.borrow_mut().clear();
        if connection.answers() > 1 {
            return;
        }
        self.habit.set(match self.habit.get() {
            Habit::Unknown { closed } if closed + 1 >= OFTEN => Habit::Closes { since: Instant::now() },
            Habit::Unknown { closed } => Habit::Unknown { closed: closed + 1 },
            Habit::Keeps => Habit::Unknown { closed: 1 },
            closes => closes,
        });
    }

    /// Keeps a connection whose answer is complete, if it can be used again.
    pub(crate) fn put(&self, connection: Connection<Stream>) {
        if let Habit::Closes { since } = self.habit.get() {
            if since.elapsed() < AGAIN {
                return;
            }
            // It may have changed; once more shows whether it has.
            self.habit.set(Habit::Unknown { closed: OFTEN - 1 });
        }
        let mut idle = self.idle.borrow_mut();
        if connection.is_reusable() && idle.len() < self.capacity {
            idle.push(connection);
        }
    }
}
