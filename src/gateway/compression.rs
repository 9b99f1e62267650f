//! Compression of answers and decompression of requests (`minimumCompressionSize`).

use std::io::{Read, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::{GzDecoder, ZlibDecoder};
use flate2::write::{GzEncoder, ZlibEncoder};

use crate::failure::Failure;
use crate::http1::message::{Headers, Request, Response};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
}

impl Coding {
    fn parse(name: &str) -> Option<Coding> {
        match name.trim() {
            name if name.eq_ignore_ascii_case("gzip") => Some(Coding::Gzip),
            name if name.eq_ignore_ascii_case("deflate") => Some(Coding::Deflate),
            _ => None,
        }
    }
    fn as_str(self) -> &'static str {
        match self {
            Coding::Gzip => "gzip",
            Coding::Deflate => "deflate",
        }
    }
}

/// Decompresses a request's body, which then has no `Content-Encoding` any more. A coding that is unknown or a body that
/// does not have it is refused with 415; one that unpacks to more than `limit` bytes is too large.
pub(crate) fn decompress(request: &mut Request, limit: usize) -> Result<(), Failure> {
    let Some(coding) = request.headers.last("content-encoding") else { return Ok(()) };
    if !coding.trim().is_empty() && !coding.trim().eq_ignore_ascii_case("identity") {
        let body = match Coding::parse(coding).ok_or(Failure::UnsupportedMediaType)? {
            Coding::Gzip => read(GzDecoder::new(&*request.body), limit),
            Coding::Deflate => read(ZlibDecoder::new(&*request.body), limit),
        };
        request.body = body?;
    }
    request.headers.remove("content-encoding");
    Ok(())
}

fn read(decoder: impl Read, limit: usize) -> Result<Bytes, Failure> {
    let mut body = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    decoder.take(most).read_to_end(&mut body).map_err(|_| Failure::UnsupportedMediaType)?;
    if body.len() > limit { Err(Failure::RequestTooLarge) } else { Ok(Bytes::from(body)) }
}

/// Compresses an answer of at least `minimum` bytes when the client takes it and the backend did not compress it itself.
pub(crate) fn compress(request: &Headers, response: &mut Response, minimum: usize) {
    // What streams is not compressed on the way (fact `streamed-answer`).
    let body = response.body.whole();
    if body.is_empty() || body.len() < minimum || response.headers.contains("content-encoding") {
        return;
    }
    let Some(coding) = accepted(request) else { return };
    let packed = match coding {
        Coding::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(body).and_then(|()| encoder.finish())
        }
        Coding::Deflate => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(body).and_then(|()| encoder.finish())
        }
    };
    // Writing to a vector cannot fail; if it did, the answer would stay as it is.
    if let Ok(packed) = packed {
        response.body = packed.into();
        response.headers.push("Content-Encoding", coding.as_str());
    }
}

/// The coding that the client likes best of those that API Gateway has; gzip when it likes both as much.
fn accepted(headers: &Headers) -> Option<Coding> {
    let (gzip, deflate) = (weight(headers, Coding::Gzip), weight(headers, Coding::Deflate));
    if gzip.max(deflate) <= 0.0 {
        return None;
    }
    Some(if deflate > gzip { Coding::Deflate } else { Coding::Gzip })
}

/// How much the client likes a coding: `*` is about those that it does not name (RFC 9110, 12.5.3).
fn weight(headers: &Headers, coding: Coding) -> f32 {
    let (mut named, mut any) = (None, None);
    for line in headers.all("accept-encoding") {
        for entry in std::str::from_utf8(&line.value).unwrap_or_default().split(',') {
            let mut parts = entry.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let place = if name == "*" { &mut any } else { &mut named };
            if name != "*" && Coding::parse(name) != Some(coding) {
                continue;
            }
            let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            let weight: f32 = weight.map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0));
            *place = Some(weight.max(place.unwrap_or(0.0)));
        }
    }
    named.or(any).unwrap_or(0.0)
}
