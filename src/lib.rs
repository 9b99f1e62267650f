//! stagegate answers as Amazon API Gateway would, in front of a backend that returns Lambda-style payloads.
//!
//! # The life of a request
//!
//! ```text
//! client ─► server/listener ─► server/service ─► gateway/gateway
//!                                                 │ begin   router ► protection, throttle ► method_request
//!                                                 │           ► proxy_event or integration_request
//!                                                 │           Request ► Exchange ► IntegrationCall
//!                                                 │ call    integration: invoke_api | emulator | http | runtime_api | mock
//!                                                 │           IntegrationCall ► IntegrationReply
//!                                                 │ finish  proxy_reply or integration_response
//!                                                 │           IntegrationReply ► Response
//!                                                 ▼ any Failure, of any step ─► gateway_response ─► client
//! ```
//!
//! `Gateway::begin` and `Gateway::finish` are pure: `stagegate test` and `stagegate explain` feed them a canned reply, with no
//! port and no runtime. A [`failure::Failure`] of any step leaves by one door.
//!
//! # Where is … decided?
//!
//! | question | file |
//! |---|---|
//! | 500, 502 or 504 | `failure.rs` |
//! | which method answers | `gateway/router.rs` |
//! | what a proxy function gets, and whether its answer is well formed | `gateway/rest/proxy_event.rs`, `gateway/rest/proxy_reply.rs` |
//! | what a custom integration sends | `gateway/rest/integration_request.rs`, `mapping/parameter.rs` |
//! | which integration response answers, and with what | `gateway/rest/integration_response.rs` |
//! | which headers are dropped, renamed, refused | `mapping/header.rs` |
//! | whether a body is text or binary | `gateway/rest/content_handling.rs` |
//! | what the gateway's own answers look like | `gateway/rest/gateway_response.rs` |
//! | whether a backend's answer is a failure | `integration/`, one file for each kind of backend |
//! | what is counted | `metrics.rs`, `gateway/counters.rs` |
//! | what a configuration means, and what is wrong with it | `config/compile/`, `config/lint.rs` |
//! | how the strings of events and replies are written and read | `json_text/` |
//! | what a template prints | `vtl/`, with `mapping/{input,util,context}.rs` |
//!
//! # Floors
//!
//! A module imports only what stands above it in this list (`tests/layers.rs` holds the exact table).

pub mod http1;
pub mod json_text;
pub mod log;
pub mod metrics;
pub mod pattern;
pub mod value;

pub mod jsonpath;
pub mod vtl;

pub mod api;
pub mod exchange;
pub mod failure;

pub mod config;

pub mod integration;
pub mod mapping;

pub mod gateway;

pub mod case;
pub mod server;

pub mod cli;
