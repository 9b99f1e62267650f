//! Rules about who may call: authorizers, policies, keys.

use super::rule::{Rule, rows};

pub(super) const ROWS: &[Rule] = rows! {
    "api-key-source" Warning
    | "API keys should come from an authorizer that nobody asks"
    | "With the key source `AUTHORIZER` the key is what a Lambda authorizer gives as `usageIdentifierKey`: without one each request is a 403."
    | "Guard the method with a Lambda authorizer, or take the key source `HEADER`."

    "authorization" Warning
    | "a protection that is not evaluated here"
    | "What cannot be asked must not open a method: its requests are refused."
    | "Set `iam.keys` for IAM; `api.skip_authorization` opens the methods, for tests."

    "authorizer-keys" Error
    | "a user pool or JWT authorizer without keys"
    | "Nobody here knows whether a token is good: whoever shows one is answered 500."
    | "Set `authorizers.NAME.jwks` to a file or a url, or `authorizers.NAME.issuer` to where the issuer's discovery document is reached."

    "authorizer-ttl" Warning
    | "an authorizer's time to live that is too long"
    | "API Gateway takes 0 to 3600 seconds."
    | "Take a value within."

    "authorizer-type" Warning
    | "an authorizer of a type that does not exist"
    | "API Gateway refuses the import; here every request of its methods is refused."
    | "Take one of the types that the finding names."

    "authorizer-uri" Error
    | "a Lambda authorizer without a function"
    | "Whoever needs it is answered 500."
    | "Set `authorizerUri`."

    "cached-policy" Note
    | "an authorizer's answer counts for every path"
    | "An answer is kept under the token or the identity sources, and its policy is evaluated for each method (fact `authorizer-cache`): one that allows `event.methodArn` alone denies the next path with a 403."
    | "Let the policy allow all that the caller may call, or set `authorizerResultTtlInSeconds: 0`."

    "cors-of-refusals" Warning
    | "refusals that a page of another origin cannot read"
    | "The method's own CORS headers are not on what API Gateway answers by itself: the browser hides the 401 or 403, and the page sees a network error."
    | "Set `gatewayresponse.header.Access-Control-Allow-Origin: \"'*'\"` on `DEFAULT_4XX`."

    "identity-source" Error
    | "an identity source that is none"
    | "The token of a TOKEN authorizer stands in one header; a REQUEST authorizer takes headers, query parameters, stage variables and context variables."
    | "Write it as `method.request.header.NAME` and the like."

    "jwks" Error
    | "a file of keys that cannot be read, or has none that verifies a token"
    | "Tokens are signed with RSA keys of 2048 to 8192 bits or elliptic keys on P-256 and P-384, each with a `kid`; no other key is ever taken."
    | "Give the issuer's JSON Web Key Set as it publishes it."

    "jwt-configuration" Error
    | "a JWT authorizer whose configuration cannot be read"
    | "API Gateway refuses to create it; here its methods answer 500 to whoever shows a token."
    | "Give `jwtConfiguration.issuers`, each with `issuer` and `audiences`, and `defaultAlgorithms`."

    "no-usage-plan" Warning
    | "methods need an API key, and no plan has one"
    | "A key opens a method through a usage plan (fact `api-key`): without one each request is a 403."
    | "Add `api.usage_plans` with a key."

    "open-proxy" Warning
    | "a guarded path below an open `{proxy+}`"
    | "A path that lacks the method falls to the greedy one above it (fact `route-method`): every other method of the guarded path is served to everybody."
    | "Guard the greedy method too, or give the path an `ANY` method."

    "policy" Error
    | "a policy that cannot be evaluated"
    | "A policy that cannot be read allows nothing."
    | "Mend it at the place that the finding names."

    "provider-arn" Error
    | "a user pool that is not known"
    | "The pool's ARN says who issues its tokens; a pool of the template itself has none before it is deployed."
    | "Write the ARN, give it in `api.parameters`, or set `authorizers.NAME.issuer`."

    "resource-policy" Warning
    | "a resource policy that is not evaluated, or cannot be"
    | "One that cannot be read refuses every request; `api.skip_authorization` lets every request by."
    | "Mend the policy, or take `resource_policy` out of `api.skip_authorization`."

    "unmatchable-identity" Warning
    | "an identity that no request has"
    | "A token that does not match as a whole, or a source that is missing, is a 401, and the function is not asked (fact `identity-source-401`)."
    | "Correct the expression or the source: `^Bearer [-0-9A-Za-z._]+$`."

    "unmatched-resource" Warning
    | "a resource of the policy that matches no method"
    | "Resources are `execute-api:/STAGE/METHOD/PATH`, where `*` takes any text, slashes too: a statement about another stage, or without the method, is about nothing."
    | "Write it so; `execute-api:/*` is the whole API."

    "unused-authorizer" Note
    | "an authorizer that no method asks"
    | "Its methods may be open that should not be: an authorizer guards what names it."
    | "Name it in `security`, or delete it."

    "validation-expression" Error
    | "an `identityValidationExpression` that is no regular expression"
    | "The whole token must match it before the function is asked."
    | "Mend the expression."
};
