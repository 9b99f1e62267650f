//! What HTTP/1.1 is, once, for both sides: messages, heads, framing.
//!
//! hyper parses and frames requests, but it keeps neither the spelling nor the order of header lines, and API Gateway hands both
//! on. So heads are also read and written here.

pub mod body;
pub mod chunked;
pub mod client;
pub mod head_tap;
pub mod head_writer;
pub mod message;
pub mod server;
