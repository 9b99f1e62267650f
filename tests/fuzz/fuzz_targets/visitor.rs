//! Any `Host` and `Origin` at the admin port: what is taken for this machine's own, and for our own page's, is what a plain twin takes,
//! which reads letter by letter; no page of another origin is ever taken.
//!
//! The first byte says how the rest is meant: as text, or byte by byte as pieces of it. Each line begins with what it is: `h` for Host,
//! `o` for Origin.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stagegate::Visitor;

const PIECES: &[&str] = &[
    "\nh", "\no", "http://", "https://", "HTTP://", "localhost", "LocalHost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "192.0.2.7", "evil.example",
    "localhost.evil.example", ":9180", ":80", ":", ".", "@", "/", "[", "]", "%", "0", "1", "256", "f", "null", "file://", "é", " ", "\t", ",", "?", "#", "\\",
];

/// Four numbers up to 255, in decimal as nobody could read otherwise.
fn is_v4(text: &str) -> bool {
    let is_number = |number: &str| {
        let digits = (1..=3).contains(&number.len()) && number.chars().all(|c| c.is_ascii_digit());
        digits && (number == "0" || !number.starts_with('0')) && number.parse::<u32>().is_ok_and(|number| number < 256)
    };
    text.split('.').count() == 4 && text.split('.').all(is_number)
}

/// Eight groups of up to four hexadecimal digits; `::` once for one or more that are 0; the last two may be an IPv4 address.
fn is_v6(text: &str) -> bool {
    let groups = |part: &str, is_last: bool| -> Option<usize> {
        let mut pieces: Vec<&str> = if part.is_empty() { Vec::new() } else { part.split(':').collect() };
        let mut count = 0;
        if is_last && pieces.last().is_some_and(|last| last.contains('.')) {
            count += 2;
            is_v4(pieces.pop()?).then_some(())?;
        }
        let is_group = |group: &&str| (1..=4).contains(&group.len()) && group.chars().all(|c| c.is_ascii_hexdigit());
        pieces.iter().all(is_group).then_some(count + pieces.len())
    };
    match text.split_once("::") {
        None => groups(text, true) == Some(8),
        Some((before, after)) => groups(before, false).zip(groups(after, true)).is_some_and(|(a, b)| a + b < 8),
    }
}

/// A name or an address of this machine, then nothing or a port.
fn is_own(host: &[u8]) -> bool {
    let Ok(host) = std::str::from_utf8(host) else { return false };
    let is_port = |rest: &str| rest.is_empty() || rest.starts_with(':') && rest[1..].chars().all(|c| c.is_ascii_digit());
    (0..=host.len()).filter(|at| host.is_char_boundary(*at)).any(|at| {
        let (name, rest) = host.split_at(at);
        let in_brackets = name.len() > 2 && name.starts_with('[') && name.ends_with(']');
        let is_name = name.to_ascii_lowercase() == "localhost" || is_v4(name) || in_brackets && is_v6(&name[1..name.len() - 1]);
        is_name && is_port(rest)
    })
}

/// The same scheme, name and port as those under which we are asked.
fn is_ours(origin: &[u8], host: &[u8]) -> bool {
    let own = |scheme: &[u8]| origin.starts_with(scheme) && origin[scheme.len()..].to_ascii_lowercase() == host.to_ascii_lowercase();
    own(b"http://") || own(b"https://")
}

fuzz_target!(|input: &[u8]| {
    let Some((how, rest)) = input.split_first() else { return };
    let text = match how % 2 {
        0 => rest.to_vec(),
        _ => rest.iter().flat_map(|byte| PIECES[usize::from(*byte) % PIECES.len()].bytes()).collect(),
    };
    let of = |kind: u8| text.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(&[kind]).map(<[u8]>::trim_ascii)).collect::<Vec<_>>();
    let (hosts, origins) = (of(b'h'), of(b'o'));
    let visitor = Visitor::of(hosts.clone(), origins.clone());
    assert_eq!(visitor.names_this_machine(), hosts.iter().all(|host| is_own(host)), "{}", text.escape_ascii());
    let is_known = |origin: &&[u8]| !hosts.is_empty() && hosts.iter().all(|host| is_ours(origin, host));
    assert_eq!(visitor.is_of_our_page(), origins.iter().all(|origin| is_known(&&**origin)), "{}", text.escape_ascii());
    // Of a page of this machine, only where it is this machine that is asked.
    if visitor.names_this_machine() && visitor.is_of_our_page() {
        assert!(origins.iter().all(|origin| !origin.ends_with(b"evil.example")), "{}", text.escape_ascii());
    }
});
