//! What HTTP/1.1 is, once, for both sides: messages, heads, framing, and a connection's two ends over a socket.
//!
//! Not hyper's heads: hyper keeps neither the spelling nor the order of header lines, and API Gateway hands both on. So heads
//! are read and written here, towards backends altogether ([`client`]), towards clients beside hyper, which still serves:
//! [`head_tap`] and [`head_writer`] exchange its heads for ours on the socket ([`server`]), and go when it does.
//!
//! Not here: names, certificates, pools (`integration/`), and who may connect (`server/`).

pub mod accept;
pub mod body;
pub mod chunked;
pub mod client;
pub mod framing;
pub mod head;
pub mod head_tap;
pub mod head_writer;
pub mod message;
pub mod server;
