//! A response on its way to the client, and what ends with it.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::in_flight::InFlight;
use crate::gateway::Tally;
use crate::http1::message::Response;

/// A response on its way to the client.
pub(crate) struct Departure {
    /// The response.
    pub response: Response,
    /// What ends with it.
    pub end: End,
}

/// What ends with an answer: dropped, it counts the request and makes room for another one.
pub(crate) struct End {
    _tally: Tally,
    _in_flight: Option<InFlight>,
}

impl End {
    /// The end of an answer that is counted so; `None` was never let in.
    pub(crate) fn new(tally: Tally, in_flight: Option<InFlight>) -> End {
        End { _tally: tally, _in_flight: in_flight }
    }
}

/// A response's body as hyper takes it, with its end: an answer counts once hyper has taken the last of it, or has given up.
/// That the kernel has it too would cost a look at each write to know, and for whole bodies tells nothing more.
pub(crate) struct Departing {
    data: Option<Bytes>,
    _end: End,
}

impl Departing {
    /// A whole body.
    pub(crate) fn new(body: Bytes, end: End) -> Departing {
        Departing { data: Some(body).filter(|body| !body.is_empty()), _end: end }
    }
}

impl Body for Departing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.get_mut().data.take().map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.data.as_ref().map_or(0, |data| data.len() as u64))
    }
}
