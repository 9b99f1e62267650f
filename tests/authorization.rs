//! Cases of `src/authorization`: policies, authorizers' answers, signatures, identity sources.

mod answers;
mod identity_sources;
mod naive;
mod policies;
mod random;
mod request;
mod signatures;
mod workflow;
