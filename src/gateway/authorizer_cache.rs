//! Authorizers' answers while they count: policy and context, to be evaluated afresh for each method.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::authorization::identity_source::CacheKey;
use crate::authorization::lambda_answer::PolicyAnswer;

/// Most answers that are kept.
const MOST: usize = 65_536;

/// The answers that are kept; the canary shares them.
#[derive(Default)]
pub(crate) struct AuthorizerCache(Mutex<HashMap<CacheKey, Kept>>);

/// An answer, and since when it counts.
#[derive(Clone)]
pub(crate) struct Kept {
    /// The answer.
    pub(crate) answer: Arc<PolicyAnswer<String>>,
    /// When it was kept.
    pub(crate) since: SystemTime,
    until: SystemTime,
}

impl AuthorizerCache {
    /// The answer under that key, if it counts at that time.
    pub(crate) fn get(&self, key: &CacheKey, now: SystemTime) -> Option<Kept> {
        self.lock().get(key).filter(|kept| now < kept.until).cloned()
    }

    /// Keeps an answer.
    pub(crate) fn keep(&self, key: CacheKey, answer: Arc<PolicyAnswer<String>>, now: SystemTime, ttl: Duration) {
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

    fn lock(&self) -> MutexGuard<'_, HashMap<CacheKey, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
