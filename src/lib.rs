//! stagegate answers as Amazon API Gateway would, in front of a backend that returns Lambda-style payloads.
//!
//! # The life of a request
//!
//! ```text
//! client ─► server/listener ─► server/service ─► gateway/gateway
//!                                                 │ start   router ► protection ► throttle ► method_request
//!                                                 │           ► integration_request      (MOCK has its reply at once)
//!                                                 │           Request ► Exchange, Step::Call(IntegrationCall)
//!                              server/service ◄───┤ call    integration: invoke_api | emulator | http | runtime_api
//!                                                 │           IntegrationCall ► IntegrationReply
//!                                                 │ resume  integration_response
//!                                                 │           IntegrationReply ► Step::Answer(Answer)
//!                                                 ▼ any Failure, of any step ─► gateway_response ─► client
//! ```
//!
//! The gateway is a state machine without IO: `Gateway::start` and `Gateway::resume` return the next `Step`. The server makes
//! its calls, `stagegate test` and `stagegate explain` feed it a canned reply, with no port and no runtime. A
//! [`failure::Failure`] of any step, and of a request that could not be read, leaves by one way.
//!
//! An `Exchange` keeps facts, not sentences: the execution log, the access log, the inspector and `explain` word them by
//! themselves. What costs to keep is kept in a `Sample`, which an exchange only has when somebody looks. An `Answer` counts
//! itself when it has left: its `Tally` goes with the response's body.
//!
//! # Where is … decided?
//!
//! | question | file |
//! |---|---|
//! | 500, 502 or 504 | `failure.rs`, a row a failure |
//! | what a REST client reads of a failure | `gateway/rest/refusal.rs`, `gateway/rest/gateway_response.rs` |
//! | the order of a request's steps | `gateway/gateway.rs` |
//! | what the execution log says | `gateway/rest/execution_log.rs` |
//! | which method answers | `gateway/router.rs` |
//! | what a proxy function gets, and whether its answer is well formed | `gateway/rest/proxy_event.rs`, `gateway/rest/proxy_reply.rs` |
//! | what a custom integration sends | `gateway/rest/integration_request.rs`, `mapping/parameter.rs` |
//! | which integration response answers, and with what | `gateway/rest/integration_response.rs` |
//! | which headers are dropped, renamed, refused | `mapping/header.rs` |
//! | whether a body is text or binary | `gateway/rest/content_handling.rs` |
//! | whether a backend's answer is a failure | `integration/`, one file for each kind of backend |
//! | what is counted | `metrics.rs`, `gateway/counters.rs` |
//! | what kind of document a definition is | `config/definition/kind.rs` |
//! | what a configuration means, and what is wrong with it | `config/compile/`, `config/lint/` |
//! | what a template prints | `vtl/`, with `mapping/{input,util,context}.rs` |
//!
//! # Floors
//!
//! A module imports only what stands above it in this list (`tests/layers.rs` holds the exact table).

pub mod http1;
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
