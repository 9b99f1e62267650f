//! What a Lambda authorizer answered, or why that is no answer.

use std::fmt::{self, Display};

use serde_json::{Map, Value};

use super::policy::{Policy, PolicyError, PolicyKind};

/// A policy, with what the function says of the caller. `C` is a value of the context.
#[derive(Debug, Clone)]
pub struct PolicyAnswer<C> {
    /// `principalId`: AWS demands it in words, and evaluates the policy without it (measured by others).
    pub principal_id: Option<String>,
    /// `policyDocument`
    pub policy: Policy,
    /// `context`, in the answer's order.
    pub context: Vec<(String, C)>,
    /// `usageIdentifierKey`: the API key, when keys come from the authorizer.
    pub usage_identifier_key: Option<String>,
}

/// `{"isAuthorized": true}`: what an HTTP API's authorizer may answer instead of a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct SimpleAnswer {
    /// Whether the caller may.
    pub is_authorized: bool,
    /// `context`, as it is.
    pub context: Vec<(String, Value)>,
}

/// Why a function's answer is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerFault {
    /// It is no JSON.
    NotJson(String),
    /// It is JSON, but no object.
    NotAnObject,
    /// A field that AWS's reader does not know, which it refuses (observed: `Unrecognized field "errorType"`).
    UnknownField(String),
    /// `policyDocument` is missing or null.
    NoPolicy,
    /// `policyDocument` cannot be read.
    Policy(PolicyError),
    /// The field is an object or a list where a text belongs.
    NotText(&'static str),
    /// `context` is no object.
    ContextNotAnObject,
    /// A value of the context is an object or a list.
    Nested(String),
    /// `isAuthorized` is missing, or is not `true` or `false`.
    NotBoolean,
}

/// Reads the answer of a REST API's authorizer: context values become texts, nulls are left out.
pub fn read_rest(payload: &[u8]) -> Result<PolicyAnswer<String>, AnswerFault> {
    let fields = object(payload)?;
    const KNOWN: [&str; 4] = ["principalId", "policyDocument", "context", "usageIdentifierKey"];
    if let Some(name) = fields.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(AnswerFault::UnknownField(name.clone()));
    }
    let mut answer = PolicyAnswer {
        principal_id: text(&fields, "principalId")?,
        policy: policy(&fields)?,
        context: Vec::new(),
        usage_identifier_key: text(&fields, "usageIdentifierKey")?,
    };
    for (key, value) in context(fields)? {
        match scalar(&value) {
            Some(value) => answer.context.push((key, value)),
            None if value.is_null() => {}
            None => return Err(AnswerFault::Nested(key)),
        }
    }
    Ok(answer)
}

/// Reads the answer of an HTTP API's authorizer that gives a policy: context values keep their types.
pub fn read_http(payload: &[u8]) -> Result<PolicyAnswer<Value>, AnswerFault> {
    let fields = object(payload)?;
    Ok(PolicyAnswer {
        principal_id: text(&fields, "principalId")?,
        policy: policy(&fields)?,
        usage_identifier_key: None,
        context: context(fields)?,
    })
}

/// Reads the answer of an HTTP API's authorizer with simple responses: `"true"`, a text, authorizes nobody.
pub fn read_simple(payload: &[u8]) -> Result<SimpleAnswer, AnswerFault> {
    let fields = object(payload)?;
    let is_authorized = fields.get("isAuthorized").and_then(Value::as_bool).ok_or(AnswerFault::NotBoolean)?;
    Ok(SimpleAnswer { is_authorized, context: context(fields)? })
}

fn object(payload: &[u8]) -> Result<Map<String, Value>, AnswerFault> {
    match serde_json::from_slice(payload) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(AnswerFault::NotAnObject),
        Err(e) => Err(AnswerFault::NotJson(e.to_string())),
    }
}

fn policy(fields: &Map<String, Value>) -> Result<Policy, AnswerFault> {
    match fields.get("policyDocument") {
        None | Some(Value::Null) => Err(AnswerFault::NoPolicy),
        Some(document) => Policy::read(document, PolicyKind::Authorizer).map_err(AnswerFault::Policy),
    }
}

fn text(fields: &Map<String, Value>, name: &'static str) -> Result<Option<String>, AnswerFault> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => scalar(value).map(Some).ok_or(AnswerFault::NotText(name)),
    }
}

fn context(mut fields: Map<String, Value>) -> Result<Vec<(String, Value)>, AnswerFault> {
    match fields.remove("context") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(context)) => Ok(context.into_iter().collect()),
        Some(_) => Err(AnswerFault::ContextNotAnObject),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(bool) => Some(bool.to_string()),
        _ => None,
    }
}

impl Display for AnswerFault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            AnswerFault::NotJson(why) => write!(f, "the answer is no JSON: {why}"),
            AnswerFault::NotAnObject => f.write_str("the answer is no JSON object"),
            AnswerFault::UnknownField(name) => write!(f, "the answer has a field `{name}`, which API Gateway refuses"),
            AnswerFault::NoPolicy => f.write_str("the answer has no `policyDocument`"),
            AnswerFault::Policy(e) => write!(f, "`policyDocument`: {e}"),
            AnswerFault::NotText(name) => write!(f, "`{name}`: expected a text"),
            AnswerFault::ContextNotAnObject => f.write_str("`context`: expected an object"),
            AnswerFault::Nested(key) => {
                write!(f, "`context.{key}`: expected a text, a number, `true` or `false`, found an object or a list")
            }
            AnswerFault::NotBoolean => f.write_str("`isAuthorized`: expected `true` or `false`"),
        }
    }
}
