//! Why a read stops.

/// The Java exceptions that json-path's evaluation throws, as far as it tells them apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    PathNotFound,
    InvalidPath(String),
    /// An index into an array takes this one back.
    IndexOutOfBounds,
    Other(String),
}

/// Any exception that nothing in json-path takes back.
pub(super) fn other<T>(detail: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Other(detail.into()))
}
