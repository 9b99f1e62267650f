//! `Ref` and `Fn::GetAtt`: what is known of a resource before it exists.

use super::parameter::Parameter;
use super::path::At;
use super::template::{Resource, Template};
use super::value;
use crate::config::document::{Node, Place};

/// Types whose `Ref` is a property, when the template names it.
const NAMED: &[(&str, &str)] = &[
    ("AWS::ApiGateway::Stage", "StageName"),
    ("AWS::ApiGatewayV2::Stage", "StageName"),
    ("AWS::DynamoDB::Table", "TableName"),
    ("AWS::Serverless::SimpleTable", "TableName"),
    ("AWS::Kinesis::Stream", "Name"),
    ("AWS::S3::Bucket", "BucketName"),
    ("AWS::Events::EventBus", "Name"),
];

impl Template<'_> {
    /// Whether it is a parameter, a resource, or CloudFormation's own.
    pub(super) fn is_name(&self, name: &str) -> bool {
        let declared = self.root.get("Parameters").is_some_and(|parameters| parameters.has(name));
        declared || self.resources.contains_key(name) || name.starts_with("AWS::")
    }

    /// What a `Ref` becomes; `None` is `AWS::NoValue`.
    pub(super) fn reference(&self, name: &str, node: &Node, at: &At<'_>) -> Option<Node> {
        match name {
            "AWS::NoValue" => return None,
            "AWS::NotificationARNs" => return Some(value::list(node, Vec::new())),
            _ => {}
        }
        if let Some(text) = self.pseudo_parameter(name) {
            return Some(value::text(node, text));
        }
        match self.parameter(name) {
            Some(Parameter::Text(text)) => return Some(value::text(node, text)),
            Some(Parameter::List(items)) => {
                return Some(value::list(node, items.into_iter().map(|item| value::text(node, item)).collect()));
            }
            Some(Parameter::Unknown) => return Some(self.symbol(name, node, at)),
            None => {}
        }
        if let Some(known) = self.stage.parameters.get(name) {
            return Some(value::text(node, known.clone()));
        }
        // A template may need an API's id; everywhere else the reference itself says which API is meant.
        let is_api =
            |resource: &Resource| matches!(resource.kind.as_str(), "AWS::ApiGateway::RestApi" | "AWS::Serverless::Api");
        if at.mapped && self.resources.get(name).is_some_and(is_api) {
            return Some(value::text(node, self.stage.id.clone()));
        }
        if let Some(text) = self.deeper(|| self.resource_reference(name)).flatten() {
            return Some(value::text(node, text));
        }
        if !self.is_name(name) && !name.contains('.') {
            let message = format!("`{name}` is neither a parameter nor a resource of the template");
            self.report.warning(&Place::of(node, at.to_path()), "unknown-reference", message);
        }
        Some(self.symbol(name, node, at))
    }

    fn resource_reference(&self, name: &str) -> Option<String> {
        if let Some((id, generated)) = name.split_once('.') {
            return self.generated(id, generated);
        }
        let resource = self.resources.get(name)?;
        match resource.kind.as_str() {
            "AWS::Lambda::Function" | "AWS::Serverless::Function" => Some(self.function_name(name)),
            "AWS::Lambda::Alias" | "AWS::Lambda::Version" => self.qualified(name, resource),
            "AWS::StepFunctions::StateMachine" | "AWS::Serverless::StateMachine" => {
                let named = self.literal(name, resource, "StateMachineName").or(self.literal(name, resource, "Name"))?;
                Some(self.arn("states", &format!("stateMachine:{named}")))
            }
            // The name that AWS would make up is nobody's business: references within the API lead by it.
            "AWS::ApiGateway::Model" => Some(self.literal(name, resource, "Name").unwrap_or_else(|| name.to_owned())),
            "AWS::SNS::Topic" => Some(self.arn("sns", &self.literal(name, resource, "TopicName")?)),
            kind => {
                let (_, property) = NAMED.iter().find(|(named, _)| *named == kind)?;
                self.literal(name, resource, property)
            }
        }
    }

    /// `Function.Alias`, `Function.Version` and `Api.Stage` of SAM, which generates those resources.
    fn generated(&self, id: &str, generated: &str) -> Option<String> {
        let resource = self.resources.get(id)?;
        match (resource.kind.as_str(), generated) {
            ("AWS::Serverless::Function", "Alias") => {
                let alias = self.literal(id, resource, "AutoPublishAlias")?;
                Some(format!("{}:{alias}", self.function_arn(id)))
            }
            ("AWS::Serverless::Function", "Version") => Some(format!("{}:$LATEST", self.function_arn(id))),
            ("AWS::Serverless::Api" | "AWS::Serverless::HttpApi", "Stage") => self.literal(id, resource, "StageName"),
            _ => None,
        }
    }

    /// `Fn::GetAtt: [Resource, Attribute]` and `Resource.Attribute` as one name.
    pub(super) fn attribute_name(&self, argument: &Node, at: &At<'_>) -> String {
        match argument.items() {
            [] => argument.scalar().unwrap_or_default(),
            items => items.iter().map(|item| self.text(item, at)).collect::<Vec<_>>().join("."),
        }
    }

    /// What a `Fn::GetAtt` becomes.
    pub(super) fn attribute(&self, name: &str, node: &Node, at: &At<'_>) -> Option<Node> {
        if let Some(known) = self.stage.parameters.get(name) {
            return Some(value::text(node, known.clone()));
        }
        let (id, attribute) = name.split_once('.').unwrap_or((name, ""));
        let known = self.deeper(|| self.resource_attribute(id, attribute)).flatten();
        if known.is_none() && !self.is_name(id) {
            let message = format!("`{id}` is not a resource of the template");
            self.report.warning(&Place::of(node, at.to_path()), "unknown-reference", message);
        }
        Some(known.map_or_else(|| self.symbol(name, node, at), |text| value::text(node, text)))
    }

    fn resource_attribute(&self, id: &str, attribute: &str) -> Option<String> {
        let resource = self.resources.get(id)?;
        match (resource.kind.as_str(), attribute) {
            ("AWS::Lambda::Function" | "AWS::Serverless::Function", "Arn") => Some(self.function_arn(id)),
            ("AWS::Lambda::Alias", "AliasArn") => self.qualified(id, resource),
            ("AWS::StepFunctions::StateMachine" | "AWS::Serverless::StateMachine", "Arn") => {
                self.resource_reference(id)
            }
            ("AWS::StepFunctions::StateMachine" | "AWS::Serverless::StateMachine", "Name") => {
                self.literal(id, resource, "StateMachineName").or_else(|| self.literal(id, resource, "Name"))
            }
            ("AWS::SQS::Queue", "QueueName") => self.literal(id, resource, "QueueName"),
            ("AWS::SQS::Queue", "Arn") => Some(self.arn("sqs", &self.literal(id, resource, "QueueName")?)),
            ("AWS::SNS::Topic", "TopicName") => self.literal(id, resource, "TopicName"),
            ("AWS::SNS::Topic", "TopicArn") => self.resource_reference(id),
            ("AWS::Events::EventBus", "Name") => self.literal(id, resource, "Name"),
            ("AWS::Events::EventBus", "Arn") => {
                Some(self.arn("events", &format!("event-bus/{}", self.literal(id, resource, "Name")?)))
            }
            ("AWS::DynamoDB::Table", "Arn") => {
                Some(self.arn("dynamodb", &format!("table/{}", self.literal(id, resource, "TableName")?)))
            }
            _ => None,
        }
    }

    fn arn(&self, service: &str, rest: &str) -> String {
        let (region, account) = (&self.stage.region, &self.stage.account_id);
        format!("arn:{}:{service}:{region}:{account}:{rest}", self.partition())
    }

    /// A property that is wholly known here.
    pub(super) fn literal(&self, id: &str, resource: &Resource, property: &str) -> Option<String> {
        self.property_text(id, resource, property).filter(|text| !text.is_empty() && !text.contains("${"))
    }
}
