//! Definitions: from whatever source, each becomes the API and the stage as written.

pub mod native;
pub mod openapi;
pub mod stage;
pub mod written;
