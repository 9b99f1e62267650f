//! Which Java class a value is of.

use crate::value::{ListKind, MapKind, Value};

/// The Java class's simple name.
pub(crate) fn class(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "Boolean",
        Value::Int(_) => "Integer",
        Value::Long(_) => "Long",
        Value::BigInt(_) => "BigInteger",
        Value::Float(_) => "Float",
        Value::Double(_) => "Double",
        Value::BigDecimal(_) => "BigDecimal",
        Value::Char(_) => "Character",
        Value::Str(_) => "String",
        Value::List(list) => match list.kind() {
            ListKind::Json => "JSONArray",
            ListKind::Plain => "ArrayList",
            ListKind::Sub => "SubList",
            ListKind::Fixed => "ImmutableCollections.ListN",
            ListKind::Array => "Object[]",
        },
        Value::Map(map) => match map.kind() {
            MapKind::Linked => "LinkedHashMap",
            MapKind::Context | MapKind::Hash => "HashMap",
            MapKind::Fixed => "ImmutableCollections.MapN",
        },
        Value::Object(object) => object.class(),
    }
}

/// Whether the class of one is the other's or derives from it.
pub(crate) fn assignable(left: &Value, right: &Value) -> bool {
    use ListKind::{Json, Plain};
    use MapKind::Hash;
    match (left, right) {
        (Value::List(a), Value::List(b)) => {
            a.kind() == b.kind() || matches!((a.kind(), b.kind()), (Json, Plain) | (Plain, Json))
        }
        (Value::Map(a), Value::Map(b)) => match (a.kind(), b.kind()) {
            (a, b) if a == b => true,
            (Hash, MapKind::Fixed) | (MapKind::Fixed, Hash) => false,
            (a, b) => a == Hash || b == Hash,
        },
        _ => class(left) == class(right),
    }
}
