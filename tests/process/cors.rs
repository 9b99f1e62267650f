//! Pages of other origins in a real browser: what they may read of an HTTP API, and of a REST API with its MOCK preflights.

use serde_json::json;

use super::browser::Browser;
use crate::support::lambda::{Backend, Reply};
use crate::support::sidecar::Sidecar;

const ROUTES: &str = "  authorizers:\n    guard: { type: request, identitySource: $request.header.Authorization, \
    authorizerPayloadFormatVersion: '2.0', enableSimpleResponses: true, \
    authorizerUri: 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:guard/invocations' }
  routes:
    - { route: 'GET /pets', integration: &f { type: AWS_PROXY, function: f } }
    - { route: 'PUT /pets', integration: *f }
    - { route: 'GET /failing', integration: *f }
    - { route: 'GET /private', authorizationType: CUSTOM, authorizerId: guard, integration: *f }
    - { route: 'ANY /guarded', authorizationType: CUSTOM, authorizerId: guard, integration: *f }
";

/// What a page does: a request, told as what it may read of the answer, or as the error that it gets instead.
const ASK: &str = "(async (path, options) => {
    try {
        const answer = await fetch('http://ADDRESS' + path, options);
        return `${answer.status} ${await answer.text()} ${answer.headers.get('x-total')}`;
    } catch (error) {
        return error.name;
    }
})";

/// A page on a port of its own, and so of an origin of its own.
fn page() -> (Backend, String) {
    let page =
        Backend::start(|_| Reply::With(200, &[("Content-Type", "text/html")], b"<!doctype html><p>a page".to_vec()));
    let origin = format!("http://{}", page.address);
    (page, origin)
}

/// The functions: an authorizer, one that fails, one that tells its cookies and sets one.
fn functions() -> Backend {
    Backend::start(|seen| {
        let event = seen.json();
        match event["rawPath"].as_str() {
            _ if seen.target.contains("guard") => Reply::payload(r#"{"isAuthorized":true}"#),
            Some("/failing") => Reply::error(r#"{"errorMessage":"boom"}"#),
            Some(_) => {
                let (method, cookies) = (&event["requestContext"]["http"]["method"], &event["cookies"]);
                let body = format!("{} {cookies}", method.as_str().unwrap_or_default());
                let headers = json!({"x-total": "3", "access-control-allow-origin": "https://nobody.example.com"});
                Reply::payload(
                    json!({"statusCode": 200, "headers": headers, "cookies": ["a=1"], "body": body}).to_string(),
                )
            }
            None => Reply::payload(r#"{"statusCode":200,"headers":{"Access-Control-Allow-Origin":"*"},"body":"rest"}"#),
        }
    })
}

fn http_api(functions: &Backend, cors: &str) -> Sidecar {
    Sidecar::start(&format!(
        "api:\n  type: http\n  cors: {{ {cors} }}\n{ROUTES}functions:\n  '*': {{ invoke_api: 'http://{}' }}\n",
        functions.address
    ))
}

/// Each request of that page, and what comes of it.
fn assert_asked(browser: &mut Browser, origin: &str, sidecar: &Sidecar, rows: &[(&str, &str, &str)]) {
    browser.ask(&json!({ "open": origin }));
    let ask = ASK.replace("ADDRESS", &sidecar.data.to_string());
    for (path, options, told) in rows {
        assert_eq!(browser.ask(&json!({ "run": format!("{ask}('{path}', {options})") })), *told, "{path} {options}");
    }
}

/// What a page gets that may not read.
const UNREAD: &str = "TypeError";

#[test]
fn a_page_reads_what_an_http_api_allows() {
    let ((_page, allowed), (_other, refused)) = (page(), page());
    let functions = functions();
    let cors = format!(
        "allowOrigins: ['{allowed}'], allowMethods: [GET, PUT], allowHeaders: [content-type, authorization], exposeHeaders: [x-total]"
    );
    let sidecar = http_api(&functions, &cors);
    let mut browser = Browser::start();
    let json = "{ method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: '{}' }";
    let token = "{ headers: { Authorization: 'token' } }";
    let rows = [
        ("/pets", "{}", "200 GET null 3"),
        ("/pets", json, "200 PUT null 3"),
        ("/failing", "{}", r#"500 {"message":"Internal Server Error"} null"#),
        ("/nowhere", "{}", r#"404 {"message":"Not Found"} null"#),
        // What is not listed the browser does not even send.
        ("/pets", "{ method: 'DELETE' }", UNREAD),
        ("/pets", "{ headers: { 'X-Other': '1' } }", UNREAD),
        // Cookies need the API's consent.
        ("/pets", "{ credentials: 'include' }", UNREAD),
        // A preflight has no token: the API itself answers it for `GET`, but `ANY` takes it, and the authorizer refuses it.
        ("/private", "{}", r#"401 {"message":"Unauthorized"} null"#),
        ("/private", token, "200 GET null 3"),
        ("/guarded", "{}", r#"401 {"message":"Unauthorized"} null"#),
        ("/guarded", token, UNREAD),
    ];
    assert_asked(&mut browser, &allowed, &sidecar, &rows);
    assert_eq!(
        sidecar.metric(r#"failures_total{cause="unauthorized",method="ANY",resource="/guarded",status="401"}"#),
        2.0
    );
    let asked = |method: &str| {
        functions.seen().iter().filter(|seen| seen.json()["requestContext"]["http"]["method"] == method).count()
    };
    assert_eq!((asked("PUT"), asked("OPTIONS"), asked("DELETE")), (1, 0, 0));

    // A plain request of another origin is carried out, but its page is not shown the answer; what needs a preflight is not sent.
    let gets = asked("GET");
    assert_asked(&mut browser, &refused, &sidecar, &[("/pets", "{}", UNREAD), ("/pets", json, UNREAD)]);
    assert_eq!((asked("GET"), asked("PUT")), (gets + 1, 1));
}

#[test]
fn a_page_sends_cookies_where_the_api_allows_credentials() {
    let (_page, origin) = page();
    let functions = functions();
    let sidecar = http_api(
        &functions,
        &format!("allowOrigins: ['{origin}'], allowMethods: [GET], exposeHeaders: [x-total], allowCredentials: true"),
    );
    let rows = [
        ("/pets", "{ credentials: 'include' }", "200 GET null 3"),
        ("/pets", "{ credentials: 'include' }", r#"200 GET ["a=1"] 3"#),
        ("/pets", "{ credentials: 'omit' }", "200 GET null 3"),
    ];
    assert_asked(&mut Browser::start(), &origin, &sidecar, &rows);
}

#[test]
fn a_page_reads_a_rest_api_with_mock_preflights() {
    let (_page, origin) = page();
    let functions = functions();
    let sidecar = Sidecar::start(&format!(
        "api:
  routes:
    - {{ path: /orders, method: PUT, integration: &f {{ type: AWS_PROXY, function: f }} }}
    - {{ path: /bare, method: PUT, integration: *f }}
    - path: /orders
      method: OPTIONS
      methodResponses:
        - statusCode: 200
          responseParameters:
            method.response.header.Access-Control-Allow-Headers: true
            method.response.header.Access-Control-Allow-Methods: true
            method.response.header.Access-Control-Allow-Origin: true
      integration:
        type: MOCK
        requestTemplates: {{ application/json: '{{\"statusCode\": 200}}' }}
        responses:
          - statusCode: 200
            responseParameters:
              method.response.header.Access-Control-Allow-Headers: \"'Content-Type'\"
              method.response.header.Access-Control-Allow-Methods: \"'PUT'\"
              method.response.header.Access-Control-Allow-Origin: \"'*'\"
functions:
  f: {{ invoke_api: 'http://{}' }}
",
        functions.address
    ));
    let json = "{ method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: '{}' }";
    // Without a method for them preflights are refused with a 403.
    assert_asked(
        &mut Browser::start(),
        &origin,
        &sidecar,
        &[("/orders", json, "200 rest null"), ("/bare", json, UNREAD)],
    );
    assert_eq!(functions.seen().len(), 1);
}
