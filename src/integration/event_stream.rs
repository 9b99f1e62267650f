//! The Invoke API's answer to a streamed invocation: frames of `application/vnd.amazon.eventstream`.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use aws_smithy_types::event_stream::Message;
use bytes::{Bytes, BytesMut};
use serde::Deserialize;

use crate::http1::body_stream::{BodyStream, Cut, Source};

/// The content type of such an answer.
pub(crate) const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";

/// Room that is made at once for a frame; more as it comes, so that announcing costs nothing.
const ROOM: usize = 128 * 1024;

/// Frames as they come, and the payload that they carry.
pub(crate) struct EventStream {
    frames: BodyStream,
    buffer: BytesMut,
    decoder: MessageFrameDecoder,
}

/// What a frame says.
#[derive(Debug, PartialEq, Eq)]
enum Event {
    /// More of the payload.
    Payload(Bytes),
    /// Nothing that matters here.
    Other,
    /// The function is done, and did not fail.
    Complete,
}

impl EventStream {
    /// The payload in those frames.
    pub(crate) fn payload(frames: BodyStream) -> BodyStream {
        let decoder = MessageFrameDecoder::new();
        BodyStream::new(EventStream { frames, buffer: BytesMut::new(), decoder })
    }

    /// The next event that is complete.
    fn next(&mut self) -> Result<Option<Event>, Cut> {
        let broken = |e: &dyn std::fmt::Display| Cut::Broken(format!("the event stream is broken: {e}"));
        match self.decoder.decode_frame(&mut self.buffer).map_err(|e| broken(&e))? {
            DecodedFrame::Incomplete => Ok(None),
            DecodedFrame::Complete(message) => {
                if self.buffer.is_empty() {
                    self.buffer = BytesMut::new(); // gives its memory back, while the payload waits for a slow client
                }
                event(&message).map(Some)
            }
        }
    }

    /// Room for the frame that begins, and not more: it is as long as it says, up to the decoder's bound.
    fn take(&mut self, bytes: &[u8]) {
        if self.buffer.is_empty()
            && let Some(length) = bytes.first_chunk().map(|length| u32::from_be_bytes(*length) as usize)
        {
            self.buffer.reserve(length.clamp(bytes.len(), ROOM.max(bytes.len())));
        }
        self.buffer.extend_from_slice(bytes);
    }
}

impl Source for EventStream {
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        let stream = self.get_mut();
        loop {
            match stream.next() {
                Ok(Some(Event::Payload(payload))) if !payload.is_empty() => return Poll::Ready(Some(Ok(payload))),
                Ok(Some(Event::Payload(_) | Event::Other)) => continue,
                Ok(Some(Event::Complete)) => {
                    // Its connection can be used again if the last chunk is here already.
                    let _ = stream.frames.poll_next(cx);
                    return Poll::Ready(None);
                }
                Err(cut) => return Poll::Ready(Some(Err(cut))),
                Ok(None) => {}
            }
            match ready!(stream.frames.poll_next(cx)) {
                Some(Ok(bytes)) => stream.take(&bytes),
                Some(Err(cut)) => return Poll::Ready(Some(Err(cut))),
                None => {
                    let why = "the event stream ends without `InvokeComplete`".to_owned();
                    return Poll::Ready(Some(Err(Cut::Broken(why))));
                }
            }
        }
    }
}

/// The end of an invocation.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct InvokeComplete {
    error_code: Option<String>,
    error_details: Option<String>,
}

fn event(message: &Message) -> Result<Event, Cut> {
    let header = |name: &str| {
        let found = message.headers().iter().find(|header| header.name().as_str() == name)?;
        found.value().as_string().ok().map(|value| value.as_str())
    };
    match (header(":message-type"), header(":event-type")) {
        (Some("event"), Some("PayloadChunk")) => Ok(Event::Payload(message.payload().clone())),
        (Some("event"), Some("InvokeComplete")) => {
            let InvokeComplete { error_code, error_details } =
                serde_json::from_slice(message.payload()).unwrap_or_default();
            match (error_code, error_details) {
                (None, None) => Ok(Event::Complete),
                (code, details) => Err(Cut::Failed(details.or(code).unwrap_or_default())),
            }
        }
        (Some("event"), _) => Ok(Event::Other),
        (kind, _) => {
            let name = header(":exception-type").or(header(":error-code")).or(kind).unwrap_or("no message type");
            let said = String::from_utf8_lossy(message.payload());
            Err(Cut::Broken(format!("the Invoke API broke the stream off: {name} {said}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_eventstream::frame::write_message_to;
    use aws_smithy_types::event_stream::{Header, HeaderValue};

    use super::*;

    fn frame(headers: &[(&'static str, &'static str)], payload: &'static [u8]) -> Vec<u8> {
        let header =
            |(name, value): &(&'static str, &'static str)| Header::new(*name, HeaderValue::String((*value).into()));
        let message = Message::new_from_parts(headers.iter().map(header).collect(), payload);
        let mut frame = Vec::new();
        write_message_to(&message, &mut frame).unwrap_or_else(|e| unreachable!("{e}"));
        frame
    }

    fn event(kind: &'static str, payload: &'static [u8]) -> Vec<u8> {
        frame(&[(":message-type", "event"), (":event-type", kind)], payload)
    }

    /// Bytes that come in pieces of that size.
    struct Pieces(Vec<u8>, usize);

    impl Source for Pieces {
        fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
            let Pieces(left, step) = self.get_mut();
            let piece: Vec<u8> = left.drain(..(*step).min(left.len())).collect();
            Poll::Ready((!piece.is_empty()).then(|| Ok(piece.into())))
        }
    }

    /// What the frames carry, and how it ends.
    fn read(frames: &[Vec<u8>], step: usize) -> (String, Option<Cut>) {
        let mut stream = EventStream::payload(BodyStream::new(Pieces(frames.concat(), step)));
        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut said = Vec::new();
        loop {
            match stream.poll_next(&mut context) {
                Poll::Ready(Some(Ok(piece))) => said.extend_from_slice(&piece),
                Poll::Ready(Some(Err(cut))) => return (String::from_utf8_lossy(&said).into_owned(), Some(cut)),
                Poll::Ready(None) => return (String::from_utf8_lossy(&said).into_owned(), None),
                Poll::Pending => unreachable!("the pieces are there"),
            }
        }
    }

    #[test]
    fn frames_and_what_they_carry() {
        let chunks = || vec![event("PayloadChunk", b"one;"), event("News", b"?"), event("PayloadChunk", b"two")];
        let with = |last: Vec<u8>| [chunks(), vec![last]].concat();
        let mut bent = event("PayloadChunk", b"bent");
        let middle = bent.len() - 6;
        bent[middle] ^= 1;
        let cases = [
            (with(event("InvokeComplete", b"{\"LogResult\":\"eA==\"}")), None),
            (with(event("InvokeComplete", b"")), None),
            (
                with(event("InvokeComplete", br#"{"ErrorCode":"Unhandled","ErrorDetails":"boom"}"#)),
                Some(Cut::Failed("boom".into())),
            ),
            (with(event("InvokeComplete", br#"{"ErrorCode":"Unhandled"}"#)), Some(Cut::Failed("Unhandled".into()))),
            (
                with(frame(&[(":message-type", "exception"), (":exception-type", "ServiceException")], b"{}")),
                Some(Cut::Broken("the Invoke API broke the stream off: ServiceException {}".into())),
            ),
            (chunks(), Some(Cut::Broken("the event stream ends without `InvokeComplete`".into()))),
        ];
        for (frames, end) in cases {
            for step in [1, 3, 64, 10_000] {
                assert_eq!(read(&frames, step), ("one;two".to_owned(), end.clone()), "in pieces of {step}");
            }
        }
        let (said, end) = read(&with(bent), 64);
        assert!(said == "one;two" && matches!(end, Some(Cut::Broken(_))), "{said} {end:?}");
        assert!(matches!(read(&[b"HTTP/1.1 200 OK\r\n\r\n".to_vec()], 64).1, Some(Cut::Broken(_))));
    }
}
