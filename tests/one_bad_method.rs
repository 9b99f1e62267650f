//! One bad method does not take the others down: it answers 500, with the finding's words where the operator looks.

use crate::support;
use crate::support::http::get;
use crate::support::sidecar::Sidecar;

/// A definition of bad methods, and a good one beside them.
fn serve() -> Sidecar {
    let definition = support::data("check/bad-methods/openapi.yaml").display().to_string();
    Sidecar::start(&format!(
        "api:\n  definition: {definition:?}\n  routes:\n    - path: /mock\n      method: GET\n      methodResponses: [200]\n      \
         integration:\n        type: MOCK\n        requestTemplates: {{ application/json: '{{\"statusCode\": 200}}' }}\n        \
         responses: [{{ statusCode: 200 }}]\n"
    ))
}

/// A path of a bad method, and what is said of it.
const BAD: &[(&str, &str)] = &[
    ("/no-slash", "path `no-slash` does not begin with `/`"),
    ("/word-aws", "`orders` is not `arn:aws:apigateway:"),
    ("/if", "`${Fn::If}` is not `method.request."),
    ("/jinja", "`{{ host }}` in the uri is not filled in"),
    ("/angle", "`<host>` in the uri is not filled in"),
    ("/variable", "`$HOST` in the uri is not filled in"),
    ("/template", "template does not parse at its line 1"),
    ("/status", "expected a status from 100 to 599, found `none`"),
    ("/kind", "expected one of `AWS`, `AWS_PROXY`"),
    ("/mode", "expected one of `BUFFERED`, `STREAM`, found \"STREAMED\""),
    ("/nowhere", "nothing says where function `reports` is"),
    ("/service", "nothing says where service `sns` is"),
];

/// A text as it stands in JSON.
fn escaped(text: &str) -> String {
    let quoted = serde_json::to_string(text).expect("JSON");
    quoted.trim_matches('"').to_owned()
}

#[test]
fn bad_methods_answer_500_and_the_others_are_served() {
    let sidecar = serve();
    assert_eq!(get(sidecar.data, "/mock").status, 200);
    for (path, words) in BAD {
        let answer = get(sidecar.data, path);
        assert_eq!((answer.status, answer.text()), (500, "{\"message\": \"Internal server error\"}"), "{path}");
        let id = answer.header("x-amzn-RequestId").expect("a request id");
        let exchange = get(sidecar.admin, &format!("/requests/{id}"));
        assert!(exchange.text().contains(&escaped(words)), "{path}: {}", exchange.text());
    }
    let log = sidecar.log();
    for (_, words) in BAD {
        assert!(log.contains(&escaped(words)), "{words} is not said at the start");
    }
    let metrics = get(sidecar.admin, "/metrics");
    let failures =
        "stagegate_failures_total{cause=\"configuration\",method=\"GET\",resource=\"/nowhere\",status=\"500\"} 1";
    assert!(metrics.text().contains(failures), "{}", metrics.text());
    let errors = log.lines().filter(|line| line.contains("\"level\":\"error\"")).count();
    assert_eq!(sidecar.metric("definition_problems{severity=\"error\"}"), errors as f64);
}
