// A handler of Node's own http behind serverless-http, and the loop that takes its invocations from the Runtime API.

const serverless = require('serverless-http');

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;

const handler = serverless((request, response) => {
  const told = { method: request.method, url: request.url, headers: request.headers, body: String(request.body) };
  if (request.url.endsWith('/bytes')) {
    response.setHeader('Content-Type', 'image/png');
    response.end(Buffer.concat([Buffer.from([0x89]), request.body]));
    return;
  }
  response.statusCode = 201;
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('Set-Cookie', ['a=1; Path=/', 'b=2']);
  response.end(JSON.stringify(told));
}, { binary: ['image/*'] });

async function run() {
  for (;;) {
    const next = await fetch(`${api}/next`);
    const id = next.headers.get('lambda-runtime-aws-request-id');
    const event = await next.json();
    const answer = await handler(event, {}).then(
      (result) => ['response', result],
      (error) => ['error', { errorMessage: String(error), errorType: error.name }],
    );
    await fetch(`${api}/${id}/${answer[0]}`, { method: 'POST', body: JSON.stringify(answer[1]) });
  }
}

run();
