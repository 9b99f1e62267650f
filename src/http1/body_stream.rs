//! `Body`: an answer's body, whole or as it comes.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;

/// An answer's body. Only integrations that stream make a [`Body::Stream`].
#[derive(Debug)]
pub enum Body {
    /// All of it.
    Whole(Bytes),
    /// What is still to come, read once.
    Stream(BodyStream),
}

static NOTHING: Bytes = Bytes::new();

impl Body {
    /// The bytes of a whole body; none of a stream, which are not there yet.
    pub fn whole(&self) -> &Bytes {
        match self {
            Body::Whole(bytes) => bytes,
            Body::Stream(_) => &NOTHING,
        }
    }

    /// Whether it is still to come.
    pub fn is_stream(&self) -> bool {
        matches!(self, Body::Stream(_))
    }
}

impl Default for Body {
    fn default() -> Body {
        Body::Whole(Bytes::new())
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Body {
        Body::Whole(bytes)
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Body {
        Body::Whole(bytes.into())
    }
}

impl From<String> for Body {
    fn from(text: String) -> Body {
        Body::Whole(text.into())
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Body {
        Body::Whole(text.into())
    }
}

impl From<BodyStream> for Body {
    fn from(stream: BodyStream) -> Body {
        Body::Stream(stream)
    }
}

/// Whole bodies are equal by their bytes; a stream is equal to none.
impl PartialEq for Body {
    fn eq(&self, other: &Body) -> bool {
        matches!((self, other), (Body::Whole(a), Body::Whole(b)) if a == b)
    }
}

/// Why a stream ends before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cut {
    /// Who sends it says that it failed, with its own words.
    Failed(String),
    /// What came cannot be read, or comes no more.
    Broken(String),
    /// Time is up.
    Late(String),
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Cut::Failed(why) | Cut::Broken(why) | Cut::Late(why)) = self;
        f.write_str(why)
    }
}

impl std::error::Error for Cut {}

/// Where a stream comes from.
pub trait Source {
    /// The next bytes, as soon as there are any; `None` at the end. After that, or after a [`Cut`], it is not asked again.
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>>;
}

/// A body that comes piece by piece, each asked for when there is room for it: who takes slowly slows the source.
pub struct BodyStream(Pin<Box<dyn Source>>);

impl BodyStream {
    /// A body from that source.
    pub fn new(source: impl Source + 'static) -> BodyStream {
        BodyStream(Box::pin(source))
    }

    /// What is there already.
    pub(crate) fn of(pieces: impl IntoIterator<Item = Result<Bytes, Cut>>) -> BodyStream {
        BodyStream::new(Pieces(pieces.into_iter().collect()))
    }

    /// The next bytes, as [`Source::poll_next`].
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        self.0.as_mut().poll_next(cx)
    }

    /// The next bytes, once there are any.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, Cut>> {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Those bytes, which were taken from it already, and then the stream.
    pub(crate) fn with_first(self, first: Bytes) -> BodyStream {
        if first.is_empty() { self } else { BodyStream::new(WithFirst { first: Some(first), rest: self }) }
    }
}

/// A stream that is there already.
struct Pieces(VecDeque<Result<Bytes, Cut>>);

impl Source for Pieces {
    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        Poll::Ready(self.get_mut().0.pop_front())
    }
}

/// A stream of which the first bytes were read.
struct WithFirst {
    first: Option<Bytes>,
    rest: BodyStream,
}

impl Source for WithFirst {
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        let stream = self.get_mut();
        match stream.first.take() {
            Some(first) => Poll::Ready(Some(Ok(first))),
            None => stream.rest.poll_next(cx),
        }
    }
}

impl fmt::Debug for BodyStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BodyStream")
    }
}
