//! The inspector's page in a real browser: what it shows, how it is worked by keyboard, that nothing a client sends runs in it.
//! And the demo's stream, as a browser shows it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::browser::Browser;
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
    browser.shows("#nothing", "No request yet.");
    assert_eq!(sidecar.get("/orders/7?x=1").status, 200);
    assert_eq!(sidecar.get("/nowhere").status, 403);
    browser.wait("document.querySelectorAll('#requests li').length === 2");
    let list = browser.text("#requests .path, #requests .chip");
    assert_eq!(list, "GET /nowhere | no_route | GET /orders/7?x=1 | hidden error: function_error | default");

    // By keyboard to the second one.
    browser.keys("j j");
    browser.wait("document.querySelector('#detail h2')?.innerText === 'GET /orders/7?x=1'");
    browser.shows(".why.masked", "The backend's failure is hidden from the client: function_error");
    browser.shows(
        ".patterns",
        r"no match .*\[bad\].* → 400 stagegate.yaml:15 after 8 characters (an order) it expects [bad], but finds \nis [bad], which . (anything but a line break) does not match this would match: (?s).*\[bad\].*",
    );
    let parts = browser.text("section.part h3");
    assert!(
        parts.starts_with(
            "Request no body | Request template application/json | Call function f · invoke_api http://127.0.0.1:"
        ),
        "{parts}"
    );

    // The filters stand in the address, and the address is enough to come back.
    browser.keys("escape");
    browser.wait("!location.hash.includes('id=')");
    browser.open(&sidecar, "cause=no_route");
    browser.wait("document.querySelectorAll('#requests li[hidden]').length === 1");
    browser.shows("#requests .path", "GET /nowhere");
    browser.shows("#shown", "1 of 2");
    browser.keys("/");
    browser.keys("x y");
    browser.wait("location.hash.includes('q=xy')");
    browser.wait("document.querySelectorAll('#requests li[hidden]').length === 2");
    browser.shows("#nothing", "No exchange fits the filter.");

    browser.open(&sidecar, "view=routes");
    browser.wait("document.querySelectorAll('.tree tbody tr').length === 6");
    browser.shows(
        ".tree tbody:first-of-type :is(th, td:not([data-name^=p]))",
        r"/orders/{id} | GET | AWS f | open | 1 | – | – | 1 · 100 % | stagegate.yaml:6 | .*\[bad\].* → 400 never matched, though errors were hidden | 0 | | stagegate.yaml:15 | default → 200 | 1 | | stagegate.yaml:14",
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
    browser.shows("#requests .path, #requests .chip", "GET /pets/7 | hidden error: function_error");
    browser.keys("j");
    browser.wait("document.querySelector('#detail h2')?.innerText === 'GET /pets/7'");
    browser.shows(".why.masked", "The backend's failure is hidden from the client: function_error");
    let told = "all of it is the body of a 200\\nThe backend's failure is hidden from the client: function_error\\n";
    browser.wait(&format!("document.querySelector('#trace').textContent.includes(\"{told}\")"));
    let case = "(async () => (await fetch(`/requests/${encodeURIComponent(new URLSearchParams(location.hash.slice(1)).get('id'))}/case`)).status)()";
    browser.comes(case, &json!(200));
    browser.open(&sidecar, "view=routes");
    browser.wait("document.querySelectorAll('.tree tbody tr').length === 2");
    let route = browser.text(".tree tbody :is(th, td):nth-child(-n+7)");
    assert_eq!(route, "/pets/{id} | GET | AWS_PROXY f | open | 1 | – | – | 1 · 100 %");
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
    browser.comes(wide, &json!(false));
    browser.comes(background, &json!("rgb(20, 23, 26)"));
    for view in ["routes", "problems", "configuration", "playground&play=GET%20/orders/{id}"] {
        browser.open(&sidecar, &format!("view={view}"));
        browser.wait("[...document.querySelectorAll('.view')].filter(view => !view.hidden).length === 1");
        browser.comes(wide, &json!(false));
    }
    browser.wait("document.querySelector('#part-0')");
    browser.ask(&json!({ "run": "document.querySelector('#run').click()" }));
    browser.wait("document.querySelector('#played h2')?.getBoundingClientRect().top < innerHeight");
    browser.comes(wide, &json!(false));
    browser.open(&sidecar, "");
    browser.keys("j");
    browser.wait("document.querySelector('#trace')");
    browser.comes(wide, &json!(false));
    browser.shows("#requests", "");
    browser.shows("#back", "← list");
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

/// A recorded exchange is played again with its answer, then with a pattern and a template that are changed for the run.
#[test]
fn plays_what_is_edited() {
    let (_backend, sidecar) = start();
    let head =
        "GET /orders/7?x=1 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer abcdefghijkl\r\nConnection: close\r\n\r\n";
    assert_eq!(send(sidecar.data, head).status, 200);
    let mut browser = Browser::start();
    browser.open(&sidecar, "");
    browser.wait("document.querySelectorAll('#requests li').length === 1");
    browser.keys("j");
    browser.wait("document.querySelector('#replay')");
    let note = "Hidden here, so it cannot be played or sent again as it was: Authorization";
    browser.shows("#detail p.warning", note);
    browser.shows("#replay", "Play with the same answer");
    browser.ask(&json!({ "run": "document.querySelector('#replay').click()" }));
    browser.wait("document.querySelector('#played h2')");
    browser.shows("#play-note", note);
    browser.shows("#played > .label", "Recorded: 200; played: 200, the same body | played: nothing was called");
    let labels = browser.text("#parts label");
    let (pattern, template) = (r"Selection pattern → 400", r"Response template application/json of .*\[bad\].* → 400");
    assert_eq!(labels, format!("Request template application/json | {pattern} | {template}"));

    // By keyboard from the pattern's field.
    let write = |browser: &mut Browser, part: usize, text: &str| {
        let script = format!(
            "{{ const e = document.querySelector('#part-{part}'); e.value = {text:?}; e.oninput(); e.focus() }}"
        );
        browser.ask(&json!({ "run": script }));
    };
    let press = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true }))";
    write(&mut browser, 1, r"(?s).*\[bad\].*");
    write(&mut browser, 2, r#"{"changed": $input.json('$.errorMessage')}"#);
    browser.ask(&json!({ "run": press }));
    browser.wait("document.querySelector('#played .status')?.innerText === '400'");
    browser.shows("#played > .label", "Recorded: 200; played: 400 | played: nothing was called");
    browser.shows("#played .why", r#"Integration response: 400 by "(?s).*\[bad\].*""#);
    let sides = browser.text("#played .sides pre");
    assert!(
        sides.ends_with(r#"| {"changed": $input.json('$.errorMessage')} | { "changed": "an order\nis [bad]" }"#),
        "{sides}"
    );

    // What is wrong is told with its place.
    write(&mut browser, 2, "#if($x)");
    browser.ask(&json!({ "run": press }));
    browser.wait("document.querySelector('#played [role=alert]')");
    let told = browser.text("#played [role=alert]");
    assert!(told.starts_with(&format!("{template}: line 1, column ")), "{told}");
    browser.ask(&json!({ "run": "[...document.querySelectorAll('#parts button')].at(-1).click()" }));
    browser.ask(&json!({ "run": "document.querySelector('#play-headers').value = 'no colon'" }));
    browser.ask(&json!({ "run": press }));
    browser.wait("document.querySelector('#played [role=alert]').innerText.startsWith('header line 1')");

    // Nothing was called, counted or kept.
    assert_eq!(sidecar.ask("/requests").json().as_array().map(Vec::len), Some(1));
    assert_eq!(sidecar.ask("/definition").json()["resources"][0]["methods"][0]["counts"]["requests"], 1);
    assert_eq!(
        browser.ask(&json!({ "errors": true })),
        json!(["Failed to load resource: the server responded with a status of 400 (Bad Request)"])
    );
}

/// Whatever is typed into the playground is text, in its result, too.
#[test]
fn nothing_that_is_played_runs() {
    let (_backend, sidecar) = start();
    let mut browser = Browser::start();
    browser.open(&sidecar, "view=playground&play=GET%20/orders/{id}");
    browser.wait("document.querySelector('#part-2')");
    let evil = "<img src=x onerror=window.ran=1><script>window.ran=1</script>";
    let fill = format!(
        "{{ const evil = {evil:?}; const set = (id, text) => {{ const e = document.querySelector(id); e.value = text; e.oninput?.() }}; \
         set('#play-path', '/orders/' + evil.replace(/[ \\/]/g, '')); set('#play-headers', 'X-Evil: ' + evil); set('#play-body', evil); \
         set('#play-payload', JSON.stringify({{ errorMessage: evil + '[bad]' }})); set('#part-0', JSON.stringify(evil)); \
         set('#part-2', evil + '$input.body'); document.querySelector('#play-failed').checked = true; document.querySelector('#run').click() }}"
    );
    browser.ask(&json!({ "run": fill }));
    browser.wait("document.querySelector('#played .status')?.innerText === '400'");
    let shown = browser.text("#played");
    assert!(shown.matches(evil).count() > 5, "{shown}");
    browser.ask(&json!({ "run": format!("document.querySelector('#part-0').value = '#' + {evil:?} + '('; document.querySelector('#part-0').oninput(); document.querySelector('#part-1').value = {evil:?} + '('; document.querySelector('#part-1').oninput(); document.querySelector('#run').click()") }));
    browser.wait("document.querySelector('#played [role=alert]')");
    let ran = "[window.ran ?? 0, document.querySelectorAll('#played img, #played script, #parts img').length]";
    browser.comes(ran, &json!([0, 0]));
}

/// Why, beyond the sentence: the nearest route, the wrong member, the function's own id.
#[test]
fn reasons_stand_beside_the_sentence() {
    let backend = Backend::start(|_| {
        let payload = br#"{"statusCode":200,"headers":{"X-Count":[5]}}"#;
        Reply::With(200, &[("x-amzn-RequestId", "function-7")], payload.to_vec())
    });
    let sidecar = Sidecar::start(&format!("{API}functions:\n  f: {{ invoke_api: 'http://{}' }}\n", backend.address));
    assert_eq!(sidecar.post("/proxy", "").status, 502);
    assert_eq!(sidecar.get("/order/7").status, 403);
    let mut browser = Browser::start();
    browser.open(&sidecar, "");
    browser.wait("document.querySelectorAll('#requests li').length === 2");
    browser.keys("j");
    browser.wait("document.querySelector('#detail h2')?.innerText === 'GET /order/7'");
    let nearest = "Nearest route: GET /orders/{id}: the path has order where it has orders";
    browser.shows("#detail .reasons", nearest);
    browser.keys("j");
    browser.wait("document.querySelector('#detail h2')?.innerText === 'POST /proxy'");
    browser.shows("#detail .reasons", "headers.X-Count is a list, expected text, a number or a boolean: [5]");
    browser.shows("#function-id", "function-7");
    browser.shows("#detail .facts .place", "stagegate.yaml:16");
}

/// The configuration with sources, secrets masked.
#[test]
fn shows_the_configuration() {
    let (_backend, sidecar) = start();
    let mut browser = Browser::start();
    browser.open(&sidecar, "view=configuration&key=integration.function");
    browser.wait("document.querySelectorAll('#values tr').length === 2");
    browser.shows("#values tr:first-child td", "api.routes[0].integration.function | f | stagegate.yaml:11");
    browser.shows("#changed", "");
    browser.ask(
        &json!({ "run": "{ const e = document.querySelector('#key'); e.value = 'drain_delay'; e.oninput({ target: e }) }" }),
    );
    browser.wait("document.querySelectorAll('#values tr').length === 1");
    browser.shows("#values td:first-child", "drain_delay");
    assert_eq!(browser.ask(&json!({ "errors": true })), json!([]), "nothing broke the content security policy");
}

/// What is not recorded is said.
#[test]
fn says_when_it_samples_and_when_it_is_off() {
    let mock = "api:\n  routes:\n    - { path: /mock, method: GET, methodResponses: [200], integration: { type: MOCK, responses: [{ statusCode: 200 }] } }\n";
    let sidecar = Sidecar::start(mock);
    // All at once: a thread records fifty a second, and of the failures beyond no more than request and answer.
    let mut stream = TcpStream::connect(sidecar.data).expect("a connection");
    let mut writer = stream.try_clone().expect("a socket");
    let asks = std::thread::spawn(move || {
        let ask = |more: &str| format!("GET /mock HTTP/1.1\r\nHost: h\r\n{more}\r\n");
        let failing = "GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n".repeat(20);
        let all = ask("").repeat(1_999) + &failing + &ask("Connection: close\r\n");
        writer.write_all(all.as_bytes())
    });
    stream.read_to_end(&mut Vec::new()).expect("answers");
    asks.join().expect("no panic").expect("a socket that takes it all");
    // Whoever else knocks at that port, as ports are used again, matches no route: what was asked is counted exactly.
    assert_eq!(sidecar.metric("responses_total{method=\"GET\",resource=\"/mock\",status=\"200\"}"), 2_000.0);
    let answered = || {
        let metrics = sidecar.ask("/metrics");
        let answers = metrics.text().lines().filter(|line| line.starts_with("stagegate_responses_total{"));
        answers.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum::<u64>()
    };
    let before = answered();
    let mut browser = Browser::start();
    browser.open(&sidecar, "");
    browser.wait("!document.querySelector('#sampled').hidden");
    let told = browser.text("#sampled");
    let of =
        told.strip_prefix("Under load a sample is recorded: ").and_then(|rest| rest.split(' ').nth(2)?.parse().ok());
    assert!(of.is_some_and(|of: u64| (before..=answered()).contains(&of)), "{told}");
    let list = sidecar.ask("/requests").json();
    let failed = list.as_array().expect("a list").iter().filter(|x| x["cause"] == "no_route");
    let mut ids = failed.filter_map(|x| x["id"].as_str());
    let unsampled = ids.find(|id| sidecar.ask(&format!("/requests/{id}")).json()["sampled"] == false);
    browser.open(&sidecar, &format!("id={}", unsampled.expect("a failure without a sample")));
    browser.wait("document.querySelector('#trace')");
    let told = "Under load only a sample is recorded whole: of this one there is the request and the answer alone.";
    browser.shows("#unsampled", told);
    let off = Sidecar::start_with(mock, &[("STAGEGATE_ADMIN__INSPECTOR", "false")]);
    browser.open(&off, "");
    let told = "The inspector is off (admin.inspector): exchanges are not kept.";
    browser.wait(&format!("document.querySelector('#sampled').innerText === '{told}'"));
}
