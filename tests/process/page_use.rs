//! The inspector's page as it is used: live beside one's own reading, filters, keys, bodies, copies, the playground as one types; and
//! that nothing of all that it shows ever runs.

use serde_json::{Value, json};

use super::browser::Browser;
use crate::support::http::send;
use crate::support::lambda::{Backend, Reply};
use crate::support::sidecar::Sidecar;

const ROUTES: &str = r#"api:
  routes:
    - { path: /orders, method: POST, integration: { type: AWS_PROXY, function: f } }
    - { path: "/orders/{id}", method: GET, integration: { type: AWS_PROXY, function: f } }
    - { path: /down, method: GET, integration: { type: AWS_PROXY, function: failing } }
    - path: /hidden
      method: GET
      methodResponses: [200, 500]
      integration: { type: AWS, function: failing, responses: [{ statusCode: 200 }, { statusCode: 500, selectionPattern: 'never\d+' }] }
"#;

fn start_with(more: &str) -> (Backend, Sidecar) {
    let backend = Backend::start(|seen| {
        if seen.target.contains("/failing/") {
            return Reply::error(r#"{"errorMessage":"it is down"}"#);
        }
        Reply::payload(r#"{"statusCode":200,"body":"fine"}"#)
    });
    let functions = format!("{ROUTES}functions:\n  '*': {{ invoke_api: 'http://{}' }}\n{more}", backend.address);
    (backend, Sidecar::start(&functions))
}

fn start() -> (Backend, Sidecar) {
    start_with("")
}

fn exchanges(browser: &mut Browser, count: usize) {
    browser.wait(&format!("document.querySelectorAll('#requests li').length === {count}"));
}

fn run(browser: &mut Browser, script: &str) -> Value {
    browser.ask(&json!({ "run": script }))
}

/// New exchanges come on top while one reads: the focus stays on its line, and what is selected stays selected.
#[test]
fn reading_goes_on_while_others_come() {
    let (_backend, sidecar) = start();
    sidecar.get("/orders/1");
    sidecar.get("/down");
    let mut browser = Browser::start();
    browser.open(&sidecar, "");
    exchanges(&mut browser, 2);
    browser.keys("j down");
    browser.wait("document.querySelector('#detail h2')?.innerText === 'GET /orders/1'");
    run(&mut browser, "getSelection().selectAllChildren(document.querySelector('#detail h2'))");
    sidecar.get("/orders/2");
    exchanges(&mut browser, 3);
    let kept = "[document.activeElement.querySelector('.path')?.innerText, getSelection().toString(), document.querySelector('#requests .path').innerText]";
    browser.comes(kept, &json!(["GET /orders/1", "GET /orders/1", "GET /orders/2"]));

    // Paused, they wait; cleared, the list begins anew.
    browser.keys("p");
    sidecar.get("/orders/3");
    browser.wait("document.querySelector('#shown').innerText === '3, 1 waiting'");
    browser.comes("document.querySelector('#pause').ariaPressed", &json!("true"));
    browser.keys("p");
    exchanges(&mut browser, 4);
    run(&mut browser, "document.querySelector('#clear').click()");
    browser.shows("#nothing", "No request yet.");
    let first = browser.text("#first");
    assert_eq!(first, format!("Send one: curl -i {}/", sidecar.data));
    sidecar.get("/orders/4");
    exchanges(&mut browser, 1);
}

/// Each filter stands in the address, and comes back with it.
#[test]
fn filters_stand_in_the_address() {
    let (_backend, sidecar) = start();
    for path in ["/orders/1", "/down", "/hidden", "/nowhere"] {
        sidecar.get(path);
    }
    sidecar.post("/orders", "x");
    let mut browser = Browser::start();
    for (address, shown) in [
        ("q=%2FORDERS", "POST /orders | GET /orders/1"),
        ("q=it+is+down", "GET /down"),
        ("method=POST", "POST /orders"),
        ("class=4", "GET /nowhere"),
        ("class=5", "GET /down"),
        ("cause=no_route", "GET /nowhere"),
        ("route=%2Forders%2F%7Bid%7D", "GET /orders/1"),
        ("masked=1", "GET /hidden"),
        ("masked=1&method=POST", ""),
    ] {
        browser.open(&sidecar, address);
        browser.wait("document.querySelectorAll('#requests li').length === 5");
        browser.shows("#requests .path", shown);
    }
    browser.open(&sidecar, "");
    for (control, value, address) in [
        ("q", "down", "#view=exchanges&q=down"),
        ("method", "GET", "#view=exchanges&q=down&method=GET"),
        ("class", "5", "#view=exchanges&q=down&method=GET&class=5"),
        ("cause", "function_error", "#view=exchanges&q=down&method=GET&class=5&cause=function_error"),
    ] {
        let set = format!(
            "{{ const e = document.querySelector('#{control}'); e.value = '{value}'; e.dispatchEvent(new Event('input', {{ bubbles: true }})) }}; location.hash"
        );
        assert_eq!(run(&mut browser, &set), address);
    }
    browser.shows("#requests .path", "GET /down");
}

/// By keyboard alone from the list to one exchange, to the playground and back; and each control has a name for who listens.
#[test]
fn keys_are_enough_and_controls_have_names() {
    let (_backend, sidecar) = start_with("faults: [{ match: 'GET /down', cause: timeout, percent: 0 }]\n");
    sidecar.get("/orders/1");
    sidecar.get("/hidden");
    let mut browser = Browser::start();
    browser.open(&sidecar, "");
    exchanges(&mut browser, 2);
    run(&mut browser, "document.querySelector('#clear').focus()");
    browser.keys("tab");
    browser.comes("document.activeElement.querySelector('.path')?.innerText", &json!("GET /hidden"));
    browser.keys("enter");
    browser.wait("document.querySelector('#replay')");
    assert_eq!(browser.ask(&json!({ "nameless": true })), json!([]));
    // The list is one stop: the next is in the exchange.
    browser.keys("tab tab");
    browser.comes("document.activeElement.id", &json!("replay"));
    browser.keys("enter");
    browser.wait("document.querySelector('#played h2')?.innerText === 'GET /hidden'");
    assert_eq!(browser.ask(&json!({ "nameless": true })), json!([]));
    browser.wait("document.querySelector('#said').textContent.startsWith('Played: 200. ')");
    for (key, view) in [("2", "routes"), ("4", "configuration"), ("5", "problems"), ("1", "exchanges")] {
        run(&mut browser, "document.activeElement.blur()");
        browser.keys(key);
        browser.wait(&format!("location.hash.includes('view={view}')"));
        browser.wait(&format!("!document.querySelector('#{view}').hidden"));
        assert_eq!(browser.ask(&json!({ "nameless": true })), json!([]), "{view}");
    }
    browser.keys("j");
    browser.wait("document.querySelector('#replay')");
    browser.keys("escape");
    browser.wait("!location.hash.includes('id=')");
    browser.comes("document.activeElement.querySelector('.path')?.innerText", &json!("GET /hidden"));
}

/// Numbers as they were sent, the order of members, members that stand twice; 64 KiB of a body, and not a byte more.
#[test]
fn bodies_are_shown_as_they_are() {
    let (_backend, sidecar) = start();
    let odd = r#"{"b":12345678901234567890,"a":1.0,"2":1e2,"1":[1,2,[]],"a":{},"text":"line\nbreak \u00fc \ud800"}"#;
    sidecar.post("/orders", odd);
    let mut browser = Browser::start();
    browser.open(&sidecar, "");
    exchanges(&mut browser, 1);
    browser.keys("j");
    browser.wait("document.querySelector('#detail .part pre')");
    let shown = run(&mut browser, "document.querySelector('#detail .part pre').innerText");
    let lines = [
        "{",
        r#"  "b": 12345678901234567890,"#,
        r#"  "a": 1.0,"#,
        r#"  "2": 1e2,"#,
        r#"  "1": ["#,
        "    1,",
        "    2,",
        "    []",
        "  ],",
        r#"  "a": {},"#,
        r#"  "text": "line\nbreak ü \ud800""#,
        "}",
    ];
    assert_eq!(shown, lines.join("\n"));

    for (length, told) in [(65_536, "none"), (65_537, "the first 64 KiB of 64.0 KiB")] {
        let body = "é".repeat(length / 2) + if length % 2 == 1 { "x" } else { "" };
        sidecar.post("/orders", &body);
        browser.keys("escape");
        browser.wait("!location.hash.includes('id=')");
        browser.open(&sidecar, "");
        browser.wait(&format!(
            "document.querySelectorAll('#requests li').length === {}",
            if length % 2 == 1 { 3 } else { 2 }
        ));
        browser.keys("j");
        browser.wait("document.querySelector('#detail .part pre')?.innerText[0] === 'é'");
        let seen = run(
            &mut browser,
            "(part => [part.querySelector('pre').textContent.length, part.querySelector('pre + .label')?.innerText ?? 'none'])(document.querySelector('#detail .part'))",
        );
        assert_eq!(seen, json!([32_768, told]));
    }
}

/// What is copied does the same again.
#[test]
fn copies_say_the_same() {
    let (_backend, sidecar) = start();
    let body = r#"@it's {"a":"b"}"#;
    let head = format!(
        "POST /orders?a[0]=%7B1%7D HTTP/1.1\r\nHost: h\r\nX-Quote: it's\r\nX-Empty: \r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    assert_eq!(send(sidecar.data, head).status, 200);
    let mut browser = Browser::start();
    browser.open(&sidecar, "");
    exchanges(&mut browser, 1);
    browser.keys("j");
    browser.wait("document.querySelector('#replay')");
    run(&mut browser, "navigator.clipboard.writeText = async text => { window.copied = text }; 0");
    let mut copied = |label: &str| {
        let press = format!(
            "window.copied = null; [...document.querySelectorAll('#detail button')].find(b => b.innerText === '{label}').click()"
        );
        run(&mut browser, &press);
        browser.wait("window.copied");
        run(&mut browser, "window.copied").as_str().expect("a text").to_owned()
    };
    let expected = format!(
        r#"curl -i -X POST -g -H 'X-Quote: it'\''s' -H 'X-Empty;' -H 'Accept:' -H 'User-Agent:' -H 'Content-Type:' --data-raw '@it'\''s {{"a":"b"}}' '{}/orders?a[0]=%7B1%7D'"#,
        sidecar.data
    );
    assert_eq!(copied("Copy as curl"), expected);
    assert_eq!(
        copied("Copy as explain"),
        r#"stagegate explain --method POST --path '/orders?a[0]=%7B1%7D' --header 'X-Quote: it'\''s' --header 'X-Empty: ' --body '@it'\''s {"a":"b"}' --payload <(printf %s '{"statusCode":200,"body":"fine"}')"#
    );
    assert!(copied("Copy as case").starts_with("config: \"stagegate.yaml\"\n"));
}

/// What is typed is played at once; the field keeps the focus.
#[test]
fn typing_plays() {
    let (_backend, sidecar) = start();
    let mut browser = Browser::start();
    browser.open(&sidecar, "view=playground&play=GET%20/hidden");
    browser.wait("document.querySelector('#played .status')?.innerText === '200'");
    run(&mut browser, "{ const e = document.querySelector('#play-payload'); e.value = ''; e.focus() }");
    browser.keys("n e v e r 7");
    browser.wait("[...document.querySelectorAll('#played .part')].some(part => part.innerText.includes('never7'))");
    browser.comes("[document.activeElement.id, document.activeElement.value]", &json!(["play-payload", "never7"]));
    // Half a pattern is told with its place, and the next character mends it.
    run(
        &mut browser,
        "{ const e = document.querySelector('#part-0'); e.focus(); e.value = 'never[0-9' ; e.dispatchEvent(new Event('input', { bubbles: true })) }",
    );
    browser.wait("document.querySelector('#played [role=alert]')?.innerText.startsWith('Selection pattern → 500: ')");
    run(
        &mut browser,
        "{ const e = document.querySelector('#part-0'); e.value += ']'; e.dispatchEvent(new Event('input', { bubbles: true })) }",
    );
    browser.wait("document.querySelector('#played .status')?.innerText === '200'");
    browser.shows("#parts .chip", "changed");
}

/// Routes: rules that are never hit, the filter, and a focus that outlives the next figures.
#[test]
fn routes_tell_what_is_never_hit() {
    let (_backend, sidecar) = start();
    sidecar.get("/hidden");
    sidecar.get("/orders/1");
    let mut browser = Browser::start();
    browser.open(&sidecar, "view=routes");
    browser.wait("document.querySelectorAll('.tree tbody').length === 4");
    browser.shows(".tree tr.resource", "/down | /hidden | /orders | /orders/{id}");
    browser.shows(".tree tr.rule.never .wide", r"never\d+ → 500 never matched, though errors were hidden");
    let orders = "document.querySelector('.tree tbody:last-of-type a.method')";
    run(&mut browser, &format!("{orders}.focus()"));
    sidecar.get("/orders/2");
    browser.wait("document.querySelector('.tree tbody:last-of-type [data-name=requests]').innerText === '2'");
    browser.comes(&format!("document.activeElement === {orders}"), &json!(true));
    browser.open(&sidecar, "view=routes&never=1");
    browser.wait("document.querySelectorAll('.tree tbody').length === 3");
    browser.shows(".tree tr.resource", "/down | /hidden | /orders");
    browser.shows("#route-count", "3 of 4");
    browser.keys("/");
    browser.keys("d o w");
    browser.wait("location.hash.includes('rq=dow')");
    browser.shows(".tree tr.resource", "/down");
}

/// Loud about faults; plain when the sidecar is gone, and live again when it is back.
#[test]
fn says_what_is_wrong_with_the_sidecar() {
    let (_backend, sidecar) = start_with("faults: [{ match: 'GET /down', cause: timeout }]\n");
    sidecar.get("/down");
    let mut browser = Browser::start();
    browser.open(&sidecar, "");
    exchanges(&mut browser, 1);
    browser.shows("#requests .chip", "fault on purpose: timeout");
    browser.wait("!document.querySelector('#armed').hidden");
    let armed = "Faults on purpose: requests to GET /down fail on purpose with timeout: 100 % of all";
    browser.shows("#armed", armed);
    browser.shows("#gone", "");
    drop(sidecar);
    browser.wait("!document.querySelector('#gone').hidden");
    browser.shows("#live", "no connection");
    browser.keys("j");
    browser.wait("document.querySelector('#detail').innerText.includes('there is no connection')");
    exchanges(&mut browser, 1);
}

const EVIL: &str = "<img src=x onerror=window.ran=1><script>window.ran=1</script>";

/// Nothing has run, and nothing is an element that was a text.
#[track_caller]
fn clean(browser: &mut Browser, what: &str) {
    let seen = run(browser, "[window.ran ?? 0, document.querySelectorAll('main img, main script, header img').length]");
    assert_eq!(seen, json!([0, 0]), "{what}");
}

/// Whatever may carry markup, in each view: nothing of it becomes an element, nothing runs.
#[test]
fn markup_from_anywhere_is_text() {
    let policy = json!({ "principalId": EVIL, "context": { "a": EVIL },
        "policyDocument": { "Version": "2012-10-17", "Statement": [{ "Action": "*", "Effect": "Allow", "Resource": "*" }] } });
    let backend = Backend::start(move |seen| {
        if seen.target.contains("/guard/") {
            return Reply::payload(policy.to_string());
        }
        Reply::error(json!({ "errorMessage": format!("{EVIL}\n[no]"), "errorType": EVIL }).to_string())
    });
    let quoted = EVIL.replace('\'', "''");
    let sidecar = Sidecar::start(&format!(
        "api:
  name: '{quoted}'
  stage_variables: {{ evil: '{quoted}' }}
  authorizers:
    '{quoted}': {{ type: token, identitySource: method.request.header.X-Token, authorizerUri: 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:guard/invocations' }}
  routes:
    - path: /evil/{{id}}
      method: GET
      authorizationType: CUSTOM
      authorizerId: '{quoted}'
      methodResponses: [200, 400]
      integration: {{ type: AWS, function: f, requestTemplates: {{ application/json: '{{\"a\": \"{quoted}\"}}' }}, responses: [{{ statusCode: 200, responseTemplates: {{ application/json: '{quoted}$input.path(\"$.{quoted}\")' }} }}, {{ statusCode: 400, selectionPattern: '{quoted}.*\\[no\\].*' }}] }}
    - path: /broken
      method: GET
      methodResponses: [200]
      integration: {{ type: AWS, function: f, requestTemplates: {{ application/json: '{quoted}$util.urlDecode(\"%zz\")' }}, responses: [{{ statusCode: 200 }}] }}
functions: {{ '*': {{ invoke_api: 'http://{}' }} }}
faults: [{{ match: 'GET /broken', cause: function_error, message: '{quoted}', percent: 0 }}]
lint: {{ ignore: [{{ rule: errors-hidden, why: '{quoted}' }}] }}
",
        backend.address
    ));
    let ask = |path: &str| {
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: h\r\nX-Token: allowed\r\nX-Stagegate-Fault: {EVIL}\r\nConnection: close\r\n\r\n"
        );
        send(sidecar.data, head).status
    };
    assert_eq!(ask("/evil/%3Cimg%20src=x%20onerror=window.ran=1%3E?q=%3Cscript%3Ewindow.ran=1%3C/script%3E"), 500);
    assert_eq!(ask("/broken"), 500);
    assert_eq!(ask("/none%3Cimg%20src=x%20onerror=window.ran=1%3E"), 403);
    let mut browser = Browser::start();
    browser.open(&sidecar, "");
    exchanges(&mut browser, 3);
    browser.wait(&format!("document.querySelector('#api').innerText.includes({EVIL:?})"));
    for path in ["/none", "/broken", "/evil"] {
        browser.keys("j");
        browser.wait(&format!("document.querySelector('#detail h2')?.innerText.startsWith('GET {path}')"));
        run(&mut browser, "document.querySelectorAll('details').forEach(e => { e.open = true })");
        clean(&mut browser, path);
    }
    let shown = browser.text("#detail");
    assert!(shown.matches(EVIL).count() > 3, "{shown}");
    for view in ["routes", "configuration", "problems", "playground&play=GET%20/evil/{id}"] {
        browser.open(&sidecar, &format!("view={view}"));
        let name = view.split('&').next().unwrap_or(view);
        browser.wait(&format!("document.querySelector('#{name}').innerText.length > 100"));
        clean(&mut browser, view);
    }
    browser.wait("document.querySelector('#part-1')");
    clean(&mut browser, "played");
    for address in [
        "q=",
        "route=",
        "id=",
        "view=playground&play=",
        "view=playground&from=",
        "view=configuration&key=",
        "view=routes&rq=",
    ] {
        browser.open(&sidecar, &format!("{address}%3Cimg%20src=x%20onerror=window.ran=1%3E"));
        clean(&mut browser, address);
    }
    let broken = browser.ask(&json!({ "errors": true }));
    let policy = broken.as_array().expect("a list").iter().filter(|text| text.to_string().contains("Content Security"));
    assert_eq!(policy.count(), 0, "{broken}");
}

/// The keys of an HTTP API's routes are whatever somebody wrote, and so are the names of their parameters.
#[test]
fn markup_in_route_keys_is_text() {
    const IMAGE: &str = "<img/src=x/onerror=window.ran=1>";
    const SCRIPT: &str = "<script>window.ran=1</script>";
    let backend = Backend::start(|_| Reply::payload(r#"{"statusCode":200}"#));
    let route = |key: &str| format!("    - {{ route: '{key}', integration: {{ type: AWS_PROXY, function: f }} }}\n");
    let keys = [format!("GET /a{IMAGE}"), format!("GET /b{SCRIPT}"), format!("GET /c/{{{IMAGE}}}"), "$default".into()];
    let sidecar = Sidecar::start(&format!(
        "api:\n  type: http\n  name: '{IMAGE}'\n  routes:\n{}functions: {{ f: {{ invoke_api: 'http://{}' }} }}\n",
        keys.iter().map(|key| route(key)).collect::<String>(),
        backend.address
    ));
    let path = |key: &str| key[4..].replace('<', "%3C").replace('>', "%3E");
    for key in &keys[..2] {
        assert_eq!(sidecar.get(&path(key)).status, 200, "{key}");
    }
    let mut browser = Browser::start();
    browser.open(&sidecar, "");
    exchanges(&mut browser, 2);
    for key in ["b", "a"] {
        browser.keys("j");
        browser.wait(&format!("document.querySelector('#detail h2')?.innerText.startsWith('GET /{key}')"));
        browser.wait(&format!("document.querySelector('#detail').innerText.includes('GET /{key}<')"));
        run(&mut browser, "document.querySelectorAll('details').forEach(e => { e.open = true })");
        clean(&mut browser, key);
    }
    let of_route = path(&keys[0]);
    for (view, shown) in [
        ("view=routes".to_owned(), SCRIPT),
        ("view=configuration".to_owned(), IMAGE),
        ("view=playground".to_owned(), IMAGE),
        (format!("view=playground&play=GET%20{of_route}"), IMAGE),
        (format!("route=GET%20{of_route}"), IMAGE),
    ] {
        browser.open(&sidecar, &view);
        browser.wait(&format!("document.body.innerText.includes({shown:?}) || [...document.querySelectorAll('option, input')].some(e => (e.text ?? e.value).includes({shown:?}))"));
        clean(&mut browser, &view);
    }
}
