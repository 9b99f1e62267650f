//! `java.util.List`: ArrayList, json-smart's JSONArray, sub-lists and Java arrays.

use std::cmp::Ordering;

use super::answer::{Returned, cannot_change};
use super::arguments::{
    collection, give, give_bool, give_int, give_list, give_nothing, null_pointer, out_of_bounds, throw,
};
use super::character::compare_units;
use super::iterator::Iterator;
use super::sets;
use super::walk::Walk;
use crate::value::{List, ListKind, Value, json};

pub(super) fn call(list: &List, name: &str, arguments: &[Value]) -> Returned {
    if list.kind() == ListKind::Array && matches!(name, "equals" | "hashCode" | "toString" | "clone") {
        return None;
    }
    if list.kind() == ListKind::Sub && !list.refresh() {
        return throw("ConcurrentModificationException", "the list of this sub-list has changed");
    }
    read(list, name, arguments).or_else(|| change(list, name, arguments)).or_else(|| sets::of_list(name, arguments))
}

/// Whether a list has a method of that name without parameters.
pub(super) fn without_parameters(list: &List, name: &str) -> bool {
    match name {
        "clear" | "isEmpty" | "iterator" | "listIterator" | "size" | "toArray" | "stream" | "spliterator" => true,
        "clone" | "trimToSize" => matches!(list.kind(), ListKind::Plain | ListKind::Json),
        "toJSONString" => list.kind() == ListKind::Json,
        _ => false,
    }
}

fn read(list: &List, name: &str, arguments: &[Value]) -> Returned {
    use Value::Int;
    // These three need no list of its own.
    match (name, arguments) {
        ("get", [Int(index)]) => {
            let item = usize::try_from(*index).ok().and_then(|n| list.item(n));
            return item.map_or_else(|| bounds(list, *index, list.len()), give);
        }
        ("size", []) => return give_int(list.len() as i32),
        ("isEmpty", []) => return give_bool(list.is_empty()),
        _ => {}
    }
    let items = list.items().borrow();
    match (name, arguments) {
        ("contains", [value]) => give_bool(items.contains(value)),
        ("containsAll", [others @ (Value::List(_) | Value::Object(_))]) => {
            give_bool(collection(others)?.iter().all(|value| items.contains(value)))
        }
        ("indexOf", [value]) => give_int(items.iter().position(|v| v == value).map_or(-1, |n| n as i32)),
        ("lastIndexOf", [value]) => give_int(items.iter().rposition(|v| v == value).map_or(-1, |n| n as i32)),
        ("containsAll" | "addAll" | "removeAll" | "retainAll" | "copyOf", [Value::Null]) => null_pointer(),
        ("subList", [Int(from), Int(to)]) => sub_list(list, items.len(), *from, *to),
        ("iterator", []) => give(Iterator::of(Walk::over_list(&list.settled()))),
        ("listIterator", []) => give(Iterator::of_list(list, 0)),
        ("listIterator", [Int(start)]) => match usize::try_from(*start) {
            Ok(start) if start <= items.len() => give(Iterator::of_list(list, start)),
            _ => bounds(list, *start, items.len()),
        },
        ("toArray", []) => give_list(ListKind::Array, items.clone()),
        ("toArray", [Value::List(into)]) if into.kind() == ListKind::Array => give_list(ListKind::Array, items.clone()),
        ("clone", []) if matches!(list.kind(), ListKind::Plain | ListKind::Json) => {
            give_list(list.kind(), items.clone())
        }
        ("toJSONString", []) if list.kind() == ListKind::Json => {
            let mut text = String::new();
            if json::print_list(list, &mut text) {
                return give(Value::from(text));
            }
            throw("StackOverflowError", "the list nests too deep")
        }
        _ => None,
    }
}

fn bounds(list: &List, index: i32, length: usize) -> Returned {
    let class = match list.kind() {
        ListKind::Array => "ArrayIndexOutOfBoundsException",
        _ => "IndexOutOfBoundsException",
    };
    out_of_bounds(class, index, length)
}

fn sub_list(list: &List, length: usize, from: i32, to: i32) -> Returned {
    match (usize::try_from(from), usize::try_from(to)) {
        (Ok(from), Ok(to)) if to <= length && from <= to => match list.part(from, to) {
            Some(part) => give(Value::List(part)),
            None => throw("StackOverflowError", "too many sub-lists of sub-lists"),
        },
        (Ok(_), Ok(to)) if to <= length => {
            throw("IllegalArgumentException", format!("fromIndex({from}) > toIndex({to})"))
        }
        (Ok(_), _) => out_of_bounds("IndexOutOfBoundsException", to, length),
        _ => out_of_bounds("IndexOutOfBoundsException", from, length),
    }
}

fn change(list: &List, name: &str, arguments: &[Value]) -> Returned {
    const CHANGES: [&str; 9] =
        ["add", "addAll", "remove", "removeAll", "retainAll", "set", "clear", "sort", "ensureCapacity"];
    if !CHANGES.contains(&name) && name != "trimToSize" {
        return None;
    }
    if list.kind() == ListKind::Fixed {
        return is_change(name, arguments).then(|| Err(cannot_change()));
    }
    if list.kind() == ListKind::Array && !matches!(name, "set" | "sort") {
        return change_array(list, name, arguments);
    }
    let length = list.items().borrow().len();
    let answer = change_list(list, length, name, arguments);
    if list.kind() == ListKind::Sub && matches!(answer, Some(Ok(_))) {
        list.write_back(length);
    }
    answer
}

/// Whether there is such a method for these arguments.
fn is_change(name: &str, arguments: &[Value]) -> bool {
    let is_collection = |value: &Value| matches!(value, Value::Null) || collection(value).is_some();
    match (name, arguments) {
        ("add" | "remove", [_]) | ("add" | "set", [Value::Int(_), _]) | ("clear", []) | ("sort", [Value::Null]) => true,
        ("addAll" | "removeAll" | "retainAll", [others]) | ("addAll", [Value::Int(_), others]) => is_collection(others),
        _ => false,
    }
}

fn change_list(list: &List, length: usize, name: &str, arguments: &[Value]) -> Returned {
    match name {
        "add" | "addAll" => add(list, name, arguments),
        "set" => set(list, length, arguments),
        "remove" | "removeAll" | "retainAll" => remove(list, length, name, arguments),
        _ => rearrange(list, name, arguments),
    }
}

fn add(list: &List, name: &str, arguments: &[Value]) -> Returned {
    match (name, arguments) {
        ("add", [value]) => {
            list.items().borrow_mut().push(value.clone());
            list.note_change();
            give_bool(true)
        }
        ("add", [Value::Int(index), value]) => {
            insert(list, *index, vec![value.clone()]).map_or_else(Some, |()| give_nothing())
        }
        ("addAll", [others]) => {
            let others = collection(others)?;
            let any = !others.is_empty();
            list.items().borrow_mut().extend(others);
            list.note_change();
            give_bool(any)
        }
        ("addAll", [Value::Int(index), others]) => {
            let others = collection(others)?;
            let any = !others.is_empty();
            insert(list, *index, others).map_or_else(Some, |()| give_bool(any))
        }
        _ => None,
    }
}

fn set(list: &List, length: usize, arguments: &[Value]) -> Returned {
    let [Value::Int(index), value] = arguments else { return None };
    if is_other_element(list, value) {
        return throw("IllegalArgumentException", "array element type mismatch");
    }
    let mut items = list.items().borrow_mut();
    match usize::try_from(*index).ok().and_then(|n| items.get_mut(n)) {
        Some(slot) => give(std::mem::replace(slot, value.clone())),
        None => bounds(list, *index, length),
    }
}

/// As in Java, a number is an index and never an element to look for.
fn remove(list: &List, length: usize, name: &str, arguments: &[Value]) -> Returned {
    match (name, arguments) {
        ("remove", [Value::Int(index)]) => match usize::try_from(*index).ok().filter(|n| *n < length) {
            Some(n) => {
                let gone = list.items().borrow_mut().remove(n);
                list.note_change();
                give(gone)
            }
            None => bounds(list, *index, length),
        },
        ("remove", [value]) => {
            let found = list.items().borrow().iter().position(|v| v == value);
            if let Some(n) = found {
                list.items().borrow_mut().remove(n);
                list.note_change();
            }
            give_bool(found.is_some())
        }
        ("removeAll", [others]) => {
            let others = collection(others)?;
            give_bool(retain(list, |item| !others.contains(item)))
        }
        ("retainAll", [others]) => {
            let others = collection(others)?;
            give_bool(retain(list, |item| others.contains(item)))
        }
        _ => None,
    }
}

fn rearrange(list: &List, name: &str, arguments: &[Value]) -> Returned {
    match (name, arguments) {
        ("clear", []) => {
            list.items().borrow_mut().clear();
            list.note_change();
            give_nothing()
        }
        ("sort", [Value::Null]) => sort(list),
        ("ensureCapacity", [Value::Int(_)]) | ("trimToSize", []) => {
            list.note_change();
            give_nothing()
        }
        _ => None,
    }
}

/// An array keeps its length: what would change it fails, what would not does not.
fn change_array(list: &List, name: &str, arguments: &[Value]) -> Returned {
    let items = list.items().borrow();
    let changes = match (name, arguments) {
        ("add", [_] | [Value::Int(_), _]) | ("remove", [Value::Int(_)]) => true,
        ("addAll", [Value::Int(index), others])
            if collection(others).is_some() && usize::try_from(*index).map_or(true, |n| n > items.len()) =>
        {
            return out_of_bounds("IndexOutOfBoundsException", *index, items.len());
        }
        ("addAll", [others] | [Value::Int(_), others]) => !collection(others)?.is_empty(),
        ("remove", [value]) => items.contains(value),
        ("removeAll", [others]) => collection(others)?.iter().any(|value| items.contains(value)),
        ("retainAll", [others]) => {
            let others = collection(others)?;
            items.iter().any(|item| !others.contains(item))
        }
        ("clear", []) if items.is_empty() => return give_nothing(),
        ("clear", []) => true,
        _ => return None,
    };
    if changes {
        return throw("UnsupportedOperationException", "an array keeps its length");
    }
    give_bool(false)
}

/// Whether an array of texts or characters cannot take the value.
fn is_other_element(list: &List, value: &Value) -> bool {
    let items = list.items().borrow();
    let all = |test: fn(&Value) -> bool| !items.is_empty() && items.iter().all(test) && !test(value);
    list.kind() == ListKind::Array
        && (all(|item| matches!(item, Value::Str(_) | Value::Null)) || all(|item| matches!(item, Value::Char(_))))
}

fn insert(list: &List, index: i32, values: Vec<Value>) -> Result<(), Result<Value, crate::value::Exception>> {
    let mut items = list.items().borrow_mut();
    match usize::try_from(index).ok().filter(|n| *n <= items.len()) {
        Some(n) => {
            items.splice(n..n, values);
            list.note_change();
            Ok(())
        }
        None => Err(Err(crate::value::Exception::new(
            "IndexOutOfBoundsException",
            format!("index {index}, length {}", items.len()),
        ))),
    }
}

fn retain(list: &List, keep: impl Fn(&Value) -> bool) -> bool {
    let before = list.items().borrow().len();
    let items = list.items().take();
    let kept: Vec<Value> = items.into_iter().filter(keep).collect();
    let changed = kept.len() != before;
    list.items().replace(kept);
    if changed {
        list.note_change();
    }
    changed
}

/// `sort(null)`: the natural order, of elements of one class.
fn sort(list: &List) -> Returned {
    let mut items = list.items().borrow().clone();
    let mut failed = false;
    items.sort_by(|a, b| {
        natural_order(a, b).unwrap_or_else(|| {
            failed = true;
            Ordering::Equal
        })
    });
    if failed {
        return throw("ClassCastException", "the elements cannot be compared");
    }
    list.items().replace(items);
    list.note_change();
    give_nothing()
}

fn natural_order(a: &Value, b: &Value) -> Option<Ordering> {
    Some(match (a, b) {
        (Value::Str(a), Value::Str(b)) => compare_units(a, b).cmp(&0),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Long(a), Value::Long(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Char(a), Value::Char(b)) => a.cmp(b),
        (Value::Double(a), Value::Double(b)) => super::floating::compare(*a, *b),
        (Value::BigInt(a), Value::BigInt(b)) => a.cmp(b),
        (Value::BigDecimal(_), Value::BigDecimal(_)) => super::super::arithmetic::compare(a, b)?.ok()?,
        _ => return None,
    })
}
