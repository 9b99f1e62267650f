//! The functions of a path: `length()`, `sum()` and the like.

use std::any::Any;
use std::rc::Rc;

use super::fault::{Fault, other};
use super::number::{double_value, int_value};
use super::query::{Function, FunctionName, Parameter};
use crate::value::{List, ListKind, Object, Value, json, print};

/// A function about to be called on a value.
pub(super) struct Call<'a> {
    pub function: &'a Function,
    /// The parameters that are paths, evaluated.
    pub arguments: Vec<Option<Value>>,
    /// What the first parameter finds in the value, when it is counted.
    pub counted: Option<Value>,
    pub value: &'a Value,
}

impl Call<'_> {
    pub(super) fn invoke(&self, name: FunctionName) -> Result<Value, Fault> {
        match name {
            FunctionName::Length => self.length(),
            FunctionName::Append => self.append(),
            FunctionName::Keys => Ok(self.keys()),
            FunctionName::Concatenate => self.concatenate(),
            FunctionName::First => self.pick(0),
            FunctionName::Last => self.pick(-1),
            FunctionName::Index => self.index(),
            FunctionName::Sum => Ok(Value::Double(sum(&self.numbers()?))),
            FunctionName::Average => self.numbers().map(|all| Value::Double(sum(&all) / all.len() as f64)),
            FunctionName::StandardDeviation => self.numbers().map(|all| Value::Double(deviation(&all))),
            FunctionName::Min => Ok(Value::Double(min(&self.numbers()?))),
            FunctionName::Max => Ok(Value::Double(max(&self.numbers()?))),
        }
    }

    /// The value of a parameter; JSON is read only now.
    fn argument(&self, n: usize) -> Result<Value, Fault> {
        match (&self.function.parameters[n], &self.arguments[n]) {
            (_, Some(value)) => Ok(value.clone()),
            (Parameter::Json(text), None) => json::parse(text).or_else(|e| other(format!("InvalidJsonException: {e}"))),
            (Parameter::Path(_), None) => Ok(Value::Null),
        }
    }

    /// The parameters, with lists taken apart.
    fn flat_arguments(&self) -> Result<Vec<Value>, Fault> {
        let mut all = Vec::new();
        for n in 0..self.arguments.len() {
            match self.argument(n)? {
                Value::List(list) => all.extend(list.items().borrow().iter().cloned()),
                value => all.push(value),
            }
        }
        Ok(all)
    }

    /// Every number in the value, if it is a list, and in the parameters.
    fn numbers(&self) -> Result<Vec<f64>, Fault> {
        let mut all = Vec::new();
        if let Value::List(list) = self.value {
            all.extend(list.items().borrow().iter().filter_map(double_value));
        }
        all.extend(self.flat_arguments()?.iter().filter_map(double_value));
        if all.is_empty() {
            return other("JsonPathException: Aggregation function attempted to calculate value using empty array");
        }
        Ok(all)
    }

    /// With parameters, the first is a path whose findings are counted; json-path fails when it is none.
    fn length(&self) -> Result<Value, Fault> {
        if !self.function.parameters.is_empty() {
            match &self.counted {
                None => return other("NullPointerException"),
                Some(Value::List(list)) => return Ok(Value::Int(list.len() as i32)),
                Some(_) => {}
            }
        }
        Ok(match self.value {
            Value::List(list) => Value::Int(list.len() as i32),
            Value::Map(map) => Value::Int(map.len() as i32),
            _ => Value::Null,
        })
    }

    /// The document's own list grows, as it does in json-path.
    fn append(&self) -> Result<Value, Fault> {
        if let Value::List(list) = self.value {
            for n in 0..self.arguments.len() {
                if list.kind() == ListKind::Fixed {
                    return other("UnsupportedOperationException");
                }
                let value = keys_as_list(self.argument(n)?);
                list.items().borrow_mut().push(value);
                list.note_change();
            }
        }
        Ok(self.value.clone())
    }

    fn keys(&self) -> Value {
        let Value::Map(map) = self.value else { return Value::Null };
        let keys = map.entries().borrow().keys().cloned().collect();
        Value::Object(Rc::new(KeySet(List::new(ListKind::Plain, keys))))
    }

    fn concatenate(&self) -> Result<Value, Fault> {
        let mut text = String::new();
        if let Value::List(list) = self.value {
            for item in list.items().borrow().iter() {
                if let Value::Str(item) = item {
                    text.push_str(item);
                }
            }
        }
        for value in self.flat_arguments()?.iter().filter(|value| !matches!(value, Value::Null)) {
            print::print(value, &mut text).or_else(|e| other(format!("{}: {}", e.class, e.message)))?;
        }
        Ok(Value::from(text))
    }

    fn index(&self) -> Result<Value, Fault> {
        let Value::List(_) = self.value else { return self.pick(0) };
        let arguments = self.flat_arguments()?;
        match arguments.iter().find_map(int_value) {
            Some(index) => self.pick(index),
            None => Err(Fault::IndexOutOfBounds),
        }
    }

    /// An element of the list. From the end, the first element cannot be had.
    fn pick(&self, index: i32) -> Result<Value, Fault> {
        let Value::List(list) = self.value else {
            return other("JsonPathException: Aggregation function attempted to calculate value using empty array");
        };
        let items = list.items().borrow();
        if index >= 0 {
            return items.get(index as usize).cloned().ok_or(Fault::IndexOutOfBounds);
        }
        match items.len().checked_sub(index.unsigned_abs() as usize) {
            Some(at @ 1..) => Ok(items[at].clone()),
            _ => other(format!("JsonPathException: Target index:{index} larger than object count:{}", items.len())),
        }
    }
}

/// What `keys()` gives: to json-path itself it is neither list nor map.
struct KeySet(List);

impl Object for KeySet {
    fn class(&self) -> &'static str {
        "LinkedKeySet"
    }
    fn print(&self, out: &mut String) {
        let _ = print::print(&Value::List(self.0.clone()), out);
    }
    fn iterate(&self) -> Option<Vec<Value>> {
        Some(self.0.items().borrow().clone())
    }
    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

/// Outside of json-path, a set of keys is as good as a list.
pub(super) fn keys_as_list(value: Value) -> Value {
    match &value {
        Value::Object(object) => match object.as_any().and_then(|any| any.downcast_ref::<KeySet>()) {
            Some(keys) => Value::List(keys.0.clone()),
            None => value,
        },
        _ => value,
    }
}

fn sum(numbers: &[f64]) -> f64 {
    numbers.iter().fold(0.0, |sum, number| sum + number)
}

/// json-path starts from `Double.MAX_VALUE`.
fn min(numbers: &[f64]) -> f64 {
    numbers.iter().fold(f64::MAX, |min, number| if min > *number { *number } else { min })
}

/// json-path starts from `Double.MIN_VALUE`, the least above zero, so no maximum is below that.
fn max(numbers: &[f64]) -> f64 {
    numbers.iter().fold(5e-324, |max, number| if max < *number { *number } else { max })
}

fn deviation(numbers: &[f64]) -> f64 {
    let count = numbers.len() as f64;
    let total = sum(numbers);
    let squares = numbers.iter().fold(0.0, |squares, number| squares + number * number);
    (squares / count - total * total / count / count).sqrt()
}
