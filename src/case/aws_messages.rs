//! The messages of a log, in whatever form CloudWatch gives it out: lines as they are shown, the JSON of `aws logs filter-log-events`, the
//! CSV that the console and Logs Insights save.

use std::borrow::Cow;

use serde_json::Value;

/// One message after the other, the oldest first; a message may have several lines.
pub(super) fn messages(log: &str) -> Cow<'_, str> {
    let text = log.trim_start_matches('\u{feff}').trim_start();
    let found = match text.as_bytes().first() {
        Some(b'{' | b'[') => of_json(text),
        _ => of_csv(text),
    };
    found.map_or(Cow::Borrowed(log), |found| Cow::Owned(found.join("\n")))
}

/// `events` of `filter-log-events` and `get-log-events`, `logEvents` of a subscription, or such a list alone.
fn of_json(text: &str) -> Option<Vec<String>> {
    let document: Value = serde_json::from_str(text).ok()?;
    let list = [&document, &document["events"], &document["logEvents"]].into_iter().find_map(Value::as_array)?;
    let message = |event: &Value| Some(event["message"].as_str()?.trim_end().to_owned());
    Some(list.iter().filter_map(message).collect())
}

/// A table with a column for the message. Logs Insights gives the newest first, unless it is asked otherwise.
fn of_csv(text: &str) -> Option<Vec<String>> {
    let head = text.lines().next()?.trim_end();
    let is = |column: &str, name: &str| column.trim_matches('"').trim_start_matches('@') == name;
    let message = head.split(',').position(|column| is(column, "message"))?;
    let time = head.split(',').position(|column| is(column, "timestamp"))?;
    let rows = rows(text.split_once('\n')?.1);
    let at = |row: &Vec<String>, column: usize| row.get(column).cloned().unwrap_or_default();
    // What stands behind the last column belongs to a message that is not in quotes.
    let is_last = head.split(',').count() == message + 1;
    let whole = |row: &Vec<String>| match is_last {
        true => row.get(message..).unwrap_or_default().join(","),
        false => at(row, message),
    };
    let mut messages: Vec<String> = rows.iter().map(|row| whole(row).trim_end().to_owned()).collect();
    if rows.first().zip(rows.last()).is_some_and(|(first, last)| at(first, time) > at(last, time)) {
        messages.reverse();
    }
    Some(messages)
}

/// The rows of a table: a field in quotes may hold commas, line breaks, and quotes, which are doubled.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' if quoted || field.is_empty() => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            c => field.push(c),
        }
    }
    if !field.is_empty() || !row.is_empty() {
        row.push(field);
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::messages;

    #[test]
    fn every_form_has_the_same_messages() {
        let table = [
            ("(a) one\n(a) two {\n}", "(a) one\n(a) two {\n}"),
            (r#"{"events": [{"timestamp": 1, "message": "(a) one\n"}, {"message": "(a) {\n}"}]}"#, "(a) one\n(a) {\n}"),
            (r#"[{"message": "(a) one"}]"#, "(a) one"),
            ("{ \"not\": \"a log\" }", "{ \"not\": \"a log\" }"),
            ("timestamp,message\n1,(a) GET, /a\n", "(a) GET, /a"),
            ("timestamp,message\n1,(a) one\n2,\"(a) {\"\"b\"\": 1,\n}\"\n", "(a) one\n(a) {\"b\": 1,\n}"),
            ("@timestamp,@message\r\n2024-01-02,(a) two\r\n2024-01-01,(a) one\r\n", "(a) one\n(a) two"),
        ];
        for (log, expected) in table {
            assert_eq!(messages(log), expected, "{log}");
        }
    }
}
