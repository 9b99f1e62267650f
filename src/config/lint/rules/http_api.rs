//! Rules about HTTP APIs alone.

use super::rule::{Rule, rows};

pub(super) const ROWS: &[Rule] = rows! {
    "authorization-scopes" Warning
    | "scopes on a route that no JWT authorizer guards"
    | "Only a JWT authorizer reads scopes; elsewhere they stand for nothing."
    | "Take the scopes away, or guard the route by a JWT authorizer."

    "integration-subtype" Error
    | "a first-class integration that API Gateway does not know"
    | "HTTP APIs call a closed list of actions of AWS services; another name is refused."
    | "Take one of the names in the finding."

    "integration-type" Error
    | "an integration of a type that HTTP APIs do not have"
    | "HTTP APIs have `AWS_PROXY` and `HTTP_PROXY` alone: no mapping templates and no mocks."
    | "Use one of the two, or a REST API."

    "path-variable" Warning
    | "an address with a path variable that the route does not have"
    | "API Gateway cannot fill it: every request of the route is answered 500."
    | "Name a variable of the route's own path."

    "payload-format" Error
    | "a payload format that is missing, unknown, or not the integration's"
    | "Functions get the event as 1.0 or 2.0, which differ in every member; first-class integrations have 1.0 alone."
    | "Give `payloadFormatVersion` as \"1.0\" or \"2.0\", the one that the function reads."

    "preflight" Note
    | "a route takes the preflights that the API would answer itself"
    | "With `cors` set API Gateway answers preflights, unless an `OPTIONS`, `ANY` or `$default` route takes them."
    | "Nothing, if its backend answers preflights; else give the methods one by one."

    "rest-api-only" Error
    | "a setting that an HTTP API does not have"
    | "Canaries, API keys and usage plans belong to REST APIs."
    | "Take it away, or serve a REST API."

    "route-key" Error
    | "a route key that is none"
    | "A route key is `$default`, or a method (or `ANY`), a blank, and a path whose `{name}` fill whole segments."
    | "Write it as `GET /pets/{id}`."

    "shared-answers" Note
    | "an authorizer's answer counts for routes that it was not asked for"
    | "Answers are kept under the identity sources alone: a simple answer for one route opens them all."
    | "Add `$context.routeKey` to the identity sources, or set the time to 0."

    "simple-responses" Warning
    | "simple responses of an authorizer that speaks format 1.0"
    | "`{\"isAuthorized\": true}` belongs to format 2.0: as 1.0 the answer must be a policy."
    | "Set `authorizerPayloadFormatVersion` to \"2.0\", or leave `enableSimpleResponses` out."

    "unreachable-route" Warning
    | "a route that no request reaches"
    | "Another route of the same shape takes every request."
    | "Delete one of them."
};
