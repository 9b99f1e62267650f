//! Definitions: from whatever source, each becomes the API and the stage as written.
//!
//! A source is a file or a folder of its own (`native`, `openapi/`) and knows no other source; what they share is in `written/`.
//! `kind` sees from the document which source reads it. The rest of the `api` section is laid over the definition: its routes are
//! added, its models, validators, gateway responses and media types win, so that an export can stay as API Gateway wrote it.

mod kind;
mod native;
mod openapi;
mod section;
mod source;
mod stage;
mod throttle;
mod usage_plan;
pub(crate) mod written;

pub(crate) use section::read;
pub(crate) use usage_plan::check_keys;
