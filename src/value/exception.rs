//! A Java exception, as a template meets it.

/// A Java exception that a method threw: it fails the whole template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The class, such as `IndexOutOfBoundsException`.
    pub class: &'static str,
    /// What it says.
    pub message: String,
}

impl Exception {
    /// An exception of that class.
    pub fn new(class: &'static str, message: impl Into<String>) -> Exception {
        Exception { class, message: message.into() }
    }
}
