//! The admin port: probes, metrics, the inspector's data and its page.

mod answer;
mod asked;
mod configuration;
mod events;
mod page;
mod playground;
mod port;
mod usage;
mod visitor;

pub use playground::playground;
pub(crate) use port::serve;
pub use visitor::Visitor;
