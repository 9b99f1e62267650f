//! Templates get what they look at and no more, unless somebody looks at them: what they print is the same.

use crate::support::lambda::{Backend, Reply};
use crate::support::sidecar::{Sidecar, folder};

const ROUTES: &str = r##"
api:
  stage: dev
  routes:
    - path: /narrow/{id}
      method: POST
      methodResponses: [200, 201]
      integration:
        type: AWS
        function: f
        requestTemplates: { application/json: '{"id": "$input.params("id")", "q": "$input.params("q")", "none": "$input.params("none")",
          "type": "$input.params("Content-Type")", "stage": "$context.stage", "agent": "$context.identity.userAgent",
          "path": "$context.resourcePath", "a": $input.json("$.a"), "b": "$input.path("$.b")"
          #set($context.stage = "mine")#set($context.responseOverride.header.X-Set = "yes")}' }
        responses:
          - { statusCode: 200, responseTemplates: { application/json: '{"seen": $input.json("$"), "stage": "$context.stage",
              "method": "$context.httpMethod", "id": "$input.params("id")" #set($context.responseOverride.status = 201)}' } }
    - path: /whole/{id}
      method: POST
      methodResponses: [200]
      integration:
        type: AWS
        function: f
        requestTemplates: { application/json: '{"stage": "$context.stage" #set($context.stage = "mine")#set($context.more = 1)}' }
        responses:
          - { statusCode: 200, responseTemplates: { application/json: '{"stage": "$context.stage", "seen": $input.json("$"),
              "names": "#foreach($name in $context.keySet())$name #end", "params": "$input.params().path.id",
              "override": "$context.requestOverride.header.size()"}' } }
"##;

/// What both answer: status, the header that a template sets, body.
fn answers(inspector: bool) -> Vec<(u16, Option<String>, String)> {
    let backend = Backend::start(|seen| Reply::payload(seen.body.clone()));
    let folder = folder();
    let config = format!(
        "listen: 127.0.0.1:0\nadmin: {{ listen: 127.0.0.1:0, inspector: {inspector} }}\n{ROUTES}functions:\n  f: {{ invoke_api: 'http://{}' }}\n",
        backend.address
    );
    std::fs::write(folder.join("stagegate.yaml"), config).expect("a file");
    let sidecar = Sidecar::start_in(folder, &[]);
    let ask = |path: &str| {
        let answer = sidecar.post(path, r#"{"a":{"x":[1,2.50,"\/"]},"b":"text"}"#);
        (answer.status, answer.header("X-Set").map(str::to_owned), answer.text().to_owned())
    };
    ["/narrow/7?q=a%20b", "/whole/7"].map(ask).into()
}

#[test]
fn templates_print_the_same_whether_somebody_looks_or_not() {
    let answers = [true, false].map(answers);
    assert_eq!(answers[0], answers[1]);
    let [(status, set, narrow), (_, _, whole)] = &answers[0][..] else { panic!("two answers: {answers:?}") };
    assert_eq!((*status, set.as_deref()), (201, Some("yes")), "{narrow}");
    for part in [
        r#""id":"7""#,
        r#""q":"a b""#,
        r#""none":"""#,
        r#""a":{"x":[1,2.5,"/"]}"#,
        r#""stage":"dev""#,
        r#""stage": "mine""#,
    ] {
        assert!(narrow.contains(part), "{part} in {narrow}");
    }
    for part in [r#""stage": "mine""#, "requestId", "identity", "more", r#""params": "7""#] {
        assert!(whole.contains(part), "{part} in {whole}");
    }
}
