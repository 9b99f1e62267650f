//! Authorizers that are being asked: requests that ask under one key at once share one call.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::OnceCell;

use crate::authorization::identity_source::CacheKey;
use crate::exchange::call::IntegrationReply;
use crate::failure::Failure;
use crate::http1::message::Headers;

type Reply = Result<IntegrationReply, Failure>;

/// A reply that several can have: an authorizer's is always whole.
type Shared = Result<(u16, Headers, Bytes, bool), Failure>;

/// The calls that are out, over all threads.
#[derive(Default)]
pub(crate) struct Flights(Mutex<HashMap<CacheKey, Arc<OnceCell<Shared>>>>);

impl Flights {
    /// Joins those who ask under this key.
    pub(crate) fn join(&self, key: CacheKey) -> Flight<'_> {
        let cell = self.lock().entry(key.clone()).or_default().clone();
        Flight { flights: self, key, cell }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<CacheKey, Arc<OnceCell<Shared>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request's share in a call. It is to be dropped once the answer is kept where it counts: so who joins, and then looks there,
/// finds the call or its answer.
pub(crate) struct Flight<'a> {
    flights: &'a Flights,
    key: CacheKey,
    cell: Arc<OnceCell<Shared>>,
}

impl Flight<'_> {
    /// The reply to `call`, or to another request's that is out already; with whether it was this one. When the request that
    /// called goes away, one of those who wait makes its own call.
    pub(crate) async fn reply(&self, call: impl Future<Output = Reply>) -> (Reply, bool) {
        let mut is_own = false;
        let init = || {
            is_own = true;
            async {
                let IntegrationReply { status, headers, body, function_error, .. } = call.await?;
                Ok((status, headers, body.whole().clone(), function_error))
            }
        };
        let shared = self.cell.get_or_init(init).await.clone();
        let reply = shared.map(|(status, headers, body, function_error)| IntegrationReply {
            status,
            headers,
            body: body.into(),
            function_error,
            ..IntegrationReply::default()
        });
        (reply, is_own)
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut cells = self.flights.lock();
        let is_same = cells.get(&self.key).is_some_and(|cell| Arc::ptr_eq(cell, &self.cell));
        // The map's and this one's: nobody else waits for an answer that never came.
        if is_same && (self.cell.initialized() || Arc::strong_count(&self.cell) <= 2) {
            cells.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn requests_that_ask_at_once_share_one_call() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let (flights, calls) = (Flights::default(), Cell::new(0));
            let key = || CacheKey::new("guard", "prod", &["token".to_owned()]);
            let ask = || async {
                let flight = flights.join(key());
                let call = async {
                    calls.set(calls.get() + 1);
                    tokio::task::yield_now().await;
                    Ok(IntegrationReply::default())
                };
                flight.reply(call).await.1
            };
            let (first, second) = tokio::join!(ask(), ask());
            assert_eq!((first, second, calls.get()), (true, false, 1));
            assert!(flights.lock().is_empty());
            assert!(ask().await);
            assert_eq!(calls.get(), 2);
        });
    }
}
