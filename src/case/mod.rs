//! Test cases: a request and a canned backend answer, with the call and the response that are expected of them.
//!
//! A file holds a configuration (or names one: `config: stagegate.yaml`) and its `cases`, which run in order on one
//! gateway. What a case does not name is not compared.
//!
//! ```yaml
//! api:
//!   routes: [...]                          # or `definition: openapi.yaml`, relative to this file
//! cases:
//!   - name: an invalid id is a 400
//!     request: { method: POST, path: /orders/x?verbose=1, headers: { X-Client: me }, json: { id: x } }
//!     backend: { function_error: true, json: { errorMessage: "bad id" } }
//!     call: { function: orders, json: { id: x } }
//!     response: { status: 400, headers: { X-Debug: null }, json: { message: bad id }, cause: none }
//!     trace: ['Selection pattern "bad.*" of response 400: match']
//! ```
//!
//! Bodies are written as `body` (text), `json` or `base64`. A backend may also answer by `timeout: true`,
//! `rejected: 429` or `network_error: "…"`. `call: none` says that the backend must not be called; `event` compares the
//! named members of a JSON body only. An expected header is a text, a list for several lines, `null` for a header that must
//! not be there, or `{ matches: REGEX }`; `headers` as a list of lines is all of them. `cause` is the metric's word for why
//! the gateway itself answered, `masked` that for a failure that the client does not see; `none` for neither. An expectation
//! names ids as a template does (`$context.requestId`). `tests/cases/README.md` documents every key.

mod authorizer;
pub(crate) mod aws_log;
mod aws_messages;
mod bless;
mod canned;
mod compare;
mod coverage;
mod coverage_items;
mod file;
mod gateways;
mod http_coverage;
mod play;
pub(crate) mod recorded;
mod stream;
mod suite;
mod unreadable;

pub(crate) use bless::bless;
pub(crate) use canned::CannedAnswer;
pub(crate) use compare::Miss;
pub(crate) use coverage::Coverage;
pub(crate) use coverage_items::{Item, ItemKind};
pub(crate) use gateways::{Gateways, gateway_of};
pub use play::{Played, play};
pub(crate) use suite::names;
pub use suite::{Suite, find, read_execution_log};
pub(crate) use unreadable::Unreadable;
