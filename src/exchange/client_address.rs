//! Whose request it is, behind proxies that are trusted.

use std::net::IpAddr;

use crate::authorization::policy::Network;
use crate::http1::message::Headers;

/// The address of the client: the other end of the connection, or, while that is a trusted proxy, whom it names in
/// `X-Forwarded-For`. What a client writes there itself stands before what a proxy adds, so the last one that is not trusted
/// counts.
pub(crate) fn client_address(peer: IpAddr, headers: &Headers, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer;
    let mut named = headers.all("x-forwarded-for").rev().flat_map(|line| line.value.rsplit(|byte| *byte == b','));
    while is_trusted(client) {
        let Some(address) = named.next().and_then(address) else { break };
        client = address;
    }
    client
}

/// An address, which may have a port.
fn address(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let with_port = || text.parse().map(|socket: std::net::SocketAddr| socket.ip());
    text.parse().or_else(|_| with_port()).ok().map(|ip: IpAddr| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_address_that_is_not_trusted_counts() {
        let trusted: Vec<Network> = ["10.0.0.0/8", "fd00::/8"].iter().filter_map(|text| Network::parse(text)).collect();
        let cases = [
            ("8.8.8.8", &["1.1.1.1"][..], "8.8.8.8"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["1.1.1.1"], "1.1.1.1"),
            ("10.0.0.1", &["6.6.6.6, 1.1.1.1"], "1.1.1.1"),
            ("10.0.0.1", &["6.6.6.6, 1.1.1.1 , 10.0.0.2"], "1.1.1.1"),
            ("10.0.0.1", &["6.6.6.6", "1.1.1.1,10.0.0.2"], "1.1.1.1"),
            ("10.0.0.1", &["10.0.0.3,10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", &["1.1.1.1, unknown"], "10.0.0.1"),
            ("fd00::1", &["1.1.1.1:4711"], "1.1.1.1"),
            ("fd00::1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("10.0.0.1", &["::ffff:1.1.1.1"], "1.1.1.1"),
        ];
        for (peer, lines, expected) in cases {
            let mut headers = Headers::default();
            lines.iter().for_each(|line| headers.push("X-Forwarded-For", *line));
            let found = client_address(peer.parse().expect("an address"), &headers, &trusted);
            assert_eq!(found.to_string(), expected, "{peer} {lines:?}");
        }
    }
}
