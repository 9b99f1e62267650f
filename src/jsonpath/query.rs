//! A path, compiled: a chain of steps, and the expressions in its filters.

use std::sync::Arc;

use super::literal::{JsonLiteral, Scalar};
use super::regex::Matcher;

/// A compiled path, after its `$` or `@`.
#[derive(Debug)]
pub(super) struct Query {
    pub steps: Vec<PathStep>,
    /// It starts with `$`, not with `@`.
    pub from_root: bool,
    /// It gives one value, not a list of them.
    pub definite: bool,
    /// It ends in a function.
    pub is_function: bool,
    /// The one index of the last step but one, if that is what it is.
    pub index_before_last: Option<i32>,
}

/// One step of a path.
#[derive(Debug, Clone)]
pub(super) struct PathStep {
    pub token: Token,
    /// All steps before are definite.
    pub upstream_definite: bool,
}

/// What a step does.
#[derive(Debug, Clone)]
pub(super) enum Token {
    /// `.a`, `['a']`, `['a','b']`
    Property(Vec<Arc<str>>),
    /// `[0]`, `[0,-1]`
    Index(Vec<i32>),
    /// `[1:]`, `[1:2]`, `[:2]`
    Slice(Slice),
    /// `.*`, `[*]`
    Wildcard,
    /// `..`
    Scan,
    /// `[?(…)]`
    Filter(Arc<Expression>),
    /// `.length()`
    Function(Function),
}

/// Which part of an array.
#[derive(Debug, Clone, Copy)]
pub(super) enum Slice {
    From(i32),
    To(i32),
    Between(i32, i32),
}

/// A call of a function.
#[derive(Debug, Clone)]
pub(super) struct Function {
    /// What it is called.
    pub called: Arc<str>,
    /// `None` when there is no such function, which shows only when it is called.
    pub name: Option<FunctionName>,
    pub parameters: Vec<Parameter>,
    /// The first parameter with a wildcard behind it: what `length` counts.
    pub counted: Option<Arc<Query>>,
}

/// Which function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FunctionName {
    Average,
    StandardDeviation,
    Sum,
    Min,
    Max,
    Concatenate,
    Length,
    Append,
    Keys,
    First,
    Last,
    Index,
}

/// What a function is given.
#[derive(Debug, Clone)]
pub(super) enum Parameter {
    /// JSON, read when the function is called.
    Json(Arc<str>),
    /// A path from the root of the document.
    Path(Arc<Query>),
}

/// What a filter asks.
#[derive(Debug)]
pub(super) enum Expression {
    Or(Vec<Expression>),
    And(Vec<Expression>),
    Not(Box<Expression>),
    /// Whether the path leads somewhere, or must not.
    Exists(Arc<Query>, bool),
    Compare(Node, Operator, Node),
}

/// One side of a comparison.
#[derive(Debug)]
pub(super) enum Node {
    Scalar(Scalar),
    Json(JsonLiteral),
    Pattern(Matcher),
    Path(Arc<Query>),
}

/// How a filter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    GreaterOrEqual,
    LessOrEqual,
    Equal,
    SameTypeEqual,
    NotEqual,
    SameTypeNotEqual,
    Less,
    Greater,
    Regex,
    NotIn,
    In,
    Contains,
    Size,
    Exists,
    Empty,
    SubsetOf,
    AnyOf,
    NoneOf,
    /// `all`, `type` and `matches` need an operand that no text can write.
    Unwritable,
}

impl FunctionName {
    pub(super) fn named(name: &str) -> Option<FunctionName> {
        Some(match name {
            "avg" => FunctionName::Average,
            "stddev" => FunctionName::StandardDeviation,
            "sum" => FunctionName::Sum,
            "min" => FunctionName::Min,
            "max" => FunctionName::Max,
            "concat" => FunctionName::Concatenate,
            "length" | "size" => FunctionName::Length,
            "append" => FunctionName::Append,
            "keys" => FunctionName::Keys,
            "first" => FunctionName::First,
            "last" => FunctionName::Last,
            "index" => FunctionName::Index,
            _ => return None,
        })
    }
}

impl Operator {
    pub(super) fn named(text: &str) -> Option<Operator> {
        Some(match text.to_uppercase().as_str() {
            ">=" => Operator::GreaterOrEqual,
            "<=" => Operator::LessOrEqual,
            "==" => Operator::Equal,
            "===" => Operator::SameTypeEqual,
            "!=" => Operator::NotEqual,
            "!==" => Operator::SameTypeNotEqual,
            "<" => Operator::Less,
            ">" => Operator::Greater,
            "=~" => Operator::Regex,
            "NIN" => Operator::NotIn,
            "IN" => Operator::In,
            "CONTAINS" => Operator::Contains,
            "SIZE" => Operator::Size,
            "EXISTS" => Operator::Exists,
            "EMPTY" => Operator::Empty,
            "SUBSETOF" => Operator::SubsetOf,
            "ANYOF" => Operator::AnyOf,
            "NONEOF" => Operator::NoneOf,
            "ALL" | "TYPE" | "MATCHES" => Operator::Unwritable,
            _ => return None,
        })
    }
}

impl Token {
    fn is_definite(&self, last: bool) -> bool {
        match self {
            Token::Property(names) => last || names.len() == 1,
            Token::Index(indexes) => indexes.len() == 1,
            Token::Function(_) => true,
            Token::Slice(_) | Token::Wildcard | Token::Scan | Token::Filter(_) => false,
        }
    }
}

impl Query {
    pub(super) fn new(tokens: Vec<Token>, from_root: bool) -> Query {
        let mut steps = with_upstream(tokens);
        turn_scan_for_function(&mut steps, from_root);
        for step in &mut steps {
            if let Token::Function(function) = &mut step.token {
                function.count_parts();
            }
        }
        Query::from_steps(steps, from_root)
    }

    fn from_steps(steps: Vec<PathStep>, from_root: bool) -> Query {
        let last = steps.len().wrapping_sub(1);
        let definite = steps.iter().enumerate().all(|(n, step)| step.token.is_definite(n == last));
        let is_function = matches!(steps.last(), Some(PathStep { token: Token::Function(_), .. }));
        let index_before_last = match steps.len().checked_sub(2).map(|n| &steps[n].token) {
            Some(Token::Index(indexes)) if indexes.len() == 1 => Some(indexes[0]),
            _ => None,
        };
        Query { steps, from_root, definite, is_function, index_before_last }
    }

    /// `true` when step `n` is the last.
    pub(super) fn is_last(&self, n: usize) -> bool {
        n + 1 == self.steps.len()
    }

    /// Whether step `n` leaves the path definite.
    pub(super) fn is_step_definite(&self, n: usize) -> bool {
        self.steps[n].token.is_definite(self.is_last(n))
    }
}

fn with_upstream(tokens: Vec<Token>) -> Vec<PathStep> {
    let last = tokens.len().wrapping_sub(1);
    let mut upstream_definite = true;
    let step = |(n, token): (usize, Token)| {
        let step = PathStep { upstream_definite, token };
        upstream_definite &= step.token.is_definite(n == last);
        step
    };
    tokens.into_iter().enumerate().map(step).collect()
}

/// `$..a.sum()` is the sum of all that `$..a` finds, not a sum in each place: the scan becomes the function's parameter.
fn turn_scan_for_function(steps: &mut Vec<PathStep>, from_root: bool) {
    let is_function = |step: &PathStep| matches!(step.token, Token::Function(_));
    let scans = matches!(steps.first(), Some(PathStep { token: Token::Scan, .. }));
    if !scans || !steps.last().is_some_and(is_function) {
        return;
    }
    let Some(at) = steps.iter().position(is_function) else { return };
    let rest = steps.split_off(at);
    let scan = Query::from_steps(std::mem::replace(steps, rest), from_root);
    if let Token::Function(function) = &mut steps[0].token {
        function.parameters = vec![Parameter::Path(Arc::new(scan))];
    }
}

impl Function {
    pub(super) fn new(name: &str, parameters: Vec<Parameter>) -> Function {
        Function { called: Arc::from(name), name: FunctionName::named(name), parameters, counted: None }
    }

    fn count_parts(&mut self) {
        let Some(Parameter::Path(path)) = self.parameters.first() else { return };
        if self.name != Some(FunctionName::Length) {
            return;
        }
        let mut steps = path.steps.clone();
        if !path.is_function && !steps.is_empty() {
            steps.push(PathStep { token: Token::Wildcard, upstream_definite: true });
        }
        // json-path has decided before whether the path is definite, and does not look again.
        self.counted = Some(Arc::new(Query {
            steps,
            from_root: path.from_root,
            definite: path.definite,
            is_function: path.is_function,
            index_before_last: path.index_before_last,
        }));
    }
}
