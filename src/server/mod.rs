//! What the process opens to the world: data port, admin port, signals. [`run`] is the whole life of the sidecar.

mod access_log;
mod account;
mod admin;
mod connection;
mod connection_service;
mod definition;
mod departure;
mod descriptors;
mod flights;
mod in_flight;
mod inspector;
mod listener;
mod process;
mod record;
mod reload;
mod run;
mod service;
mod shutdown;
mod statistics;
mod worker;

pub use definition::describe;
pub(crate) use run::{Addresses, Failed, run};
