//! Lambda's Invoke API: LocalStack, SAM's `start-lambda`, a VPC endpoint, Lambda itself.

use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;

use super::invocation::Invocation;
use super::outcome;
use super::pool::{Pool, PoolError};
use super::sign::Signer;
use super::url::Url;
use crate::exchange::call::IntegrationReply;
use crate::failure::Failure;
use crate::http1::client::Answer;
use crate::http1::message::Headers;

/// A function behind the Invoke API.
pub struct InvokeApi {
    base: Url,
    pool: Rc<Pool>,
    signer: Option<Arc<Signer>>,
}

impl InvokeApi {
    /// The Invoke API below that base url; without a signer calls are not signed.
    pub fn new(base: Url, pool: Rc<Pool>, signer: Option<Arc<Signer>>) -> InvokeApi {
        InvokeApi { base, pool, signer }
    }

    /// One invocation, never repeated.
    pub async fn invoke(&self, mut invocation: Invocation) -> Result<IntegrationReply, Failure> {
        let mut target = invocation.invoke_target(&self.base, None);
        if let Some(signer) = &self.signer {
            target = signer.sign(&self.base, &target, &mut invocation).await?;
        }
        let request = invocation.request(&self.base, &target);
        match self.pool.request(request, outcome::LONGEST).await {
            Ok(answer) => reply(answer),
            Err(e) => too_large_or(e),
        }
    }
}

/// An answer over the limit is the function's error, as Lambda has it; all else is the network's.
pub fn too_large_or(e: PoolError) -> Result<IntegrationReply, Failure> {
    match e {
        PoolError::TooLarge(_) => Ok(function_error(Headers::default(), outcome::too_large())),
        other => Err(other.into()),
    }
}

/// A function's error with that payload.
pub fn function_error(headers: Headers, body: Bytes) -> IntegrationReply {
    IntegrationReply { status: 200, headers, body, function_error: true }
}

/// What the Invoke API's answer means (spec chapter 2.6).
fn reply(answer: Answer) -> Result<IntegrationReply, Failure> {
    match answer.status {
        200..=299 => {
            let function_error = answer.headers.contains("X-Amz-Function-Error");
            Ok(IntegrationReply { status: answer.status, headers: answer.headers, body: answer.body, function_error })
        }
        413 => Err(Failure::EventTooLarge),
        status => Err(Failure::InvocationRejected { status }),
    }
}
