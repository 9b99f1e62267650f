//! Definitions: from whatever source, each becomes the API and the stage as written.
//!
//! A source is a file or a folder of its own (`native`, `openapi/`, `cloudformation/`); what they share is in `written/`. None knows
//! another, but for templates, whose APIs have OpenAPI documents in them.
//! `kind` sees from the document which source reads it. The rest of the `api` section is laid over the definition: its routes are
//! added, its models, validators, gateway responses and media types win, so that an export can stay as API Gateway wrote it.

mod cloudformation;
mod iam;
mod keys;
mod kind;
mod native;
mod native_http;
mod openapi;
mod section;
mod source;
mod stage;
mod throttle;
mod usage_plan;
pub(crate) mod written;

pub(crate) use iam::read as access_keys;
pub(crate) use keys::read as keys;
pub(crate) use section::{forget, read};
pub(crate) use usage_plan::check_keys;
