//! Asks a filter about one element.

use std::cmp::Ordering;
use std::sync::Arc;

use super::budget::too_many_steps;
use super::eval::{self, Scope, Walk};
use super::fault::{Fault, other};
use super::literal::{JsonLiteral, Scalar, Shape};
use super::operand::Operand;
use super::query::{Expression, Node, Operator, Query};
use super::regex::Matcher;
use crate::value::{Value, work};

impl Walk<'_, '_> {
    /// Whether the filter accepts the element. What is no sensible question is answered with no.
    pub(super) fn accepts(&mut self, filter: &Expression, element: &Value) -> Result<bool, Fault> {
        match self.ask(filter, element) {
            Err(Fault::InvalidPath(_) | Fault::PathNotFound) => Ok(false),
            answer => answer,
        }
    }

    fn ask(&mut self, filter: &Expression, element: &Value) -> Result<bool, Fault> {
        match filter {
            Expression::Or(alternatives) => {
                for alternative in alternatives {
                    if self.ask(alternative, element)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Expression::And(parts) => {
                for part in parts {
                    if !self.ask(part, element)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Expression::Not(inner) => self.ask(inner, element).map(|answer| !answer),
            Expression::Exists(path, wanted) => self.leads_somewhere(path, element).map(|found| found == *wanted),
            Expression::Compare(left, operator, right) => {
                let left = self.operand(left, element)?;
                let right = self.operand(right, element)?;
                compare(&left, *operator, &right)
            }
        }
    }

    /// Even a path from `$` is tried on the element, which is how json-path does it.
    fn leads_somewhere(&mut self, path: &Query, element: &Value) -> Result<bool, Fault> {
        let scope = Scope { strict: true, ..self.scope };
        match eval::read(path, element, scope, self.budget) {
            Ok(_) => Ok(true),
            Err(Fault::PathNotFound) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    fn operand<'n>(&mut self, node: &'n Node, element: &Value) -> Result<Operand<'n>, Fault> {
        match node {
            Node::Scalar(scalar) => Ok(Operand::Scalar(scalar.clone())),
            Node::Json(literal) => Ok(Operand::Literal(literal)),
            Node::Pattern(matcher) => Ok(Operand::Pattern(matcher)),
            Node::Path(path) => match self.follow(path, element) {
                Ok(value) => Operand::of(value),
                Err(Fault::PathNotFound) => Ok(Operand::Scalar(Scalar::Undefined)),
                Err(fault) => Err(fault),
            },
        }
    }

    fn follow(&mut self, path: &Arc<Query>, element: &Value) -> Result<Value, Fault> {
        if !path.from_root {
            return eval::read(path, element, self.scope, self.budget);
        }
        let key = Arc::as_ptr(path);
        if let Some((_, value)) = self.roots.iter().find(|(known, _)| *known == key) {
            return Ok(value.clone());
        }
        let value = eval::read(path, self.scope.root, self.scope, self.budget)?;
        self.roots.push((key, value.clone()));
        Ok(value)
    }
}

fn compare(left: &Operand, operator: Operator, right: &Operand) -> Result<bool, Fault> {
    match operator {
        Operator::Equal => left.equals(right),
        Operator::NotEqual => left.equals(right).map(|equal| !equal),
        Operator::SameTypeEqual => left.same_type_equals(right),
        Operator::SameTypeNotEqual => left.same_type_equals(right).map(|equal| !equal),
        Operator::Less => Ok(order(left, right).is_some_and(Ordering::is_lt)),
        Operator::LessOrEqual => Ok(order(left, right).is_some_and(Ordering::is_le)),
        Operator::Greater => Ok(order(left, right).is_some_and(Ordering::is_gt)),
        Operator::GreaterOrEqual => Ok(order(left, right).is_some_and(Ordering::is_ge)),
        Operator::Regex => matches(left, right),
        Operator::In => is_in(left, right),
        Operator::NotIn => is_in(left, right).map(|found| !found),
        Operator::Contains => contains(left, right),
        Operator::Size => has_size(left, right),
        Operator::Empty => is_empty(left, right),
        Operator::Exists => exists(left, right),
        Operator::SubsetOf => lists(left, right, |left, right| left.iter().all(|l| right.iter().any(|r| l.equals(r)))),
        Operator::AnyOf => lists(left, right, any_of),
        Operator::NoneOf => lists(left, right, |left, right| !any_of(left, right)),
        Operator::Unwritable => Err(Fault::InvalidPath("no operand of the right kind can be written".to_owned())),
    }
}

/// Numbers by value, strings by their UTF-16 units; nothing else has an order.
fn order(left: &Operand, right: &Operand) -> Option<Ordering> {
    let (Operand::Scalar(left), Operand::Scalar(right)) = (left, right) else { return None };
    match (left, right) {
        (Scalar::Number(left), Scalar::Number(right)) => Some(left.compare(right)),
        (Scalar::Str(left), Scalar::Str(right)) => Some(left.encode_utf16().cmp(right.encode_utf16())),
        _ => None,
    }
}

fn is_in(left: &Operand, right: &Operand) -> Result<bool, Fault> {
    Ok(right.elements()?.is_some_and(|elements| elements.iter().any(|element| left.equals_element(element))))
}

fn contains(left: &Operand, right: &Operand) -> Result<bool, Fault> {
    match (left, right) {
        (Operand::Scalar(Scalar::Str(left)), Operand::Scalar(Scalar::Str(right))) => Ok(left.contains(&**right)),
        (Operand::Scalar(_) | Operand::Pattern(_), _) => Ok(false),
        _ => is_in(right, left),
    }
}

fn lists(left: &Operand, right: &Operand, check: fn(&[Scalar], &[Scalar]) -> bool) -> Result<bool, Fault> {
    let Some(right) = right.elements()? else { return Ok(false) };
    let Some(left) = left.elements()? else { return Ok(false) };
    // Each element with each.
    work::spend(left.len() as u64 * right.len() as u64 / 10);
    if work::left() == 0 {
        return too_many_steps();
    }
    Ok(check(&left, &right))
}

fn any_of(left: &[Scalar], right: &[Scalar]) -> bool {
    left.iter().any(|left| right.iter().any(|right| left.equals(right)))
}

fn has_size(left: &Operand, right: &Operand) -> Result<bool, Fault> {
    let Operand::Scalar(Scalar::Number(size)) = right else { return Ok(false) };
    let actual = match left {
        Operand::Scalar(Scalar::Str(text)) => text.encode_utf16().count(),
        Operand::Scalar(_) | Operand::Pattern(_) => return Ok(false),
        Operand::List(list) => list.len(),
        Operand::Literal(literal) => match literal_length(literal)? {
            Some(length) => length,
            None => return Ok(size.int_value() == -1),
        },
        Operand::Map(_) => return Ok(size.int_value() == -1),
    };
    Ok(i32::try_from(actual) == Ok(size.int_value()))
}

/// How many elements a written list has; `None` when it is a map.
fn literal_length(literal: &JsonLiteral) -> Result<Option<usize>, Fault> {
    match &literal.shape {
        Shape::Invalid => other("IllegalArgumentException: invalid JSON in the filter"),
        Shape::Map => Ok(None),
        Shape::List(_) => match literal.value()? {
            Value::List(list) => Ok(Some(list.len())),
            _ => Ok(None),
        },
    }
}

fn is_empty(left: &Operand, right: &Operand) -> Result<bool, Fault> {
    let empty = match left {
        Operand::Scalar(Scalar::Str(text)) => text.is_empty(),
        Operand::Scalar(_) | Operand::Pattern(_) => return Ok(false),
        Operand::List(list) => list.is_empty(),
        Operand::Map(_) => return other("ClassCastException: a map is no collection"),
        Operand::Literal(literal) => match literal_length(literal)? {
            Some(length) => length == 0,
            None => return other("ClassCastException: a map is no collection"),
        },
    };
    boolean(right).map(|wanted| wanted == empty)
}

fn exists(left: &Operand, right: &Operand) -> Result<bool, Fault> {
    let is_boolean = |operand: &Operand| matches!(operand, Operand::Scalar(Scalar::Bool(_)));
    if !is_boolean(left) && !is_boolean(right) {
        return other("JsonPathException: Failed to evaluate exists expression");
    }
    Ok(boolean(left)? == boolean(right)?)
}

fn boolean(operand: &Operand) -> Result<bool, Fault> {
    match operand {
        Operand::Scalar(Scalar::Bool(v)) => Ok(*v),
        _ => Err(Fault::InvalidPath("expected a boolean".to_owned())),
    }
}

/// `=~`: the pattern may stand on either side, and of a list one element has to match.
fn matches(left: &Operand, right: &Operand) -> Result<bool, Fault> {
    let (matcher, subject) = match (left, right) {
        (Operand::Pattern(_), Operand::Pattern(_)) => return Ok(false),
        (Operand::Pattern(matcher), subject) | (subject, Operand::Pattern(matcher)) => (matcher, subject),
        _ => return Ok(false),
    };
    let one = |scalar: &Scalar, matcher: &Matcher| match scalar {
        Scalar::Str(text) => matcher.matches(text),
        Scalar::Number(number) => matcher.matches(&number.text()),
        Scalar::Bool(v) => matcher.matches(if *v { "true" } else { "false" }),
        _ => matcher.matches(""),
    };
    match subject {
        Operand::Scalar(scalar) => Ok(one(scalar, matcher)),
        _ => match subject.elements()? {
            Some(elements) => Ok(elements.iter().any(|element| one(element, matcher))),
            None => Ok(matcher.matches("")),
        },
    }
}
