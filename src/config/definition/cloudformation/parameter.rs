//! Parameters and pseudo parameters: the configuration's value, else the template's default.

use super::template::Template;
use crate::config::document::Node;

/// What a parameter is.
pub(crate) enum Parameter {
    /// A text.
    Text(String),
    /// `CommaDelimitedList`, `List<…>`
    List(Vec<String>),
    /// Declared, but without a value here.
    Unknown,
}

impl Template<'_> {
    /// The parameter of that name, if the template declares it.
    pub(crate) fn parameter(&self, name: &str) -> Option<Parameter> {
        let declared = self.root.get("Parameters")?.get(name)?;
        let kind = declared.get("Type").and_then(Node::scalar).unwrap_or_default();
        // The default of a parameter of the parameter store is the name of its entry there, not the value.
        let stored = kind.starts_with("AWS::SSM::Parameter::Value");
        let default = || declared.get("Default").and_then(Node::scalar).filter(|_| !stored);
        let Some(value) = self.stage.parameters.get(name).cloned().or_else(default) else {
            return Some(Parameter::Unknown);
        };
        Some(match kind.contains("List<") || kind == "CommaDelimitedList" {
            true => Parameter::List(value.split(',').map(|item| item.trim().to_owned()).collect()),
            false => Parameter::Text(value),
        })
    }

    /// The declared parameters that have no value here.
    pub(crate) fn parameters_without_value(&self) -> Vec<String> {
        let declared = self.root.get("Parameters").into_iter().flat_map(Node::entries);
        let is_unknown = |name: &str| matches!(self.parameter(name), Some(Parameter::Unknown));
        declared.map(|(name, _)| name).filter(|name| is_unknown(name)).map(|name| name.to_string()).collect()
    }

    /// The value of a pseudo parameter that is text.
    pub(crate) fn pseudo_parameter(&self, name: &str) -> Option<String> {
        let partition = match self.stage.region.split('-').next() {
            Some("cn") => "aws-cn",
            _ if self.stage.region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        Some(match name {
            "AWS::Region" => self.stage.region.clone(),
            "AWS::AccountId" => self.stage.account_id.clone(),
            "AWS::Partition" => partition.to_owned(),
            "AWS::URLSuffix" if partition == "aws-cn" => "amazonaws.com.cn".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            _ => return None,
        })
    }

    /// The partition of ARNs.
    pub(crate) fn partition(&self) -> String {
        self.pseudo_parameter("AWS::Partition").unwrap_or_default()
    }
}
