//! May this caller call this method: the pure half of authorizers, signatures and policies.
//!
//! | question | file |
//! |---|---|
//! | what a policy document says of a call | `policy/` |
//! | what a resource policy and an authorizer say together | `workflow.rs` |
//! | what a Lambda authorizer answered | `lambda_answer.rs` |
//! | whose signature a request bears | `signature/` |
//! | whether a token is good for an authorizer | `jwt/` |
//! | which values of a request identify its caller | `identity_source.rs` |
//!
//! No socket, no clock: keys, answers and the time are handed in. Every refusal is a typed fact; `Display` words it for
//! logs and `explain`, the gateway words it for clients.

mod api_arn;
mod calendar;
mod identity;
pub mod identity_source;
pub mod jwt;
pub mod lambda_answer;
pub mod policy;
pub mod signature;
pub mod workflow;

pub use api_arn::{ApiArn, METHOD_ARN_LIMIT, TooLong, masked};
pub use identity::{Identity, NotAnIdentity};
