//! Rules about methods and what they call: integrations, uris, parameters.

use super::rule::{Rule, rows};

pub(super) const ROWS: &[Rule] = rows! {
    "always-415" Warning
    | "no request template takes any body"
    | "With `passthroughBehavior: NEVER` a body that no template takes is a 415 (fact `passthrough`); without a template that is every request."
    | "Add a request template, or take `WHEN_NO_TEMPLATES`."

    "binary-template" Warning
    | "a template for bodies that are binary"
    | "A template over a binary body is a 500, `Unable to transform request` (fact `template-needs-text`)."
    | "Set `contentHandling: CONVERT_TO_TEXT`, or take the type out of the binary media types."

    "cache" Note
    | "cached answers"
    | "The stage's cache is not there: every request reaches the backend."
    | "Nothing."

    "credentials" Note
    | "credentials of an integration"
    | "API Gateway assumes the role for the call; here the backend is called without one."
    | "Nothing, or `sign` where the backend wants signatures."

    "empty-function" Warning
    | "a uri that names no function"
    | "An empty stage variable leaves the function's name empty: each call is a 500, while the deployment succeeds."
    | "Set the stage variable, or name the function."

    "guarded-preflight" Warning
    | "preflights come to a method or route that needs credentials"
    | "Browsers send a preflight without credentials and without an API key: it is refused, and the real request is never sent."
    | "Give `OPTIONS` no authorization and no API key: `security: []`, or SAM's `AddDefaultAuthorizerToCorsPreflight: false`; beside an `ANY` or `$default` route of an HTTP API, an `OPTIONS` route of its own."

    "ignored-by-proxy" Warning
    | "something that proxy integrations do not use"
    | "A proxy passes request and answer as they are: templates, mappings and integration responses have no effect (fact `proxy-ignores-mappings`)."
    | "Delete it, or make the integration `AWS` or `HTTP`."

    "illegal-header" Warning
    | "a header that must not be mapped"
    | "API Gateway refuses such a mapping at each call: a 500 (fact `illegal-header`)."
    | "Map to another header, such as `X-Authorization`."

    "integration-method" Error
    | "the integration's `httpMethod` is missing or wrong"
    | "Lambda functions are called with POST: with another method each call is a 500, while the deployment succeeds."
    | "Set `httpMethod: POST` for functions; for HTTP the backend's method."

    "invalid-endpoint" Warning
    | "a uri that cannot be called"
    | "API Gateway deploys it, and each call is a 500."
    | "Give an `http://` or `https://` url with a host; `api.parameters` and `api.stage_variables` fill names in."

    "jsonpath" Error
    | "a mapping whose JSON path cannot be read"
    | "`method.request.body.…` and `integration.response.body.…` are JSON paths; API Gateway refuses the mapping."
    | "Mend the path at the place that the finding names."

    "mock-status" Warning
    | "a mock that gives no status"
    | "A MOCK integration reads `statusCode` out of what its request template prints: without it each request is a 500."
    | "Let the template print `{\"statusCode\": 200}`."

    "no-integration" Warning
    | "a method without an integration"
    | "API Gateway refuses to deploy it; here each request is a 500."
    | "Add `x-amazon-apigateway-integration`."

    "parameter" Error
    | "a mapping that is none"
    | "Keys and values of mappings have fixed forms, and a literal stands in single quotes; API Gateway refuses others."
    | "Write it in the form that the finding names."

    "parameter-case" Warning
    | "a parameter's name in another letter case"
    | "Names of parameters are compared by case in templates (fact `mapping-case`): another case is the empty text."
    | "Write it as the path, or the declaration, has it."

    "passthrough-not-json" Warning
    | "a declared body that is no JSON passes to a function"
    | "A function's event is JSON: Lambda refuses everything else with a 400, and the function is not called (fact `invalid-event-400`)."
    | "Add a request template for the type, such as `{\"body\": \"$util.base64Encode($input.body)\"}`."

    "path-parameter" Warning
    | "a path parameter that only the path has, or only the declaration"
    | "API Gateway maps declared parameters only; one that is declared and not in the path is never there, and missing to a validator."
    | "Use the same name in both."

    "streaming" Warning
    | "an answer that is not streamed, or not as it says"
    | "Answers are streamed for AWS_PROXY and HTTP_PROXY integrations of REST APIs, as they are; a function's uri must say so too."
    | "Take `responseTransferMode: STREAM` and the uri together, on a proxy, or neither."

    "timeout" Warning
    | "a timeout outside of API Gateway's bounds"
    | "50 ms to 29 s are taken (fact `integration-timeout`); more needs a raised quota, for regional and private APIs."
    | "Take a value within, or raise the quota there."

    "tls-config" Warning
    | "TLS settings that are not followed"
    | "The backend's certificate is always verified, under the name of its url."
    | "Give the backend a certificate that the process trusts."

    "unchecked-body" Note
    | "bodies of other types pass the validator unseen"
    | "The model of the body's `Content-Type` is looked at; where there is none nothing is checked (fact `body-model`)."
    | "Set `passthroughBehavior: NEVER` with a template for each type, or let the function look at the type."

    "undeclared-parameter" Warning
    | "a mapping of a parameter that the method does not declare"
    | "API Gateway maps only declared parameters, and refuses the import otherwise."
    | "Declare it under `parameters` (`requestParameters` in a template)."

    "unknown-function" Error
    | "nothing says where a function is"
    | "The definition names it; the configuration places it."
    | "Add `functions.NAME`, or `functions.\"*\"` for all others."

    "unknown-parameter" Note
    | "a template reads a parameter that the method does not declare"
    | "It is read all the same (fact `input-params`), but a misspelt name is the empty text."
    | "Take the nearest name, or declare it."

    "unknown-service" Error
    | "nothing says where a service is"
    | "The uri names a service of AWS; the configuration places it."
    | "Add `services.NAME`."

    "unmapped-placeholder" Warning
    | "a `{name}` in the uri that nothing is mapped to"
    | "Placeholders are filled by `integration.request.path.NAME` only, not by a path parameter of that name: each request is a 500."
    | "Map `integration.request.path.NAME: method.request.path.NAME`."

    "unrendered" Error
    | "a placeholder that a tool should have filled in"
    | "Jinja's `{{ name }}`, Terraform's `%{ if }`, `<name>` and `$NAME` are text to API Gateway: the uri is wrong."
    | "Render the file first, or put the values in."

    "unused-function" Note
    | "a function that nothing calls"
    | "Its name may be misspelt, and the method that should call it served by `\"*\"`."
    | "Correct the name, or delete it."

    "uri" Error
    | "a uri that is not of API Gateway's forms"
    | "Functions and services have ARNs of their own kind there, `arn:aws:apigateway:…`; others are refused."
    | "Write it in the form that the finding names."

    "vpc-link" Note
    | "a VPC link"
    | "There is none here: the uri is called directly."
    | "See that the uri's host can be reached from the process."
};
