//! stagegate answers as Amazon API Gateway would, in front of a backend that returns Lambda-style payloads.
//!
//! # The life of a request
//!
//! To a REST API:
//!
//! ```text
//! client ─► server/listener ─► server/service ─► gateway/rest/gateway
//!                                                 │ start   router ► protection (an authorizer is a call of its own) ► throttle ► method_request
//!                                                 │           ► integration_request      (MOCK has its reply at once)
//!                                                 │           Request ► Exchange, Step::Call(IntegrationCall)
//!                              server/service ◄───┤ call    integration: invoke_api | emulator | http | runtime_api
//!                                                 │           IntegrationCall ► IntegrationReply
//!                                                 │ resume  integration_response
//!                                                 │           IntegrationReply ► Step::Answer(Answer)
//!                                                 ▼ any Failure, of any step ─► gateway_response ─► client
//! ```
//!
//! To an HTTP API (v2) the way is the same, with fewer steps of its own kind:
//!
//! ```text
//! client ─► server ─► gateway/http/gateway
//!                      │ start   router (no route: cors answers a preflight) ► authorization ► throttle ► integration_request
//!                      │           ► event_v2 | event_v1 | http_request | service_request
//!            server ◄──┤ call    integration, as above
//!                      │ resume  integration_response ► reply ► parameter_mapping ► cors
//!                      ▼ any Failure, of any step ─► refusal ► cors ─► client
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
//! | what an HTTP API's client reads of a failure | `gateway/http/refusal.rs` |
//! | the order of a request's steps | `gateway/rest/gateway.rs`, `gateway/http/gateway.rs` |
//! | what the execution log says, or the trace of an HTTP API | `gateway/rest/execution_log.rs`, `gateway/http/trace.rs` |
//! | which method or route answers | `gateway/rest/router.rs`, `gateway/http/router.rs` |
//! | whether a caller may call | `authorization/`, which says where in it |
//! | what a proxy function gets, and whether its answer is well formed | `gateway/rest/proxy_event.rs`, `gateway/rest/proxy_reply.rs` |
//! | the same of an HTTP API, in payload formats 2.0 and 1.0 | `gateway/http/event_v2.rs`, `gateway/http/event_v1.rs`, `gateway/http/reply.rs` |
//! | what a page of another origin is told by an HTTP API | `gateway/http/cors.rs` |
//! | what a custom integration sends | `gateway/rest/integration_request.rs`, `mapping/parameter.rs` |
//! | which integration response answers, and with what | `gateway/rest/integration_response.rs` |
//! | which headers are dropped, renamed, refused | `mapping/header.rs` |
//! | whether a body is text or binary | `gateway/rest/content_handling.rs` |
//! | whether a backend's answer is a failure, and a function failed | `integration/outcome.rs` |
//! | what fails on purpose, and with which reply | `gateway/faults.rs`, `integration/fault.rs` |
//! | what is counted | `metrics.rs`, `gateway/counters.rs` |
//! | what a collector is told, and what is an error there | `server/telemetry/spans.rs` |
//! | what kind of document a definition is | `config/definition/kind.rs` |
//! | what a configuration means, and what is wrong with it | `config/compile/`, `config/lint/` |
//! | how the strings of events and replies are written and read | `json_text/` |
//! | what a template prints | `vtl/`, with `mapping/{input,util,context}.rs` |
//!
//! # Floors
//!
//! A module imports only what stands above it in this list (`tests/layers.rs` holds the exact table).

mod http1;
mod json_text;
mod log;
mod memory;
mod metrics;
mod pattern;
mod value;

mod jsonpath;
mod vtl;

mod api;
// Open so that its tests can ask it directly.
pub mod authorization;
mod exchange;
mod failure;

mod mapping;

mod config;

mod integration;

mod gateway;

mod case;
mod server;

mod cli;

// The public interface is:

pub use api::{Api, ApiStage, Endpoint, HttpApi, HttpAuthorization, HttpIntegration, HttpRoute, RestApi};
pub use case::{Played, Suite, find, play, read_execution_log};
pub use cli::{Cli, check, explain, main, test};
pub use config::{
    FLAGS, Format as ExportFormat, Loaded, NAMED_FLAGS, Node, PREFIX, Problem, Rule, Severity, Silenced, Sources,
    export, load, parse, rule, rules,
};
pub use exchange::call::IntegrationReply;
pub use failure::Failure;
pub use gateway::{Gateway, check_body};
pub use http1::at_once::{ReadAnswer, ReadRequest, read_answer, read_requests};
pub use http1::body_stream::Body;
pub use http1::message::{Header, Headers, Request, Response};
pub use integration::{StreamedAnswer, read_streamed};
pub use mapping::context::add_overrides;
pub use mapping::template::fill;
pub use mapping::{Parameters, Variables, render};
pub use metrics::{MaskedKind, Metrics};
pub use server::{TraceContext, Visitor, access_line, describe, playground};

/// The engines alone: templates, JSON paths and patterns, and the values that they share.
pub mod engine {
    /// Velocity's templates.
    pub mod vtl {
        pub use crate::vtl::{Error, ErrorKind, Limits, Scope, Template};
    }

    /// Jayway's JSON paths.
    pub mod jsonpath {
        pub use crate::jsonpath::{InvalidPath, MAX_NESTING, Path, ReadError};
    }

    /// Java's regular expressions.
    pub mod pattern {
        pub use crate::pattern::{Captures, Outcome, Pattern, PatternSet, Regex, ReplacementError, SyntaxError};
    }

    /// What templates, paths and JSON documents hold.
    pub mod value {
        pub use crate::value::{Entries, Exception, List, ListKind, Map, MapKind, Object, Text, Value};

        /// JSON as json-smart reads and prints it.
        pub mod json {
            pub use crate::value::json::{
                Document, InvalidJson, MAX_DEPTH, parse, parse_document, parse_rfc4627, print, print_list,
            };
        }

        /// Numbers as Java reads and prints them.
        pub mod number {
            pub use crate::value::number::{
                parse_big_decimal, parse_big_integer, parse_double, parse_float, parse_int, parse_long,
                plain_big_decimal, print_big_decimal, print_double, print_engineering_big_decimal, print_float,
            };
        }
    }
    /// JSON strings as bytes.
    pub mod json_text {
        pub use crate::json_text::{
            Ahead, Broken, Found, HiddenNames, Kind, Outline, Place, ReadAhead, Step, Utf8, escape, escape_str, read,
        };

        /// The loops, for each set of instructions.
        pub mod simd {
            pub use crate::json_text::simd::{Level, Progress, Stops};
        }
    }
}
