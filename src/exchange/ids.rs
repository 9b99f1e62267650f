//! Ids of a request, from a generator of the thread: no system call and no lock per request, and one piece of memory for all.

use std::cell::Cell;
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::Deref;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use crate::http1::message::{Headers, Response};

/// Both digits of each byte.
const PAIRS: [[u8; 2]; 256] = {
    let (digits, mut pairs, mut byte) = (b"0123456789abcdef", [[0; 2]; 256], 0);
    while byte < 256 {
        pairs[byte] = [digits[byte >> 4], digits[byte & 15]];
        byte += 1;
    }
    pairs
};
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Bytes of the three ids of a request that brings none.
const ROOM: usize = 36 + 16 + 95;

/// A text that is handed on without copies.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Id(Bytes);

impl Id {
    /// Its bytes, which nobody has to look at to know that they are text.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Deref for Id {
    type Target = str;

    fn deref(&self) -> &str {
        // It was made of text.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl From<String> for Id {
    fn from(text: String) -> Id {
        Id(text.into())
    }
}

impl From<Id> for Bytes {
    fn from(id: Id) -> Bytes {
        id.0
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

/// Ids of a request.
#[derive(Debug, Clone, Default)]
pub struct Ids {
    /// `$context.requestId`, `x-amzn-RequestId`: a UUID.
    pub request_id: Id,
    /// `$context.extendedRequestId`, `x-amz-apigw-id`: `[A-Za-z0-9_-]{15}=`.
    pub extended_request_id: Id,
    /// `X-Amzn-Trace-Id`, as the backend and the client get it.
    pub trace_id: Id,
}

/// The ids of a request that came in at that time with these headers.
pub(crate) fn assign(headers: &Headers, time: SystemTime) -> Ids {
    let mut text = Vec::with_capacity(ROOM);
    match headers.last("x-amzn-requestid").filter(|id| is_uuid(id)) {
        Some(id) => text.extend_from_slice(id.as_bytes()),
        None => text.extend_from_slice(&uuid_text()),
    }
    let request_id = text.len();
    text.extend_from_slice(&extended());
    let extended_request_id = text.len() - request_id;
    put_trace_id(&mut text, headers.last("x-amzn-trace-id"), time);
    let mut text = Bytes::from(text);
    let mut next = |length| Id(text.split_to(length));
    let (request_id, extended_request_id) = (next(request_id), next(extended_request_id));
    Ids { request_id, extended_request_id, trace_id: Id(text) }
}

/// Puts the ids on an answer; what a backend or a mapping set under these names gives way.
pub(crate) fn stamp(response: &mut Response, ids: &Ids, with_trace_id: bool) {
    response.headers.set("x-amzn-RequestId", ids.request_id.clone());
    response.headers.set("x-amz-apigw-id", ids.extended_request_id.clone());
    if with_trace_id {
        response.headers.set("X-Amzn-Trace-Id", ids.trace_id.clone());
    }
}

/// The `Root=…` part of a trace id: all that an event carries (recorded on AWS).
pub(crate) fn root(trace_id: &str) -> &str {
    // Nearly every one begins with it.
    if trace_id.starts_with("Root=") {
        let end = memchr::memchr(b';', trace_id.as_bytes());
        return trace_id[..end.unwrap_or(trace_id.len())].trim_end();
    }
    trace_id.split(';').map(str::trim).find(|part| part.starts_with("Root=")).unwrap_or(trace_id)
}

/// The id of a span: 8 bytes, not all zero.
pub(crate) fn span_id() -> [u8; 8] {
    random().max(1).to_be_bytes()
}

/// The id of a trace: 16 bytes, not all zero.
pub(crate) fn trace_bits() -> [u8; 16] {
    bits().max(1).to_be_bytes()
}

fn bits() -> u128 {
    (u128::from(random()) << 64) | u128::from(random())
}

/// A version 4 UUID.
pub(crate) fn uuid() -> String {
    uuid_text().into_iter().map(char::from).collect()
}

fn uuid_text() -> [u8; 36] {
    let (high, low) = ((random() & !(0xf << 12)) | (0x4 << 12), (random() & !(0x3 << 62)) | (0x2 << 62));
    let (high, low) = (hex::<16>(high), hex::<16>(low));
    let mut text = [b'-'; 36];
    text[..8].copy_from_slice(&high[..8]);
    text[9..13].copy_from_slice(&high[8..12]);
    text[14..18].copy_from_slice(&high[12..]);
    text[19..23].copy_from_slice(&low[..4]);
    text[24..].copy_from_slice(&low[4..]);
    text
}

/// A random number from 0 to 1, without 1.
pub(crate) fn fraction() -> f64 {
    (random() >> 11) as f64 / (1_u64 << 53) as f64
}

thread_local! {
    static STATE: Cell<u64> = Cell::new(RandomState::new().build_hasher().finish());
}

/// 64 random bits (wyrand). They name requests and draw lots; they keep no secret.
fn random() -> u64 {
    STATE.with(|state| {
        let next = state.get().wrapping_add(0xa076_1d64_78bd_642f);
        state.set(next);
        let product = u128::from(next) * u128::from(next ^ 0xe703_7ed1_a0b4_28db);
        (product >> 64) as u64 ^ product as u64
    })
}

/// A client may choose the request id, when it is a UUID.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// `$context.extendedRequestId`: 15 characters and `=`.
fn extended() -> [u8; 16] {
    let mut bits = bits();
    let mut text = [b'='; 16];
    for place in &mut text[..15] {
        *place = URL_SAFE[(bits & 63) as usize];
        bits >>= 6;
    }
    text
}

/// The trace id: the client's as it is when it names a parent, else its root or a new one with new parts (recorded on AWS).
fn put_trace_id(text: &mut Vec<u8>, sent: Option<&str>, time: SystemTime) {
    let sent = sent.map(str::trim).filter(|id| id.is_ascii() && !id.is_empty());
    let has = |part: &str| sent.is_some_and(|id| id.split(';').any(|p| p.trim_start().starts_with(part)));
    match sent {
        Some(id) if has("Root=") && has("Parent=") => return text.extend_from_slice(id.as_bytes()),
        Some(id) if has("Root=") => text.extend_from_slice(root(id).as_bytes()),
        _ => {
            text.extend_from_slice(b"Root=1-");
            text.extend_from_slice(&hex::<8>(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()));
            text.push(b'-');
            text.extend_from_slice(&hex::<8>(random()));
            text.extend_from_slice(&hex::<16>(random()));
        }
    }
    text.extend_from_slice(b";Parent=");
    text.extend_from_slice(&hex::<16>(random()));
    text.extend_from_slice(b";Sampled=0;Lineage=1:");
    text.extend_from_slice(&hex::<8>(random()));
    text.extend_from_slice(b":0");
}

/// The last digits of a number.
fn hex<const DIGITS: usize>(number: u64) -> [u8; DIGITS] {
    let mut text = [0; DIGITS];
    for (pair, byte) in text.rchunks_exact_mut(2).zip(number.to_le_bytes()) {
        pair.copy_from_slice(&PAIRS[usize::from(byte)]);
    }
    text
}
