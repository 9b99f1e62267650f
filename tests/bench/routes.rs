//! How long a request takes among 10 routes and among 2,000: a whole exchange as `stagegate test` plays it, per route count.
//!
//!     cargo run --release --example routes

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use stagegate::Suite;

/// Exchanges in one round.
const EXCHANGES: u32 = 20_000;

fn main() {
    for count in [10, 100, 2_000] {
        let suite = suite(count);
        let fastest = (0..5).map(|_| round(&suite)).min().unwrap_or_default();
        println!("{count:>5} routes: {:>7.2} us/exchange", fastest.as_secs_f64() * 1e6 / f64::from(EXCHANGES));
    }
}

/// An API of that many routes, and a request for the one in the middle.
fn suite(count: usize) -> Suite {
    let mut text = String::from("api:\n  routes:\n");
    for n in 0..count {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "    - {{ path: '/r{n}/{{id}}/items/{{item}}', method: GET, integration: {{ type: AWS_PROXY, function: f }} }}"
        );
    }
    let path = format!("/r{}/7/items/9", count / 2);
    let _ = writeln!(
        text,
        "cases:\n  - {{ name: one, request: {{ path: {path} }}, backend: {{ json: {{}} }}, response: {{ status: 200 }} }}"
    );
    let file = std::env::temp_dir().join(format!("stagegate-routes-{}.yaml", std::process::id()));
    std::fs::write(&file, text).expect("a writable folder for temporary files");
    let suite = Suite::read(&file).unwrap_or_else(|unreadable| unreachable!("{unreadable}"));
    std::fs::remove_file(&file).expect("a file of our own");
    suite
}

fn round(suite: &Suite) -> Duration {
    let started = Instant::now();
    for _ in 0..EXCHANGES {
        assert!(suite.run(0).is_ok_and(|misses| misses.is_empty()), "the case is as expected");
    }
    started.elapsed()
}
