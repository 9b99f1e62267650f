//! The admin port: probes, metrics, the inspector's data and its page.

mod answer;
mod asked;
mod configuration;
mod events;
mod page;
mod playground;
mod port;
mod usage;

pub use playground::playground;
pub(crate) use port::serve;
