//! `Statement`: one statement of a policy, read and compiled, and whether it is about a request.

use serde_json::{Map, Value};

use super::condition::{Condition, Written};
use super::error::{Fault, PolicyError, RESOURCE_LIMIT};
use super::facts::RequestFacts;
use super::kind::PolicyKind;
use super::principal::Principals;
use super::values::{text_list, value_texts};
use super::wildcard::{Match, Syntax, Wildcard};

/// The only action that an API's caller can do.
const ACTION: &str = "execute-api:invoke";

/// One statement.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) sid: Option<Box<str>>,
    /// Whether its effect is `Deny`.
    pub(super) denies: bool,
    principals: Option<Principals>,
    /// Whether its actions cover `execute-api:Invoke`: there is no other question, so it is answered at once.
    invokes: bool,
    resources: Resources,
    conditions: Vec<Condition>,
}

/// `Resource` or `NotResource`.
#[derive(Debug, Clone)]
struct Resources {
    negated: bool,
    listed: Vec<Wildcard>,
}

/// The element of a statement that keeps it from a request.
pub(super) enum Differs<'s> {
    Action,
    Principal,
    Resource,
    Condition { written: &'s Written, found: Vec<String> },
}

impl Statement {
    pub(super) fn read(
        value: &Value,
        kind: PolicyKind,
        variables: bool,
        place: &str,
    ) -> Result<Statement, PolicyError> {
        let Value::Object(elements) = value else { return Err(PolicyError::new(place, Fault::Expected("an object"))) };
        check_names(elements, place)?;
        let denies = match elements.get("Effect").map(Value::as_str) {
            Some(Some("Allow")) => false,
            Some(Some("Deny")) => true,
            Some(_) => return Err(PolicyError::new(format!("{place}.Effect"), Fault::Expected("`Allow` or `Deny`"))),
            None => return Err(PolicyError::new(place, Fault::Missing("`Effect`"))),
        };
        let sid = match elements.get("Sid") {
            None => None,
            Some(Value::String(sid)) => Some(sid.as_str().into()),
            Some(_) => return Err(PolicyError::new(format!("{place}.Sid"), Fault::Expected("a text"))),
        };
        Ok(Statement {
            sid,
            denies,
            principals: principals(elements, kind, place)?,
            invokes: invokes(elements, place)?,
            resources: resources(elements, kind, variables, place)?,
            conditions: conditions(elements.get("Condition"), variables, &format!("{place}.Condition"))?,
        })
    }

    /// Whether the statement is about a call of that ARN.
    pub(super) fn is_about(&self, arn: &str, facts: &RequestFacts) -> bool {
        self.invokes
            && self.resources.include(arn, facts, self.denies)
            && self.principals.as_ref().is_none_or(|principals| principals.include(facts.caller))
            && self.conditions.iter().all(|condition| condition.holds(facts, self.denies))
    }

    /// The first element that keeps the statement from a call of that ARN; `None` when it is about it.
    pub(super) fn differs(&self, arn: &str, facts: &RequestFacts) -> Option<Differs<'_>> {
        if !self.invokes {
            return Some(Differs::Action);
        }
        if self.principals.as_ref().is_some_and(|principals| !principals.include(facts.caller)) {
            return Some(Differs::Principal);
        }
        if !self.resources.include(arn, facts, self.denies) {
            return Some(Differs::Resource);
        }
        let failing = self.conditions.iter().find(|condition| !condition.holds(facts, self.denies))?;
        Some(Differs::Condition { written: failing.written(), found: failing.found(facts) })
    }

    /// The resources as they were written.
    pub(super) fn resources(&self) -> (&'static str, Vec<String>) {
        let name = if self.resources.negated { "NotResource" } else { "Resource" };
        (name, self.resources.listed.iter().map(|resource| resource.source().to_owned()).collect())
    }
}

impl Resources {
    fn include(&self, arn: &str, facts: &RequestFacts, denies: bool) -> bool {
        Match::any(self.listed.iter().map(|resource| resource.matches(arn, facts))).holds(self.negated, denies)
    }
}

fn check_names(elements: &Map<String, Value>, place: &str) -> Result<(), PolicyError> {
    const NAMES: [&str; 9] =
        ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];
    match elements.keys().find(|name| !NAMES.contains(&name.as_str())) {
        Some(name) => Err(PolicyError::new(format!("{place}.{name}"), Fault::UnknownElement)),
        None => Ok(()),
    }
}

/// The element or its `Not` form, and whether it is that; never both.
fn either<'v>(
    elements: &'v Map<String, Value>,
    name: &'static str,
    not_name: &'static str,
    both: &'static str,
    place: &str,
) -> Result<Option<(&'v Value, bool, String)>, PolicyError> {
    match (elements.get(name), elements.get(not_name)) {
        (Some(_), Some(_)) => Err(PolicyError::new(place, Fault::Both(both))),
        (Some(value), None) => Ok(Some((value, false, format!("{place}.{name}")))),
        (None, Some(value)) => Ok(Some((value, true, format!("{place}.{not_name}")))),
        (None, None) => Ok(None),
    }
}

/// A resource policy must say whom it is about; an identity's policy is about that identity.
fn principals(elements: &Map<String, Value>, kind: PolicyKind, place: &str) -> Result<Option<Principals>, PolicyError> {
    let element = either(elements, "Principal", "NotPrincipal", "`Principal` and `NotPrincipal`", place)?;
    match (element, kind) {
        (None, PolicyKind::Resource(_)) => Err(PolicyError::new(place, Fault::Missing("`Principal`"))),
        (Some((_, _, place)), PolicyKind::Identity) => Err(PolicyError::new(place, Fault::Misplaced)),
        (None, _) => Ok(None),
        (Some((value, negated, place)), _) => Principals::read(value, negated, &place).map(Some),
    }
}

/// Actions have no case.
fn invokes(elements: &Map<String, Value>, place: &str) -> Result<bool, PolicyError> {
    let (value, negated, place) = either(elements, "Action", "NotAction", "`Action` and `NotAction`", place)?
        .ok_or_else(|| PolicyError::new(place, Fault::Missing("`Action`")))?;
    let listed = text_list(value, &place)?;
    if negated && listed.is_empty() {
        return Err(PolicyError::new(place, Fault::Empty));
    }
    let covers = |action: &&str| Wildcard::glob(&action.to_ascii_lowercase()).is(ACTION);
    Ok(listed.iter().any(covers) != negated)
}

fn resources(
    elements: &Map<String, Value>,
    kind: PolicyKind,
    variables: bool,
    place: &str,
) -> Result<Resources, PolicyError> {
    let (value, negated, place) = either(elements, "Resource", "NotResource", "`Resource` and `NotResource`", place)?
        .ok_or_else(|| PolicyError::new(place, Fault::Missing("`Resource`")))?;
    let listed = text_list(value, &place)?;
    if negated && listed.is_empty() {
        return Err(PolicyError::new(place, Fault::Empty));
    }
    let longest = listed.iter().map(|resource| resource.chars().count()).max().unwrap_or(0);
    if matches!(kind, PolicyKind::Authorizer) && longest > RESOURCE_LIMIT {
        return Err(PolicyError::new(place, Fault::TooLong(longest)));
    }
    let syntax = Syntax { wildcards: true, variables };
    let wildcard = |resource: &&str| match kind {
        PolicyKind::Resource(api) => match api.expand(resource) {
            Some(arn) => Wildcard::new(&arn, syntax),
            None => Wildcard::new(resource, syntax),
        },
        _ => Wildcard::new(resource, syntax),
    };
    Ok(Resources { negated, listed: listed.iter().map(wildcard).collect() })
}

fn conditions(value: Option<&Value>, variables: bool, place: &str) -> Result<Vec<Condition>, PolicyError> {
    let mut conditions = Vec::new();
    let Some(value) = value else { return Ok(conditions) };
    let Value::Object(operators) = value else { return Err(PolicyError::new(place, Fault::Expected("an object"))) };
    for (operator, keys) in operators {
        let place = format!("{place}.{operator}");
        let Value::Object(keys) = keys else { return Err(PolicyError::new(place, Fault::Expected("an object"))) };
        for (key, values) in keys {
            let place = format!("{place}.{key}");
            conditions.push(Condition::new(operator, key, value_texts(values, &place)?, variables, &place)?);
        }
    }
    Ok(conditions)
}
