//! First-class integrations: the request that AWS's SDK sends for the action, with the values of the client's request in it.
//!
//! SQS is asked in its query protocol: what clients of such APIs read is its XML (fact `http-sqs-xml`).

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::percent;
use super::values::Values;
use crate::api::http::{ServiceIntegration, Subtype};
use crate::exchange::call::Target;
use crate::failure::Failure;
use crate::gateway::base64;
use crate::http1::message::Headers;

/// The call of an action, and its body. `base` is the service's configured address.
pub(crate) fn call(action: &ServiceIntegration, base: &str, values: &Values) -> Result<(Target, Bytes), Failure> {
    let parameters = Parameters::evaluate(action, values)?;
    let base = base.trim_end_matches('/');
    Ok(match action.subtype {
        Subtype::EventBridgePutEvents => json_call("AWSEvents.PutEvents", "1.1", base, put_events(&parameters)?),
        Subtype::KinesisPutRecord => json_call("Kinesis_20131202.PutRecord", "1.1", base, put_record(&parameters)),
        Subtype::StepFunctionsStartExecution
        | Subtype::StepFunctionsStartSyncExecution
        | Subtype::StepFunctionsStopExecution => {
            let target = format!("AWSStepFunctions.{}", action.subtype.action());
            json_call(&target, "1.0", base, parameters.as_lower_camel())
        }
        Subtype::SqsSendMessage | Subtype::SqsReceiveMessage | Subtype::SqsDeleteMessage | Subtype::SqsPurgeQueue => {
            query_call(action.subtype.action(), base, &parameters)?
        }
        Subtype::AppConfigGetConfiguration => get_configuration(base, &parameters),
    })
}

/// Parameters that have a value.
struct Parameters(Vec<(&'static str, String)>);

impl Parameters {
    /// One that is needed must have a value: that the client sends none is its own fault (inferred).
    fn evaluate(action: &ServiceIntegration, values: &Values) -> Result<Parameters, Failure> {
        let (needed, _) = action.subtype.parameters();
        let mut found = Vec::with_capacity(action.parameters.len());
        for (name, expression) in &action.parameters {
            match values.text(expression) {
                Some(value) => found.push((*name, value.into_owned())),
                None if needed.contains(name) => return Err(Failure::MissingParameters(vec![(*name).to_owned()])),
                None => {}
            }
        }
        Ok(Parameters(found))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| *own == name).map(|(_, value)| value.as_str())
    }

    fn as_lower_camel(&self) -> Value {
        let lower = |name: &str| format!("{}{}", name[..1].to_ascii_lowercase(), &name[1..]);
        Value::Object(self.0.iter().map(|(name, value)| (lower(name), json!(value))).collect())
    }

    /// A parameter whose text is JSON.
    fn json(&self, name: &str) -> Result<Option<Value>, Failure> {
        let read = |text| serde_json::from_str(text).map_err(|_| wrong(name, "is not JSON"));
        self.get(name).map(read).transpose()
    }
}

fn wrong(name: &str, what: &str) -> Failure {
    Failure::Configuration(format!("the parameter `{name}` of the integration {what}"))
}

fn json_call(target: &str, version: &str, base: &str, body: Value) -> (Target, Bytes) {
    let mut headers = Headers::default();
    headers.push("X-Amz-Target", target.to_owned());
    headers.push("Content-Type", format!("application/x-amz-json-{version}"));
    (post(format!("{base}/"), headers), body.to_string().into())
}

fn post(uri: String, headers: Headers) -> Target {
    Target::Http { method: "POST".to_owned(), uri, headers }
}

/// One entry. `Resources` is a list in JSON, or one resource.
fn put_events(parameters: &Parameters) -> Result<Value, Failure> {
    let mut entry = Map::new();
    for name in ["Time", "Source", "Resources", "DetailType", "Detail", "EventBusName"] {
        let Some(value) = parameters.get(name) else { continue };
        let value = match name {
            "Time" => json!(value.parse::<f64>().map_or_else(|_| json!(value), |seconds| json!(seconds))),
            "Resources" if value.trim_start().starts_with('[') => parameters.json(name)?.unwrap_or_default(),
            "Resources" => json!([value]),
            _ => json!(value),
        };
        entry.insert(name.to_owned(), value);
    }
    Ok(json!({"Entries": [entry]}))
}

/// `Data` is a blob, which JSON has in base64.
fn put_record(parameters: &Parameters) -> Value {
    let value = |(name, value): &(&str, String)| {
        let value = match *name {
            "Data" => {
                let mut encoded = Vec::new();
                base64::encode(&mut encoded, value.as_bytes());
                json!(String::from_utf8_lossy(&encoded))
            }
            _ => json!(value),
        };
        ((*name).to_owned(), value)
    };
    Value::Object(parameters.0.iter().map(value).collect())
}

/// The queue's url gives the path; the configured address takes the place of its host.
fn query_call(action: &str, base: &str, parameters: &Parameters) -> Result<(Target, Bytes), Failure> {
    let url = parameters.get("QueueUrl").unwrap_or_default();
    let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path);
    let path = path.filter(|path| !path.is_empty()).ok_or_else(|| wrong("QueueUrl", "is no queue's url"))?;
    let mut form = Form(format!("Action={action}&Version=2012-11-05"));
    for (name, value) in &parameters.0 {
        match *name {
            "MessageAttributes" => form.attributes("MessageAttribute", name, parameters)?,
            "MessageSystemAttributes" => form.attributes("MessageSystemAttribute", name, parameters)?,
            "AttributeName" => form.list("AttributeName", value, parameters.json(name)),
            "MessageAttributeNames" => form.list("MessageAttributeName", value, parameters.json(name)),
            _ => form.add(name, value),
        }
    }
    let mut headers = Headers::default();
    headers.push("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    let uri = format!("{base}/{}", percent::encode_path(path));
    Ok((post(uri, headers), form.0.into()))
}

/// A body of the query protocol.
struct Form(String);

impl Form {
    fn add(&mut self, name: &str, value: &str) {
        self.0.push('&');
        self.0.push_str(&percent::encode(name));
        self.0.push('=');
        self.0.push_str(&percent::encode(value));
    }

    /// A list in JSON, or one value.
    fn list(&mut self, prefix: &str, written: &str, list: Result<Option<Value>, Failure>) {
        let items: Vec<String> = match list {
            Ok(Some(Value::Array(items))) => {
                items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect()
            }
            _ => vec![written.to_owned()],
        };
        for (i, item) in items.iter().enumerate() {
            self.add(&format!("{prefix}.{}", i + 1), item);
        }
    }

    /// `{"name": {"DataType": "String", "StringValue": "…"}}`
    fn attributes(&mut self, prefix: &str, name: &str, parameters: &Parameters) -> Result<(), Failure> {
        let Some(Value::Object(attributes)) = parameters.json(name)? else {
            return Err(wrong(name, "is no JSON object"));
        };
        for (i, (name, attribute)) in attributes.iter().enumerate() {
            self.add(&format!("{prefix}.{}.Name", i + 1), name);
            for key in ["StringValue", "BinaryValue", "DataType"] {
                if let Some(value) = attribute.get(key).and_then(Value::as_str) {
                    self.add(&format!("{prefix}.{}.Value.{key}", i + 1), value);
                }
            }
        }
        Ok(())
    }
}

fn get_configuration(base: &str, parameters: &Parameters) -> (Target, Bytes) {
    let segment = |name| percent::encode(parameters.get(name).unwrap_or_default());
    let mut uri = format!(
        "{base}/applications/{}/environments/{}/configurations/{}?client_id={}",
        segment("Application"),
        segment("Environment"),
        segment("Configuration"),
        segment("ClientId"),
    );
    if let Some(version) = parameters.get("ClientConfigurationVersion") {
        uri.push_str("&client_configuration_version=");
        uri.push_str(&percent::encode(version));
    }
    (Target::Http { method: "GET".to_owned(), uri, headers: Headers::default() }, Bytes::new())
}

#[cfg(test)]
mod tests {
    use super::super::sample::Sample;
    use super::*;

    const JSON: &str = "POST /orders/7?group=g%201 HTTP/1.1\nHost: h\nX-Kind: new\n\n{\"detail\": {\"id\": 7, \"note\": \"a b\"}, \"text\": \"caf\u{e9} & co\"}";
    const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders.fifo";
    const MACHINE: &str = "arn:aws:states:eu-west-1:123456789012:stateMachine:m";

    type Written = &'static [(&'static str, &'static str)];

    /// The action, its parameters, and the whole request.
    const ROWS: &[(&str, Written, &str)] = &[
        (
            "EventBridge-PutEvents",
            &[
                ("Detail", "$request.body.detail"),
                ("DetailType", "order-$request.path.id"),
                ("Source", "com.example.$request.header.x-kind"),
                ("EventBusName", "bus"),
                ("Resources", "arn:aws:x"),
                ("Time", "1744668983"),
            ],
            "POST http://aws:4566/\nX-Amz-Target: AWSEvents.PutEvents\nContent-Type: application/x-amz-json-1.1\n\n{\"Entries\":[{\"Time\":1744668983.0,\"Source\":\"com.example.new\",\"Resources\":[\"arn:aws:x\"],\"DetailType\":\"order-7\",\"Detail\":\"{\\\"id\\\":7,\\\"note\\\":\\\"a b\\\"}\",\"EventBusName\":\"bus\"}]}",
        ),
        (
            "EventBridge-PutEvents",
            &[
                ("Detail", "$request.body"),
                ("DetailType", "t"),
                ("Source", "s"),
                ("Resources", "[\"a\", \"b\"]"),
                ("EventBusName", "$request.header.none"),
            ],
            "POST http://aws:4566/\nX-Amz-Target: AWSEvents.PutEvents\nContent-Type: application/x-amz-json-1.1\n\n{\"Entries\":[{\"Source\":\"s\",\"Resources\":[\"a\",\"b\"],\"DetailType\":\"t\",\"Detail\":\"{\\\"detail\\\": {\\\"id\\\": 7, \\\"note\\\": \\\"a b\\\"}, \\\"text\\\": \\\"caf\u{e9} & co\\\"}\"}]}",
        ),
        (
            "SQS-SendMessage",
            &[
                ("QueueUrl", QUEUE),
                ("MessageBody", "$request.body.text"),
                ("DelaySeconds", "5"),
                ("MessageGroupId", "$request.querystring.group"),
                ("MessageDeduplicationId", "$context.requestId"),
                (
                    "MessageAttributes",
                    "{\"kind\": {\"DataType\": \"String\", \"StringValue\": \"${request.header.X-Kind}\"}, \"n\": {\"StringValue\": \"1\", \"DataType\": \"Number\"}}",
                ),
            ],
            "POST http://aws:4566/123456789012/orders.fifo\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\n\nAction=SendMessage&Version=2012-11-05&QueueUrl=https%3A%2F%2Fsqs.eu-west-1.amazonaws.com%2F123456789012%2Forders.fifo&MessageBody=caf%C3%A9%20%26%20co&DelaySeconds=5&MessageAttribute.1.Name=kind&MessageAttribute.1.Value.StringValue=new&MessageAttribute.1.Value.DataType=String&MessageAttribute.2.Name=n&MessageAttribute.2.Value.StringValue=1&MessageAttribute.2.Value.DataType=Number&MessageDeduplicationId=JCJgriq-vHcEPMg%3D&MessageGroupId=g%201",
        ),
        (
            "SQS-SendMessage",
            &[
                ("QueueUrl", QUEUE),
                ("MessageBody", "b"),
                (
                    "MessageSystemAttributes",
                    "{\"AWSTraceHeader\": {\"DataType\": \"String\", \"StringValue\": \"Root=1\"}}",
                ),
            ],
            "POST http://aws:4566/123456789012/orders.fifo\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\n\nAction=SendMessage&Version=2012-11-05&QueueUrl=https%3A%2F%2Fsqs.eu-west-1.amazonaws.com%2F123456789012%2Forders.fifo&MessageBody=b&MessageSystemAttribute.1.Name=AWSTraceHeader&MessageSystemAttribute.1.Value.StringValue=Root%3D1&MessageSystemAttribute.1.Value.DataType=String",
        ),
        (
            "SQS-ReceiveMessage",
            &[
                ("QueueUrl", QUEUE),
                ("AttributeName", "All"),
                ("MessageAttributeNames", "[\"a\",\"b\"]"),
                ("MaxNumberOfMessages", "10"),
                ("WaitTimeSeconds", "1"),
                ("VisibilityTimeout", "30"),
                ("ReceiveRequestAttemptId", "x"),
            ],
            "POST http://aws:4566/123456789012/orders.fifo\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\n\nAction=ReceiveMessage&Version=2012-11-05&QueueUrl=https%3A%2F%2Fsqs.eu-west-1.amazonaws.com%2F123456789012%2Forders.fifo&AttributeName.1=All&MaxNumberOfMessages=10&MessageAttributeName.1=a&MessageAttributeName.2=b&ReceiveRequestAttemptId=x&VisibilityTimeout=30&WaitTimeSeconds=1",
        ),
        (
            "SQS-DeleteMessage",
            &[("ReceiptHandle", "a+/="), ("QueueUrl", "http://localhost:9324/000000000000/q"), ("Region", "eu-west-1")],
            "POST http://aws:4566/000000000000/q\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\n\nAction=DeleteMessage&Version=2012-11-05&QueueUrl=http%3A%2F%2Flocalhost%3A9324%2F000000000000%2Fq&ReceiptHandle=a%2B%2F%3D",
        ),
        (
            "SQS-PurgeQueue",
            &[("QueueUrl", QUEUE)],
            "POST http://aws:4566/123456789012/orders.fifo\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\n\nAction=PurgeQueue&Version=2012-11-05&QueueUrl=https%3A%2F%2Fsqs.eu-west-1.amazonaws.com%2F123456789012%2Forders.fifo",
        ),
        (
            "Kinesis-PutRecord",
            &[
                ("StreamName", "s"),
                ("Data", "$request.body.text"),
                ("PartitionKey", "$request.path.id"),
                ("ExplicitHashKey", "1"),
                ("SequenceNumberForOrdering", "2"),
            ],
            "POST http://aws:4566/\nX-Amz-Target: Kinesis_20131202.PutRecord\nContent-Type: application/x-amz-json-1.1\n\n{\"StreamName\":\"s\",\"Data\":\"Y2Fmw6kgJiBjbw==\",\"PartitionKey\":\"7\",\"SequenceNumberForOrdering\":\"2\",\"ExplicitHashKey\":\"1\"}",
        ),
        (
            "StepFunctions-StartExecution",
            &[("StateMachineArn", MACHINE), ("Input", "$request.body.detail"), ("Name", "n")],
            "POST http://aws:4566/\nX-Amz-Target: AWSStepFunctions.StartExecution\nContent-Type: application/x-amz-json-1.0\n\n{\"stateMachineArn\":\"arn:aws:states:eu-west-1:123456789012:stateMachine:m\",\"name\":\"n\",\"input\":\"{\\\"id\\\":7,\\\"note\\\":\\\"a b\\\"}\"}",
        ),
        (
            "StepFunctions-StartSyncExecution",
            &[("StateMachineArn", MACHINE), ("TraceHeader", "$context.xrayTraceId")],
            "POST http://aws:4566/\nX-Amz-Target: AWSStepFunctions.StartSyncExecution\nContent-Type: application/x-amz-json-1.0\n\n{\"stateMachineArn\":\"arn:aws:states:eu-west-1:123456789012:stateMachine:m\",\"traceHeader\":\"1-67fd8937-6cd643e155b4258a556982c5\"}",
        ),
        (
            "StepFunctions-StopExecution",
            &[("ExecutionArn", "arn:e"), ("Error", "E"), ("Cause", "${request.path.id} is enough")],
            "POST http://aws:4566/\nX-Amz-Target: AWSStepFunctions.StopExecution\nContent-Type: application/x-amz-json-1.0\n\n{\"executionArn\":\"arn:e\",\"cause\":\"7 is enough\",\"error\":\"E\"}",
        ),
        (
            "AppConfig-GetConfiguration",
            &[
                ("Application", "a/b"),
                ("Environment", "prod"),
                ("Configuration", "c d"),
                ("ClientId", "$request.header.x-kind"),
                ("ClientConfigurationVersion", "1"),
            ],
            "GET http://aws:4566/applications/a%2Fb/environments/prod/configurations/c%20d?client_id=new&client_configuration_version=1\n\n",
        ),
        (
            "SQS-SendMessage",
            &[("QueueUrl", QUEUE), ("MessageBody", "$request.body.none")],
            "MissingParameters([\"MessageBody\"])",
        ),
        (
            "SQS-PurgeQueue",
            &[("QueueUrl", "orders")],
            "Configuration(\"the parameter `QueueUrl` of the integration is no queue's url\")",
        ),
        (
            "SQS-SendMessage",
            &[("QueueUrl", QUEUE), ("MessageBody", "b"), ("MessageAttributes", "x")],
            "Configuration(\"the parameter `MessageAttributes` of the integration is not JSON\")",
        ),
    ];

    #[test]
    fn requests() -> Result<(), String> {
        let sample = Sample::new("$default", "POST /orders/{id}", JSON).with_path(&[("id", "7")]);
        let values = Values::new(sample.source(None));
        for (subtype, parameters, expected) in ROWS {
            let Some(subtype) = Subtype::parse(subtype) else { unreachable!("`{subtype}` is a subtype") };
            let action = ServiceIntegration::read(subtype, parameters.iter().copied())
                .map_err(|faults| format!("{faults:?}"))?;
            let said = match call(&action, "http://aws:4566/", &values) {
                Ok((Target::Http { method, uri, headers }, body)) => {
                    let line = |line: &crate::http1::message::Header| {
                        format!("{}: {}\n", line.name(), String::from_utf8_lossy(&line.value))
                    };
                    let lines: String = headers.0.iter().map(line).collect();
                    format!("{method} {uri}\n{lines}\n{}", String::from_utf8_lossy(&body))
                }
                other => {
                    format!("{:?}", other.err()).trim_start_matches("Some(").trim_end_matches(')').to_owned() + ")"
                }
            };
            assert_eq!(said, *expected);
        }
        Ok(())
    }
}
