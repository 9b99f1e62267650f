//! Times of a request as `$context` prints them, and the calendar below them (UTC).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A date of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date {
    /// Days since 1970-01-01 (a Thursday).
    pub days: u64,
    /// Year.
    pub year: u64,
    /// Month, from 1.
    pub month: u64,
}

impl Date {
    /// The date of that moment in UTC.
    pub(crate) fn of(time: SystemTime) -> Date {
        let date = utc(time);
        let days = since_1970(time).as_secs() / 86_400;
        Date { days, year: date.year().unsigned_abs().into(), month: date.month().unsigned_abs().into() }
    }

    /// Weeks since the one of 1970-01-01; a week begins on Sunday.
    pub(crate) fn week(self) -> u64 {
        (self.days + 4) / 7
    }
}

/// A clock before 1970, or beyond the year 9999, is no clock: it says 1970.
fn utc(time: SystemTime) -> DateTime {
    Offset::UTC.to_datetime(Timestamp::try_from(time).unwrap_or_default().max(Timestamp::UNIX_EPOCH))
}

/// `$context.requestTime`: `dd/MMM/yyyy:HH:mm:ss +0000`. Digits by hand: every event has it, and a format is read at each use.
pub(crate) fn request_time(time: SystemTime) -> String {
    let time = utc(time);
    let mut text = String::with_capacity(26);
    digits(&mut text, time.day(), 2);
    text.push('/');
    text.push_str(MONTHS[usize::from(time.month().unsigned_abs()) - 1]);
    text.push('/');
    digits(&mut text, time.year(), 4);
    for part in [time.hour(), time.minute(), time.second()] {
        text.push(':');
        digits(&mut text, part, 2);
    }
    text.push_str(" +0000");
    text
}

fn digits(text: &mut String, number: impl Into<i64>, count: u32) {
    let number = number.into();
    for place in (0..count).rev() {
        text.push(char::from(b'0' + (number / 10_i64.pow(place) % 10) as u8));
    }
}

/// `$context.requestTimeEpoch`: milliseconds.
pub(crate) fn epoch_millis(time: SystemTime) -> u128 {
    since_1970(time).as_millis()
}

/// Since 1970; nothing for a clock that stands before it.
pub(crate) fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}
