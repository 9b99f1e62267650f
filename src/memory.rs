//! The memory that bodies hold, over all threads: bounded as a whole, counted body by body, and given up by who moves least.
//!
//! A body is counted from its first byte to the last handle on it, wherever it waits: a [`Reservation`] grows while it is read and
//! is then attached to its bytes. So no transport, queue or background task needs to know of it. When nothing is left, new
//! requests are refused, and the client that has moved nothing for longest, while it is its turn, loses its connection.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;

/// Bodies up to that length are not worth counting: a bound on requests bounds them too.
pub(crate) const SMALL: usize = 4 * 1024;
/// So much has to move for a client not to be stalled: one that takes a byte now and then is.
const PROGRESS: usize = 16 * 1024;
/// A client is stalled after that time without progress.
const STALLED: Duration = Duration::from_secs(1);
/// Between two looks for stalled clients.
const LOOK: Duration = Duration::from_millis(50);

/// What all bodies of the process hold.
pub(crate) static BODIES: Budget = Budget::new();

/// Milliseconds since the process began, for stamps that threads share.
static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);

fn now() -> u64 {
    u64::try_from(BEGINNING.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Bytes in use, and how many may be.
pub(crate) struct Budget {
    used: AtomicUsize,
    limit: AtomicUsize,
    /// Who is expected to send or to take something.
    clients: Mutex<Vec<Arc<Client>>>,
    looked: AtomicU64,
    closed: AtomicU64,
}

/// Nothing is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

impl Budget {
    /// No bound, nothing in use.
    const fn new() -> Budget {
        Budget {
            used: AtomicUsize::new(0),
            limit: AtomicUsize::new(usize::MAX),
            clients: Mutex::new(Vec::new()),
            looked: AtomicU64::new(0),
            closed: AtomicU64::new(0),
        }
    }

    /// Sets the bound.
    pub(crate) fn bound(&self, limit: usize) {
        self.limit.store(limit, Ordering::Relaxed);
    }

    /// Bytes in use.
    pub(crate) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Clients that lost their connection.
    pub(crate) fn closed(&self) -> u64 {
        self.closed.load(Ordering::Relaxed)
    }

    /// Whether a request may begin: the last eighth is for those that have begun.
    pub(crate) fn admits(&self) -> bool {
        let limit = self.limit();
        let admits = self.used() <= limit - limit / 8;
        if !admits {
            self.make_room();
        }
        admits
    }

    /// Closes the clients that are stalled for longest, until an eighth of the bound comes free.
    fn make_room(&self) {
        let limit = self.limit();
        let (now, looked) = (now(), self.looked.load(Ordering::Relaxed));
        let is_due = now >= looked + LOOK.as_millis() as u64;
        if !is_due || self.looked.compare_exchange(looked, now, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            return;
        }
        let mut stalled: Vec<(u64, Arc<Client>)> = {
            let clients = self.clients();
            clients.iter().map(|client| (client.moved_at.load(Ordering::Relaxed), client.clone())).collect()
        };
        stalled.retain(|(at, _)| now >= at + STALLED.as_millis() as u64);
        stalled.sort_unstable_by_key(|(at, _)| *at);
        let mut freed = 0;
        for (_, client) in stalled {
            if freed >= limit / 8 {
                return;
            }
            freed += client.waiting.load(Ordering::Relaxed);
            if client.close() {
                self.closed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn limit(&self) -> usize {
        self.limit.load(Ordering::Relaxed)
    }

    fn clients(&self) -> MutexGuard<'_, Vec<Arc<Client>>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client's connection, as far as memory waits for it.
#[derive(Default)]
pub(crate) struct Client {
    /// Bytes of bodies that it is sending or has to take.
    waiting: AtomicUsize,
    /// When enough of them had moved, or began to wait.
    moved_at: AtomicU64,
    /// What moved since.
    moved: AtomicUsize,
    is_closed: AtomicBool,
    /// What serves it.
    task: OnceLock<tokio::task::AbortHandle>,
}

impl Client {
    /// The task that serves it, which ends when it is closed.
    pub(crate) fn served_by(&self, task: tokio::task::AbortHandle) {
        // It is told once.
        let _ = self.task.set(task);
    }

    /// Bytes went to it or came from it.
    pub(crate) fn moved(&self, bytes: usize) {
        if self.waiting.load(Ordering::Relaxed) > 0
            && self.moved.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) >= PROGRESS
        {
            self.moved.store(0, Ordering::Relaxed);
            self.moved_at.store(now(), Ordering::Relaxed);
        }
    }

    /// Ends its connection; says whether that is new.
    fn close(&self) -> bool {
        let is_new = !self.is_closed.swap(true, Ordering::Relaxed);
        if let Some(task) = self.task.get()
            && is_new
        {
            task.abort();
        }
        is_new
    }

    fn wait_for(self: &Arc<Client>, bytes: usize) {
        if bytes > 0 && self.waiting.fetch_add(bytes, Ordering::Relaxed) == 0 {
            self.moved.store(0, Ordering::Relaxed);
            self.moved_at.store(now(), Ordering::Relaxed);
            BODIES.clients().push(self.clone());
        }
    }

    fn no_more(self: &Arc<Client>, bytes: usize) {
        if bytes > 0 && self.waiting.fetch_sub(bytes, Ordering::Relaxed) == bytes {
            let mut clients = BODIES.clients();
            if let Some(at) = clients.iter().position(|client| Arc::ptr_eq(client, self)) {
                clients.swap_remove(at);
            }
        }
    }
}

/// A client's turn: it has to send, or to take, so many bytes. It begins and ends on the thread that serves the client.
struct Turn {
    client: Arc<Client>,
    bytes: usize,
}

impl Turn {
    fn new(client: &Arc<Client>, bytes: usize) -> Turn {
        client.wait_for(bytes);
        Turn { client: client.clone(), bytes }
    }

    fn grow(&mut self, bytes: usize) {
        self.bytes += bytes;
        self.client.wait_for(bytes);
        self.client.moved(bytes);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.client.no_more(self.bytes);
    }
}

/// Bytes that are counted for as long as it lives.
pub(crate) struct Reservation {
    bytes: usize,
    turn: Option<Turn>,
}

impl Reservation {
    /// Of nothing yet.
    pub(crate) fn new() -> Reservation {
        Reservation { bytes: 0, turn: None }
    }

    /// Of nothing yet, for a body that this client sends.
    pub(crate) fn of(client: &Arc<Client>) -> Reservation {
        Reservation { bytes: 0, turn: Some(Turn::new(client, 0)) }
    }

    /// Of so much as is there already, whether it was left or not.
    fn of_existing(bytes: usize) -> Reservation {
        if bytes > 0 && BODIES.used.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) > BODIES.limit() {
            BODIES.make_room();
        }
        Reservation { bytes, turn: None }
    }

    /// For a body that has grown to that length, if that is worth counting and left.
    pub(crate) fn grow_to(&mut self, length: usize) -> Result<(), Full> {
        let more = length.saturating_sub(self.bytes);
        if length <= SMALL || more == 0 {
            return Ok(());
        }
        let before = BODIES.used.fetch_add(more, Ordering::Relaxed);
        if before.saturating_add(more) > BODIES.limit() {
            BODIES.used.fetch_sub(more, Ordering::Relaxed);
            BODIES.make_room();
            return Err(Full);
        }
        self.bytes += more;
        if let Some(turn) = &mut self.turn {
            turn.grow(more);
        }
        Ok(())
    }

    /// Goes with a body that was read, until the last handle on it is dropped.
    pub(crate) fn attach(mut self, body: Bytes) -> Bytes {
        self.turn = None;
        if self.bytes == 0 { body } else { Bytes::from_owner(Counted { body, _reservation: self }) }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.bytes > 0 {
            BODIES.used.fetch_sub(self.bytes, Ordering::Relaxed);
        }
    }
}

/// Counts a body that was made, if there is room for it, unless it is part of one that is counted.
pub(crate) fn hold(body: Bytes, counted: &Bytes) -> Result<Bytes, Full> {
    let mut reservation = Reservation::new();
    if !is_part(&body, counted) {
        reservation.grow_to(body.len())?;
    }
    Ok(reservation.attach(body))
}

/// Counts what stands in the place of a counted body now.
pub(crate) fn in_place(body: &Bytes, of: &Bytes) -> Reservation {
    Reservation::of_existing(if is_part(body, of) { 0 } else { body.len() })
}

/// Counts a body that a client has to take, until it has. `is_counted`: its memory is, already.
pub(crate) fn depart(body: Bytes, is_counted: bool, client: &Arc<Client>) -> Bytes {
    let mut reservation = Reservation::of_existing(if is_counted { 0 } else { body.len() });
    reservation.turn = Some(Turn::new(client, body.len()));
    Bytes::from_owner(Counted { body, _reservation: reservation })
}

struct Counted {
    body: Bytes,
    _reservation: Reservation,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

/// Whether a body is part of another's memory.
pub(crate) fn is_part(body: &Bytes, of: &Bytes) -> bool {
    let (inner, outer) = (body.as_ptr_range(), of.as_ptr_range());
    outer.start <= inner.start && inner.end <= outer.end
}
