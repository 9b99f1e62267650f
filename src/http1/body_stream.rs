//! `Body`: an answer's body, whole or as it comes.

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
pub struct Cut(pub String);

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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

    /// The next bytes, as [`Source::poll_next`].
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl fmt::Debug for BodyStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BodyStream")
    }
}
