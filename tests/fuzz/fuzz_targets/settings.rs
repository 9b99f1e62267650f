//! Any text as a length of time, a number of bytes, a network, an address or a url of the configuration: read as plain code reads it, or
//! refused with what is wrong.
//!
//! The first byte says what the rest is.

#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use stagegate::{Loaded, Sources, load, parse};

const API: &str = "api: { routes: [{ path: /, method: GET, integration: { type: MOCK, requestTemplates: { application/json: '{\"statusCode\": 200}' }, responses: [{ statusCode: 200 }] } }] }\n";

/// What the configuration with this line means; what is wrong is said, and where.
fn loaded(line: &str) -> Option<Loaded> {
    let tree = parse("stagegate.yaml".as_ref(), &format!("{API}{line}\n")).ok()?;
    match load(&Sources { embedded: Some(tree), offline: true, ..Sources::default() }) {
        Ok(loaded) => Some(loaded),
        Err(problems) => {
            assert!(!problems.is_empty() && problems.iter().all(|problem| !problem.to_string().is_empty()));
            None
        }
    }
}

/// In whole nanoseconds, from the end: numbers with their units.
fn time(text: &str) -> Option<f64> {
    let (mut rest, mut total) = (text.trim(), 0.0);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let units = [("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("d", 86_400.0)];
        let (before, each) = units.iter().find_map(|(unit, each)| {
            let before = rest.strip_suffix(unit)?;
            before.ends_with(|c: char| c.is_ascii_digit() || c == '.').then_some((before, each))
        })?;
        let number = before.rfind(|c: char| !c.is_ascii_digit() && c != '.').map_or(0, |at| {
            at + before[at..].chars().next().map_or(0, char::len_utf8)
        });
        total += before[number..].parse::<f64>().ok()? * each;
        rest = &before[..number];
    }
    Some(total)
}

fn bytes(text: &str) -> Option<u128> {
    let text = text.trim();
    let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("KB", 1000), ("kB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("B", 1), ("", 1)];
    let (number, each) = units.iter().find_map(|(unit, each)| {
        let number = text.strip_suffix(unit)?.trim_end();
        (!number.is_empty() && number.len() < 30 && number.bytes().all(|b| b.is_ascii_digit())).then_some((number, each))
    })?;
    Some(number.parse::<u128>().ok()? * each)
}

fuzz_target!(|input: &[u8]| {
    let Some((how, rest)) = input.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let value = json!(text);
    match how % 6 {
        0 => {
            let found = loaded(&format!("limits: {{ idle_timeout: {value} }}"));
            let (found, twin) = (found.map(|loaded| loaded.settings.limits.idle_timeout), time(text));
            match (found, twin) {
                (Some(found), Some(twin)) => assert!((found.as_secs_f64() - twin).abs() < 1e-3, "{text}: {found:?}, {twin}"),
                (Some(found), None) => panic!("{text}: {found:?}"),
                (None, Some(twin)) => assert!(twin < 1e-3 || twin > 86_400.0, "{text} is {twin} s"),
                (None, None) => {}
            }
        }
        1 => {
            let found = loaded(&format!("limits: {{ memory: {value} }}")).map(|loaded| loaded.settings.limits.memory);
            match (found, bytes(text)) {
                (Some(found), twin) => assert_eq!(Some(found as u128), twin, "{text}"),
                (None, Some(twin)) => assert!(twin < 1 << 30 || twin > usize::MAX as u128, "{text} is {twin}"),
                (None, None) => {}
            }
        }
        2 => {
            let found = loaded(&format!("limits: {{ trusted_proxies: [{value}] }}"));
            let twin = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
            let is_network = twin.0.parse::<std::net::IpAddr>().is_ok_and(|address| {
                let longest = if address.is_ipv4() { 32 } else { 128 };
                twin.1.is_none_or(|prefix| {
                    !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_digit()) && prefix.parse::<u32>().is_ok_and(|n| n <= longest)
                })
            });
            if found.is_some() != is_network {
                // Leading zeros beyond a byte's digits are nobody's wish.
                assert!(twin.1.is_some_and(|prefix| prefix.len() > 3), "{text}: {}", found.is_some());
            }
        }
        3 => drop(loaded(&format!("listen: {value}"))),
        4 => drop(loaded(&format!("functions: {{ f: {{ http: {value} }} }}\ntelemetry: {{ otlp: {{ endpoint: {value}, headers: {{ a: {value} }} }} }}"))),
        // A time that was written in milliseconds is that time.
        _ => {
            let Ok(number) = text.trim().parse::<u32>() else { return };
            let number = number.clamp(1, 3_600_000);
            let found = loaded(&format!("drain: {number}ms")).map(|loaded| loaded.settings.drain);
            assert_eq!(found, Some(Duration::from_millis(number.into())));
        }
    }
});
