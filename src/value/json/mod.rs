//! JSON as json-smart reads it (permissive mode) and prints it.

mod printer;
mod reader;
mod squeeze;
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
    /// Up to where the text is what [`print()`] would write, but for blanks between the values.
    spaced_end: Option<usize>,
}

impl Document {
    /// What [`print()`] gives of the document, while nobody has changed it, where its text has that but for blanks; it was read from
    /// this text.
    pub(crate) fn squeezed(&self, text: &str) -> Option<String> {
        let text = text.get(..self.spaced_end?)?;
        (text.len() <= printer::MAX_PRINTED_BYTES).then(|| squeeze::squeezed(text))
    }
}

/// Reads a body as the gateway does: json-smart's permissive mode, which takes `{a:1}`, `'x'`, trailing commas, bare
/// words as strings, and ignores whatever follows the first value.
pub fn parse(text: &str) -> Result<Value, InvalidJson> {
    Reader::new(text, Mode::Permissive).value(|| Arc::from(text)).map_err(|error| *error)
}

/// As [`parse_document`]; what is read keeps the text itself.
pub(crate) fn parse_kept(text: &Arc<str>) -> Result<Document, InvalidJson> {
    let mut reader = Reader::new(text, Mode::Permissive);
    let value = reader.value(|| text.clone()).map_err(|error| *error)?;
    Ok(Document { value, canonical: reader.is_canonical(), spaced_end: reader.spaced_end() })
}

/// As [`parse`], and says whether the text is already what [`print()`] would write.
pub fn parse_document(text: &str) -> Result<Document, InvalidJson> {
    let mut reader = Reader::new(text, Mode::Permissive);
    let value = reader.value(|| Arc::from(text)).map_err(|error| *error)?;
    Ok(Document { value, canonical: reader.is_canonical(), spaced_end: reader.spaced_end() })
}

/// Reads strict JSON with ordered objects, as `$util.parseJson` does.
pub fn parse_rfc4627(text: &str) -> Result<Value, InvalidJson> {
    Reader::new(text, Mode::Rfc4627).value(|| Arc::from(text)).map_err(|error| *error)
}
