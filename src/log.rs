//! The process's log: one line per event on standard error, as text on a terminal and as JSON otherwise.

use std::fmt::{self, Display, Write as _};
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// How bad, or how much in detail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Level {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
}

/// What a field may hold. Numbers stay numbers in JSON, so that whoever collects the log can compare and add them.
pub(crate) trait Field: Display {
    /// Whether it is printed as it is.
    fn is_number(&self) -> bool {
        false
    }
}

macro_rules! fields {
    ($is_number:literal: $($kind:ty)*) => {
        $(impl Field for $kind {
            fn is_number(&self) -> bool {
                $is_number
            }
        })*
    };
}

fields!(true: u16 u64 usize f64);
fields!(false: str String SocketAddr io::Error fmt::Arguments<'_>);

impl<F: Field + ?Sized> Field for &F {
    fn is_number(&self) -> bool {
        (**self).is_number()
    }
}

const JSON: u8 = 0x80;
/// Level and format in one byte, so that a line that is not printed costs one load.
static SETTING: AtomicU8 = AtomicU8::new(Level::Info as u8);

/// Sets what is printed and how; `None` is text on a terminal, JSON otherwise.
pub(crate) fn init(level: Level, json: Option<bool>) {
    let json = json.unwrap_or_else(|| !io::stderr().is_terminal());
    SETTING.store(level as u8 | if json { JSON } else { 0 }, Ordering::Relaxed);
}

/// Whether lines of that level are printed.
pub(crate) fn enabled(level: Level) -> bool {
    level as u8 <= SETTING.load(Ordering::Relaxed) & !JSON
}

/// Prints an event with its fields.
pub(crate) fn event(level: Level, message: &str, fields: &[(&str, &dyn Field)]) {
    if !enabled(level) {
        return;
    }
    let json = SETTING.load(Ordering::Relaxed) & JSON != 0;
    let line = if json { json_line(level, message, fields) } else { text_line(level, message, fields) };
    // There is nowhere to report that the log cannot be written.
    let _ = io::stderr().lock().write_all(line.as_bytes());
}

/// An error.
pub(crate) fn error(message: &str, fields: &[(&str, &dyn Field)]) {
    event(Level::Error, message, fields);
}

/// A warning.
pub(crate) fn warn(message: &str, fields: &[(&str, &dyn Field)]) {
    event(Level::Warn, message, fields);
}

/// How long a warning that comes again and again is held back.
const PAUSE: Duration = Duration::from_secs(10);

/// A warning that may come by the thousand: told at once, then at most every 10 seconds, with how many were not.
pub(crate) struct Seldom(Mutex<(Option<Instant>, usize)>);

impl Seldom {
    /// None told yet.
    pub(crate) const fn new() -> Seldom {
        Seldom(Mutex::new((None, 0)))
    }

    /// The warning, if it is time.
    pub(crate) fn warn(&self, message: &str, fields: &[(&str, &dyn Field)]) {
        let held = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if state.0.is_some_and(|told| told.elapsed() < PAUSE) {
                state.1 += 1;
                return;
            }
            state.0 = Some(Instant::now());
            std::mem::take(&mut state.1)
        };
        let mut fields = fields.to_vec();
        if held > 0 {
            fields.push(("more_before", &held));
        }
        warn(message, &fields);
    }
}

/// Lines of which each counts but that may come by the thousand: so many a second are told, and how many were left out.
pub(crate) struct Limited {
    per_second: usize,
    state: Mutex<Second>,
}

struct Second {
    began: Option<Instant>,
    told: usize,
    left_out: usize,
}

impl Limited {
    /// Nothing told yet.
    pub(crate) const fn new(per_second: usize) -> Limited {
        Limited { per_second, state: Mutex::new(Second { began: None, told: 0, left_out: 0 }) }
    }

    /// Whether the next line is told, and how many before it were not.
    pub(crate) fn admit(&self) -> Option<usize> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.began.is_none_or(|began| began.elapsed() >= Duration::from_secs(1)) {
            (state.began, state.told) = (Some(Instant::now()), 0);
        }
        if state.told == self.per_second {
            state.left_out += 1;
            return None;
        }
        state.told += 1;
        Some(std::mem::take(&mut state.left_out))
    }
}

/// What operators want to know.
pub(crate) fn info(message: &str, fields: &[(&str, &dyn Field)]) {
    event(Level::Info, message, fields);
}

impl Level {
    fn as_str(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warn => "warn",
            Level::Info => "info",
            Level::Debug => "debug",
        }
    }
}

fn text_line(level: Level, message: &str, fields: &[(&str, &dyn Field)]) -> String {
    let mut out = format!("{} {:5} {}", timestamp(SystemTime::now()), level.as_str(), OneLine(message));
    for (name, value) in fields {
        // Writing to a string cannot fail.
        let _ = write!(out, " {name}={}", OneLine(&value.to_string()));
    }
    out.push('\n');
    out
}

/// A text on one line: what a request or a document holds must not begin a line of its own, nor move a terminal's cursor.
pub(crate) struct OneLine<'a>(pub &'a str);

impl Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c.is_control() {
                true => write!(f, "{}", c.escape_default())?,
                false => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

fn json_line(level: Level, message: &str, fields: &[(&str, &dyn Field)]) -> String {
    let quote = |text: &str| serde_json::Value::from(text).to_string();
    let mut out = format!(
        "{{\"time\":\"{}\",\"level\":\"{}\",\"message\":{}",
        timestamp(SystemTime::now()),
        level.as_str(),
        quote(message)
    );
    for (name, value) in fields {
        let value = if value.is_number() { value.to_string() } else { quote(&value.to_string()) };
        // Writing to a string cannot fail.
        let _ = write!(out, ",{}:{value}", quote(name));
    }
    out.push_str("}\n");
    out
}

/// RFC 3339 in UTC with milliseconds.
pub(crate) fn timestamp(time: SystemTime) -> String {
    format!("{:.3}", jiff::Timestamp::try_from(time).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn lines_of_both_formats() {
        let at = |secs: u64, ms: u64| timestamp(SystemTime::UNIX_EPOCH + Duration::from_millis(secs * 1000 + ms));
        assert_eq!(at(0, 0), "1970-01-01T00:00:00.000Z");
        assert_eq!(at(1_709_210_096, 7), "2024-02-29T12:34:56.007Z");
        assert_eq!(at(4_102_444_799, 999), "2099-12-31T23:59:59.999Z");
        let fields: &[(&str, &dyn Field)] = &[("file", &"a \"b\"\n"), ("n", &3_usize)];
        let json = json_line(Level::Warn, "m", fields);
        assert_eq!(
            json.split_once("Z\",").map(|(_, rest)| rest),
            Some("\"level\":\"warn\",\"message\":\"m\",\"file\":\"a \\\"b\\\"\\n\",\"n\":3}\n")
        );
        assert!(text_line(Level::Info, "m", fields).ends_with("Z info  m file=a \"b\"\\n n=3\n"));
    }
}
