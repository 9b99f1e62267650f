//! Idle connections to one origin, kept by the thread that opened them.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::resolve::Resolver;
use super::stream::{ConnectError, Stream};
use super::url::Origin;
use crate::failure::Failure;
use crate::http1::client::{Answer, Connection, Error, Outgoing};

/// How long an idle connection is kept, unless the backend says less.
const LONGEST_IDLE: Duration = Duration::from_secs(55);

/// Connections to one origin.
pub struct Pool {
    origin: Origin,
    resolver: Rc<Resolver>,
    capacity: usize,
    idle: RefCell<Vec<Connection<Stream>>>,
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
}

impl From<PoolError> for Failure {
    fn from(e: PoolError) -> Failure {
        match e {
            PoolError::UnknownHost(detail) | PoolError::Network(detail) => Failure::NetworkError(detail),
            PoolError::TooLarge(_) => Failure::NetworkError("the answer is too long".into()),
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

impl Pool {
    /// An empty pool that keeps at most `capacity` idle connections.
    pub fn new(origin: Origin, resolver: Rc<Resolver>, capacity: usize) -> Pool {
        Pool { origin, resolver, capacity, idle: RefCell::default() }
    }

    /// Sends a request over an idle or a fresh connection. What may have reached the backend is never sent again.
    pub async fn request(&self, request: Outgoing, limit: usize) -> Result<Answer, PoolError> {
        let mut connection = match self.take() {
            Some(connection) => connection,
            None => Connection::new(Stream::connect(&self.origin, &self.resolver).await?),
        };
        let answer = connection.exchange(request, limit).await.map_err(|e| match e {
            Error::Network(detail) => PoolError::Network(detail),
            Error::TooLarge(length) => PoolError::TooLarge(length),
        })?;
        self.put(connection);
        Ok(answer)
    }

    /// Closes connections that were idle too long; for a timer.
    pub fn sweep(&self) {
        self.idle.borrow_mut().retain(|connection| connection.idle() < LONGEST_IDLE);
    }

    /// Whether no idle connection is kept.
    pub fn is_empty(&self) -> bool {
        self.idle.borrow().is_empty()
    }

    /// The connection that was used last, if it is still open.
    fn take(&self) -> Option<Connection<Stream>> {
        loop {
            let mut connection = self.idle.borrow_mut().pop()?;
            let idle = connection.idle();
            // It is never tried out with a request.
            if connection.is_fresh(LONGEST_IDLE) && connection.stream().is_open(idle) {
                return Some(connection);
            }
        }
    }

    fn put(&self, connection: Connection<Stream>) {
        let mut idle = self.idle.borrow_mut();
        if connection.is_reusable() && idle.len() < self.capacity {
            idle.push(connection);
        }
    }
}
