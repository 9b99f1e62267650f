//! Handshakes: a listening socket that is about to close begins no new ones, and completes those that it has begun.
//!
//! The kernel has no option for that, but one for how near a peer must be. It is asked about a segment that begins a connection, and
//! about those of an accepted one, but not about the one that completes a handshake. Nobody is as near as 255 hops left: who asks for
//! a connection asks again after a second, and is refused then, or is another process's. A filter on the socket would say it better,
//! but newer kernels let only privileged processes set one.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

/// From now on this socket begins no connection. Those that it still completes are deaf until they are [`hear`]d.
pub(super) fn stop(listener: &impl AsFd) -> io::Result<()> {
    set_least_hops(listener.as_fd(), 255)
}

/// An accepted connection takes segments from anywhere: it has inherited what its listener takes.
pub(super) fn hear(stream: &impl AsFd) -> io::Result<()> {
    set_least_hops(stream.as_fd(), 0)
}

#[cfg(target_os = "linux")]
fn set_least_hops(socket: BorrowedFd<'_>, hops: std::ffi::c_int) -> io::Result<()> {
    // (level, name): `IP_MINTTL` and `IPV6_MINHOPCOUNT`. A socket for IPv6 may take IPv4 too, and one for IPv4 has only the first.
    let v4 = set(socket, 0, 21, hops);
    let v6 = set(socket, 41, 73, hops);
    v4.or(v6)
}

#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "two options of Linux that no crate among ours names: a number each, of the length that is told"
)]
fn set(
    socket: BorrowedFd<'_>,
    level: std::ffi::c_int,
    name: std::ffi::c_int,
    value: std::ffi::c_int,
) -> io::Result<()> {
    use std::ffi::c_int;
    unsafe extern "C" {
        // It reads a value of that length, and keeps nothing of it.
        fn setsockopt(socket: BorrowedFd<'_>, level: c_int, name: c_int, value: &c_int, length: u32) -> c_int;
    }
    // SAFETY: the descriptor is open for as long as it is borrowed, and `value` has the length that is told.
    match unsafe { setsockopt(socket, level, name, &value, size_of::<c_int>() as u32) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(not(target_os = "linux"))]
fn set_least_hops(_: BorrowedFd<'_>, _: std::ffi::c_int) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpListener, TcpStream};
    use std::time::Duration;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_listener_that_stops_keeps_what_it_has_and_takes_no_more() {
        const SHORT: Duration = Duration::from_millis(200);
        for address in ["127.0.0.1:0", "[::1]:0"] {
            // A machine without IPv6 has nothing to say about it.
            let Ok(listener) = TcpListener::bind(address) else { continue };
            let address: SocketAddr = listener.local_addr().unwrap_or_else(|e| unreachable!("{e}"));
            let connect = || TcpStream::connect_timeout(&address, SHORT);
            let client = connect();
            assert!(stop(&listener).is_ok(), "{address}");
            assert_eq!(connect().map(drop).map_err(|e| e.kind()), Err(io::ErrorKind::TimedOut), "{address}");
            let (mut stream, _) = listener.accept().unwrap_or_else(|e| unreachable!("{e}"));
            assert!(hear(&stream).is_ok());
            let said = client.and_then(|mut client| {
                client.write_all(b"hello")?;
                let mut bytes = [0; 5];
                stream.read_exact(&mut bytes).map(|()| bytes)
            });
            assert_eq!(said.ok(), Some(*b"hello"), "{address}");
        }
    }
}
