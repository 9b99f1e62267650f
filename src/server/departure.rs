//! A response on its way to the client, and what ends with it.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::StatusCode;

use super::account::Account;
use super::in_flight::InFlight;
use crate::gateway::Tally;
use crate::http1::body_stream::{BodyStream, Cut};
use crate::http1::framing::{final_status, is_bodiless};
use crate::http1::message::Response;
use crate::memory::{self, Client};

/// A response on its way to the client.
pub(crate) struct Departure {
    /// The response.
    pub response: Response,
    /// What ends with it.
    pub end: End,
}

/// What ends with an answer: dropped, it counts the request and makes room for another one.
pub(crate) struct End {
    tally: Tally,
    _in_flight: Option<InFlight>,
    /// Of an answer that streams.
    account: Option<Box<Account>>,
    client: Arc<Client>,
}

impl End {
    /// The end of an answer that is counted so; `in_flight` is `None` if it was never let in.
    pub(crate) fn new(
        tally: Tally,
        in_flight: Option<InFlight>,
        account: Option<Box<Account>>,
        client: Arc<Client>,
    ) -> End {
        End { tally, _in_flight: in_flight, account, client }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        if let Some(account) = self.account.take() {
            account.settle(&mut self.tally);
        }
    }
}

/// A response that streams, with its end.
pub(crate) struct Departing {
    stream: BodyStream,
    end: End,
}

impl Departing {
    /// A stream on its way.
    pub(crate) fn new(stream: BodyStream, end: End) -> Departing {
        Departing { stream, end }
    }

    /// The next bytes, as [`BodyStream::poll_next`]. An answer counts once the last of it is taken from here and this is dropped:
    /// that the kernel has it too tells nothing more.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        let next = ready!(self.stream.poll_next(cx));
        if let Some(account) = &mut self.end.account {
            account.note(&next);
        }
        Poll::Ready(next.map(|next| next.map(|piece| memory::depart(piece, false, &self.end.client))))
    }
}

/// What every protocol can carry: an interim status cannot be a response's, and some have no body.
pub(crate) fn settle(response: &mut Response) -> StatusCode {
    response.status = final_status(response.status);
    if is_bodiless(response.status) {
        response.body = Bytes::new().into();
    }
    StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
