//! Times of a request as `$context` prints them, and the calendar below them (UTC).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A date of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    /// Days since 1970-01-01 (a Thursday).
    pub days: u64,
    /// Year.
    pub year: u64,
    /// Month, from 1.
    pub month: u64,
    /// Day of the month, from 1.
    pub day: u64,
}

impl Date {
    /// The date of that moment in UTC (Howard Hinnant's `civil_from_days`).
    pub fn of(time: SystemTime) -> Date {
        let days = since_1970(time).as_secs() / 86_400;
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march = (5 * day_of_year + 2) / 153;
        let month = if march < 10 { march + 3 } else { march - 9 };
        let year = year_of_era + era * 400 + u64::from(month <= 2);
        Date { days, year, month, day: day_of_year - (153 * march + 2) / 5 + 1 }
    }

    /// Weeks since the one of 1970-01-01; a week begins on Sunday.
    pub fn week(self) -> u64 {
        (self.days + 4) / 7
    }
}

/// `$context.requestTime`: `dd/MMM/yyyy:HH:mm:ss +0000`.
pub fn request_time(time: SystemTime) -> String {
    let date = Date::of(time);
    let second = since_1970(time).as_secs() % 86_400;
    let mut text = String::with_capacity(26);
    digits(&mut text, date.day, 2);
    text.push('/');
    text.push_str(MONTHS[date.month as usize - 1]);
    text.push('/');
    digits(&mut text, date.year, 4);
    for part in [second / 3_600, second / 60 % 60, second % 60] {
        text.push(':');
        digits(&mut text, part, 2);
    }
    text.push_str(" +0000");
    text
}

fn digits(text: &mut String, number: u64, count: u32) {
    for place in (0..count).rev() {
        text.push(char::from(b'0' + (number / 10_u64.pow(place) % 10) as u8));
    }
}

/// `$context.requestTimeEpoch`: milliseconds.
pub fn epoch_millis(time: SystemTime) -> u128 {
    since_1970(time).as_millis()
}

/// Since 1970; nothing for a clock that stands before it.
pub fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}
