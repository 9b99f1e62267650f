//! An answer that is handed on as it comes, within its bounds of time.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, Sleep, sleep_until};

use super::pool::{Pool, PoolError};
use super::stream::Stream;
use crate::exchange::call::IntegrationReply;
use crate::http1::body_stream::{BodyStream, Cut, Source};
use crate::http1::client::{Error, Incoming, Outgoing};

/// How long a stream may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Until then it must be complete.
    pub deadline: Instant,
    /// So long nothing may come.
    pub idle: Duration,
}

/// Sends a request; the reply is there with the answer's head, its body comes afterwards.
pub(crate) async fn request(pool: Rc<Pool>, request: Outgoing, bounds: Bounds) -> Result<IntegrationReply, PoolError> {
    let (connection, mut begun) = pool.begin(request, bounds.deadline).await?;
    let (status, headers) = (begun.status, std::mem::take(&mut begun.headers));
    let streamed = Streamed {
        incoming: Some(Incoming::new(connection, begun)),
        pool,
        deadline: Box::pin(sleep_until(bounds.deadline)),
        idle: Box::pin(sleep_until(bounds.deadline)),
        longest_idle: bounds.idle,
        waits: false,
    };
    Ok(IntegrationReply { status, headers, body: BodyStream::new(streamed).into(), ..IntegrationReply::default() })
}

/// A body on its way. Dropped before its end, it closes the connection.
struct Streamed {
    /// Gone at the end.
    incoming: Option<Incoming<Stream>>,
    pool: Rc<Pool>,
    deadline: Pin<Box<Sleep>>,
    /// Only counts while the backend is waited for, not while the client is.
    idle: Pin<Box<Sleep>>,
    longest_idle: Duration,
    waits: bool,
}

impl Source for Streamed {
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        let streamed = self.get_mut();
        if streamed.deadline.as_mut().poll(cx).is_ready() {
            return cut("the integration's timeout has passed".to_owned());
        }
        let Some(incoming) = &mut streamed.incoming else { return Poll::Ready(None) };
        match incoming.poll_next(cx) {
            Poll::Ready(Some(Ok(data))) => {
                streamed.waits = false;
                Poll::Ready(Some(Ok(data)))
            }
            Poll::Ready(Some(Err(Error::Network(detail)))) => cut(detail),
            Poll::Ready(Some(Err(Error::Closed | Error::TooLarge(_) | Error::NoMemory))) => {
                cut("the backend closed the connection".to_owned())
            }
            Poll::Ready(None) => {
                if let Some(incoming) = streamed.incoming.take() {
                    streamed.pool.put(incoming.into_connection());
                }
                Poll::Ready(None)
            }
            Poll::Pending => streamed.poll_idle(cx),
        }
    }
}

impl Streamed {
    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        if !self.waits {
            self.waits = true;
            self.idle.as_mut().reset(Instant::now() + self.longest_idle);
        }
        match self.idle.as_mut().poll(cx) {
            Poll::Ready(()) => cut(format!("nothing came for {:?}", self.longest_idle)),
            Poll::Pending => Poll::Pending,
        }
    }
}

fn cut(why: String) -> Poll<Option<Result<Bytes, Cut>>> {
    Poll::Ready(Some(Err(Cut(why))))
}
