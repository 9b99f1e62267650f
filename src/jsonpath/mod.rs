//! Jayway's JSONPath.

use crate::value::Value;

/// A compiled path.
#[derive(Debug, Clone)]
pub struct Path(String);

/// Why a path does not compile.
#[derive(Debug, Clone)]
pub struct InvalidPath(pub String);

/// Why a path finds nothing.
#[derive(Debug, Clone)]
pub enum ReadError {
    /// It does not lead anywhere.
    PathNotFound,
    /// It is wrong in a way that shows only now.
    InvalidPath(String),
    /// Any other Java exception.
    Other(String),
}

impl Path {
    /// Compiles it.
    pub fn compile(text: &str) -> Result<Path, InvalidPath> {
        Ok(Path(text.to_owned()))
    }
    /// Whether it leads to one place at most.
    pub fn is_definite(&self) -> bool {
        !self.0.contains('*')
    }
    /// What it finds.
    pub fn read(&self, document: &Value) -> Result<Value, ReadError> {
        Ok(document.clone())
    }
}
