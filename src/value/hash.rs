//! Java's `hashCode`, and the order in which a `java.util.HashMap` iterates.

use std::hash::{Hash, Hasher};

use bigdecimal::BigDecimal;
use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;

use super::guard::{Level, was_exhausted};
use super::object::{Map, MapKind, Value};

/// Java's `hashCode()`.
pub(crate) fn hash_code(value: &Value) -> i32 {
    match value {
        Value::Null => 0,
        Value::Bool(true) => 1231,
        Value::Bool(false) => 1237,
        Value::Int(n) => *n,
        Value::Long(n) => fold(*n as u64),
        Value::BigInt(n) => hash_big_integer(n),
        Value::Float(n) => n.to_bits() as i32,
        Value::Double(n) => fold(n.to_bits()),
        Value::BigDecimal(n) => hash_big_decimal(n),
        Value::Char(c) => i32::from(*c),
        Value::Str(s) => hash_text(s),
        Value::List(_) | Value::Map(_) | Value::Object(_) => hash_nested(value),
    }
}

/// What cannot be walked to its end hashes to 0, where Java would overflow its stack.
fn hash_nested(value: &Value) -> i32 {
    let Some(_level) = Level::enter() else { return 0 };
    match value {
        Value::List(list) => {
            let Ok(items) = list.items().try_borrow() else { return 0 };
            items.iter().fold(1i32, |h, item| h.wrapping_mul(31).wrapping_add(hash_code(item)))
        }
        Value::Map(map) => {
            let Ok(entries) = map.entries().try_borrow() else { return 0 };
            entries.iter().fold(0i32, |h, (key, value)| h.wrapping_add(hash_code(key) ^ hash_code(value)))
        }
        Value::Object(object) => object.hash_code(),
        _ => 0,
    }
}

/// Whether Java could not hash the value, because it holds itself.
pub(crate) fn overflows(value: &Value) -> bool {
    if !matches!(value, Value::List(_) | Value::Map(_) | Value::Object(_)) {
        return false;
    }
    hash_code(value);
    was_exhausted()
}

/// `String.hashCode()`
pub(crate) fn hash_text(text: &str) -> i32 {
    if text.is_ascii() {
        text.bytes().fold(0i32, |h, b| h.wrapping_mul(31).wrapping_add(i32::from(b)))
    } else {
        text.encode_utf16().fold(0i32, |h, u| h.wrapping_mul(31).wrapping_add(i32::from(u)))
    }
}

fn fold(bits: u64) -> i32 {
    (bits ^ (bits >> 32)) as u32 as i32
}

fn hash_big_integer(n: &BigInt) -> i32 {
    let (sign, digits) = n.to_u32_digits();
    let hash = digits.iter().rev().fold(0i32, |h, digit| h.wrapping_mul(31).wrapping_add(*digit as i32));
    if sign == Sign::Minus { hash.wrapping_neg() } else { hash }
}

fn hash_big_decimal(n: &BigDecimal) -> i32 {
    let (unscaled, scale) = n.as_bigint_and_scale();
    let scale = scale as i32;
    match unscaled.to_i64() {
        Some(compact) if compact != i64::MIN => {
            let magnitude = compact.unsigned_abs();
            let high = (magnitude >> 32) as i32;
            let hash = high.wrapping_mul(31).wrapping_add(magnitude as i32);
            let hash = if compact < 0 { hash.wrapping_neg() } else { hash };
            hash.wrapping_mul(31).wrapping_add(scale)
        }
        _ => hash_big_integer(&unscaled).wrapping_mul(31).wrapping_add(scale),
    }
}

/// For our own index of a map's keys: what is equal hashes alike, and the common keys do not go through Java's `hashCode`.
impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Value::Str(s) => s.hash(state),
            Value::Int(n) => n.hash(state),
            Value::Long(n) => n.hash(state),
            Value::Char(c) => c.hash(state),
            Value::Bool(b) => b.hash(state),
            Value::Double(n) => n.to_bits().hash(state),
            value => hash_code(value).hash(state),
        }
    }
}

impl Map {
    /// The keys in the order in which Java iterates.
    pub fn keys_in_order(&self) -> Vec<Value> {
        if self.is_untouched() || matches!(self.kind(), MapKind::Context | MapKind::Hash) {
            return self.in_order().into_iter().map(|(key, _)| key).collect();
        }
        let Ok(entries) = self.cells().entries.try_borrow() else { return Vec::new() };
        entries.keys().cloned().collect()
    }

    /// The entries in the order in which Java iterates.
    pub fn in_order(&self) -> Vec<(Value, Value)> {
        if self.is_untouched() {
            return (0..self.len()).map_while(|n| self.entry(n)).collect();
        }
        // Whoever compares keys while the map changes sees none.
        let cells = self.cells();
        let Ok(entries) = cells.entries.try_borrow() else { return Vec::new() };
        let mut pairs: Vec<(Value, Value)> = entries.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        if matches!(self.kind(), MapKind::Context | MapKind::Hash) {
            let buckets = cells.buckets.get().max(1);
            pairs.sort_by_cached_key(|(key, _)| bucket(key, buckets));
        }
        pairs
    }
}

/// Where a `HashMap` of that many buckets puts a key.
fn bucket(key: &Value, capacity: usize) -> usize {
    // `HashMap` mixes the high half in, since it then looks at the low bits only.
    let hash = hash_code(key) as u32;
    (hash ^ (hash >> 16)) as usize & (capacity - 1)
}
