//! What a Java method gives, and which receivers refuse to be changed.

use crate::value::{Exception, ListKind, MapKind, Value};

/// What a call gives: `None` when there is no such method for these arguments.
pub(super) type Returned = Option<Result<Value, Exception>>;

/// Why a list or map cannot be changed.
pub(crate) fn refuses_change(value: &Value) -> Option<Exception> {
    let fixed = match value {
        Value::List(list) => list.kind() == ListKind::Fixed,
        Value::Map(map) => map.kind() == MapKind::Fixed,
        _ => false,
    };
    fixed.then(cannot_change)
}

/// What a list or map that cannot be changed throws.
pub(super) fn cannot_change() -> Exception {
    Exception::new("UnsupportedOperationException", "the collection cannot be changed")
}
