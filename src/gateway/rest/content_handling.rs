//! `contentHandling`: what becomes of a body's bytes on the way in and out; every cell of the tables recorded on AWS.

use bytes::Bytes;

use crate::api::{ContentHandling, MediaTypes};
use crate::failure::Failure;
use crate::gateway::base64;
use crate::json_text;

/// A body behind its conversion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Converted {
    /// UTF-8 text: a template can see it.
    Text(Bytes),
    /// Bytes: a template cannot.
    Binary(Bytes),
}

impl Converted {
    /// The bytes to send.
    pub(crate) fn into_bytes(self) -> Bytes {
        match self {
            Converted::Text(bytes) | Converted::Binary(bytes) => bytes,
        }
    }

    /// The text, for a template; `sentence` is the log's when there is none.
    pub(crate) fn text(self, sentence: &'static str) -> Result<Bytes, Failure> {
        match self {
            Converted::Text(text) => Ok(text),
            Converted::Binary(_) => Err(Failure::ContentHandling(sentence)),
        }
    }
}

/// The client's body for the backend.
pub(crate) fn convert_request(
    types: &MediaTypes,
    content_type: &str,
    handling: Option<ContentHandling>,
    body: &Bytes,
) -> Result<Converted, Failure> {
    use ContentHandling::{ConvertToBinary, ConvertToText};
    match (types.contains(content_type), handling) {
        (false, None | Some(ConvertToText)) => Ok(Converted::Text(utf8(body))),
        (false, Some(ConvertToBinary)) => decode(body),
        (true, None | Some(ConvertToBinary)) => Ok(Converted::Binary(body.clone())),
        (true, Some(ConvertToText)) => Ok(encode(body)),
    }
}

/// The backend's body for the client: `content_type` is the backend's, `accept` the first type that the client accepts.
pub(crate) fn convert_response(
    types: &MediaTypes,
    content_type: &str,
    accept: &str,
    handling: Option<ContentHandling>,
    body: &Bytes,
) -> Result<Converted, Failure> {
    use ContentHandling::{ConvertToBinary, ConvertToText};
    match (types.contains(content_type), types.contains(accept), handling) {
        (false, _, Some(ConvertToBinary)) | (false, true, None) => decode(body),
        (false, _, Some(ConvertToText)) | (false, false, None) => Ok(Converted::Text(utf8(body))),
        (true, _, Some(ConvertToText)) | (true, false, None) => Ok(encode(body)),
        (true, _, Some(ConvertToBinary)) | (true, true, None) => Ok(Converted::Binary(body.clone())),
    }
}

/// The bytes, each that is not UTF-8 replaced by U+FFFD.
fn utf8(body: &Bytes) -> Bytes {
    match json_text::lossy(body) {
        std::borrow::Cow::Borrowed(_) => body.clone(),
        std::borrow::Cow::Owned(text) => text.into(),
    }
}

fn encode(body: &Bytes) -> Converted {
    let mut text = Vec::new();
    base64::encode(&mut text, body);
    Converted::Text(text.into())
}

fn decode(body: &Bytes) -> Result<Converted, Failure> {
    match base64::decode(body) {
        Some(bytes) => Ok(Converted::Binary(bytes.into())),
        None => Err(Failure::ContentHandling("Unable to base64 decode the body.")),
    }
}
