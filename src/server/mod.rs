//! What the process opens to the world: data port, admin port, signals. [`run`] is the whole life of the sidecar.

mod access_log;
mod account;
mod admin;
mod authorizer_answer;
mod connection;
mod definition;
mod departure;
mod descriptors;
mod failure_log;
mod flights;
mod handshakes;
mod http1_service;
mod http2_link;
mod http2_service;
mod http_definition;
mod in_flight;
mod inspector;
mod listener;
mod pooled;
mod process;
mod record;
mod reload;
mod run;
mod service;
mod shutdown;
mod statistics;
mod telemetry;
mod trim;
mod worker;

pub use admin::playground;
pub use definition::describe;
pub(crate) use definition::describe_either;
pub(crate) use record::{Record, Told};
pub(crate) use reload::{Read, again};
pub(crate) use run::{Addresses, Failed, run};
