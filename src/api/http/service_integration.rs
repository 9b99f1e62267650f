//! `ServiceIntegration`: a first-class integration: which action of an AWS service a route calls, with which parameters.

use std::fmt::{self, Display};

use super::expression::{Expression, ExpressionFault};

/// A first-class integration.
#[derive(Debug, Clone)]
pub(crate) struct ServiceIntegration {
    /// Which action.
    pub subtype: Subtype,
    /// Its parameters, in the order of [`Subtype::parameters`].
    pub parameters: Vec<(&'static str, Expression)>,
    /// `Region`: where, instead of in the API's own.
    pub region: Option<Expression>,
}

/// `integrationSubtype`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(crate) enum Subtype {
    EventBridgePutEvents,
    SqsSendMessage,
    SqsReceiveMessage,
    SqsDeleteMessage,
    SqsPurgeQueue,
    AppConfigGetConfiguration,
    KinesisPutRecord,
    StepFunctionsStartExecution,
    StepFunctionsStartSyncExecution,
    StepFunctionsStopExecution,
}

/// What API Gateway takes for no parameters of a first-class integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ServiceFault {
    /// The action has no such parameter.
    Unknown {
        /// The parameter.
        name: String,
        /// The action.
        subtype: Subtype,
    },
    /// The action needs this parameter.
    Missing {
        /// The parameter.
        name: &'static str,
        /// The action.
        subtype: Subtype,
    },
    /// The value is no expression of a request.
    Expression(String, ExpressionFault),
}

impl Subtype {
    /// Every one.
    pub(crate) const ALL: [Subtype; 10] = [
        Subtype::EventBridgePutEvents,
        Subtype::SqsSendMessage,
        Subtype::SqsReceiveMessage,
        Subtype::SqsDeleteMessage,
        Subtype::SqsPurgeQueue,
        Subtype::AppConfigGetConfiguration,
        Subtype::KinesisPutRecord,
        Subtype::StepFunctionsStartExecution,
        Subtype::StepFunctionsStartSyncExecution,
        Subtype::StepFunctionsStopExecution,
    ];

    /// Reads the word of a definition.
    pub(crate) fn parse(text: &str) -> Option<Subtype> {
        Subtype::ALL.into_iter().find(|subtype| subtype.as_str().eq_ignore_ascii_case(text))
    }

    /// The word of a definition.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Subtype::EventBridgePutEvents => "EventBridge-PutEvents",
            Subtype::SqsSendMessage => "SQS-SendMessage",
            Subtype::SqsReceiveMessage => "SQS-ReceiveMessage",
            Subtype::SqsDeleteMessage => "SQS-DeleteMessage",
            Subtype::SqsPurgeQueue => "SQS-PurgeQueue",
            Subtype::AppConfigGetConfiguration => "AppConfig-GetConfiguration",
            Subtype::KinesisPutRecord => "Kinesis-PutRecord",
            Subtype::StepFunctionsStartExecution => "StepFunctions-StartExecution",
            Subtype::StepFunctionsStartSyncExecution => "StepFunctions-StartSyncExecution",
            Subtype::StepFunctionsStopExecution => "StepFunctions-StopExecution",
        }
    }

    /// The service, as a REST API's uri and the configuration's `services` name it.
    pub(crate) fn service(self) -> &'static str {
        match self {
            Subtype::EventBridgePutEvents => "events",
            Subtype::SqsSendMessage
            | Subtype::SqsReceiveMessage
            | Subtype::SqsDeleteMessage
            | Subtype::SqsPurgeQueue => "sqs",
            Subtype::AppConfigGetConfiguration => "appconfig",
            Subtype::KinesisPutRecord => "kinesis",
            Subtype::StepFunctionsStartExecution
            | Subtype::StepFunctionsStartSyncExecution
            | Subtype::StepFunctionsStopExecution => "states",
        }
    }

    /// The parameters that the action needs, and those that it takes (documented), but for `Region`.
    pub(crate) fn parameters(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Subtype::EventBridgePutEvents => {
                (&["Detail", "DetailType", "Source"], &["Time", "EventBusName", "Resources"])
            }
            Subtype::SqsSendMessage => (
                &["QueueUrl", "MessageBody"],
                &[
                    "DelaySeconds",
                    "MessageAttributes",
                    "MessageDeduplicationId",
                    "MessageGroupId",
                    "MessageSystemAttributes",
                ],
            ),
            Subtype::SqsReceiveMessage => (
                &["QueueUrl"],
                &[
                    "AttributeName",
                    "MaxNumberOfMessages",
                    "MessageAttributeNames",
                    "ReceiveRequestAttemptId",
                    "VisibilityTimeout",
                    "WaitTimeSeconds",
                ],
            ),
            Subtype::SqsDeleteMessage => (&["QueueUrl", "ReceiptHandle"], &[]),
            Subtype::SqsPurgeQueue => (&["QueueUrl"], &[]),
            Subtype::AppConfigGetConfiguration => {
                (&["Application", "Environment", "Configuration", "ClientId"], &["ClientConfigurationVersion"])
            }
            Subtype::KinesisPutRecord => {
                (&["StreamName", "Data", "PartitionKey"], &["SequenceNumberForOrdering", "ExplicitHashKey"])
            }
            Subtype::StepFunctionsStartExecution => (&["StateMachineArn"], &["Name", "Input"]),
            Subtype::StepFunctionsStartSyncExecution => (&["StateMachineArn"], &["Name", "Input", "TraceHeader"]),
            Subtype::StepFunctionsStopExecution => (&["ExecutionArn"], &["Cause", "Error"]),
        }
    }

    /// The action's name in the service's own API.
    pub(crate) fn action(self) -> &'static str {
        self.as_str().split_once('-').map_or("", |(_, action)| action)
    }
}

impl ServiceIntegration {
    /// Reads the parameters of an action: `requestParameters`. Every fault is told, with the parameter that has it.
    pub(crate) fn read<'p>(
        subtype: Subtype,
        written: impl IntoIterator<Item = (&'p str, &'p str)>,
    ) -> Result<ServiceIntegration, Vec<ServiceFault>> {
        let (needed, taken) = subtype.parameters();
        let mut read = ServiceIntegration { subtype, parameters: Vec::new(), region: None };
        let mut faults = Vec::new();
        for (name, value) in written {
            let known = needed.iter().chain(taken).find(|known| **known == name);
            match (Expression::parse(value), known) {
                (Err(fault), _) => faults.push(ServiceFault::Expression(name.to_owned(), fault)),
                (Ok(value), Some(known)) => read.parameters.push((known, value)),
                (Ok(value), None) if name == "Region" => read.region = Some(value),
                (Ok(_), None) => faults.push(ServiceFault::Unknown { name: name.to_owned(), subtype }),
            }
        }
        let is_given = |name: &str| {
            let failed = |fault: &ServiceFault| matches!(fault, ServiceFault::Expression(other, _) if other == name);
            read.parameters.iter().any(|(other, _)| *other == name) || faults.iter().any(failed)
        };
        let missing: Vec<&'static str> = needed.iter().copied().filter(|name| !is_given(name)).collect();
        faults.extend(missing.into_iter().map(|name| ServiceFault::Missing { name, subtype }));
        let place = |name: &str| needed.iter().chain(taken).position(|known| *known == name);
        read.parameters.sort_by_key(|(name, _)| place(name));
        if faults.is_empty() { Ok(read) } else { Err(faults) }
    }
}

impl Display for ServiceFault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            ServiceFault::Unknown { name, subtype } => {
                let (needed, taken) = subtype.parameters();
                let known: Vec<&str> = needed.iter().chain(taken).copied().collect();
                write!(f, "`{}` has no parameter `{name}`: expected `{}`", subtype.as_str(), known.join("`, `"))
            }
            ServiceFault::Missing { name, subtype } => write!(f, "`{}` needs the parameter `{name}`", subtype.as_str()),
            ServiceFault::Expression(name, fault) => write!(f, "`{name}`: {fault}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Parameters = &'static [(&'static str, &'static str)];

    /// An action with its parameters, and the names as read or what is wrong.
    #[rustfmt::skip]
    const ROWS: &[(&str, Parameters, &str)] = &[
        ("sqs-purgequeue", &[("QueueUrl", "u")], "sqs PurgeQueue QueueUrl"),
        ("SQS-SendMessage", &[("Region", "eu-west-1"), ("MessageBody", "$request.body"), ("QueueUrl", "u")], "sqs SendMessage QueueUrl MessageBody in eu-west-1"),
        ("Kinesis-PutRecord", &[("Data", "$request.body.a[?(@.b)]"), ("StreamName", "s"), ("Datum", "x")], "`Data`: `$request.body.a[?(@.b)]`: paths with `..` or filters are not supported; `Kinesis-PutRecord` has no parameter `Datum`: expected `StreamName`, `Data`, `PartitionKey`, `SequenceNumberForOrdering`, `ExplicitHashKey`; `Kinesis-PutRecord` needs the parameter `PartitionKey`"),
        ("EventBridge-PutEvents", &[], "`EventBridge-PutEvents` needs the parameter `Detail`; `EventBridge-PutEvents` needs the parameter `DetailType`; `EventBridge-PutEvents` needs the parameter `Source`"),
        ("SNS-Publish", &[], "unknown"),
    ];

    #[test]
    fn parameters() {
        for (subtype, parameters, expected) in ROWS {
            let Some(subtype) = Subtype::parse(subtype) else {
                assert_eq!(*expected, "unknown");
                continue;
            };
            let said = match ServiceIntegration::read(subtype, parameters.iter().copied()) {
                Ok(read) => {
                    let names: Vec<&str> = read.parameters.iter().map(|(name, _)| *name).collect();
                    let region = read.region.map_or_else(String::new, |region| format!(" in {}", region.written));
                    format!("{} {} {}{region}", subtype.service(), subtype.action(), names.join(" "))
                }
                Err(faults) => faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            };
            assert_eq!(said, *expected);
        }
    }
}
