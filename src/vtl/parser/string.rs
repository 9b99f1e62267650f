//! String literals: their quotes, the escape `\u`, and whether they hold VTL.

use std::sync::{Arc, OnceLock};

use super::super::ast::{Expr, Interpolated};
use super::tokens::{Deferred, Parser};

impl Parser<'_, '_> {
    /// The string at that token, or why Velocity cannot read it.
    pub(super) fn read_string(&mut self, index: usize) -> Result<Expr, &'static str> {
        let image = self.image(index);
        // An index or an argument's string may carry what stood before its quote, like any token.
        let quote = image.chars().next().unwrap_or('"');
        let inner = image.get(1..image.len() - 1).unwrap_or_default();
        let double = quote == '"';
        let text = if double { unescape(inner)? } else { inner.to_owned() };
        let text = unite_quotes(&text, quote);
        if !double || !image.contains(['$', '#']) {
            return Ok(Expr::Text(Arc::from(text)));
        }
        // Velocity appends a blank, unless a comment would swallow it, and takes it off again when it prints.
        let padded = !text.contains("##");
        let body = Arc::new(Interpolated { body: OnceLock::new(), padded, constant: OnceLock::new() });
        let text = if padded { text + " " } else { text };
        let at = self.offset(index);
        self.deferred.push(Deferred::String { body: body.clone(), text, at });
        Ok(Expr::Interpolated(body))
    }
}

/// `\u0041` is `A`; no other backslash means anything.
fn unescape(text: &str) -> Result<String, &'static str> {
    let Some(mut next) = text.find("\\u") else { return Ok(text.to_owned()) };
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut copied = 0;
    loop {
        units.extend(text[copied..next].encode_utf16());
        let digits: String = text[next + 2..].chars().take(4).collect();
        if digits.chars().count() < 4 {
            return Err("`\\u` needs four hexadecimal digits");
        }
        let code = i32::from_str_radix(&digits, 16).map_err(|_| "`\\u` needs four hexadecimal digits")?;
        units.push(code as u16);
        copied = next + 2 + digits.len();
        match text[copied..].find("\\u") {
            Some(found) => next = copied + found,
            None => break,
        }
    }
    units.extend(text[copied..].encode_utf16());
    Ok(crate::value::utf16::to_string(&units))
}

/// A doubled quote stands for one.
fn unite_quotes(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        if c == quote && chars.peek() == Some(&quote) {
            chars.next();
        }
    }
    out
}
