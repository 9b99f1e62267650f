//! The Runtime Interface Emulator: one call at a time, errors by shape.

use std::time::Duration;

use crate::support::http::{Answer, get};
use crate::support::lambda::{Backend, Gate, Reply};
use crate::support::sidecar::{Sidecar, until};

fn config(backend: &Backend, more: &str) -> String {
    format!(
        "api:\n  routes:\n    - {{ path: '/{{proxy+}}', method: ANY, integration: {{ type: AWS_PROXY, function: f }} }}\n\
         functions:\n  f: {{ emulator: 'http://{}' }}\n{more}",
        backend.address
    )
}

fn at_once(sidecar: &Sidecar, path: &str, count: usize) -> Vec<Answer> {
    let address = sidecar.data;
    let threads: Vec<_> = (0..count)
        .map(|_| {
            let path = path.to_owned();
            std::thread::spawn(move || get(address, &path))
        })
        .collect();
    threads.into_iter().map(|t| t.join().expect("an answer")).collect()
}

#[test]
fn failures_are_known_by_their_shape() {
    let backend = Backend::start(|seen| match seen.json()["path"].as_str().unwrap_or_default() {
        "/good" => {
            Reply::With(200, &[("Content-Type", "text/plain; charset=utf-8")], br#"{"statusCode":201}"#.to_vec())
        }
        "/raised" => Reply::payload(r#"{"errorMessage":"x","errorType":"E","requestId":"","stackTrace":[]}"#),
        "/message-twice" => Reply::payload(r#"{"errorMessage":"a","errorMessage":"b","errorType":"E"}"#),
        "/escaped" => Reply::payload(r#"{"\u0065rrorMessage":"x","errorType":"E"}"#),
        "/timeout" => Reply::payload("Task timed out after 3.00 seconds"),
        "/crashed" => Reply::With(502, &[], br#"{"errorMessage":"exit","errorType":"Runtime.ExitError"}"#.to_vec()),
        "/reset" => Reply::With(500, &[], Vec::new()),
        other => panic!("{other}"),
    });
    let sidecar = Sidecar::start(&config(&backend, ""));
    for (path, status, outcome) in [
        ("/good", 201, "success"),
        ("/raised", 502, "function_error"),
        ("/message-twice", 502, "function_error"),
        ("/escaped", 502, "function_error"),
        ("/timeout", 502, "function_error"),
        ("/crashed", 502, "function_error"),
        ("/reset", 500, "rejected"),
    ] {
        let series = format!("invocations_total{{function=\"f\",outcome=\"{outcome}\"}}");
        let before = sidecar.metric(&series);
        assert_eq!(sidecar.get(path).status, status, "{path}");
        assert_eq!(sidecar.metric(&series), before + 1.0, "{path}");
    }
    assert_eq!(backend.last().target, "/2015-03-31/functions/function/invocations");
}

#[test]
fn it_never_sees_two_calls_at_once() {
    let backend =
        Backend::start(|_| Reply::After(Duration::from_millis(10), Box::new(Reply::payload(r#"{"statusCode":200}"#))));
    let sidecar = Sidecar::start(&config(&backend, ""));
    let answers = at_once(&sidecar, "/x", 40);
    assert!(answers.iter().all(|a| a.status == 200));
    assert_eq!((backend.seen().len(), backend.most_at_once()), (40, 1));
    assert_eq!(sidecar.metric("queued_invocations{function=\"f\"}"), 0.0);
}

#[test]
fn its_queue_is_bounded_and_waiting_counts_towards_the_timeout() {
    let gate = Gate::default();
    let behind = gate.clone();
    let backend = Backend::start(move |_| {
        behind.wait();
        Reply::payload(r#"{"statusCode":200}"#)
    });
    // All of them are there within the time of the first.
    let more = "limits: { emulator_queue: 2, integration_timeout: 5s }\n";
    let sidecar = Sidecar::start(&config(&backend, more));
    let mut statuses: Vec<u16> = at_once(&sidecar, "/x", 6).iter().map(|a| a.status).collect();
    statuses.sort_unstable();
    // One is being served, two wait, three find the queue full; none is done in time, although the first one never is.
    assert_eq!(statuses, [500, 500, 500, 504, 504, 504]);
    assert_eq!(backend.seen().len(), 1, "who gave up in the queue was not sent");
    // The call that timed out keeps the emulator busy until it answers: the next one waits for that.
    let address = sidecar.data;
    let next = std::thread::spawn(move || get(address, "/y").status);
    until("the next one waits", || sidecar.metric("queued_invocations{function=\"f\"}") == 1.0);
    gate.open();
    assert_eq!(next.join().expect("an answer"), 200);
    assert_eq!((backend.seen().len(), backend.most_at_once()), (2, 1));
}
