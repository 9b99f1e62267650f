//! `java.lang.Boolean`

use super::answer::Returned;
use super::arguments::{give_bool, give_int, give_text, sign, throw};
use crate::value::Value;

pub(super) fn call(b: bool, name: &str, arguments: &[Value]) -> Returned {
    use Value::{Bool, Str};
    match (name, arguments) {
        ("booleanValue", []) => give_bool(b),
        ("compareTo", [Bool(other)]) => give_int(sign(b.cmp(other))),
        ("compareTo", [_]) => throw("ClassCastException", "not a Boolean"),
        ("compare", [Bool(x), Bool(y)]) => give_int(sign(x.cmp(y))),
        ("parseBoolean" | "valueOf", [Str(text)]) => give_bool(text.eq_ignore_ascii_case("true")),
        ("parseBoolean" | "valueOf", [Value::Null]) => give_bool(false),
        ("valueOf", [Bool(x)]) => give_bool(*x),
        ("toString", [Bool(x)]) => give_text(if *x { "true" } else { "false" }),
        ("logicalAnd", [Bool(x), Bool(y)]) => give_bool(*x & *y),
        ("logicalOr", [Bool(x), Bool(y)]) => give_bool(*x | *y),
        ("logicalXor", [Bool(x), Bool(y)]) => give_bool(*x ^ *y),
        ("hashCode", [Bool(x)]) => give_int(if *x { 1231 } else { 1237 }),
        ("getBoolean", [Str(_)]) => give_bool(false),
        _ => None,
    }
}
