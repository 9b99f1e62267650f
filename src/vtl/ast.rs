//! A template as a tree: immutable, and free to cross threads.

use std::fmt;
use std::sync::{Arc, OnceLock};

use num_bigint::BigInt;

use super::branch::Hits;
use super::names::{FOREACH, Name, Slot};
use crate::value::Member;

/// What is rendered one after the other.
pub(super) type Block = Vec<Node>;

/// One piece of a template.
#[derive(Debug)]
pub(super) enum Node {
    Text(Arc<str>),
    Reference(Box<Reference>),
    Set(Box<Set>),
    If(Box<If>),
    Foreach(Arc<Foreach>),
    Define(Box<Define>),
    Evaluate(Box<Evaluate>),
    Call(Arc<Call>),
    Break(Option<Box<Expr>>, usize),
    /// `#stop`, with the message that it evaluates for its effects only.
    Stop(Option<Box<Expr>>),
    /// `#include` and `#parse`: there is nothing to read, so they fail once they have an argument.
    Include(Box<Include>),
    /// Counts that this branch was taken, in a template that was read to be counted.
    Taken(Hits),
    /// A loop in such a template.
    Counted(Box<CountedForeach>),
}

/// `#include(…)` or `#parse(…)`
#[derive(Debug)]
pub(super) struct Include {
    pub name: &'static str,
    pub arguments: Vec<Expr>,
    pub at: usize,
}

/// `#set(target = value)`
#[derive(Debug)]
pub(super) struct Set {
    pub target: Reference,
    /// The name that a target without steps sets (`{` for `${x}`: Velocity cuts one character off the token).
    pub name: Slot,
    pub value: Expr,
}

/// `#if … #elseif … #else … #end`
#[derive(Debug)]
pub(super) struct If {
    pub branches: Vec<(Expr, Block)>,
    pub otherwise: Option<Block>,
}

/// `#foreach($element in source) … #end`
#[derive(Debug)]
pub(super) struct Foreach {
    pub element: Slot,
    /// What stands in the third and fourth place: normally the source and the body.
    pub source: Option<Part>,
    pub body: Option<Part>,
    pub at: usize,
}

/// A loop, how often its body ran, and how often it had nothing to run over.
#[derive(Debug)]
pub(super) struct CountedForeach {
    pub foreach: Arc<Foreach>,
    pub ran: Hits,
    pub empty: Hits,
}

/// A directive's argument or its block.
#[derive(Debug)]
pub(super) enum Part {
    Expr(Expr),
    Block(Block),
}

/// `#define($name) … #end`
#[derive(Debug)]
pub(super) struct Define {
    pub name: Slot,
    pub body: Arc<Block>,
}

/// `#evaluate(source)`
#[derive(Debug)]
pub(super) struct Evaluate {
    pub source: Expr,
    pub at: usize,
}

/// `#name(arguments)` or `#@name(arguments) body #end`
#[derive(Debug)]
pub(super) struct Call {
    pub name: Arc<str>,
    pub arguments: Vec<Argument>,
    pub body: Option<Arc<Block>>,
    /// The call as written: what a call of an unknown macro prints.
    pub literal: Arc<str>,
    /// A bare word among the arguments: it fails the call.
    pub bad_word: Option<Arc<str>>,
    pub at: usize,
}

/// An argument of a call, evaluated each time that its name is used.
#[derive(Debug)]
pub(super) struct Argument {
    pub expr: Expr,
    pub literal: Arc<str>,
}

/// `#macro(name $parameters) … #end`
#[derive(Debug)]
pub(super) struct Macro {
    pub name: Arc<str>,
    pub parameters: Vec<Name>,
    pub body: Block,
}

/// `$root.step.step`
#[derive(Debug)]
pub(super) struct Reference {
    pub kind: ReferenceKind,
    pub root: Name,
    pub steps: Vec<AccessStep>,
    pub shape: Shape,
    /// Written after an odd number of backslashes.
    pub escaped: bool,
    /// Half of the backslashes before it.
    pub escape_prefix: Arc<str>,
    /// Other text that belongs to its token, such as the first `$` of `$$x`.
    pub more_prefix: Arc<str>,
    /// What it prints when it is null.
    pub null_text: Arc<str>,
    pub at: usize,
}

/// How a reference is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReferenceKind {
    /// `$x` or `${x}`
    Normal,
    /// `$\!x`: has no value in expressions.
    Uncomputable,
    /// A bare word among a method's arguments: always null.
    Runt,
}

/// One step from an object to the next.
#[derive(Debug)]
pub(super) enum AccessStep {
    Property(Member),
    Method(MethodName, Vec<Expr>),
    Index(Expr),
}

/// The name of a method, and on what it looks at one place only.
#[derive(Debug)]
pub(super) struct MethodName {
    pub text: Box<str>,
    pub of_list: bool,
    pub of_map: bool,
    /// It compares each element with each of a collection.
    pub of_each: bool,
}

impl MethodName {
    /// The name of a method with so many arguments.
    pub(super) fn new(text: &str, arguments: usize) -> MethodName {
        let of_list =
            matches!((text, arguments), ("get" | "add" | "size" | "isEmpty" | "iterator", 0 | 1) | ("set", 2));
        let of_map = matches!(
            (text, arguments),
            ("get" | "containsKey" | "size" | "isEmpty" | "keySet" | "values" | "entrySet", 0 | 1)
                | ("put" | "getOrDefault" | "putIfAbsent", 2)
        );
        let of_each = arguments == 1 && matches!(text, "containsAll" | "removeAll" | "retainAll");
        MethodName { text: Box::from(text), of_list, of_map, of_each }
    }
}

impl fmt::Display for MethodName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What a reference asks for, where that is one of the common things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `$name`
    Bare,
    /// `$name.member.member`
    Members,
    /// `$foreach.hasNext`
    HasNext,
    Other,
}

impl Shape {
    pub(super) fn of(root: &Name, steps: &[AccessStep]) -> Shape {
        let is_member = |step: &AccessStep| matches!(step, AccessStep::Property(_));
        match steps {
            [] => Shape::Bare,
            [AccessStep::Property(name)] if root.slot == FOREACH && name.as_str() == "hasNext" => Shape::HasNext,
            steps if steps.iter().all(is_member) => Shape::Members,
            _ => Shape::Other,
        }
    }
}

/// What has a value.
#[derive(Debug)]
pub(super) enum Expr {
    Text(Arc<str>),
    Integer(i32),
    Long(i64),
    BigInteger(Box<BigInt>),
    Double(f64),
    True,
    False,
    /// A word, which has no value.
    Word,
    Interpolated(Arc<Interpolated>),
    Reference(Box<Reference>),
    List(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
    Range(Box<(Expr, Expr)>),
    Not(Box<Expr>),
    And(Box<(Expr, Expr)>),
    Or(Box<(Expr, Expr)>),
    Compare(Comparison, Box<(Expr, Expr)>),
    Arithmetic(Operation, Box<Operands>),
}

impl Expr {
    /// Whether a macro takes it by value, not by name.
    pub(super) fn is_constant(&self) -> bool {
        !matches!(
            self,
            Expr::Text(_) | Expr::Interpolated(_) | Expr::Reference(_) | Expr::List(_) | Expr::Map(_) | Expr::Range(_)
        )
    }
}

/// A string in double quotes that holds references or directives.
#[derive(Debug)]
pub(super) struct Interpolated {
    /// Filled right after the parse.
    pub body: OnceLock<Block>,
    /// Whether a blank was added at the end, which the value must lose again.
    pub padded: bool,
    /// Its value if all in it turned out to be text; known once it was asked for.
    pub constant: OnceLock<Option<Arc<str>>>,
}

/// The sides of an arithmetic operation; `+` shows a null side of a text as it was written.
#[derive(Debug)]
pub(super) struct Operands {
    pub left: Expr,
    pub right: Expr,
    pub left_literal: Arc<str>,
    pub right_literal: Arc<str>,
    pub at: usize,
}

/// `== != < <= > >=`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// `+ - * / %`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}
