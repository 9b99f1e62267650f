//! The prelude of a function that streams: its metadata (JSON), eight NUL bytes, and behind them the body.

use bytes::{Bytes, BytesMut};
use memchr::memmem;

use super::outcome;
use super::payload::Payload;
use crate::exchange::call::IntegrationReply;
use crate::failure::Failure;
use crate::http1::body_stream::{BodyStream, Cut};
use crate::http1::message::Headers;
use crate::json_text::ReadAhead;

/// Within so many bytes the delimiter must end (fact `stream-prelude`).
const LONGEST: usize = 16 * 1024;
const DELIMITER: &[u8] = &[0; 8];

/// A prelude as it comes.
#[derive(Debug, Default)]
pub(crate) struct Prelude {
    seen: BytesMut,
    /// How far there is no delimiter.
    searched: usize,
}

/// How far a prelude has come.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// More is needed.
    Incomplete,
    /// The delimiter is there.
    Complete {
        /// What stood before it.
        metadata: Bytes,
        /// What came behind it so far.
        rest: Bytes,
    },
    /// There is none within its bound.
    Missing,
}

impl Prelude {
    /// Takes what came next.
    pub(crate) fn take(&mut self, piece: &[u8]) -> Progress {
        self.seen.extend_from_slice(piece);
        let end = self.seen.len().min(LONGEST);
        if let Some(at) = memmem::find(&self.seen[self.searched.min(end)..end], DELIMITER) {
            let mut rest = std::mem::take(&mut self.seen);
            let metadata = rest.split_to(self.searched + at).freeze();
            return Progress::Complete { metadata, rest: rest.split_off(DELIMITER.len()).freeze() };
        }
        self.searched = end.saturating_sub(DELIMITER.len() - 1);
        if end < LONGEST { Progress::Incomplete } else { Progress::Missing }
    }

    /// All that came of one that is not complete.
    fn into_seen(self) -> Bytes {
        self.seen.freeze()
    }
}

/// Whether a failed function can be told by the shape of what it sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorShape {
    /// It can: the backend has no other way to say it.
    Tells,
    /// It cannot: the backend says it otherwise.
    Nothing,
}

/// The reply of a function that streams, once its prelude is there; the body comes afterwards.
pub(crate) async fn read(mut stream: BodyStream, shape: ErrorShape) -> Result<IntegrationReply, Failure> {
    let mut prelude = Prelude::default();
    loop {
        match stream.next().await {
            Some(Ok(piece)) => match prelude.take(&piece) {
                Progress::Incomplete => {}
                Progress::Complete { metadata, rest } => return Ok(streamed(metadata, stream.with_first(rest))),
                Progress::Missing => return Err(missing()),
            },
            Some(Err(cut)) => return failed(cut),
            None => return ended(prelude.into_seen(), shape),
        }
    }
}

/// The reply of one behind the Invoke API.
pub(crate) async fn read_of_invoke_api(stream: BodyStream) -> Result<IntegrationReply, Failure> {
    read(stream, ErrorShape::Nothing).await
}

/// The same of an answer that came as a whole, for a method that streams.
pub(crate) fn split_prelude(reply: IntegrationReply) -> Result<IntegrationReply, Failure> {
    if reply.function_error || reply.metadata.is_some() || reply.body.is_stream() {
        return Ok(reply);
    }
    match Prelude::default().take(reply.body.whole()) {
        Progress::Complete { metadata, rest } => {
            let rest = Some(rest).filter(|rest| !rest.is_empty());
            Ok(streamed(metadata, BodyStream::of(rest.map(Ok))))
        }
        Progress::Incomplete | Progress::Missing => Err(missing()),
    }
}

/// Whether that payload is one of a function that streams, for a method that does not. Strings that were read ahead in place
/// leave bytes of no meaning behind them: those are not looked at.
pub(crate) fn has_prelude(payload: &[u8], ahead: &ReadAhead) -> bool {
    let is_read = |at: usize| {
        ahead.found().iter().any(|found| (found.start..found.end).contains(&at))
            || ahead.unended().is_some_and(|start| (start..ahead.end()).contains(&at))
    };
    payload.trim_ascii_start().first() == Some(&b'{')
        && memmem::find_iter(&payload[..payload.len().min(LONGEST)], DELIMITER).any(|at| !is_read(at))
}

fn streamed(metadata: Bytes, body: BodyStream) -> IntegrationReply {
    IntegrationReply { status: 200, metadata: Some(metadata), body: body.into(), ..IntegrationReply::default() }
}

fn missing() -> Failure {
    let message = format!("no metadata with eight NUL bytes behind it within the first {LONGEST} bytes of the stream");
    Failure::MalformedResponse(message)
}

fn ended(seen: Bytes, shape: ErrorShape) -> Result<IntegrationReply, Failure> {
    if shape == ErrorShape::Tells && Payload::read_error(&seen).is_error_of_a_runtime() {
        return Ok(outcome::function_error(Headers::default(), seen));
    }
    Err(missing())
}

/// Cut off before anything was sent to the client.
pub(crate) fn failed(cut: Cut) -> Result<IntegrationReply, Failure> {
    match cut {
        Cut::Failed(why) if Payload::read_error(why.as_bytes()).is_error() => {
            Ok(outcome::function_error(Headers::default(), why.into()))
        }
        Cut::Failed(why) => Ok(outcome::function_error(Headers::default(), outcome::error(&why, None))),
        Cut::Broken(why) => Err(Failure::NetworkError(why)),
        Cut::Late(_) => Err(Failure::Timeout),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(metadata: &'static [u8], rest: &'static [u8]) -> Progress {
        Progress::Complete { metadata: Bytes::from_static(metadata), rest: Bytes::from_static(rest) }
    }

    #[test]
    fn wherever_the_pieces_part() {
        let whole = b"{\"a\":1}\0\0\0\0\0\0\0\0\0body";
        for step in 1..=whole.len() {
            let mut prelude = Prelude::default();
            let mut pieces = whole.chunks(step);
            let (metadata, rest) = loop {
                match prelude.take(pieces.next().expect("a delimiter before the end")) {
                    Progress::Incomplete => {}
                    Progress::Complete { metadata, rest } => break (metadata, rest),
                    Progress::Missing => unreachable!("it is short"),
                }
            };
            let rest = [&rest[..], &pieces.collect::<Vec<_>>().concat()].concat();
            assert_eq!((&metadata[..], &rest[..]), (&b"{\"a\":1}"[..], &b"\0body"[..]), "in pieces of {step}");
        }
        assert_eq!(Prelude::default().take(b"{}\0\0\0\0\0\0\0x\0\0\0\0\0\0\0\0"), complete(b"{}\0\0\0\0\0\0\0x", b""));
        assert_eq!(Prelude::default().take(b"\0\0\0\0\0\0\0\0"), complete(b"", b""));
    }

    #[test]
    fn the_delimiter_ends_within_the_bound() {
        for (before, found) in [(LONGEST - 8, true), (LONGEST - 7, false)] {
            let whole = [&vec![b' '; before][..], DELIMITER, b"body"].concat();
            for step in [1, 7, 4096, whole.len()] {
                let mut prelude = Prelude::default();
                let last = whole.chunks(step).map(|piece| prelude.take(piece)).find(|p| *p != Progress::Incomplete);
                assert_eq!(matches!(last, Some(Progress::Complete { .. })), found, "{before} in pieces of {step}");
                assert_eq!(matches!(last, Some(Progress::Missing)), !found, "{before} in pieces of {step}");
            }
        }
    }
}
