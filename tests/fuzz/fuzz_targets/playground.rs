//! Anything that the playground can be asked: no panic, no hang; each answer is an exchange or says what is wrong.
//!
//! The first byte says how the rest is meant: as JSON, or byte by byte as pieces of what can be asked.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use stagegate::{Gateway, Loaded, Metrics, Sources, load, parse, playground};

const SERVED: &str = r#"
functions: { f: { invoke_api: 'http://127.0.0.1:1' } }
api:
  authorizers: {}
  routes:
    - { path: '/p/{x+}', method: ANY, integration: { type: AWS_PROXY, function: f } }
    - { path: '/m', method: POST, methodResponses: [200], integration: { type: MOCK, requestTemplates: { application/json: '{"statusCode": 200}' }, responses: [{ statusCode: 200 }] } }
    - path: '/c/{id}'
      method: GET
      methodResponses: [200, 400, 500]
      integration:
        type: AWS
        function: f
        requestTemplates: { application/json: '{"id": "$input.params(''id'')"}' }
        responses:
          - { statusCode: 200, responseTemplates: { application/json: "$input.json('$')" } }
          - { statusCode: 400, selectionPattern: '.*bad.*', responseTemplates: { application/json: "$input.path('$.errorMessage')" } }
"#;

const PIECES: &[&str] = &[
    "{", "}", "[", "]", ",", ":", "\"", "null", "true", "0", "1", "-1", "\"method\":\"GET\",", "\"method\":\"POST\",", "\"method\":", "\"path\":\"/p/a?b=c\",",
    "\"path\":\"/m\",", "\"path\":\"/c/7\",", "\"path\":", "\"headers\":[[\"Content-Type\",\"application/json\"]],", "\"headers\":[[\"Accept\",\"text/plain\"],[\"x\",\"é\"]],",
    "\"headers\":[", "\"body\":\"{}\",", "\"body\":", "\"answer\":{\"payload\":\"{\\\"errorMessage\\\":\\\"bad\\\"}\",\"function_error\":true},",
    "\"answer\":{\"payload\":\"{\\\"statusCode\\\":201,\\\"body\\\":\\\"x\\\"}\"},", "\"answer\":{\"status\":429},", "\"answer\":{", "\"payload\":", "\"guarded\":true,",
    "\"changes\":[", "{\"resource\":\"/c/{id}\",\"method\":\"GET\",\"part\":\"request_template\",\"media_type\":\"application/json\",\"text\":\"$input.body\"},",
    "{\"resource\":\"/c/{id}\",\"method\":\"GET\",\"part\":\"pattern\",\"response\":1,\"text\":\"(a+)+b\"},",
    "{\"resource\":\"/c/{id}\",\"method\":\"GET\",\"part\":\"response_template\",\"response\":0,\"media_type\":\"text/plain\",\"text\":\"",
    "{\"resource\":\"/m\",\"method\":\"POST\",\"part\":\"request_template\",\"media_type\":\"application/json\",\"text\":\"{\\\"statusCode\\\": 500}\"}", "\"}",
    "#set($context.responseOverride.status = 302)", "#foreach($i in [1..9])$i#end", "$util.escapeJavaScript($input.body)", "$context.requestId", "#", "$", "\\n", "é", "/", "..", "%2f",
    "]}", "\"x\"",
];

fn served() -> &'static (Gateway, Loaded) {
    static SERVED_ONCE: OnceLock<(Gateway, Loaded)> = OnceLock::new();
    SERVED_ONCE.get_or_init(|| {
        let tree = || parse("stagegate.yaml".as_ref(), SERVED.replace("  authorizers: {}\n", "").as_str()).expect("YAML");
        let loaded = || load(&Sources { embedded: Some(tree()), offline: true, ..Sources::default() }).expect("a configuration");
        let metrics = Metrics::new("fuzz", "").expect("fresh metrics");
        let own = loaded();
        (Gateway::new(own.api, own.canary, own.settings.limits, &metrics), loaded())
    })
}

fuzz_target!(|input: &[u8]| {
    let Some((how, rest)) = input.split_first() else { return };
    let pieces = || rest.iter().map(|byte| PIECES[usize::from(*byte) % PIECES.len()]).collect::<String>();
    let text = match how % 4 {
        0 => rest.to_vec(),
        1 => pieces().into_bytes(),
        _ => format!("{{{}\"body\":null}}", pieces()).into_bytes(),
    };
    let (gateway, loaded) = served();
    match playground(gateway, &loaded.settings, &text) {
        Ok(exchange) => assert!((200..=599).contains(&exchange["status"].as_u64().expect("a status"))),
        Err(wrong) => assert!(wrong["error"].as_str().is_some_and(|error| !error.is_empty())),
    }
});
