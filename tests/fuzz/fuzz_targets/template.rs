//! Any CloudFormation or SAM template, read and told again: no panic, no hang, and what is told loads.
//!
//! The first byte says how the rest is meant: as the template's text, or byte by byte as lines of a template, which gets deeper.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use stagegate::{ExportFormat, Sources, export, load, parse};

const PIECES: &[&str] = &[
    "Parameters: { P: { Type: String, Default: d }, L: { Type: CommaDelimitedList, Default: 'a,b' }, U: { Type: String } }",
    "Mappings: { M: { a: { b: c, d: [e] } } }",
    "Conditions: { C: !Equals [!Ref P, d], D: !Not [!Condition C], E: !Condition E, F: !Or [!Condition D, !Equals [!Ref U, x]] }",
    "Globals: { Api: { Cors: \"'*'\", Auth: { DefaultAuthorizer: A, Authorizers: { A: { UserPoolArn: x } } } }, Function: { Runtime: r } }",
    "Transform: AWS::Serverless-2016-10-31",
    "Resources:",
    "  F: { Type: AWS::Serverless::Function, Properties: { FunctionName: !Sub '${P}-f', Events: { E: { Type: Api, Properties: { Path: /a, Method: get } } } } }",
    "  G: { Type: AWS::Serverless::Function, Condition: D, Properties: { AutoPublishAlias: live, Events: { E: { Type: Api, Properties: { Path: '/{p+}', Method: ANY, RestApiId: !Ref S } } } } }",
    "  S: { Type: AWS::Serverless::Api, Properties: { StageName: !Ref P, DefinitionBody: { swagger: '2.0', paths: { /b: { get: {",
    "  T: { Type: AWS::Serverless::Api, Properties: { StageName: t, Cors: { AllowOrigin: !Ref U }, Models: { M: { type: object } }, GatewayResponses: { DEFAULT_4XX: { StatusCode: 1 } } } }",
    "  W: { Type: AWS::Serverless::StateMachine, Properties: { Events: { E: { Type: Api, Properties: { Path: /w, Method: post, Auth: { ApiKeyRequired: true } } } } } }",
    "  R: { Type: AWS::ApiGateway::RestApi, Properties: { Name: r, BinaryMediaTypes: ['*~1*'] } }",
    "  N: { Type: AWS::ApiGateway::Resource, Properties: { RestApiId: !Ref R, ParentId: !Ref N, PathPart: n } }",
    "  O: { Type: AWS::ApiGateway::Resource, Properties: { RestApiId: !Ref R, ParentId: !GetAtt R.RootResourceId, PathPart: '{o}' } }",
    "  M: { Type: AWS::ApiGateway::Method, Properties: { RestApiId: !Ref R, ResourceId: !Ref O, HttpMethod: GET, AuthorizationType: CUSTOM, AuthorizerId: !Ref A, Integration: {",
    "  A: { Type: AWS::ApiGateway::Authorizer, Properties: { RestApiId: !Ref R, Type: TOKEN, IdentitySource: method.request.header.X } }",
    "  Q: { Type: AWS::ApiGateway::UsagePlan, Properties: { ApiStages: [{ ApiId: !Ref R, Stage: s }], Quota: { Limit: 1, Period: DAY } } }",
    "  K: { Type: AWS::ApiGateway::ApiKey, Properties: { Value: 0123456789012345678901234567890 } }",
    "  Z: { Type: AWS::ApiGateway::Stage, Properties: { RestApiId: !Ref R, StageName: z, MethodSettings: [{ ResourcePath: /*, HttpMethod: '*', ThrottlingRateLimit: 1 }] } }",
    "Type: AWS, Uri: !Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations' } } }",
    "Type: MOCK, RequestTemplates: { application/json: !Sub '{\"a\": \"${U}\"}' }, IntegrationResponses: [{ StatusCode: 200 }] } } }",
    "x-amazon-apigateway-integration: { type: http_proxy, httpMethod: GET, uri: !If [C, 'http://a/', !Ref AWS::NoValue] } } } } } } }",
    "!Sub ['${A}${!B}', { A: !Ref P }]", "!Join ['-', [!Ref P, !Ref L]]", "!Select [1, !Ref L]", "!Split [',', !Ref P]", "!FindInMap [M, a, b]",
    "!If [C, a, b]", "!GetAtt F.Arn", "!GetAtt [F, !Ref P]", "!ImportValue x", "!Base64 x", "!Ref F", "!Ref M", "{{resolve:ssm:/x}}",
    "Fn::Transform: { Name: AWS::Include, Parameters: { Location: nowhere.yaml } }", "{ \"Fn::ToJsonString\": { a: 1 } }", "{ \"Fn::Length\": !Ref L }",
    "- ", ": ", ", ", "{ ", " }", "[ ", " ]", "\n", "\n  ", "\n    ", "'", "\"", "&a ", "*a ", "null", "true", "0", "-1", "é",
];

fuzz_target!(|input: &[u8]| {
    let Some((how, rest)) = input.split_first() else { return };
    let text = match how % 4 {
        0 => String::from_utf8_lossy(rest).into_owned(),
        1 => rest.iter().map(|byte| PIECES[usize::from(*byte) % PIECES.len()]).collect(),
        _ => rest.iter().map(|byte| format!("{}\n", PIECES[usize::from(*byte) % PIECES.len()])).collect(),
    };
    let indented: String = text.lines().map(|line| format!("    {line}\n")).collect();
    let Ok(tree) = parse(Path::new("stagegate.yaml"), &format!("api:\n  definition:\n{indented}")) else { return };
    let sources = Sources { embedded: Some(tree), ..Sources::default() };
    let Ok((told, _)) = export(&sources, ExportFormat::Native) else { return };
    let again = parse(Path::new("stagegate.yaml"), &told).expect("what is told is YAML");
    let sources = Sources { embedded: Some(again), offline: true, ..Sources::default() };
    if let Err(problems) = load(&sources) {
        // A route that no request could be routed by is an error of the configuration, there.
        assert!(problems.iter().all(|p| !matches!(p.rule, "unknown-key" | "syntax" | "duplicate-key")), "{told}\n{problems:#?}");
    }
});
