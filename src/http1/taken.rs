//! What was taken of a request's body so far, within its limit and the memory that there is.

use bytes::BytesMut;

use super::body::BodyError;
use crate::memory::Reservation;

/// What was taken of a body.
pub(super) struct Taken {
    pub(super) body: BytesMut,
    pub(super) held: Reservation,
    pub(super) limit: usize,
    /// Why what comes is thrown away.
    pub(super) refused: Option<BodyError>,
    pub(super) thrown_away: usize,
}

impl Taken {
    /// For a body that nobody wants.
    pub(super) fn of_nobody() -> Taken {
        let refused = Some(BodyError::TooLarge);
        Taken { body: BytesMut::new(), held: Reservation::new(), limit: 0, refused, thrown_away: 0 }
    }

    pub(super) fn put(&mut self, data: BytesMut) {
        if self.refused.is_none() && self.body.len() + data.len() > self.limit {
            self.refuse(BodyError::TooLarge);
        }
        if self.refused.is_some() {
            self.thrown_away += data.len();
            return;
        }
        if self.body.is_empty() {
            self.body = data;
        } else {
            self.body.extend_from_slice(&data);
        }
        self.count();
    }

    /// Counts what there is.
    pub(super) fn count(&mut self) {
        if self.held.grow_to(self.body.len()).is_err() {
            self.refuse(BodyError::NoMemory);
        }
    }

    pub(super) fn refuse(&mut self, why: BodyError) {
        self.refused = Some(why);
        self.thrown_away = self.body.len();
        (self.body, self.held) = (BytesMut::new(), Reservation::new());
    }
}
