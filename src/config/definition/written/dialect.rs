//! `Dialect`: who wrote it, which decides on spelling and on what is an error.

use crate::config::document::{Fields, Severity, Spot};

/// Who wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// A native route: exact names, `responses` a list, unknown keys are errors.
    Native,
    /// OpenAPI: any letter case, `responses` a map by pattern, unknown keys are warnings.
    OpenApi,
    /// A resource of a CloudFormation template: any letter case, `IntegrationResponses` a list, unknown keys are warnings.
    CloudFormation,
}

impl Dialect {
    /// How bad an unknown key is.
    pub(crate) fn severity(self) -> Severity {
        match self {
            Dialect::Native => Severity::Error,
            Dialect::OpenApi | Dialect::CloudFormation => Severity::Warning,
        }
    }

    /// The map's fields in this dialect.
    pub(crate) fn fields<'a>(self, spot: &Spot<'a>) -> Fields<'a> {
        match self {
            Dialect::Native => spot.fields(),
            Dialect::OpenApi | Dialect::CloudFormation => spot.fields_any_case(),
        }
    }
}
