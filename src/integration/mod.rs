//! Calling the backend: `Backends::invoke` sends a call and gets a reply, before the timeout.

pub mod call;
