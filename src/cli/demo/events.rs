//! The demo's function that streams: server-sent events, one a second, in frames of the Invoke API's event stream.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::time::{Sleep, sleep};

/// Between two events, and how many there are.
const PAUSE: Duration = Duration::from_secs(1);
const EVENTS: u8 = 5;

const METADATA: &[u8] =
    br#"{"statusCode":200,"headers":{"Content-Type":"text/event-stream","Cache-Control":"no-store"}}"#;

/// The stream of one invocation.
pub(super) struct Events {
    next: u8,
    pause: Pin<Box<Sleep>>,
}

impl Events {
    /// The first event comes at once.
    pub(super) fn begin() -> Events {
        Events { next: 0, pause: Box::pin(sleep(Duration::ZERO)) }
    }
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let events = self.get_mut();
        if events.next > 0 {
            ready!(events.pause.as_mut().poll(cx));
        }
        let frame = match events.next {
            0 => event("PayloadChunk", &[METADATA, &[0; 8]].concat()),
            number if number <= EVENTS => {
                if number < EVENTS {
                    events.pause = Box::pin(sleep(PAUSE));
                }
                event("PayloadChunk", format!("data: event {number} of {EVENTS}\n\n").as_bytes())
            }
            number if number == EVENTS + 1 => event("InvokeComplete", b"{}"),
            _ => return Poll::Ready(None),
        };
        events.next += 1;
        Poll::Ready(Some(Ok(Frame::data(frame))))
    }
}

fn event(kind: &'static str, payload: &[u8]) -> Bytes {
    let header = |name, value: &'static str| Header::new(name, HeaderValue::String(value.into()));
    let headers = vec![header(":message-type", "event"), header(":event-type", kind)];
    let mut frame = Vec::new();
    let written = write_message_to(&Message::new_from_parts(headers, payload.to_vec()), &mut frame);
    written.expect("its headers are short and its payload is small");
    frame.into()
}
