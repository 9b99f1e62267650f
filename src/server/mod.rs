//! The doors of the process: data port, admin port, signals. [`run`] is the whole life of the sidecar.

mod access_log;
mod admin;
mod connection;
mod definition;
mod door;
mod in_flight;
mod inspector;
mod listener;
mod process;
mod reload;
mod run;
mod service;
mod shutdown;
mod worker;

pub use definition::describe;
pub use process::Definition;
pub use reload::Load;
pub use run::{Addresses, Failed, run};
