//! Any configuration file, with OpenAPI or native routes: no panic, no hang; what loads answers, and what is told of it loads.
//!
//! The first byte says how the rest is meant: as the file's text, or byte by byte as lines of one, which gets deeper.

#![no_main]

#[path = "../request.rs"]
mod request;

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use stagegate::{ExportFormat, Gateway, IntegrationReply, Metrics, Sources, export, load, parse, play};

const LINES: &[&str] = &[
    "api:", "  definition:", "    openapi: 3.0.1", "    swagger: '2.0'", "    info: { title: t, version: '1' }", "    paths:", "      /a:", "      '/b/{c+}':", "      /{d}:",
    "        get:", "        post:", "        x-amazon-apigateway-any-method:", "          responses: { '200': { description: ok, headers: { A: { schema: { type: string } } } } }",
    "          parameters: [{ name: q, in: query, required: true, schema: { type: string } }]", "          x-amazon-apigateway-integration: { type: mock, requestTemplates: { application/json: '{\"statusCode\": 200}' }, responses: { default: { statusCode: '200' } } }",
    "          x-amazon-apigateway-integration: { type: aws_proxy, httpMethod: POST, uri: 'arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:f/invocations', payloadFormatVersion: '2.0' }",
    "          x-amazon-apigateway-integration: { type: aws, httpMethod: POST, uri: 'arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${stageVariables.f}/invocations', requestParameters: { integration.request.header.X: method.request.querystring.q, integration.request.header.Y: \"'s'\" }, responses: { '.*(a|b)+': { statusCode: 400, responseParameters: { method.response.header.A: integration.response.body.x } }, default: { statusCode: 200 } } }",
    "          x-amazon-apigateway-integration: { type: http_proxy, httpMethod: ANY, uri: 'http://127.0.0.1:1/{c}', requestParameters: { overwrite:path: $request.path.c, 'append:header.X': '${context.requestId}-$request.body.a', remove:querystring.q: '' } }",
    "          x-amazon-apigateway-request-validator: v", "    x-amazon-apigateway-request-validators: { v: { validateRequestBody: true, validateRequestParameters: true } }",
    "          requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/M' } } } }", "    components: { schemas: { M: { type: object, required: [a], properties: { a: { $ref: '#/components/schemas/M' } } } } }",
    "    x-amazon-apigateway-cors: { allowOrigins: ['*'], allowMethods: [GET], maxAge: 5 }", "          security: [{ k: [] }]", "    security: [{ j: [a] }]",
    "    x-amazon-apigateway-gateway-responses: { DEFAULT_4XX: { statusCode: 418, responseTemplates: { application/json: '$context.error.messageString' } } }",
    "    x-amazon-apigateway-policy: { Version: '2012-10-17', Statement: [{ Effect: Allow, Principal: '*', Action: '*', Resource: '*' }] }", "    x-amazon-apigateway-binary-media-types: ['*/*', image/png]",
    "  routes:", "    - { path: '/n/{id}', method: GET, integration: { type: AWS_PROXY, function: f } }", "    - { path: /o, method: POST, methodResponses: [200], integration: { type: AWS, function: f, requestTemplates: { application/json: \"$input.json('$')\" }, responses: [{ statusCode: 200, selectionPattern: '\\d+' }] } }",
    "    - path: /p", "      method: ANY", "      integration: { type: MOCK, responses: [] }", "  stage: s", "  base_path: /s", "  type: http", "  canary: { percent: 10 }",
    "  throttle: { rate: 1, burst: 1, methods: { 'GET /a': { rate: 10, burst: 5 } } }", "  api_keys: { p: { value: 01234567890123456789, enabled: true } }", "  usage_plans: { g: { keys: [p], rate: 1, quota: { limit: 5, period: DAY } } }",
    "  stage_variables: { f: f }", "functions: { f: { invoke_api: 'http://127.0.0.1:1' } }", "functions: { '*': { http: 'http://127.0.0.1:1/x', timeout: 1s } }", "limits: { integration_timeout: 29s, request_body: 10 }",
    "log: { access: '{\"a\":\"$context.requestId\", \"b\": $context.status}' }", "log: { access: CLF, level: debug }", "log: { access: '<a>$context.authorizer.x</a>$context.' }", "faults: [{ route: 'GET /a', status: 500, percent: 50 }]",
    "listen: 127.0.0.1:0", "lint: { ignore: [{ rule: unknown-key, reason: r }] }", "metrics: { histograms: none }", "telemetry: { otlp: { endpoint: 'http://127.0.0.1:4318', headers: { a: b } } }", "admin: { listen: 'x' }",
    "authorizers: { j: { jwks: keys.json, issuer: 'https://i' } }", "iam: { keys: {} }", "&a", "*a", "- ", "{", "}", "'", "\"", "null", "  ", ": ", "é", "<<: *a",
];

fuzz_target!(|input: &[u8]| {
    let Some((how, rest)) = input.split_first() else { return };
    let text = match how % 4 {
        0 => String::from_utf8_lossy(rest).into_owned(),
        _ => rest.iter().map(|byte| format!("{}\n", LINES[usize::from(*byte) % LINES.len()])).collect(),
    };
    let name = Path::new(["stagegate.yaml", "stagegate.json", "stagegate.toml"][if how % 4 == 0 { usize::from(how / 4) % 3 } else { 0 }]);
    let Ok(tree) = parse(name, &text) else { return };
    let sources = Sources { embedded: Some(tree), ..Sources::default() };
    let Ok(loaded) = load(&sources) else { return };
    for format in [ExportFormat::Native, ExportFormat::OpenApi] {
        if let Ok((told, _)) = export(&sources, format) {
            parse(Path::new("stagegate.yaml"), &told).expect("what is told is YAML");
        }
    }
    let metrics = Metrics::new("fuzz", "").expect("fresh metrics");
    let gateway = Gateway::new(loaded.api, loaded.canary, loaded.settings.limits, &metrics);
    for target in ["/a?q=1", "/b/x/y", "/s/n/7", "/z"] {
        let reply = || IntegrationReply { status: 200, body: r#"{"statusCode":200,"body":"b"}"#.into(), ..IntegrationReply::default() };
        let played = play(&gateway, request::request("GET", target, &[], ""), |_| Ok(reply()));
        assert!((100..=599).contains(&played.response.status), "{}", played.response.status);
    }
});
