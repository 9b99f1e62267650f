//! A response on its way to the client, and what ends with it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use super::account::Account;
use super::in_flight::InFlight;
use crate::gateway::Tally;
use crate::http1::body_stream::{Body, BodyStream, Cut};
use crate::http1::message::Response;
use crate::http1::server::Streaming;
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
}

impl End {
    /// The end of an answer that is counted so; `in_flight` is `None` if it was never let in.
    pub(crate) fn new(tally: Tally, in_flight: Option<InFlight>, account: Option<Box<Account>>) -> End {
        End { tally, _in_flight: in_flight, account }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        if let Some(account) = self.account.take() {
            account.settle(&mut self.tally);
        }
    }
}

/// A response's body as hyper takes it, with its end: an answer counts once hyper has taken the last of it, or has given up.
/// That the kernel has it too would cost a look at each write to know, and for whole bodies tells nothing more.
pub(crate) struct Departing {
    data: Data,
    end: End,
    client: Arc<Client>,
    /// Of an HTTP/2 connection, which may have nothing else to do.
    _streaming: Option<Streaming>,
}

enum Data {
    Whole(Option<Bytes>),
    Stream(BodyStream),
    /// A stream that ends too soon: hyper first writes what it has.
    Cut(Option<Cut>),
}

impl Departing {
    /// A body.
    pub(crate) fn new(body: Body, end: End, client: Arc<Client>, streaming: Option<Streaming>) -> Departing {
        let data = match body {
            Body::Whole(body) => Data::Whole(Some(body).filter(|body| !body.is_empty())),
            Body::Stream(stream) => Data::Stream(stream),
        };
        Departing { data, end, client, _streaming: streaming }
    }
}

impl hyper::body::Body for Departing {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let Departing { data, end, client, .. } = self.get_mut();
        let stream = match data {
            Data::Whole(whole) => return Poll::Ready(whole.take().map(|data| Ok(Frame::data(data)))),
            Data::Cut(cut) => return Poll::Ready(cut.take().map(Err)),
            Data::Stream(stream) => stream,
        };
        let next = ready!(stream.poll_next(cx));
        if let Some(account) = &mut end.account {
            account.note(&next);
        }
        match next {
            Some(Ok(piece)) => Poll::Ready(Some(Ok(Frame::data(memory::depart(piece, false, client))))),
            Some(Err(cut)) => {
                *data = Data::Cut(Some(cut));
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            None => {
                *data = Data::Whole(None);
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.data, Data::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.data {
            Data::Whole(data) => SizeHint::with_exact(data.as_ref().map_or(0, |data| data.len() as u64)),
            Data::Stream(_) | Data::Cut(_) => SizeHint::default(),
        }
    }
}
