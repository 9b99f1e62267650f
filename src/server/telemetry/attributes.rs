//! The attributes of a span.

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};

/// Bytes of a text: clients choose paths and agents, and thousands of spans may wait.
const LONGEST: usize = 1_024;

/// Names with their values, in the order in which they were told.
#[derive(Debug, Default)]
pub(super) struct Attributes(Vec<KeyValue>);

impl Attributes {
    pub(super) fn text(&mut self, name: &str, value: impl Into<String>) {
        let mut value = value.into();
        if value.len() > LONGEST {
            value.truncate(value.floor_char_boundary(LONGEST));
        }
        self.push(name, Value::StringValue(value));
    }

    /// One that may not be there.
    pub(super) fn some(&mut self, name: &str, value: Option<impl Into<String>>) {
        value.into_iter().for_each(|value| self.text(name, value));
    }

    pub(super) fn int(&mut self, name: &str, value: impl Into<i64>) {
        self.push(name, Value::IntValue(value.into()));
    }

    pub(super) fn bool(&mut self, name: &str, value: bool) {
        self.push(name, Value::BoolValue(value));
    }

    pub(super) fn list(self) -> Vec<KeyValue> {
        self.0
    }

    fn push(&mut self, name: &str, value: Value) {
        let value = Some(AnyValue { value: Some(value) });
        self.0.push(KeyValue { key: name.to_owned(), value, ..KeyValue::default() });
    }
}
