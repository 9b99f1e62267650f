//! API keys, usage plans and throttles: who may call, and how often.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use governor::{DefaultDirectRateLimiter, RateLimiter};

use crate::api::{HttpApi, Quota, QuotaPeriod, RestApi, Throttle};
use crate::exchange::exchange::ShownKey;
use crate::failure::Failure;
use crate::mapping::time::Date;

/// The state of every throttle and quota of a stage; the canary shares it.
pub(crate) struct Throttles {
    keys: HashMap<String, Option<Key>>,
    stage: Option<Bucket>,
    /// By resource and method; an HTTP API's routes have no second number.
    methods: HashMap<(usize, usize), Bucket>,
}

/// An enabled key of a usage plan.
struct Key {
    id: Arc<str>,
    value: Arc<str>,
    throttle: Option<Bucket>,
    quota: Option<Usage>,
}

/// A token bucket.
enum Bucket {
    Limited(DefaultDirectRateLimiter),
    /// A rate or a burst of 0 lets nothing through.
    Closed,
}

/// What a key has used of its quota in the current period.
struct Usage {
    quota: Quota,
    /// The period and the requests in it.
    used: Mutex<(u64, u64)>,
}

impl Throttles {
    /// Nothing used yet.
    pub(crate) fn new(api: &RestApi) -> Throttles {
        let mut keys: HashMap<String, Option<Key>> =
            api.api_keys.values().map(|key| (key.value.clone(), None)).collect();
        for plan in api.usage_plans.values() {
            for name in &plan.keys {
                let Some(key) = api.api_keys.get(name).filter(|key| key.enabled) else { continue };
                // The first plan that has the key counts.
                keys.entry(key.value.clone()).or_default().get_or_insert_with(|| Key {
                    id: name.as_str().into(),
                    value: key.value.as_str().into(),
                    throttle: plan.throttle.map(Bucket::new),
                    quota: plan.quota.map(|quota| Usage { quota, used: Mutex::default() }),
                });
            }
        }
        let mut methods = HashMap::new();
        for (r, resource) in api.resources.iter().enumerate() {
            for (m, method) in resource.methods.iter().enumerate() {
                if let Some(throttle) = method.throttle {
                    methods.insert((r, m), Bucket::new(throttle));
                }
            }
        }
        Throttles { keys, stage: api.throttle.map(Bucket::new), methods }
    }

    /// Those of an HTTP API, which has no keys.
    pub(crate) fn of_routes(api: &HttpApi) -> Throttles {
        let own = api.routes.iter().enumerate().filter_map(|(n, route)| Some(((n, 0), Bucket::new(route.throttle?))));
        Throttles { keys: HashMap::new(), stage: api.throttle.map(Bucket::new), methods: own.collect() }
    }

    /// What was used of quotas goes on after a reload, for keys whose quota did not change.
    pub(crate) fn carry_over(&self, previous: &Throttles) {
        for (value, key) in &self.keys {
            let before = previous.keys.get(value).and_then(Option::as_ref).and_then(|key| key.quota.as_ref());
            if let (Some(now), Some(before)) = (key.as_ref().and_then(|key| key.quota.as_ref()), before)
                && now.quota == before.quota
            {
                *now.lock() = *before.lock();
            }
        }
    }

    /// Checks the key of a method that needs one, then its plan's throttle and quota.
    pub(crate) fn check_key(&self, shown: Option<&str>, time: SystemTime) -> Result<ShownKey, Failure> {
        let key = shown.and_then(|value| self.keys.get(value)).and_then(Option::as_ref).ok_or(Failure::ApiKey)?;
        if !key.throttle.as_ref().is_none_or(Bucket::takes_one) {
            return Err(Failure::Throttled);
        }
        if !key.quota.as_ref().is_none_or(|usage| usage.takes_one(time)) {
            return Err(Failure::Quota);
        }
        Ok(ShownKey { id: key.id.clone(), value: key.value.clone() })
    }

    /// Checks the method's throttle, or the stage's for a method that has none of its own.
    pub(crate) fn check_method(&self, resource: usize, method: usize) -> Result<(), Failure> {
        let bucket = match self.methods.is_empty() {
            true => None,
            false => self.methods.get(&(resource, method)),
        };
        match bucket.or(self.stage.as_ref()) {
            Some(bucket) if !bucket.takes_one() => Err(Failure::Throttled),
            _ => Ok(()),
        }
    }
}

impl Bucket {
    fn new(throttle: Throttle) -> Bucket {
        let period = Duration::try_from_secs_f64(1.0 / throttle.rate).ok().filter(|_| throttle.rate > 0.0);
        // Over a thousand million requests a second the period rounds to nothing.
        let period = period.map(|period| period.max(Duration::from_nanos(1)));
        match (period.and_then(governor::Quota::with_period), NonZeroU32::new(throttle.burst)) {
            (Some(quota), Some(burst)) => Bucket::Limited(RateLimiter::direct(quota.allow_burst(burst))),
            _ => Bucket::Closed,
        }
    }

    fn takes_one(&self) -> bool {
        match self {
            Bucket::Limited(limiter) => limiter.check().is_ok(),
            Bucket::Closed => false,
        }
    }
}

impl Usage {
    fn takes_one(&self, time: SystemTime) -> bool {
        let date = Date::of(time);
        let period = match self.quota.period {
            QuotaPeriod::Day => date.days,
            QuotaPeriod::Week => date.week(),
            QuotaPeriod::Month => date.year * 12 + date.month,
        };
        let mut used = self.lock();
        if used.0 != period {
            *used = (period, 0);
        }
        let left = used.1 < self.quota.limit;
        used.1 += u64::from(left);
        left
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (u64, u64)> {
        self.used.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
