//! A request's body that is not read yet, whichever protocol it comes by: the one place where the gateway's requests get theirs.

use std::rc::Rc;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use tokio::net::TcpStream;

use super::body::{BodyError, collect};
use super::server::Connection;
use crate::memory::Reservation;

/// A body on its way.
pub(crate) enum RequestBody {
    /// Over a connection of ours.
    Http1(Rc<Connection<TcpStream>>),
    /// Over HTTP/2.
    Http2(Incoming),
}

impl RequestBody {
    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            RequestBody::Http1(connection) => !connection.has_body(),
            RequestBody::Http2(body) => body.is_end_stream(),
        }
    }

    /// The length that was announced.
    pub(crate) fn announced(&self) -> u64 {
        match self {
            RequestBody::Http1(connection) => connection.announced(),
            RequestBody::Http2(body) => body.size_hint().lower(),
        }
    }

    /// The whole body, of at most `limit` bytes, which `held` counts.
    pub(crate) async fn collect(self, limit: usize, held: Reservation) -> Result<Bytes, BodyError> {
        match self {
            RequestBody::Http1(connection) => connection.read_body(limit, held).await,
            RequestBody::Http2(body) => Ok(collect(body, limit, held).await?.0),
        }
    }
}
