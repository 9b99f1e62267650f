//! Authorizers' answers while they count: policy and context, to be evaluated afresh for each method.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use ahash::AHashMap;

use crate::authorization::identity_source::CacheKey;

/// Most answers that are kept.
const MOST: usize = 65_536;

/// The answers that are kept; the canary shares them.
pub(crate) struct AuthorizerCache<A>(Mutex<AHashMap<CacheKey, Kept<A>>>);

/// An answer, and since when it counts.
pub(crate) struct Kept<A> {
    /// The answer.
    pub(crate) answer: Arc<A>,
    /// When it was kept.
    pub(crate) since: SystemTime,
    until: SystemTime,
}

impl<A> Default for AuthorizerCache<A> {
    fn default() -> AuthorizerCache<A> {
        AuthorizerCache(Mutex::default())
    }
}

impl<A> AuthorizerCache<A> {
    /// The answer under that key, if it counts at that time.
    pub(crate) fn get(&self, key: &CacheKey, now: SystemTime) -> Option<Kept<A>> {
        let kept = self.lock();
        let Kept { answer, since, until } = kept.get(key).filter(|kept| now < kept.until)?;
        Some(Kept { answer: answer.clone(), since: *since, until: *until })
    }

    /// Keeps an answer.
    pub(crate) fn keep(&self, key: CacheKey, answer: Arc<A>, now: SystemTime, ttl: Duration) {
        let mut kept = self.lock();
        if kept.len() >= MOST {
            kept.retain(|_, kept| now < kept.until);
        }
        // Tokens that nobody shows again may not push out memory: any other answer can be asked for once more.
        if kept.len() >= MOST
            && let Some(any) = kept.keys().next().cloned()
        {
            kept.remove(&any);
        }
        kept.insert(key, Kept { answer, since: now, until: now + ttl });
    }

    fn lock(&self) -> MutexGuard<'_, AHashMap<CacheKey, Kept<A>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
