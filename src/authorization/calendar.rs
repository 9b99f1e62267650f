//! Dates as policies, signatures and claims write them, in UTC.

use std::time::{SystemTime, UNIX_EPOCH};

const DAY: i64 = 86_400;

/// A moment taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Civil {
    pub(super) year: i64,
    pub(super) month: u8,
    pub(super) day: u8,
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
    weekday: u8,
}

/// Whole seconds since 1970, rounded down.
pub(super) fn epoch(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_secs_f64().ceil() as u64).unwrap_or(i64::MAX),
    }
}

/// Takes seconds since 1970 apart (Howard Hinnant's `civil_from_days`).
pub(super) fn civil(epoch: i64) -> Civil {
    let (days, second) = (epoch.div_euclid(DAY), epoch.rem_euclid(DAY));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month: month as u8,
        day: (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u8,
        hour: (second / 3600) as u8,
        minute: (second / 60 % 60) as u8,
        second: (second % 60) as u8,
        weekday: (days + 4).rem_euclid(7) as u8,
    }
}

/// Seconds since 1970 of that date's first moment; `None` when there is no such date.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=last).contains(&day) {
        return None;
    }
    let shifted_year = year - i64::from(month <= 2);
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some((era * 146_097 + day_of_era - 719_468) * DAY)
}

/// `2026-01-31T12:00:00Z`
pub(super) fn iso(epoch: i64) -> String {
    let at = civil(epoch);
    format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", at.year, at.month, at.day, at.hour, at.minute, at.second)
}

/// `20260131T120000Z`: ISO 8601's basic form, which signatures use.
pub(super) fn basic(epoch: i64) -> String {
    let at = civil(epoch);
    format!("{:04}{:02}{:02}T{:02}{:02}{:02}Z", at.year, at.month, at.day, at.hour, at.minute, at.second)
}

/// `Tue Dec 03 10:00:00 UTC 2019`: Java's `Date.toString()`.
pub(super) fn java(epoch: i64) -> String {
    const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let at = civil(epoch);
    let (weekday, month) = (WEEKDAYS[usize::from(at.weekday)], MONTHS[usize::from(at.month) - 1]);
    format!("{weekday} {month} {:02} {:02}:{:02}:{:02} UTC {:04}", at.day, at.hour, at.minute, at.second, at.year)
}

/// Reads ISO 8601's basic form.
pub(super) fn parse_basic(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    if date.len() != 8 || time.len() != 6 {
        return None;
    }
    let start = days(digits(date.get(..4)?)?, digits(date.get(4..6)?)?, digits(date.get(6..)?)?)?;
    Some(start + seconds(time.get(..2)?, time.get(2..4)?, time.get(4..)?)?)
}

/// Reads a policy's date, in milliseconds since 1970: one of W3C's profiles of ISO 8601, or seconds since 1970.
pub(super) fn parse_policy_date(text: &str) -> Option<i64> {
    if text.len() > 4 && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse::<i64>().ok()?.checked_mul(1000);
    }
    let (date, time) = text.split_once('T').map_or((text, None), |(date, time)| (date, Some(time)));
    let mut parts = date.splitn(3, '-');
    let year = parts.next().filter(|year| year.len() == 4).and_then(digits)?;
    let mut next = || parts.next().map(|part| digits(part).filter(|_| part.len() == 2));
    let (month, day) = (next(), next());
    if time.is_some() && day.is_none() {
        return None;
    }
    let start = days(year, month.unwrap_or(Some(1))?, day.unwrap_or(Some(1))?)? * 1000;
    match time {
        None => Some(start),
        Some(time) => Some(start + time_of_day(time)?),
    }
}

/// `12:00Z`, `12:00:00.5+01:00`, in milliseconds.
fn time_of_day(text: &str) -> Option<i64> {
    let (clock, offset) = if let Some(clock) = text.strip_suffix('Z') {
        (clock, 0)
    } else {
        let at = text.rfind(['+', '-'])?;
        let (hours, minutes) = text.get(at + 1..)?.split_once(':')?;
        let offset = seconds(hours, minutes, "00")?;
        (text.get(..at)?, if text.as_bytes().get(at) == Some(&b'-') { -offset } else { offset })
    };
    let (clock, fraction) = clock.split_once('.').map_or((clock, None), |(clock, fraction)| (clock, Some(fraction)));
    let mut parts = clock.splitn(3, ':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next());
    if fraction.is_some() && second.is_none() {
        return None;
    }
    let millis = fraction.map_or(Some(0), |fraction| {
        digits(fraction)?;
        digits(format!("{fraction}00").get(..3)?)
    })?;
    Some((seconds(hour, minute, second.unwrap_or("00"))? - offset) * 1000 + millis)
}

fn seconds(hour: &str, minute: &str, second: &str) -> Option<i64> {
    let two = |text: &str| digits(text).filter(|_| text.len() == 2);
    let (hour, minute, second) = (two(hour)?, two(minute)?, two(second)?);
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3600 + minute * 60 + second)
}

fn digits(text: &str) -> Option<i64> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}
