//! `PolicyError`: why a document is no policy, and where.

use std::fmt::{self, Display};

/// Most characters of a resource in an authorizer's answer.
pub(super) const RESOURCE_LIMIT: usize = 512;

/// What is wrong with a policy document, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// Where, such as `Statement[0].Condition.IpAddress.aws:SourceIp`.
    pub place: String,
    /// What.
    pub fault: Fault,
}

/// What is wrong in a policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Something else must stand there.
    Expected(&'static str),
    /// Something must stand there and does not.
    Missing(&'static str),
    /// Only one of the two may stand there.
    Both(&'static str),
    /// An empty list that would be about everything or nothing.
    Empty,
    /// The language has no such element.
    UnknownElement,
    /// The element is for another kind of policy.
    Misplaced,
    /// IAM has no such operator.
    Operator(String),
    /// A value that the operator cannot compare with.
    Operand {
        /// The value.
        value: String,
        /// What the operator compares.
        expected: &'static str,
    },
    /// A resource of so many characters in an authorizer's answer, which may have fewer (documented).
    TooLong(usize),
    /// Nobody can be called that.
    Principal(String),
}

impl PolicyError {
    pub(super) fn new(place: impl Into<String>, fault: Fault) -> PolicyError {
        PolicyError { place: place.into(), fault }
    }
}

impl Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let place = &self.place;
        match &self.fault {
            Fault::Expected(what) if place.is_empty() => write!(f, "the policy document: expected {what}"),
            Fault::Expected(what) => write!(f, "`{place}`: expected {what}"),
            Fault::Missing(what) if place.is_empty() => write!(f, "the policy document has no {what}"),
            Fault::Missing(what) => write!(f, "`{place}` has no {what}"),
            Fault::Both(what) => write!(f, "`{place}` has both {what}"),
            Fault::Empty => write!(f, "`{place}`: expected at least one value"),
            Fault::UnknownElement => write!(f, "`{place}` is no element of a policy"),
            Fault::Misplaced => write!(f, "`{place}` may not stand in this kind of policy"),
            Fault::Operator(name) => write!(f, "`{place}`: there is no condition operator `{name}`"),
            Fault::Operand { value, expected } => write!(f, "`{place}`: expected {expected}, found `{value}`"),
            Fault::TooLong(characters) => {
                write!(f, "`{place}`: {characters} characters, more than {RESOURCE_LIMIT}")
            }
            Fault::Principal(name) => {
                write!(f, "`{place}`: expected `*`, an account's number or an ARN of IAM, found `{name}`")
            }
        }
    }
}
