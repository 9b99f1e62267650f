//! A streamed body on its way from the Runtime API's thread to the one that answers the client.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::http1::body_stream::{BodyStream, Cut, Source};

/// Bytes of a piece, and how many pieces wait at most: with what is read, and what is written, 64 KB a stream.
const PIECE: usize = 8 * 1024;
const PIECES: usize = 2;

/// What goes through.
#[derive(Debug)]
enum Piece {
    Data(Bytes),
    End,
    Cut(Cut),
}

/// The runtime's end.
pub(crate) struct BodySender(mpsc::Sender<Piece>);

/// The caller's end.
#[derive(Debug)]
pub(crate) struct BodyReceiver(mpsc::Receiver<Piece>);

/// Both ends.
pub(crate) fn channel() -> (BodySender, BodyReceiver) {
    let (send, receive) = mpsc::channel(PIECES);
    (BodySender(send), BodyReceiver(receive))
}

impl BodySender {
    /// Sends, as soon as there is room. When nobody listens any more, it is thrown away: the function goes on (fact `stream-client-gone`).
    pub(crate) async fn send(&self, data: &[u8]) {
        for piece in data.chunks(PIECE) {
            // A copy of its own: a slice would keep the whole buffer that it was read into.
            let piece = Piece::Data(Bytes::copy_from_slice(piece));
            if self.0.send(piece).await.is_err() {
                return;
            }
        }
    }

    /// The body is complete.
    pub(crate) async fn end(self) {
        // Nobody may listen any more.
        let _ = self.0.send(Piece::End).await;
    }

    /// The body ends too soon.
    pub(crate) async fn cut(self, cut: Cut) {
        let _ = self.0.send(Piece::Cut(cut)).await;
    }
}

/// How a stream is cut when its runtime is gone.
pub(crate) fn lost() -> Cut {
    Cut::Failed("the runtime closed its connection within the stream".to_owned())
}

impl BodyReceiver {
    /// The body.
    pub(crate) fn into_stream(self) -> BodyStream {
        BodyStream::new(self)
    }
}

impl Source for BodyReceiver {
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        Poll::Ready(match ready!(self.get_mut().0.poll_recv(cx)) {
            Some(Piece::Data(data)) => Some(Ok(data)),
            Some(Piece::End) => None,
            Some(Piece::Cut(cut)) => Some(Err(cut)),
            None => Some(Err(lost())),
        })
    }
}
