//! API keys, usage plans, throttles and quotas: who may call how often.

/// An API key.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// What the client sends.
    pub value: String,
    /// A disabled key is refused.
    pub enabled: bool,
}

/// Who may call how often.
#[derive(Debug, Clone)]
pub struct UsagePlan {
    /// Names of the plan's API keys.
    pub keys: Vec<String>,
    /// Throttle of each key.
    pub throttle: Option<Throttle>,
    /// Requests in a period, of each key.
    pub quota: Option<Quota>,
}

/// A token bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throttle {
    /// Requests a second on the long run.
    pub rate: f64,
    /// Requests at once.
    pub burst: u32,
}

/// Requests in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many.
    pub limit: u64,
    /// In which time.
    pub period: QuotaPeriod,
}

/// A quota's period; it begins with the calendar's (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuotaPeriod {
    /// From midnight.
    Day,
    /// From Sunday (the week as API Gateway counts it).
    Week,
    /// From the first.
    Month,
}
