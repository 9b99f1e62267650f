//! `Decision`: what a policy says of a call.

/// What a policy says, in the words of API Gateway's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A statement allows, none denies.
    Allow,
    /// A statement denies.
    Deny,
    /// No statement is about the call.
    Neither,
}

/// What a policy says, and the statement that decided it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// What.
    pub outcome: Outcome,
    /// The deciding statement, counted from 0: the first that denies, else the first that allows.
    pub statement: Option<usize>,
}
