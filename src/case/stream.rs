//! A backend's answer that streams, in a time of its own: pauses take no time, and count as if they did.

use std::cell::Cell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;

use super::file::Chunk;
use crate::exchange::call::{IntegrationCall, IntegrationReply, Target};
use crate::failure::Failure;
use crate::http1::at_once::at_once;
use crate::http1::body_stream::{BodyStream, Cut, Source};
use crate::http1::message::Headers;
use crate::integration::{Prelude, Progress, cut_idle, cut_late, read_of_invoke_api};

/// The time since the backend was called.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock(Rc<Cell<Duration>>);

impl Clock {
    /// How late it is.
    pub(crate) fn now(&self) -> Duration {
        self.0.get()
    }
}

/// What comes of those chunks: the answer's head, and a body that moves the clock on. For nothing more than `idle` may be waited.
pub(crate) fn reply(
    chunks: &[Chunk],
    status: u16,
    headers: Headers,
    call: &IntegrationCall,
    idle: Duration,
    clock: &Clock,
) -> Result<IntegrationReply, Failure> {
    let is_function = matches!(call.target, Target::Function { .. });
    let head = if is_function { Duration::ZERO } else { leading_pause(chunks) };
    if head > call.timeout {
        return Err(Failure::Timeout);
    }
    clock.0.set(head);
    let stream =
        BodyStream::new(Script { pieces: timed(chunks, is_function, call.timeout, idle), clock: clock.clone() });
    match (is_function, call.streamed) {
        (true, true) => at_once(read_of_invoke_api(stream)),
        (false, true) => Ok(IntegrationReply { status, headers, body: stream.into(), ..IntegrationReply::default() }),
        (_, false) => collected(stream, status, headers),
    }
}

/// What a stream brings, how it ends, and when each came.
pub(crate) fn drain(mut stream: BodyStream, clock: &Clock) -> (Vec<(Duration, Bytes)>, Option<Cut>) {
    let mut pieces = Vec::new();
    let cut = at_once(async {
        loop {
            match stream.next().await {
                Some(Ok(piece)) => pieces.push((clock.now(), piece)),
                Some(Err(cut)) => return Some(cut),
                None => return None,
            }
        }
    });
    (pieces, cut)
}

/// The backend's head is there with the first thing that it does.
fn leading_pause(chunks: &[Chunk]) -> Duration {
    let pauses = chunks.iter().map_while(|chunk| match chunk {
        Chunk::Pause(pause) => Some(*pause),
        _ => None,
    });
    pauses.sum()
}

/// When each piece comes, as far as the bounds let it.
fn timed(
    chunks: &[Chunk],
    is_function: bool,
    timeout: Duration,
    idle: Duration,
) -> VecDeque<(Duration, Result<Bytes, Cut>)> {
    let mut pieces = VecDeque::new();
    let (mut now, mut last) = (Duration::ZERO, Duration::ZERO);
    let mut prelude = Prelude::default();
    // Up to the head, the time-out alone is a bound.
    let mut begun = false;
    for chunk in chunks {
        let piece = match chunk {
            Chunk::Pause(pause) => {
                now += *pause;
                if now > timeout {
                    pieces.push_back((timeout, Err(cut_late())));
                    return pieces;
                }
                if begun && now - last > idle {
                    pieces.push_back((last + idle, Err(cut_idle(idle))));
                    return pieces;
                }
                continue;
            }
            Chunk::Data(data) => Ok(data.clone()),
            Chunk::Error(message) => Err(Cut::Failed(message.clone())),
            Chunk::Broken(why) => Err(Cut::Broken(why.clone())),
        };
        last = now;
        begun |= match &piece {
            Ok(data) if is_function && !begun => prelude.take(data) != Progress::Incomplete,
            _ => true,
        };
        pieces.push_back((now, piece));
    }
    pieces
}

/// A method that does not stream waits for all of it.
fn collected(stream: BodyStream, status: u16, headers: Headers) -> Result<IntegrationReply, Failure> {
    let (pieces, cut) = drain(stream, &Clock::default());
    let body: Vec<u8> = pieces.into_iter().flat_map(|(_, piece)| piece).collect();
    match cut {
        None => Ok(IntegrationReply { status, headers, body: body.into(), ..IntegrationReply::default() }),
        Some(Cut::Failed(message)) => {
            let payload = serde_json::json!({ "errorMessage": message }).to_string();
            Ok(IntegrationReply {
                status,
                headers,
                body: payload.into(),
                function_error: true,
                ..IntegrationReply::default()
            })
        }
        Some(Cut::Broken(why)) => Err(Failure::NetworkError(why)),
        Some(Cut::Late(_)) => Err(Failure::Timeout),
    }
}

/// Pieces, and when each comes.
struct Script {
    pieces: VecDeque<(Duration, Result<Bytes, Cut>)>,
    clock: Clock,
}

impl Source for Script {
    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        let script = self.get_mut();
        Poll::Ready(script.pieces.pop_front().map(|(time, piece)| {
            script.clock.0.set(time);
            piece
        }))
    }
}
