//! A streamed answer that is there already, read as it is when it comes: for who has no backend.

use bytes::Bytes;

use super::event_stream::EventStream;
use super::prelude::{ErrorShape, read};
use crate::http1::at_once::at_once;
use crate::http1::body_stream::{Body, BodyStream};

/// What a function's streamed answer comes to.
#[derive(Debug, PartialEq, Eq)]
pub struct StreamedAnswer {
    /// Status and headers, as JSON.
    pub metadata: Bytes,
    /// The body.
    pub body: Vec<u8>,
    /// Why it ends before its end.
    pub cut: Option<String>,
}

/// Reads pieces: `frames` of the Invoke API's event stream, or the bytes themselves. `None` when there is no metadata with its delimiter.
pub fn read_streamed(pieces: impl IntoIterator<Item = Bytes>, frames: bool) -> Option<StreamedAnswer> {
    let stream = BodyStream::of(pieces.into_iter().map(Ok));
    let stream = if frames { EventStream::payload(stream) } else { stream };
    at_once(async {
        let reply = read(stream, ErrorShape::Nothing).await.ok()?;
        let (metadata, Body::Stream(mut stream)) = (reply.metadata?, reply.body) else { return None };
        let mut answer = StreamedAnswer { metadata, body: Vec::new(), cut: None };
        loop {
            match stream.next().await {
                Some(Ok(piece)) => answer.body.extend_from_slice(&piece),
                Some(Err(cut)) => answer.cut = Some(cut.to_string()),
                None => return Some(answer),
            }
            if answer.cut.is_some() {
                return Some(answer);
            }
        }
    })
}
