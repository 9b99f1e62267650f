//! An integration in API Gateway's own property names.

use serde_json::{Map, Value, json};
use smol_str::SmolStr;

use crate::api::{ContentHandling, PassthroughBehavior};
use crate::config::definition::written::{Integration, IntegrationResponse, Text, WrittenStage};

/// What both forms have in the same way.
pub(crate) fn common(written: &Integration) -> Map<String, Value> {
    let mut map = Map::new();
    if let Some(method) = &written.http_method {
        map.insert("httpMethod".to_owned(), json!(method.value));
    }
    if let Some(uri) = &written.uri {
        map.insert("uri".to_owned(), json!(uri.value));
    }
    if let Some(subtype) = &written.subtype {
        map.insert("integrationSubtype".to_owned(), json!(subtype));
    }
    let passthrough = match written.passthrough_behavior {
        PassthroughBehavior::WhenNoMatch => None,
        PassthroughBehavior::WhenNoTemplates => Some("WHEN_NO_TEMPLATES"),
        PassthroughBehavior::Never => Some("NEVER"),
    };
    map.extend(passthrough.map(|word| ("passthroughBehavior".to_owned(), json!(word))));
    map.extend(content_handling(written.content_handling));
    if let Some((millis, _)) = &written.timeout {
        map.insert("timeoutInMillis".to_owned(), json!(millis));
    }
    if written.streamed.is_some() {
        map.insert("responseTransferMode".to_owned(), json!("STREAM"));
    }
    map.extend(texts("requestParameters", &written.request_parameters));
    map.extend(texts("requestTemplates", &written.request_templates));
    map
}

/// The uri under which API Gateway calls the function of a native route.
pub(crate) fn function_uri(function: &Text, streamed: bool, stage: &WrittenStage) -> String {
    let arn = match function.value.starts_with("arn:") {
        true => function.value.to_string(),
        false => {
            let name = function.value.rsplit_once("function:").map_or(function.value.as_str(), |(_, name)| name);
            format!("arn:aws:lambda:{}:{}:function:{name}", stage.region, stage.account_id)
        }
    };
    let (version, action) = match streamed {
        true => ("2021-11-15", "response-streaming-invocations"),
        false => ("2015-03-31", "invocations"),
    };
    format!("arn:aws:apigateway:{}:lambda:path/{version}/functions/{arn}/{action}", stage.region)
}

/// An integration response but for its pattern.
pub(crate) fn response(response: &IntegrationResponse, status: Value) -> Map<String, Value> {
    let mut map = Map::from_iter([("statusCode".to_owned(), status)]);
    map.extend(texts("responseParameters", &response.parameters));
    map.extend(texts("responseTemplates", &response.templates));
    map.extend(content_handling(response.content_handling));
    map
}

fn content_handling(handling: Option<ContentHandling>) -> Option<(String, Value)> {
    let word = match handling? {
        ContentHandling::ConvertToText => "CONVERT_TO_TEXT",
        ContentHandling::ConvertToBinary => "CONVERT_TO_BINARY",
    };
    Some(("contentHandling".to_owned(), json!(word)))
}

/// A map of texts under a key; none when it is empty.
pub(crate) fn texts(key: &str, written: &[(SmolStr, Text)]) -> Option<(String, Value)> {
    let map: Map<String, Value> = written.iter().map(|(name, text)| (name.to_string(), json!(text.value))).collect();
    (!map.is_empty()).then(|| (key.to_owned(), Value::Object(map)))
}
