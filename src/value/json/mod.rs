//! JSON as json-smart reads it (permissive mode) and prints it.

mod printer;
mod reader;
mod strings;

pub use printer::{print, print_list};
pub(crate) use reader::MAX_NUMBER_LENGTH;
pub use reader::{InvalidJson, MAX_DEPTH};

use std::sync::Arc;

use super::object::Value;
use reader::{Mode, Reader};

/// A JSON text, read.
pub struct Document {
    /// What it holds.
    pub value: Value,
    /// Whether [`print()`] gives the very text back, so that nobody needs to print an untouched document.
    pub canonical: bool,
}

/// Reads a body as the gateway does: json-smart's permissive mode, which takes `{a:1}`, `'x'`, trailing commas, bare
/// words as strings, and ignores whatever follows the first value.
pub fn parse(text: &str) -> Result<Value, InvalidJson> {
    Reader::new(text, Mode::Permissive).value(|| Arc::from(text))
}

/// As [`parse_document`]; what is read keeps the text itself.
pub(crate) fn parse_kept(text: &Arc<str>) -> Result<Document, InvalidJson> {
    let mut reader = Reader::new(text, Mode::Permissive);
    let value = reader.value(|| text.clone())?;
    Ok(Document { value, canonical: reader.is_canonical() })
}

/// As [`parse`], and says whether the text is already what [`print()`] would write.
pub fn parse_document(text: &str) -> Result<Document, InvalidJson> {
    let mut reader = Reader::new(text, Mode::Permissive);
    let value = reader.value(|| Arc::from(text))?;
    Ok(Document { value, canonical: reader.is_canonical() })
}

/// Reads strict JSON with ordered objects, as `$util.parseJson` does.
pub fn parse_rfc4627(text: &str) -> Result<Value, InvalidJson> {
    Reader::new(text, Mode::Rfc4627).value(|| Arc::from(text))
}
