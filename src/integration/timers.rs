//! Timers of calls: one that an earlier call has left is set again. Moving a timer to a later time costs a fraction of making one.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use tokio::task::unconstrained;
use tokio::time::{Instant, Sleep, sleep_until};

/// So many are kept for calls to come.
const KEPT: usize = 64;

/// A thread's timers that nobody waits for.
#[derive(Default)]
pub(super) struct Timers(RefCell<Vec<Pin<Box<Sleep>>>>);

impl Timers {
    /// What a call comes to, unless its deadline comes first.
    pub(super) async fn before<T>(&self, deadline: Instant, mut call: Pin<&mut impl Future<Output = T>>) -> Option<T> {
        let mut timer = Timer { kept: self, timer: None };
        poll_fn(|cx| match call.as_mut().poll(cx) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            // A call that has used up this task's turn must not keep the time from being looked at.
            Poll::Pending => pin!(unconstrained(timer.until(deadline))).poll(cx).map(|()| None),
        })
        .await
    }

    fn take(&self, deadline: Instant) -> Pin<Box<Sleep>> {
        match self.0.borrow_mut().pop() {
            Some(mut timer) => {
                timer.as_mut().reset(deadline);
                timer
            }
            None => Box::pin(sleep_until(deadline)),
        }
    }
}

/// The timer of a call, once that has to wait.
struct Timer<'a> {
    kept: &'a Timers,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Timer<'_> {
    fn until(&mut self, deadline: Instant) -> Pin<&mut Sleep> {
        self.timer.get_or_insert_with(|| self.kept.take(deadline)).as_mut()
    }
}

impl Drop for Timer<'_> {
    fn drop(&mut self) {
        let mut kept = self.kept.0.borrow_mut();
        if kept.len() < KEPT {
            kept.extend(self.timer.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_timer_that_is_set_again_goes_off_at_its_time() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let runtime = runtime.unwrap_or_else(|e| unreachable!("{e}"));
        runtime.block_on(async {
            let timers = Timers::default();
            // Patience in milliseconds, and whether the call ends at all.
            for (patience, ends) in [(60_000, true), (20, false), (5, false), (60_000, true), (30, false), (1, false)] {
                let begun = Instant::now();
                let patience = Duration::from_millis(patience);
                let call = async {
                    tokio::task::yield_now().await;
                    if !ends {
                        std::future::pending::<()>().await;
                    }
                };
                let got = timers.before(begun + patience, pin!(call)).await;
                assert_eq!(got.is_some(), ends);
                assert!(ends || begun.elapsed() >= patience, "{:?} of {patience:?}", begun.elapsed());
                assert!(begun.elapsed() < Duration::from_secs(10), "{patience:?}");
                assert_eq!(timers.0.borrow().len(), 1);
            }
        });
    }
}
