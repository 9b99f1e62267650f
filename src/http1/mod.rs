//! What HTTP/1.1 is, once, for both sides: messages, heads, framing, and a connection's two ends over a socket.
//!
//! Not hyper's: hyper keeps neither the spelling nor the order of header lines, and API Gateway hands both on. It also reads and
//! writes more than a gateway needs to. So both ends of a connection are here: [`client`] towards backends, [`server`] towards
//! clients. hyper serves HTTP/2, whose names have one spelling, the admin port and the Runtime API.
//!
//! Not here: names, certificates, pools (`integration/`), and who may connect (`server/`).

pub(crate) mod accept;
pub(crate) mod at_once;
pub(crate) mod body;
pub(crate) mod body_stream;
pub(crate) mod chunked;
pub(crate) mod client;
pub(crate) mod clock;
pub(crate) mod framing;
pub(crate) mod head;
mod head_end;
pub(crate) mod message;
pub(crate) mod progress;
pub(crate) mod request_body;
pub(crate) mod request_head;
pub(crate) mod response_head;
pub(crate) mod server;
pub(crate) mod spare;
mod taken;
pub(crate) mod turn;
