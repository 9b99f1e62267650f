//! A tower layer that bounds the requests without an answer: whether one more is welcome goes along with it.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use prometheus::{IntCounter, IntGauge};
use tower::{Layer, Service};

/// Counts requests in `counter`, which all threads share, and lets `most` of them in at a time.
#[derive(Clone)]
pub(crate) struct InFlightLayer(Rc<Bound>);

struct Bound {
    counter: Arc<AtomicUsize>,
    most: usize,
    refused: IntCounter,
    gauge: IntGauge,
}

impl InFlightLayer {
    /// The layer; `gauge` follows those that are in, what is too much is counted in `refused`.
    pub(crate) fn new(counter: Arc<AtomicUsize>, most: usize, refused: IntCounter, gauge: IntGauge) -> InFlightLayer {
        InFlightLayer(Rc::new(Bound { counter, most, refused, gauge }))
    }

    fn enter(&self) -> Option<InFlight> {
        if self.0.counter.fetch_add(1, Ordering::Relaxed) >= self.0.most {
            self.0.counter.fetch_sub(1, Ordering::Relaxed);
            self.0.refused.inc();
            return None;
        }
        self.0.gauge.inc();
        Some(InFlight(self.0.clone()))
    }
}

/// One request in flight, for as long as it lives: up to the last byte of its answer, as it goes along with that.
pub(crate) struct InFlight(Rc<Bound>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.gauge.dec();
        self.0.counter.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<S> Layer<S> for InFlightLayer {
    type Service = Bounded<S>;

    fn layer(&self, inner: S) -> Bounded<S> {
        Bounded { inner, layer: self.clone() }
    }
}

/// See [`InFlightLayer`]. The inner service gets each request with its place; with `None` it is one too many.
#[derive(Clone)]
pub(crate) struct Bounded<S> {
    inner: S,
    layer: InFlightLayer,
}

impl<S, Q> Service<Q> for Bounded<S>
where
    S: Service<(Q, Option<InFlight>)>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Q) -> S::Future {
        let place = self.layer.enter();
        self.inner.call((request, place))
    }
}

/// Counts one while it lives.
pub(crate) struct Counted {
    counter: Arc<AtomicUsize>,
    /// How many there were before.
    pub before: usize,
}

impl Counted {
    /// Counts one more.
    pub(crate) fn new(counter: Arc<AtomicUsize>) -> Counted {
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
    use std::future::{Ready, ready};

    #[test]
    fn one_too_many_is_told_and_an_end_makes_room() {
        let counter = Arc::new(AtomicUsize::new(0));
        let refused = IntCounter::new("refused", "refused").unwrap_or_else(|e| unreachable!("{e}"));
        let gauge = IntGauge::new("in_flight", "in flight").unwrap_or_else(|e| unreachable!("{e}"));
        let layer = InFlightLayer::new(counter.clone(), 2, refused.clone(), gauge.clone());
        let mut service = layer.layer(tower::service_fn(
            |((), place): ((), Option<InFlight>)| -> Ready<Result<Option<InFlight>, Infallible>> { ready(Ok(place)) },
        ));
        let mut enter = || service.call(()).into_inner().unwrap_or_else(|never| match never {});
        let (a, b, c) = (enter(), enter(), enter());
        assert_eq!((a.is_some(), b.is_some(), c.is_some()), (true, true, false));
        assert_eq!((counter.load(Ordering::Relaxed), gauge.get(), refused.get()), (2, 2, 1));
        drop(a);
        let d = enter();
        assert!(d.is_some());
        drop((b, d));
        assert_eq!((counter.load(Ordering::Relaxed), gauge.get(), refused.get()), (0, 0, 1));
    }
}
