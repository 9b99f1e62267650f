//! `Fault`: what goes wrong on purpose with one request.

use std::sync::Arc;
use std::time::Duration;

use crate::metrics::FaultCause;

/// What goes wrong on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// What.
    pub cause: FaultCause,
    /// How long it takes until it does.
    pub after: Duration,
    /// The `errorMessage` of a function that fails.
    pub message: Option<Arc<str>>,
}
