//! `PayloadFormat`: in which format a function is told of a request, and answers.

/// `payloadFormatVersion`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum PayloadFormat {
    /// `1.0`: as a REST API's, nearly.
    V1,
    /// `2.0`
    #[default]
    V2,
}

impl PayloadFormat {
    /// Reads the word of a definition.
    pub(crate) fn parse(text: &str) -> Option<PayloadFormat> {
        [PayloadFormat::V1, PayloadFormat::V2].into_iter().find(|format| format.as_str() == text)
    }

    /// The word of a definition.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            PayloadFormat::V1 => "1.0",
            PayloadFormat::V2 => "2.0",
        }
    }
}
