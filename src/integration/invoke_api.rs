//! Lambda's Invoke API: LocalStack, SAM's `start-lambda`, a VPC endpoint, Lambda itself.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use tokio::time::Instant;

use super::event_stream::{CONTENT_TYPE, EventStream};
use super::invocation::Invocation;
use super::pool::Pool;
use super::prelude::{self, ErrorShape};
use super::sign::Signer;
use super::{outcome, streamed};
use crate::config::url::Url;
use crate::exchange::call::{IntegrationReply, InvocationType};
use crate::failure::Failure;
use crate::http1::client::Outgoing;
use crate::http1::clock;
use crate::http1::head::Head;
use crate::http1::message::Headers;
use crate::json_text::ReadAhead;

/// A function behind the Invoke API.
pub(crate) struct InvokeApi {
    base: Url,
    pool: Rc<Pool>,
    signer: Option<Arc<Signer>>,
    openings: RefCell<Vec<Opening>>,
}

/// How many beginnings of heads are kept: one function has few versions.
const OPENINGS: usize = 8;

/// The beginning of the head of calls that are alike.
struct Opening {
    name: Arc<str>,
    qualifier: Option<Arc<str>>,
    kind: InvocationType,
    streamed: bool,
    head: Box<[u8]>,
}

impl Opening {
    fn is_of(&self, call: &Invocation) -> bool {
        self.name == call.name
            && self.qualifier == call.qualifier
            && self.kind == call.kind
            && self.streamed == call.streamed
    }
}

impl InvokeApi {
    /// The Invoke API below that base url; without a signer calls are not signed.
    pub(crate) fn new(base: Url, pool: Rc<Pool>, signer: Option<Arc<Signer>>) -> InvokeApi {
        InvokeApi { base, pool, signer, openings: RefCell::default() }
    }

    /// One invocation, never repeated.
    pub(crate) async fn invoke(&self, mut invocation: Invocation) -> Result<IntegrationReply, Failure> {
        let request = match &self.signer {
            Some(signer) => {
                let target = invocation.invoke_target(&self.base);
                let target = Box::pin(signer.sign(&self.base, &target, &mut invocation)).await?;
                // There may have been waiting for credentials.
                clock::now();
                invocation.request(&self.base, &target)
            }
            None => {
                let head = self.open(&invocation);
                invocation.finish(head)
            }
        };
        if invocation.streamed && invocation.kind == InvocationType::RequestResponse {
            return Box::pin(self.stream(request, invocation.deadline)).await;
        }
        // An error's payload is wanted as it came.
        let ahead = |status, headers: &Headers| {
            let is_good = status == 200 && !outcome::has_error_header(headers);
            if is_good { ReadAhead::new(invocation.read_ahead) } else { None }
        };
        match self.pool.request_ahead(request, invocation.deadline, outcome::LONGEST, ahead).await {
            Ok(answer) => outcome::of_invoke_api(answer),
            Err(e) => outcome::of_no_answer(e),
        }
    }

    /// The beginning of a call's head, written once for all that are alike.
    fn open(&self, call: &Invocation) -> Head {
        let mut openings = self.openings.borrow_mut();
        if let Some(known) = openings.iter().find(|opening| opening.is_of(call)) {
            return Head::open(&known.head, call.event.len());
        }
        let head = call.open(&self.base, &call.invoke_target(&self.base));
        if openings.len() < OPENINGS {
            let (name, qualifier, begun) = (call.name.clone(), call.qualifier.clone(), head.so_far().into());
            openings.push(Opening { name, qualifier, kind: call.kind, streamed: call.streamed, head: begun });
        }
        head
    }

    /// `InvokeWithResponseStream`. What is no event stream is an answer as a whole: of a stand-in for the Invoke API, or a refusal.
    async fn stream(&self, request: Outgoing, deadline: Instant) -> Result<IntegrationReply, Failure> {
        let (mut connection, begun) = self.pool.begin(request, deadline).await?;
        let is_frames = begun.headers.last("content-type").is_some_and(|kind| kind.starts_with(CONTENT_TYPE));
        if begun.status == 200 && is_frames {
            let frames = streamed::body(self.pool.clone(), connection, begun);
            return prelude::read(EventStream::payload(frames), ErrorShape::Nothing).await;
        }
        match connection.finish(begun, outcome::LONGEST, None).await {
            Ok(answer) => {
                self.pool.put(connection);
                outcome::of_invoke_api(answer).and_then(prelude::split_prelude)
            }
            Err(e) => outcome::of_no_answer(e.into()),
        }
    }
}
