//! Collecting a request's body within a bound, where hyper reads it; a connection of ours ([`super::server`]) has the same bounds.

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use crate::memory::{Full, Reservation};

/// How much of a body that is over its limit is still read and thrown away, so that its sender gets to reading the answer.
pub(super) const DISCARDED: usize = 64 * 1024 * 1024;
/// Room that is made at once for a body of announced length; for all of it once that has come, so that announcing costs nothing.
pub(super) const ROOM: usize = 256 * 1024;

/// Why there is no body.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// It is over the limit; the rest was thrown away.
    TooLarge,
    /// The sender broke off, or what came is no body.
    Broken(String),
    /// There is no memory left for it; the rest was thrown away.
    NoMemory,
}

impl From<Full> for BodyError {
    fn from(_: Full) -> BodyError {
        BodyError::NoMemory
    }
}

/// The whole body, which `held` counts, and its trailers.
pub(crate) async fn collect(
    mut body: Incoming,
    limit: usize,
    mut held: Reservation,
) -> Result<(Bytes, Option<HeaderMap>), BodyError> {
    if body.is_end_stream() {
        return Ok((Bytes::new(), None));
    }
    let announced = body.size_hint().lower();
    if announced > limit as u64 {
        discard(body, 0).await;
        return Err(BodyError::TooLarge);
    }
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    let mut trailers = None;
    while let Some(frame) = body.frame().await {
        let data = match frame.map_err(|e| BodyError::Broken(e.to_string()))?.into_data() {
            Ok(data) => data,
            Err(frame) => {
                trailers = frame.into_trailers().ok();
                continue;
            }
        };
        let so_far = first.len() + whole.len() + data.len();
        if so_far > limit {
            discard(body, so_far).await;
            return Err(BodyError::TooLarge);
        }
        if let Err(full) = held.grow_to(so_far) {
            drop((first, whole, held));
            discard(body, 0).await;
            return Err(full.into());
        }
        if first.is_empty() && whole.is_empty() {
            first = data;
            continue;
        }
        if whole.is_empty() {
            whole.reserve((announced as usize).clamp(first.len() + data.len(), ROOM.max(first.len() + data.len())));
            whole.extend_from_slice(&std::mem::take(&mut first));
        }
        if whole.capacity() - whole.len() < data.len() {
            whole.reserve((announced as usize).saturating_sub(whole.len()).max(data.len()));
        }
        whole.extend_from_slice(&data);
    }
    Ok((held.attach(if whole.is_empty() { first } else { whole.freeze() }), trailers))
}

async fn discard(mut body: Incoming, mut so_far: usize) {
    while so_far < DISCARDED {
        match body.frame().await {
            Some(Ok(frame)) => so_far += frame.data_ref().map_or(0, Bytes::len),
            Some(Err(_)) | None => break,
        }
    }
}
