//! What HTTP/1.1 is, once, for both sides: messages, heads, framing.
//!
//! hyper parses and frames requests, but it keeps neither the spelling nor the order of header lines, and API Gateway hands both
//! on. So heads are also read and written here.

pub mod body;
pub mod chunked;
pub mod client;
pub mod message;
pub mod request_head;
pub mod resolve;
pub mod response_head;
pub mod server;
pub mod stream;
pub mod url;
