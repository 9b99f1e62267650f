//! YAML files as JSON values, to look things up in them.

use saphyr::{LoadableYamlNode, ScalarOwned, YamlOwned};
use serde_json::Value;

/// Every document of the text.
pub fn documents(text: &str) -> Vec<Value> {
    let documents = YamlOwned::load_from_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    documents.iter().map(json).collect()
}

/// The only document of the text.
pub fn document(text: &str) -> Value {
    let mut documents = documents(text);
    assert_eq!(documents.len(), 1, "{text}");
    documents.remove(0)
}

fn json(node: &YamlOwned) -> Value {
    match node {
        YamlOwned::Value(ScalarOwned::Null) => Value::Null,
        YamlOwned::Value(ScalarOwned::Boolean(b)) => (*b).into(),
        YamlOwned::Value(ScalarOwned::Integer(i)) => (*i).into(),
        YamlOwned::Value(ScalarOwned::FloatingPoint(f)) => f.into_inner().into(),
        YamlOwned::Value(ScalarOwned::String(s)) => s.as_str().into(),
        YamlOwned::Sequence(items) => items.iter().map(json).collect(),
        YamlOwned::Mapping(map) => {
            map.iter().map(|(k, v)| (k.as_str().expect("text as key").to_string(), json(v))).collect()
        }
        other => panic!("{other:?} is not expected in a deploy file"),
    }
}
