//! Rules about the definition as a document: OpenAPI, CloudFormation, SAM, and what they leave open.

use super::rule::{Rule, rows};

pub(super) const ROWS: &[Rule] = rows! {
    "api-key-without-plan" Warning
    | "an API key in no usage plan"
    | "API Gateway asks the usage plan of a key whether it opens the stage: a key without one is refused with 403 (fact `api-key`)."
    | "Add the key to a plan's `keys`, or delete it."

    "api-key-without-value" Warning
    | "the template does not hold an API key's value"
    | "AWS makes the value of a key when it is deployed; here nobody knows it, so no request can bring it."
    | "Give one under `api.api_keys.NAME.value`, or `value_env`."

    "base-path-mapping" Note
    | "a base path mapping of a custom domain"
    | "The domain is not served here, so its base path is not cut off."
    | "Set `api.base_path` where clients send it."

    "cookie-parameter" Note
    | "a parameter in a cookie"
    | "API Gateway knows path, query string and header parameters: an import leaves cookie parameters out, and nothing checks them."
    | "Read the `Cookie` header in the function; nothing is to be done here."

    "cors" Error
    | "CORS settings that API Gateway or SAM refuses or ignores"
    | "Browsers take no credentials from an answer whose allowed origin is `*`, so SAM refuses the pair."
    | "Name the origin, or leave `AllowCredentials` out."

    "definition-size" Warning
    | "the definition is larger than API Gateway imports"
    | "An import takes at most 6 MB (fact `import-size`)."
    | "Drop examples and descriptions, or split the API."

    "duplicate-route" Error
    | "a method is defined twice"
    | "One resource has one method of a name; `/pets` and `/pets/` are one resource (fact `route-trailing-slash`)."
    | "Delete one of the two."

    "endpoint-configuration" Note
    | "the endpoint's type or access has no effect here"
    | "Regional, edge and private endpoints differ in who reaches them, which is the network's affair here."
    | "Nothing, unless clients were kept out by it: then keep them from the port."

    "http-api-only" Warning
    | "something that only HTTP APIs have"
    | "A REST API ignores it, or refuses the import."
    | "Use the REST API's own way: `OPTIONS` methods for CORS, `integration.request.…` for mappings."

    "include" Error
    | "a file that is included cannot be found here"
    | "`AWS::Include`, `DefinitionUri` and `BodyS3Location` name a file that is part of the definition."
    | "Give the local file in `api.includes`."

    "malformed-function" Warning
    | "a CloudFormation function with the wrong arguments"
    | "CloudFormation refuses the template; here its value is unknown."
    | "Give the arguments that the finding names."

    "model" Error
    | "a schema that cannot be used"
    | "Models are JSON Schema draft 4 (fact `body-model`); a method whose model cannot be read cannot check its bodies."
    | "Mend the schema at the place that the finding names."

    "no-api" Error
    | "there is no API"
    | "Nothing says what is to be served."
    | "Set `api.definition` to an OpenAPI document or a template that has an API."

    "no-methods" Error
    | "an API without a method"
    | "Every request would be answered 403 Missing Authentication Token; API Gateway refuses to deploy it."
    | "Look at the spelling of `paths` and of the methods, and at what the document refers to."

    "not-openapi" Error
    | "a document that is no definition"
    | "OpenAPI 3.0 and 3.1, Swagger 2.0, CloudFormation and SAM are read; other tools make one of these."
    | "Give what the finding names: the command that makes a definition of it stands there."

    "path" Error
    | "a path that API Gateway does not take"
    | "A path begins with a slash; a segment is letters, digits and a few marks, or one `{parameter}`; `{proxy+}` stands last."
    | "Write the path so."

    "plain-security-scheme" Note
    | "a security scheme that guards nothing"
    | "API Gateway evaluates only schemes with `x-amazon-apigateway-authorizer`, and API keys in the header `x-api-key`."
    | "Add the extension, or take it as documentation."

    "response-range" Note
    | "a response for a range of statuses"
    | "A method response has a number: an import leaves `default` and `2XX` out."
    | "Name each status that an integration response chooses."

    "several-apis" Error
    | "the template has several APIs"
    | "One process serves one API."
    | "Name it in `api.resource`."

    "several-stages" Warning
    | "the API has several stages"
    | "Each stage has its own variables, throttles and keys; one is served."
    | "Name it in `api.stage`."

    "sibling-parameter" Warning
    | "two names for one path parameter"
    | "A resource has one child that is a parameter, so `/a/{x}` beside `/a/{y}/b` is refused by API Gateway."
    | "Use one name in both paths."

    "stage-variable" Warning
    | "a stage variable that API Gateway does not take"
    | "Names are letters, digits and `_`, at most 64; values have at most 512 characters."
    | "Rename or shorten it."

    "template-parameter" Warning
    | "a name of the template has no value here"
    | "CloudFormation, or the tool that renders the template, would put a value in; here the name stands for itself."
    | "Give a value in `api.parameters`."

    "unknown-authorizer" Error
    | "an authorizer that is not defined"
    | "SAM refuses the template. A method that names an authorizer must not be open for want of it."
    | "Name one of `Auth.Authorizers`, or `NONE`."

    "unknown-condition" Warning
    | "a condition that is not defined or cannot be told"
    | "It counts as false, so what it guards is not there."
    | "Give the parameters that it depends on in `api.parameters`."

    "unknown-extension" Note
    | "an extension that has no effect"
    | "API Gateway has it, but nothing here depends on it, or it is another tool's."
    | "Nothing."

    "unknown-gateway-response" Error
    | "a gateway response of a type that does not exist"
    | "There are twenty-one types (fact `gateway-response-types`); an import ignores others, so the answer keeps its default."
    | "Take the nearest type."

    "unknown-macro" Warning
    | "a macro that is not run"
    | "CloudFormation would run it at deployment, and it may make or change methods."
    | "Give the template as it is after the macro: `aws cloudformation get-template --template-stage Processed`."

    "unknown-model" Warning
    | "a model that is not defined"
    | "API Gateway refuses the import; here bodies are not checked against it."
    | "Take the nearest name, or define the model."

    "unknown-parent" Note
    | "a resource whose parent is not in the template"
    | "It belongs to an API that is defined elsewhere; its path is taken to begin at the root."
    | "Nothing, if the path is right; else set `api.base_path`."

    "unknown-reference" Warning
    | "a name that is neither a parameter nor a resource"
    | "CloudFormation refuses the template."
    | "Correct the name; `${!Name}` is the text itself."

    "unknown-resource" Error
    | "`api.resource` names nothing"
    | "The template has no API of that logical id."
    | "Take one of those that the finding lists."

    "unknown-security-scheme" Warning
    | "a security scheme that is not defined"
    | "API Gateway refuses the import; here every request of the method is refused."
    | "Take the nearest name, or define the scheme."

    "unknown-validator" Error
    | "a request validator that is not defined"
    | "API Gateway refuses the import; nothing is checked by a validator that is not there."
    | "Take the nearest name, or define it under `x-amazon-apigateway-request-validators`."

    "unresolved-ref" Error
    | "a `$ref` that leads nowhere"
    | "API Gateway reads one document: references into other files are refused."
    | "Bundle the document into one file, and correct the reference."

    "unset-stage-variable" Warning
    | "a stage variable that is not set"
    | "It is the empty text: a uri with it is bad, and each call a 500, while the deployment succeeds."
    | "Set it in `api.stage_variables`."

    "unsupported-function" Warning
    | "a CloudFormation function that is not evaluated"
    | "What it would make is not there."
    | "Give the value in `api.parameters`, or render the template before."

    "unsupported-method" Warning
    | "a method that API Gateway does not have"
    | "There are DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT and ANY; an import leaves TRACE out."
    | "Delete it."

    "usage-plan" Note
    | "a part of a usage plan that is not applied"
    | "Throttles of single methods in a plan are not kept here; the plan's own are."
    | "Nothing, or set `api.method_throttles`."

    "websocket-api" Error
    | "a WebSocket API"
    | "It has routes by message, not by method and path, and is not served."
    | "Choose another API of the template in `api.resource`."

    "wide-model" Warning
    | "a schema that branches very wide"
    | "`allOf`, `anyOf` and `oneOf` multiply, so that one value is checked against hundreds of schemas at each request."
    | "Flatten the schema."
};
