//! Cases of `src/authorization`: policies, authorizers' answers, identity sources.

mod answers;
mod identity_sources;
mod naive;
mod policies;
mod random;
mod request;
mod workflow;
