//! `Explanation`: why a policy says what it says, statement by statement.

use std::fmt::{self, Display};

use super::decision::{Decision, Outcome};
use super::facts::RequestFacts;
use super::statement::{Differs, Statement};

/// Why a policy says what it says of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The ARN asked about.
    pub arn: String,
    /// What the policy says.
    pub decision: Decision,
    /// Each statement in order.
    pub judgements: Vec<Judgement>,
}

/// What a statement has to do with the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Its place, counted from 0.
    pub statement: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Whether its effect is `Deny`.
    pub denies: bool,
    /// Whether it is about the call, or what keeps it from it.
    pub reason: Reason,
}

/// Whether a statement is about a call, or what keeps it from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It is about the call.
    Matches,
    /// Its actions do not cover `execute-api:Invoke`.
    Action,
    /// It is not about this caller.
    Principal,
    /// It is not about this ARN.
    Resource {
        /// `Resource` or `NotResource`.
        element: &'static str,
        /// Its values, short forms written out.
        values: Vec<String>,
    },
    /// A condition does not hold.
    Condition {
        /// The operator.
        operator: String,
        /// The key.
        key: String,
        /// The policy's values.
        expected: Vec<String>,
        /// The request's values; none when it does not have the key.
        found: Vec<String>,
    },
}

impl Judgement {
    pub(super) fn new(place: usize, statement: &Statement, arn: &str, facts: &RequestFacts) -> Judgement {
        let reason = match statement.differs(arn, facts) {
            None => Reason::Matches,
            Some(Differs::Action) => Reason::Action,
            Some(Differs::Principal) => Reason::Principal,
            Some(Differs::Resource) => {
                let (element, values) = statement.resources();
                Reason::Resource { element, values }
            }
            Some(Differs::Condition { written, found }) => Reason::Condition {
                operator: written.operator.to_string(),
                key: written.key.to_string(),
                expected: written.values.clone(),
                found,
            },
        };
        Judgement {
            statement: place,
            sid: statement.sid.as_deref().map(str::to_owned),
            denies: statement.denies,
            reason,
        }
    }
}

impl Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let arn = &self.arn;
        match (self.decision.outcome, self.decision.statement) {
            (Outcome::Allow, Some(n)) => write!(f, "statement {n} allows {arn}")?,
            (Outcome::Deny, Some(n)) => write!(f, "statement {n} denies {arn}")?,
            _ => write!(f, "no statement covers {arn}")?,
        }
        self.judgements.iter().try_for_each(|judgement| write!(f, "\n{judgement}"))
    }
}

impl Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "statement {}", self.statement)?;
        if let Some(sid) = &self.sid {
            write!(f, " `{sid}`")?;
        }
        let effect = if self.denies { "Deny" } else { "Allow" };
        write!(f, " ({effect}) {}", self.reason)
    }
}

impl Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Reason::Matches => f.write_str("matches"),
            Reason::Action => f.write_str("is not about the action `execute-api:Invoke`"),
            Reason::Principal => f.write_str("is not about this caller"),
            Reason::Resource { element, values } => {
                write!(f, "is not about this ARN: `{element}` is {}", Listed(values))
            }
            Reason::Condition { operator, key, expected, found } => {
                write!(f, "does not hold: `{operator}` of `{key}` with {}: ", Listed(expected))?;
                match &found[..] {
                    [] => f.write_str("the request does not have it"),
                    found => write!(f, "the request has {}", Listed(found)),
                }
            }
        }
    }
}

/// "`a`, `b`"
struct Listed<'a>(&'a [String]);

impl Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("empty");
        }
        for (n, value) in self.0.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            write!(f, "{comma}`{value}`")?;
        }
        Ok(())
    }
}
