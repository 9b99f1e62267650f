//! The head of an answer, as the gateway spells it, and how its body is marked.

use std::cell::RefCell;
use std::time::{Duration, Instant, SystemTime};

use http::StatusCode;

use super::body_stream::Body;
use super::clock;
use super::framing::is_bodiless;
use super::head::Head;
use super::message::Response;
use super::server::Form;

/// The body behind a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follows {
    /// None, whatever the answer has.
    Nothing,
    /// All of it.
    Bytes,
    /// A stream in chunks.
    Chunks,
    /// A stream up to the connection's end, for an older client.
    All,
}

/// Writes an answer's head; the connection closes behind the answer if it is to, or if nothing else marks its end. The date is the
/// gateway's own.
pub(crate) fn render(response: &Response, form: Form, close: bool) -> (Vec<u8>, Follows) {
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut head = Head::answer(if form.old { b"HTTP/1.0 " } else { b"HTTP/1.1 " }, status);
    with_date(|date| head.written(date.as_bytes()));
    head.lines(response.headers.0.iter().filter(|header| !header.name.eq_ignore_ascii_case(b"date")));
    let follows = match &response.body {
        _ if is_bodiless(response.status) => Follows::Nothing,
        Body::Stream(_) if form.is_head => Follows::Nothing,
        Body::Stream(_) if form.old => Follows::All,
        Body::Stream(_) => {
            head.written(b"Transfer-Encoding: chunked\r\n");
            Follows::Chunks
        }
        Body::Whole(body) => {
            head.length(body.len());
            if form.is_head { Follows::Nothing } else { Follows::Bytes }
        }
    };
    let closes = close || follows == Follows::All;
    head.written(if closes { b"Connection: close\r\n" } else { b"Connection: keep-alive\r\n" });
    (head.finish(), follows)
}

/// The line of the date, written once a second.
fn with_date(put: impl FnOnce(&str)) {
    thread_local! {
        static DATE: RefCell<Option<(Instant, String)>> = const { RefCell::new(None) };
    }
    DATE.with_borrow_mut(|date| {
        if date.as_ref().is_none_or(|(until, _)| clock::recent() >= *until) {
            let now = SystemTime::now();
            let into = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().subsec_nanos();
            let left = Duration::from_secs(1).saturating_sub(Duration::from_nanos(u64::from(into)));
            *date = Some((clock::now() + left, format!("Date: {}\r\n", httpdate::fmt_http_date(now))));
        }
        if let Some((_, text)) = date {
            put(text);
        }
    });
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use bytes::Bytes;

    use super::*;
    use crate::http1::body_stream::{BodyStream, Cut, Source};
    use crate::http1::message::Headers;

    /// A stream that nobody reads.
    struct Silent;

    impl Source for Silent {
        fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
            Poll::Ready(None)
        }
    }

    #[test]
    fn heads_of_every_kind() {
        let new = Form { is_head: false, old: false, persists: true };
        let head = Form { is_head: true, ..new };
        let old = Form { old: true, ..new };
        let old_head = Form { is_head: true, ..old };
        let whole = || Body::from("12345");
        let stream = || Body::from(BodyStream::new(Silent));
        let keep = "Connection: keep-alive\r\n\r\n";
        let close = "Connection: close\r\n\r\n";
        let length = "Content-Length: 5\r\n";
        for (status, body, form, closes, expected, follows) in [
            (200, whole(), new, false, format!("HTTP/1.1 200 OK\r\ntesT: v\r\n{length}{keep}"), Follows::Bytes),
            (599, whole(), new, true, format!("HTTP/1.1 599 \r\ntesT: v\r\n{length}{close}"), Follows::Bytes),
            (
                404,
                whole(),
                head,
                false,
                format!("HTTP/1.1 404 Not Found\r\ntesT: v\r\n{length}{keep}"),
                Follows::Nothing,
            ),
            (204, whole(), new, false, format!("HTTP/1.1 204 No Content\r\ntesT: v\r\n{keep}"), Follows::Nothing),
            (304, stream(), new, false, format!("HTTP/1.1 304 Not Modified\r\ntesT: v\r\n{keep}"), Follows::Nothing),
            (200, whole(), old, false, format!("HTTP/1.0 200 OK\r\ntesT: v\r\n{length}{keep}"), Follows::Bytes),
            (
                200,
                stream(),
                new,
                false,
                format!("HTTP/1.1 200 OK\r\ntesT: v\r\nTransfer-Encoding: chunked\r\n{keep}"),
                Follows::Chunks,
            ),
            (200, stream(), head, false, format!("HTTP/1.1 200 OK\r\ntesT: v\r\n{keep}"), Follows::Nothing),
            (200, stream(), old, false, format!("HTTP/1.0 200 OK\r\ntesT: v\r\n{close}"), Follows::All),
            (200, stream(), old_head, false, format!("HTTP/1.0 200 OK\r\ntesT: v\r\n{keep}"), Follows::Nothing),
        ] {
            let mut headers = Headers::default();
            for (name, value) in [("tesT", "v"), ("evil", "a\r\nb: c"), ("content-length", "7"), ("date", "then")] {
                headers.push(name, value);
            }
            let (head, what) = render(&Response { status, headers, body }, form, closes);
            let head = String::from_utf8_lossy(&head).into_owned();
            assert_eq!(head.matches("\r\nDate: ").count(), 1, "{head}");
            let without_date: String =
                head.split_inclusive("\r\n").filter(|line| !line.starts_with("Date: ")).collect();
            assert_eq!((without_date, what), (expected, follows));
        }
    }
}
