//! `Reasons`: why an exchange went as it did, beyond what the execution log of API Gateway says; one sentence each.

/// The sentences, by where on the way they belong.
#[derive(Debug, Default)]
pub(crate) struct Reasons {
    /// Which request template counts, and what the request's parameter mappings yielded.
    pub request: Vec<String>,
    /// How the backend was called.
    pub call: Vec<String>,
    /// Which response template counts, and what the answer's parameter mappings yielded.
    pub response: Vec<String>,
    /// Why the gateway itself answers.
    pub answer: Vec<String>,
}
