//! A tower layer that bounds the requests without an answer: one more is refused at once.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use prometheus::IntCounter;
use tower::{Layer, Service};

/// Counts requests in `counter`, which all threads share, and lets `most` of them through at a time.
#[derive(Clone)]
pub struct InFlightLayer<R> {
    counter: Arc<AtomicUsize>,
    most: usize,
    refused: IntCounter,
    refusal: fn() -> R,
}

impl<R> InFlightLayer<R> {
    /// The layer; what is too much is counted in `refused` and gets `refusal`.
    pub fn new(counter: Arc<AtomicUsize>, most: usize, refused: IntCounter, refusal: fn() -> R) -> InFlightLayer<R> {
        InFlightLayer { counter, most, refused, refusal }
    }
}

impl<S, R: Clone> Layer<S> for InFlightLayer<R> {
    type Service = InFlight<S, R>;

    fn layer(&self, inner: S) -> InFlight<S, R> {
        InFlight { inner, layer: self.clone() }
    }
}

/// See [`InFlightLayer`].
#[derive(Clone)]
pub struct InFlight<S, R> {
    inner: S,
    layer: InFlightLayer<R>,
}

impl<S, R, Q> Service<Q> for InFlight<S, R>
where
    S: Service<Q, Response = R>,
    S::Future: Unpin,
{
    type Response = R;
    type Error = S::Error;
    type Future = Counting<S::Future, R>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Q) -> Self::Future {
        let layer = &self.layer;
        let counted = Counted::new(layer.counter.clone());
        if counted.before >= layer.most {
            layer.refused.inc();
            return Counting::Refused(layer.refusal);
        }
        Counting::Let(self.inner.call(request), counted)
    }
}

/// A request that was let through or refused.
pub enum Counting<F, R> {
    /// On its way.
    Let(F, #[allow(dead_code, reason = "counts until it is dropped")] Counted),
    /// One too many.
    Refused(fn() -> R),
}

impl<F: Future<Output = Result<R, E>> + Unpin, R, E> Future for Counting<F, R> {
    type Output = Result<R, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<R, E>> {
        match self.get_mut() {
            Counting::Let(future, _) => Pin::new(future).poll(cx),
            Counting::Refused(refusal) => Poll::Ready(Ok(refusal())),
        }
    }
}

/// Counts one while it lives.
pub struct Counted {
    counter: Arc<AtomicUsize>,
    /// How many there were before.
    pub before: usize,
}

impl Counted {
    /// Counts one more.
    pub fn new(counter: Arc<AtomicUsize>) -> Counted {
        let before = counter.fetch_add(1, Ordering::Relaxed);
        Counted { counter, before }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.counter.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use std::future::{Pending, pending};

    #[test]
    fn one_too_many_is_refused_and_an_end_makes_room() {
        let counter = Arc::new(AtomicUsize::new(0));
        let refused = IntCounter::new("refused", "refused").unwrap_or_else(|e| unreachable!("{e}"));
        let layer = InFlightLayer::new(counter.clone(), 2, refused.clone(), || "refused");
        let mut service = layer.layer(tower::service_fn(|(): ()| -> Pending<Result<&str, Infallible>> { pending() }));
        let mut cx = Context::from_waker(std::task::Waker::noop());
        let mut poll = |call: &mut Counting<_, _>| Pin::new(call).poll(&mut cx);
        let (mut a, mut b, mut c) = (service.call(()), service.call(()), service.call(()));
        assert!(poll(&mut a).is_pending() && poll(&mut b).is_pending());
        assert_eq!(poll(&mut c), Poll::Ready(Ok("refused")));
        drop((a, c));
        assert!(poll(&mut service.call(())).is_pending());
        drop(b);
        assert_eq!((counter.load(Ordering::Relaxed), refused.get()), (0, 1));
    }
}
