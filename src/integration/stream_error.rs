//! How a runtime says that its function failed in mid-stream: in trailers, or (AWS's Rust client) in a last chunk of the same text.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;

use super::outcome;
use super::payload::Payload;

/// The trailers' names.
pub(crate) const ERROR_TYPE: &str = "lambda-runtime-function-error-type";
const ERROR_BODY: &str = "lambda-runtime-function-error-body";
/// How such a last chunk begins.
const MARK: &[u8] = b"Lambda-Runtime-Function-Error-Type:";
/// Of less than so much nobody can say how it goes on, and holding it back would hold up who reads word by word.
const TELLING: usize = 8;
/// No error is longer.
const LONGEST: usize = 1024 * 1024;

/// The error in a stream's trailers, as a payload.
pub(crate) fn of_trailers(trailers: Option<&HeaderMap>) -> Option<String> {
    let trailers = trailers?;
    let kind = trailers.get(ERROR_TYPE)?.to_str().ok()?;
    Some(payload(kind, trailers.get(ERROR_BODY).map(|body| body.as_bytes())))
}

/// Holds back what may be an error's text until it is known: it is one if nothing follows (fact `rust-stream-error`).
#[derive(Debug, Default)]
pub(crate) struct LastChunk {
    held: Vec<u8>,
}

impl LastChunk {
    /// Takes a chunk, or a piece of one; gives back what is data, as far as that is known.
    pub(crate) fn take<'a>(&mut self, piece: &'a [u8]) -> Cow<'a, [u8]> {
        if self.held.is_empty() && !may_be_error(piece) {
            return Cow::Borrowed(piece);
        }
        self.held.extend_from_slice(piece);
        let is_known = !may_be_error(&self.held) || self.held.len() > LONGEST;
        Cow::Owned(if is_known { std::mem::take(&mut self.held) } else { Vec::new() })
    }

    /// At the end: the error, or the data that was held back.
    pub(crate) fn end(self) -> Result<Vec<u8>, String> {
        match read(&self.held) {
            Some(error) => Err(error),
            None => Ok(self.held),
        }
    }
}

/// Whether a text that begins so may be an error's, and nothing but.
fn may_be_error(text: &[u8]) -> bool {
    let length = text.len().min(MARK.len());
    let behind = text.split(|byte| *byte == b'\n').nth(2);
    length >= TELLING && text[..length] == MARK[..length] && behind.is_none_or(<[u8]>::is_empty)
}

fn read(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?;
    let (mut kind, mut body) = (None, None);
    for line in text.lines() {
        let (name, value) = line.split_once(':')?;
        match name {
            name if name.eq_ignore_ascii_case(ERROR_TYPE) => kind = Some(value.trim()),
            name if name.eq_ignore_ascii_case(ERROR_BODY) => body = Some(value.trim().as_bytes()),
            _ => return None,
        }
    }
    Some(payload(kind?, body))
}

/// The body is base64: of the error as JSON (Node), or of its message alone (Rust).
fn payload(kind: &str, body: Option<&[u8]>) -> String {
    let said = body.and_then(|body| STANDARD.decode(body).ok()).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    if Payload::read_error(said.as_bytes()).is_error() {
        return said.into_owned();
    }
    String::from_utf8_lossy(&outcome::error(&said, Some(kind))).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What passes as data, and the error at the end.
    fn read_all(pieces: &[&[u8]]) -> (String, Option<String>) {
        let mut last = LastChunk::default();
        let mut data = Vec::new();
        pieces.iter().for_each(|piece| data.extend_from_slice(&last.take(piece)));
        let error = match last.end() {
            Ok(rest) => {
                data.extend(rest);
                None
            }
            Err(error) => Some(error),
        };
        (String::from_utf8_lossy(&data).into_owned(), error)
    }

    #[test]
    fn an_error_is_the_last_chunk_or_data() {
        let error: &[u8] =
            b"Lambda-Runtime-Function-Error-Type: Runtime.StreamError\r\nLambda-Runtime-Function-Error-Body: Ym9vbQ==\r\n";
        let told = || Some(r#"{"errorMessage":"boom","errorType":"Runtime.StreamError"}"#.to_owned());
        assert_eq!(read_all(&[b"data", error]), ("data".to_owned(), told()));
        for at in TELLING..error.len() {
            assert_eq!(read_all(&[b"data", &error[..at], &error[at..]]), ("data".to_owned(), told()), "cut at {at}");
        }
        // Something follows: it was data after all.
        let text = String::from_utf8_lossy(error).into_owned();
        assert_eq!(read_all(&[error, b"more"]), (format!("{text}more"), None));
        assert_eq!(read_all(&[b"Lambda-Run", b"time-x"]), ("Lambda-Runtime-x".to_owned(), None));
        assert_eq!(read_all(&[b"Lambda-Run"]), ("Lambda-Run".to_owned(), None));
        assert_eq!(LastChunk::default().take(b"Lambda")[..], b"Lambda"[..]);
        assert_eq!(read_all(&[]), (String::new(), None));
        let json = STANDARD.encode(r#"{"errorMessage":"no","errorType":"E","stackTrace":[]}"#);
        let node = format!("Lambda-Runtime-Function-Error-Type: E\r\nLambda-Runtime-Function-Error-Body: {json}\r\n");
        let told = r#"{"errorMessage":"no","errorType":"E","stackTrace":[]}"#.to_owned();
        assert_eq!(read_all(&[node.as_bytes()]), (String::new(), Some(told)));
    }
}
