//! Lambda's Invoke API: LocalStack, SAM's `start-lambda`, a VPC endpoint, Lambda itself.

use std::rc::Rc;
use std::sync::Arc;

use super::invocation::Invocation;
use super::outcome;
use super::pool::Pool;
use super::sign::Signer;
use crate::config::url::Url;
use crate::exchange::call::IntegrationReply;
use crate::failure::Failure;
use crate::http1::message::Headers;
use crate::json_text::ReadAhead;

/// A function behind the Invoke API.
pub(crate) struct InvokeApi {
    base: Url,
    pool: Rc<Pool>,
    signer: Option<Arc<Signer>>,
}

impl InvokeApi {
    /// The Invoke API below that base url; without a signer calls are not signed.
    pub(crate) fn new(base: Url, pool: Rc<Pool>, signer: Option<Arc<Signer>>) -> InvokeApi {
        InvokeApi { base, pool, signer }
    }

    /// One invocation, never repeated.
    pub(crate) async fn invoke(&self, mut invocation: Invocation) -> Result<IntegrationReply, Failure> {
        let mut target = invocation.invoke_target(&self.base, None);
        if let Some(signer) = &self.signer {
            target = signer.sign(&self.base, &target, &mut invocation).await?;
        }
        let request = invocation.request(&self.base, &target);
        // An error's payload is wanted as it came.
        let ahead = |status, headers: &Headers| {
            (invocation.read_ahead && status == 200 && !outcome::has_error_header(headers)).then(ReadAhead::default)
        };
        match self.pool.request_ahead(request, invocation.deadline, outcome::LONGEST, ahead).await {
            Ok(answer) => outcome::of_invoke_api(answer),
            Err(e) => outcome::of_no_answer(e),
        }
    }
}
