//! An address as an event shows it.

use std::io::Write;
use std::net::IpAddr;

/// Writes an address. Most are of version 4, and stand in each event twice: those go without formatting machinery.
pub(crate) fn write_ip(out: &mut Vec<u8>, ip: IpAddr) {
    let IpAddr::V4(ip) = ip else {
        // Writing to a vector cannot fail.
        let _ = write!(out, "{ip}");
        return;
    };
    for (n, octet) in ip.octets().into_iter().enumerate() {
        if n > 0 {
            out.push(b'.');
        }
        out.extend_from_slice(itoa::Buffer::new().format(octet).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_they_are_printed() {
        for text in ["0.0.0.0", "127.0.0.1", "255.10.99.100", "::1", "2001:db8::ff00:42:8329"] {
            let mut out = Vec::new();
            write_ip(&mut out, text.parse().unwrap_or_else(|e| unreachable!("{e}")));
            assert_eq!(String::from_utf8_lossy(&out), text);
        }
    }
}
