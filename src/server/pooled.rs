//! A boxed future whose memory the thread keeps for the next one: a request's is a few kilobytes, more than the allocator hands out
//! at once, and each request needs it from its head to its answer.

use std::cell::RefCell;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};

/// Bytes of a piece of memory; a future that is larger gets a piece of its own length.
const ROOM: usize = 6 * 1024;
/// So many pieces are kept.
const MOST: usize = 16;

/// A piece of memory, aligned for every future that there is.
type Piece = Box<[MaybeUninit<u128>; ROOM / 16]>;

thread_local! {
    static SPARE: RefCell<Vec<Piece>> = const { RefCell::new(Vec::new()) };
}

/// A future in memory that is used again.
pub(crate) enum Pooled<T> {
    /// In a piece that goes back when it is dropped.
    Kept(Kept<T>),
    /// Too large for one.
    Own(Pin<Box<dyn Future<Output = T>>>),
}

/// A future in a piece of memory.
pub(crate) struct Kept<T> {
    /// The future: it stands in the piece, is pinned there, and is dropped before the piece is given back.
    future: NonNull<dyn Future<Output = T>>,
    piece: Option<Piece>,
}

impl<T> Pooled<T> {
    /// That future, in memory of this thread's. Inlined it is made in its place: moved there, all its kilobytes would be.
    #[inline(always)]
    pub(crate) fn new<F: Future<Output = T> + 'static>(future: F) -> Pooled<T> {
        if size_of::<F>() > ROOM || align_of::<F>() > align_of::<u128>() {
            return Pooled::Own(Box::pin(future));
        }
        let spare = SPARE.with_borrow_mut(Vec::pop);
        Pooled::Kept(Kept::new(future, spare.unwrap_or_else(|| Box::new([const { MaybeUninit::uninit() }; ROOM / 16]))))
    }
}

#[expect(unsafe_code, reason = "safe code cannot put a value into memory that another type's was in")]
impl<T> Kept<T> {
    #[inline(always)]
    fn new<F: Future<Output = T> + 'static>(future: F, mut piece: Piece) -> Kept<T> {
        let place = NonNull::from(piece.as_mut()).cast::<F>();
        // SAFETY: the piece is as long as the future and aligned for it (`Pooled::new` looked), and holds nothing.
        unsafe { place.write(future) };
        Kept { future: place, piece: Some(piece) }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<T> {
        // SAFETY: `new` wrote it, only `drop` ends it, and it does not move: it stands on the heap, where nothing else refers to it.
        unsafe { Pin::new_unchecked(self.future.as_mut()) }.poll(cx)
    }
}

#[expect(unsafe_code, reason = "as above")]
impl<T> Drop for Kept<T> {
    fn drop(&mut self) {
        // SAFETY: as in `poll`; nobody comes by it afterwards.
        unsafe { self.future.drop_in_place() };
        let Some(piece) = self.piece.take() else { return };
        // A thread that ends keeps none any more.
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < MOST {
                spare.push(piece);
            }
        });
    }
}

impl<T> Future for Pooled<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match self.get_mut() {
            Pooled::Kept(kept) => kept.poll(cx),
            Pooled::Own(own) => own.as_mut().poll(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;
    use std::task::Waker;

    use super::*;

    /// Counts those that are alive.
    struct Alive(Rc<Cell<usize>>);

    impl Alive {
        fn new(alive: &Rc<Cell<usize>>) -> Alive {
            alive.set(alive.get() + 1);
            Alive(alive.clone())
        }
    }

    impl Drop for Alive {
        fn drop(&mut self) {
            self.0.set(self.0.get() - 1);
        }
    }

    /// A future that keeps so many bytes over its one wait.
    async fn keeps<const LENGTH: usize>(alive: Alive, first: u8) -> (usize, Alive) {
        let kept = [first; LENGTH];
        tokio::task::yield_now().await;
        (kept.iter().map(|byte| usize::from(*byte)).sum(), alive)
    }

    #[test]
    fn futures_of_all_lengths_come_to_their_end_or_are_dropped_and_their_memory_is_used_again() {
        let alive = Rc::new(Cell::new(0));
        let mut cx = Context::from_waker(Waker::noop());
        for round in 0..50 {
            let small = Pooled::new(keeps::<100>(Alive::new(&alive), 1));
            let large = Pooled::new(keeps::<5_000>(Alive::new(&alive), 2));
            let too_large = Pooled::new(keeps::<10_000>(Alive::new(&alive), 3));
            assert!(matches!((&large, &too_large), (Pooled::Kept(_), Pooled::Own(_))));
            let mut futures = [small, large, too_large].map(Box::pin);
            assert_eq!(alive.get(), 3);
            for (future, sum) in futures.iter_mut().zip([100, 10_000, 30_000]) {
                let _ = future.as_mut().poll(&mut cx);
                // Some are never polled to their end.
                if round % 2 == 0 {
                    let Poll::Ready((told, _)) = future.as_mut().poll(&mut cx) else { unreachable!("it waits once") };
                    assert_eq!(told, sum);
                }
            }
            drop(futures);
            assert_eq!(alive.get(), 0);
            assert_eq!(SPARE.with_borrow(Vec::len), 2);
        }
    }
}
