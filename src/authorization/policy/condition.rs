//! `Condition`: one operator on one key, compiled.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::error::{Fault, PolicyError};
use super::facts::RequestFacts;
use super::network::Network;
use super::operator::{Comparison, Operator, Order, Quantifier};
use super::wildcard::{Match, Syntax, Wildcard};
use crate::authorization::calendar;

/// One operator on one key.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    operator: Operator,
    /// The key in lower case: keys have no case.
    key: Box<str>,
    operands: Operands,
    written: Written,
}

/// The condition as it was written, for those who ask why.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) operator: Box<str>,
    pub(super) key: Box<str>,
    pub(super) values: Vec<String>,
}

/// What the request's value is compared with, read once.
#[derive(Debug, Clone)]
enum Operands {
    Texts(Vec<Wildcard>),
    TextsIgnoringCase(Vec<Wildcard>),
    Arns(Vec<Wildcard>),
    Numbers(Order, Vec<f64>),
    /// Milliseconds since 1970.
    Dates(Order, Vec<i64>),
    Bools(Vec<bool>),
    Binaries(Vec<Vec<u8>>),
    Networks(Vec<Network>),
    Null(Vec<bool>),
}

impl Condition {
    /// Compiles; `variables` says whether the policy's version has them. They stand in texts and ARNs only (documented).
    pub(super) fn new(
        operator_name: &str,
        key: &str,
        values: Vec<String>,
        variables: bool,
        place: &str,
    ) -> Result<Condition, PolicyError> {
        let operator = Operator::parse(operator_name)
            .ok_or_else(|| PolicyError::new(place, Fault::Operator(operator_name.to_owned())))?;
        if values.is_empty() {
            return Err(PolicyError::new(place, Fault::Empty));
        }
        let texts = |wildcards| values.iter().map(|v| Wildcard::new(v, Syntax { wildcards, variables })).collect();
        let operands = match operator.comparison {
            Comparison::StringEquals => Operands::Texts(texts(false)),
            Comparison::StringEqualsIgnoreCase => Operands::TextsIgnoringCase(texts(false)),
            Comparison::StringLike => Operands::Texts(texts(true)),
            Comparison::Arn => Operands::Arns(texts(true)),
            Comparison::Numeric(order) => Operands::Numbers(order, each(&values, number, "a number", place)?),
            Comparison::Date(order) => {
                let expected = "a date such as `2026-01-31T12:00:00Z`, or seconds since 1970";
                Operands::Dates(order, each(&values, calendar::parse_policy_date, expected, place)?)
            }
            Comparison::Bool => Operands::Bools(each(&values, boolean, "`true` or `false`", place)?),
            Comparison::Null => Operands::Null(each(&values, boolean, "`true` or `false`", place)?),
            Comparison::Binary => Operands::Binaries(each(&values, |v| STANDARD.decode(v).ok(), "base64", place)?),
            Comparison::IpAddress => Operands::Networks(each(
                &values,
                Network::parse,
                "an IP address or a range such as `10.0.0.0/8`",
                place,
            )?),
        };
        let written = Written { operator: operator_name.into(), key: key.into(), values };
        Ok(Condition { operator, key: key.to_ascii_lowercase().into(), operands, written })
    }

    /// Whether the condition holds; `denies` says what the statement would do.
    pub(super) fn holds(&self, facts: &RequestFacts, denies: bool) -> bool {
        let values = facts.values(&self.key);
        if let Operands::Null(expected) = &self.operands {
            return expected.contains(&values.is_empty());
        }
        let Operator { quantifier, negated, if_exists, .. } = self.operator;
        if values.is_empty() {
            return if_exists
                || match quantifier {
                    Quantifier::Single => negated,
                    Quantifier::ForAllValues => true,
                    Quantifier::ForAnyValue => false,
                };
        }
        let mut each = values.iter().map(|value| self.operands.compare(value, facts).holds(negated, denies));
        match quantifier {
            Quantifier::ForAllValues => each.all(|holds| holds),
            Quantifier::Single if negated => each.all(|holds| holds),
            Quantifier::Single | Quantifier::ForAnyValue => each.any(|holds| holds),
        }
    }

    /// The condition as it was written.
    pub(super) fn written(&self) -> &Written {
        &self.written
    }

    /// What the request has for the key.
    pub(super) fn found(&self, facts: &RequestFacts) -> Vec<String> {
        facts.values(&self.key).iter().map(str::to_owned).collect()
    }
}

impl Operands {
    /// Whether the request's value compares with any of the policy's.
    fn compare(&self, value: &str, facts: &RequestFacts) -> Match {
        match self {
            Operands::Texts(texts) => Match::any(texts.iter().map(|text| text.matches(value, facts))),
            Operands::TextsIgnoringCase(texts) => {
                Match::any(texts.iter().map(|text| text.equals_ignoring_case(value, facts)))
            }
            Operands::Arns(arns) => Match::any(arns.iter().map(|arn| arn.matches_arn(value, facts))),
            Operands::Numbers(order, numbers) => {
                number(value).is_some_and(|value| numbers.iter().any(|own| order.holds(&value, own))).into()
            }
            Operands::Dates(order, dates) => calendar::parse_policy_date(value)
                .is_some_and(|value| dates.iter().any(|own| order.holds(&value, own)))
                .into(),
            Operands::Bools(bools) => boolean(value).is_some_and(|value| bools.contains(&value)).into(),
            Operands::Binaries(binaries) => STANDARD.decode(value).is_ok_and(|value| binaries.contains(&value)).into(),
            Operands::Networks(networks) => value
                .parse::<IpAddr>()
                .is_ok_and(|address| networks.iter().any(|network| network.contains(address)))
                .into(),
            Operands::Null(_) => Match::No,
        }
    }
}

/// Reads every value, or says which one cannot be read.
fn each<T>(
    values: &[String],
    read: impl Fn(&str) -> Option<T>,
    expected: &'static str,
    place: &str,
) -> Result<Vec<T>, PolicyError> {
    let one = |value: &String| {
        read(value).ok_or_else(|| PolicyError::new(place, Fault::Operand { value: value.clone(), expected }))
    };
    values.iter().map(one).collect()
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}
