//! The canned answer of an authorizer's function.

use serde_json::json;

use super::file::{Authorizer, AuthorizerResult};
use super::play::refusal;
use crate::exchange::call::IntegrationReply;
use crate::failure::Failure;
use crate::http1::message::Headers;

/// What the function answers.
pub(crate) fn answer(written: Option<&Authorizer>) -> Result<Result<IntegrationReply, Failure>, String> {
    let written = written.ok_or("the authorizer is called, but the case has no `authorizer`")?;
    if written.timeout {
        return Ok(Err(Failure::Timeout));
    }
    if let Some(status) = written.rejected {
        return Ok(Err(refusal(status)));
    }
    let (body, function_error) = match (&written.result, &written.error, &written.payload, &written.body) {
        (Some(result), None, None, None) => (policy(*result, written), false),
        (None, Some(message), None, None) => (json!({"errorMessage": message, "errorType": "Error"}).to_string(), true),
        (None, None, Some(payload), None) => (payload.to_string(), false),
        (None, None, None, Some(text)) => (text.clone(), false),
        _ => {
            return Err(
                "`authorizer`: expected one of `result`, `error`, `payload`, `body`, `timeout`, `rejected`".into()
            );
        }
    };
    let mut headers = Headers::default();
    if let Some(id) = &written.request_id {
        headers.push("x-amzn-RequestId", id.clone());
    }
    Ok(Ok(IntegrationReply { status: 200, headers, body: body.into(), function_error, ..IntegrationReply::default() }))
}

fn policy(result: AuthorizerResult, written: &Authorizer) -> String {
    let effect = match result {
        AuthorizerResult::Allow => "Allow",
        AuthorizerResult::Deny => "Deny",
    };
    let statement = json!({"Action": "execute-api:Invoke", "Effect": effect, "Resource": "*"});
    let answer = json!({
        "principalId": written.principal_id,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": written.context,
    });
    answer.to_string()
}
