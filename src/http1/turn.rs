//! Who sends when: of what has arrived at a thread all is worked on first, and what comes of it is sent in a row. The other side, which
//! sleeps while nothing comes, is woken once for many messages then instead of once for each: waking is a tenth of a small request.
//! A large message does not wait: what is sent at once is in the processor's cache, and its memory is the next one's.

use std::cell::Cell;
use std::future::poll_fn;
use std::task::Poll;

/// Bytes of a message that waits for its turn.
const SMALL: usize = 16 * 1024;

thread_local! {
    static BUSY: Cell<usize> = const { Cell::new(0) };
}

/// A request of this thread that is being answered, while it lives.
pub(crate) struct Busy;

impl Busy {
    /// One more.
    pub(crate) fn begin() -> Busy {
        BUSY.set(BUSY.get() + 1);
        Busy
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        BUSY.set(BUSY.get() - 1);
    }
}

/// Lets go first whatever is ready by now, before so many bytes are sent. Where no other request is being answered nothing is worth that.
pub(super) async fn turn(length: usize) {
    let mut first = length <= SMALL && BUSY.get() > 1;
    poll_fn(|cx| {
        if !std::mem::take(&mut first) {
            return Poll::Ready(());
        }
        // Not tokio's `yield_now`, which asks the kernel for more before it goes on.
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    #[test]
    fn alone_nobody_waits_and_of_two_each_lets_the_other_work_first() {
        let mut context = Context::from_waker(Waker::noop());
        let busy = Busy::begin();
        assert!(pin!(turn(SMALL)).poll(&mut context).is_ready());
        let other = Busy::begin();
        assert!(pin!(turn(SMALL + 1)).poll(&mut context).is_ready());
        let order = RefCell::new(Vec::new());
        let go = async |name: &'static str| {
            order.borrow_mut().push(format!("{name} works"));
            turn(SMALL).await;
            order.borrow_mut().push(format!("{name} sends"));
        };
        let (mut first, mut second) = (pin!(go("one")), pin!(go("two")));
        assert!(first.as_mut().poll(&mut context).is_pending() && second.as_mut().poll(&mut context).is_pending());
        assert!(first.as_mut().poll(&mut context).is_ready() && second.as_mut().poll(&mut context).is_ready());
        assert_eq!(order.take(), ["one works", "two works", "one sends", "two sends"]);
        drop((busy, other));
        assert_eq!(BUSY.get(), 0);
    }
}
