//! Expressions: their values, and whether they are true.

use std::rc::Rc;
use std::sync::Arc;

use super::arithmetic;
use super::ast::{Block, Comparison, Expr, Interpolated, Node, Operands, Operation, ReferenceKind};
use super::blocks::BlockReference;
use super::machine::{Machine, Outcome};
use super::methods;
use super::reference::{weight, wrapped};
use super::scope::Frame;
use crate::value::{Entries, List, ListKind, Map, MapKind, Value};

impl Machine {
    /// The value of an expression.
    pub(super) fn value(self: &Rc<Self>, expr: &Expr, frame: &Rc<Frame>) -> Outcome<Value> {
        Ok(match expr {
            Expr::Text(text) => Value::from(text.clone()),
            Expr::Integer(n) => Value::Int(*n),
            Expr::Long(n) => Value::Long(*n),
            Expr::BigInteger(n) => Value::BigInt(Rc::new((**n).clone())),
            Expr::Double(n) => Value::Double(*n),
            Expr::True => Value::Bool(true),
            Expr::False => Value::Bool(false),
            Expr::Word => Value::Null,
            Expr::Reference(reference) => match reference.kind {
                ReferenceKind::Uncomputable => Value::Null,
                _ => return self.deeper(reference.at, || self.resolve(reference, frame)),
            },
            Expr::Interpolated(string) => return self.deeper(0, || self.interpolate(string, frame)),
            Expr::List(items) => return self.deeper(0, || self.list(items, frame)),
            Expr::Map(entries) => return self.deeper(0, || self.map(entries, frame)),
            Expr::Range(bounds) => return self.range(&bounds.0, &bounds.1, frame),
            Expr::Not(_) | Expr::And(_) | Expr::Or(_) | Expr::Compare(..) => Value::Bool(self.truth(expr, frame)?),
            Expr::Arithmetic(operation, operands) => {
                return self.deeper(operands.at, || self.arithmetic(*operation, operands, frame));
            }
        })
    }

    /// Whether `#if` takes it for true. A literal or the result of arithmetic never is.
    pub(super) fn truth(self: &Rc<Self>, expr: &Expr, frame: &Rc<Frame>) -> Outcome<bool> {
        match expr {
            Expr::True => Ok(true),
            Expr::Reference(reference) => {
                let value = self.deeper(reference.at, || self.resolve(reference, frame))?;
                self.value_truth(&value, reference.at)
            }
            Expr::Not(inner) => self.deeper(0, || Ok(!self.truth(inner, frame)?)),
            Expr::And(sides) => self.deeper(0, || Ok(self.truth(&sides.0, frame)? && self.truth(&sides.1, frame)?)),
            Expr::Or(sides) => self.deeper(0, || Ok(self.truth(&sides.0, frame)? || self.truth(&sides.1, frame)?)),
            Expr::Compare(comparison, sides) => self.deeper(0, || {
                let left = self.value(&sides.0, frame)?;
                // A text that is written there need not become a value.
                if let (Value::Str(left), Expr::Text(right)) = (&left, &sides.1) {
                    self.work(1 + (left.len() + right.len()) / 128, 0)?;
                    return Ok(match comparison {
                        Comparison::Equal => **left == **right,
                        Comparison::NotEqual => **left != **right,
                        _ => false,
                    });
                }
                let right = self.value(&sides.1, frame)?;
                self.compare(*comparison, &left, &right)
            }),
            // Velocity's literal and arithmetic nodes do not say whether they are true, and the node that they inherit from
            // says no: `#if(1)` and `#if('x')` are false.
            _ => Ok(false),
        }
    }

    /// Everything is true but false, null, and what prints nothing at all.
    fn value_truth(self: &Rc<Self>, value: &Value, at: usize) -> Outcome<bool> {
        match value {
            Value::Null => Ok(false),
            Value::Bool(b) => Ok(*b),
            _ => match BlockReference::of(value) {
                Some(block) => block.prints(at).map_err(wrapped),
                None => Ok(true),
            },
        }
    }

    fn interpolate(self: &Rc<Self>, string: &Interpolated, frame: &Rc<Frame>) -> Outcome<Value> {
        let Some(body) = string.body.get() else { return Ok(Value::from("")) };
        if let Some(constant) = string.constant.get_or_init(|| constant(body, string.padded)) {
            self.work(body.len(), 0)?;
            self.build(constant.len(), 0)?;
            return Ok(Value::from(constant.clone()));
        }
        let mut text = String::new();
        self.render(body, frame, &mut text)?;
        // Velocity reads such a string with a blank behind it, and takes the last character off what that prints.
        if string.padded {
            text.pop();
        }
        self.build(text.len(), 0)?;
        Ok(Value::from(text))
    }

    fn list(self: &Rc<Self>, items: &[Expr], frame: &Rc<Frame>) -> Outcome<Value> {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.push(self.value(item, frame)?.settled());
        }
        self.build(64 + values.len() * 24, 0)?;
        Ok(Value::List(List::new(ListKind::Plain, values)))
    }

    fn map(self: &Rc<Self>, entries: &[(Expr, Expr)], frame: &Rc<Frame>) -> Outcome<Value> {
        let mut values = Entries::default();
        for (key, value) in entries {
            let key = self.value(key, frame)?.settled();
            let value = self.value(value, frame)?.settled();
            values.insert(key, value);
        }
        self.build(96 + values.len() * 64, 0)?;
        Ok(Value::Map(Map::new(MapKind::Linked, values)))
    }

    /// `[from..to]`, counting up or down.
    fn range(self: &Rc<Self>, from: &Expr, to: &Expr, frame: &Rc<Frame>) -> Outcome<Value> {
        let from = self.value(from, frame)?;
        let to = self.value(to, frame)?;
        let (Some(from), Some(to)) = (arithmetic::int_value(&from), arithmetic::int_value(&to)) else {
            return Ok(Value::Null);
        };
        let count = (i64::from(from) - i64::from(to)).unsigned_abs() as usize + 1;
        self.build(64 + count.saturating_mul(24), 0)?;
        let items: Vec<Value> =
            if from < to { (from..=to).map(Value::Int).collect() } else { (to..=from).rev().map(Value::Int).collect() };
        Ok(Value::List(List::new(ListKind::Plain, items)))
    }

    fn arithmetic(self: &Rc<Self>, operation: Operation, sides: &Operands, frame: &Rc<Frame>) -> Outcome<Value> {
        self.step(sides.at)?;
        let left = self.value(&sides.left, frame)?;
        let right = self.value(&sides.right, frame)?;
        if operation == Operation::Add && (matches!(left, Value::Str(_)) || matches!(right, Value::Str(_))) {
            return self.concatenate(&left, &right, sides);
        }
        match arithmetic::perform(operation, &left, &right) {
            Ok(value) => Ok(value),
            Err(exception) => Err(self.thrown(sides.at, &exception)),
        }
    }

    /// `+` with a text on one side; a side without a value shows as it was written.
    fn concatenate(self: &Rc<Self>, left: &Value, right: &Value, sides: &Operands) -> Outcome<Value> {
        let mut text = String::new();
        match left {
            Value::Null => text.push_str(&sides.left_literal),
            _ => self.print(left, sides.at, &mut text)?,
        }
        match right {
            Value::Null => text.push_str(&sides.right_literal),
            _ => self.print(right, sides.at, &mut text)?,
        }
        self.build(text.len(), sides.at)?;
        Ok(Value::from(text))
    }

    fn compare(self: &Rc<Self>, comparison: Comparison, left: &Value, right: &Value) -> Outcome<bool> {
        self.work(1 + (weight(left) + weight(right)) / 128, 0)?;
        let order = arithmetic::compare(left, right);
        if let Some(order) = &order
            && let Err(exception) = order
        {
            return Err(self.thrown(0, exception));
        }
        let order = order.and_then(Result::ok);
        match comparison {
            Comparison::Equal => self.equal(left, right, order),
            Comparison::NotEqual => Ok(!self.equal(left, right, order)?),
            // What is no number compares as false.
            _ => Ok(order.is_some_and(|order| match comparison {
                Comparison::Less => order.is_lt(),
                Comparison::LessEqual => order.is_le(),
                Comparison::Greater => order.is_gt(),
                _ => order.is_ge(),
            })),
        }
    }

    /// Numbers by value, objects of one class by `equals`, all else by what it prints.
    fn equal(&self, left: &Value, right: &Value, order: Option<std::cmp::Ordering>) -> Outcome<bool> {
        if let Some(order) = order {
            return Ok(order.is_eq());
        }
        match (left, right) {
            (Value::Null, Value::Null) => return Ok(true),
            (Value::Null, _) | (_, Value::Null) => return Ok(false),
            (Value::Str(a), Value::Str(b)) => return Ok(a == b),
            _ => {}
        }
        if methods::assignable(left, right) {
            return Ok(left == right);
        }
        let left = self.text(left, 0)?;
        let right = self.text(right, 0)?;
        Ok(left == right)
    }
}

/// What a string in quotes prints each time, if all in it is text, such as a JSON path's `"$.a"`.
fn constant(body: &Block, padded: bool) -> Option<Arc<str>> {
    let text = |node: &Node| if let Node::Text(text) = node { Some(text.clone()) } else { None };
    let mut text = body.iter().map(text).collect::<Option<Vec<Arc<str>>>>()?.concat();
    if padded {
        text.pop();
    }
    Some(Arc::from(text))
}
