//! Printing that does not mind when nobody reads any more, in colours where they are seen, as wide as the terminal; and numbers in words.

use std::fmt::Display;
use std::io::{IsTerminal, Write};

use anstyle::{AnsiColor, Style};

/// What is wrong.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
/// What is right.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// What the eye shall find.
pub(crate) const BOLD: Style = Style::new().bold();

/// Prints to standard output.
pub(crate) fn print(text: impl Display) {
    // Nobody is left to tell.
    let _ = write!(std::io::stdout(), "{text}");
    let _ = std::io::stdout().flush();
}

/// Prints text with colours; they are left out where nobody sees them, and with `NO_COLOR`.
pub(crate) fn print_styled(text: impl Display) {
    let mut out = anstream::stdout();
    // Nobody is left to tell.
    let _ = write!(out, "{text}");
    let _ = out.flush();
}

/// Prints a line to standard error.
pub(crate) fn complain(line: impl Display) {
    // Nobody is left to tell.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// `1 error`, `2 errors`
pub(crate) fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// The columns of the terminal that standard output is, if it is one.
pub(crate) fn columns() -> Option<usize> {
    let out = std::io::stdout();
    let size = out.is_terminal().then(|| rustix::termios::tcgetwinsize(&out).ok())??;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// Breaks lines that are longer at their blanks. What goes on stands further in; a method stays with its path.
pub(crate) fn wrapped(text: &str, columns: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if visible(line.trim_end_matches('\n')) <= columns {
            out.push_str(line);
        } else {
            wrap(line.trim_end_matches('\n'), columns, &mut out);
            out.push('\n');
        }
    }
    out
}

fn wrap(line: &str, columns: usize, out: &mut String) {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let further = indent + 6;
    let mut at = indent;
    out.push_str(&line[..indent]);
    let mut words = line[indent..].split(' ').peekable();
    // Nothing stands on this line yet.
    let mut fresh = true;
    while let Some(word) = words.next() {
        let mut piece = word.to_owned();
        if is_method(word)
            && let Some(path) = words.next()
        {
            piece = format!("{word} {path}");
        }
        let width = visible(&piece);
        if !fresh && at + 1 + width > columns {
            out.push('\n');
            out.push_str(&" ".repeat(further));
            at = further;
        } else if !fresh {
            out.push(' ');
            at += 1;
        }
        let mut rest = piece.as_str();
        while let Some((head, tail)) = cut(rest, columns.saturating_sub(at)) {
            out.extend([head, "\n", &" ".repeat(further + 4)]);
            (rest, at) = (tail, further + 4);
        }
        out.push_str(rest);
        at += visible(rest);
        fresh = false;
    }
}

/// A path that is longer than the line, before the last slash that is not.
fn cut(path: &str, room: usize) -> Option<(&str, &str)> {
    if visible(path) <= room {
        return None;
    }
    let slashes = path.match_indices('/').map(|(at, _)| path.split_at(at));
    slashes
        .take_while(|(head, _)| visible(head) <= room)
        .filter(|(head, _)| head.ends_with(|c: char| !c.is_whitespace()))
        .last()
}

/// `GET` before its path.
fn is_method(word: &str) -> bool {
    let word = word.rsplit('m').next().unwrap_or(word);
    matches!(word.len(), 3..=7) && word.bytes().all(|c| c.is_ascii_uppercase())
}

/// Characters that are seen: colours are none.
fn visible(text: &str) -> usize {
    anstream::adapter::strip_str(text).to_string().chars().count()
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn long_lines_go_on_further_in() {
        let table = [
            ("short\n", "short\n"),
            (
                "GET /orders/{orderId}/items/{itemId}, GET /a\n",
                "GET /orders/{orderId}\n          /items/{itemId},\n      GET /a\n",
            ),
            ("  500 invocation_rejected, timeout\n", "  500 invocation_rejected,\n        timeout\n"),
            (
                "GET /orders/{id}, DELETE /orders/{id}, GET /a\nend",
                "GET /orders/{id},\n      DELETE /orders/{id},\n      GET /a\nend",
            ),
            ("\x1b[1mGET /orders/{id}, GET /abc/b\x1b[0m\n", "\x1b[1mGET /orders/{id},\n      GET /abc/b\x1b[0m\n"),
            (
                "      averyveryveryverylongwordindeed goes on\n",
                "      averyveryveryverylongwordindeed\n            goes on\n",
            ),
        ];
        for (text, expected) in table {
            assert_eq!(wrapped(text, 26), expected);
        }
    }
}
