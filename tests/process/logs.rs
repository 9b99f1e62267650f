//! What the process writes of requests: a line for each failure.

use serde_json::{Value, json};

use crate::support::http::Client;
use crate::support::lambda::{Backend, Reply};
use crate::support::sidecar::{Sidecar, command, until};

const API: &str = "api:
  routes:
    - path: /orders/{id}
      method: GET
      methodResponses: [200, 400]
      integration:
        type: AWS
        function: f
        responses:
          - statusCode: 200
          - { statusCode: 400, selectionPattern: 'nothing of this' }
    - { path: /proxy, method: GET, integration: { type: AWS_PROXY, function: f } }
";

const RAISED: &[(&str, &str)] = &[("X-Amz-Function-Error", "Unhandled"), ("x-amzn-RequestId", "7f-of-lambda")];

fn start(more: &str) -> (Backend, Sidecar) {
    let backend =
        Backend::start(|_| Reply::With(200, RAISED, br#"{"errorMessage":"no order","errorType":"E"}"#.to_vec()));
    let sidecar =
        Sidecar::start(&format!("{API}functions:\n  f: {{ invoke_api: 'http://{}' }}\n{more}", backend.address));
    (backend, sidecar)
}

/// The first line of the log with that text, without what differs each time.
fn told(sidecar: &mut Sidecar, text: &str) -> Value {
    let mut line: Value = serde_json::from_str(&sidecar.wait_for_log(text)).expect("a JSON line");
    for name in ["time", "request_id"] {
        assert!(line[name].take().is_string(), "{name}: {line}");
    }
    for name in ["latency_ms", "integration_latency_ms"] {
        assert!(line.get(name).is_none_or(Value::is_number), "{name}: {line}");
        if let Value::Object(line) = &mut line {
            line.remove(name);
        }
    }
    line
}

#[test]
fn a_failure_leaves_one_line_in_the_log() {
    let (backend, mut sidecar) = start("");
    let address = format!("invoke_api http://{}", backend.address);
    assert_eq!(sidecar.get("/orders/7").status, 200);
    assert_eq!(
        told(&mut sidecar, "/orders/7"),
        json!({
            "time": null, "level": "warn", "message": "a failure was hidden from the client", "request_id": null,
            "function_request_id": "7f-of-lambda", "method": "GET", "path": "/orders/7", "route": "GET /orders/{id}",
            "masked": "function_error", "rule": "default", "function": "f", "address": address,
            "why": "The backend's failure is hidden from the client: function_error", "status": 200,
        })
    );
    assert_eq!(sidecar.get("/proxy").status, 502);
    assert_eq!(
        told(&mut sidecar, "\"/proxy\""),
        json!({
            "time": null, "level": "warn", "message": "a request failed", "request_id": null,
            "function_request_id": "7f-of-lambda", "method": "GET", "path": "/proxy", "route": "GET /proxy",
            "cause": "function_error", "function": "f", "address": address, "status": 502,
            "why": "Lambda execution failed with status 200 due to customer function error: no order",
        })
    );
    assert_eq!(sidecar.get("/nowhere").status, 403);
    assert_eq!(
        told(&mut sidecar, "/nowhere"),
        json!({
            "time": null, "level": "warn", "message": "a request failed", "request_id": null, "method": "GET",
            "path": "/nowhere", "cause": "no_route", "why": "Request refused: Missing Authentication Token", "status": 403,
        })
    );
    assert_eq!(sidecar.log().lines().filter(|line| line.contains("\"warn\"")).count(), 3);
}

/// However many there are: the rest is counted, and refusals leave room for failures.
#[test]
fn a_flood_of_failures_is_counted() {
    let (_backend, mut sidecar) = start("");
    let told = |sidecar: &Sidecar| sidecar.log().lines().filter(|line| line.contains("no_route")).count();
    let mut sent = 0;
    until("left out", || {
        sent += 50;
        // All at once: on a slow machine, too, they are too many.
        let mut client = Client::connect(sidecar.data);
        client.write("GET /nowhere HTTP/1.1\r\nHost: t\r\n\r\n".repeat(50));
        (0..50).for_each(|_| assert_eq!(client.read().status, 403));
        sidecar.log().contains("\"left_out_before\":")
    });
    assert!(told(&sidecar) < sent, "{sent}");
    assert_eq!(sidecar.get("/proxy").status, 502);
    sidecar.wait_for_log("function_error");
}

/// What a client chooses ends nothing that the format began, and the function's own id is there.
#[test]
fn access_logs_are_read_back() {
    let send = |format: &str| {
        let (_backend, sidecar) = {
            let backend = Backend::start(|_| {
                Reply::With(
                    200,
                    &[("x-amzn-RequestId", "7f-of-lambda")],
                    br#"{"statusCode":200,"body":"good"}"#.to_vec(),
                )
            });
            let config = format!("{API}functions:\n  f: {{ invoke_api: 'http://{}' }}\n", backend.address);
            let sidecar = Sidecar::start_with(&config, &[("STAGEGATE_LOG__ACCESS", format)]);
            (backend, sidecar)
        };
        let head = "GET /proxy HTTP/1.1\r\nHost: t\r\nUser-Agent: a \"b\", <c> \\\r\n\r\n";
        let answer = crate::support::http::send(sidecar.data, head);
        until("logged", || sidecar.output().contains('\n'));
        (sidecar.output(), answer.header("x-amzn-RequestId").expect("an id").to_owned())
    };
    let (line, id) = send(
        r#"{"id":"$context.requestId","agent":"$context.identity.userAgent","function":"$context.integration.requestId","same":"$context.awsEndpointRequestId","error":"$context.integration.error","status":$context.status}"#,
    );
    assert_eq!(
        serde_json::from_str::<Value>(&line).expect("a line of JSON"),
        json!({
            "id": id, "agent": "a \"b\", <c> \\", "function": "7f-of-lambda", "same": "7f-of-lambda", "error": "-",
            "status": 200,
        })
    );
    let (line, id) = send("csv");
    let ends = format!(",GET,/proxy,HTTP/1.1,200,4,{id},");
    assert!(line.starts_with("127.0.0.1,-,-,") && line.contains(&ends), "{line}");
    let (line, id) = send("<r id='$context.requestId'>$context.identity.userAgent</r>");
    assert_eq!(line, format!("<r id='{id}'>a &quot;b&quot;, &lt;c&gt; \\</r>\n"));
    let (line, id) = send("$context.requestId \"$context.identity.userAgent\"");
    assert_eq!(line, format!("{id} \"a \\\"b\\\", <c> \\\\\"\n"));
}

/// `explain` asks for one exchange that a sidecar keeps.
#[test]
fn a_kept_exchange_is_explained() {
    let (_backend, sidecar) = start("");
    let answer = sidecar.get("/orders/7");
    let id = answer.header("x-amzn-RequestId").expect("an id").to_owned();
    let url = format!("http://{}", sidecar.admin);
    let explained = |more: &[&str]| {
        let mut command = command();
        let output = command.args(["explain", "--id", &id, "--url", &url]).args(more).output().expect("the binary");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let story = explained(&[]);
    assert!(story.starts_with("Request\n  GET /orders/7\n"), "{story}");
    for line in [
        "  route: GET /orders/{id}\n",
        "  request id: 7f-of-lambda\n",
        "  status 200, the function failed\n",
        "  no match nothing of this → 400\n",
        "  chosen: default → 200\n",
        "  200 [function_error] The backend's failure is hidden from the client: function_error\n",
    ] {
        assert!(story.contains(line), "{line}: {story}");
    }
    assert!(explained(&["--format", "aws"]).contains("Starting execution for request: "));
    let json: Value = serde_json::from_str(&explained(&["--format", "json"])).expect("JSON");
    assert_eq!(json["id"], id.as_str());
}
