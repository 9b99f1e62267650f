//! The inspector's page in a real browser: what it shows, how it is worked by keyboard, that nothing a client sends runs in it.
//! And the demo's stream, as a browser shows it.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::support::http::send;
use crate::support::lambda::{Backend, Reply};
use crate::support::sidecar::{Sidecar, command};

const API: &str = r#"api:
  routes:
    - path: /orders/{id}
      method: GET
      methodResponses: [200, 400]
      integration:
        type: AWS
        function: f
        requestTemplates: { application/json: '{"id": "$input.params("id")"}' }
        responses:
          - statusCode: 200
          - { statusCode: 400, selectionPattern: '.*\[bad\].*', responseTemplates: { application/json: '{"why": $input.json("$.errorMessage")}' } }
    - { path: /proxy, method: POST, integration: { type: AWS_PROXY, function: f } }
"#;

/// A browser that is told what to do line by line.
pub(super) struct Browser {
    process: Child,
    steps: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Browser {
    pub(super) fn start() -> Browser {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut process = Command::new(root.join("target/venv/bin/python"))
            .arg(root.join("tests/process/page.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the interpreter that tests/run sets up");
        let steps = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("a pipe"));
        Browser { process, steps, answers }
    }

    pub(super) fn ask(&mut self, step: &Value) -> Value {
        writeln!(self.steps.as_ref().expect("it stays open"), "{step}").expect("the browser listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("an answer");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("{step} failed"))
    }

    fn open(&mut self, sidecar: &Sidecar, address: &str) {
        self.ask(&json!({ "open": format!("http://{}/#{address}", sidecar.admin) }));
        self.wait("document.querySelector('#live').textContent === 'live'");
    }

    fn wait(&mut self, script: &str) {
        self.ask(&json!({ "wait": format!("!!({script})") }));
    }

    fn keys(&mut self, keys: &str) {
        self.ask(&json!({ "keys": keys }));
    }

    /// The text of what a selector finds, its white space as single blanks.
    fn text(&mut self, selector: &str) -> String {
        let script = format!(
            "[...document.querySelectorAll({selector:?})].filter(e => e.offsetParent).map(e => e.innerText).join(' | ')"
        );
        let text = self.ask(&json!({ "run": script }));
        text.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It closes the browser when there is nothing more to do; killed, it would leave it behind.
        drop(self.steps.take());
        let _ = self.process.wait();
    }
}

fn start() -> (Backend, Sidecar) {
    let backend = Backend::start(|seen| {
        if seen.body.starts_with(b"{\"id\"") {
            return Reply::error(r#"{"errorMessage":"an order\nis [bad]"}"#);
        }
        Reply::payload(
            r#"{"statusCode":200,"body":"<img src=x onerror='window.ran=1'>","headers":{"x-a":"<script>window.ran=1</script>"}}"#,
        )
    });
    let sidecar = Sidecar::start(&format!("{API}functions:\n  f: {{ invoke_api: 'http://{}' }}\n", backend.address));
    (backend, sidecar)
}

/// List, exchange and routes; the error that a pattern missed stands there with its reason.
#[test]
fn shows_what_happened_and_why() {
    let (_backend, sidecar) = start();
    let mut browser = Browser::start();
    browser.open(&sidecar, "");
    assert_eq!(browser.text("#nothing"), "No request yet.");
    assert_eq!(sidecar.get("/orders/7?x=1").status, 200);
    assert_eq!(sidecar.get("/nowhere").status, 403);
    browser.wait("document.querySelectorAll('#requests li').length === 2");
    let list = browser.text("#requests .path, #requests .chip");
    assert_eq!(list, "GET /nowhere | no_route | GET /orders/7?x=1 | hidden error: function_error | default");

    // By keyboard to the second one.
    browser.keys("j j");
    browser.wait("document.querySelector('#detail h2')?.innerText === 'GET /orders/7?x=1'");
    assert_eq!(browser.text(".why.masked"), "The backend's failure is hidden from the client: function_error");
    assert_eq!(
        browser.text(".patterns"),
        r"no match .*\[bad\].* → 400 after 8 characters (`an order`) it expects `[bad]`, but finds `\nis [bad]`, which `.` (anything but a line break) does not match this would match: (?s).*\[bad\].*"
    );
    let parts = browser.text("section.part h3");
    assert!(
        parts.starts_with("Request 0 B | Request template | Call function f · invoke_api http://127.0.0.1:"),
        "{parts}"
    );

    // The filters stand in the address, and the address is enough to come back.
    browser.keys("escape");
    browser.wait("!location.hash.includes('id=')");
    browser.open(&sidecar, "cause=no_route");
    browser.wait("document.querySelectorAll('#requests li[hidden]').length === 1");
    assert_eq!(browser.text("#requests .path"), "GET /nowhere");
    assert_eq!(browser.text("#shown"), "1 of 2");
    browser.keys("/");
    browser.keys("x y");
    browser.wait("location.hash.includes('q=xy')");
    browser.wait("document.querySelectorAll('#requests li[hidden]').length === 2");
    assert_eq!(browser.text("#nothing"), "No exchange fits the filter.");

    browser.open(&sidecar, "view=routes");
    browser.wait("document.querySelectorAll('#route-rows tr').length === 3");
    let routes = browser
        .text("#route-rows tr:nth-child(-n+2) td:nth-child(-n+9), #route-rows tr:nth-child(-n+2) td:nth-child(n+12)");
    assert_eq!(
        routes,
        r"GET | /orders/{id} | open | AWS | f | 1 | | | 1 | .*\[bad\].* → 400 never hit | 0 | | | | | | | | | | default → 200 | 1"
    );
    assert_eq!(browser.ask(&json!({ "errors": true })), json!([]), "nothing broke the content security policy");
}

/// An HTTP API has ids of another spelling, routes in the place of resources, and words of its own.
#[test]
fn shows_an_http_api() {
    let backend = Backend::start(|_| Reply::payload(r#"{"errorMessage":"no such pet"}"#));
    let sidecar = Sidecar::start(&format!(
        "api:\n  routes:\n    - {{ route: 'GET /pets/{{id}}', integration: {{ type: AWS_PROXY, function: f }} }}\n\
         functions:\n  f: {{ invoke_api: 'http://{}' }}\n",
        backend.address
    ));
    assert_eq!(sidecar.get("/pets/7").status, 200);
    let mut browser = Browser::start();
    browser.open(&sidecar, "");
    browser.wait("document.querySelectorAll('#requests li').length === 1");
    assert_eq!(browser.text("#requests .path, #requests .chip"), "GET /pets/7 | hidden error: function_error");
    browser.keys("j");
    browser.wait("document.querySelector('#detail h2')?.innerText === 'GET /pets/7'");
    assert_eq!(browser.text(".why.masked"), "The backend's failure is hidden from the client: function_error");
    let told = "all of it is the body of a 200\\nThe backend's failure is hidden from the client: function_error\\n";
    browser.wait(&format!("document.querySelector('#trace').textContent.includes(\"{told}\")"));
    let case = "(async () => (await fetch(`/requests/${encodeURIComponent(new URLSearchParams(location.hash.slice(1)).get('id'))}/case`)).status)()";
    assert_eq!(browser.ask(&json!({ "run": case })), 200);
    browser.open(&sidecar, "view=routes");
    browser.wait("document.querySelectorAll('#route-rows tr').length === 1");
    let route = browser.text("#route-rows td:nth-child(-n+9)");
    assert_eq!(route, "GET | /pets/{id} | open | AWS_PROXY | f | 1 | | | 1");
    assert_eq!(browser.ask(&json!({ "errors": true })), json!([]), "nothing broke the content security policy");
}

/// Whatever a client or a function sends is text.
#[test]
fn nothing_that_is_shown_runs() {
    let (_backend, sidecar) = start();
    let mut browser = Browser::start();
    browser.open(&sidecar, "");
    let evil = "<script>window.ran=1</script><img src=x onerror=window.ran=1>";
    let head = format!(
        "POST /proxy?q=%3Cscript%3Ewindow.ran=1%3C/script%3E HTTP/1.1\r\nHost: h\r\nX-Evil: {evil}\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{evil}",
        evil.len()
    );
    assert_eq!(send(sidecar.data, head).status, 200);
    browser.wait("document.querySelectorAll('#requests li').length === 1");
    browser.keys("j");
    browser.wait("document.querySelector('#trace')");
    let shown = browser.text("#detail");
    assert!(shown.contains(evil) && shown.contains("onerror='window.ran=1'"), "{shown}");
    assert_eq!(
        browser.ask(
            &json!({ "run": "[window.ran ?? 0, document.querySelectorAll('#detail img, #detail script').length]" })
        ),
        json!([0, 0])
    );
}

/// In the dark and on a phone: nothing is wider than the screen, every control has a name, and one part is seen at a time.
#[test]
fn fits_a_phone() {
    let (_backend, sidecar) = start();
    let mut browser = Browser::start();
    browser.ask(&json!({ "size": [390, 844] }));
    browser.ask(&json!({ "scheme": "dark" }));
    sidecar.get("/orders/7");
    browser.open(&sidecar, "");
    browser.wait("document.querySelectorAll('#requests li').length === 1");
    let wide = "document.documentElement.scrollWidth > innerWidth";
    let background = "getComputedStyle(document.body).backgroundColor";
    assert_eq!(browser.ask(&json!({ "run": wide })), false);
    assert_eq!(browser.ask(&json!({ "run": background })), "rgb(20, 23, 26)");
    browser.keys("j");
    browser.wait("document.querySelector('#trace')");
    assert_eq!(browser.ask(&json!({ "run": wide })), false);
    assert_eq!(browser.text("#requests"), "");
    assert_eq!(browser.text("#back"), "← list");
    let nameless = "[...document.querySelectorAll('button, input, select, a')].filter(e => !(e.innerText || e.ariaLabel || e.labels?.[0]?.innerText).trim()).length";
    assert_eq!(browser.ask(&json!({ "run": nameless })), 0);
}

/// An exchange that the page copies as a case is a case that passes.
#[test]
fn an_exchange_is_a_case() {
    let (_backend, sidecar) = start();
    sidecar.get("/orders/7?x=1");
    let id = sidecar.ask("/requests").json()[0]["id"].as_str().expect("an id").to_owned();
    let case = sidecar.ask(&format!("/requests/{id}/case"));
    let file = sidecar.folder.join("case.yaml");
    std::fs::write(&file, case.text()).expect("a file");
    let output = command().arg("test").arg(&file).output().expect("the binary");
    assert!(output.status.success(), "{}\n{}", case.text(), String::from_utf8_lossy(&output.stdout));
}

/// Failures outlive a flood of good answers.
#[test]
fn failures_are_kept() {
    let (_backend, sidecar) = start();
    assert_eq!(sidecar.get("/nowhere").status, 403);
    for _ in 0..300 {
        sidecar.post("/proxy", "x");
    }
    let list = sidecar.ask("/requests").json();
    let causes: Vec<&Value> = list.as_array().expect("a list").iter().map(|x| &x["cause"]).collect();
    assert_eq!(causes.iter().filter(|cause| ***cause == "no_route").count(), 1, "{causes:?}");
}

/// The demo's events: the first stands there while the last is still to come.
#[test]
fn shows_a_stream_as_it_grows() {
    let mut demo = command()
        .args(["demo", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
        .spawn()
        .expect("the binary");
    let mut lines = BufReader::new(demo.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    let url = lines.find_map(|line| Some(line.split_once("http://")?.1.split_once("/proxy/stream")?.0.to_owned()));
    let origin = format!("http://{}", url.expect("a line that shows how to call it"));
    let mut browser = Browser::start();
    browser.ask(&json!({ "open": format!("{origin}/nothing") }));
    browser.ask(&json!({ "run": "void setTimeout(() => location = '/proxy/stream')" }));
    let shown = "location.pathname === '/proxy/stream' && document.body?.innerText";
    browser.wait(&format!("({shown} || '').includes('event 1 of 5')"));
    let first = browser.ask(&json!({ "run": shown }));
    assert!(!first.as_str().expect("a text").contains("event 5 of 5"), "{first}");
    browser.wait(&format!("({shown} || '').includes('event 5 of 5') && document.readyState === 'complete'"));
    drop(browser);
    demo.kill().and_then(|()| demo.wait()).expect("its end");
}
