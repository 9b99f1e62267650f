//! `Policy`: a policy document, compiled, and what it decides.

use serde_json::Value;

use super::decision::{Decision, Outcome};
use super::error::{Fault, PolicyError};
use super::explanation::{Explanation, Judgement};
use super::facts::RequestFacts;
use super::kind::PolicyKind;
use super::statement::Statement;

/// A policy, compiled.
#[derive(Debug, Clone)]
pub struct Policy {
    statements: Vec<Statement>,
}

impl Policy {
    /// Compiles a policy document.
    pub fn read(document: &Value, kind: PolicyKind) -> Result<Policy, PolicyError> {
        let Value::Object(elements) = document else {
            return Err(PolicyError::new("", Fault::Expected("an object")));
        };
        if let Some(name) = elements.keys().find(|name| !["Version", "Id", "Statement"].contains(&name.as_str())) {
            return Err(PolicyError::new(name, Fault::UnknownElement));
        }
        // Variables came with the later version (documented).
        let variables = match elements.get("Version").map(Value::as_str) {
            None | Some(Some("2008-10-17")) => false,
            Some(Some("2012-10-17")) => true,
            Some(_) => return Err(PolicyError::new("Version", Fault::Expected("`2012-10-17` or `2008-10-17`"))),
        };
        if elements.get("Id").is_some_and(|id| !id.is_string()) {
            return Err(PolicyError::new("Id", Fault::Expected("a text")));
        }
        let statements = match elements.get("Statement") {
            None => return Err(PolicyError::new("", Fault::Missing("`Statement`"))),
            Some(Value::Array(statements)) => {
                let read = |(n, statement)| Statement::read(statement, kind, variables, &format!("Statement[{n}]"));
                statements.iter().enumerate().map(read).collect::<Result<_, _>>()?
            }
            Some(one) => vec![Statement::read(one, kind, variables, "Statement")?],
        };
        Ok(Policy { statements })
    }

    /// What the policy says of a call of that ARN.
    pub fn decide(&self, arn: &str, facts: &RequestFacts) -> Decision {
        let mut allowing = None;
        for (n, statement) in self.statements.iter().enumerate() {
            // Once something allows, only a denial can change anything.
            if (statement.denies || allowing.is_none()) && statement.is_about(arn, facts) {
                if statement.denies {
                    return Decision { outcome: Outcome::Deny, statement: Some(n) };
                }
                allowing = Some(n);
            }
        }
        let outcome = if allowing.is_some() { Outcome::Allow } else { Outcome::Neither };
        Decision { outcome, statement: allowing }
    }

    /// The same with the reasons of every statement, for those who ask why.
    pub fn explain(&self, arn: &str, facts: &RequestFacts) -> Explanation {
        let judge = |(n, statement): (usize, &Statement)| Judgement::new(n, statement, arn, facts);
        let judgements = self.statements.iter().enumerate().map(judge).collect();
        Explanation { arn: arn.to_owned(), decision: self.decide(arn, facts), judgements }
    }
}
