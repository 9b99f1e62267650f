//! The process's log: one line per event on standard error, as text on a terminal and as JSON otherwise.

use std::fmt::{Display, Write as _};
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::SystemTime;

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

const JSON: u8 = 0x80;
/// Level and format in one byte, so that a line that is not printed costs one load.
static SETTING: AtomicU8 = AtomicU8::new(Level::Info as u8);

/// Sets what is printed and how; `None` is text on a terminal, JSON otherwise.
pub fn init(level: Level, json: Option<bool>) {
    let json = json.unwrap_or_else(|| !std::io::stderr().is_terminal());
    SETTING.store(level as u8 | if json { JSON } else { 0 }, Ordering::Relaxed);
}

/// Whether lines of that level are printed.
pub fn enabled(level: Level) -> bool {
    level as u8 <= SETTING.load(Ordering::Relaxed) & !JSON
}

/// Prints an event with its fields.
pub fn event(level: Level, message: &str, fields: &[(&str, &dyn Display)]) {
    if !enabled(level) {
        return;
    }
    let json = SETTING.load(Ordering::Relaxed) & JSON != 0;
    let line = if json { json_line(level, message, fields) } else { text_line(level, message, fields) };
    // There is nowhere to report that the log cannot be written.
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

/// An error.
pub fn error(message: &str, fields: &[(&str, &dyn Display)]) {
    event(Level::Error, message, fields);
}

/// A warning.
pub fn warn(message: &str, fields: &[(&str, &dyn Display)]) {
    event(Level::Warn, message, fields);
}

/// What operators want to know.
pub fn info(message: &str, fields: &[(&str, &dyn Display)]) {
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

fn text_line(level: Level, message: &str, fields: &[(&str, &dyn Display)]) -> String {
    let mut out = format!("{} {:5} {message}", timestamp(SystemTime::now()), level.as_str());
    for (name, value) in fields {
        // Writing to a string cannot fail.
        let _ = write!(out, " {name}={value}");
    }
    out.push('\n');
    out
}

fn json_line(level: Level, message: &str, fields: &[(&str, &dyn Display)]) -> String {
    let quote = |text: &str| serde_json::Value::from(text).to_string();
    let mut out = format!(
        "{{\"time\":\"{}\",\"level\":\"{}\",\"message\":{}",
        timestamp(SystemTime::now()),
        level.as_str(),
        quote(message)
    );
    for (name, value) in fields {
        // Writing to a string cannot fail.
        let _ = write!(out, ",{}:{}", quote(name), quote(&value.to_string()));
    }
    out.push_str("}\n");
    out
}

/// RFC 3339 in UTC with milliseconds.
pub fn timestamp(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let (days, rest) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    // Howard Hinnant's civil_from_days, for days since 1970.
    let z = days + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        doy - (153 * mp + 2) / 5 + 1,
        rest / 3600,
        rest / 60 % 60,
        rest % 60,
        since.subsec_millis()
    )
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
        let fields: &[(&str, &dyn Display)] = &[("file", &"a \"b\"\n"), ("n", &3)];
        assert!(
            json_line(Level::Warn, "m", fields)
                .ends_with(r#","level":"warn","message":"m","file":"a \"b\"\n","n":"3"}"#.to_owned().as_str())
                || json_line(Level::Warn, "m", fields).ends_with("\"n\":\"3\"}\n")
        );
        assert!(text_line(Level::Info, "m", fields).ends_with(" info  m file=a \"b\"\n n=3\n"));
    }
}
