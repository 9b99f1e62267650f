//! Ids of a request, from a generator of the thread: no system call and no lock per request.

use std::cell::Cell;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::http1::message::{Headers, Response};

const HEX: &[u8; 16] = b"0123456789abcdef";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Ids of a request.
#[derive(Debug, Clone, Default)]
pub struct Ids {
    /// `$context.requestId`, `x-amzn-RequestId`: a UUID.
    pub request_id: String,
    /// `$context.extendedRequestId`, `x-amz-apigw-id`: `[A-Za-z0-9_-]{15}=`.
    pub extended_request_id: String,
    /// `X-Amzn-Trace-Id`, as the backend and the client get it.
    pub trace_id: String,
}

/// The ids of a request that came in at that time with these headers.
pub(crate) fn assign(headers: &Headers, time: SystemTime) -> Ids {
    Ids {
        request_id: headers.last("x-amzn-requestid").filter(|id| is_uuid(id)).map_or_else(uuid, str::to_owned),
        extended_request_id: extended(),
        trace_id: trace_id(headers.last("x-amzn-trace-id"), time),
    }
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
    trace_id.split(';').map(str::trim).find(|part| part.starts_with("Root=")).unwrap_or(trace_id)
}

/// A version 4 UUID.
pub(crate) fn uuid() -> String {
    let mut bits = (u128::from(random()) << 64) | u128::from(random());
    bits = (bits & !(0xf << 76)) | (0x4 << 76);
    bits = (bits & !(0x3 << 62)) | (0x2 << 62);
    let mut text = String::with_capacity(36);
    for (i, digits) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if i > 0 {
            text.push('-');
        }
        for _ in 0..digits {
            text.push(char::from(HEX[(bits >> 124) as usize]));
            bits <<= 4;
        }
    }
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
fn extended() -> String {
    let mut bits = (u128::from(random()) << 64) | u128::from(random());
    let mut text = String::with_capacity(16);
    for _ in 0..15 {
        text.push(char::from(URL_SAFE[(bits & 63) as usize]));
        bits >>= 6;
    }
    text.push('=');
    text
}

/// The trace id: the client's as it is when it names a parent, else its root or a new one with new parts (recorded on AWS).
fn trace_id(sent: Option<&str>, time: SystemTime) -> String {
    let sent = sent.map(str::trim).filter(|id| id.is_ascii() && !id.is_empty());
    let has = |part: &str| sent.is_some_and(|id| id.split(';').any(|p| p.trim_start().starts_with(part)));
    let mut text = String::with_capacity(100);
    match sent {
        Some(id) if has("Root=") && has("Parent=") => return id.to_owned(),
        Some(id) if has("Root=") => text.push_str(root(id)),
        _ => {
            text.push_str("Root=1-");
            hex(&mut text, time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(), 8);
            text.push('-');
            hex(&mut text, random(), 8);
            hex(&mut text, random(), 16);
        }
    }
    text.push_str(";Parent=");
    hex(&mut text, random(), 16);
    text.push_str(";Sampled=0;Lineage=1:");
    hex(&mut text, random(), 8);
    text.push_str(":0");
    text
}

fn hex(text: &mut String, number: u64, digits: u32) {
    for place in (0..digits).rev() {
        text.push(char::from(HEX[(number >> (4 * place) & 15) as usize]));
    }
}
