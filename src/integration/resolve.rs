//! Names to addresses, remembered for a short while, one memory per thread.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long an answer is believed: short, as a sidecar's backends move.
const TIME_TO_LIVE: Duration = Duration::from_secs(5);
/// How many names are remembered.
const NAMES: usize = 256;

/// Looks names up through the system's resolver (`/etc/hosts` included).
#[derive(Default)]
pub(crate) struct Resolver(RefCell<HashMap<Arc<str>, Known>>);

/// What a name had when it was asked for.
struct Known {
    at: Instant,
    addresses: Vec<SocketAddr>,
}

impl Resolver {
    /// Every address of the host, in the resolver's order; never empty.
    pub(crate) async fn lookup(&self, host: &Arc<str>, port: u16) -> io::Result<Vec<SocketAddr>> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        if let Some(known) = self.0.borrow().get(host)
            && known.at.elapsed() < TIME_TO_LIVE
        {
            return Ok(known.addresses.iter().map(|a| SocketAddr::new(a.ip(), port)).collect());
        }
        let found: Vec<SocketAddr> = tokio::net::lookup_host((&**host, port)).await?.collect();
        if found.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "no address"));
        }
        let mut names = self.0.borrow_mut();
        if names.len() >= NAMES {
            names.clear();
        }
        names.insert(host.clone(), Known { at: Instant::now(), addresses: found.clone() });
        Ok(found)
    }
}
