//! Policies: documents in IAM's language, compiled once, and what they say of a call.
//!
//! ```text
//! document (JSON) ─► policy ─► statement ─► principal, wildcard (Resource), condition ─► operator, network, wildcard
//!                      └─ decide(ARN, facts) ─► Decision          explain(ARN, facts) ─► why, statement by statement
//! ```
//!
//! Three users: the answers of Lambda authorizers, resource policies, the policies of IAM identities. The only action is
//! `execute-api:Invoke`. What cannot be read is an error, never a policy that says less than it should.

mod condition;
mod decision;
mod error;
mod explanation;
mod facts;
mod kind;
mod network;
mod operator;
#[expect(clippy::module_inception, reason = "the type that the folder is named after")]
mod policy;
mod principal;
mod statement;
mod values;
mod wildcard;

pub use decision::{Decision, Outcome};
pub use error::{Fault, PolicyError};
pub use explanation::{Explanation, Judgement, Reason};
pub use facts::RequestFacts;
pub use kind::PolicyKind;
pub use network::Network;
pub use policy::Policy;
