//! Cases of `src/authorization`: policies, authorizers' answers, signatures, tokens, identity sources.

mod answers;
mod identity_sources;
mod naive;
mod policies;
mod random;
mod request;
mod signatures;
mod token_forms;
mod tokens;
mod workflow;
