//! Who asks at the admin port, by what a browser writes and no page of it can choose: `Host` and `Origin`.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use http::header::{HOST, HeaderMap, HeaderValue, ORIGIN};
use http::{HeaderName, Uri};

/// What a request says of where it comes from.
pub struct Visitor<'a> {
    /// What it calls us: its `Host` lines, and the target's authority where it has one.
    hosts: Vec<&'a [u8]>,
    /// Which pages ask. Browsers name the page when it is not our own, and sometimes when it is; what is no browser names none.
    origins: Vec<&'a [u8]>,
}

impl<'a> Visitor<'a> {
    pub(super) fn new(target: &'a Uri, headers: &'a HeaderMap) -> Self {
        let lines = |name: &HeaderName| headers.get_all(name).into_iter().map(HeaderValue::as_bytes);
        let authority = target.authority().map(|authority| authority.as_str().as_bytes());
        Self { hosts: lines(&HOST).chain(authority).collect(), origins: lines(&ORIGIN).collect() }
    }

    /// The same, of the lines alone.
    pub fn of(hosts: Vec<&'a [u8]>, origins: Vec<&'a [u8]>) -> Self {
        Self { hosts, origins }
    }

    /// A web page elsewhere can make a browser ask us under a name of its own (DNS rebinding): only addresses and `localhost` are
    /// this machine's. Browsers always say whom they ask: who does not is none.
    pub fn names_this_machine(&self) -> bool {
        self.hosts.iter().all(|host| is_of_this_machine(host))
    }

    /// Nothing here is for a page of another origin, probes and metrics included.
    pub fn is_of_our_page(&self) -> bool {
        let is_ours = |origin: &[u8]| {
            let authority = origin.strip_prefix(b"http://").or_else(|| origin.strip_prefix(b"https://"));
            let is_host = |authority: &[u8]| self.hosts.iter().all(|host| authority.eq_ignore_ascii_case(host));
            !self.hosts.is_empty() && authority.is_some_and(is_host)
        };
        self.origins.iter().all(|origin| is_ours(origin))
    }
}

/// `localhost`, an IPv4 address or an IPv6 address in brackets, each with a port or without.
fn is_of_this_machine(host: &[u8]) -> bool {
    let Ok(host) = str::from_utf8(host) else { return false };
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port),
        _ => (host, ""),
    };
    let is_name = match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        Some(address) => Ipv6Addr::from_str(address).is_ok(),
        None => name.eq_ignore_ascii_case("localhost") || Ipv4Addr::from_str(name).is_ok(),
    };
    is_name && port.bytes().all(|byte| byte.is_ascii_digit())
}
