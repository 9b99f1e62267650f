// Three CDK apps, synthesised without a context: node apps.js OUTPUT_FOLDER
const path = require('path');
const { App, Stack, Duration } = require('aws-cdk-lib');
const apigateway = require('aws-cdk-lib/aws-apigateway');
const lambda = require('aws-cdk-lib/aws-lambda');
const cognito = require('aws-cdk-lib/aws-cognito');

function echo(stack, id) {
  return new lambda.Function(stack, id, {
    runtime: lambda.Runtime.PYTHON_3_12,
    handler: 'index.handler',
    code: lambda.Code.fromInline('def handler(event, context):\n    return {"statusCode": 200, "body": event["path"]}\n'),
  });
}

// Everything to one function.
function proxy(app) {
  const stack = new Stack(app, 'Proxy');
  new apigateway.LambdaRestApi(stack, 'Api', { handler: echo(stack, 'Everything') });
}

// Custom integration with error patterns, a model, a validator and CORS.
function custom(app) {
  const stack = new Stack(app, 'Custom');
  const api = new apigateway.RestApi(stack, 'Orders', {
    deployOptions: { stageName: 'live', variables: { table: 'orders' }, throttlingRateLimit: 50, throttlingBurstLimit: 20 },
    defaultCorsPreflightOptions: { allowOrigins: ['https://shop.example'], allowHeaders: ['X-Trace'], allowCredentials: true },
  });
  const model = api.addModel('Order', {
    contentType: 'application/json',
    schema: { type: apigateway.JsonSchemaType.OBJECT, required: ['id'], properties: { id: { type: apigateway.JsonSchemaType.STRING } } },
  });
  const integration = new apigateway.LambdaIntegration(echo(stack, 'Handler'), {
    proxy: false,
    timeout: Duration.seconds(5),
    passthroughBehavior: apigateway.PassthroughBehavior.NEVER,
    requestTemplates: { 'application/json': '{"path": "$context.resourcePath", "body": $input.json(\'$\')}' },
    integrationResponses: [
      { statusCode: '200', responseTemplates: { 'application/json': "$input.json('$.body')" } },
      { statusCode: '400', selectionPattern: '.*Bad.*', responseTemplates: { 'application/json': '{"message": "bad"}' } },
      { statusCode: '500', selectionPattern: '(\\n|.)+' },
    ],
  });
  api.root.addResource('orders').addResource('{id}').addMethod('PUT', integration, {
    requestModels: { 'application/json': model },
    requestValidatorOptions: { validateRequestBody: true, validateRequestParameters: true },
    requestParameters: { 'method.request.header.X-Trace': false },
    methodResponses: [{ statusCode: '200' }, { statusCode: '400' }, { statusCode: '500' }],
  });
  api.addGatewayResponse('NotFound', {
    type: apigateway.ResponseType.MISSING_AUTHENTICATION_TOKEN,
    statusCode: '404',
    templates: { 'application/json': '{"message": "no such path"}' },
  });
}

// Authorizers, keys and plans, an alias.
function guarded(app) {
  const stack = new Stack(app, 'Guarded');
  const api = new apigateway.RestApi(stack, 'Api', { apiKeySourceType: apigateway.ApiKeySourceType.HEADER });
  const handler = echo(stack, 'Handler');
  const live = new lambda.Alias(stack, 'Live', { aliasName: 'live', version: handler.currentVersion });
  const integration = new apigateway.LambdaIntegration(live);
  const token = new apigateway.TokenAuthorizer(stack, 'Token', {
    handler: echo(stack, 'Check'),
    identitySource: apigateway.IdentitySource.header('X-Token'),
    validationRegex: '[a-z]+',
    resultsCacheTtl: Duration.seconds(30),
  });
  const request = new apigateway.RequestAuthorizer(stack, 'Request', {
    handler: echo(stack, 'CheckRequest'),
    identitySources: [apigateway.IdentitySource.header('Authorization'), apigateway.IdentitySource.queryString('who')],
  });
  const people = new apigateway.CognitoUserPoolsAuthorizer(stack, 'People', {
    cognitoUserPools: [new cognito.UserPool(stack, 'Pool')],
  });
  api.root.addResource('token').addMethod('GET', integration, { authorizer: token });
  api.root.addResource('request').addMethod('GET', integration, { authorizer: request });
  api.root.addResource('people').addMethod('GET', integration, { authorizer: people, authorizationScopes: ['read'] });
  api.root.addResource('signed').addMethod('GET', integration, { authorizationType: apigateway.AuthorizationType.IAM });
  api.root.addResource('keyed').addMethod('GET', integration, { apiKeyRequired: true });
  const key = api.addApiKey('Partner', { apiKeyName: 'partner', value: 'abcdefghijklmnopqrstuvwxyz' });
  const plan = api.addUsagePlan('Gold', { name: 'gold', throttle: { rateLimit: 10, burstLimit: 2 }, quota: { limit: 100, period: apigateway.Period.DAY } });
  plan.addApiKey(key);
  plan.addApiStage({ stage: api.deploymentStage });
}

// `cdk synth` asks for the paths of constructs, too.
const context = { 'aws:cdk:enable-path-metadata': true };
const app = new App({ outdir: path.resolve(process.argv[2]), analyticsReporting: false, context });
[proxy, custom, guarded].forEach((make) => make(app));
app.synth();
