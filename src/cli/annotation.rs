//! Texts in the workflow commands of GitHub Actions (`::error file=…::message`): what would end a command is escaped in it.

/// A command's message.
pub(super) fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// One of its properties.
pub(super) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
