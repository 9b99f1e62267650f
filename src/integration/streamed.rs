//! An answer that is handed on as it comes: where it comes from, and its bounds of time and speed.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, Sleep, sleep_until};

use super::outcome;
use super::pool::{Pool, PoolError};
use super::running::Running;
use super::stream::Stream;
use crate::exchange::call::IntegrationReply;
use crate::http1::body_stream::{Body, BodyStream, Cut, Source};
use crate::http1::client::{Begun, Connection, Error, Incoming, Outgoing};

/// Of a stream so much comes without a bound of speed (fact `stream-rate`).
const FREE: u64 = 10 * 1024 * 1024;

/// What a stream may take.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    /// Until then it must be complete.
    pub deadline: Instant,
    /// How it is cut then.
    pub late: Cut,
    /// So long nothing may come.
    pub idle: Duration,
    /// Bytes a second, beyond the first 10 MB.
    pub rate: Option<u64>,
}

/// How a stream is cut when nothing came for so long.
pub(crate) fn cut_idle(idle: Duration) -> Cut {
    Cut::Late(format!("nothing came for {idle:?}"))
}

/// How it is cut when the integration's time is up.
pub(crate) fn cut_late() -> Cut {
    Cut::Late("the integration's timeout has passed".to_owned())
}

/// Sends a request; the reply is there with the answer's head, its body comes afterwards.
pub(crate) async fn request(
    pool: Rc<Pool>,
    request: Outgoing,
    deadline: Instant,
) -> Result<IntegrationReply, PoolError> {
    let (connection, mut begun) = pool.begin(request, deadline).await?;
    let (status, headers) = (begun.status, std::mem::take(&mut begun.headers));
    Ok(IntegrationReply { status, headers, body: body(pool, connection, begun).into(), ..IntegrationReply::default() })
}

/// The body of an answer whose head came over that connection. Dropped before its end, it closes the connection.
pub(crate) fn body(pool: Rc<Pool>, connection: Connection<Stream>, begun: Begun) -> BodyStream {
    BodyStream::new(Received { incoming: Some(Incoming::new(connection, begun)), pool })
}

struct Received {
    /// Gone at the end.
    incoming: Option<Incoming<Stream>>,
    pool: Rc<Pool>,
}

impl Source for Received {
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        let received = self.get_mut();
        let Some(incoming) = &mut received.incoming else { return Poll::Ready(None) };
        Poll::Ready(match ready!(incoming.poll_next(cx)) {
            Some(Ok(data)) => Some(Ok(data)),
            Some(Err(Error::Network(detail))) => Some(Err(Cut::Broken(detail))),
            Some(Err(Error::Closed | Error::TooLarge(_) | Error::NoMemory)) => {
                Some(Err(Cut::Broken("the backend closed the connection".to_owned())))
            }
            None => {
                if let Some(incoming) = received.incoming.take() {
                    received.pool.put(incoming.into_connection());
                }
                None
            }
        })
    }
}

/// A reply whose stream must be complete within the function's own time, which began then.
pub(crate) fn within(reply: IntegrationReply, begun: Instant, own: Duration) -> IntegrationReply {
    let IntegrationReply { body: Body::Stream(stream), .. } = reply else { return reply };
    let late = Cut::Failed(outcome::time_out_sentence(own));
    let bounds = Bounds { deadline: begun + own, late, idle: own, rate: None };
    IntegrationReply { body: Bounded::stream(stream, bounds, None).into(), ..reply }
}

/// A stream within its bounds.
pub(crate) struct Bounded {
    stream: BodyStream,
    deadline: Pin<Box<Sleep>>,
    late: Cut,
    /// Only counts while the backend is waited for, not while the client is.
    idle: Pin<Box<Sleep>>,
    longest_idle: Duration,
    waits: bool,
    pace: Option<Pace>,
    /// The call counts as running as long as its stream does.
    _running: Option<Running>,
}

impl Bounded {
    /// That stream, within those bounds.
    pub(crate) fn stream(stream: BodyStream, bounds: Bounds, running: Option<Running>) -> BodyStream {
        BodyStream::new(Bounded {
            stream,
            deadline: Box::pin(sleep_until(bounds.deadline)),
            late: bounds.late,
            idle: Box::pin(sleep_until(bounds.deadline)),
            longest_idle: bounds.idle,
            waits: false,
            pace: bounds.rate.map(Pace::new),
            _running: running,
        })
    }

    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        if !self.waits {
            self.waits = true;
            self.idle.as_mut().reset(Instant::now() + self.longest_idle);
        }
        ready!(self.idle.as_mut().poll(cx));
        Poll::Ready(Some(Err(cut_idle(self.longest_idle))))
    }
}

impl Source for Bounded {
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        let bounded = self.get_mut();
        if bounded.deadline.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(bounded.late.clone())));
        }
        if let Some(pace) = &mut bounded.pace {
            ready!(pace.poll(cx));
        }
        let Poll::Ready(next) = bounded.stream.poll_next(cx) else { return bounded.poll_idle(cx) };
        bounded.waits = false;
        if let (Some(pace), Some(Ok(data))) = (&mut bounded.pace, &next) {
            pace.passed(data.len());
        }
        Poll::Ready(next)
    }
}

/// The speed of what comes beyond the first 10 MB.
struct Pace {
    rate: u64,
    passed: u64,
    /// Since when it counts.
    since: Option<Instant>,
    /// Until the next bytes may pass.
    wait: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    fn new(rate: u64) -> Pace {
        Pace { rate, passed: 0, since: None, wait: None }
    }

    fn passed(&mut self, bytes: usize) {
        self.passed += bytes as u64;
        let Some(beyond) = self.passed.checked_sub(FREE).filter(|beyond| *beyond > 0) else { return };
        let since = *self.since.get_or_insert_with(Instant::now);
        let due = since + Duration::from_secs_f64(beyond as f64 / self.rate as f64);
        if due > Instant::now() {
            self.wait = Some(Box::pin(sleep_until(due)));
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(wait) = &mut self.wait {
            ready!(wait.as_mut().poll(cx));
            self.wait = None;
        }
        Poll::Ready(())
    }
}
