//! What HTTP/1.1 is, once, for both sides: messages, heads, framing, and a connection's two ends over a socket.
//!
//! Not hyper's heads: hyper keeps neither the spelling nor the order of header lines, and API Gateway hands both on. So heads
//! are read and written here, towards backends altogether ([`client`]), towards clients beside hyper, which still serves:
//! [`head_tap`] and [`head_writer`] exchange its heads for ours on the socket ([`server`]), and go when it does.
//!
//! Not here: names, certificates, pools (`integration/`), and who may connect (`server/`).

pub(crate) mod accept;
pub(crate) mod body;
pub(crate) mod body_stream;
pub(crate) mod chunked;
pub(crate) mod client;
pub(crate) mod framing;
pub(crate) mod head;
pub(crate) mod head_tap;
pub(crate) mod head_writer;
pub(crate) mod message;
pub(crate) mod request_head;
pub(crate) mod server;
